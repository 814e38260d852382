#include "mqtt.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "log.h"
#include "mqtt_own.h"
#include "pause.h"
#include "text.h"

#define RETRY_FIRST_US 200000 /* the first pause before connecting again */
#define STEADY_US 10000000    /* only then the pauses begin anew, since a broker may take us to throw us out */
#define SAY_AGAIN_US 600000000 /* after which a failure that lasts is said again */
#define READS_AT_ONCE 256     /* packets taken before others get their turn */
#define UNSENT_MOST 16384     /* acknowledgements that wait for the socket: the library keeps 80 bytes for each */

static const char *const state_name[] = {"down", "pausing", "resolving", "connecting", "subscribing", "up", "stopping"};

void
mqtt_enter(struct mqtt *m, enum mqtt_state next, const char *why)
{
    if (m->state == next)
        return;
    log_debug("broker \"%s\": %s -> %s: %s", m->broker->name, state_name[m->state], state_name[next], why);
    m->state = next;
}

/* A burst ends here even if the broker sends on: mosquitto 2.0.11 does not keep to the Receive Maximum it was told when it
 * empties a queue, and then sends faster than it reads the acknowledgements. Behind a DISCONNECT nothing could be acknowledged
 * any more: what is not read then is not taken twice. */
static bool
may_read(const struct mqtt *m)
{
    return m->state != MQTT_STOPPING && !m->is_halted && m->held < m->broker->receive_maximum && m->unsent < UNSENT_MOST;
}

/* Watches the socket for what can be done: reading up to the window; writing only while the gate is open. */
void
mqtt_rearm(struct mqtt *m)
{
    int fd = mosquitto_socket(m->mosq);
    if (fd < 0 || m->state <= MQTT_RESOLVING) {
        loop_event_watch(m->socket, -1, 0);
        return;
    }
    int handshake = mqtt_handshake_wants(m->mosq);
    if (handshake != 0) {
        loop_event_watch(m->socket, fd, handshake);
        return;
    }
    bool may_write = bulk_is_unsent(&m->bulk) || (mosquitto_want_write(m->mosq) && !m->is_closed);
    loop_event_watch(m->socket, fd, (may_read(m) ? LOOP_READ : 0) | (may_write ? LOOP_WRITE : 0));
}

/* The library would have said so of the last write. */
static void
lost(struct mqtt *m)
{
    if (errno == ECONNRESET && m->state == MQTT_UP)
        mqtt_session_thrown_out(m);
    mqtt_fail_by(m, MOSQ_ERR_ERRNO);
}

/* What was read before, but not by the library, makes no socket readable. */
static void
all_is_sent(struct mqtt *m)
{
    if (m->unsent >= UNSENT_MOST)
        loop_event_in(m->room, 0);
    m->unsent = 0;
}

/* Behind a DISCONNECT the library closes the socket: that one is not gathered. */
void
mqtt_write_out(struct mqtt *m)
{
    if (m->state <= MQTT_RESOLVING)
        return; /* the library may still have a socket, and it is of no more use */
    if (bulk_is_unsent(&m->bulk) || (!m->is_closed && mosquitto_want_write(m->mosq))) {
        bulk_begin(&m->bulk, mosquitto_socket(m->mosq), m->state != MQTT_STOPPING);
        if (!m->is_closed)
            mosquitto_loop_write(m->mosq, 1);
        if (!bulk_end(&m->bulk))
            lost(m);
    }
    if (m->unsent > 0 && !bulk_is_unsent(&m->bulk) && !mosquitto_want_write(m->mosq))
        all_is_sent(m);
    mqtt_rearm(m);
}

/* Once, and again if it is for another reason or lasts. */
static void
say_down(struct mqtt *m, const char *why)
{
    int64_t now = loop_ticks(m->loop);
    if (strcmp(m->down_why.text, why) == 0 && now - m->down_said_at < SAY_AGAIN_US)
        return;
    reason_set(&m->down_why, "%s", why);
    m->down_said_at = now;
    log_warning("broker \"%s\" (%s:%d): %s; trying again", m->broker->name, m->broker->host, m->broker->port, why);
}

/* The connection is of no more use. The library forgets what it has queued when it connects again: acknowledgements
 * that were held back die here, and the broker sends again. */
void
mqtt_fail(struct mqtt *m, const char *why)
{
    bulk_forget(&m->bulk);
    m->unsent = 0;
    if (m->state == MQTT_DOWN || m->state == MQTT_PAUSING)
        return;

    bool was_stopping = m->state == MQTT_STOPPING;
    int fd = mosquitto_socket(m->mosq);
    loop_event_watch(m->socket, -1, 0);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    if (was_stopping && fd < 0 && mqtt_linger_begin(m))
        return;
    mqtt_linger_end(m);
    loop_event_cancel(m->overdue);
    loop_event_cancel(m->misc);
    loop_event_cancel(m->ask_again);
    resolve_cancel(m->resolve);
    m->is_closed = false;
    m->held = 0;

    mqtt_enter(m, was_stopping ? MQTT_DOWN : MQTT_PAUSING, why);
    if (!was_stopping) {
        loop_event_in(m->retry, pause_next(&m->pause));
        say_down(m, why);
    }
    if (!m->was_told_down) {
        m->was_told_down = true;
        if (m->calls.on_down != NULL)
            m->calls.on_down(m->self, why);
    }
}

