/* service_metrics: the table of what is told to Prometheus. One row, one metric. */
#include <string.h>

#include "metrics.h"
#include "service_own.h"

struct page {
    struct buf *out;
    struct service *service;
    const struct metric *metric; /* the row at hand */
};

static const struct service_sight *
sight(const struct page *p)
{
    return &p->service->sight;
}

static void
add(const struct page *p, const char *name, const char *value, uint64_t count)
{
    metrics_count(p->out, p->metric, (const struct metric_label[]){{name, value}, {NULL, NULL}}, count);
}

/* ---- the program ---- */

static void
build_info(const struct page *p)
{
    metrics_count(p->out, p->metric,
                  (const struct metric_label[]){
                      {"version", ABATE_VERSION}, {"instance_name", sight(p)->conf->instance}, {NULL, NULL}},
                  1);
}

static void
start_time(const struct page *p)
{
    metrics_seconds(p->out, p->metric, NULL, p->service->started.us);
}

static void
reload_succeeded(const struct page *p)
{
    metrics_count(p->out, p->metric, NULL, p->service->stale.text[0] == '\0');
}

static void
reload_time(const struct page *p)
{
    metrics_seconds(p->out, p->metric, NULL, p->service->reloaded.us);
}

static void
loop_lag(const struct page *p)
{
    metrics_histogram(p->out, p->metric, &p->service->lag);
}

/* ---- brokers ---- */

static void
on_duty(const struct page *p)
{
    const char *duty = sight(p)->conf->duty;
    const struct metric_label shared[] = {{"duty", duty}, {NULL, NULL}};
    metrics_count(p->out, p->metric, duty != NULL ? shared : NULL, !intake_is_standing_by(sight(p)->intake));
}

static void
broker_connected(const struct page *p)
{
    struct reason why;
    for (size_t i = 0; i < sight(p)->conf->brokers; i++)
        add(p, "broker", sight(p)->conf->broker[i].name,
            !intake_is_full(sight(p)->intake, &why) && !intake_is_standing_by(sight(p)->intake) &&
                intake_is_up(sight(p)->intake, i, &why));
}

static void
broker_messages(const struct page *p)
{
    for (size_t i = 0; i < sight(p)->conf->brokers; i++)
        add(p, "broker", sight(p)->conf->broker[i].name, intake_counts(sight(p)->intake, i).messages);
}

static void
broker_bytes(const struct page *p)
{
    for (size_t i = 0; i < sight(p)->conf->brokers; i++)
        add(p, "broker", sight(p)->conf->broker[i].name, intake_counts(sight(p)->intake, i).bytes);
}

/* ---- journal ---- */

static void
journal_size(const struct page *p)
{
    metrics_count(p->out, p->metric, NULL, journal_bytes(sight(p)->journal));
}

static void
journal_most(const struct page *p)
{
    metrics_count(p->out, p->metric, NULL, sight(p)->conf->journal.size_bytes);
}

static void
journal_full(const struct page *p)
{
    struct reason why;
    metrics_count(p->out, p->metric, NULL, intake_is_full(sight(p)->intake, &why));
}

static void
journal_unwritten(const struct page *p)
{
    metrics_count(p->out, p->metric, NULL, writer_backlog(sight(p)->writer));
}

static void
journal_unwritten_age(const struct page *p)
{
    metrics_seconds(p->out, p->metric, NULL, service_behind_us(p->service));
}

static void
journal_sync_seconds(const struct page *p)
{
    metrics_histogram(p->out, p->metric, intake_syncs(sight(p)->intake));
}

/* ---- feeds ---- */

static const char *
feed_name(const struct page *p, size_t i)
{
    return i < sight(p)->conf->feeds ? sight(p)->conf->feed[i].name : "";
}

static void
feed_counts(const struct page *p, size_t offset)
{
    const struct tally *t = writer_tally(sight(p)->writer);
    for (size_t i = 0; i < t->feeds; i++)
        add(p, "feed", feed_name(p, i), *(const uint64_t *)((const char *)&t->feed[i] + offset));
}

static void
feed_messages(const struct page *p)
{
    feed_counts(p, offsetof(struct tally_counts, messages));
}

