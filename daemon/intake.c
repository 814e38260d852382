#include "intake.h"

#include <stdlib.h>

#include "crash.h"
#include "log.h"
#include "mqtt.h"
#include "probe.h"

#define FULL_RETRY_US 1000000
#define PROBE_IN_US 2000000 /* after the first connection: a daemon that comes and goes does not try the broker */

struct source {
    struct intake *intake;
    struct mqtt *mqtt;
    size_t broker; /* conf->broker[broker] */
    struct probe *probe; /* NULL: none is wanted */
    struct loop_event *probe_in;
    bool was_up;
    struct intake_counts counts;
    struct reason down; /* why it is not connected, when it is not */
};

struct intake {
    struct loop *loop;
    struct journal *journal;
    struct receipt *receipt;
    struct intake_calls calls;
    void *self;
    struct source *source;
    size_t sources;
    struct loop_event *commit; /* deferred: the burst is over */
    struct loop_event *retry;  /* the journal was full */
    struct histogram syncs;
    bool is_full;
    struct reason full; /* what of, when it is */
    bool is_started;
    bool is_stopping;
};

static void
on_message(void *self, const char *topic, const void *payload, size_t size)
{
    struct source *s = self;
    struct intake *in = s->intake;

    journal_append(in->journal, loop_now(in->loop), mqtt_name(s->mqtt), topic, payload, size);
    receipt_kept(in->receipt, s->broker, topic, payload, size);
    s->counts.messages++;
    s->counts.bytes += size;
    loop_event_wake(in->commit);
}

/* ---- once, whether the broker keeps what it should ---- */

static void
await_probe(struct source *s)
{
    if (s->probe != NULL && !s->was_up)
        loop_event_in(s->probe_in, PROBE_IN_US);
    s->was_up = true;
}

static void
on_probe(void *self)
{
    struct source *s = self;
    probe_start(s->probe);
}

static void
on_probe_said(void *self, enum probe_word kind, const char *words)
{
    (void)self;
    switch (kind) {
    case PROBE_GOOD:
        log_notice("%s", words);
        return;
    case PROBE_ADVICE:
        log_warning("%s", words);
        return;
    case PROBE_FAULT:
        log_error("%s", words);
        return;
    }
}

static void
add_probe(struct source *s, const struct conf_broker *broker)
{
    static const struct probe_calls calls = {.on_said = on_probe_said};
    if (broker->probe == 0)
        return;
    s->probe = probe_new(s->intake->loop, broker, &calls, s);
    s->probe_in = loop_timer(s->intake->loop, on_probe, s);
}

static void
free_probes(struct intake *in)
{
    for (size_t i = 0; i < in->sources; i++) {
        loop_event_free(in->source[i].probe_in);
        probe_free(in->source[i].probe);
        in->source[i].probe = NULL;
        in->source[i].probe_in = NULL;
    }
}

/* ---- */

static void
on_up(void *self, bool session_present)
{
    (void)session_present;
    struct source *s = self;
    receipt_on_up(s->intake->receipt, s->broker);
    await_probe(s);
}

static void
on_down(void *self, const char *why)
{
    struct source *s = self;
    reason_set(&s->down, "%s", why);
    if (mqtt_is_contested(s->mqtt))
        s->intake->calls.on_contested(s->intake->self);
}

static void
on_published(void *self, int id, int reason_code)
{
    (void)id;
    struct source *s = self;
    receipt_on_published(s->intake->receipt, s->broker, reason_code);
}

static void
each_source(struct intake *in, void (*call)(struct mqtt *))
{
    for (size_t i = 0; i < in->sources; i++)
        call(in->source[i].mqtt);
}

static void
found_full(struct intake *in, const char *why)
{
    if (!in->is_full)
        log_error("journal: %s; nothing is read from the brokers until there is room", why);
    in->is_full = true;
    reason_set(&in->full, "%s", why);
    each_source(in, mqtt_halt); /* cut off, the same burst would come again, and never be acknowledged */
    if (!in->is_stopping)
        loop_event_in(in->retry, FULL_RETRY_US);
}

static void
found_room(struct intake *in)
{
    if (!in->is_full)
        return;
    log_notice("journal: there is room again");
    in->is_full = false;
}

static void
commit(struct intake *in)
{
    struct reason why;
    enum journal_sync done;
    int64_t begun = loop_ticks(in->loop);

    do
        done = journal_sync(in->journal, loop_now(in->loop), &why);
    while (done == JOURNAL_FULL && in->calls.make_room(in->self));
    switch (done) {
    case JOURNAL_SYNCED:
        histogram_add(&in->syncs, loop_ticks(in->loop) - begun);
        crash_before("receipts");
        receipt_synced(in->receipt);
        crash_before("release");
        each_source(in, mqtt_release);
        crash_after("release");
        found_room(in);
        in->calls.on_synced(in->self);
        return;
    case JOURNAL_FULL:
        found_full(in, why.text);
        in->calls.on_synced(in->self); /* what is durable may have grown all the same */
        return;
    case JOURNAL_BROKEN:
        each_source(in, mqtt_cut);
        in->calls.on_broken(in->self, why.text);
        return;
    }
}

