#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <string.h>

#include "mqtt_own.h"
#include "secret.h"

#define SESSION_FOR_EVER 0xffffffffu
#define SESSION_OF_VISIT 60 /* seconds it outlives a visitor who could not say good-bye */

const char *
mqtt_words(int code)
{
    if (code == MOSQ_ERR_KEEPALIVE)
        return "no sign of life within the keepalive";
    if (code == MOSQ_ERR_ERRNO && errno == 0)
        return "nobody takes the connection";
    return code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
}

void
mqtt_explain(const struct mqtt *m, int code, struct reason *ret)
{
    bool is_cut = m->tls != NULL && code == MOSQ_ERR_ERRNO && errno == EPROTO; /* the library's word for any end of TLS */
    const char *words = is_cut ? "the TLS link was cut" : mqtt_words(code);
    bool was_there = code != MOSQ_ERR_ERRNO || errno == ECONNRESET || errno == EPIPE || errno == EPROTO;

    if (!was_there || !mqtt_tls_failed(m, code, ret)) {
        bool is_early = was_there && m->state == MQTT_CONNECTING && !m->broker->tls;
        reason_set(ret, "%s%s", words, is_early ? " before CONNACK; hint: if that port has TLS, set tls = on" : "");
    }
    if (was_there && mqtt_tls_is_too_old(m))
        reason_prefix(ret, "our certificate has expired (hint: a new one in certificate_file)");
}

/* The library takes CONNECT properties only through its blocking connect. A keepalive it does not allow makes that one
 * return before it touches the network, with the properties kept for all connections to come. */
int
mqtt_give_properties(struct mosquitto *mosq, const struct conf_broker *b, enum mqtt_kind kind)
{
    static const uint32_t expiry[] = {
        [MQTT_LASTING] = SESSION_FOR_EVER, [MQTT_PASSING] = 0, [MQTT_VISITING] = SESSION_OF_VISIT};
    mosquitto_property *properties = NULL;
    int rc = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, expiry[kind]);
    if (rc == MOSQ_ERR_SUCCESS) /* without it the broker would end the session with the connection, and all that waits */
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, MQTT_PACKET_MOST);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_connect_bind_v5(mosq, b->host, b->port, 1, NULL, properties);
    mosquitto_property_free_all(&properties);
    return rc == MOSQ_ERR_INVAL ? MOSQ_ERR_SUCCESS : rc;
}

/* What a visitor made ends with the visit; what another client left there stays as it was. */
int
mqtt_say_goodbye(struct mqtt *m)
{
    mosquitto_property *properties = NULL;
    int rc = MOSQ_ERR_SUCCESS;
    if (m->kind == MQTT_VISITING)
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                          m->is_foreign ? SESSION_FOR_EVER : 0);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_disconnect_v5(m->mosq, 0, properties);
    mosquitto_property_free_all(&properties);
    return rc;
}

static bool
set_identity(struct mosquitto *mosq, const struct conf_broker *b, struct reason *why)
{
    if (b->username == NULL)
        return true;

    char password[SECRET_SIZE] = "";
    if (b->password_file != NULL && !secret_read(b->password_file, password, why))
        return false;
    mosquitto_username_pw_set(mosq, b->username, b->password_file != NULL ? password : NULL);
    explicit_bzero(password, sizeof(password));
    return true;
}

bool
mqtt_set_options(struct mosquitto *mosq, const struct conf_broker *b, struct reason *why)
{
    mosquitto_int_option(mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(mosq, MOSQ_OPT_RECEIVE_MAXIMUM, b->receive_maximum);
    mosquitto_int_option(mosq, MOSQ_OPT_TCP_NODELAY, 1);
    return set_identity(mosq, b, why);
}
