/* batch: what goes into one transaction: journal records made into rows. Pure: records in, COPY bytes out.
 *
 *     batch_begin()
 *     batch_take(record) ... batch_take(record)      decode, check, watch limits
 *     batch_end()                                    rows of the watches touched
 *          samples, merges, rejects, episodes, states -> COPY, in this order
 *     batch_kept() after the commit, or batch_back() if it failed: then the same records may be taken again
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
#include "record.h"
#include "sample.h"
#include "watch.h"

struct batch {
    struct buf samples; /* binary COPY, each with header and end after batch_end(); this one straight into the table, */
    struct buf merges;  /* this one through staging: its instants may be stored already */
    struct buf rejects, episodes, states;
    size_t messages;        /* records taken */
    size_t bytes;           /* of them */
    size_t sample_rows, merge_rows, reject_rows, episode_rows, state_rows;
    size_t readings;
    bool merges_all;        /* nothing goes straight: PostgreSQL found an instant we thought new */
    struct months missing;  /* months that want a partition first */
    struct watch_list touched;
    struct message message; /* reused for each */
    struct sample sample;
};

void batch_clear(struct batch *b); /* frees */
void batch_begin(struct batch *b, bool merges_all);
void batch_take(struct batch *b, const struct conf *conf, const struct catalogue *catalogue, int16_t journal_id,
                const struct record *record);
/* Makes the record a reject without looking at it: PostgreSQL has refused it for `reason`. */
void batch_refuse(struct batch *b, int16_t journal_id, const struct record *record, const char *reason);
void batch_end(struct batch *b, int16_t journal_id);

void batch_kept(struct batch *b);
void batch_back(struct batch *b);

#endif
