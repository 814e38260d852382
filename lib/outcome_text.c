#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outcome.h"
#include "payload.h"
#include "table.h"
#include "text.h"

static void say(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
say(struct buf *out, const char *format, ...)
{
    char line[2048];
    va_list ap;
    va_start(ap, format);
    vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    buf_add_text(out, line);
}

static struct quoted
quote(struct span s)
{
    return text_quote(s.at, s.size);
}

static struct quoted
quote_text(const char *text)
{
    return text_quote(text, strlen(text));
}

static const char *
plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- readings and slots ---- */

struct number {
    char text[40];
};

static struct number
number(double value)
{
    struct number n = {""};
    struct buf b = {0};

    if (!isnan(value))
        payload_add_number(&b, value);
    buf_add(&b, "", 1);
    snprintf(n.text, sizeof(n.text), "%s", (const char *)b.at);
    buf_clear(&b);
    return n;
}

static void
write_readings(const struct outcome *o, const struct measurement *me, struct buf *out)
{
    static const struct table_column column[] = {{"name", 0, false}, {"value", 0, true}, {"unit", 0, false}, {"mark", 0, false}};
    struct table t;

    table_init(&t, column, 4);
    for (size_t i = me->first; i < me->first + me->count; i++) {
        const struct reading *r = &o->message.reading[i];
        struct quoted name = quote(r->name), unit = quote(r->unit), mark = text_quote(&r->mark, 1);
        struct number value = number(r->value);
        table_add(&t, (const char *const[]){name.text, value.text, unit.text, mark.text});
    }
    table_write(&t, out);
    table_clear(&t);
}

static void
write_slots(const struct sample *s, struct buf *out)
{
    static const struct table_column column[] = {
        {"slot", 0, true}, {"series", 0, false}, {"value", 0, true}, {"unit", 0, false}, {"mark", 0, false}};
    struct table t;

    table_init(&t, column, 5);
    for (uint16_t slot = 0; slot < s->slots; slot++) {
        const struct slot *its = s->feed->slot[slot];
        if (its == NULL || (isnan(s->value[slot]) && s->mark[slot] == 'N'))
            continue;
        struct number at = number(slot + 1), value = number(s->value[slot]);
        const char mark[] = {s->mark[slot], '\0'};
        table_add(&t, (const char *const[]){at.text, its->name, value.text, its->stored->unit, mark});
    }
    table_write(&t, out);
    table_clear(&t);
}

/* ---- a measurement ---- */

/* An instant that stands for what a clock shows. */
static const char *
clock_of(struct instant at, char out[INSTANT_TEXT])
{
    instant_format(at, out);
    out[strcspn(out, "Z")] = '\0';
    return out;
}

static void
write_monitor(const struct outcome *o, const struct measurement *me, struct buf *out)
{
    if (me->monitor.at != NULL)
        say(out, "monitor      %s\n", quote(me->monitor).text);
    else if (o->terms->names.monitor.at != NULL)
        say(out, "monitor      %s (from the topic)\n", quote(o->terms->names.monitor).text);
    else
        say(out, "monitor      %s\n", o->terms->is_named ? "(from the topic)" : "(neither topic nor payload say it)");
}

/* As it was sent, the zone it was taken to be of where it names none, and as an instant. */
static void
write_time(const struct outcome *o, const struct measurement *me, struct buf *out)
{
    char text[INSTANT_TEXT], zone[INSTANT_ZONE_TEXT];
    struct outcome_time time = outcome_time(o, me);

    say(out, "time         ");
    if (me->time.at != NULL)
        say(out, "%s", quote(me->time).text);
    else if (me->is_local)
        say(out, "%s", clock_of(me->at, text));
    if (time.is_local)
        say(out, " (%s%s)", instant_format_zone(time.zone_s, zone), o->terms->registry != NULL ? ", the monitor's" : "");
    if (time.is_known)
        say(out, "%s%s", me->time.at != NULL || me->is_local ? " = " : "", instant_format(time.at, text));
    say(out, "\n");
}

static void
write_row(const struct outcome_row *row, bool is_reissue, struct buf *out)
{
    const struct sample *s = &row->sample;
    char text[INSTANT_TEXT];

    if (!row->is_kept) {
        say(out, "row          none\n");
        return;
    }
    const struct monitor *m = s->feed->monitor;
    say(out, "row          of abate.sample: feed %d (plant %s, monitor %s, %s), at %s\n", s->feed->feed_id,
        quote_text(m->plant).text, quote_text(m->code).text, period_name[s->feed->period], instant_format(s->at, text));
    write_slots(s, out);
    if (s->at.us <= s->feed->last.us)
        say(out, "merge        as it is not after the newest row of the feed, %s: what is stored of this instant %s\n",
            instant_format(s->feed->last, text), is_reissue ? "gives way where it differs" : "stays");
}

static void
write_measurement(const struct outcome *o, size_t index, struct buf *out)
{
    const struct measurement *me = &o->message.measurement[index];

    if (o->message.measurements > 1)
        say(out, "measurement  %zu of %zu\n", index + 1, o->message.measurements);
    write_monitor(o, me, out);
    write_time(o, me, out);
    say(out, "period       %s\n", period_name[me->period]);
    if (me->is_reissue)
        say(out, "reissue      yes: it corrects what was sent before\n");
    write_readings(o, me, out);
    if (o->terms->registry != NULL)
        write_row(&o->row[index], me->is_reissue, out);
    say(out, "\n");
}

/* ---- all of it ---- */

static void
write_reasons(const struct outcome *o, const char *first, const char *further, struct buf *out)
{
    const char *why = (const char *)o->reasons.at;

    for (size_t i = 0; i < o->reason_count; i++, why += strlen(why) + 1)
        say(out, "%s%s\n", i == 0 ? first : further, why);
}

/* What goes into abate.rejected_message. */
static void
write_reject(const struct outcome *o, struct buf *out)
{
    say(out, "reject       of abate.rejected_message: %zu fault%s, %zu reading%s of it stored; its reason is the first:\n",
        o->reason_count, plural(o->reason_count), o->readings, plural(o->readings));
}

static void
write_verdict(const struct outcome *o, struct buf *out)
{
    say(out, "%s", outcome_verdict_name[outcome_verdict(o)]);
    if (o->terms->form->is_statement)
        say(out, ": statements, which only the database can try");
    else
        say(out, ": %zu reading%s of %zu measurement%s", o->readings, plural(o->readings), o->rows_kept,
            plural(o->rows_kept));
    say(out, "\n");
}

void
outcome_write_text(const struct outcome *o, struct buf *out)
{
    for (size_t i = 0; i < o->message.measurements; i++)
        write_measurement(o, i, out);
    if (o->reason_count > 0 && o->terms->registry != NULL)
        write_reject(o, out);
    write_reasons(o, o->is_refused ? "refused      " : "left out     ", "             ", out);
    if (!o->is_refused)
        write_verdict(o, out);
}

static void
write_measurement_line(const struct outcome *o, size_t index, struct buf *out)
{
    const struct measurement *me = &o->message.measurement[index];
    const struct outcome_row *row = &o->row[index];
    struct span monitor = me->monitor.at != NULL ? me->monitor : o->terms->names.monitor;
    char text[INSTANT_TEXT];
    size_t readings = row->is_kept ? row->sample.readings : 0;

    say(out, "  %s  %s  %s  %zu reading%s\n", monitor.at != NULL ? quote(monitor).text : "(from the topic)",
        row->is_kept ? instant_format(row->sample.at, text) : "not taken", period_name[me->period], readings,
        plural(readings));
}

void
outcome_write_lines(const struct outcome *o, uint64_t line, struct buf *out)
{
    const char *verdict = outcome_verdict_name[outcome_verdict(o)];

    for (size_t i = 0; i < o->message.measurements; i++) {
        say(out, "%7" PRIu64 "  %-7s", line, verdict);
        write_measurement_line(o, i, out);
    }
    char first[64];
    snprintf(first, sizeof(first), "%7" PRIu64 "  %-7s  ", line, o->message.measurements > 0 ? "" : verdict);
    write_reasons(o, first, first, out);
    if (o->message.measurements == 0 && o->reason_count == 0)
        say(out, "%s\n", first);
}
