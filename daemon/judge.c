#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pause.h"
#include "pg.h"
#include "sql.h"

#define REST_MOST_US 600000000
#define HOLD_MOST_US 300000000 /* how long after a connection it waits for what came meanwhile to be stored */
#define HOLD_STEP_US 200000
#define FIGURES_MOST 32

enum judge_state {
    JUDGE_AWAY,      /* no connection */
    JUDGE_PREPARING, /* the session */
    JUDGE_WAITING,   /* for its turn */
    JUDGE_JUDGING,
    JUDGE_TRIMMING, /* what is kept of rejected messages */
    JUDGE_COUNTING, /* what is asked for in metrics */
    JUDGE_RESTING,   /* after an error */
};
static const char *const state_name[] = {"away", "preparing", "waiting", "judging", "trimming", "counting", "resting"};

struct judge {
    struct loop *loop;
    const struct conf *conf;
    struct judge_calls calls;
    void *self;
    struct pg *pg;
    struct loop_event *turn;
    enum judge_state state;
    int64_t hold_until;       /* ticks */
    bool is_behind;           /* more is left to be judged */
    struct pause pause;       /* after an error */
    struct reason last_error; /* as logged: the same is not said twice */
    struct instant judged;    /* the last time */
    struct judge_figure figure[FIGURES_MOST];
    size_t figures;
};

static void
enter(struct judge *j, enum judge_state next, const char *why)
{
    if (j->state == next)
        return;
    log_debug("judge: %s -> %s: %s", state_name[j->state], state_name[next], why);
    j->state = next;
}

static void
failed(struct judge *j, const struct pg_result *r)
{
    if (r->lost)
        return; /* on_down follows */
    if (strcmp(r->why.text, j->last_error.text) != 0)
        log_error("judge: %s; trying again", r->why.text);
    j->last_error = r->why;
    enter(j, JUDGE_RESTING, r->why.text);
    loop_event_in(j->turn, pause_next(&j->pause));
}

enum { IS_BUSY, HOURS, DAYS, EXCEEDED, WITHDRAWN, OPENED, CLOSED, VERDICTS, MORE };

static void
say(const struct pg_result *r)
{
    int64_t opened = pg_int(r, 0, OPENED), closed = pg_int(r, 0, CLOSED), verdicts = pg_int(r, 0, VERDICTS);

    log_debug("judge: %" PRId64 " hours, %" PRId64 " days made, %" PRId64 " exceedances found, %" PRId64 " withdrawn",
              pg_int(r, 0, HOURS), pg_int(r, 0, DAYS), pg_int(r, 0, EXCEEDED), pg_int(r, 0, WITHDRAWN));
    if (opened + closed + verdicts > 0)
        log_notice("judged: %" PRId64 " breaches opened, %" PRId64 " closed, %" PRId64 " verdicts new", opened, closed,
                   verdicts);
}

static bool
is_true(const struct pg_result *r, int column)
{
    return pg_text(r, 0, column) != NULL && pg_text(r, 0, column)[0] == 't';
}

static void
tell_now(struct judge *j, const char *sql, pg_done *done)
{
    char at[24];
    snprintf(at, sizeof(at), "%" PRId64, loop_now(j->loop).us);
    const char *values[] = {at};
    pg_exec(j->pg, sql, 1, values, done, j);
}

static void
on_counted(void *self, const struct pg_result *r)
{
    struct judge *j = self;
    if (!r->ok) {
        failed(j, r);
        return;
    }
    j->last_error.text[0] = '\0';
    pause_reset(&j->pause);
    j->figures = (size_t)r->rows < FIGURES_MOST ? (size_t)r->rows : FIGURES_MOST;
    for (size_t i = 0; i < j->figures; i++) {
        struct judge_figure *f = &j->figure[i];
        snprintf(f->name, sizeof(f->name), "%s", pg_text(r, (int)i, 0));
        snprintf(f->label, sizeof(f->label), "%s", pg_text(r, (int)i, 1));
        f->value = pg_int(r, (int)i, 2);
    }
    enter(j, JUDGE_WAITING, "counted");
    loop_event_in(j->turn, j->is_behind ? 0 : j->conf->judge.interval_us);
}

