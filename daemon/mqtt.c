#include "mqtt.h"

#include <errno.h>
#include <mosquitto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "log.h"
#include "mqtt_own.h"
#include "pause.h"
#include "text.h"

#define FILTERS_MOST 32
#define MISC_US 1000000       /* how often the library looks at its keepalive */
#define RETRY_FIRST_US 200000 /* the first pause before connecting again */
#define STEADY 10             /* times MISC_US: only then the pauses begin anew, since a broker may take us to throw us out */
#define READS_AT_ONCE 256     /* packets taken before others get their turn */

/*      start             CONNACK            SUBACK
 * DOWN -----> CONNECTING ------> SUBSCRIBING ------> UP
 *  ^              |                   |               |
 *  +--------------+---- any failure --+---------------+   then a pause, then CONNECTING again
 */
enum mqtt_state {
    MQTT_DOWN,        /* no connection, none wanted */
    MQTT_PAUSING,     /* no connection; the timer will try again */
    MQTT_CONNECTING,  /* socket, TLS, CONNECT under way */
    MQTT_SUBSCRIBING, /* connected; filters asked for */
    MQTT_UP,          /* messages come */
    MQTT_STOPPING,    /* DISCONNECT is to be written */
};
static const char *const state_name[] = {"down", "pausing", "connecting", "subscribing", "up", "stopping"};

struct mqtt {
    struct mosquitto *mosq;
    const struct conf_broker *broker;
    struct mqtt_calls calls;
    void *self;
    struct loop_event *socket;
    struct loop_event *misc;
    struct loop_event *retry;
    struct loop_event *overdue; /* CONNACK and SUBACK must have come by then */
    char *filter[FILTERS_MOST];
    size_t filters;
    enum mqtt_state state;
    bool is_gated;
    bool is_closed;       /* the gate: something came that is not safe yet */
    int held;             /* publishes since the gate closed; at the broker's receive_maximum no more is read */
    bool was_told_down;   /* on_down was called and no on_up since */
    bool has_address;     /* host and properties were given to the library */
    bool session_present;
    bool is_clean;
    struct reason said;   /* the library's last word on an error */
    uint64_t packets;     /* publishes received, to see whether a read brought one */
    struct pause pause;
    int stood;            /* how many times MISC_US the connection has stood */
    int subscribed;       /* packet id of the SUBSCRIBE under way */
};

static void
enter(struct mqtt *m, enum mqtt_state next, const char *why)
{
    if (m->state == next)
        return;
    log_debug("broker \"%s\": %s -> %s: %s", m->broker->name, state_name[m->state], state_name[next], why);
    m->state = next;
}

/* A burst ends here even if the broker sends on: mosquitto 2.0.11 does not keep to the Receive Maximum it was told when it
 * empties a queue. */
static bool
may_read(const struct mqtt *m)
{
    return m->held < m->broker->receive_maximum;
}

/* Watches the socket for what can be done: reading up to the window; writing only while the gate is open. */
static void
rearm(struct mqtt *m)
{
    int fd = mosquitto_socket(m->mosq);
    if (fd < 0 || m->state == MQTT_DOWN || m->state == MQTT_PAUSING) {
        loop_event_watch(m->socket, -1, 0);
        return;
    }
    int handshake = mqtt_handshake_wants(m->mosq);
    if (handshake != 0) {
        loop_event_watch(m->socket, fd, handshake);
        return;
    }
    bool may_write = mosquitto_want_write(m->mosq) && !m->is_closed;
    loop_event_watch(m->socket, fd, (may_read(m) ? LOOP_READ : 0) | (may_write ? LOOP_WRITE : 0));
}

static void
write_out(struct mqtt *m)
{
    if (!m->is_closed && mosquitto_want_write(m->mosq))
        mosquitto_loop_write(m->mosq, 1);
    rearm(m);
}

/* The connection is of no more use. The library forgets what it has queued when it connects again: acknowledgements
 * that were held back die here, and the broker sends again. */
static void
fail(struct mqtt *m, const char *why)
{
    if (m->state == MQTT_DOWN || m->state == MQTT_PAUSING)
        return;

    bool was_stopping = m->state == MQTT_STOPPING;
    int fd = mosquitto_socket(m->mosq);
    loop_event_watch(m->socket, -1, 0);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    loop_event_cancel(m->overdue);
    loop_event_cancel(m->misc);
    m->is_closed = false;
    m->held = 0;

    enter(m, was_stopping ? MQTT_DOWN : MQTT_PAUSING, why);
    if (!was_stopping) {
        loop_event_in(m->retry, pause_next(&m->pause));
    }
    if (!m->was_told_down) {
        m->was_told_down = true;
        if (!was_stopping)
            log_warning("broker \"%s\" (%s:%d): %s; trying again", m->broker->name, m->broker->host, m->broker->port, why);
        if (m->calls.on_down != NULL)
            m->calls.on_down(m->self, why);
    }
}

