/* registry: who may report what. Monitors by code, their feeds by period, the feeds' series by name.
 *
 *     monitor 1--* feed (one a period) 1--* series (one a slot of the feed's array) 1--* watch
 *
 * Filled whole from PostgreSQL, looked up once a message; replaced, never changed. Owns copies of all texts.
 */
#ifndef ABATE_REGISTRY_H
#define ABATE_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"
#include "message.h"

#define REGISTRY_SLOTS 256 /* series a feed may have */

struct watch; /* watch.h */

struct series {
    int32_t series_id;
    uint16_t slot; /* from 0 */
    const char *name;
    const char *unit;
    struct watch *watches; /* the limits that hold for it, or NULL; not owned */
};

/* An hour of a feed of which abate.judge() was told, and the batch that told it. */
struct touch {
    struct instant hour;
    uint64_t batch; /* 0: none */
};

struct feed {
    int32_t feed_id;
    enum period period;
    struct monitor *monitor;
    struct instant last; /* of the newest sample stored or on its way; INSTANT_NEVER if none */
    uint16_t slots;      /* one past the highest slot */
    struct touch running, over; /* batch's own */
    struct series **by_slot;
    struct series_node *hash; /* registry's own */
};

struct monitor {
    const char *code;
    const char *plant;
    const char *region;
    int32_t zone_s; /* seconds east of UTC: for times sent without a zone */
    struct feed *feed[PERIODS]; /* NULL where it has none */
};

#define INSTANT_NEVER ((struct instant){INT64_MIN})

struct registry *registry_new(void);
void registry_free(struct registry *r);

/* Each returns what is there already if the key was added before. */
struct monitor *registry_add_monitor(struct registry *r, const char *code, const char *plant, const char *region,
                                     int32_t zone_s);
struct feed *registry_add_feed(struct registry *r, struct monitor *m, int32_t feed_id, enum period period);
struct series *registry_add_series(struct registry *r, struct feed *f, int32_t series_id, uint16_t slot,
                                   const char *name, const char *unit);

struct monitor *registry_find_monitor(const struct registry *r, const char *code, size_t size); /* or NULL */
struct series *registry_find_series(const struct registry *r, int32_t series_id);               /* or NULL */
struct series *feed_find_series(const struct feed *f, const char *name, size_t size);           /* or NULL */
size_t registry_monitors(const struct registry *r);
size_t registry_all_series(const struct registry *r);

#endif
