#include "receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "form.h"
#include "log.h"
#include "payload.h"
#include "sheaf.h"
#include "text.h"

#define IN_FLIGHT_MOST 64 /* what the library holds for one broker at most: it keeps whatever it is given */
#define NOTES_MOST (4u << 20) /* bytes that may wait for a sync or a commit */

struct line { /* to a broker */
    struct mqtt *mqtt;
    const char *name;
    bool is_asked; /* one of its feeds wants receipts */
    struct sheaf sheaf;
    size_t in_flight;           /* publishes without a PUBACK */
    unsigned long long dropped; /* receipts, since the sheaf was last empty */
    bool was_refused;           /* said since the connection was made */
};

/* In front of topic and text, in a buf of notes. */
struct note {
    size_t line, topic_size, text_size;
};

struct receipt {
    const struct conf *conf;
    struct line *line;
    size_t lines;
    struct digest *digest;
    struct loop_event *send; /* deferred */
    struct buf unsynced, uncommitted;
    struct buf topic, text; /* of the receipt at hand, */
    struct buf payload;     /* of the publish */
    struct receipt_counts counts;
};

/* ---- to the broker ---- */

static void
drop(struct receipt *r, struct line *l, size_t receipts, const char *why)
{
    if (l->dropped == 0)
        log_warning("broker \"%s\": receipts are dropped: %s; their senders will send again", l->name, why);
    l->dropped += receipts;
    r->counts.dropped += receipts;
}

static void
emptied(struct line *l)
{
    if (l->dropped > 0)
        log_notice("broker \"%s\": receipts go again, %llu were dropped", l->name, l->dropped);
    l->dropped = 0;
}

static void
send_line(struct receipt *r, struct line *l)
{
    struct reason why;
    size_t count;
    int id;

    while (mqtt_is_up(l->mqtt) && l->in_flight < IN_FLIGHT_MOST) {
        count = sheaf_take(&l->sheaf, &r->topic, &r->payload);
        if (count == 0) {
            emptied(l);
            return;
        }
        if (!mqtt_publish(l->mqtt, (const char *)r->topic.at, r->payload.at, r->payload.size, &id, &why)) {
            drop(r, l, count, why.text);
            continue;
        }
        l->in_flight++;
        r->counts.sent += count;
    }
}

static void
on_send(void *self)
{
    struct receipt *r = self;
    for (size_t i = 0; i < r->lines; i++) {
        if (r->line[i].is_asked)
            send_line(r, &r->line[i]);
    }
}

void
receipt_on_up(struct receipt *r, size_t broker)
{
    r->line[broker].was_refused = false;
    loop_event_wake(r->send);
}

void
receipt_on_published(struct receipt *r, size_t broker, int reason_code)
{
    struct line *l = &r->line[broker];
    l->in_flight -= l->in_flight > 0;
    if (reason_code >= 128 && !l->was_refused) { /* MQTT 5, section 3.4.2.1 */
        l->was_refused = true;
        log_error("broker \"%s\": a receipt is refused (reason code 0x%02x); hint: may this client publish there?", l->name,
                  (unsigned)reason_code);
    }
    loop_event_wake(r->send);
}

/* ---- notes ---- */

static void
add_span(struct buf *topic, struct span name)
{
    if (name.at == NULL)
        return;
    buf_add_text(topic, "/");
    buf_add(topic, name.at, name.size);
}

static void
write_topic(struct buf *topic, const struct conf_feed *feed, const struct topic_names *names)
{
    buf_empty(topic);
    buf_add_text(topic, feed->receipt_topic);
    add_span(topic, names->plant);
    add_span(topic, names->monitor);
    add_span(topic, names->agency);
}

/* What names the message: its own words, and always its hash. */
static void
write_names(struct receipt *r, const struct conf_feed *feed, const void *payload, size_t size)
{
    unsigned char sum[DIGEST_SIZE];
    char text[DIGEST_TEXT];

    buf_empty(&r->text);
    buf_add_text(&r->text, "{");
    form_identify(feed->form, feed->profile, payload, size, &r->text);
    buf_add_text(&r->text, r->text.size > 1 ? ",\"sha256\":\"" : "\"sha256\":\"");
    digest_begin(r->digest);
    digest_add(r->digest, payload, size);
    digest_end(r->digest, sum);
    buf_add_text(&r->text, digest_text(sum, text));
}

