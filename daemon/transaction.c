#include <inttypes.h>
#include <stdio.h>

#include "log.h"
#include "sql.h"
#include "writer_own.h"

static bool
begin_transaction(struct writer *w)
{
    w->pending = (struct writer_counts){0};
    w->made = (struct months){0};
    w->is_in_doubt = true;
    w->begun_at = loop_ticks(w->loop);
    return writer_exec(w, sql_begin);
}

static bool
begin_partition(struct writer *w)
{
    int month = months_first(&w->batch.missing);
    if (month < 0)
        return false;
    char text[16];
    snprintf(text, sizeof(text), "%d", month);
    const char *values[] = {text};
    pg_exec(w->pg, sql_ensure_partition, 1, values, writer_on_done, w);
    return true;
}

static bool
take_partition(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)r;
    (void)why;
    int month = months_first(&w->batch.missing);
    months_remove(&w->batch.missing, month);
    months_add(&w->made, month);
    return true;
}

/* Where there are none among the first, all are taken before it is known whether there are any. */
static bool
begin_samples(struct writer *w)
{
    if (w->is_filling && w->batch.sample_rows > 0) {
        pg_copy_growing(w->pg, sql_copy_sample, &w->batch.samples, writer_on_done, w);
        loop_event_wake(w->more);
        return true;
    }
    filling_finish(w);
    return writer_copy(w, sql_copy_sample, &w->batch.samples, w->batch.sample_rows);
}

static bool
begin_merges(struct writer *w)
{
    return writer_copy(w, sql_copy_incoming_sample, &w->batch.merges, w->batch.merge_rows);
}

static bool
begin_merging(struct writer *w)
{
    return w->batch.merge_rows > 0 && writer_exec(w, sql_merge_samples);
}

static bool
take_merging(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    w->pending.merged = (unsigned long long)pg_int(r, 0, 1);
    w->pending.revised = (unsigned long long)pg_int(r, 0, 3);
    batch_found(&w->batch, pg_text(r, 0, 4), pg_text(r, 0, 5));
    return true;
}

static bool
begin_touches(struct writer *w)
{
    return writer_copy(w, sql_copy_touched_hour, &w->batch.touches, w->batch.touch_rows);
}

static bool
begin_statements(struct writer *w)
{
    return writer_copy(w, sql_copy_statement, &w->batch.statements, w->batch.statement_rows);
}

static bool
begin_taking_statements(struct writer *w)
{
    return w->batch.statement_rows > 0 && writer_exec(w, sql_take_statements);
}

/* What it refuses it adds to the rejects. */
static bool
take_statements(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    w->pending.statement_rejects = (unsigned long long)pg_int(r, 0, 1);
    return true;
}

static bool
begin_rejects(struct writer *w)
{
    return writer_copy(w, sql_copy_reject, &w->batch.rejects, w->batch.reject_rows);
}

static bool
begin_taking_rejects(struct writer *w)
{
    return w->batch.reject_rows + w->pending.statement_rejects > 0 && writer_exec(w, sql_take_rejects);
}

static bool
begin_episodes(struct writer *w)
{
    return writer_copy(w, sql_copy_episode, &w->batch.episodes, w->batch.episode_rows);
}

static bool
begin_states(struct writer *w)
{
    return writer_copy(w, sql_copy_watch_state, &w->batch.states, w->batch.state_rows);
}

static bool
begin_taking_episodes(struct writer *w)
{
    return w->batch.episode_rows + w->batch.state_rows > 0 && writer_exec(w, sql_take_episodes);
}

static bool
take_episodes(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    w->pending.opened = (unsigned long long)pg_int(r, 0, 0);
    w->pending.closed = (unsigned long long)pg_int(r, 0, 1);
    return true;
}

static bool
begin_position(struct writer *w)
{
    char id[16], from[24], to[24];
    snprintf(id, sizeof(id), "%d", w->journal_id);
    snprintf(from, sizeof(from), "%" PRIu64, w->position);
    snprintf(to, sizeof(to), "%" PRIu64, w->batch_to);
    const char *values[] = {id, from, to};
    pg_exec(w->pg, sql_advance_position, 3, values, writer_on_done, w);
    return true;
}

static bool
take_position(struct writer *w, const struct pg_result *r, struct reason *why)
{
    if (batch_is_late(&w->batch, writer_later(w, 1)))
        return reason_set(why, "so late that an hour it adds to may have been judged without it");
    if (r->rows == 1)
        return true;
    return reason_set(why, "it is not %" PRIu64 " any more: another writer has moved it", w->position);
}

static bool
begin_commit(struct writer *w)
{
    return writer_exec(w, sql_commit);
}

static bool
take_commit(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)r;
    (void)why;
    const struct batch *b = &w->batch;

    batch_kept(&w->batch);
    receipt_committed(w->receipt);
    months_join(&w->catalogue->partitions, &w->made);
    w->position = w->batch_to;
    w->is_in_doubt = false;
    w->merges_all = w->has_asked = false;
    w->poison.text[0] = '\0';
    w->most = w->most * 2 < (size_t)w->conf->database.batch_messages ? w->most * 2
                                                                     : (size_t)w->conf->database.batch_messages;
    w->counts.messages += b->messages;
    w->counts.readings += b->readings;
    w->counts.rejects += b->reject_rows + w->pending.statement_rejects;
    w->counts.statement_rejects += w->pending.statement_rejects;
    w->counts.merged += w->pending.merged;
    w->counts.revised += w->pending.revised;
    w->counts.opened += w->pending.opened;
    w->counts.closed += w->pending.closed;
    w->counts.transactions++;
    tally_join(&w->tally, &b->tally);
    histogram_add(&w->commits, loop_ticks(w->loop) - w->begun_at);
    if (w->pending.opened + w->pending.closed > 0)
        log_notice("breaches: %llu opened, %llu closed", w->pending.opened, w->pending.closed);
    return true;
}

const struct step transaction_steps[] = {
    {"rollback", writer_begin_rollback, NULL, false},
    {"begin", begin_transaction, NULL, false},
    {"partition", begin_partition, take_partition, true},
    {"samples", begin_samples, NULL, false},
    {"partition", begin_partition, take_partition, true}, /* for what was taken meanwhile */
    {"samples to merge", begin_merges, NULL, false},
    {"merging", begin_merging, take_merging, false},
    {"touched hours", begin_touches, NULL, false},
    {"statements", begin_statements, NULL, false},
    {"taking statements", begin_taking_statements, take_statements, false},
    {"rejects", begin_rejects, NULL, false},
    {"taking rejects", begin_taking_rejects, NULL, false},
    {"breaches", begin_episodes, NULL, false},
    {"watch states", begin_states, NULL, false},
    {"taking breaches", begin_taking_episodes, take_episodes, false},
    {"position", begin_position, take_position, false},
    {"commit", begin_commit, take_commit, false},
    {NULL, NULL, NULL, false},
};
