#include "outcome.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY "?" /* stands for the monitor that the topic would name */

const char *const outcome_verdict_name[] = {"good", "in part", "refused"};

static void
add_reason(void *self, const struct reason *why)
{
    struct outcome *o = self;
    buf_add(&o->reasons, why->text, strlen(why->text) + 1);
    o->reason_count++;
}

static void
begin(struct outcome *o, const struct outcome_terms *terms)
{
    message_empty(&o->message);
    o->message.on_fault = add_reason;
    o->message.self = o;
    o->message.profile = terms->profile;
    o->terms = terms;
    o->is_refused = false;
    o->rows_kept = o->readings = o->reason_count = 0;
    buf_empty(&o->reasons);
}

static void
make_room(struct outcome *o)
{
    if (o->room >= o->message.measurements)
        return;
    o->room = o->message.measurements;
    o->row = reallocarray(o->row, o->room, sizeof(*o->row));
    if (o->row == NULL)
        abort();
}

/* ---- a registry made up ---- */

static const char *
copy_span(struct buf *b, struct span s)
{
    buf_empty(b);
    buf_add(b, s.at != NULL ? s.at : "", s.size);
    buf_add(b, "", 1);
    return (const char *)b->at;
}

/* For one measurement. Of units nothing is known, so whatever it says is right. */
static struct registry *
make_up(const struct outcome *o, const struct topic_names *names, const struct measurement *me)
{
    struct registry *r = registry_new();
    struct buf a = {0}, b = {0}, c = {0};
    struct span code = me->monitor.at != NULL ? me->monitor : names->monitor;
    struct monitor *m = registry_add_monitor(r, copy_span(&a, code), copy_span(&b, names->plant),
                                             copy_span(&c, names->region), o->terms->zone_s);
    struct feed *feed = registry_add_feed(r, m, 1, me->period);
    const struct reading *reading = &o->message.reading[me->first];

    for (size_t i = 0; i < me->count && feed->slots < REGISTRY_SLOTS; i++, reading++)
        registry_add_slot(r, feed, feed->slots, copy_span(&a, reading->name), "");
    buf_clear(&a);
    buf_clear(&b);
    buf_clear(&c);
    return r;
}

/* Takes the units of a measurement's readings away, or puts them back. */
static void
swap_units(struct outcome *o, const struct measurement *me)
{
    for (size_t i = 0; i < me->count; i++) {
        struct span *unit = &o->message.reading[me->first + i].unit;
        struct span aside = o->unit[i];
        o->unit[i] = *unit;
        *unit = aside;
    }
}

/* ---- the way of the writer ---- */

static bool
try_made_up(struct outcome *o, const struct topic_names *names, struct instant arrived, size_t index)
{
    static const struct sample_window any = {INT64_MAX, INT64_MAX};
    const struct measurement *me = &o->message.measurement[index];
    struct registry *r = make_up(o, names, me);
    struct sample *s = &o->row[index].sample;

    assert(me->count <= MESSAGE_READINGS_MOST);
    memset(o->unit, 0, sizeof(o->unit));
    swap_units(o, me);
    bool ok = sample_make(r, names, &any, arrived, &o->message, index, s);
    swap_units(o, me);
    s->feed = NULL;
    registry_free(r);
    return ok;
}

static bool
try(struct outcome *o, struct instant arrived, size_t index)
{
    const struct outcome_terms *t = o->terms;
    struct topic_names names = t->names;

    if (t->registry != NULL)
        return sample_make(t->registry, &names, &t->window, arrived, &o->message, index, &o->row[index].sample);
    if (t->is_named && names.monitor.at == NULL && o->message.measurement[index].monitor.at == NULL)
        names.monitor = (struct span){NOBODY, strlen(NOBODY)};
    return try_made_up(o, &names, arrived, index);
}

enum outcome_verdict
outcome_make(struct outcome *o, const struct outcome_terms *terms, const struct record *r)
{
    struct reason why;

    begin(o, terms);
    if (!form_read(terms->form, r, terms->is_named, &o->message, &why))
        return outcome_refuse(o, terms, &why);
    make_room(o);
    for (size_t i = 0; i < o->message.measurements; i++) {
        struct outcome_row *row = &o->row[i];
        row->is_kept = try(o, r->arrived, i);
        o->rows_kept += row->is_kept;
        o->readings += row->is_kept ? row->sample.readings : 0;
    }
    return outcome_verdict(o);
}

enum outcome_verdict
outcome_refuse(struct outcome *o, const struct outcome_terms *terms, const struct reason *why)
{
    begin(o, terms);
    o->is_refused = true;
    add_reason(o, why);
    return OUTCOME_REFUSED;
}

enum outcome_verdict
outcome_verdict(const struct outcome *o)
{
    if (o->reason_count == 0)
        return OUTCOME_GOOD;
    return o->rows_kept > 0 ? OUTCOME_IN_PART : OUTCOME_REFUSED;
}

static int32_t
zone_of(const struct outcome *o, const struct measurement *me)
{
    struct span code = me->monitor.at != NULL ? me->monitor : o->terms->names.monitor;
    const struct monitor *m = NULL;

    if (o->terms->registry != NULL && code.at != NULL)
        m = registry_find_monitor(o->terms->registry, code.at, code.size);
    return m != NULL ? m->zone_s : o->terms->zone_s;
}

struct outcome_time
outcome_time(const struct outcome *o, const struct measurement *me)
{
    struct outcome_time t = {.is_known = true, .zone_s = zone_of(o, me)};

    if (me->time.at == NULL) {
        t.is_local = me->is_local;
        t.at.us = me->at.us - (t.is_local ? t.zone_s * INT64_C(1000000) : 0);
        return t;
    }
    t.is_known = instant_parse(me->time.at, me->time.size, t.zone_s, &t.at, NULL);
    t.is_local = t.is_known && !instant_parse(me->time.at, me->time.size, INSTANT_ZONE_NONE, &(struct instant){0}, NULL);
    return t;
}

void
outcome_clear(struct outcome *o)
{
    message_clear(&o->message);
    buf_clear(&o->reasons);
    free(o->row);
    *o = (struct outcome){0};
}
