#include "vigil.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "instant.h"
#include "log.h"
#include "pause.h"
#include "trouble.h"
#include "trouble_record.h"
#include "vigil_own.h"

#define LOOK_US 1000000
#define SEE_MOST_US 60000000 /* what lasts is said to do so on record, each `after`, or so often */
#define RETRY_FIRST_US 5000000
#define RETRY_MOST_US 300000000
#define GIVE_UP_US (12 * INSTANT_HOUR_US)
#define NOTICES_MOST 200 /* waiting or under way: past that the newest are dropped */

struct watched {
    enum vigil_kind kind;
    size_t broker; /* conf->broker[broker] */
    struct trouble_rule rule;
    struct trouble trouble;
    bool is_doubtful; /* it may stand on record from before the start, and was bad when we looked first */
    int64_t seen_us;  /* when the record was told last that it lasts; ticks */
};

/* A letter to one recipient by one channel, until it is sent. */
struct notice {
    struct vigil *vigil;
    struct notice *next;
    struct channel *channel;
    struct letter letter;
    struct pause pause;
    int64_t due, gives_up; /* ticks */
    bool is_under_way;
};

struct vigil {
    struct loop *loop;
    const struct conf *conf;
    struct channel *const *channel;
    struct trouble_record *record;
    struct buf told; /* whom we tell, as a PostgreSQL array of "CHANNEL RECIPIENT" */
    struct vigil_sight sight;
    bool is_looking;
    bool is_settled; /* what is on record from before the start has been gone through */
    struct watched *watched;
    size_t count;
    struct notice *first;
    size_t notices;
    struct loop_event *look; /* timer */
};

/* ---- notices ---- */

static void
drop(struct notice *n)
{
    struct notice **at = &n->vigil->first;
    while (*at != n)
        at = &(*at)->next;
    *at = n->next;
    n->vigil->notices--;
    letter_clear(&n->letter);
    free(n);
}

static void
on_outcome(void *self, const struct channel_result *r)
{
    struct notice *n = self;
    int64_t now = loop_ticks(n->vigil->loop);

    n->is_under_way = false;
    if (r->outcome == CHANNEL_SENT) {
        log_notice("channel \"%s\": told %s of \"%s\"", channel_name(n->channel), n->letter.recipient, n->letter.subject);
        drop(n);
    } else if (r->outcome == CHANNEL_REFUSED || now > n->gives_up) {
        log_error("channel \"%s\": %s is not told of \"%s\": %s", channel_name(n->channel), n->letter.recipient,
                  n->letter.subject, r->answer);
        drop(n);
    } else {
        if (n->pause.last_us == 0)
            log_warning("channel \"%s\": %s; trying again", channel_name(n->channel), r->answer);
        int64_t pause_us = pause_next(&n->pause);
        n->due = now + (pause_us > r->wait_us ? pause_us : r->wait_us);
        if (n->due > n->gives_up) /* for a last time */
            n->due = n->gives_up;
    }
}

static void
send_due(struct vigil *v)
{
    int64_t now = loop_ticks(v->loop);
    for (struct notice *n = v->first; n != NULL; n = n->next) {
        if (n->is_under_way || n->due > now || channel_room(n->channel) == 0)
            continue;
        n->is_under_way = true;
        channel_send(n->channel, &n->letter, on_outcome, n);
    }
}

static void
add(struct vigil *v, struct channel *channel, const char *recipient, size_t size, struct letter *letter)
{
    char *to = strndup(recipient, size);
    struct notice *n = calloc(1, sizeof(*n));
    if (to == NULL || n == NULL)
        abort();
    *n = (struct notice){.vigil = v, .channel = channel, .pause = {.first_us = RETRY_FIRST_US, .most_us = RETRY_MOST_US}};
    n->due = loop_ticks(v->loop);
    n->gives_up = n->due + GIVE_UP_US;
    letter->recipient = to;
    letter_copy(&n->letter, letter);
    free(to);
    struct notice **end = &v->first;
    while (*end != NULL)
        end = &(*end)->next;
    *end = n;
    v->notices++;
}

/* The next of a list of recipients, behind `at`; NULL: none. */
static const char *
next_recipient(const char *at, size_t *ret_size)
{
    at += strspn(at, " ");
    *ret_size = strcspn(at, " ");
    return *ret_size > 0 ? at : NULL;
}

static void
add_all(struct vigil *v, struct letter *letter)
{
    size_t size;

    for (size_t i = 0; i < v->conf->channels; i++) {
        const char *to = v->conf->channel[i].troubles_to;
        for (to = to != NULL ? next_recipient(to, &size) : NULL; to != NULL; to = next_recipient(to + size, &size)) {
            if (v->notices < NOTICES_MOST)
                add(v, v->channel[i], to, size, letter);
        }
    }
    send_due(v);
}

/* ---- the record ---- */

