#include "duty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pg.h"
#include "sql.h"

#define BEAT_US 1000000          /* the server lets go of a session that is silent for five: prepare_duty.sql */
#define STATEMENT_US 5000000     /* nothing here takes longer */
#define RETRY_MOST_US 1000000    /* a standby that sleeps takes nothing over */

enum duty_state {
    DUTY_AWAY,     /* no database: whoever has it */
    DUTY_STANDING, /* another has it */
    DUTY_ON,       /* it is ours */
    DUTY_UNSURE,   /* it was ours when the database was last seen */
};
static const char *const state_name[] = {"away", "standing by", "on duty", "unsure"};

struct duty {
    char *name;
    char session[80]; /* what it is called in the database, as long as it lives */
    struct duty_calls calls;
    void *self;
    struct pg *pg;
    struct loop_event *beat;     /* timer */
    struct loop_event *contest;  /* deferred */
    enum duty_state state;
};

static bool
is_on(enum duty_state state)
{
    return state == DUTY_ON || state == DUTY_UNSURE;
}

static void
enter(struct duty *d, enum duty_state next, const char *why)
{
    enum duty_state was = d->state;

    if (was == next)
        return;
    log_notice("duty \"%s\": %s -> %s: %s", d->name, state_name[was], state_name[next], why);
    d->state = next;
    if (is_on(next) && !is_on(was))
        d->calls.on_begun(d->self);
    else if (is_on(was) && !is_on(next))
        d->calls.on_over(d->self, why);
}

/* ---- asking ---- */

static void
ask_later(struct duty *d)
{
    loop_event_in(d->beat, BEAT_US);
}

static void
lose_sight(struct duty *d, const char *why)
{
    enter(d, is_on(d->state) ? DUTY_UNSURE : DUTY_AWAY, why);
}

static void
stand_by(struct duty *d, const char *holder)
{
    struct reason why;
    reason_set(&why, "%s has it", holder != NULL ? holder : "another daemon");
    enter(d, DUTY_STANDING, why.text);
}

static void
on_answer(void *self, const struct pg_result *r)
{
    struct duty *d = self;

    if (r->lost)
        return; /* on_down follows */
    ask_later(d);
    if (!r->ok)
        lose_sight(d, r->why.text);
    else if (pg_int(r, 0, 0) == 1)
        enter(d, DUTY_ON, "the database gives it to us");
    else
        stand_by(d, pg_text(r, 0, 1));
}

static void
ask(struct duty *d)
{
    const char *values[] = {d->name};
    pg_exec(d->pg, sql_take_duty, 1, values, on_answer, d);
}

static void
on_beat(void *self)
{
    struct duty *d = self;
    if (pg_is_up(d->pg))
        ask(d);
}

static void
on_prepared(void *self, const struct pg_result *r)
{
    struct duty *d = self;
    if (r->ok)
        ask(d);
    else if (!r->lost)
        on_answer(d, r);
}

static void
on_up(void *self)
{
    struct duty *d = self;
    pg_script(d->pg, sql_prepare_duty, on_prepared, d);
}

static void
on_down(void *self, const char *why)
{
    struct duty *d = self;
    loop_event_cancel(d->beat);
    lose_sight(d, why);
}

/* Not from within the broker's callback. */
static void
on_contest(void *self)
{
    struct duty *d = self;
    if (d->state == DUTY_UNSURE)
        enter(d, DUTY_AWAY, "the database is away, and another client seems to have our session at the broker");
}

void
duty_contested(struct duty *d)
{
    if (d != NULL)
        loop_event_wake(d->contest);
}

/* ---- its life ---- */

struct duty *
duty_new(struct loop *loop, const struct conf *conf, const struct duty_calls *calls, void *self)
{
    static const struct pg_calls pg_calls = {.on_up = on_up, .on_down = on_down};

    if (conf->duty == NULL)
        return NULL;
    struct duty *d = calloc(1, sizeof(*d));
    if (d == NULL)
        abort();
    *d = (struct duty){.name = strdup(conf->duty), .calls = *calls, .self = self};
    if (d->name == NULL)
        abort();
    snprintf(d->session, sizeof(d->session), "abated %s", conf->instance);
    struct pg_settings settings = {
        .conninfo = conf->database.conninfo,
        .password_file = conf->database.password_file,
        .application_name = d->session,
        .statement_timeout_us = STATEMENT_US,
        .retry_most_us = RETRY_MOST_US,
    };
    d->pg = pg_new(loop, &settings, &pg_calls, d);
    d->beat = loop_timer(loop, on_beat, d);
    d->contest = loop_deferred(loop, on_contest, d);
    return d;
}

void
duty_start(struct duty *d)
{
    pg_start(d->pg);
}

void
duty_free(struct duty *d)
{
    if (d == NULL)
        return;
    pg_free(d->pg);
    loop_event_free(d->beat);
    loop_event_free(d->contest);
    free(d->name);
    free(d);
}
