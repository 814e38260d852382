/* batch: what goes into one transaction: journal records made into rows. Pure: records in, COPY bytes out.
 *
 *     batch_begin()
 *     batch_take(record) ... batch_take(record)      decode, check, watch limits
 *          batch_go_on() among them: what stands in `samples` may be written while the rest is taken
 *     batch_end()                                    rows of the watches touched
 *          samples, merges, touches, statements, rejects, episodes, states -> COPY, in this order
 *     batch_kept() after the commit, or batch_back() if it failed: then the same records may be taken again
 *
 * Of each hour of a feed in which it stores something a batch tells abate.judge() by a row of touches, with the broker by
 * which it came first. An hour that ends
 * only after the batch is committed cannot have been judged before: its row is left out if an earlier batch wrote it
 * since. What a batch that failed has written counts for nothing; neither does what was written before the clock was set
 * back.
 */
#ifndef ABATE_BATCH_H
#define ABATE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "catalogue.h"
#include "conf.h"
#include "message.h"
#include "months.h"
#include "origin.h"
#include "record.h"
#include "sample.h"
#include "tally.h"
#include "watch.h"

struct batch {
    struct buf samples; /* binary COPY, each with header and end after batch_end(); this one straight into the table, */
    struct buf merges;  /* this one through staging: its instants may be stored already, or it reissues them */
    struct buf touches, statements, rejects, episodes, states;
    size_t messages;        /* records taken */
    size_t bytes;           /* of them */
    size_t sample_rows, merge_rows, touch_rows, statement_rows, reject_rows, episode_rows, state_rows;
    size_t readings;
    struct tally tally;     /* of this batch */
    struct origins origins; /* of the records with rows to merge */
    size_t feed;            /* of the record at hand */
    bool merges_all;        /* nothing goes straight: PostgreSQL found an instant we thought new */
    uint64_t number;        /* of this batch, from 1 */
    uint64_t trusted;       /* the first batch whose touches count still */
    struct instant by;      /* when this one will be committed, at the latest */
    struct instant relied;  /* the earliest end of an hour whose row was left out */
    struct months missing;  /* months that want a partition first */
    bool is_under_way;      /* its rows are being written while it is filled */
    struct months ahead;    /* months that have a partition by then */
    struct watch_list touched;
    /* Told of each reject, with the readings of it that are stored nevertheless; NULL is fine. Set by the owner. */
    void (*on_reject)(void *self, const struct record *record, const char *reason, size_t stored);
    void *self;
    struct message message; /* reused for each */
    struct sample sample;
};

void batch_clear(struct batch *b); /* frees */
/* `conf` is that of all records taken until batch_end(). */
void batch_begin(struct batch *b, const struct conf *conf, bool merges_all, struct instant by);
void batch_take(struct batch *b, const struct conf *conf, const struct catalogue *catalogue, int16_t journal_id,
                const struct record *record);
/* What is taken from now on is taken while the samples before it are written. Those of a month that wants a partition still are
 * merged, which is done behind the samples. */
void batch_go_on(struct batch *b);
/* Makes the record a reject without looking at it: PostgreSQL has refused it for `reason`. */
void batch_refuse(struct batch *b, const struct conf *conf, int16_t journal_id, const struct record *record, const char *reason);
void batch_end(struct batch *b, int16_t journal_id);
/* What merging has found: at `positions`, with a blank between them, so many `readings` were stored already. Once more: it takes
 * the place of what was said before. */
void batch_found(struct batch *b, const char *positions, const char *readings);
void batch_carry(struct batch *b, const struct conf *before, const struct conf *now); /* the configuration has changed meanwhile */
/* It took longer than promised: an hour whose row it left out may be judged before the commit. To be taken back. */
bool batch_is_late(const struct batch *b, struct instant now);

void batch_kept(struct batch *b);
void batch_back(struct batch *b);

#endif
