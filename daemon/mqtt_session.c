/* mqtt_session: what we agree with the broker at each CONNACK and SUBACK, and what it does not keep. */
#include <inttypes.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mqtt_own.h"
#include "text.h"

#define OUTAGE_S 259200u         /* three days: a long weekend nobody looks at it */
#define ASK_FIRST_US 5000000     /* the first pause before a refused filter is asked for again */
#define ASK_MOST_US 600000000
#define THROWN_OUT 3             /* times it may be the weather */
#define TOUCH_US 10000000        /* how exactly the time is known when the session was last there */

static const char dropped_topic[] = "$SYS/broker/publish/messages/dropped";

/* Something that may lose messages, with what to do about it. */
static void __attribute__((format(printf, 2, 3)))
trap(struct mqtt *m, const char *format, ...)
{
    char words[REASON_SIZE];
    struct reason line;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    reason_set(&line, "broker \"%s\": %s", m->broker->name, words);
    if (m->calls.on_trap != NULL)
        m->calls.on_trap(m->self, line.text);
    else
        log_error("%s", line.text);
}

/* ---- CONNACK ---- */

static void
check_expiry(struct mqtt *m, const mosquitto_property *properties)
{
    uint32_t expiry_s;
    if (m->kind != MQTT_LASTING ||
        mosquitto_property_read_int32(properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, &expiry_s, false) == NULL ||
        expiry_s >= OUTAGE_S)
        return;
    trap(m, "it keeps our session for %s only: what comes while abated is away for longer is lost; hint: raise the "
            "longest session expiry it allows to 3d or more",
         text_of_duration((long long)expiry_s * 1000000).text);
}

/* What is larger than we take the broker drops on its way to us, and the plant has its acknowledgement. */
static void
check_packet_size(struct mqtt *m, const mosquitto_property *properties)
{
    uint32_t most = UINT32_MAX;
    mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, &most, false);
    if (most <= MQTT_PACKET_MOST || m->was_advised || m->filters == 0)
        return;
    m->was_advised = true;
    log_warning("broker \"%s\": it takes messages of more than %d bytes, and drops them on the way to us without a word; "
                "hint: max_packet_size 70000 in mosquitto.conf", m->broker->name, MQTT_PACKET_MOST);
}

static void
check_gap(struct mqtt *m, struct instant now)
{
    char since[INSTANT_TEXT], until[INSTANT_TEXT];
    if (m->session_present || m->session == NULL || !session_is_known(m->session))
        return;
    trap(m, "our session is gone: what it took for us from %s to %s is lost unless the plants send it again; either it was "
            "restarted without its store, or sessions expire there; hint: persistence true and no "
            "persistent_client_expiration in mosquitto.conf",
         instant_format(session_seen(m->session), since), instant_format(now, until));
}

/* Filters of an older configuration live on in the session. */
static void
drop_stale(struct mqtt *m)
{
    if (!m->session_present || m->session == NULL)
        return;
    for (size_t i = 0; i < session_filters(m->session); i++) {
        const char *old = session_filter(m->session, i);
        bool is_wanted = false;
        for (size_t k = 0; k < m->filters; k++)
            is_wanted = is_wanted || strcmp(m->filter[k], old) == 0;
        if (is_wanted)
            continue;
        log_notice("broker \"%s\": filter \"%s\" is of no feed any more: unsubscribed", m->broker->name,
                   text_quote(old, strlen(old)).text);
        mosquitto_unsubscribe(m->mosq, NULL, old);
    }
}

/* All of them each time: of what is subscribed already nothing retained is sent again. */
static void
ask(struct mqtt *m)
{
    int rc = mosquitto_subscribe_multiple(m->mosq, &m->subscribed, (int)m->filters, m->filter, 1, MQTT_SUB_OPT_SEND_RETAIN_NEW, NULL);
    if (rc != MOSQ_ERR_SUCCESS)
        mqtt_fail(m, mqtt_words(rc));
}