/* An element of a PostgreSQL array, in quotes, of two words. */
static void
add_element(struct buf *out, const char *a, const char *b, size_t b_size)
{
    buf_add_text(out, out->size > 1 ? ",\"" : "\"");
    for (size_t i = 0, a_size = strlen(a); i < a_size + b_size; i++) {
        const char *at = i < a_size ? a + i : b + i - a_size;
        if (*at == '"' || *at == '\\')
            buf_add_text(out, "\\");
        buf_add(out, at, 1);
    }
    buf_add_text(out, "\"");
}

static void
list_told(struct vigil *v)
{
    char before[128];
    size_t size;

    buf_add_text(&v->told, "{");
    for (size_t i = 0; i < v->conf->channels; i++) {
        const char *to = v->conf->channel[i].troubles_to;
        snprintf(before, sizeof(before), "%s ", v->conf->channel[i].name);
        for (to = to != NULL ? next_recipient(to, &size) : NULL; to != NULL; to = next_recipient(to + size, &size))
            add_element(&v->told, before, to, size);
    }
    buf_add(&v->told, "}", 2);
}

static const char *
broker_of(const struct vigil *v, const struct watched *w)
{
    return w->kind == VIGIL_BROKER ? v->conf->broker[w->broker].name : "";
}

/* "database", "broker north". */
static const char *
name_of(const struct vigil *v, const struct watched *w, char out[320])
{
    const char *broker = broker_of(v, w);
    snprintf(out, 320, "%s%s%s", vigil_word[w->kind].name, broker[0] != '\0' ? " " : "", broker);
    return out;
}

static struct instant
instant_of(const struct vigil *v, int64_t ticks)
{
    return (struct instant){loop_now(v->loop).us - (loop_ticks(v->loop) - ticks)};
}

/* It is told, and lasts. */
static void
see(struct vigil *v, struct watched *w, const char *name, const char *why)
{
    int64_t now = loop_ticks(v->loop), each_us = v->conf->trouble.after_us;

    if (now - w->seen_us < (each_us < SEE_MOST_US ? each_us : SEE_MOST_US))
        return;
    w->seen_us = now;
    trouble_record_see(v->record, name, why, loop_now(v->loop));
}

static void
record(struct vigil *v, struct watched *w, enum trouble_word word, const char *why)
{
    char name[320];

    name_of(v, w, name);
    if (word == TROUBLE_BEGUN)
        w->seen_us = loop_ticks(v->loop);
    if (word == TROUBLE_BEGUN && w->kind == VIGIL_DATABASE)
        trouble_record_unstored(v->record, name, why, instant_of(v, w->trouble.begun_us));
    else if (word == TROUBLE_BEGUN)
        trouble_record_begin(v->record, name, why, instant_of(v, w->trouble.begun_us));
    else if (word == TROUBLE_OVER || (w->is_doubtful && !w->trouble.is_bad))
        trouble_record_end(v->record, name, instant_of(v, w->trouble.changed_us));
    else if (w->trouble.is_bad && w->trouble.is_told)
        see(v, w, name, why);
    if (word == TROUBLE_BEGUN || !w->trouble.is_bad)
        w->is_doubtful = false;
}

/* Of what stood on record before the start, that lasts which is bad now; and if it gets well before it is told, it is over. */
static void
settle(struct vigil *v)
{
    struct buf names = {0};
    char name[320];

    v->is_settled = true;
    buf_add_text(&names, "{");
    for (size_t i = 0; i < v->count; i++) {
        v->watched[i].is_doubtful = v->watched[i].trouble.is_bad;
        if (v->watched[i].is_doubtful)
            add_element(&names, "", name_of(v, &v->watched[i], name), strlen(name_of(v, &v->watched[i], name)));
    }
    buf_add(&names, "}", 2);
    trouble_record_settle(v->record, (const char *)names.at, loop_now(v->loop));
    buf_clear(&names);
}

/* ---- the words ---- */

static const char *
text_of(struct buf *b)
{
    buf_add(b, "", 1);
    return (const char *)b->at;
}

static void
tell(struct vigil *v, enum vigil_kind kind, const char *name, enum trouble_word word, int64_t begun_us, const char *why)
{
    static const char *const mark[] = {
        [TROUBLE_QUIET] = "", [TROUBLE_BEGUN] = "begun", [TROUBLE_LASTS] = "lasts", [TROUBLE_OVER] = "over"};
    struct instant now = loop_now(v->loop);
    struct instant begun = {now.us - (loop_ticks(v->loop) - begun_us)};
    struct buf text = {0}, json = {0};
    char since[INSTANT_TEXT], key[512], subject[512];
    bool is_over = word == TROUBLE_OVER;

    begun.us -= begun.us % 1000000;
    instant_format(begun, since);
    snprintf(key, sizeof(key), "%s-%s%s-%" PRId64 "-%s-%" PRId64, v->conf->instance, vigil_word[kind].name, name,
             begun.us / 1000000, mark[word], now.us / 1000000);
    snprintf(subject, sizeof(subject), "abate (%s): %s%s%s%s%s", v->conf->instance, is_over ? "已恢复 over: " : "",
             vigil_word[kind].zh, name[0] != '\0' ? " " : "", name, is_over ? "" : " / ");
    if (!is_over)
        strncat(subject, vigil_word[kind].en, sizeof(subject) - strlen(subject) - 1);
    vigil_write_text(&text, v->conf->instance, kind, is_over, since, why);
    struct letter letter = {.key = key, .subject = subject, .text = (char *)text_of(&text), .at = now};
    vigil_write_json(&json, v->conf->instance, &letter, kind, name, is_over, since, why);
    letter.json = (char *)text_of(&json);
    add_all(v, &letter);
    buf_clear(&text);
    buf_clear(&json);
}

