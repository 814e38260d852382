/* proxy_tls: where the client's TLS ends. To the server it is plain. What goes to the client in one piece is one record: many
 * packets in it stay within the client's TLS, decrypted, when its socket has nothing more to be read.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>

#include "proxy.h"

#define RECORD_MOST 16384 /* RFC 8446, section 5.1 */

static SSL_CTX *ours;

void
tls_begin(const char *certificate, const char *key)
{
    ours = SSL_CTX_new(TLS_server_method());
    if (ours == NULL || SSL_CTX_use_certificate_chain_file(ours, certificate) != 1)
        fail(certificate, "no certificate");
    if (SSL_CTX_use_PrivateKey_file(ours, key, SSL_FILETYPE_PEM) != 1)
        fail(key, "not its key");
}

struct bufferevent *
tls_socket(struct event_base *base, evutil_socket_t fd, int options)
{
    if (ours == NULL)
        return NULL;
    struct bufferevent *b = bufferevent_openssl_socket_new(base, fd, SSL_new(ours), BUFFEREVENT_SSL_ACCEPTING, options);
    if (b == NULL)
        fail("TLS", "no memory");
    return b;
}

/* libevent makes a record of each chunk of its buffers. */
void
tls_join(struct evbuffer *bytes)
{
    size_t size = evbuffer_get_length(bytes);
    if (ours != NULL && size > 0)
        evbuffer_pullup(bytes, size < RECORD_MOST ? -1 : RECORD_MOST);
}
