/* copy_row: rows as PostgreSQL has them in COPY ... (FORMAT binary) (PostgreSQL 15, COPY, "Binary Format").
 *
 *     copy_begin()  row  row  row  copy_end()
 *
 * Column order and types are those of sql/queries/copy_*.sql; both change together. NULL for what is absent.
 */
#ifndef ABATE_COPY_ROW_H
#define ABATE_COPY_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "message.h"
#include "record.h"
#include "sample.h"
#include "watch.h"

void copy_begin(struct buf *b);
void copy_end(struct buf *b);

/* copy_sample.sql: feed_id int4, journal_id int2, at timestamptz, position int8, value float8[], mark text */
void copy_sample(struct buf *b, int16_t journal_id, uint64_t position, const struct sample *s);

/* copy_incoming_sample.sql: the same, and behind it is_reissue bool */
void copy_incoming_sample(struct buf *b, int16_t journal_id, uint64_t position, const struct sample *s);

/* copy_reject.sql: journal_id int2, position int8, arrived timestamptz, broker text, topic text, payload
 * bytea, reason text, faults int4, kept int4 (readings stored nevertheless), source text: who sent it by the topic's
 * word, a plant, monitor or agency; NULL if `at` is. Where broker, topic or reason are no UTF-8 they are made so: \xHH. */
void copy_reject(struct buf *b, int16_t journal_id, const struct record *r, const char *reason, size_t faults,
                 size_t kept, struct span source);

/* copy_touched_hour.sql: feed_id int4, hour timestamptz, journal_id int2, broker text: by which it came */
void copy_touch(struct buf *b, int16_t journal_id, int32_t feed_id, struct instant hour, const char *broker);

/* copy_statement.sql: journal_id int2, position int8, arrived timestamptz, broker text, topic text, agency text,
 * payload text */
void copy_statement(struct buf *b, int16_t journal_id, const struct record *r, struct span agency);

/* copy_episode.sql: limit_id int4, series_id int4, opened timestamptz, closed timestamptz, worst float8,
 * worst_at timestamptz, last_at timestamptz, count int4, journal_id int2, first_position int8, worst_position
 * int8, last_position int8 */
void copy_episode(struct buf *b, int16_t journal_id, const struct episode *e);

/* copy_watch_state.sql: limit_id int4, series_id int4, phase text, last_at timestamptz, since timestamptz,
 * worst float8, worst_at timestamptz, count int4, first_position int8, worst_position int8, last_position
 * int8 */
void copy_watch_state(struct buf *b, const struct watch *w);

/* copy_folder_cell.sql: file text, line int4, column_name text, text text, fault text. `line` 0 and spans without
 * `at` are null. What is no UTF-8 is made so, as above. */
struct folder_cell {
    const char *file;
    unsigned long line;
    struct span column;
    struct span text;
    const char *fault;
};
void copy_folder_cell(struct buf *b, const struct folder_cell *c);

#endif
