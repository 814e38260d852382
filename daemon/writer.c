#include "writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "log.h"
#include "sql.h"
#include "writer_own.h"

#define REST_FIRST_US 1000000
#define REST_MOST_US 30000000
#define RETIRE_US 10000000 /* how often the journal is asked what may go */

static const char *const state_name[] = {"away", "loading", "ready", "writing", "recording", "resting"};

static void
enter(struct writer *w, enum writer_state next, const char *why)
{
    if (w->state == next)
        return;
    log_debug("writer: %s -> %s: %s", state_name[w->state], state_name[next], why);
    w->state = next;
}

bool
writer_exec(struct writer *w, const char *sql)
{
    pg_exec(w->pg, sql, 0, NULL, writer_on_done, w);
    return true;
}

bool
writer_copy(struct writer *w, const char *sql, const struct buf *rows, size_t count)
{
    if (count == 0)
        return false;
    pg_copy(w->pg, sql, rows, writer_on_done, w);
    return true;
}

bool
writer_condemn(struct writer *w, const char *why)
{
    journal_condemn(w->journal, why);
    w->is_condemned = true;
    w->calls.on_rotten(w->self, why);
    return false;
}

struct instant
writer_later(const struct writer *w, int statements)
{
    return (struct instant){loop_now(w->loop).us + statements * w->conf->database.statement_timeout_us};
}

bool
writer_begin_rollback(struct writer *w)
{
    if (!w->is_in_doubt)
        return false;
    w->is_in_doubt = false;
    pg_script(w->pg, sql_rollback, writer_on_done, w);
    return true;
}

/* ---- the batch ---- */

static void
on_reject(void *self, const struct record *record, const char *reason, size_t stored)
{
    receipt_rejected(self, record, reason, stored);
}

static void
take_back(struct writer *w)
{
    batch_back(&w->batch);
    receipt_taken_back(w->receipt);
}

static bool
let_go(struct writer *w, uint64_t before, const char *why)
{
    int gone = journal_retire(w->journal, before, loop_now(w->loop));
    if (gone > 0)
        log_info("journal: %d segments retired%s", gone, why);
    return gone > 0;
}

static uint64_t
stored_and_recorded(const struct writer *w)
{
    return w->position < w->recorded ? w->position : w->recorded;
}

/* What waits to be recorded is waited for. Where nothing can be recorded any more, what comes is worth more. */
bool
writer_make_room(struct writer *w)
{
    if (let_go(w, stored_and_recorded(w), ", for there was no room"))
        return true;
    return w->is_unrecorded && let_go(w, w->position, ", unrecorded, for there was no room");
}

static void
retire(struct writer *w)
{
    int64_t ticks = loop_ticks(w->loop);
    if (ticks - w->retired_at < RETIRE_US && journal_bytes(w->journal) < w->conf->journal.size_bytes / 4 * 3)
        return;
    w->retired_at = ticks;
    let_go(w, stored_and_recorded(w), "");
}

/* A transaction is through: whatever ailed is over. */
static void
written(struct writer *w)
{
    pause_reset(&w->pause);
    w->last_error.text[0] = '\0';
    recording_go_on(w);
    retire(w);
}

/* ---- the machine ---- */

static bool
begin_step(struct writer *w)
{
    crash_before(w->step->name);
    bool has_begun = w->step->begin(w);
    if (has_begun)
        crash_amid(w->step->name);
    return has_begun;
}

static void
run_on(struct writer *w)
{
    while (w->step->name != NULL && !begin_step(w))
        w->step++;
    if (w->step->name != NULL)
        return;
    if (w->target == UINT64_MAX)
        w->target = journal_durable(w->journal);
    if (w->state == WRITER_LOADING)
        log_info("writer: ready at position %" PRIu64 " with %zu monitors, %zu series, %zu limits on them", w->position,
                 registry_monitors(w->catalogue->registry), registry_series(w->catalogue->registry),
                 w->catalogue->watches);
    else
        written(w);
    enter(w, WRITER_READY, "done");
    loop_event_wake(w->wake);
}

