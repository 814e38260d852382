#include <mosquitto.h>
#include <openssl/ssl.h>

#include "loop.h"
#include "mqtt_own.h"

bool
mqtt_set_tls(struct mosquitto *mosq, const struct conf_broker *b, struct reason *why)
{
    if (!b->tls)
        return true;

    if (b->ca_file == NULL)
        mosquitto_int_option(mosq, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
    int rc = MOSQ_ERR_SUCCESS;
    if (b->ca_file != NULL || b->certificate_file != NULL)
        rc = mosquitto_tls_set(mosq, b->ca_file, b->ca_file == NULL ? "/etc/ssl/certs" : NULL, b->certificate_file,
                               b->key_file, NULL);
    if (rc != MOSQ_ERR_SUCCESS)
        return reason_set(why, "TLS files cannot be used: %s (ca \"%s\", certificate \"%s\", key \"%s\")", mqtt_words(rc),
                          b->ca_file ? b->ca_file : "", b->certificate_file ? b->certificate_file : "",
                          b->key_file ? b->key_file : "");
    return true;
}

int
mqtt_handshake_wants(struct mosquitto *mosq)
{
    const SSL *ssl = mosquitto_ssl_get(mosq);
    if (ssl == NULL || !SSL_in_init(ssl))
        return 0;
    return SSL_want_write(ssl) ? LOOP_WRITE : LOOP_READ;
}

bool
mqtt_has_pending(struct mosquitto *mosq)
{
    SSL *ssl = mosquitto_ssl_get(mosq);
    return ssl != NULL && SSL_pending(ssl) > 0;
}
