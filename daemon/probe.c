#include "probe.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mqtt.h"
#include "text.h"

#define DEADLINE_US 60000000
#define GOODBYE_US 5000000
#define QUIET_US 1000000 /* nothing came for so long: nothing will */
#define BURST 32         /* messages published before others get their turn */
#define GIVEN 64         /* of them unacknowledged at most */
#define WINDOW_MOST 1000
#define PAYLOAD 200      /* bytes: like a message of a monitor */
#define NUMBER 8         /* digits of it that say which one it is */

/*      taker up         all acknowledged       nothing more comes      nothing more comes, or all came
 * OPENING ----> GIVING ----------------> HOLDING --------------> COUNTING ----------------> LEAVING --> OVER
 *    +-------------+------------------------+-------------- failed or late --------------------^
 */
enum probe_state {
    PROBE_OPENING,
    PROBE_GIVING,   /* messages are published; the taker holds its acknowledgements */
    PROBE_HOLDING,  /* all are published: how many does it send ahead? */
    PROBE_COUNTING, /* acknowledged as they come: how many are there in all? */
    PROBE_LEAVING,  /* both say good-bye */
    PROBE_OVER,
};
static const char *const state_name[] = {"opening", "giving", "holding", "counting", "leaving", "over"};

struct probe {
    struct loop *loop;
    struct conf_broker broker[2]; /* of taker and giver */
    char id[2][320], topic[320];
    const struct conf_broker *configured;
    struct probe_calls calls;
    void *self;
    struct mqtt *taker, *giver;
    struct loop_event *turn;  /* what cannot be done from within a callback */
    struct loop_event *quiet; /* nothing came */
    struct loop_event *late;
    enum probe_state state;
    int window; /* what the taker lets come unacknowledged; the rest must wait at the broker */
    int wanted, published, answered, refused;
    int came, ahead;          /* different messages; of them before the first acknowledgement */
    unsigned char *has_come;  /* by number */
    bool is_leaving;
};

static void
enter(struct probe *p, enum probe_state next, const char *why)
{
    log_debug("broker \"%s\": probe: %s -> %s: %s", p->configured->name, state_name[p->state], state_name[next], why);
    p->state = next;
    loop_event_wake(p->turn);
}

static void __attribute__((format(printf, 3, 4)))
say(struct probe *p, enum probe_word kind, const char *format, ...)
{
    char words[REASON_SIZE];
    struct reason line;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    reason_set(&line, "broker \"%s\": probe: %s", p->configured->name, words);
    p->calls.on_said(p->self, kind, line.text);
}

static void
fail(struct probe *p, const char *why)
{
    if (p->state >= PROBE_LEAVING)
        return;
    say(p, PROBE_ADVICE, "%s; whether it drops messages is not known; hint: let user \"%s\" write and read \"%s\", or "
                         "probe = 0", why, p->configured->username != NULL ? p->configured->username : "", p->topic);
    enter(p, PROBE_LEAVING, why);
}

/* What the plants will meet: a queue that ends, and a window that is narrower than ours. */
static void
judge(struct probe *p)
{
    if (p->came == 0) {
        fail(p, "nothing of it comes back");
        return;
    }
    if (p->came < p->wanted)
        say(p, PROBE_FAULT, "of %d messages of %d bytes it kept %d for a client that did not take them at once, and dropped "
                            "the others, acknowledged; hint: max_queued_messages 0 and max_queued_bytes 0 in mosquitto.conf",
            p->wanted, PAYLOAD, p->came);
    else
        say(p, PROBE_GOOD, "it keeps %d messages and more for a client that is late", p->wanted - p->window);
    if (p->ahead < p->window)
        say(p, PROBE_ADVICE, "it sends %d messages ahead of their acknowledgement, and we would take %d: the less, the slower; "
                             "hint: max_inflight_messages %d in mosquitto.conf",
            p->ahead, p->configured->receive_maximum, p->configured->receive_maximum);
    enter(p, PROBE_LEAVING, "done");
}

static void
give(struct probe *p)
{
    char payload[PAYLOAD], digits[16];
    struct reason why;
    int id;

    for (int i = 0; i < BURST && p->published < p->wanted && p->published - p->answered < GIVEN; i++) {
        snprintf(digits, sizeof(digits), "%0*d", NUMBER, p->published);
        memset(payload, ' ', sizeof(payload));
        memcpy(payload, digits, NUMBER);
        if (!mqtt_publish(p->giver, p->topic, payload, PAYLOAD, &id, &why)) {
            fail(p, why.text);
            return;
        }
        p->published++;
    }
}

/* One that could not be made (its password cannot be read any more) is as good as gone. */
static void
say_goodbye(struct mqtt *m)
{
    if (m == NULL)
        return;
    mqtt_release(m);
    mqtt_stop(m);
}

static bool
is_gone(const struct mqtt *m)
{
    return m == NULL || mqtt_is_down(m);
}

static void
leave(struct probe *p)
{
    if (!p->is_leaving) {
        p->is_leaving = true;
        loop_event_cancel(p->quiet);
        loop_event_in(p->late, GOODBYE_US);
        say_goodbye(p->taker);
        say_goodbye(p->giver);
    }
    if (!is_gone(p->taker) || !is_gone(p->giver))
        return; /* on_down wakes us */
    p->state = PROBE_OVER;
    loop_event_cancel(p->late);
    if (p->calls.on_over != NULL)
        p->calls.on_over(p->self);
}

