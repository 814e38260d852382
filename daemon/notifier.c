#include "notifier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crash.h"
#include "log.h"
#include "pause.h"
#include "pg.h"
#include "sql.h"
#include "tries.h"

#define LOOK_US 60000000       /* the longest time without asking, whatever the database said */
#define LOOK_LEAST_US 20000    /* and the shortest */
#define REST_FIRST_US 1000000
#define REST_MOST_US 60000000

enum notifier_state {
    NOTIFIER_AWAY,      /* no connection */
    NOTIFIER_LISTENING, /* begins to */
    NOTIFIER_WAITING,   /* no statement under way */
    NOTIFIER_PREPARING,
    NOTIFIER_CLAIMING,
    NOTIFIER_RECORDING,
    NOTIFIER_ASKING,
    NOTIFIER_RESTING, /* after an error */
};
static const char *const state_name[] = {"away",     "listening", "waiting", "preparing",
                                         "claiming", "recording", "asking",  "resting"};

struct notifier {
    struct loop *loop;
    const struct conf *conf;
    struct pg *pg;
    struct tries *tries;
    struct loop_event *turn; /* timer: something is due */
    struct loop_event *step; /* deferred: what next */
    enum notifier_state state;
    bool wants_prepare, wants_claim, wants_next;
    bool has_prepared;        /* later than it has claimed */
    bool is_stopped;
    bool has_looked; /* whether all has a way out */
    int64_t prepare_at;       /* when it wants to prepare again; microseconds since 1970 */
    const struct try *recorded; /* being recorded */
    struct buf names, rooms;  /* the channels that have room, and how much, as arrays */
    struct pause pause;       /* after an error */
    struct reason last_error; /* as logged: the same is not said twice */
};

static void
enter(struct notifier *n, enum notifier_state next, const char *why)
{
    if (n->state == next)
        return;
    if (n->state < NOTIFIER_WAITING || next < NOTIFIER_WAITING || next == NOTIFIER_RESTING) /* the others would fill the log */
        log_debug("notifier: %s -> %s: %s", state_name[n->state], state_name[next], why);
    n->state = next;
}

static void
failed(struct notifier *n, const struct pg_result *r)
{
    n->recorded = NULL;
    n->wants_prepare = n->wants_claim = true;
    if (r->lost)
        return; /* on_down follows */
    if (strcmp(r->why.text, n->last_error.text) != 0)
        log_error("notifier: %s; trying again", r->why.text);
    n->last_error = r->why;
    enter(n, NOTIFIER_RESTING, r->why.text);
    loop_event_in(n->turn, pause_next(&n->pause));
}

static void
answered(struct notifier *n)
{
    enter(n, NOTIFIER_WAITING, "answered");
    loop_event_wake(n->step);
}

static void
on_over(void *self)
{
    struct notifier *n = self;
    n->wants_claim = true; /* there is room now */
    loop_event_wake(n->step);
}

/* ---- what is due ---- */

static void
on_claimed(void *self, const struct pg_result *r)
{
    struct notifier *n = self;
    if (!r->ok) {
        failed(n, r);
        return;
    }
    crash_after("alert claim");
    n->wants_next = true;
    tries_send(n->tries, r);
    answered(n);
}

static void
claim(struct notifier *n)
{
    char at[24];

    snprintf(at, sizeof(at), "%" PRId64, loop_now(n->loop).us);
    const char *values[] = {at, (const char *)n->names.at, (const char *)n->rooms.at};
    n->wants_claim = n->has_prepared = false;
    enter(n, NOTIFIER_CLAIMING, "room");
    crash_before("alert claim");
    pg_exec(n->pg, sql_claim_deliveries, 3, values, on_claimed, n);
    crash_amid("alert claim");
}

/* ---- the other statements ---- */

static void
on_prepared(void *self, const struct pg_result *r)
{
    struct notifier *n = self;
    if (!r->ok) {
        failed(n, r);
        return;
    }
    crash_after("alert prepare");
    n->last_error.text[0] = '\0';
    pause_reset(&n->pause);
    n->wants_claim = n->wants_next = true;
    n->prepare_at = pg_is_null(r, 0, 0) ? INT64_MAX : pg_int(r, 0, 0);
    answered(n);
}

static void
prepare(struct notifier *n)
{
    char at[24];

    snprintf(at, sizeof(at), "%" PRId64, loop_now(n->loop).us);
    const char *values[] = {at};
    n->wants_prepare = false;
    n->has_prepared = true;
    enter(n, NOTIFIER_PREPARING, "woken");
    crash_before("alert prepare");
    pg_exec(n->pg, sql_prepare_alerts, 1, values, on_prepared, n);
    crash_amid("alert prepare");
}

static void
on_recorded(void *self, const struct pg_result *r)
{
    struct notifier *n = self;
    if (!r->ok) {
        failed(n, r);
        return;
    }
    crash_after("alert record");
    tries_drop(n->tries, n->recorded);
    n->recorded = NULL;
    n->wants_next = true;
    answered(n);
}

static void
record(struct notifier *n, const struct try *t)
{
    char at[24], wait[24];

    snprintf(at, sizeof(at), "%" PRId64, loop_now(n->loop).us);
    snprintf(wait, sizeof(wait), "%" PRId64, t->wait_us);
    const char *values[] = {t->id, t->outcome == CHANNEL_SENT ? "true" : "false",
                            t->outcome == CHANNEL_REFUSED ? "true" : "false", t->answer.text, at, wait};
    n->recorded = t;
    enter(n, NOTIFIER_RECORDING, "a try is over");
    crash_before("alert record");
    pg_exec(n->pg, sql_record_try, 6, values, on_recorded, n);
    crash_amid("alert record");
}

