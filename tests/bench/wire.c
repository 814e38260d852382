#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WRITE_MOST 65536
#define HEADER_MOST 5

static void __attribute__((noreturn))
give_up(const char *what)
{
    fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- packets: MQTT 3.1.1, sections 2.2, 3.1, 3.3 ---- */

static size_t
write_header(unsigned char *out, unsigned char type, size_t size)
{
    size_t at = 0;
    out[at++] = type;
    do {
        out[at] = size & 0x7f;
        size >>= 7;
        out[at++] |= size > 0 ? 0x80 : 0;
    } while (size > 0);
    return at;
}

static size_t
read_header(const unsigned char *bytes, size_t size, size_t *ret_body)
{
    size_t body = 0;
    for (size_t at = 1; at < size && at < HEADER_MOST; at++) {
        body |= (size_t)(bytes[at] & 0x7f) << 7 * (at - 1);
        if ((bytes[at] & 0x80) == 0) {
            *ret_body = body;
            return at + 1;
        }
    }
    return 0;
}

static void
add_number(struct buf *b, size_t number)
{
    unsigned char bytes[2] = {(unsigned char)(number >> 8), (unsigned char)number};
    buf_add(b, bytes, sizeof(bytes));
}

static void
add_text(struct buf *b, const char *text)
{
    add_number(b, strlen(text));
    buf_add_text(b, text);
}

void
wire_add(struct wire *w, const char *topic, const void *payload, size_t size)
{
    unsigned char header[HEADER_MOST];

    if (w->count == w->room) {
        w->room = w->room * 2 + 1024;
        w->end = realloc(w->end, w->room * sizeof(*w->end));
        if (w->end == NULL)
            abort();
    }
    buf_add(&w->bytes, header, write_header(header, 0x32, 2 + strlen(topic) + 2 + size));
    add_text(&w->bytes, topic);
    add_number(&w->bytes, w->count % 65535 + 1);
    buf_add(&w->bytes, payload, size);
    w->end[w->count++] = w->bytes.size;
}

/* ---- the connection ---- */

static void
write_all(int socket, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t done = write(socket, at, size);
        if (done <= 0)
            give_up("write");
        at += done;
        size -= (size_t)done;
    }
}

static void
say_hello(int socket, const char *id)
{
    static const unsigned char what[] = {0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0}; /* clean session, no keepalive */
    unsigned char header[HEADER_MOST], answer[4];
    struct buf packet = {0};

    buf_add(&packet, header, write_header(header, 0x10, sizeof(what) + 2 + strlen(id)));
    buf_add(&packet, what, sizeof(what));
    add_text(&packet, id);
    write_all(socket, packet.at, packet.size);
    buf_clear(&packet);
    if (recv(socket, answer, sizeof(answer), MSG_WAITALL) != sizeof(answer) || answer[0] != 0x20 || answer[3] != 0)
        give_up("not taken by the broker");
}

void
wire_connect(struct wire *w, int port, const char *id)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;

    w->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->socket < 0 || connect(w->socket, (struct sockaddr *)&to, sizeof(to)) != 0)
        give_up("connect");
    setsockopt(w->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    say_hello(w->socket, id);
    fcntl(w->socket, F_SETFL, O_NONBLOCK);
}

void
wire_close(struct wire *w)
{
    static const unsigned char goodbye[] = {0xe0, 0};
    (void)!write(w->socket, goodbye, sizeof(goodbye));
    close(w->socket);
}

/* ---- sending ---- */

static size_t
size_from(const struct wire *w, size_t from, size_t upto)
{
    return upto > from ? w->end[upto - 1] - (from > 0 ? w->end[from - 1] : 0) : 0;
}

/* `w->bytes.size` is where the written ones end. */
static bool
write_some(struct wire *w, size_t upto)
{
    static size_t written; /* within the packet that is next */
    size_t from = w->sent > 0 ? w->end[w->sent - 1] : 0;

    if (upto > w->acknowledged + w->window)
        upto = w->acknowledged + w->window;
    size_t size = size_from(w, w->sent, upto);
    if (size <= written)
        return false;
    size -= written;
    ssize_t done = write(w->socket, w->bytes.at + from + written, size < WRITE_MOST ? size : WRITE_MOST);
    if (done < 0 && errno != EAGAIN)
        give_up("write");
    if (done <= 0)
        return false;
    size_t reached = from + written + (size_t)done;
    while (w->sent < w->count && w->end[w->sent] <= reached)
        w->sent++;
    written = reached - (w->sent > 0 ? w->end[w->sent - 1] : 0);
    return true;
}

static void
take_acknowledgement(struct wire *w)
{
    if (w->part[0] != 0x40 || w->part[1] != 2) {
        errno = EPROTO;
        give_up("no PUBACK");
    }
    w->acknowledged++;
    w->part_size = 0;
}

static bool
read_some(struct wire *w)
{
    unsigned char bytes[16384];
    ssize_t done = read(w->socket, bytes, sizeof(bytes));

    if (done == 0 || (done < 0 && errno != EAGAIN))
        give_up("read");
    for (ssize_t i = 0; i < done; i++) {
        w->part[w->part_size++] = bytes[i];
        if (w->part_size == sizeof(w->part))
            take_acknowledgement(w);
    }
    return done > 0;
}

void
wire_go(struct wire *w, size_t upto, int wait_ms)
{
    bool has_written = write_some(w, upto);
    if (read_some(w) || has_written)
        return;
    bool is_open = w->sent < upto && w->sent < w->acknowledged + w->window;
    struct pollfd poll_for = {.fd = w->socket, .events = (short)(POLLIN | (is_open ? POLLOUT : 0))};
    poll(&poll_for, 1, wait_ms);
}

/* ---- to nobody ---- */

static void
acknowledge(int socket, const unsigned char *packet, size_t header)
{
    size_t topic = (size_t)packet[header] << 8 | packet[header + 1];
    const unsigned char *id = packet + header + 2 + topic;
    unsigned char answer[4] = {0x40, 2, id[0], id[1]};
    write_all(socket, answer, sizeof(answer));
}

static void
take_all(int socket)
{
    static unsigned char bytes[1 << 20];
    size_t size = 0;

    for (;;) {
        size_t at = 0, body = 0, header;
        ssize_t done = read(socket, bytes + size, sizeof(bytes) - size);
        if (done <= 0)
            _exit(0);
        size += (size_t)done;
        while ((header = read_header(bytes + at, size - at, &body)) > 0 && at + header + body <= size) {
            if ((bytes[at] & 0xf0) == 0x30)
                acknowledge(socket, bytes + at, header);
            at += header + body;
        }
        memmove(bytes, bytes + at, size - at);
        size -= at;
    }
}

void
wire_connect_to_nobody(struct wire *w)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        give_up("socketpair");
    if (fork() == 0) {
        close(pair[0]);
        take_all(pair[1]);
    }
    close(pair[1]);
    w->socket = pair[0];
    fcntl(w->socket, F_SETFL, O_NONBLOCK);
}
