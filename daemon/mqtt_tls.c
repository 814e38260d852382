/* mqtt_tls: TLS to a broker. The context is ours, not the library's: its files are read anew before each attempt, so that a
 * renewed certificate is used and an authority that was taken out is trusted no more; the broker is held to the name in the
 * configuration whatever address the library is given; and why a handshake failed is known, which the library does not tell.
 */
#include <errno.h>
#include <mosquitto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "loop.h"
#include "mqtt_own.h"
#include "resolve.h"

/* The server name to ask for. No address is one (RFC 6066, section 3). */
static void
ask_for(SSL *ssl, const char *host)
{
    char *name = resolve_is_address(host) ? NULL : (char *)(uintptr_t)host; /* it is copied */
    SSL_set_tlsext_host_name(ssl, name);
}

/* Runs at each step of a handshake, and at each alert. */
static void
on_step(const SSL *ssl, int where, int value)
{
    struct mqtt *m = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    if (where == SSL_CB_CONNECT_EXIT && value < 0)
        m->tls_error = errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN ? 0 : errno;
    if (where == SSL_CB_HANDSHAKE_START)
        ask_for((SSL *)(uintptr_t)ssl, m->broker->host);
    if (where == SSL_CB_READ_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
        m->tls_alert = value;
    if (where == SSL_CB_HANDSHAKE_DONE)
        m->is_shaken = true;
    m->tls_verified = SSL_get_verify_result(ssl);
}

/* A key with a pass phrase: nobody is there to be asked. */
static int
on_pass_phrase(char *words, int size, int is_writing, void *self)
{
    (void)words;
    (void)size;
    (void)is_writing;
    (void)self;
    return 0;
}

static bool
file_fails(const char *what, const char *file, struct reason *why)
{
    unsigned long error = ERR_peek_error();
    const char *words = ERR_reason_error_string(error);
    if (ERR_SYSTEM_ERROR(error))
        words = strerror(ERR_GET_REASON(error));
    ERR_clear_error();
    return reason_set(why, "%s \"%s\" cannot be used: %s; hint: a file in PEM that abated may read; the key is that of the "
                           "certificate, without a pass phrase", what, file, words != NULL ? words : "no reason known");
}

static bool
read_files(struct mqtt *m, struct reason *why)
{
    const struct conf_broker *b = m->broker;
    X509_STORE *trusted = X509_STORE_new();

    if (trusted == NULL)
        abort();
    SSL_CTX_set_cert_store(m->tls, trusted); /* in place of what was there */
    if (b->ca_file == NULL)
        SSL_CTX_set_default_verify_paths(m->tls);
    else if (SSL_CTX_load_verify_file(m->tls, b->ca_file) != 1)
        return file_fails("ca_file", b->ca_file, why);
    if (b->certificate_file != NULL && SSL_CTX_use_certificate_chain_file(m->tls, b->certificate_file) != 1)
        return file_fails("certificate_file", b->certificate_file, why);
    if (b->key_file != NULL && SSL_CTX_use_PrivateKey_file(m->tls, b->key_file, SSL_FILETYPE_PEM) != 1)
        return file_fails("key_file", b->key_file, why);
    return true;
}

bool
mqtt_tls_begin(struct mqtt *m, struct reason *why)
{
    if (m->tls == NULL)
        return true;
    m->tls_alert = m->tls_error = 0;
    m->tls_verified = X509_V_OK;
    m->is_shaken = false;
    ERR_clear_error(); /* what stands there the library takes for an error of the next connection */
    return read_files(m, why);
}

static bool
expect_host(SSL_CTX *tls, const char *host)
{
    X509_VERIFY_PARAM *wanted = SSL_CTX_get0_param(tls);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return resolve_is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host) == 1
                                    : X509_VERIFY_PARAM_set1_host(wanted, host, 0) == 1;
}

bool
mqtt_tls_init(struct mqtt *m, struct reason *why)
{
    if (!m->broker->tls)
        return true;

    m->tls = SSL_CTX_new(TLS_client_method());
    if (m->tls == NULL)
        abort();
    SSL_CTX_set_min_proto_version(m->tls, TLS1_2_VERSION);
    SSL_CTX_set_verify(m->tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(m->tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(m->tls, on_pass_phrase);
    SSL_CTX_set_app_data(m->tls, m);
    SSL_CTX_set_info_callback(m->tls, on_step);
    if (!expect_host(m->tls, m->broker->host))
        return reason_set(why, "host \"%s\": no certificate can be held against it", m->broker->host);
    mosquitto_int_option(m->mosq, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    mosquitto_void_option(m->mosq, MOSQ_OPT_SSL_CTX, m->tls);
    return mqtt_tls_begin(m, why);
}

void
mqtt_tls_clear(struct mqtt *m)
{
    SSL_CTX_free(m->tls);
}

/* ---- why it failed ---- */

static const char *
hint_of(long verified)
{
    switch (verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the broker needs a new one, if the clock is right here";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "is the clock right, here and where it was made";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "host must be as its subjectAltName says";
    default:
        return "ca_file must have the authority that signed it";
    }
}

static bool
is_of_certificate(int alert)
{
    return (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_CERTIFICATE_UNKNOWN) || alert == SSL_AD_UNKNOWN_CA ||
           alert == SSL_AD_ACCESS_DENIED || alert == TLS13_AD_CERTIFICATE_REQUIRED;
}

bool
mqtt_tls_failed(const struct mqtt *m, int code, struct reason *why)
{
    if (m->tls == NULL)
        return false;
    if (m->tls_verified != X509_V_OK)
        reason_set(why, "its certificate is refused: %s; hint: %s", X509_verify_cert_error_string(m->tls_verified),
                   hint_of(m->tls_verified));
    else if (m->tls_alert != 0 && is_of_certificate(m->tls_alert & 0xff))
        reason_set(why, "it refuses our certificate: %s; hint: certificate_file must be signed by an authority it knows, and "
                        "not be too old", SSL_alert_desc_string_long(m->tls_alert));
    else if (m->tls_alert != 0)
        reason_set(why, "it ends TLS: %s", SSL_alert_desc_string_long(m->tls_alert));
    else if (!m->is_shaken && code == MOSQ_ERR_TLS && strstr(m->said.text, "unexpected eof") == NULL)
        reason_set(why, "no TLS there: %s; hint: is this its port for TLS, mostly 8883", m->said.text);
    else if (!m->is_shaken)
        reason_set(why, "the link ended within the TLS handshake; hint: is this its port for TLS, mostly 8883");
    else
        return false;
    return true;
}

bool
mqtt_tls_is_too_old(const struct mqtt *m)
{
    const X509 *own = m->tls != NULL ? SSL_CTX_get0_certificate(m->tls) : NULL;
    return own != NULL && X509_cmp_current_time(X509_get0_notAfter(own)) < 0;
}

/* ---- what the loop must know ---- */

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
