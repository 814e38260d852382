/* retry: rejected messages read anew, with the registry and configuration of today: one after the other, the oldest first.
 *
 *     connected --> registry --> [ next --> decoded --> begin, samples, statements, what came of it, commit ] each --> over
 *
 * Made into rows as the writer makes them (batch), and merged: what is there already stays, so nothing is stored twice; a
 * statement that a later one has outdone is not stored, and settled. What is stored and the row of abate.reject_retry that
 * says so are one transaction. Early warnings are the daemon's, which reads the present; hours and days are judged anew.
 */
#ifndef ABATE_RETRY_H
#define ABATE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"
#include "unit.h"

struct retry_wish {
    const char *feed, *topic, *reason; /* NULL: any */
    const char *since;                 /* microseconds since 1970, as text; or NULL */
    const char *number;                /* this one alone; or NULL */
    uint64_t limit;
};

enum retry_outcome { RETRY_STORED, RETRY_IN_PART, RETRY_DUPLICATE, RETRY_DIFFERS, RETRY_OUTDONE, RETRY_REJECTED, RETRY_OUTCOMES };
extern const char *const retry_outcome_name[RETRY_OUTCOMES]; /* as abate.reject_retry has it */

struct retried {
    const char *reject_id;
    enum retry_outcome outcome;
    int64_t stored, duplicate, differs;
    const char *reason; /* or NULL */
};

struct retry_counts {
    uint64_t messages, outcome[RETRY_OUTCOMES];
};

struct retry_calls {
    void (*on_retried)(void *self, const struct retried *r); /* it is committed */
    void *self;
};

/* Runs the loop until it is through. */
bool retry_run(struct loop *loop, const struct conf *conf, const struct unit_system *units, const struct retry_wish *wish,
               const struct retry_calls *calls, struct retry_counts *ret, struct reason *why);

#endif
