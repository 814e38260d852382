#include "proof.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "registry.h"
#include "sample.h"

struct proof {
    const struct conf *conf;
    struct registry *registry;
    struct message message;
    struct sample sample;
};

struct proof *
proof_new(const struct conf *conf, const struct unit_system *units)
{
    struct proof *p = calloc(1, sizeof(*p));
    if (p == NULL)
        abort();
    p->conf = conf;
    p->registry = registry_new();
    registry_use_units(p->registry, units);
    return p;
}

void
proof_free(struct proof *p)
{
    if (p == NULL)
        return;
    message_clear(&p->message);
    registry_free(p->registry);
    free(p);
}

bool
proof_learn(struct proof *p, const struct proof_reading *r, struct reason *why)
{
    enum period period;

    if (!period_find(r->period, strlen(r->period), &period))
        return reason_set(why, "monitor \"%s\": period \"%s\" is not known", r->monitor, r->period);
    if (r->slot < 1 || r->slot > REGISTRY_SLOTS)
        return reason_set(why, "monitor \"%s\": slot %u is out of range", r->monitor, r->slot);
    struct monitor *m = registry_add_monitor(p->registry, r->monitor, r->plant, r->region, r->zone_s);
    struct feed *f = registry_add_feed(p->registry, m, r->feed_id, period);
    const struct slot *s = registry_add_slot(p->registry, f, (uint16_t)(r->slot - 1), r->name, r->unit);
    registry_set_sent(p->registry, f, s->number, r->sent_unit, r->density, NULL); /* else each reading says why */
    return true;
}

void
proof_know_name(struct proof *p, const char *name, const char *code)
{
    registry_add_name(p->registry, name, code);
}

static bool
is_same(double a, double b)
{
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof(a)) == 0 || (a == 0 && b == 0);
}

static bool
compare(const struct sample *s, const struct proof_reading *r, struct reason *why)
{
    bool is_there = r->slot <= s->slots;
    double value = is_there ? s->value[r->slot - 1] : NAN;
    char mark = is_there ? s->mark[r->slot - 1] : 'N';

    if (is_same(value, r->value) && mark == r->mark)
        return true;
    if (isnan(value))
        return reason_set(why, "the message has no value of it (mark %c)", mark);
    return reason_set(why, "the message says %.15g (mark %c)", value, mark);
}

bool
proof_says(struct proof *p, const struct record *message, const struct proof_reading *r, struct reason *why)
{
    struct message *m = &p->message;
    struct topic_names names;
    bool is_found = false;
    const struct conf_feed *feed =
        conf_find_feed(p->conf, message->broker, message->broker_size, message->topic, message->topic_size, &names);

    if (feed == NULL)
        return reason_set(why, "cannot be decoded: its topic matches no feed of the configuration as it is today");
    m->profile = feed->profile;
    if (!form_read(feed->form, message, names.monitor.at != NULL, m, why))
        return reason_prefix(why, "cannot be decoded");
    for (size_t i = 0; i < m->measurements && !is_found; i++) {
        if (!sample_make(p->registry, &names, &feed->window, message->arrived, m, i, &p->sample))
            continue;
        if (p->sample.feed->feed_id == r->feed_id && p->sample.at.us == r->at.us) {
            if (compare(&p->sample, r, why))
                return true;
            is_found = true;
        }
    }
    return is_found ? false : reason_set(why, "the message says nothing of this instant");
}