static void
on_trimmed(void *self, const struct pg_result *r)
{
    struct judge *j = self;
    if (!r->ok) {
        failed(j, r);
        return;
    }
    if (pg_int(r, 0, 0) > 0)
        log_info("rejects: the bytes of %" PRId64 " old ones are kept no longer", pg_int(r, 0, 0));
    enter(j, JUDGE_COUNTING, "trimmed");
    tell_now(j, sql_read_figures, on_counted);
}

/* A transaction of its own: the writer waits for it, as it may not for a judgement. */
static void
on_judged(void *self, const struct pg_result *r)
{
    struct judge *j = self;
    if (!r->ok) {
        failed(j, r);
        return;
    }
    if (is_true(r, IS_BUSY))
        log_debug("judge: another one is at work");
    else
        say(r);
    j->is_behind = is_true(r, MORE);
    j->judged = loop_now(j->loop);
    enter(j, JUDGE_TRIMMING, "judged");
    tell_now(j, sql_trim_rejects, on_trimmed);
}

static void
on_turn(void *self)
{
    struct judge *j = self;
    if (j->state == JUDGE_RESTING) {
        enter(j, JUDGE_AWAY, "rested");
        pg_renew(j->pg);
    }
    if (j->state != JUDGE_WAITING)
        return;
    if (loop_ticks(j->loop) < j->hold_until && !j->calls.has_caught_up(j->self)) {
        loop_event_in(j->turn, HOLD_STEP_US);
        return;
    }
    enter(j, JUDGE_JUDGING, "its turn");
    tell_now(j, sql_judge, on_judged);
}

static void
on_prepared(void *self, const struct pg_result *r)
{
    struct judge *j = self;
    if (!r->ok) {
        failed(j, r);
        return;
    }
    enter(j, JUDGE_WAITING, "prepared");
    j->hold_until = loop_ticks(j->loop) + HOLD_MOST_US;
    loop_event_in(j->turn, 0);
}

static void
on_up(void *self)
{
    struct judge *j = self;
    enter(j, JUDGE_PREPARING, "connected");
    pg_script(j->pg, sql_prepare_judge, on_prepared, j);
}

static void
on_down(void *self, const char *why)
{
    struct judge *j = self;
    loop_event_cancel(j->turn);
    enter(j, JUDGE_AWAY, why);
}

struct judge *
judge_new(struct loop *loop, const struct conf *conf, const struct judge_calls *calls, void *self)
{
    static const struct pg_calls pg_calls = {.on_up = on_up, .on_down = on_down};
    struct pg_settings settings = {
        .conninfo = conf->database.conninfo,
        .password_file = conf->database.password_file,
        .application_name = "abated judge",
        .statement_timeout_us = conf->judge.statement_timeout_us,
        .retry_most_us = conf->database.retry_most_us,
    };
    struct judge *j = calloc(1, sizeof(*j));
    if (j == NULL)
        abort();
    *j = (struct judge){.loop = loop, .conf = conf, .calls = *calls, .self = self};
    j->pause = (struct pause){.first_us = conf->judge.interval_us, .most_us = REST_MOST_US};
    j->pg = pg_new(loop, &settings, &pg_calls, j);
    j->turn = loop_timer(loop, on_turn, j);
    return j;
}

void
judge_free(struct judge *j)
{
    pg_free(j->pg);
    loop_event_free(j->turn);
    free(j);
}

void
judge_start(struct judge *j)
{
    if (j->conf->judge.is_enabled)
        pg_start(j->pg);
}

void
judge_change(struct judge *j, const struct conf *conf)
{
    bool is_other = j->conf->judge.interval_us != conf->judge.interval_us;

    j->conf = conf;
    j->pause.first_us = conf->judge.interval_us;
    if (is_other && j->state == JUDGE_WAITING)
        loop_event_in(j->turn, 0);
}

bool
judge_is_judging(const struct judge *j, struct reason *why)
{
    return j->last_error.text[0] == '\0' || reason_set(why, "%s", j->last_error.text);
}

struct instant
judge_judged(const struct judge *j)
{
    return j->judged;
}

size_t
judge_figures(const struct judge *j, const struct judge_figure **ret)
{
    *ret = j->figure;
    return j->figures;
}

int64_t
judge_figure_sum(const struct judge *j, const char *name)
{
    int64_t sum = 0;
    for (size_t i = 0; i < j->figures; i++)
        sum += strcmp(j->figure[i].name, name) == 0 ? j->figure[i].value : 0;
    return sum;
}
