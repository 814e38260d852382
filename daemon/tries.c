#include "tries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "letter_link.h"
#include "log.h"

/* One that is under way, or over. */
struct entry {
    struct try try;
    struct tries *tries;
    struct entry *next;
    bool is_over;
};

struct tries {
    struct loop *loop;
    const struct conf *conf;
    struct channel *const *channel;
    void (*on_over)(void *self);
    void *self;
    struct entry *first;
    struct reason unlinked; /* as logged, why letters have no link: the same is not said twice */
    struct tries_counts counts;
};

static void
on_outcome(void *self, const struct channel_result *r)
{
    struct entry *e = self;
    struct tries *t = e->tries;

    crash_after("alert send");
    e->is_over = true;
    e->try.outcome = r->outcome;
    e->try.wait_us = r->wait_us;
    reason_set(&e->try.answer, "%s", r->answer);
    t->counts.sent += r->outcome == CHANNEL_SENT;
    t->counts.failed += r->outcome != CHANNEL_SENT;
    t->on_over(t->self);
}

/* ---- a row becomes a letter ---- */

enum { DELIVERY_ID, TRY_ID, CHANNEL, RECIPIENT, CONTACT, LANGUAGE, SUBJECT, BODY, ALERT, KEY, STATUS, TRIES,
       NUMBER, UNTIL, WORDS }; /* claim_deliveries.sql */

/* Where it stands among the channels; conf->channels: nowhere. */
static size_t
find_channel(const struct tries *t, const char *name)
{
    size_t i = 0;
    while (i < t->conf->channels && strcmp(channel_name(t->channel[i]), name) != 0)
        i++;
    return i;
}

/* A text of a row that may not be null; libpq's, until the result is gone. */
static char *
text_of(const struct pg_result *r, int row, int column)
{
    const char *text = pg_text(r, row, column);
    return (char *)(text != NULL ? text : "");
}

/* An alert is worth more than its link: without a secret it goes without. */
static void
add_link(struct tries *t, const struct pg_result *r, int row, struct letter *letter, struct letter_link *linked)
{
    struct ack_link link = {.delivery = pg_int(r, row, DELIVERY_ID), .until = {pg_int(r, row, UNTIL)}};
    struct reason why = {""};

    snprintf(link.number, sizeof(link.number), "%s", text_of(r, row, NUMBER));
    if (!letter_link_add(linked, t->conf, &link, text_of(r, row, WORDS), letter, &why) &&
        strcmp(why.text, t->unlinked.text) != 0)
        log_error("%s; messages go out without links", why.text);
    t->unlinked = why;
}

static struct entry *
add(struct tries *t, const char *id)
{
    struct entry *e = calloc(1, sizeof(*e));
    if (e == NULL)
        abort();
    *e = (struct entry){.tries = t, .next = t->first};
    snprintf(e->try.id, sizeof(e->try.id), "%s", id);
    t->first = e;
    return e;
}

static void
send_row(struct tries *t, const struct pg_result *r, int row)
{
    size_t place = find_channel(t, text_of(r, row, CHANNEL));
    struct channel *c = place < t->conf->channels ? t->channel[place] : NULL;
    struct letter_link linked = {0};
    struct letter letter = {
        .key = text_of(r, row, KEY),
        .recipient = text_of(r, row, RECIPIENT),
        .subject = text_of(r, row, SUBJECT),
        .text = text_of(r, row, BODY),
        .json = text_of(r, row, ALERT),
        .at = loop_now(t->loop),
    };
    if (c == NULL || channel_room(c) == 0)
        return; /* never asked for; if it comes all the same, its lease runs out */
    struct entry *e = add(t, text_of(r, row, TRY_ID));
    if (t->conf->channel[place].links && !pg_is_null(r, row, NUMBER))
        add_link(t, r, row, &letter, &linked);
    crash_before("alert send");
    channel_send(c, &letter, on_outcome, e);
    crash_amid("alert send");
    letter_link_clear(&linked);
}

void
tries_send(struct tries *t, const struct pg_result *r)
{
    for (int i = 0; i < r->rows; i++)
        send_row(t, r, i);
}

bool
tries_list_room(const struct tries *t, struct buf *names, struct buf *rooms)
{
    const char *between = "{";
    char room[24];

    buf_empty(names);
    buf_empty(rooms);
    for (size_t i = 0; i < t->conf->channels; i++) {
        if (channel_room(t->channel[i]) == 0)
            continue;
        snprintf(room, sizeof(room), "%s%zu", between, channel_room(t->channel[i]));
        buf_add_text(rooms, room);
        buf_add_text(names, between);
        buf_add_text(names, channel_name(t->channel[i]));
        between = ",";
    }
    const char *end = between[0] == ',' ? "}" : "{}";
    buf_add(names, end, strlen(end) + 1);
    buf_add(rooms, end, strlen(end) + 1);
    return between[0] == ',';
}

/* ---- what is over ---- */

const struct try *
tries_find_over(const struct tries *t)
{
    for (const struct entry *e = t->first; e != NULL; e = e->next) {
        if (e->is_over)
            return &e->try;
    }
    return NULL;
}

void
tries_drop(struct tries *t, const struct try *over)
{
    struct entry **at = &t->first;
    while (&(*at)->try != over)
        at = &(*at)->next;
    struct entry *e = *at;
    *at = e->next;
    free(e);
}

bool
tries_are_none(const struct tries *t)
{
    return t->first == NULL;
}

struct tries_counts
tries_counts(const struct tries *t)
{
    return t->counts;
}

/* ---- its life ---- */

struct tries *
tries_new(struct loop *loop, const struct conf *conf, struct channel *const *channel, void (*on_over)(void *self), void *self)
{
    struct tries *t = calloc(1, sizeof(*t));
    if (t == NULL)
        abort();
    *t = (struct tries){.loop = loop, .conf = conf, .channel = channel, .on_over = on_over, .self = self};
    return t;
}

void
tries_free(struct tries *t)
{
    while (t->first != NULL)
        tries_drop(t, &t->first->try);
    free(t);
}