static void
add_note(struct receipt *r, struct line *l, struct buf *notes)
{
    struct note note = {(size_t)(l - r->line), r->topic.size, r->text.size};

    if (notes->size + sizeof(note) + note.topic_size + note.text_size > NOTES_MOST) {
        drop(r, l, 1, "too many wait for the disk or the database");
        return;
    }
    buf_add(notes, &note, sizeof(note));
    buf_add(notes, r->topic.at, r->topic.size);
    buf_add(notes, r->text.at, r->text.size);
}

/* What the notes say is true now. */
static void
settle(struct receipt *r, struct buf *notes)
{
    struct note note;

    if (notes->size == 0)
        return;
    for (size_t at = 0; at < notes->size; at += sizeof(note) + note.topic_size + note.text_size) {
        memcpy(&note, notes->at + at, sizeof(note));
        const unsigned char *topic = notes->at + at + sizeof(note);
        struct line *l = &r->line[note.line];
        if (!sheaf_add(&l->sheaf, (const char *)topic, note.topic_size, topic + note.topic_size, note.text_size))
            drop(r, l, 1, "the broker takes them too slowly");
    }
    buf_empty(notes);
    on_send(r);
}

void
receipt_kept(struct receipt *r, size_t broker, const char *topic, const void *payload, size_t size)
{
    struct topic_names names;

    if (!r->line[broker].is_asked)
        return;
    const char *name = r->line[broker].name;
    const struct conf_feed *feed = conf_find_feed(r->conf, name, strlen(name), topic, strlen(topic), &names);
    if (feed == NULL || !feed->receipts)
        return;
    write_topic(&r->topic, feed, &names);
    write_names(r, feed, payload, size);
    buf_add_text(&r->text, "\",\"status\":\"kept\"}");
    add_note(r, &r->line[broker], &r->unsynced);
}

void
receipt_synced(struct receipt *r)
{
    settle(r, &r->unsynced);
}

void
receipt_rejected(struct receipt *r, const struct record *record, const char *reason, size_t stored)
{
    struct topic_names names;
    char status[64] = "rejected\"";

    const struct conf_feed *feed = conf_find_feed(r->conf, record->broker, record->broker_size, record->topic,
                                                  record->topic_size, &names);
    if (feed == NULL || !feed->receipts)
        return;
    write_topic(&r->topic, feed, &names);
    write_names(r, feed, record->payload, record->payload_size);
    if (stored > 0)
        snprintf(status, sizeof(status), "partial\",\"stored\":%zu", stored);
    buf_add_text(&r->text, "\",\"status\":\"");
    buf_add_text(&r->text, status);
    buf_add_text(&r->text, ",\"reason\":");
    size_t size = strlen(reason);
    if (text_is_utf8(reason, size))
        payload_add_string(&r->text, reason);
    else
        payload_add_string(&r->text, text_quote(reason, size).text);
    buf_add_text(&r->text, "}");
    add_note(r, &r->line[feed->broker - r->conf->broker], &r->uncommitted);
}

void
receipt_committed(struct receipt *r)
{
    settle(r, &r->uncommitted);
}

void
receipt_taken_back(struct receipt *r)
{
    buf_empty(&r->uncommitted);
}

/* ---- its life ---- */

void
receipt_change(struct receipt *r, const struct conf *conf)
{
    r->conf = conf;
    for (size_t i = 0; i < r->lines; i++) {
        r->line[i].name = conf->broker[i].name;
        r->line[i].is_asked = false;
    }
    for (size_t i = 0; i < conf->feeds; i++)
        r->line[conf->feed[i].broker - conf->broker].is_asked |= conf->feed[i].receipts;
}

struct receipt *
receipt_new(struct loop *loop, const struct conf *conf)
{
    struct receipt *r = calloc(1, sizeof(*r));
    if (r == NULL)
        abort();
    *r = (struct receipt){.lines = conf->brokers, .digest = digest_new()};
    r->line = calloc(r->lines, sizeof(*r->line));
    if (r->line == NULL)
        abort();
    receipt_change(r, conf);
    r->send = loop_deferred(loop, on_send, r);
    return r;
}

void
receipt_free(struct receipt *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->lines; i++)
        sheaf_clear(&r->line[i].sheaf);
    buf_clear(&r->unsynced);
    buf_clear(&r->uncommitted);
    buf_clear(&r->topic);
    buf_clear(&r->text);
    buf_clear(&r->payload);
    loop_event_free(r->send);
    digest_free(r->digest);
    free(r->line);
    free(r);
}

void
receipt_attach(struct receipt *r, size_t broker, struct mqtt *mqtt)
{
    r->line[broker].mqtt = mqtt;
}

struct receipt_counts
receipt_counts(const struct receipt *r)
{
    return r->counts;
}
