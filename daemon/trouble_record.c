#include "trouble_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pause.h"
#include "pg.h"
#include "sql.h"

#define REST_FIRST_US 1000000
#define REST_MOST_US 60000000
#define ENTRIES_MOST 1000 /* waiting: past that the newest are dropped */

enum record_state {
    RECORD_IDLE,    /* nothing to write, no connection */
    RECORD_AWAY,    /* no connection yet */
    RECORD_WRITING, /* a statement is under way */
    RECORD_RESTING, /* after an error */
};
static const char *const state_name[] = {"idle", "away", "writing", "resting"};

enum verb { SETTLE, BEGIN, UNSTORED, LASTS, END };

struct entry {
    struct entry *next;
    enum verb verb;
    char *name, *why; /* of SETTLE the names */
    char at[24];      /* microseconds */
};

struct trouble_record {
    struct loop *loop;
    const struct conf *conf;
    const char *told;
    struct pg *pg; /* NULL when idle */
    struct loop_event *rest; /* timer */
    struct loop_event *part; /* deferred: the connection is let go */
    struct loop_event *late; /* timer: what was unstored lasts */
    enum record_state state;
    struct entry *first;
    struct entry *unstored; /* written as such, and neither over nor told */
    size_t entries;
    struct pause pause;
    struct reason last_error; /* as logged: the same is not said twice */
};

static void
enter(struct trouble_record *r, enum record_state next, const char *why)
{
    if (r->state != next)
        log_debug("troubles: %s -> %s: %s", state_name[r->state], state_name[next], why);
    r->state = next;
}

static void
free_entry(struct entry *e)
{
    if (e == NULL)
        return;
    free(e->name);
    free(e->why);
    free(e);
}

/* ---- one after the other ---- */

static void write_first(struct trouble_record *r);

static bool
is_unstored(const struct trouble_record *r, const char *name)
{
    return r->unstored != NULL && strcmp(r->unstored->name, name) == 0;
}

static void
forget_unstored(struct trouble_record *r, const char *name)
{
    if (!is_unstored(r, name))
        return;
    free_entry(r->unstored);
    r->unstored = NULL;
}

static void
drop_first(struct trouble_record *r)
{
    struct entry *e = r->first;
    r->first = e->next;
    r->entries--;
    if (e->verb == UNSTORED) {
        free_entry(r->unstored);
        r->unstored = e;
        loop_event_in(r->late, 2 * r->conf->database.retry_most_us + REST_MOST_US);
        return;
    }
    if (e->verb == END)
        forget_unstored(r, e->name);
    free_entry(e);
}

static void
on_written(void *self, const struct pg_result *result)
{
    struct trouble_record *r = self;

    if (result->ok) {
        r->last_error.text[0] = '\0';
        pause_reset(&r->pause);
        drop_first(r);
        write_first(r);
        return;
    }
    if (result->lost)
        return; /* on_down follows */
    if (strcmp(result->why.text, r->last_error.text) != 0)
        log_error("troubles: %s; trying again", result->why.text);
    r->last_error = result->why;
    enter(r, RECORD_RESTING, result->why.text);
    loop_event_in(r->rest, pause_next(&r->pause));
}

static void
write_first(struct trouble_record *r)
{
    const struct entry *e = r->first;
    const char *instance = r->conf->instance;
    char seen[24];

    if (e == NULL) {
        enter(r, RECORD_IDLE, "all is written");
        loop_event_wake(r->part); /* not from within its own callback */
        return;
    }
    enter(r, RECORD_WRITING, e->name);
    snprintf(seen, sizeof(seen), "%" PRId64, loop_now(r->loop).us);
    const char *settle[] = {instance, e->name, e->at};
    bool is_past = e->verb == UNSTORED || is_unstored(r, e->name);
    const char *begin[] = {instance, e->name, e->why, e->at, r->told, is_past ? "true" : "false", seen};
    const char *end[] = {instance, e->name, e->at, r->told};
    switch (e->verb) {
    case SETTLE:
        pg_exec(r->pg, sql_settle_troubles, 3, settle, on_written, r);
        break;
    case BEGIN:
    case UNSTORED:
    case LASTS:
        pg_exec(r->pg, sql_begin_trouble, 7, begin, on_written, r);
        break;
    case END:
        pg_exec(r->pg, sql_end_trouble, 4, end, on_written, r);
        break;
    }
}

static void
on_up(void *self)
{
    write_first(self);
}

