#include <inttypes.h>
#include <stdio.h>

#include "retry_own.h"
#include "sql.h"

const char *const retry_outcome_name[] = {"stored", "in part", "duplicate", "differs", "outdone", "rejected"};

void
retry_on_reject(void *self, const struct record *record, const char *reason, size_t stored)
{
    struct retry *t = self;
    (void)record, (void)stored;
    reason_set(&t->refused, "%s", reason);
}

/* One row stands for all of them, with the arrival of the first and the last. */
static void
look_for_folded(struct retry *t)
{
    t->is_folded = t->times > 1 && t->batch.message.is_by_arrival && t->batch.merge_rows > 0;
    if (t->is_folded && t->refused.text[0] == '\0')
        reason_set(&t->refused, "it came %" PRId64 " times, and its time is its arrival: the first is stored, the others are in the "
                                "journal alone", t->times);
}

void
retry_decode(struct retry *t)
{
    t->refused.text[0] = '\0';
    t->stored = t->duplicate = t->differs = 0;
    t->is_outdone = false;
    batch_begin(&t->batch, t->conf, true, loop_now(t->loop));
    batch_take(&t->batch, t->conf, t->catalogue, t->journal_id, &t->record);
    look_for_folded(t);
    batch_end(&t->batch, t->journal_id);
    batch_back(&t->batch); /* the next one tells of its hours again */
}

static bool
exec(struct retry *t, const char *sql)
{
    pg_exec(t->pg, sql, 0, NULL, retry_on_done, t);
    return true;
}

static bool
copy(struct retry *t, const char *sql, const struct buf *rows, size_t count)
{
    if (t->is_poison || count == 0)
        return false;
    pg_copy(t->pg, sql, rows, retry_on_done, t);
    return true;
}

static bool
begin_transaction(struct retry *t)
{
    return exec(t, sql_begin);
}

static bool
begin_lock(struct retry *t)
{
    const char *values[] = {t->reject_id};
    pg_exec(t->pg, sql_lock_reject, 1, values, retry_on_done, t);
    return true;
}

static bool
begin_partition(struct retry *t)
{
    char text[16];
    int month = months_first(&t->batch.missing);
    if (month < 0 || t->is_poison)
        return false;
    snprintf(text, sizeof(text), "%d", month);
    const char *values[] = {text};
    pg_exec(t->pg, sql_ensure_kept_partition, 1, values, retry_on_done, t);
    return true;
}

static bool
take_partition(struct retry *t, const struct pg_result *r)
{
    (void)r;
    months_remove(&t->batch.missing, months_first(&t->batch.missing));
    return true;
}

static bool
begin_samples(struct retry *t)
{
    return copy(t, sql_copy_incoming_sample, &t->batch.merges, t->batch.merge_rows);
}

static bool
begin_merging(struct retry *t)
{
    return !t->is_poison && t->batch.merge_rows > 0 && exec(t, sql_merge_samples);
}

static bool
take_merging(struct retry *t, const struct pg_result *r)
{
    t->stored += pg_int(r, 0, 0) + pg_int(r, 0, 1);
    t->duplicate = pg_int(r, 0, 2);
    t->differs = pg_int(r, 0, 3);
    return true;
}

static bool
begin_touches(struct retry *t)
{
    return copy(t, sql_copy_touched_hour, &t->batch.touches, t->batch.touch_rows);
}

static bool
begin_statements(struct retry *t)
{
    return copy(t, sql_copy_statement, &t->batch.statements, t->batch.statement_rows);
}

static bool
begin_taking(struct retry *t)
{
    return !t->is_poison && t->batch.statement_rows > 0 && exec(t, sql_take_statements);
}

static bool
take_taken(struct retry *t, const struct pg_result *r)
{
    t->stored += pg_int(r, 0, 0) - pg_int(r, 0, 2);
    t->duplicate += pg_int(r, 0, 2);
    t->is_outdone = pg_int(r, 0, 3) > 0;
    return true;
}

static bool
begin_refused(struct retry *t)
{
    return !t->is_poison && t->batch.statement_rows > 0 && exec(t, sql_read_incoming_reject);
}

static bool
take_refused(struct retry *t, const struct pg_result *r)
{
    if (r->rows > 0)
        reason_set(&t->refused, "%s", pg_text(r, 0, 0));
    return true;
}

static enum retry_outcome
outcome_of(const struct retry *t)
{
    if (t->is_outdone)
        return RETRY_OUTDONE;
    if (t->refused.text[0] != '\0')
        return t->stored > 0 || t->is_folded ? RETRY_IN_PART : RETRY_REJECTED;
    if (t->stored > 0)
        return RETRY_STORED;
    return t->differs > 0 ? RETRY_DIFFERS : RETRY_DUPLICATE;
}

static const char *
reason_of(const struct retry *t)
{
    return t->refused.text[0] != '\0' ? t->refused.text : NULL;
}

static bool
begin_record(struct retry *t)
{
    char stored[24], duplicate[24], differs[24];
    snprintf(stored, sizeof(stored), "%" PRId64, t->stored);
    snprintf(duplicate, sizeof(duplicate), "%" PRId64, t->duplicate);
    snprintf(differs, sizeof(differs), "%" PRId64, t->differs);
    const char *values[] = {t->reject_id, retry_outcome_name[outcome_of(t)], stored, duplicate, differs, reason_of(t)};
    pg_exec(t->pg, sql_record_retry, 6, values, retry_on_done, t);
    return true;
}

static bool
begin_commit(struct retry *t)
{
    return exec(t, sql_commit);
}

static bool
take_commit(struct retry *t, const struct pg_result *r)
{
    struct retried told = {t->reject_id, outcome_of(t), t->stored, t->duplicate, t->differs, reason_of(t)};
    (void)r;

    t->counts->messages++;
    t->counts->outcome[told.outcome]++;
    t->calls->on_retried(t->calls->self, &told);
    return true;
}

const struct retry_step retry_storing[] = {
    {"begin", begin_transaction, NULL, false},
    {"reject", begin_lock, NULL, false},
    {"partition", begin_partition, take_partition, true},
    {"samples", begin_samples, NULL, false},
    {"merging", begin_merging, take_merging, false},
    {"touched hours", begin_touches, NULL, false},
    {"statements", begin_statements, NULL, false},
    {"taking statements", begin_taking, take_taken, false},
    {"what was refused", begin_refused, take_refused, false},
    {"record", begin_record, NULL, false},
    {"commit", begin_commit, take_commit, false},
    {NULL, NULL, NULL, false},
};
