/* mqtt: a letter's JSON to a broker, on a connection of its own: no gate, no filter, a session that ends with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel_own.h"
#include "mqtt.h"

struct line {
    struct channel *channel;
    struct conf_broker broker; /* the configuration's, under a client id of its own */
    struct mqtt *mqtt;
    struct loop_event *publish; /* deferred: what waited for the connection */
};

static void
publish(struct line *l, struct errand *e)
{
    struct reason why;
    if (!mqtt_publish(l->mqtt, l->channel->settings->topic, e->letter.json, strlen(e->letter.json), &e->id, &why))
        errand_end(e, CHANNEL_REFUSED, why.text);
}

static void
on_publish(void *self)
{
    struct line *l = self;
    for (struct errand *e = l->channel->first; e != NULL && mqtt_is_up(l->mqtt); e = e->next) {
        if (!e->is_over && e->id == 0)
            publish(l, e);
    }
}

static void
on_up(void *self, bool session_present)
{
    (void)session_present;
    struct line *l = self;
    loop_event_wake(l->publish);
}

/* Whether it came there is not known. The library would send it again, too: that has the same key. */
static void
on_down(void *self, const char *why)
{
    struct line *l = self;
    for (struct errand *e = l->channel->first; e != NULL; e = e->next) {
        if (!e->is_over && e->id != 0)
            errand_end(e, CHANNEL_LATER, why);
    }
}

static struct errand *
find(struct line *l, int id)
{
    for (struct errand *e = l->channel->first; e != NULL; e = e->next) {
        if (!e->is_over && e->id == id)
            return e;
    }
    return NULL;
}

static void
on_published(void *self, int id, int reason_code)
{
    struct line *l = self;
    struct errand *e = find(l, id);
    char words[64];

    if (e == NULL)
        return;
    snprintf(words, sizeof(words), "PUBACK, reason code 0x%02x", (unsigned)reason_code);
    errand_end(e, reason_code < 128 ? CHANNEL_SENT : CHANNEL_LATER, words); /* MQTT 5, section 3.4.2.1 */
}

static void
on_message(void *self, const char *topic, const void *payload, size_t size)
{
    (void)self, (void)topic, (void)payload, (void)size; /* nothing is subscribed to */
}

static void
close(struct channel *c)
{
    struct line *l = c->own;
    mqtt_free(l->mqtt);
    loop_event_free(l->publish);
    free(l->broker.name);
    free(l->broker.client_id);
    free(l);
}

static bool
open(struct channel *c, struct reason *why)
{
    static const struct mqtt_calls calls = {
        .on_message = on_message, .on_up = on_up, .on_down = on_down, .on_published = on_published};
    struct line *l = calloc(1, sizeof(*l));
    if (l == NULL)
        abort();
    /* Those that share a duty share the broker's client_id; their channels are open at once. */
    const char *sharer = c->conf->duty != NULL ? c->conf->instance : "";
    *l = (struct line){.channel = c, .broker = *c->settings->broker};
    if (asprintf(&l->broker.name, "%s (channel %s)", c->settings->broker->name, c->settings->name) < 0 ||
        asprintf(&l->broker.client_id, "%s%s%s-%s", c->settings->broker->client_id, sharer[0] != '\0' ? "-" : "", sharer,
                 c->settings->name) < 0)
        abort();
    struct mqtt_settings settings = {.broker = &l->broker, .kind = MQTT_PASSING};
    l->publish = loop_deferred(c->loop, on_publish, l);
    l->mqtt = mqtt_new(c->loop, &settings, &calls, l, why);
    c->own = l;
    if (l->mqtt == NULL) {
        close(c);
        return false;
    }
    mqtt_start(l->mqtt);
    return true;
}

static void
send(struct errand *e)
{
    struct line *l = e->channel->own;
    loop_event_wake(l->publish);
}

static void
cancel(struct errand *e)
{
    (void)e; /* an answer that comes after all finds nobody */
}

/* The one that takes its place has the same client id. */
static void
leave(struct channel *c)
{
    struct line *l = c->own;
    mqtt_stop(l->mqtt);
}

const struct channel_kind channel_mqtt = {.open = open, .close = close, .leave = leave, .send = send, .cancel = cancel};