static void
on_asked(void *self, const struct pg_result *r)
{
    struct notifier *n = self;
    if (!r->ok) {
        failed(n, r);
        return;
    }
    int64_t due = pg_is_null(r, 0, 0) ? INT64_MAX : pg_int(r, 0, 0);
    int64_t us = (due < n->prepare_at ? due : n->prepare_at) - loop_now(n->loop).us;
    loop_event_in(n->turn, us < LOOK_LEAST_US ? LOOK_LEAST_US : us < LOOK_US ? us : LOOK_US);
    answered(n);
}

static void
ask(struct notifier *n)
{
    const char *values[] = {(const char *)n->names.at};
    n->wants_next = false;
    enter(n, NOTIFIER_ASKING, "nothing to do");
    pg_exec(n->pg, sql_read_next_delivery, 1, values, on_asked, n);
}

/* ---- what next ---- */

/* In turn: where new alerts come faster than they are prepared, what is prepared must go all the same. */
static void
prepare_or_claim(struct notifier *n)
{
    bool can_claim = n->wants_claim && tries_list_room(n->tries, &n->names, &n->rooms);

    if (n->wants_prepare && !(n->has_prepared && can_claim))
        prepare(n);
    else if (can_claim)
        claim(n);
    else if (n->wants_next) {
        tries_list_room(n->tries, &n->names, &n->rooms);
        ask(n);
    }
}

static void
on_step(void *self)
{
    struct notifier *n = self;

    if (n->state != NOTIFIER_WAITING)
        return;
    const struct try *t = tries_find_over(n->tries);
    if (t != NULL)
        record(n, t);
    else if (!n->is_stopped)
        prepare_or_claim(n);
}

static void
on_turn(void *self)
{
    struct notifier *n = self;
    if (n->state == NOTIFIER_RESTING) {
        enter(n, NOTIFIER_AWAY, "rested");
        pg_renew(n->pg);
        return;
    }
    n->wants_prepare = true;
    loop_event_wake(n->step);
}

static void
on_notice(void *self, const char *channel, const char *payload)
{
    (void)channel, (void)payload;
    struct notifier *n = self;
    n->wants_prepare = true;
    loop_event_wake(n->step);
}

/* Once a start: what stands in the way of alerts. */
static void
on_looked(void *self, const struct pg_result *r)
{
    struct notifier *n = self;
    if (!r->ok) {
        failed(n, r);
        return;
    }
    for (int i = 0; i < r->rows; i++)
        log_warning("%s", pg_text(r, i, 0));
    n->has_looked = true;
    n->wants_prepare = true;
    answered(n);
}

static void
on_listening(void *self, const struct pg_result *r)
{
    struct notifier *n = self;
    struct buf names = {0};

    if (!r->ok) {
        failed(n, r);
        return;
    }
    n->wants_prepare = true;
    if (n->has_looked) {
        answered(n);
        return;
    }
    conf_list_channels(n->conf, &names);
    const char *values[] = {(const char *)names.at};
    pg_exec(n->pg, sql_read_channel_faults, 1, values, on_looked, n);
    buf_clear(&names);
}

static void
on_up(void *self)
{
    struct notifier *n = self;
    enter(n, NOTIFIER_LISTENING, "connected");
    pg_script(n->pg, sql_prepare_notifier, on_listening, n);
}

static void
on_down(void *self, const char *why)
{
    struct notifier *n = self;
    loop_event_cancel(n->turn);
    enter(n, NOTIFIER_AWAY, why);
}

/* ---- its life ---- */

struct notifier *
notifier_new(struct loop *loop, const struct conf *conf, struct channel *const *channel)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down, .on_notice = on_notice};
    struct pg_settings settings = {
        .conninfo = conf->database.conninfo,
        .password_file = conf->database.password_file,
        .application_name = "abated notifier",
        .statement_timeout_us = conf->database.statement_timeout_us,
        .retry_most_us = conf->database.retry_most_us,
    };
    if (conf->channels == 0)
        return NULL;
    struct notifier *n = calloc(1, sizeof(*n));
    if (n == NULL)
        abort();
    *n = (struct notifier){.loop = loop, .conf = conf};
    n->pause = (struct pause){.first_us = REST_FIRST_US, .most_us = REST_MOST_US};
    n->pg = pg_new(loop, &settings, &calls, n);
    n->tries = tries_new(loop, conf, channel, on_over, n);
    n->turn = loop_timer(loop, on_turn, n);
    n->step = loop_deferred(loop, on_step, n);
    return n;
}

void
notifier_free(struct notifier *n)
{
    if (n == NULL)
        return;
    pg_free(n->pg);
    loop_event_free(n->turn);
    loop_event_free(n->step);
    tries_free(n->tries);
    buf_clear(&n->names);
    buf_clear(&n->rooms);
    free(n);
}

void
notifier_start(struct notifier *n)
{
    if (n != NULL)
        pg_start(n->pg);
}

void
notifier_stop(struct notifier *n)
{
    if (n != NULL)
        n->is_stopped = true;
}

bool
notifier_is_idle(const struct notifier *n)
{
    return n == NULL || (tries_are_none(n->tries) && n->state != NOTIFIER_CLAIMING);
}

struct tries_counts
notifier_counts(const struct notifier *n)
{
    return n != NULL ? tries_counts(n->tries) : (struct tries_counts){0};
}
