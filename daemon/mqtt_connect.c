/* mqtt_connect: the way to a broker: its name looked up, the connection begun, and what ends it early.
 */
#include <errno.h>
#include <mosquitto.h>
#include <sys/socket.h>

#include "loop.h"
#include "mqtt_own.h"

/* With TLS a connection that was refused shows as a socket that is ready for ever: the library does not look. */
bool
mqtt_was_refused(struct mqtt *m)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    int error = 0;
    socklen_t error_size = sizeof(error);

    if (m->state != MQTT_CONNECTING || getpeername(mosquitto_socket(m->mosq), (struct sockaddr *)&peer, &size) == 0)
        return false;
    getsockopt(mosquitto_socket(m->mosq), SOL_SOCKET, SO_ERROR, &error, &error_size);
    errno = error != 0 ? error : m->tls_error;
    mqtt_fail_by(m, MOSQ_ERR_ERRNO);
    return true;
}

static void
on_overdue(void *self)
{
    struct mqtt *m = self;
    mqtt_fail(m, m->is_halted ? "no answer was read in time: nothing is, until there is room" : "no answer in time");
}

static void
on_log(struct mosquitto *mosq, void *self, int level, const char *text)
{
    (void)mosq;
    struct mqtt *m = self;
    if (level == MOSQ_LOG_ERR)
        reason_set(&m->said, "%s", text);
}

/* Who listens has a line made for him of each packet, too. */
void
mqtt_connect_is_over(struct mqtt *m)
{
    mosquitto_log_callback_set(m->mosq, NULL);
}

static int
begin_connect(struct mqtt *m, const char *host)
{
    int rc = m->has_properties ? MOSQ_ERR_SUCCESS : mqtt_give_properties(m->mosq, m->broker, m->kind);
    if (rc != MOSQ_ERR_SUCCESS)
        return rc;
    m->has_properties = true;
    return mosquitto_connect_async(m->mosq, host, m->broker->port, m->broker->keepalive_s);
}

static void
try_host(struct mqtt *m, const char *host)
{
    struct reason why;
    mqtt_enter(m, MQTT_CONNECTING, host);
    m->said.text[0] = '\0';
    mosquitto_log_callback_set(m->mosq, on_log);
    if (!mqtt_tls_begin(m, &why)) {
        mqtt_fail(m, why.text);
        return;
    }
    int rc = begin_connect(m, host);
    if (rc != MOSQ_ERR_SUCCESS) {
        mqtt_fail_by(m, rc);
        return;
    }
    loop_event_in(m->overdue, m->broker->connect_timeout_us);
    loop_event_in(m->misc, MQTT_MISC_US);
    mqtt_rearm(m);
}

static void
on_resolved(void *self, const struct resolve_answer *answer)
{
    struct mqtt *m = self;
    if (answer->count == 0)
        mqtt_fail(m, answer->why.text);
    else
        try_host(m, answer->address[m->address++ % answer->count]);
}

void
mqtt_connect(struct mqtt *m)
{
    m->is_foreign = false;
    if (resolve_is_address(m->broker->host)) {
        try_host(m, m->broker->host);
        return;
    }
    mqtt_enter(m, MQTT_RESOLVING, m->broker->host);
    resolve_begin(m->resolve, m->broker->host, m->broker->connect_timeout_us);
}

static void
on_retry(void *self)
{
    struct mqtt *m = self;
    if (!m->is_halted) /* else mqtt_release() will */
        mqtt_connect(m);
}

void
mqtt_connect_init(struct mqtt *m)
{
    m->retry = loop_timer(m->loop, on_retry, m);
    m->overdue = loop_timer(m->loop, on_overdue, m);
    m->resolve = resolve_new(m->loop, on_resolved, m);
}

void
mqtt_connect_clear(struct mqtt *m)
{
    loop_event_free(m->retry);
    loop_event_free(m->overdue);
    resolve_free(m->resolve);
}