static void
on_commit(void *self)
{
    commit(self);
}

static void
add_filters(const struct conf *conf, size_t broker, struct mqtt *mqtt, void (*add)(struct mqtt *, const char *))
{
    for (size_t i = 0; i < conf->feeds; i++) {
        char filter[256];
        if (conf->feed[i].broker != &conf->broker[broker])
            continue;
        topic_filter(&conf->feed[i].topic, filter, sizeof(filter));
        add(mqtt, filter);
    }
}

static bool
add_source(struct intake *in, const struct conf *conf, const struct conf_broker *broker, struct source *s,
           struct reason *why)
{
    static const struct mqtt_calls calls = {.on_message = on_message, .on_up = on_up, .on_down = on_down, .on_published = on_published};
    struct mqtt_settings settings = {.broker = broker, .is_gated = true, .memory = conf->journal.directory};

    s->intake = in;
    s->broker = (size_t)(broker - conf->broker);
    s->mqtt = mqtt_new(in->loop, &settings, &calls, s, why);
    if (s->mqtt == NULL)
        return false;
    in->sources++;
    receipt_attach(in->receipt, s->broker, s->mqtt);
    add_probe(s, broker);
    add_filters(conf, s->broker, s->mqtt, mqtt_add_filter);
    return true;
}

struct intake *
intake_new(struct loop *loop, const struct conf *conf, struct journal *journal, struct receipt *receipt,
           const struct intake_calls *calls, void *self, struct reason *why)
{
    struct intake *in = calloc(1, sizeof(*in));
    if (in == NULL)
        abort();
    *in = (struct intake){.loop = loop, .journal = journal, .receipt = receipt, .calls = *calls, .self = self};
    in->commit = loop_deferred(loop, on_commit, in);
    in->retry = loop_timer(loop, on_commit, in);
    in->source = calloc(conf->brokers, sizeof(*in->source));
    if (in->source == NULL)
        abort();
    for (size_t i = 0; i < conf->brokers; i++) {
        if (!add_source(in, conf, &conf->broker[i], &in->source[i], why)) {
            intake_free(in);
            return NULL;
        }
    }
    return in;
}

void
intake_free(struct intake *in)
{
    free_probes(in);
    each_source(in, mqtt_free);
    loop_event_free(in->commit);
    loop_event_free(in->retry);
    free(in->source);
    free(in);
}

void
intake_start(struct intake *in)
{
    in->is_started = true;
    each_source(in, mqtt_start);
}

/* What is not acknowledged by now the broker sends to whom it has next. */
void
intake_stand_by(struct intake *in)
{
    in->is_started = false;
    if (!in->is_full)
        commit(in);
    each_source(in, mqtt_cut);
}

/* A probe holds on to its settings: one that is not over is given up, and what it would have found is said at the next start. */
void
intake_change(struct intake *in, const struct conf *conf)
{
    free_probes(in);
    for (size_t i = 0; i < in->sources; i++) {
        struct source *s = &in->source[i];
        mqtt_begin_change(s->mqtt, &conf->broker[i]);
        add_filters(conf, i, s->mqtt, mqtt_add_filter);
        mqtt_end_change(s->mqtt);
        if (!s->was_up)
            add_probe(s, &conf->broker[i]);
    }
}

void
intake_stop(struct intake *in)
{
    in->is_stopping = true;
    free_probes(in);
    if (!in->is_full)
        commit(in);
    loop_event_cancel(in->retry);
    each_source(in, in->is_full ? mqtt_cut : mqtt_stop);
}

bool
intake_is_down(const struct intake *in)
{
    for (size_t i = 0; i < in->sources; i++) {
        if (!mqtt_is_down(in->source[i].mqtt))
            return false;
    }
    return true;
}

bool
intake_is_up(const struct intake *in, size_t broker, struct reason *why)
{
    const struct source *s = &in->source[broker];
    if (in->is_full || !in->is_started || mqtt_is_up(s->mqtt))
        return true;
    return reason_set(why, "%s", s->down.text[0] != '\0' ? s->down.text : "no connection yet");
}

bool
intake_is_standing_by(const struct intake *in)
{
    return !in->is_started;
}

bool
intake_is_full(const struct intake *in, struct reason *why)
{
    if (in->is_full)
        reason_set(why, "%s", in->full.text);
    return in->is_full;
}

unsigned long long
intake_messages(const struct intake *in)
{
    unsigned long long messages = 0;
    for (size_t i = 0; i < in->sources; i++)
        messages += in->source[i].counts.messages;
    return messages;
}

struct intake_counts
intake_counts(const struct intake *in, size_t broker)
{
    return in->source[broker].counts;
}

const struct histogram *
intake_syncs(const struct intake *in)
{
    return &in->syncs;
}