static void
on_connect(struct mosquitto *mosq, void *self, int code, int flags, const mosquitto_property *properties)
{
    (void)mosq;
    struct mqtt *m = self;
    uint8_t qos = 2;

    mqtt_connect_is_over(m);
    if (code != 0) {
        mqtt_fail(m, mosquitto_reason_string(code));
        return;
    }
    m->session_present = (flags & 1) != 0;
    m->is_foreign = m->kind == MQTT_VISITING && m->session_present;
    if (m->is_foreign) {
        mqtt_enter(m, MQTT_SUBSCRIBING, "not ours");
        trap(m, "it has a session for client id \"%s\", which is new: it gives all clients of a user one id; nothing was "
                "touched; hint: a user of its own for each (use_username_as_clientid)", m->broker->client_id);
        return;
    }
    mosquitto_property_read_byte(properties, MQTT_PROP_MAXIMUM_QOS, &qos, false);
    if (qos < 1) {
        trap(m, "it has no acknowledgements (maximum QoS 0): nothing is taken from it; hint: allow QoS 1");
        mqtt_fail(m, "no QoS 1");
        return;
    }
    check_expiry(m, properties);
    check_packet_size(m, properties);
    check_gap(m, loop_now(m->loop));
    if (m->filters == 0) {
        mqtt_up(m);
        return;
    }
    mqtt_enter(m, MQTT_SUBSCRIBING, "connected");
    drop_stale(m);
    ask(m);
}

/* ---- SUBACK ---- */

/* Granted at QoS 0 it is still better than not at all. */
static bool
check_granted(struct mqtt *m, const char *filter, int granted)
{
    if (granted == 1)
        return true;
    struct quoted name = text_quote(filter, strlen(filter));
    if (granted >= 128)
        trap(m, "filter \"%s\" refused: %s: nothing of it is taken; hint: let user \"%s\" read it", name.text,
             mosquitto_reason_string(granted), m->broker->username != NULL ? m->broker->username : "");
    else
        trap(m, "filter \"%s\" granted at QoS %d, wanted 1: messages will be lost; hint: allow QoS 1 to this client",
             name.text, granted);
    return false;
}

static void
remember(struct mqtt *m)
{
    struct reason why;
    if (m->session != NULL && !session_keep(m->session, m->filter, m->filters, loop_now(m->loop), &why))
        log_warning("broker \"%s\": its session is not remembered: %s", m->broker->name, why.text);
    m->touched_at = loop_ticks(m->loop);
}

static void
on_subscribe(struct mosquitto *mosq, void *self, int id, int count, const int *granted,
             const mosquitto_property *properties)
{
    (void)properties;
    struct mqtt *m = self;
    bool ok = true;

    if (id != m->subscribed || (m->state != MQTT_SUBSCRIBING && m->state != MQTT_UP))
        return;
    if (count != (int)m->filters) {
        mqtt_fail(m, "SUBACK does not fit the SUBSCRIBE");
        return;
    }
    for (int i = 0; i < count; i++)
        ok = check_granted(m, m->filter[i], granted[i]) && ok;
    if (ok)
        pause_reset(&m->ask_pause);
    else
        loop_event_in(m->ask_again, pause_next(&m->ask_pause));
    remember(m);
    if (m->state == MQTT_UP)
        return;
    if (m->kind == MQTT_LASTING)
        mosquitto_subscribe(mosq, NULL, dropped_topic, 0);
    mqtt_up(m);
}

static void
on_ask_again(void *self)
{
    struct mqtt *m = self;
    if (m->state != MQTT_UP) /* behind a DISCONNECT a failure would end the lingering */
        return;
    ask(m);
    mqtt_write_out(m);
}

/* ---- while it stands ---- */

void
mqtt_session_taken(struct mqtt *m)
{
    trap(m, "another client took our session: it uses client id \"%s\", too, and what it was sent it may have acknowledged; "
            "hint: one client_id for each, and use_username_as_clientid in mosquitto.conf", m->broker->client_id);
}

/* mosquitto 2.0.11 takes a session over without telling the one that had it. */
void
mqtt_session_thrown_out(struct mqtt *m)
{
    if (++m->thrown_out >= THROWN_OUT)
        trap(m, "it has ended our connection %d times in a row soon after it took us: perhaps another client uses client id "
                "\"%s\", too; hint: one client_id for each, and use_username_as_clientid in mosquitto.conf",
             m->thrown_out, m->broker->client_id);
}