static void
feed_stored(const struct page *p)
{
    feed_counts(p, offsetof(struct tally_counts, stored));
}

static void
feed_readings(const struct page *p)
{
    feed_counts(p, offsetof(struct tally_counts, readings));
}

static void
feed_duplicates(const struct page *p)
{
    feed_counts(p, offsetof(struct tally_counts, duplicates));
}

static void
add_rejects(const struct page *p, const char *feed, const char *reason, uint64_t count)
{
    metrics_count(p->out, p->metric,
                  (const struct metric_label[]){{"feed", feed}, {"reason", reason}, {NULL, NULL}}, count);
}

/* What no feed takes has an empty name of a feed; likewise statements, of which the database says only how many. */
static void
feed_rejects(const struct page *p)
{
    const struct tally *t = writer_tally(sight(p)->writer);
    for (size_t i = 0; i <= t->feeds; i++) {
        for (int kind = 0; kind < FAULT_KINDS; kind++) {
            if ((kind == FAULT_TOPIC) == (i == t->feeds))
                add_rejects(p, feed_name(p, i), fault_kind_name[kind], t->feed[i].rejects[kind]);
        }
    }
    add_rejects(p, "", "statement", writer_counts(sight(p)->writer).statement_rejects);
}

/* ---- database ---- */

static void
database_connected(const struct page *p)
{
    struct reason why;
    metrics_count(p->out, p->metric, NULL, writer_is_storing(sight(p)->writer, &why));
}

static void
commit_seconds(const struct page *p)
{
    metrics_histogram(p->out, p->metric, writer_commits(sight(p)->writer));
}

static void
writer_count(const struct page *p, size_t offset)
{
    struct writer_counts c = writer_counts(sight(p)->writer);
    metrics_count(p->out, p->metric, NULL, *(const unsigned long long *)((const char *)&c + offset));
}

static void
messages_merged(const struct page *p)
{
    writer_count(p, offsetof(struct writer_counts, merged));
}

static void
readings_revised(const struct page *p)
{
    writer_count(p, offsetof(struct writer_counts, revised));
}

static void
warnings_opened(const struct page *p)
{
    writer_count(p, offsetof(struct writer_counts, opened));
}

static void
warnings_closed(const struct page *p)
{
    writer_count(p, offsetof(struct writer_counts, closed));
}

static void
evidence_recorded(const struct page *p)
{
    struct reason why;
    metrics_count(p->out, p->metric, NULL, writer_is_recording(sight(p)->writer, &why));
}

/* ---- judge ---- */

static void
judged_at(const struct page *p)
{
    if (sight(p)->conf->judge.is_enabled)
        metrics_seconds(p->out, p->metric, NULL, judge_judged(sight(p)->judge).us);
}

static void
figures(const struct page *p, const char *name, const char *label)
{
    const struct judge_figure *f;
    size_t count = judge_figures(sight(p)->judge, &f);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(f[i].name, name) == 0)
            add(p, label, f[i].label, (uint64_t)f[i].value);
    }
}

static void
breaches_open(const struct page *p)
{
    figures(p, "breaches_open", "rule");
}

static void
deliveries(const struct page *p)
{
    figures(p, "deliveries", "state");
}

/* ---- to people and plants ---- */

static void
letters(const struct page *p)
{
    struct tries_counts c = notifier_counts(sight(p)->notifier);
    add(p, "outcome", "sent", c.sent);
    add(p, "outcome", "failed", c.failed);
}

static void
receipts(const struct page *p)
{
    struct receipt_counts c = receipt_counts(sight(p)->receipt);
    add(p, "outcome", "sent", c.sent);
    add(p, "outcome", "dropped", c.dropped);
}

/* ---- */