/* For an error of the library, which knows little of why. */
void
mqtt_fail_by(struct mqtt *m, int code)
{
    struct reason why;
    mqtt_explain(m, code, &why);
    mqtt_fail(m, why.text);
}

static void
on_disconnect(struct mosquitto *mosq, void *self, int code, const mosquitto_property *properties)
{
    (void)mosq;
    (void)properties;
    struct mqtt *m = self;
    if (code == MQTT_RC_SESSION_TAKEN_OVER)
        mqtt_session_taken(m);
    else if (code == MOSQ_ERR_CONN_LOST && m->state == MQTT_UP)
        mqtt_session_thrown_out(m);
    /* From 128 on it is a reason code the broker sent (MQTT 5, section 3.14.2.1), below an error of the library. */
    if (code > 0 && code < 128)
        mqtt_fail_by(m, code);
    else
        mqtt_fail(m, code == 0 ? "disconnected" : mosquitto_reason_string(code));
}

void
mqtt_up(struct mqtt *m)
{
    mqtt_enter(m, MQTT_UP, "ready");
    loop_event_cancel(m->overdue);
    m->stands_since = loop_ticks(m->loop);
    m->was_told_down = false;
    m->down_why.text[0] = '\0';
    if (m->filters > 0)
        log_notice("broker \"%s\" (%s:%d): connected, session %s", m->broker->name, m->broker->host, m->broker->port,
                   m->session_present ? "resumed" : "new");
    if (m->calls.on_up != NULL)
        m->calls.on_up(m->self, m->session_present);
}

static void
on_message(struct mosquitto *mosq, void *self, const struct mosquitto_message *message,
           const mosquitto_property *properties)
{
    (void)mosq;
    (void)properties;
    struct mqtt *m = self;

    m->packets++;
    if (mqtt_session_takes(m, message))
        return;
    m->is_closed = m->is_gated;
    m->held += m->is_gated;
    m->calls.on_message(m->self, message->topic, message->payload, (size_t)message->payloadlen);
}

static void
on_publish(struct mosquitto *mosq, void *self, int id, int code, const mosquitto_property *properties)
{
    (void)mosq;
    (void)properties;
    struct mqtt *m = self;

    if (m->calls.on_published != NULL)
        m->calls.on_published(m->self, id, code);
}

static bool
has_pending(const struct mqtt *m)
{
    return bulk_has_read(&m->bulk) || mqtt_has_pending(m->mosq);
}

/* Reads packets until the socket has no more. The library reads one a call, and leaves bytes that were read in bulk or
 * that TLS has already decrypted, for which the socket will not become readable again. */
static void
read_in(struct mqtt *m)
{
    for (int i = 0; may_read(m) && !m->is_foreign; i++) {
        uint64_t before = m->packets, taken = m->bulk.taken;
        errno = 0; /* the library stops on an EAGAIN that its own wake-up pipe left behind */
        bulk_begin(&m->bulk, mosquitto_socket(m->mosq), false);
        int rc = mosquitto_loop_read(m->mosq, 1);
        bulk_end(&m->bulk);
        if (rc != MOSQ_ERR_SUCCESS)
            mqtt_fail_by(m, rc); /* a failed handshake: no on_disconnect */
        if (m->state <= MQTT_RESOLVING)
            return;
        if (m->bulk.taken == taken && m->packets == before && !mqtt_has_pending(m->mosq))
            return; /* TLS may have to write first */
        if (!has_pending(m) && (m->packets == before || i >= READS_AT_ONCE))
            return;
    }
}

static void
on_socket(void *self, int ready)
{
    struct mqtt *m = self;
    if (mqtt_was_refused(m))
        return;
    if ((ready & LOOP_READ) || mqtt_handshake_wants(m->mosq) != 0)
        read_in(m);
    if (m->is_foreign && m->state == MQTT_SUBSCRIBING)
        mqtt_stop(m);
    mqtt_write_out(m);
}

static void
on_room(void *self)
{
    struct mqtt *m = self;
    if ((m->state == MQTT_UP || m->state == MQTT_SUBSCRIBING) && has_pending(m))
        on_socket(m, LOOP_READ);
}

/* Two that throw each other out stand for as long as the other pauses: that is not steady yet. */
static bool
is_steady(const struct mqtt *m)
{
    int64_t stood = loop_ticks(m->loop) - m->stands_since;
    return stood >= STEADY_US && stood >= 2 * m->pause.last_us;
}

