#include "sample.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* One measurement being judged. */
struct trial {
    struct registry *registry;
    const struct topic_names *names;
    const struct sample_window *window;
    struct instant arrived;
    struct message *message;
    const struct measurement *measurement;
    struct place place;
};

static bool
same(struct span a, const char *b)
{
    return strlen(b) == a.size && memcmp(a.at, b, a.size) == 0;
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

/* The name in the topic must be that of the registered monitor. */
static bool
check_owner(struct span said, const char *what, const char *registered, const struct monitor *m,
            struct reason *why)
{
    if (said.at == NULL || same(said, registered))
        return true;
    return reason_set(why, "monitor \"%s\" is of %s \"%s\", not of \"%s\" as the topic says",
                      quote_text(m->code).text, what, quote_text(registered).text, quote(said).text);
}

/* Whose it is; NULL if topic, payload and registry do not agree. */
static const struct monitor *
find_monitor(const struct trial *t, struct reason *why)
{
    struct span topic = t->names->monitor;
    struct span payload = t->measurement->monitor;
    struct span code = payload.at != NULL ? payload : topic;

    if (code.at == NULL) {
        reason_set(why, "%s\"monitor\": missing, and the topic does not say it", t->place.text);
        return NULL;
    }
    if (topic.at != NULL && (topic.size != code.size || memcmp(topic.at, code.at, code.size) != 0)) {
        reason_set(why, "%s\"monitor\": \"%s\", but \"%s\" in the topic", t->place.text, quote(payload).text,
                   quote(topic).text);
        return NULL;
    }
    const struct monitor *m = registry_find_monitor(t->registry, code.at, code.size);
    if (m == NULL) {
        reason_set(why, "unknown monitor \"%s\" (not in abate.monitor)", quote(code).text);
        return NULL;
    }
    bool agrees = check_owner(t->names->plant, "plant", m->plant, m, why) &&
                  check_owner(t->names->region, "region", m->region, m, why);
    return agrees ? m : NULL;
}

static struct feed *
find_feed(const struct monitor *m, enum period period, struct reason *why)
{
    if (m->feed[period] != NULL)
        return m->feed[period];

    char has[64] = "";
    for (int i = 0; i < PERIODS; i++) {
        size_t used = strlen(has);
        if (m->feed[i] != NULL)
            snprintf(has + used, sizeof(has) - used, "%s%s", used > 0 ? ", " : "", period_name[i]);
    }
    reason_set(why, "monitor \"%s\" has no feed \"%s\" (it has: %s)", quote_text(m->code).text,
               period_name[period], has[0] != '\0' ? has : "none");
    return NULL;
}

/* A local instant is counted as if its zone were UTC. */
static bool
read_time(const struct measurement *me, int32_t zone_s, struct instant *ret, struct reason *why)
{
    if (me->time.at != NULL)
        return instant_parse(me->time.at, me->time.size, zone_s, ret, why);
    ret->us = me->at.us - (me->is_local ? zone_s * INT64_C(1000000) : 0);
    return true;
}

static bool
find_time(const struct trial *t, int32_t zone_s, struct instant *ret, struct reason *why)
{
    struct instant at;
    if (!read_time(t->measurement, zone_s, &at, why))
        return reason_prefix(why, "%s\"time\"", t->place.text);

    char text[INSTANT_TEXT];
    if (at.us - t->arrived.us > t->window->future_us)
        return reason_set(why, "%s\"time\": %s is more than %s ahead of its arrival (check clock and zone)",
                          t->place.text, instant_format(at, text),
                          text_of_duration(t->window->future_us).text);
    if (t->arrived.us - at.us > t->window->past_us)
        return reason_set(why, "%s\"time\": %s is more than %s before its arrival", t->place.text,
                          instant_format(at, text), text_of_duration(t->window->past_us).text);
    *ret = at;
    return true;
}

static bool
is_mark(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Into its slot, unless something is wrong with it. */
static bool
place_reading(struct registry *registry, const struct reading *r, struct sample *s, struct reason *why)
{
    double value = r->value;
    const struct slot *its = registry_find_slot(registry, s->feed, r->name.at, r->name.size);
    if (its == NULL)
        its = registry_find_named(registry, s->feed, r->name.at, r->name.size, why);
    if (its == NULL || (slot_converts(its, r->unit) && !registry_convert(registry, its, r->unit, value, &value, why)))
        return false;
    if (!is_mark(r->mark))
        return reason_set(why, "\"mark\": neither letter nor digit: \"%s\"", text_quote(&r->mark, 1).text);
    if (isinf(r->value))
        return reason_set(why, "not a finite number");
    if (isnan(r->value) && r->mark == 'N')
        return reason_set(why, "no value, but marked \"N\" as if there were one");

    uint16_t slot = its->number;
    if (!isnan(s->value[slot]) || s->mark[slot] != 'N')
        return reason_set(why, "twice in one measurement");
    s->value[slot] = value;
    s->mark[slot] = r->mark;
    s->readings = (uint16_t)(s->readings + !isnan(value));
    s->is_marked = s->is_marked || r->mark != 'N';
    if (slot >= s->slots)
        s->slots = (uint16_t)(slot + 1);
    return true;
}

/* Empties the slots the feed has: the arrays are made for the largest one. */
static void
begin(struct sample *s, struct feed *feed)
{
    s->feed = feed;
    s->slots = 0;
    s->readings = 0;
    s->is_marked = false;
    for (uint16_t slot = 0; slot < feed->slots; slot++) {
        s->value[slot] = NAN;
        s->mark[slot] = 'N';
    }
}

static bool
place_readings(const struct trial *t, struct sample *s)
{
    const struct reading *r = &t->message->reading[t->measurement->first];
    const struct reading *end = r + t->measurement->count;
    struct reason why;

    for (; r < end; r++) {
        if (!place_reading(t->registry, r, s, &why)) {
            reason_prefix(&why, "%s\"readings\".\"%s\"", t->place.text, quote(r->name).text);
            message_fault(t->message, FAULT_READING, &why);
        }
    }
    return s->slots > 0;
}

/* Whose the measurement is and when it was made. On failure `ret_kind` is of what kind the fault is. */
static bool
judge_head(const struct trial *t, struct sample *s, enum fault_kind *ret_kind, struct reason *why)
{
    *ret_kind = FAULT_MONITOR;
    const struct monitor *monitor = find_monitor(t, why);
    if (monitor == NULL)
        return false;
    struct feed *feed = find_feed(monitor, t->measurement->period, why);
    if (feed == NULL)
        return false;
    *ret_kind = FAULT_TIME;
    if (!find_time(t, monitor->zone_s, &s->at, why))
        return false;
    *ret_kind = FAULT_PAYLOAD;
    if (t->measurement->count == 0)
        return reason_set(why, "%s\"readings\": empty", t->place.text);
    begin(s, feed);
    s->is_reissue = t->measurement->is_reissue;
    return true;
}

bool
sample_make(struct registry *registry, const struct topic_names *names,
            const struct sample_window *window, struct instant arrived, struct message *m, size_t index,
            struct sample *ret)
{
    const struct measurement *me = &m->measurement[index];
    struct trial t = {registry, names, window, arrived, m, me, measurement_place(me)};
    enum fault_kind kind;
    struct reason why;

    if (judge_head(&t, ret, &kind, &why))
        return place_readings(&t, ret);
    message_fault(m, kind, &why);
    return false;
}
