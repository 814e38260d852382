/* watch: one limit held against one series, value by value. A pure machine: told value and time, says what
 * became of it.
 *
 *               over the bound                  over it for `hold`
 *      QUIET ------------------> PENDING ----------------------------> OPEN
 *        ^  <------------------     |                                    |
 *        |    not over any more     |                                    |
 *        +---------------------------------------------------------------+
 *                                        at or inside the clear level
 *
 * "Over" is strictly past either bound: a value equal to the limit complies. Between bound and clear level an
 * open breach stays open (hysteresis). From over the upper to under the lower bound it is still one breach;
 * the worst value is the one farthest past its bound, the first of equals. `hold` is measured between the
 * instants of readings. Instants at or before the last one judged are passed by: redelivery makes no second
 * breach; what comes late is for the judge in SQL.
 *
 * A reading outside [valid_from, valid_to) is not held against the limit, but ends what the limit had begun:
 * PENDING is forgotten, as nothing was over for as long as `hold` while the limit stood; an open breach
 * closes at `valid_to`, since from then on there was nothing to break, whatever was measured and however much
 * later. (Where `valid_to` lies at or before readings already judged, because the limit was shortened
 * meanwhile, or `valid_from` was moved past the reading: at the last instant judged.) As with any other end,
 * it takes a reading to see it: a silent monitor's breach stays open. Every reading moves `last`, in force or
 * not, so that it is always the newest one, as it is after a restart.
 *
 * What is judged before its rows are committed may have to be taken back: watch_keep() after a commit,
 * watch_back() after a failure. Only touched watches are visited.
 */
#ifndef ABATE_WATCH_H
#define ABATE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "instant.h"

enum watch_phase {
    WATCH_QUIET,   /* nothing to say */
    WATCH_PENDING, /* over the bound, not yet for as long as `hold` */
    WATCH_OPEN,    /* a breach */
};
extern const char *const watch_phase_name[]; /* "quiet", "pending", "open" */

struct watch_rule {
    int32_t limit_id;
    double lower, upper;             /* -INFINITY, INFINITY where there is none */
    double lower_clear, upper_clear; /* where an open breach closes; at or inside the bounds */
    int64_t hold_us;
    struct instant valid_from, valid_to; /* the reading's time must be in [from, to) */
};

struct watch_state {
    enum watch_phase phase;
    struct instant last;  /* last instant judged; INT64_MIN at first */
    struct instant since; /* first instant over the bound: the breach's beginning */
    double worst;         /* farthest past the bound */
    struct instant worst_at;
    uint64_t first_position; /* of the message that began it, */
    uint64_t worst_position; /* of the worst, */
    uint64_t last_position;  /* and of the last one over */
    int32_t count;           /* readings over the bound */
};

/* One breach as it stands: opened at `state.since`; open, or closed at `closed`, never before `state.last`.
 */
struct episode {
    int32_t limit_id, series_id;
    struct watch_state state;
    bool is_closed;
    struct instant closed;
};

struct watch {
    struct watch_rule rule;
    int32_t series_id;
    struct watch_state now;  /* with all that was judged */
    struct watch_state kept; /* as committed */
    struct watch *next;      /* of the same series */
    struct watch *touched;   /* list of those changed since the last commit */
    bool is_touched;
};

enum watch_step {
    WATCH_SAME,    /* no change but the worst value and counts */
    WATCH_ENTERED, /* QUIET -> PENDING, or PENDING -> QUIET */
    WATCH_OPENED,
    WATCH_CLOSED, /* `ret_closed` holds what ended, as it stood before the value that ended it */
};

/* One value, not NAN. `position` is the journal's for the message it came in. `ret_closed` is set with
 * WATCH_CLOSED only; at which instant it closed is watch_value()'s to say. */
enum watch_step watch_step(const struct watch_rule *rule, struct watch_state *state, double value,
                           struct instant at, uint64_t position, struct watch_state *ret_closed);

/* The watches touched in a transaction, each once: first, first->touched, ... */
struct watch_list {
    struct watch *first;
};
enum watch_step watch_value(struct watch *w, struct watch_list *touched, double value, struct instant at,
                            uint64_t position, struct episode *ret_closed);
/* Whether a touched watch wants its row in watch_state written (or taken away): it is not quiet, or was not
 * when last kept. Most are touched only because `last` moved, and `last` of a quiet one is to be had from the
 * samples. */
bool watch_must_store(const struct watch *w);
void watch_keep(struct watch_list *touched);
void watch_back(struct watch_list *touched);

#endif
