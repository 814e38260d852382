#include "mqtt_bulk.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static _Thread_local struct bulk *current;

/* ---- the system's ---- */

static ssize_t (*system_read)(int, void *, size_t);
static ssize_t (*system_write)(int, const void *, size_t);
static ssize_t (*system_send)(int, const void *, size_t, int);
static int (*system_ssl_write)(SSL *, const void *, int);

/* Before main(): a signal handler may be the first to write. What is called even earlier looks for itself. */
static void __attribute__((constructor))
find_system(void)
{
    *(void **)&system_read = dlsym(RTLD_NEXT, "read");
    *(void **)&system_write = dlsym(RTLD_NEXT, "write");
    *(void **)&system_send = dlsym(RTLD_NEXT, "send");
    *(void **)&system_ssl_write = dlsym(RTLD_NEXT, "SSL_write");
}

/* ---- the buffers ---- */

static ssize_t
take(struct bulk *b, void *to, size_t size)
{
    if (b->in_at == b->in_end) {
        ssize_t done = system_read(b->socket, b->in, BULK_SIZE);
        if (done <= 0)
            return done;
        b->in_at = 0;
        b->in_end = (size_t)done;
    }
    if (size > b->in_end - b->in_at)
        size = b->in_end - b->in_at;
    memcpy(to, b->in + b->in_at, size);
    b->in_at += size;
    b->taken += size;
    return (ssize_t)size;
}

/* As much as the socket takes; false with errno if it takes nothing any more. */
static bool
send_out(struct bulk *b)
{
    while (b->out_at < b->out_end) {
        ssize_t done = system_send(b->socket, b->out + b->out_at, b->out_end - b->out_at, MSG_NOSIGNAL);
        if (done < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        b->out_at += (size_t)done;
    }
    b->out_at = b->out_end = 0;
    return true;
}

static ssize_t
put(struct bulk *b, const void *from, size_t size)
{
    if (b->is_gathering && size <= BULK_SIZE - b->out_end) {
        memcpy(b->out + b->out_end, from, size);
        b->out_end += size;
        return (ssize_t)size;
    }
    if (!send_out(b))
        return -1;
    if (b->out_end > 0) {
        errno = EAGAIN;
        return -1;
    }
    return system_send(b->socket, from, size, MSG_NOSIGNAL);
}

/* ---- TLS: what is gathered goes into as few records as it fits ---- */

/* 1; or what SSL_write() returned, for SSL_get_error(). The same bytes have to be tried again then, perhaps with more behind. */
static int
encrypt(struct bulk *b)
{
    if (b->plain_end == 0)
        return 1;
    ERR_clear_error();
    int done = system_ssl_write(b->ssl, b->plain, (int)b->plain_end);
    if (done <= 0)
        return done;
    b->plain_end = 0;
    return 1;
}

static int
put_plain(struct bulk *b, SSL *ssl, const void *from, int size)
{
    b->ssl = ssl;
    if (!b->is_gathering || (size_t)size > BULK_RECORD - b->plain_end) {
        int done = encrypt(b);
        if (done <= 0)
            return done;
    }
    if (!b->is_gathering || size > BULK_RECORD)
        return system_ssl_write(ssl, from, size);
    memcpy(b->plain + b->plain_end, from, (size_t)size);
    b->plain_end += (size_t)size;
    return size;
}

/* False if that is the end of the connection, with errno. */
static bool
encrypt_out(struct bulk *b)
{
    int done = encrypt(b);
    if (done > 0)
        return true;
    int error = SSL_get_error(b->ssl, done);
    errno = error == SSL_ERROR_SYSCALL && errno != 0 ? errno : EPROTO;
    return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ;
}

/* ---- in front of the system's ---- */

ssize_t
read(int file, void *to, size_t size)
{
    if (system_read == NULL)
        find_system();
    if (current == NULL || file != current->socket)
        return system_read(file, to, size);
    return take(current, to, size);
}

ssize_t
write(int file, const void *from, size_t size)
{
    if (system_write == NULL)
        find_system();
    if (current == NULL)
        return system_write(file, from, size);
    if (file == current->socket)
        return put(current, from, size);
    if (size == 1 && *(const char *)from == '\0')
        return 1; /* to wake the thread that nobody has */
    return system_write(file, from, size);
}

ssize_t
send(int file, const void *from, size_t size, int flags)
{
    if (system_send == NULL)
        find_system();
    return current != NULL && file == current->socket ? put(current, from, size) : system_send(file, from, size, flags);
}

int
SSL_write(SSL *ssl, const void *from, int size)
{
    if (system_ssl_write == NULL)
        find_system();
    if (current == NULL || size <= 0 || SSL_get_fd(ssl) != current->socket)
        return system_ssl_write(ssl, from, size);
    return put_plain(current, ssl, from, size);
}

/* ---- */

static unsigned char *
buffer(size_t size)
{
    unsigned char *ret = malloc(size);
    if (ret == NULL)
        abort();
    return ret;
}

void
bulk_init(struct bulk *b)
{
    *b = (struct bulk){.socket = -1, .in = buffer(BULK_SIZE), .out = buffer(BULK_SIZE), .plain = buffer(BULK_RECORD)};
}

void
bulk_clear(struct bulk *b)
{
    free(b->in);
    free(b->out);
    free(b->plain);
}

void
bulk_forget(struct bulk *b)
{
    b->in_at = b->in_end = b->out_at = b->out_end = b->plain_end = 0;
    b->ssl = NULL;
}

void
bulk_begin(struct bulk *b, int socket, bool is_gathering)
{
    assert(current != b);
    b->socket = socket;
    b->is_gathering = is_gathering;
    b->outer = current;
    current = b;
}

bool
bulk_end(struct bulk *b)
{
    bool is_good = encrypt_out(b);
    current = b->outer;
    return is_good && send_out(b);
}

bool
bulk_has_read(const struct bulk *b)
{
    return b->in_at < b->in_end;
}

bool
bulk_is_unsent(const struct bulk *b)
{
    return b->out_end > 0 || b->plain_end > 0;
}