static void
on_down(void *self, const char *why)
{
    struct trouble_record *r = self;
    loop_event_cancel(r->rest);
    enter(r, RECORD_AWAY, why);
}

static void
on_rest(void *self)
{
    struct trouble_record *r = self;
    if (r->state != RECORD_RESTING)
        return;
    enter(r, RECORD_AWAY, "rested");
    pg_renew(r->pg);
}

/* Something may have come meanwhile: then the connection is of use still. */
static void
on_part(void *self)
{
    struct trouble_record *r = self;
    if (r->state != RECORD_IDLE)
        return;
    pg_free(r->pg);
    r->pg = NULL;
}

static void
connect(struct trouble_record *r)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down};
    struct pg_settings settings = {
        .conninfo = r->conf->database.conninfo,
        .password_file = r->conf->database.password_file,
        .application_name = "abated troubles",
        .statement_timeout_us = r->conf->database.statement_timeout_us,
        .retry_most_us = r->conf->database.retry_most_us,
    };
    enter(r, RECORD_AWAY, "something to write");
    r->pg = pg_new(r->loop, &settings, &calls, r);
    pg_start(r->pg);
}

static void
add(struct trouble_record *r, enum verb verb, const char *name, const char *why, struct instant at)
{
    struct entry **last = &r->first, *e = calloc(1, sizeof(*e));

    if (e == NULL)
        abort();
    *e = (struct entry){.verb = verb, .name = strdup(name), .why = strdup(why)};
    if (e->name == NULL || e->why == NULL)
        abort();
    snprintf(e->at, sizeof(e->at), "%" PRId64, at.us);
    if (r->entries == ENTRIES_MOST) {
        log_error("troubles: %d wait to be written: \"%s\" is dropped", ENTRIES_MOST, name);
        free_entry(e);
        return;
    }
    while (*last != NULL)
        last = &(*last)->next;
    *last = e;
    r->entries++;
    if (r->state != RECORD_IDLE)
        return;
    if (r->pg == NULL)
        connect(r);
    else if (pg_is_up(r->pg))
        write_first(r);
    else
        enter(r, RECORD_AWAY, "something to write");
}

/* The database can be reached for long, and nothing can be stored all the same. */
static void
on_late(void *self)
{
    struct trouble_record *r = self;
    struct entry *e = r->unstored;

    r->unstored = NULL;
    if (e != NULL)
        add(r, BEGIN, e->name, e->why, (struct instant){strtoll(e->at, NULL, 10)});
    free_entry(e);
}

/* ---- what is told it ---- */

void
trouble_record_settle(struct trouble_record *r, const char *names, struct instant at)
{
    add(r, SETTLE, names, "", at);
}

void
trouble_record_begin(struct trouble_record *r, const char *name, const char *why, struct instant at)
{
    add(r, BEGIN, name, why, at);
}

void
trouble_record_unstored(struct trouble_record *r, const char *name, const char *why, struct instant at)
{
    add(r, UNSTORED, name, why, at);
}

void
trouble_record_see(struct trouble_record *r, const char *name, const char *why, struct instant at)
{
    if (r->first == NULL)
        add(r, LASTS, name, why, at);
}

void
trouble_record_end(struct trouble_record *r, const char *name, struct instant at)
{
    forget_unstored(r, name);
    add(r, END, name, "", at);
}

bool
trouble_record_is_idle(const struct trouble_record *r)
{
    return r->first == NULL;
}

/* ---- its life ---- */

struct trouble_record *
trouble_record_new(struct loop *loop, const struct conf *conf, const char *told)
{
    struct trouble_record *r = calloc(1, sizeof(*r));
    if (r == NULL)
        abort();
    *r = (struct trouble_record){.loop = loop, .conf = conf, .told = told};
    r->pause = (struct pause){.first_us = REST_FIRST_US, .most_us = REST_MOST_US};
    r->rest = loop_timer(loop, on_rest, r);
    r->part = loop_deferred(loop, on_part, r);
    r->late = loop_timer(loop, on_late, r);
    return r;
}

void
trouble_record_free(struct trouble_record *r)
{
    if (r == NULL)
        return;
    pg_free(r->pg);
    loop_event_free(r->rest);
    loop_event_free(r->part);
    loop_event_free(r->late);
    for (struct entry *e; (e = r->first) != NULL; free_entry(e))
        r->first = e->next;
    free_entry(r->unstored);
    free(r);
}
