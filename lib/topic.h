/* topic: a template of topics that says where the names stand.
 *
 *     plants/{region}/{plant}/{monitor}     ->  subscribe to  plants/+/+/+
 *     factory/+/{monitor}/#                 ->                factory/+/+/#
 *
 * Levels as in MQTT 5, section 4.7. {region}, {plant}, {monitor} and {agency} may stand once each.
 */
#ifndef ABATE_TOPIC_H
#define ABATE_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"
#include "reason.h"

#define TOPIC_LEVELS 16

enum topic_level {
    TOPIC_LITERAL,
    TOPIC_ANY,     /* + */
    TOPIC_REST,    /* #, last only */
    TOPIC_REGION,
    TOPIC_PLANT,
    TOPIC_MONITOR,
    TOPIC_AGENCY,
};

struct topic {
    char text[256]; /* the template */
    struct {
        enum topic_level kind;
        unsigned char first, size; /* the literal's place in `text`: an offset, so that a topic may be copied */
    } level[TOPIC_LEVELS];
    size_t levels;
};

struct topic_names {
    struct span region, plant, monitor, agency; /* at = NULL where the template does not name it */
};

bool topic_compile(const char *template_text, struct topic *ret, struct reason *why);
void topic_filter(const struct topic *t, char *out, size_t room); /* what to subscribe to; room >= 256 */
bool topic_has(const struct topic *t, enum topic_level kind); /* whether the template says where it stands */
/* Whether some topic `front`/x/y..., with `further` levels behind `front`, matches. */
bool topic_may_match(const struct topic *t, const char *front, size_t further);
/* Says that nobody takes it. Always false. */
bool topic_refuse(const char *topic, size_t size, struct reason *why);
bool topic_match(const struct topic *t, const char *topic, size_t size, struct topic_names *ret);

#endif