/* ---- what is looked at ---- */

static bool
is_bad(const struct vigil *v, const struct watched *w, struct reason *why)
{
    uint64_t waiting, size = v->conf->journal.size_bytes;

    switch (w->kind) {
    case VIGIL_DATABASE:
        return !writer_is_storing(v->sight.writer, why);
    case VIGIL_BROKER:
        return !intake_is_up(v->sight.intake, w->broker, why);
    case VIGIL_FULL:
        return intake_is_full(v->sight.intake, why);
    case VIGIL_BACKLOG:
        waiting = writer_backlog(v->sight.writer);
        reason_set(why, "%" PRIu64 " of %" PRIu64 " bytes are not stored yet", waiting, size);
        return waiting > size / 100 * (uint64_t)v->conf->trouble.backlog;
    case VIGIL_ENDED:
        break;
    }
    return false;
}

static void
look_at(struct vigil *v, struct watched *w)
{
    struct reason why = {""};
    bool bad = is_bad(v, w, &why);
    enum trouble_word word = trouble_step(&w->trouble, &w->rule, bad, loop_ticks(v->loop));

    if (word != TROUBLE_QUIET)
        tell(v, w->kind, broker_of(v, w), word, w->trouble.begun_us, why.text);
    record(v, w, word, why.text);
}

static void
on_look(void *self)
{
    struct vigil *v = self;
    for (size_t i = 0; v->is_looking && i < v->count; i++)
        look_at(v, &v->watched[i]);
    if (v->is_looking && !v->is_settled && writer_is_storing(v->sight.writer, NULL))
        settle(v);
    send_due(v);
    loop_event_in(v->look, LOOK_US);
}

/* ---- its life ---- */

static void
add_watched(struct vigil *v, enum vigil_kind kind, size_t broker, int64_t after_us)
{
    struct trouble_rule rule = {after_us, v->conf->trouble.after_us / 5, v->conf->trouble.remind_us};
    v->watched[v->count++] = (struct watched){.kind = kind, .broker = broker, .rule = rule};
}

struct vigil *
vigil_new(struct loop *loop, const struct conf *conf, struct channel *const *channel)
{
    struct vigil *v = calloc(1, sizeof(*v));
    struct watched *watched = calloc(conf->brokers + 3, sizeof(*watched));
    if (v == NULL || watched == NULL)
        abort();
    *v = (struct vigil){.loop = loop, .conf = conf, .channel = channel, .watched = watched};
    add_watched(v, VIGIL_DATABASE, 0, conf->trouble.after_us);
    add_watched(v, VIGIL_BACKLOG, 0, 0);
    add_watched(v, VIGIL_FULL, 0, 0);
    for (size_t i = 0; i < conf->brokers; i++)
        add_watched(v, VIGIL_BROKER, i, conf->trouble.after_us);
    list_told(v);
    v->record = trouble_record_new(loop, conf, (const char *)v->told.at);
    v->look = loop_timer(loop, on_look, v);
    return v;
}

void
vigil_free(struct vigil *v)
{
    if (v == NULL)
        return;
    while (v->first != NULL)
        drop(v->first);
    loop_event_free(v->look);
    trouble_record_free(v->record);
    buf_clear(&v->told);
    free(v->watched);
    free(v);
}

void
vigil_start(struct vigil *v, const struct vigil_sight *sight)
{
    v->sight = *sight;
    v->is_looking = true;
    loop_event_in(v->look, LOOK_US);
}

void
vigil_take_over(struct vigil *v, const struct vigil *before)
{
    v->is_settled = before->is_settled;
    for (size_t i = 0; i < v->count; i++) {
        for (size_t k = 0; k < before->count; k++) {
            if (v->watched[i].kind != before->watched[k].kind || v->watched[i].broker != before->watched[k].broker)
                continue;
            v->watched[i].trouble = before->watched[k].trouble;
            v->watched[i].is_doubtful = before->watched[k].is_doubtful;
            v->watched[i].seen_us = before->watched[k].seen_us;
        }
    }
}

void
vigil_stop(struct vigil *v)
{
    v->is_looking = false;
}

void
vigil_tell_end(struct vigil *v, const char *why)
{
    tell(v, VIGIL_ENDED, "", TROUBLE_BEGUN, loop_ticks(v->loop), why);
    trouble_record_begin(v->record, vigil_word[VIGIL_ENDED].name, why, loop_now(v->loop));
}

bool
vigil_is_idle(const struct vigil *v)
{
    return v->first == NULL && trouble_record_is_idle(v->record);
}
