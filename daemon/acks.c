#include "acks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pg.h"
#include "sql.h"

#define GIVE_UP_US 600000000 /* the page says so; whoever it is tries once more */
#define STEP_US 1000000

struct acks {
    struct loop *loop;
    struct ack ack[ACKS_MOST]; /* a ring: what is oldest is overwritten, unless it waits */
    size_t next;
    struct ack *under_way;
    struct pg *pg; /* NULL: there is nothing to do */
    bool is_up;
    struct loop_event *step; /* timer: begins a connection, ends one, gives up what is too old */
};

static struct ack *
find_waiting(struct acks *a)
{
    for (size_t i = 0; i < ACKS_MOST; i++) {
        struct ack *ack = &a->ack[(a->next + i) % ACKS_MOST]; /* from the oldest on */
        if (ack->state == ACK_WAITING)
            return ack;
    }
    return NULL;
}

static void begin_next(struct acks *a);

static void
on_done(void *self, const struct pg_result *r)
{
    struct acks *a = self;
    struct ack *ack = a->under_way;

    a->under_way = NULL;
    if (r->ok && r->rows == 1) {
        ack->state = ACK_RECORDED;
        snprintf(ack->who, sizeof(ack->who), "%s", pg_text(r, 0, 1));
        log_notice("alert %s: acknowledged by %s", ack->link.number, ack->who);
    } else if (r->lost) {
        ack->why = r->why;
        return; /* on_down follows */
    } else {
        ack->state = ACK_REFUSED;
        ack->why = r->why;
        log_warning("alert %s: not acknowledged: %s", ack->link.number, r->why.text);
    }
    begin_next(a);
}

static void
begin_next(struct acks *a)
{
    char delivery[24], at[24];

    if (!a->is_up || a->under_way != NULL)
        return;
    a->under_way = find_waiting(a);
    if (a->under_way == NULL) {
        loop_event_in(a->step, STEP_US); /* the connection may go */
        return;
    }
    snprintf(delivery, sizeof(delivery), "%" PRId64, a->under_way->link.delivery);
    snprintf(at, sizeof(at), "%" PRId64, a->under_way->at.us);
    const char *values[] = {a->under_way->link.number, delivery, at};
    pg_exec(a->pg, sql_acknowledge_link, 3, values, on_done, a);
}

static void
on_up(void *self)
{
    struct acks *a = self;
    a->is_up = true;
    begin_next(a);
}

static void
on_down(void *self, const char *why)
{
    struct acks *a = self;
    struct ack *ack = find_waiting(a);
    a->is_up = false;
    if (ack != NULL)
        reason_set(&ack->why, "%s", why);
}

static void
give_up_old(struct acks *a)
{
    for (size_t i = 0; i < ACKS_MOST; i++) {
        struct ack *ack = &a->ack[i];
        if (ack->state != ACK_WAITING || ack == a->under_way || loop_now(a->loop).us - ack->at.us < GIVE_UP_US)
            continue;
        ack->state = ACK_REFUSED;
        log_warning("alert %s: not acknowledged: %s", ack->link.number, ack->why.text);
    }
}

static void
on_step(void *self)
{
    struct acks *a = self;

    give_up_old(a);
    if (find_waiting(a) != NULL) {
        loop_event_in(a->step, STEP_US);
        return;
    }
    pg_free(a->pg);
    a->pg = NULL;
    a->is_up = false;
}

static void
connect(struct acks *a, const struct conf *conf)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down};
    const struct pg_settings settings = {
        .conninfo = conf->database.conninfo,
        .password_file = conf->database.password_file,
        .application_name = "abated acknowledgement",
        .statement_timeout_us = conf->database.statement_timeout_us,
        .retry_most_us = conf->database.retry_most_us,
    };
    a->pg = pg_new(a->loop, &settings, &calls, a);
    pg_start(a->pg);
}

static struct ack *
find(struct acks *a, const struct ack_link *link)
{
    for (size_t i = 0; i < ACKS_MOST; i++) {
        struct ack *ack = &a->ack[i];
        if (ack->state != ACK_UNKNOWN && ack->link.delivery == link->delivery && strcmp(ack->link.number, link->number) == 0)
            return ack;
    }
    return NULL;
}

bool
acks_take(struct acks *a, const struct conf *conf, const struct ack_link *link)
{
    struct ack *ack = find(a, link);

    if (ack != NULL && ack->state != ACK_REFUSED)
        return true;
    if (ack == NULL) {
        ack = &a->ack[a->next];
        if (ack->state == ACK_WAITING)
            return false;
        a->next = (a->next + 1) % ACKS_MOST;
    }
    *ack = (struct ack){.state = ACK_WAITING, .link = *link, .at = loop_now(a->loop)};
    if (a->pg == NULL)
        connect(a, conf);
    loop_event_in(a->step, STEP_US);
    begin_next(a);
    return true;
}

const struct ack *
acks_find(struct acks *a, const struct ack_link *link)
{
    static const struct ack unknown = {.state = ACK_UNKNOWN};
    const struct ack *ack = find(a, link);
    return ack != NULL ? ack : &unknown;
}

struct acks *
acks_new(struct loop *loop)
{
    struct acks *a = calloc(1, sizeof(*a));
    if (a == NULL)
        abort();
    a->loop = loop;
    a->step = loop_timer(loop, on_step, a);
    return a;
}

void
acks_free(struct acks *a)
{
    pg_free(a->pg);
    loop_event_free(a->step);
    free(a);
}
