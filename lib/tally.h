/* tally: what became of messages, feed by feed. Counted in a batch, and joined to the whole once that is committed.
 *
 * The feeds are those of the configuration, in its order; behind them one more, for what no feed takes.
 */
#ifndef ABATE_TALLY_H
#define ABATE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "message.h"

struct tally_counts {
    uint64_t messages, stored; /* stored: something of it is */
    uint64_t readings, duplicates; /* duplicates: readings that were stored already, with the same value */
    uint64_t rejects[FAULT_KINDS];
};

struct tally {
    struct tally_counts *feed;
    size_t feeds; /* those of the configuration; feed[feeds] is nobody's */
};

void tally_clear(struct tally *t);
void tally_begin(struct tally *t, const struct conf *conf); /* all are 0; allocates only if there are more feeds than before */
void tally_join(struct tally *to, const struct tally *from); /* of the same configuration */

/* Of another configuration: a feed keeps the counts of the one that has its name. What is gone is gone: to whoever adds up
 * counters it looks like a restart. */
void tally_carry(struct tally *t, const struct conf *before, const struct conf *now);

#endif