static void
run(struct writer *w, enum writer_state state, const struct step *first, const char *why)
{
    enter(w, state, why);
    w->step = first;
    run_on(w);
}

static void
load_again(struct writer *w, const char *why)
{
    w->has_loaded = true;
    run(w, WRITER_LOADING, w->is_in_doubt ? loading_steps : loading_again, why);
}

static void
write_next(struct writer *w)
{
    struct reason why;
    bool is_rotten;

    if (w->state != WRITER_READY)
        return;
    if (w->is_stale && !w->has_loaded) {
        load_again(w, "the registry has changed");
        return;
    }
    if (w->has_closed) {
        run(w, WRITER_RECORDING, recording_steps, "a segment was closed");
        return;
    }
    if (filling_begin(w, &why, &is_rotten)) {
        w->has_loaded = false;
        run(w, WRITER_WRITING, transaction_steps, "records");
        return;
    }
    take_back(w);
    if (is_rotten)
        w->calls.on_rotten(w->self, why.text);
    else if (w->is_stale)
        load_again(w, "the registry has changed");
}

static void
rest(struct writer *w, const struct reason *why)
{
    if (strcmp(why->text, w->last_error.text) != 0)
        log_error("database: %s; trying again", why->text);
    w->last_error = w->obstacle = *why;
    enter(w, WRITER_RESTING, why->text);
    loop_event_in(w->rest, pause_next(&w->pause));
}

/* Class 22 is "data exception", 23 "integrity constraint violation": the rows are at fault, not the weather. */
static bool
is_about_rows(const struct pg_result *r)
{
    return r->sqlstate[0] == '2' && (r->sqlstate[1] == '2' || r->sqlstate[1] == '3');
}

static void
look_for_poison(struct writer *w, const struct pg_result *r)
{
    if (!w->merges_all && strcmp(r->sqlstate, "23505") == 0) {
        w->merges_all = true;
    } else if (w->batch.messages > 1) {
        w->most = w->batch.messages / 2;
    } else if (!w->has_asked) {
        w->has_asked = true; /* it may be us: a partition dropped, a registry changed */
        load_again(w, "a message was refused");
        return;
    } else {
        w->most = 1; /* by now there may be more in the journal: only this one is refused */
        reason_set(&w->poison, "PostgreSQL refuses it: %s (SQLSTATE %s)", r->why.text, r->sqlstate);
        log_warning("writer: message at %" PRIu64 ": %s", w->position, w->poison.text);
    }
    enter(w, WRITER_READY, "rows refused");
    loop_event_wake(w->wake);
}

/* It may have been too much at once: for a statement's time, for the disk, for a link that does not last. */
static void
take_less(struct writer *w)
{
    if (w->state == WRITER_WRITING && w->batch.messages > 1)
        w->most = w->batch.messages / 2;
}

static void
failed(struct writer *w, const struct pg_result *r, struct reason *why)
{
    const char *name = w->step->name;

    w->must_seek = true;
    w->is_filling = false;
    if (w->state == WRITER_WRITING)
        take_back(w);
    if (r->lost) {
        take_less(w);
        return; /* on_down follows */
    }
    if (w->state == WRITER_RECORDING && recording_failed(w, r)) {
        enter(w, WRITER_READY, "not recorded");
        loop_event_wake(w->wake);
        return;
    }
    if (w->state == WRITER_WRITING && is_about_rows(r) && w->poison.text[0] == '\0') {
        look_for_poison(w, r);
        return;
    }
    if (w->state == WRITER_LOADING)
        loading_refused(w, r);
    if (w->is_condemned)
        return;
    take_less(w);
    reason_prefix(why, "%s", name);
    rest(w, why);
}

