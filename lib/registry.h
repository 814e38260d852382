/* registry: who may report what. Monitors by code, their feeds by period, the feeds' series by name, and in which units.
 *
 *     monitor 1--* feed (one a period) 1--* series (one a slot of the feed's array) 1--* watch
 *                                              *--1 stored (a unit, and the density of a gas)
 *
 * Filled whole from PostgreSQL, looked up once a message; replaced, never changed. Owns copies of all texts.
 */
#ifndef ABATE_REGISTRY_H
#define ABATE_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "instant.h"
#include "message.h"
#include "reason.h"
#include "unit.h"

#define REGISTRY_SLOTS 256 /* series a feed may have */

struct watch; /* watch.h */

/* What values are stored in: one for all series that have it in common. */
struct stored {
    const char *unit;
    size_t size;           /* of it, in bytes */
    double density;        /* of the pure gas, g/L: for volume fractions; NAN if there is none */
    struct sent *sent;     /* the registry's own, as are the next */
    struct declared *declared;
    unsigned declared_count;
};

struct series {
    int32_t series_id;
    uint16_t slot; /* from 0 */
    const char *name;
    struct stored *stored;
    const struct sent *sent; /* how values come when the message does not say; NULL: in the unit it is stored in */
    struct watch *watches;   /* the limits that hold for it, or NULL; not owned */
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
/* Whose units are known; not owned. Told none, a registry takes units only as they are written in it. */
void registry_use_units(struct registry *r, const struct unit_system *units);

/* Each returns what is there already if the key was added before. */
struct monitor *registry_add_monitor(struct registry *r, const char *code, const char *plant, const char *region,
                                     int32_t zone_s);
struct feed *registry_add_feed(struct registry *r, struct monitor *m, int32_t feed_id, enum period period);
struct series *registry_add_series(struct registry *r, struct feed *f, int32_t series_id, uint16_t slot,
                                   const char *name, const char *unit);
/* The unit its values come in when a message does not say, NULL: its own; and the density of a gas or NAN. False: there is no
 * way from that unit to its own. It is noted all the same: each value that comes so is refused with this reason. */
bool registry_set_sent(struct registry *r, struct series *s, const char *unit, double density, struct reason *why);
/* `name` stands for the parameter `code` in all feeds, for itself and with "-" and a statistic behind it. */
void registry_add_name(struct registry *r, const char *name, const char *code);

struct monitor *registry_find_monitor(const struct registry *r, const char *code, size_t size); /* or NULL */
struct series *registry_find_series(const struct registry *r, int32_t series_id);               /* or NULL */
struct series *feed_find_series(const struct feed *f, const char *name, size_t size);           /* or NULL */
/* By a name that registry_add_name() told, where feed_find_series() knows none. NULL if there is none, or if the name is of
 * two that the feed has. */
struct series *registry_find_named(const struct registry *r, const struct feed *f, const char *name, size_t size,
                                   struct reason *why);
/* Whether a value that came in `unit` as declared (`at` NULL: not said) is not already what is stored. */
static inline bool
series_converts(const struct series *s, struct span unit)
{
    if (unit.at == NULL)
        return s->sent != NULL;
    return unit.size != s->stored->size || memcmp(unit.at, s->stored->unit, unit.size) != 0;
}
/* Then, to be stored. NAN stays so. */
bool registry_convert(const struct registry *r, const struct series *s, struct span unit, double value, double *ret,
                      struct reason *why);
size_t registry_monitors(const struct registry *r);
size_t registry_all_series(const struct registry *r);

#endif