static void
on_misc(void *self)
{
    struct mqtt *m = self;
    loop_event_in(m->misc, MQTT_MISC_US);
    if (m->state == MQTT_UP) {
        if (is_steady(m)) {
            pause_reset(&m->pause);
            m->thrown_out = 0;
        }
        mqtt_session_stands(m);
    }
    mosquitto_loop_misc(m->mosq);
    mqtt_write_out(m);
}

static void
set_calls(struct mqtt *m)
{
    mosquitto_disconnect_v5_callback_set(m->mosq, on_disconnect);
    mosquitto_message_v5_callback_set(m->mosq, on_message);
    mosquitto_publish_v5_callback_set(m->mosq, on_publish);
}

struct mqtt *
mqtt_new(struct loop *loop, const struct mqtt_settings *settings, const struct mqtt_calls *calls, void *self,
         struct reason *why)
{
    struct mqtt *m = calloc(1, sizeof(*m));
    if (m == NULL)
        abort();
    *m = (struct mqtt){
        .loop = loop,
        .broker = settings->broker,
        .is_gated = settings->is_gated,
        .kind = settings->kind,
        .calls = *calls,
        .self = self,
        .pause = {.first_us = RETRY_FIRST_US, .most_us = settings->broker->retry_most_us},
    };
    mosquitto_lib_init();
    m->mosq = mosquitto_new(m->broker->client_id, settings->kind == MQTT_PASSING, m);
    if (m->mosq == NULL)
        abort();
    m->socket = loop_socket(loop, on_socket, m);
    m->misc = loop_timer(loop, on_misc, m);
    m->room = loop_timer(loop, on_room, m);
    mqtt_connect_init(m);
    mqtt_linger_init(m);
    bulk_init(&m->bulk);
    mosquitto_threaded_set(m->mosq, true); /* the gate: queue packets, write them when told */
    set_calls(m);
    mqtt_session_init(m, settings);
    if (!mqtt_set_options(m->mosq, m->broker, why) || !mqtt_tls_init(m, why)) {
        mqtt_free(m);
        reason_prefix(why, "broker \"%s\"", settings->broker->name);
        return NULL;
    }
    return m;
}

void
mqtt_free(struct mqtt *m)
{
    if (m == NULL)
        return;
    loop_event_free(m->socket);
    loop_event_free(m->misc);
    loop_event_free(m->room);
    mqtt_connect_clear(m);
    mqtt_linger_clear(m);
    mosquitto_destroy(m->mosq);
    mosquitto_lib_cleanup();
    mqtt_tls_clear(m);
    mqtt_session_clear(m);
    bulk_clear(&m->bulk);
    free(m);
}

void
mqtt_start(struct mqtt *m)
{
    if (m->state == MQTT_DOWN)
        mqtt_connect(m);
}

void
mqtt_halt(struct mqtt *m)
{
    m->is_halted = true;
    mqtt_rearm(m);
}

void
mqtt_release(struct mqtt *m)
{
    if (m->is_halted && m->state == MQTT_PAUSING)
        loop_event_in(m->retry, 0);
    m->is_halted = false;
    m->is_closed = false;
    m->unsent += m->held;
    m->held = 0;
    mqtt_write_out(m);
    on_room(m);
}

void
mqtt_cut(struct mqtt *m)
{
    if (m->state != MQTT_DOWN && m->state != MQTT_PAUSING)
        mqtt_enter(m, MQTT_STOPPING, "cut");
    mqtt_linger_end(m);
    mqtt_fail(m, "cut");
    loop_event_cancel(m->retry);
    mqtt_enter(m, MQTT_DOWN, "cut");
}

void
mqtt_stop(struct mqtt *m)
{
    if (m->state == MQTT_UP || m->state == MQTT_SUBSCRIBING) {
        mqtt_enter(m, MQTT_STOPPING, "stop");
        mqtt_linger_hold(m);
        if (mqtt_say_goodbye(m) == MOSQ_ERR_SUCCESS) {
            mqtt_write_out(m);
            return;
        }
    }
    mqtt_cut(m);
}

bool
mqtt_is_up(const struct mqtt *m)
{
    return m->state == MQTT_UP;
}

bool
mqtt_is_down(const struct mqtt *m)
{
    return m->state == MQTT_DOWN;
}

bool
mqtt_is_contested(const struct mqtt *m)
{
    return m->thrown_out > 0;
}

const char *
mqtt_name(const struct mqtt *m)
{
    return m->broker->name;
}

bool
mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t size, int *ret_id, struct reason *why)
{
    int rc = mosquitto_publish(m->mosq, ret_id, topic, (int)size, payload, 1, false);
    if (rc != MOSQ_ERR_SUCCESS && rc != MOSQ_ERR_NO_CONN)
        return reason_set(why, "broker \"%s\": publish to \"%s\": %s", m->broker->name,
                          text_quote(topic, strlen(topic)).text, mqtt_words(rc));
    mqtt_rearm(m);
    return true;
}