static void
on_disconnect(struct mosquitto *mosq, void *self, int code, const mosquitto_property *properties)
{
    (void)mosq;
    (void)properties;
    struct mqtt *m = self;
    /* From 128 on it is a reason code the broker sent (MQTT 5, section 3.14.2.1), below an error of the library. */
    fail(m, code == 0 ? "disconnected" : code >= 128 ? mosquitto_reason_string(code) : mqtt_words(code));
}

static void
up(struct mqtt *m)
{
    enter(m, MQTT_UP, "ready");
    loop_event_cancel(m->overdue);
    m->stood = 0;
    m->was_told_down = false;
    if (m->filters > 0)
        log_notice("broker \"%s\" (%s:%d): connected, session %s", m->broker->name, m->broker->host, m->broker->port,
                   m->session_present ? "resumed" : "new");
    if (m->calls.on_up != NULL)
        m->calls.on_up(m->self, m->session_present);
}

static void
on_connect(struct mosquitto *mosq, void *self, int code, int flags, const mosquitto_property *properties)
{
    (void)properties;
    struct mqtt *m = self;

    if (code != 0) {
        fail(m, mosquitto_reason_string(code));
        return;
    }
    m->session_present = (flags & 1) != 0;
    if (m->filters == 0) {
        up(m);
        return;
    }
    enter(m, MQTT_SUBSCRIBING, "connected");
    int rc = mosquitto_subscribe_multiple(mosq, &m->subscribed, (int)m->filters, m->filter, 1, 0, NULL);
    if (rc != MOSQ_ERR_SUCCESS)
        fail(m, mqtt_words(rc));
}

static void
on_subscribe(struct mosquitto *mosq, void *self, int id, int count, const int *granted,
             const mosquitto_property *properties)
{
    (void)mosq;
    (void)properties;
    struct mqtt *m = self;

    if (id != m->subscribed || m->state != MQTT_SUBSCRIBING)
        return;
    if (count != (int)m->filters) {
        fail(m, "SUBACK does not fit the SUBSCRIBE");
        return;
    }
    for (int i = 0; i < count; i++) {
        if (granted[i] == 1)
            continue;
        if (granted[i] >= 128)
            log_error("broker \"%s\": filter \"%s\" refused: %s", m->broker->name, m->filter[i],
                      mosquitto_reason_string(granted[i]));
        else
            log_error("broker \"%s\": filter \"%s\" granted at QoS %d, wanted 1: messages could be lost",
                      m->broker->name, m->filter[i], granted[i]);
        fail(m, "subscription not granted as asked");
        return;
    }
    up(m);
}

static void
on_message(struct mosquitto *mosq, void *self, const struct mosquitto_message *message,
           const mosquitto_property *properties)
{
    (void)mosq;
    (void)properties;
    struct mqtt *m = self;

    m->packets++;
    m->is_closed = m->is_gated;
    m->held += m->is_gated;
    m->calls.on_message(m->self, message->topic, message->payload, (size_t)message->payloadlen);
}

static void
on_log(struct mosquitto *mosq, void *self, int level, const char *text)
{
    (void)mosq;
    struct mqtt *m = self;
    if (level == MOSQ_LOG_ERR)
        reason_set(&m->said, "%s", text);
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

/* Reads packets until the socket has no more. The library reads one a call, and may leave bytes that TLS has already
 * decrypted, for which the socket will not become readable again. */
static void
read_in(struct mqtt *m)
{
    for (int i = 0; may_read(m); i++) {
        uint64_t before = m->packets;
        errno = 0; /* the library stops on an EAGAIN that its own wake-up pipe left behind */
        int rc = mosquitto_loop_read(m->mosq, 1);
        if (rc != MOSQ_ERR_SUCCESS)
            fail(m, rc == MOSQ_ERR_TLS ? m->said.text : mqtt_words(rc)); /* a failed handshake: no on_disconnect */
        if (m->state == MQTT_PAUSING || m->state == MQTT_DOWN)
            return;
        if (!mqtt_has_pending(m->mosq) && (m->packets == before || i >= READS_AT_ONCE))
            return;
    }
}

/* With TLS a connection that was refused shows as a socket that is ready for ever: the library does not look. */
static bool
was_refused(struct mqtt *m)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    int error = 0;
    socklen_t error_size = sizeof(error);

    if (m->state != MQTT_CONNECTING || getpeername(mosquitto_socket(m->mosq), (struct sockaddr *)&peer, &size) == 0)
        return false;
    getsockopt(mosquitto_socket(m->mosq), SOL_SOCKET, SO_ERROR, &error, &error_size);
    fail(m, error != 0 ? strerror(error) : "nobody takes the connection");
    return true;
}