static const struct row {
    struct metric metric;
    void (*write)(const struct page *p);
} rows[] = {
    {{"abate_build_info", METRIC_GAUGE, "1; which abated this is."}, build_info},
    {{"process_start_time_seconds", METRIC_GAUGE, "When it was started, in seconds since 1970."}, start_time},
    {{"abate_config_last_reload_successful", METRIC_GAUGE, "0: the configuration was read again and is wrong; the one before is in force."},
     reload_succeeded},
    {{"abate_config_last_reload_success_timestamp_seconds", METRIC_GAUGE, "When the configuration in force was read, in seconds since 1970."},
     reload_time},
    {{"abate_loop_lag_seconds", METRIC_HISTOGRAM, "How much later than due a timer of the event loop ran, each second."}, loop_lag},
    {{"abate_on_duty", METRIC_GAUGE, "1: takes from its brokers; 0: stands by for the daemon that has the duty."}, on_duty},
    {{"abate_broker_connected", METRIC_GAUGE, "1: messages are taken from this broker."}, broker_connected},
    {{"abate_broker_messages_total", METRIC_COUNTER, "Messages taken into the journal."}, broker_messages},
    {{"abate_broker_payload_bytes_total", METRIC_COUNTER, "Bytes of their payloads."}, broker_bytes},
    {{"abate_journal_size_bytes", METRIC_GAUGE, "What the journal takes of the disk."}, journal_size},
    {{"abate_journal_most_bytes", METRIC_GAUGE, "What it may take: size in abated.conf(5)."}, journal_most},
    {{"abate_journal_full", METRIC_GAUGE, "1: the journal or its disk is full, nothing is taken from any broker."}, journal_full},
    {{"abate_journal_unwritten_bytes", METRIC_GAUGE, "Bytes of the journal that are not in the database yet."}, journal_unwritten},
    {{"abate_journal_unwritten_age_seconds", METRIC_GAUGE, "How long ago the oldest message came that is not in the database yet; 0: all are."},
     journal_unwritten_age},
    {{"abate_journal_sync_seconds", METRIC_HISTOGRAM, "How long it took to bring a burst of messages to disk."}, journal_sync_seconds},
    {{"abate_feed_messages_total", METRIC_COUNTER, "Messages decoded and committed, stored or rejected."}, feed_messages},
    {{"abate_feed_messages_stored_total", METRIC_COUNTER, "Those of which something is stored."}, feed_stored},
    {{"abate_feed_readings_total", METRIC_COUNTER, "Readings in them."}, feed_readings},
    {{"abate_feed_readings_duplicate_total", METRIC_COUNTER, "Those that were stored already, with the same value."}, feed_duplicates},
    {{"abate_feed_rejects_total", METRIC_COUNTER, "Messages rejected, wholly or in part, by what was wrong with them first; of no feed: its name is empty."},
     feed_rejects},
    {{"abate_database_connected", METRIC_GAUGE, "1: messages can be stored."}, database_connected},
    {{"abate_commit_seconds", METRIC_HISTOGRAM, "How long a transaction took, from begin to commit."}, commit_seconds},
    {{"abate_messages_merged_total", METRIC_COUNTER, "Messages of an instant that was stored already."}, messages_merged},
    {{"abate_readings_revised_total", METRIC_COUNTER, "Readings that were stored already, with another value."}, readings_revised},
    {{"abate_warnings_opened_total", METRIC_COUNTER, "Breaches of early warning opened."}, warnings_opened},
    {{"abate_warnings_closed_total", METRIC_COUNTER, "Breaches of early warning closed."}, warnings_closed},
    {{"abate_evidence_recorded", METRIC_GAUGE, "0: closed segments of the journal are not recorded any more."}, evidence_recorded},
    {{"abate_judged_timestamp_seconds", METRIC_GAUGE, "When the last judgement was over, in seconds since 1970; 0: none yet."}, judged_at},
    {{"abate_breaches_open", METRIC_GAUGE, "Open breaches in the database, by rule, as of the last judgement."}, breaches_open},
    {{"abate_deliveries", METRIC_GAUGE, "Messages to people, by state, as of the last judgement: those that wait, and those of the last day."}, deliveries},
    {{"abate_letters_total", METRIC_COUNTER, "Tries to send one, by what came of it."}, letters},
    {{"abate_receipts_total", METRIC_COUNTER, "Receipts to plants."}, receipts},
};

void
service_metrics(struct service *s, const struct http_request *request, struct http_answer *ret)
{
    (void)request;
    for (const struct row *row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++) {
        metrics_begin(ret->body, &row->metric);
        row->write(&(struct page){ret->body, s, &row->metric});
    }
    ret->status = 200;
    ret->type = "text/plain; version=0.0.4; charset=utf-8";
}
