/* registry: who may report what. Monitors by code, their feeds by period, the feeds' series by name, and in which units.
 *
 *     monitor 1--* feed (one a period) 1--* slot (one a series, in the feed's array) 1--* watch
 *                                              *--1 stored (a unit, and the density of a gas)
 *
 * Filled whole from PostgreSQL, looked up once a message; replaced, never changed, but for what it learns: which feeds are alike,
 * as each is first asked, and in which order names come. Owns copies of all texts. A city has few kinds of monitors and many of
 * each: what a slot is, and how those of a feed are found by name, is there once for all feeds in which it is the same. So a
 * message of yet another monitor finds all but the monitor and its feed in the cache.
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

/* What a series is to its feed: one for all feeds that have the same there. */
struct slot {
    const char *name;
    struct stored *stored;
    const struct sent *sent; /* how values come when the message does not say; NULL: in the unit it is stored in */
    uint32_t size;           /* of the name, in bytes */
    uint16_t number;         /* in the feed's array, from 0 */
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
    uint16_t watched;    /* one past the highest slot that a limit holds for */
    struct touch running, over; /* batch's own */
    const struct slot **slot;   /* by number; NULL where there is none */
    struct watch **watches;     /* by number: the limits that hold for it, or NULL; they are not owned */
    struct layout *layout;      /* registry's own: its slots by name; NULL until one is looked up */
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
const struct slot *registry_add_slot(struct registry *r, struct feed *f, uint16_t number, const char *name, const char *unit);
/* The unit that values of a slot that is there come in when a message does not say, NULL: its own; and the density of a gas or
 * NAN. False: there is no way from that unit to its own. It is noted all the same: each value that comes so is refused with
 * this reason. */
bool registry_set_sent(struct registry *r, struct feed *f, uint16_t number, const char *unit, double density,
                       struct reason *why);
/* Where the limits that hold for a slot begin, to be added to; from now on they are looked for. Once all slots of the feed are
 * there: the array is as long as they are. */
struct watch **registry_watches(struct registry *r, struct feed *f, uint16_t number);
/* `name` stands for the parameter `code` in all feeds, for itself and with "-" and a statistic behind it. */
void registry_add_name(struct registry *r, const char *name, const char *code);

struct monitor *registry_find_monitor(const struct registry *r, const char *code, size_t size); /* or NULL */
struct feed *registry_find_feed(const struct registry *r, int32_t feed_id);                  /* or NULL */
const struct slot *feed_slot(const struct feed *f, int64_t number);                          /* or NULL, whatever the number */
const struct slot *registry_find_slot(struct registry *r, struct feed *f, const char *name, size_t size); /* or NULL */
/* By a name that registry_add_name() told, where registry_find_slot() knows none. NULL if there is none, or if the name is of
 * two that the feed has. */
const struct slot *registry_find_named(struct registry *r, struct feed *f, const char *name, size_t size, struct reason *why);
/* Whether a value that came in `unit` as declared (`at` NULL: not said) is not already what is stored. */
static inline bool
slot_converts(const struct slot *s, struct span unit)
{
    if (unit.at == NULL)
        return s->sent != NULL;
    return unit.size != s->stored->size || memcmp(unit.at, s->stored->unit, unit.size) != 0;
}
/* Then, to be stored. NAN stays so. */
bool registry_convert(const struct registry *r, const struct slot *s, struct span unit, double value, double *ret,
                      struct reason *why);
size_t registry_monitors(const struct registry *r);
size_t registry_series(const struct registry *r); /* the slots of all feeds */

#endif