void
mqtt_session_stands(struct mqtt *m)
{
    if (m->session == NULL || loop_ticks(m->loop) - m->touched_at < TOUCH_US)
        return;
    m->touched_at = loop_ticks(m->loop);
    session_touch(m->session, loop_now(m->loop));
}

/* What the broker counts as dropped for any of its clients. */
bool
mqtt_session_takes(struct mqtt *m, const struct mosquitto_message *message)
{
    if (m->kind != MQTT_LASTING || strcmp(message->topic, dropped_topic) != 0)
        return false;
    char number[24] = "";
    if (message->payloadlen > 0 && message->payloadlen < (int)sizeof(number))
        memcpy(number, message->payload, (size_t)message->payloadlen);
    int64_t dropped = strtoll(number, NULL, 10);
    if (m->dropped >= 0 && dropped > m->dropped)
        trap(m, "it has dropped %" PRId64 " messages that it had for its clients, which may be us; hint: "
                "max_queued_messages 0 and max_queued_bytes 0 in mosquitto.conf", dropped - m->dropped);
    m->dropped = dropped;
    return true;
}

/* ---- */

void
mqtt_session_init(struct mqtt *m, const struct mqtt_settings *settings)
{
    char whose[1024];

    m->dropped = -1;
    m->ask_pause = (struct pause){.first_us = ASK_FIRST_US, .most_us = ASK_MOST_US};
    m->ask_again = loop_timer(m->loop, on_ask_again, m);
    mosquitto_connect_v5_callback_set(m->mosq, on_connect);
    mosquitto_subscribe_v5_callback_set(m->mosq, on_subscribe);
    if (settings->memory == NULL)
        return;
    snprintf(whose, sizeof(whose), "%s:%d %s", m->broker->host, m->broker->port, m->broker->client_id);
    m->session = session_open(settings->memory, whose);
}

static void
free_filters(char **filter, size_t filters)
{
    for (size_t i = 0; i < filters; i++)
        free(filter[i]);
    free(filter);
}

void
mqtt_session_clear(struct mqtt *m)
{
    loop_event_free(m->ask_again);
    session_free(m->session);
    free_filters(m->filter, m->filters);
}

/* ---- another configuration ---- */

void
mqtt_begin_change(struct mqtt *m, const struct conf_broker *broker)
{
    m->broker = broker;
    m->pause.most_us = broker->retry_most_us;
    m->old_filter = m->filter;
    m->old_filters = m->filters;
    m->filter = NULL;
    m->filters = 0;
}

static bool
has_filter(char *const *filter, size_t filters, const char *wanted)
{
    for (size_t i = 0; i < filters; i++) {
        if (strcmp(filter[i], wanted) == 0)
            return true;
    }
    return false;
}

/* Without a connection the next CONNACK does it: the session is remembered with the filters it has. */
void
mqtt_end_change(struct mqtt *m)
{
    bool is_new = false, is_there = m->state == MQTT_SUBSCRIBING || m->state == MQTT_UP;

    for (size_t i = 0; i < m->old_filters; i++) {
        if (has_filter(m->filter, m->filters, m->old_filter[i]))
            continue;
        log_notice("broker \"%s\": filter \"%s\" is of no feed any more%s", m->broker->name,
                   text_quote(m->old_filter[i], strlen(m->old_filter[i])).text, is_there ? ": unsubscribed" : "");
        if (is_there)
            mosquitto_unsubscribe(m->mosq, NULL, m->old_filter[i]);
        is_new = true;
    }
    for (size_t i = 0; i < m->filters; i++)
        is_new |= !has_filter(m->old_filter, m->old_filters, m->filter[i]);
    free_filters(m->old_filter, m->old_filters);
    m->old_filter = NULL;
    m->old_filters = 0;
    if (!is_new || !is_there)
        return;
    ask(m);
    mqtt_write_out(m);
}

void
mqtt_add_filter(struct mqtt *m, const char *filter)
{
    m->filter = realloc(m->filter, (m->filters + 1) * sizeof(*m->filter));
    if (m->filter == NULL)
        abort();
    m->filter[m->filters] = strdup(filter);
    if (m->filter[m->filters] == NULL)
        abort();
    m->filters++;
}