static void
on_turn(void *self)
{
    struct probe *p = self;
    switch (p->state) {
    case PROBE_OPENING:
    case PROBE_OVER:
        return;
    case PROBE_GIVING:
        mqtt_start(p->giver);
        if (mqtt_is_up(p->giver))
            give(p);
        return;
    case PROBE_HOLDING:
        return;
    case PROBE_COUNTING:
        mqtt_release(p->taker);
        if (p->came == p->wanted)
            judge(p);
        return;
    case PROBE_LEAVING:
        leave(p);
        return;
    }
}

static void
on_quiet(void *self)
{
    struct probe *p = self;
    if (p->state == PROBE_HOLDING) {
        p->ahead = p->came;
        loop_event_in(p->quiet, QUIET_US);
        enter(p, PROBE_COUNTING, "no more comes unacknowledged");
    } else if (p->state == PROBE_COUNTING) {
        judge(p);
    }
}

static void
on_late(void *self)
{
    struct probe *p = self;
    fail(p, "not done in a minute");
    if (!p->is_leaving)
        return;
    mqtt_cut(p->taker);
    mqtt_cut(p->giver);
    loop_event_wake(p->turn);
}

/* ---- the two clients ---- */

static void
on_taker_up(void *self, bool session_present)
{
    (void)session_present;
    struct probe *p = self;
    if (p->state == PROBE_OPENING)
        enter(p, PROBE_GIVING, "subscribed");
}

static void
on_message(void *self, const char *topic, const void *payload, size_t size)
{
    (void)topic;
    struct probe *p = self;
    char digits[NUMBER + 1] = "";

    if (size == PAYLOAD)
        memcpy(digits, payload, NUMBER);
    int number = size == PAYLOAD ? atoi(digits) : -1;
    if (number < 0 || number >= p->wanted)
        return;
    p->came += !p->has_come[number];
    p->has_come[number] = 1;
    if (p->state == PROBE_HOLDING || p->state == PROBE_COUNTING)
        loop_event_in(p->quiet, QUIET_US);
    if (p->state == PROBE_COUNTING)
        loop_event_wake(p->turn);
}

static void
on_giver_message(void *self, const char *topic, const void *payload, size_t size)
{
    (void)self, (void)topic, (void)payload, (void)size; /* it subscribes to nothing */
}

static void
on_giver_up(void *self, bool session_present)
{
    (void)session_present;
    struct probe *p = self;
    loop_event_wake(p->turn);
}

static void
on_published(void *self, int id, int code)
{
    (void)id;
    struct probe *p = self;

    p->answered++;
    if (code >= 128) {
        fail(p, "it may not be published there");
    } else if (p->state == PROBE_GIVING && p->answered == p->wanted) {
        loop_event_in(p->quiet, QUIET_US);
        enter(p, PROBE_HOLDING, "all is published");
    }
    loop_event_wake(p->turn);
}

static void
on_down(void *self, const char *why)
{
    struct probe *p = self;
    fail(p, why);
    loop_event_wake(p->turn);
}

static void
on_trap(void *self, const char *words)
{
    struct probe *p = self;
    p->calls.on_said(p->self, PROBE_FAULT, words);
}

static struct mqtt *
client(struct probe *p, int which, bool is_gated, const struct mqtt_calls *calls)
{
    struct mqtt_settings settings = {.broker = &p->broker[which], .is_gated = is_gated, .kind = MQTT_VISITING};
    struct reason why;

    snprintf(p->id[which], sizeof(p->id[which]), "%.200s-probe-%" PRIx64 "-%d", p->configured->client_id,
             (uint64_t)loop_now(p->loop).us, which);
    p->broker[which] = *p->configured;
    p->broker[which].client_id = p->id[which];
    p->broker[which].receive_maximum = p->window;
    struct mqtt *m = mqtt_new(p->loop, &settings, calls, p, &why);
    if (m == NULL)
        fail(p, why.text);
    return m;
}

struct probe *
probe_new(struct loop *loop, const struct conf_broker *broker, const struct probe_calls *calls, void *self)
{
    struct probe *p = calloc(1, sizeof(*p));
    if (p == NULL)
        abort();
    *p = (struct probe){.loop = loop, .configured = broker, .calls = *calls, .self = self};
    p->window = broker->receive_maximum < WINDOW_MOST ? broker->receive_maximum : WINDOW_MOST;
    p->wanted = broker->probe + p->window;
    snprintf(p->topic, sizeof(p->topic), "abate/probe/%.200s", broker->client_id);
    p->has_come = calloc((size_t)p->wanted, 1);
    if (p->has_come == NULL)
        abort();
    p->turn = loop_deferred(loop, on_turn, p);
    p->quiet = loop_timer(loop, on_quiet, p);
    p->late = loop_timer(loop, on_late, p);
    return p;
}

void
probe_free(struct probe *p)
{
    if (p == NULL)
        return;
    mqtt_free(p->taker);
    mqtt_free(p->giver);
    loop_event_free(p->turn);
    loop_event_free(p->quiet);
    loop_event_free(p->late);
    free(p->has_come);
    free(p);
}

void
probe_start(struct probe *p)
{
    static const struct mqtt_calls taker = {
        .on_message = on_message, .on_up = on_taker_up, .on_down = on_down, .on_trap = on_trap};
    static const struct mqtt_calls giver = {.on_message = on_giver_message,
                                            .on_up = on_giver_up,
                                            .on_down = on_down,
                                            .on_published = on_published,
                                            .on_trap = on_trap};

    p->taker = client(p, 0, true, &taker);
    p->giver = client(p, 1, false, &giver);
    if (p->taker == NULL || p->giver == NULL)
        return;
    mqtt_add_filter(p->taker, p->topic);
    loop_event_in(p->late, DEADLINE_US);
    mqtt_start(p->taker);
}
