#include "publisher.h"

#include <signal.h>

#include "log.h"
#include "mqtt.h"

#define SHOW_US 200000
#define BURST 64 /* messages made before the sockets get their turn */

/*      room and source          source has no more      all acknowledged
 * SENDING ------------> SENDING -----------------> DRAINING -----------> STOPPING --> loop ends
 */
enum publisher_state {
    PUBLISHER_SENDING,  /* the source has more */
    PUBLISHER_DRAINING, /* acknowledgements are awaited */
    PUBLISHER_STOPPING, /* DISCONNECT is on its way, or was never needed */
};
static const char *const state_name[] = {"sending", "draining", "stopping"};

struct publisher {
    struct loop *loop;
    struct mqtt *mqtt;
    const struct publisher_source *source;
    size_t window;
    struct publisher_counts counts;
    enum publisher_state state;
    struct loop_event *pump;
    struct loop_event *pause;
    struct loop_event *show;
    struct loop_event *signal[2];
    bool ok;
    struct reason why;
};

static void
enter(struct publisher *p, enum publisher_state next, const char *why)
{
    log_debug("publisher: %s -> %s: %s", state_name[p->state], state_name[next], why);
    p->state = next;
}

static void
stop(struct publisher *p, const char *why)
{
    if (p->state == PUBLISHER_STOPPING)
        return;
    enter(p, PUBLISHER_STOPPING, why);
    bool was_up = mqtt_is_up(p->mqtt);
    mqtt_stop(p->mqtt);
    if (!was_up)
        loop_stop(p->loop);
}

static void
fail(struct publisher *p, const char *why)
{
    if (p->ok)
        reason_set(&p->why, "%s", why);
    p->ok = false;
}

static size_t
unacknowledged(const struct publisher *p)
{
    return (size_t)(p->counts.published - p->counts.acknowledged - p->counts.refused);
}

/* One message from the source to the library. False if there is nothing to send now. */
static bool
send_one(struct publisher *p)
{
    struct publication message;
    struct reason why;
    int64_t due = 0;
    int id;

    switch (p->source->make(p->source->self, loop_ticks(p->loop), &message, &due, &why)) {
    case PUBLISHER_MESSAGE:
        p->counts.published++;
        if (mqtt_publish(p->mqtt, message.topic, message.payload, message.size, &id, &why))
            return true;
        p->counts.refused++;
        fail(p, why.text);
        return false;
    case PUBLISHER_LATER:
        due -= loop_ticks(p->loop);
        loop_event_in(p->pause, due > 0 ? due : 0);
        return false;
    case PUBLISHER_FAILED:
        fail(p, why.text);
        break;
    case PUBLISHER_END:
        break;
    }
    enter(p, PUBLISHER_DRAINING, "no more to send");
    return false;
}

static void
on_pump(void *self)
{
    struct publisher *p = self;

    if (p->state == PUBLISHER_SENDING && mqtt_is_up(p->mqtt)) {
        for (int i = 0; unacknowledged(p) < p->window; i++) {
            if (i == BURST) {
                loop_event_wake(p->pump);
                return;
            }
            if (!send_one(p))
                break;
        }
    }
    if (p->counts.refused > 0)
        stop(p, "refused");
    else if (p->state == PUBLISHER_DRAINING && unacknowledged(p) == 0)
        stop(p, "all is acknowledged");
}

static void
on_up(void *self, bool session_present)
{
    (void)session_present;
    struct publisher *p = self;
    if (p->counts.began == 0)
        p->counts.began = loop_ticks(p->loop);
    loop_event_wake(p->pump);
}

static void
on_down(void *self, const char *why)
{
    (void)why;
    struct publisher *p = self;
    if (p->state == PUBLISHER_STOPPING)
        loop_stop(p->loop);
}

static void
on_published(void *self, int id, int code)
{
    (void)id;
    struct publisher *p = self;

    if (code < 128) { /* MQTT 5, section 3.4.2.1: below it is a success, if only without a subscriber */
        p->counts.acknowledged++;
    } else {
        p->counts.refused++;
        fail(p, "the broker refuses a message; hint: is this client allowed to publish there?");
    }
    loop_event_wake(p->pump);
}

static void
on_show(void *self)
{
    struct publisher *p = self;
    p->source->show(p->source->self, loop_ticks(p->loop), &p->counts);
    loop_event_in(p->show, SHOW_US);
}

static void
on_signal(void *self)
{
    struct publisher *p = self;
    fail(p, "interrupted");
    stop(p, "signal");
}

static void
on_message(void *self, const char *topic, const void *payload, size_t size)
{
    (void)self, (void)topic, (void)payload, (void)size; /* nothing is subscribed to */
}

static void
make_events(struct publisher *p)
{
    p->pump = loop_deferred(p->loop, on_pump, p);
    p->pause = loop_timer(p->loop, on_pump, p);
    p->show = loop_timer(p->loop, on_show, p);
    p->signal[0] = loop_signal(p->loop, SIGINT, on_signal, p);
    p->signal[1] = loop_signal(p->loop, SIGTERM, on_signal, p);
}

static void
free_events(struct publisher *p)
{
    loop_event_free(p->pump);
    loop_event_free(p->pause);
    loop_event_free(p->show);
    loop_event_free(p->signal[0]);
    loop_event_free(p->signal[1]);
}

bool
publisher_run(struct loop *loop, const struct publisher_settings *settings,
              const struct publisher_source *source, struct publisher_counts *ret, struct reason *why)
{
    static const struct mqtt_calls calls = {
        .on_message = on_message, .on_up = on_up, .on_down = on_down, .on_published = on_published};
    struct mqtt_settings mqtt_settings = {.broker = settings->broker, .kind = MQTT_PASSING};
    struct publisher p = {.loop = loop, .source = source, .window = settings->window, .ok = true};

    *ret = (struct publisher_counts){0};
    p.mqtt = mqtt_new(loop, &mqtt_settings, &calls, &p, why);
    if (p.mqtt == NULL)
        return false;
    make_events(&p);
    mqtt_start(p.mqtt);
    on_show(&p);
    loop_run(loop);

    p.counts.ended = loop_ticks(loop);
    source->show(source->self, p.counts.ended, &p.counts);
    free_events(&p);
    mqtt_free(p.mqtt);
    *ret = p.counts;
    return p.ok || reason_set(why, "%s", p.why.text);
}