void
writer_on_done(void *self, const struct pg_result *r)
{
    struct writer *w = self;
    struct reason why = r->why;

    if (!r->ok || (w->step->take != NULL && !w->step->take(w, r, &why))) {
        failed(w, r, &why);
        return;
    }
    crash_after(w->step->name);
    if (!w->step->is_repeated)
        w->step++;
    run_on(w);
}

static void
on_up(void *self)
{
    struct writer *w = self;
    w->is_in_doubt = false;
    w->target = UINT64_MAX;
    run(w, WRITER_LOADING, loading_steps, "connected");
}

static void
on_down(void *self, const char *why)
{
    struct writer *w = self;
    loop_event_cancel(w->rest);
    reason_set(&w->obstacle, "%s", why);
    enter(w, WRITER_AWAY, why);
}

static void
on_notice(void *self, const char *channel, const char *payload)
{
    (void)channel;
    (void)payload;
    struct writer *w = self;
    w->is_stale = true;
    loop_event_wake(w->wake);
}

static void
on_wake(void *self)
{
    write_next(self);
}

static void
on_rest(void *self)
{
    struct writer *w = self;
    if (w->state != WRITER_RESTING)
        return;
    enter(w, WRITER_AWAY, "rested");
    pg_renew(w->pg);
}

struct writer *
writer_new(struct loop *loop, const struct conf *conf, struct journal *journal, struct receipt *receipt,
           const struct unit_system *units, const struct writer_calls *calls, void *self)
{
    static const struct pg_calls pg_calls = {.on_up = on_up, .on_down = on_down, .on_notice = on_notice};
    struct pg_settings settings = {
        .conninfo = conf->database.conninfo,
        .password_file = conf->database.password_file,
        .application_name = "abated",
        .statement_timeout_us = conf->database.statement_timeout_us,
        .retry_most_us = conf->database.retry_most_us,
    };
    struct writer *w = calloc(1, sizeof(*w));
    if (w == NULL)
        abort();
    *w = (struct writer){.loop = loop,
                         .conf = conf,
                         .journal = journal,
                         .receipt = receipt,
                         .units = units,
                         .batch = {.on_reject = on_reject, .self = receipt},
                         .calls = *calls,
                         .self = self,
                         .most = (size_t)conf->database.batch_messages,
                         .pause = {.first_us = REST_FIRST_US, .most_us = REST_MOST_US},
                         .must_seek = true,
                         .target = UINT64_MAX};
    w->reader = journal_reader_new(journal);
    tally_begin(&w->tally, conf);
    w->pg = pg_new(loop, &settings, &pg_calls, w);
    w->wake = loop_deferred(loop, on_wake, w);
    w->rest = loop_timer(loop, on_rest, w);
    filling_init(w);
    recording_init(w);
    return w;
}

void
writer_free(struct writer *w)
{
    pg_free(w->pg);
    journal_reader_free(w->reader);
    journal_reader_free(w->foremost);
    tally_clear(&w->tally);
    catalogue_free(w->catalogue);
    catalogue_free(w->next_catalogue);
    batch_clear(&w->batch);
    loop_event_free(w->wake);
    loop_event_free(w->rest);
    filling_clear(w);
    recording_clear(w);
    free(w);
}

/* A batch under way was made by the one before, and counts for feeds of the same name. */
void
writer_change(struct writer *w, const struct conf *conf)
{
    if (w->is_filling)
        filling_end(w);
    tally_carry(&w->tally, w->conf, conf);
    batch_carry(&w->batch, w->conf, conf);
    w->conf = conf;
    if (w->most > (size_t)conf->database.batch_messages)
        w->most = (size_t)conf->database.batch_messages;
}

void
writer_start(struct writer *w)
{
    pg_start(w->pg);
}

void
writer_wake(struct writer *w)
{
    if (w->state == WRITER_READY)
        loop_event_wake(w->wake);
}
