#include <stdio.h>
#include <string.h>

#include "ctl_evidence.h"
#include "ctl_rows.h"
#include "instant.h"
#include "text.h"

static const struct ctl_column breach_members[] = {
    {ID, "breach_id", CTL_NUMBER, {0}},
    {RULE, "rule", CTL_TEXT, {0}},
    {SEVERITY, "severity", CTL_TEXT, {0}},
    {PLANT, "plant_code", CTL_TEXT, {0}},
    {PLANT_NAME, "plant", CTL_TEXT, {0}},
    {MONITOR, "monitor_code", CTL_TEXT, {0}},
    {MONITOR_NAME, "monitor", CTL_TEXT, {0}},
    {PARAMETER, "parameter_code", CTL_TEXT, {0}},
    {PARAMETER_NAME, "parameter", CTL_TEXT, {0}},
    {PERIOD, "period", CTL_TEXT, {0}},
    {OPENED, "opened", CTL_TEXT, {0}},
    {CLOSED, "closed", CTL_TEXT, {0}},
    {WORST_AT, "worst_at", CTL_TEXT, {0}},
    {WORST, "worst", CTL_NUMBER, {0}},
    {BOUND, "bound", CTL_NUMBER, {0}},
    {UNIT, "unit", CTL_TEXT, {0}},
    {COUNT, "count", CTL_NUMBER, {0}},
    {STANDARD, "standard", CTL_TEXT, {0}},
    {CLAUSE, "clause", CTL_TEXT, {0}},
    {LIMIT, "limit_id", CTL_NUMBER, {0}},
    {SOURCE, "source", CTL_TEXT, {0}},
    {CONFIRMED, "confirmed_by", CTL_TEXT, {0}},
    {PLAN, "plan_code", CTL_TEXT, {0}},
    {VERSION, "plan_version", CTL_NUMBER, {0}},
    {COMMITMENT, "commitment_code", CTL_TEXT, {0}},
    {REASON, "reason", CTL_TEXT, {0}},
    {WITHDRAWN, "withdrawn_why", CTL_TEXT, {0}},
};
static const struct ctl_column reading_members[] = {
    {M_MONITOR, "monitor", CTL_TEXT, {0}},         {M_PERIOD, "period", CTL_TEXT, {0}},
    {M_NAME, "name", CTL_TEXT, {0}},               {M_VALUE, "value", CTL_NUMBER, {0}},
    {M_UNIT, "unit", CTL_TEXT, {0}},               {M_MARK, "mark", CTL_TEXT, {0}},
    {M_STORED, "stored", CTL_NUMBER, {0}},         {M_STORED_MARK, "stored_mark", CTL_TEXT, {0}},
};
#define COLUMNS(table) (sizeof(table) / sizeof((table)[0]))

static const char *const seal_name[] = {NULL, "recorded", "open", "unrecorded", "altered"};

static const char *
truth(bool is_true)
{
    return is_true ? "true" : "false";
}

static void
put_breach(const struct pg_result *r)
{
    ctl_print_rows(breach_members, COLUMNS(breach_members), r, true);
}

/* ---- a message ---- */

static void
add_bytes(struct buf *out, const char *name, const void *bytes, size_t size)
{
    struct buf text = {0};
    buf_add(&text, bytes, size);
    buf_add(&text, "", 1);
    ctl_add_text(out, name, (const char *)text.at);
    buf_clear(&text);
}

static void
add_hex(struct buf *out, const char *name, const unsigned char *bytes, size_t size)
{
    struct buf hex = {0};
    for (size_t i = 0; i < size; i++) {
        char pair[3];
        snprintf(pair, sizeof(pair), "%02x", bytes[i]);
        buf_add(&hex, pair, 2);
    }
    buf_add(&hex, "", 1);
    ctl_add_text(out, name, (const char *)hex.at);
    buf_clear(&hex);
}

static void
add_record(struct buf *out, const struct record *m)
{
    char at[INSTANT_TEXT];

    ctl_add_text(out, "arrived", instant_format(m->arrived, at));
    add_bytes(out, "broker", m->broker, m->broker_size);
    if (text_is_utf8(m->topic, m->topic_size))
        add_bytes(out, "topic", m->topic, m->topic_size);
    else
        ctl_add_text(out, "topic", text_quote(m->topic, m->topic_size).text);
    if (text_is_utf8(m->payload, m->payload_size)) {
        add_bytes(out, "payload", m->payload, m->payload_size);
    } else {
        ctl_add_plain(out, "payload", NULL);
        add_hex(out, "payload_hex", m->payload, m->payload_size);
    }
}

static void
begin_message(void *self, const struct evidence_message *message)
{
    static const char *const unknown[] = {"arrived", "broker", "topic", "payload"};
    struct ctl_evidence_told *told = self;
    struct buf *out = &told->out;

    told->readings = 0;
    buf_add_text(out, "{");
    ctl_add_count(out, "position", (int64_t)message->position);
    ctl_add_text(out, "journal", message->journal);
    if (message->record != NULL)
        add_record(out, message->record);
    for (size_t i = 0; message->record == NULL && i < sizeof(unknown) / sizeof(unknown[0]); i++)
        ctl_add_plain(out, unknown[i], NULL);
    ctl_add_text(out, "file", message->segment);
    ctl_add_text(out, "seal", seal_name[message->seal]);
    ctl_add_text(out, "missing", message->record == NULL ? message->why.text : NULL);
    ctl_add_plain(out, "readings", "[");
}

static void
add_reading(void *self, const struct evidence_reading *reading)
{
    struct ctl_evidence_told *told = self;
    struct buf *out = &told->out;
    char at[INSTANT_TEXT];

    buf_add_text(out, told->readings++ > 0 ? ", {" : "{");
    ctl_add_text(out, "at", instant_format((struct instant){pg_int(reading->from, reading->row, M_AT)}, at));
    ctl_add_members(out, reading_members, COLUMNS(reading_members), reading->from, reading->row);
    ctl_add_plain(out, "counts", truth(reading->is_current));
    ctl_add_plain(out, "proved", reading->is_held ? truth(reading->is_said) : NULL);
    ctl_add_text(out, "why", reading->is_held && !reading->is_said ? reading->why.text : NULL);
    buf_add_text(out, "}");
}

static void
put_message(void *self)
{
    struct ctl_evidence_told *told = self;
    buf_add_text(&told->out, "]}\n");
    ctl_put(&told->out);
}

/* ---- the end ---- */

static void
put_end(const struct evidence_counts *c)
{
    struct buf out = {0};

    buf_add_text(&out, "{");
    ctl_add_count(&out, "messages", (int64_t)c->messages);
    ctl_add_count(&out, "readings", (int64_t)c->readings);
    ctl_add_count(&out, "gone", (int64_t)c->gone);
    ctl_add_count(&out, "lost", (int64_t)c->lost);
    ctl_add_count(&out, "unproved", (int64_t)c->unproved);
    ctl_add_count(&out, "altered", (int64_t)c->altered);
    ctl_add_plain(&out, "proved", !evidence_is_right(c) ? "false" : c->messages > 0 ? "true" : NULL);
    buf_add_text(&out, "}\n");
    ctl_put(&out);
}

const struct ctl_evidence_voice ctl_evidence_json = {
    put_breach, {.on_message = begin_message, .on_reading = add_reading, .on_message_end = put_message}, put_end};
