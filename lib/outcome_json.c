#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "outcome.h"
#include "payload.h"
#include "text.h"

static void
add_integer(struct buf *out, int64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, number);
    buf_add_text(out, text);
}

static void
add_number(struct buf *out, double value)
{
    if (isnan(value))
        buf_add_text(out, "null");
    else
        payload_add_number(out, value);
}

/* What is no text is told as people are told it. */
static void
add_span(struct buf *out, struct span s)
{
    if (s.at == NULL) {
        buf_add_text(out, "null");
        return;
    }
    if (!text_is_utf8(s.at, s.size)) {
        payload_add_string(out, text_quote(s.at, s.size).text);
        return;
    }
    struct buf text = {0};
    buf_add(&text, s.at, s.size);
    buf_add(&text, "", 1);
    payload_add_string(out, (const char *)text.at);
    buf_clear(&text);
}

static void
add_mark(struct buf *out, char mark)
{
    add_span(out, (struct span){&mark, 1});
}

/* "2020-11-02T00:15:00Z" */
static void
add_instant(struct buf *out, struct instant at)
{
    char text[INSTANT_TEXT];
    instant_format(at, text);
    text[10] = 'T';
    payload_add_string(out, text);
}

static void
add_bool(struct buf *out, bool value)
{
    buf_add_text(out, value ? "true" : "false");
}

static void
add_readings(const struct outcome *o, const struct measurement *me, struct buf *out)
{
    buf_add_text(out, ",\"readings\":[");
    for (size_t i = me->first; i < me->first + me->count; i++) {
        const struct reading *r = &o->message.reading[i];
        buf_add_text(out, i > me->first ? ",{\"name\":" : "{\"name\":");
        add_span(out, r->name);
        buf_add_text(out, ",\"value\":");
        add_number(out, r->value);
        buf_add_text(out, ",\"unit\":");
        add_span(out, r->unit);
        buf_add_text(out, ",\"mark\":");
        add_mark(out, r->mark);
        buf_add_text(out, "}");
    }
    buf_add_text(out, "]");
}

static void
add_slots(const struct sample *s, struct buf *out)
{
    bool is_begun = false;

    for (uint16_t slot = 0; slot < s->slots; slot++) {
        const struct slot *its = s->feed->slot[slot];
        if (its == NULL || (isnan(s->value[slot]) && s->mark[slot] == 'N'))
            continue;
        buf_add_text(out, is_begun ? ",{\"slot\":" : "{\"slot\":");
        add_integer(out, slot + 1);
        buf_add_text(out, ",\"series\":");
        payload_add_string(out, its->name);
        buf_add_text(out, ",\"value\":");
        add_number(out, s->value[slot]);
        buf_add_text(out, ",\"unit\":");
        payload_add_string(out, its->stored->unit);
        buf_add_text(out, ",\"mark\":");
        add_mark(out, s->mark[slot]);
        buf_add_text(out, "}");
        is_begun = true;
    }
}

static void
add_row(const struct outcome_row *row, struct buf *out)
{
    const struct sample *s = &row->sample;

    buf_add_text(out, ",\"row\":");
    if (!row->is_kept) {
        buf_add_text(out, "null");
        return;
    }
    buf_add_text(out, "{\"feed_id\":");
    add_integer(out, s->feed->feed_id);
    buf_add_text(out, ",\"plant\":");
    payload_add_string(out, s->feed->monitor->plant);
    buf_add_text(out, ",\"monitor\":");
    payload_add_string(out, s->feed->monitor->code);
    buf_add_text(out, ",\"at\":");
    add_instant(out, s->at);
    buf_add_text(out, ",\"is_newest\":");
    add_bool(out, s->at.us > s->feed->last.us);
    buf_add_text(out, ",\"slots\":[");
    add_slots(s, out);
    buf_add_text(out, "]}");
}

static void
add_measurement(const struct outcome *o, size_t index, struct buf *out)
{
    const struct measurement *me = &o->message.measurement[index];
    struct outcome_time time = outcome_time(o, me);
    char zone[INSTANT_ZONE_TEXT];

    buf_add_text(out, index > 0 ? ",{\"monitor\":" : "{\"monitor\":");
    add_span(out, me->monitor.at != NULL ? me->monitor : o->terms->names.monitor);
    buf_add_text(out, ",\"time\":");
    add_span(out, me->time);
    buf_add_text(out, ",\"zone\":");
    if (time.is_local)
        payload_add_string(out, instant_format_zone(time.zone_s, zone));
    else
        buf_add_text(out, "null");
    buf_add_text(out, ",\"at\":");
    if (time.is_known)
        add_instant(out, time.at);
    else
        buf_add_text(out, "null");
    buf_add_text(out, ",\"period\":");
    payload_add_string(out, period_name[me->period]);
    buf_add_text(out, ",\"is_reissue\":");
    add_bool(out, me->is_reissue);
    add_readings(o, me, out);
    buf_add_text(out, ",\"is_kept\":");
    add_bool(out, o->row[index].is_kept);
    if (o->terms->registry != NULL)
        add_row(&o->row[index], out);
    buf_add_text(out, "}");
}

void
outcome_write_json(const struct outcome *o, uint64_t line, struct buf *out)
{
    const char *why = (const char *)o->reasons.at;

    buf_add_text(out, "{");
    if (line > 0) {
        buf_add_text(out, "\"line\":");
        add_integer(out, (int64_t)line);
        buf_add_text(out, ",");
    }
    buf_add_text(out, "\"verdict\":");
    payload_add_string(out, outcome_verdict_name[outcome_verdict(o)]);
    buf_add_text(out, ",\"measurements\":[");
    for (size_t i = 0; i < o->message.measurements; i++)
        add_measurement(o, i, out);
    buf_add_text(out, "],\"reasons\":[");
    for (size_t i = 0; i < o->reason_count; i++, why += strlen(why) + 1) {
        if (i > 0)
            buf_add_text(out, ",");
        payload_add_string(out, why);
    }
    buf_add_text(out, "]}");
}