static void
on_socket(void *self, int ready)
{
    struct mqtt *m = self;
    if (was_refused(m))
        return;
    if ((ready & LOOP_READ) || mqtt_handshake_wants(m->mosq) != 0)
        read_in(m);
    write_out(m);
}

static void
on_misc(void *self)
{
    struct mqtt *m = self;
    loop_event_in(m->misc, MISC_US);
    if (m->state == MQTT_UP && ++m->stood == STEADY)
        pause_reset(&m->pause);
    mosquitto_loop_misc(m->mosq);
    write_out(m);
}

static void
on_overdue(void *self)
{
    fail(self, "no answer in time");
}

static int
begin_connect(struct mqtt *m)
{
    if (m->has_address)
        return mosquitto_reconnect_async(m->mosq);

    int rc = mqtt_give_properties(m->mosq, m->broker, m->is_clean);
    if (rc != MOSQ_ERR_SUCCESS)
        return rc;
    m->has_address = true;
    return mosquitto_connect_async(m->mosq, m->broker->host, m->broker->port, m->broker->keepalive_s);
}

static void
on_retry(void *self)
{
    struct mqtt *m = self;

    enter(m, MQTT_CONNECTING, "trying");
    int rc = begin_connect(m);
    if (rc != MOSQ_ERR_SUCCESS) {
        fail(m, rc == MOSQ_ERR_EAI ? "no address found for this host" : mqtt_words(rc));
        return;
    }
    loop_event_in(m->overdue, m->broker->connect_timeout_us);
    loop_event_in(m->misc, MISC_US);
    rearm(m);
}

static void
set_calls(struct mqtt *m)
{
    mosquitto_connect_v5_callback_set(m->mosq, on_connect);
    mosquitto_disconnect_v5_callback_set(m->mosq, on_disconnect);
    mosquitto_subscribe_v5_callback_set(m->mosq, on_subscribe);
    mosquitto_message_v5_callback_set(m->mosq, on_message);
    mosquitto_publish_v5_callback_set(m->mosq, on_publish);
    mosquitto_log_callback_set(m->mosq, on_log);
}

struct mqtt *
mqtt_new(struct loop *loop, const struct mqtt_settings *settings, const struct mqtt_calls *calls, void *self,
         struct reason *why)
{
    struct mqtt *m = calloc(1, sizeof(*m));
    if (m == NULL)
        abort();
    *m = (struct mqtt){
        .broker = settings->broker,
        .is_gated = settings->is_gated,
        .is_clean = settings->is_clean,
        .calls = *calls,
        .self = self,
        .pause = {.first_us = RETRY_FIRST_US, .most_us = settings->broker->retry_most_us},
        .said = {"TLS error"},
    };
    mosquitto_lib_init();
    m->mosq = mosquitto_new(m->broker->client_id, settings->is_clean, m);
    if (m->mosq == NULL)
        abort();
    m->socket = loop_socket(loop, on_socket, m);
    m->misc = loop_timer(loop, on_misc, m);
    m->retry = loop_timer(loop, on_retry, m);
    m->overdue = loop_timer(loop, on_overdue, m);
    mosquitto_threaded_set(m->mosq, true); /* the gate: queue packets, write them when told */
    set_calls(m);
    if (!mqtt_set_options(m->mosq, m->broker, why)) {
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
    loop_event_free(m->retry);
    loop_event_free(m->overdue);
    mosquitto_destroy(m->mosq);
    mosquitto_lib_cleanup();
    for (size_t i = 0; i < m->filters; i++)
        free(m->filter[i]);
    free(m);
}

bool
mqtt_add_filter(struct mqtt *m, const char *filter)
{
    if (m->filters == FILTERS_MOST)
        return false;
    m->filter[m->filters] = strdup(filter);
    if (m->filter[m->filters] == NULL)
        abort();
    m->filters++;
    return true;
}

void
mqtt_start(struct mqtt *m)
{
    if (m->state == MQTT_DOWN)
        on_retry(m);
}

void
mqtt_release(struct mqtt *m)
{
    m->is_closed = false;
    m->held = 0;
    write_out(m);
    if ((m->state == MQTT_UP || m->state == MQTT_SUBSCRIBING) && mqtt_has_pending(m->mosq))
        on_socket(m, LOOP_READ);
}

void
mqtt_cut(struct mqtt *m)
{
    if (m->state != MQTT_DOWN && m->state != MQTT_PAUSING)
        enter(m, MQTT_STOPPING, "cut");
    fail(m, "cut");
    loop_event_cancel(m->retry);
    enter(m, MQTT_DOWN, "cut");
}

void
mqtt_stop(struct mqtt *m)
{
    if (m->state == MQTT_UP || m->state == MQTT_SUBSCRIBING) {
        enter(m, MQTT_STOPPING, "stop");
        mosquitto_disconnect(m->mosq);
        write_out(m);
        return;
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
    rearm(m);
    return true;
}
