/* sham: a broker that does one thing wrong. Speaks as much of MQTT 5 as abated asks for, with one client at a time, and
 * sends nobody's messages.
 *
 *     sham PORT FAULT [SECONDS]    after so many seconds (0: never) it behaves
 *
 *     good        CONNACK, SUBACK, PINGRESP
 *     expiry      keeps sessions for an hour only
 *     qos0        maximum QoS 0
 *     granted0    SUBACK grants QoS 0
 *     refused     SUBACK refuses (0x87)
 *     user        CONNACK 0x86, bad user name or password
 *     forbidden   CONNACK 0x87, not authorized
 *     taken       DISCONNECT 0x8E, session taken over, after the SUBACK
 *     silent      no PINGRESP
 *     mute        takes the connection and never says a word
 *     garbage     bytes at random instead of a CONNACK
 *     broken      after the SUBACK a PUBLISH whose topic is longer than the packet
 *     huge        after the SUBACK a packet that says it has 256 MB, and no end
 *     suback      SUBACK with too many codes
 *     deaf        after the SUBACK it sends on for 5 s without reading what acknowledges it, and then reads that: a further
 *                 line on stdout, "sent N acknowledged N"
 *
 * A line on stdout for each connection taken: "connection N".
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *fault;
static time_t good_from;

static bool
does(const char *name)
{
    return strcmp(fault, name) == 0 && (good_from == 0 || time(NULL) < good_from);
}

static bool
read_all(int fd, unsigned char *to, size_t size)
{
    while (size > 0) {
        ssize_t n = read(fd, to, size);
        if (n <= 0)
            return false;
        to += n;
        size -= (size_t)n;
    }
    return true;
}

/* One packet: its first byte, and the body into `body`. */
static bool
read_packet(int fd, unsigned char *first, unsigned char body[65536], size_t *size)
{
    unsigned char byte;
    if (!read_all(fd, first, 1))
        return false;
    *size = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (!read_all(fd, &byte, 1))
            return false;
        *size |= (size_t)(byte & 127) << shift;
        if (byte < 128)
            return *size <= 65536 && read_all(fd, body, *size);
    }
}

static bool
say(int fd, const void *bytes, size_t size)
{
    return write(fd, bytes, size) == (ssize_t)size;
}
#define SAY(fd, ...) say(fd, (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

static bool
connack(int fd)
{
    unsigned char noise[512];
    if (does("mute"))
        return true;
    if (does("garbage")) {
        for (size_t i = 0; i < sizeof(noise); i++)
            noise[i] = (unsigned char)random();
        noise[0] = 0xf0;
        return say(fd, noise, sizeof(noise));
    }
    if (does("user"))
        return SAY(fd, 0x20, 3, 0, 0x86, 0) && false;
    if (does("forbidden"))
        return SAY(fd, 0x20, 3, 0, 0x87, 0) && false;
    if (does("expiry"))
        return SAY(fd, 0x20, 8, 0, 0, 5, 0x11, 0, 0, 0x0e, 0x10);
    if (does("qos0"))
        return SAY(fd, 0x20, 5, 0, 0, 2, 0x24, 0);
    return SAY(fd, 0x20, 3, 0, 0, 0);
}

#define DEAF_TOPIC "plants/sim/SIM/SIM000011"
#define DEAF_PAYLOAD "{\"monitor\":\"SIM000011\",\"time\":\"2021-01-01T00:00:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}"

/* One message, QoS 1, no properties. Its size; the packet identifier stands at *id. */
static size_t
deaf_packet(unsigned char packet[256], size_t *id)
{
    const size_t topic = strlen(DEAF_TOPIC), payload = strlen(DEAF_PAYLOAD), size = 2 + topic + 3 + payload;
    const unsigned char head[] = {0x32, (unsigned char)(128 | (size & 127)), (unsigned char)(size >> 7), 0, (unsigned char)topic};

    memcpy(packet, head, sizeof(head));
    memcpy(packet + sizeof(head), DEAF_TOPIC, topic);
    *id = sizeof(head) + topic;
    packet[*id + 2] = 0;
    memcpy(packet + *id + 3, DEAF_PAYLOAD, payload);
    return *id + 3 + payload;
}

/* Whole packets only, as many as the socket takes in that time. */
static unsigned
deaf_send(int fd)
{
    unsigned char packet[256];
    size_t id, size = deaf_packet(packet, &id);
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    unsigned sent = 0;

    for (time_t end = time(NULL) + 5; time(NULL) < end;) {
        if (poll(&room, 1, 100) == 0)
            continue;
        unsigned n = sent % 65535 + 1;
        packet[id] = (unsigned char)(n >> 8);
        packet[id + 1] = (unsigned char)n;
        if (!say(fd, packet, size))
            break;
        sent++;
    }
    return sent;
}

static bool
deaf(int fd)
{
    static unsigned char body[65536];
    unsigned sent = deaf_send(fd), acknowledged = 0;
    unsigned char first;
    size_t size;

    while (acknowledged < sent && read_packet(fd, &first, body, &size))
        acknowledged += first >> 4 == 4;
    printf("sent %u acknowledged %u\n", sent, acknowledged);
    fflush(stdout);
    return true;
}

/* The filters of a SUBSCRIBE: 2 bytes of length, text, 1 of options. */
static size_t
filters(const unsigned char *body, size_t size)
{
    size_t count = 0;
    for (size_t at = 3; at + 2 < size; count++)
        at += 3u + ((size_t)body[at] << 8) + body[at + 1];
    return count;
}

static bool
suback(int fd, const unsigned char *body, size_t size)
{
    unsigned char packet[260] = {0x90, 0, body[0], body[1], 0};
    size_t count = filters(body, size);

    if (count == 0 || count > 120)
        return false;
    memset(packet + 5, does("refused") ? 0x87 : does("granted0") ? 0 : 1, count);
    bool is_of_feeds = memchr(body, '$', size) == NULL; /* not $SYS */
    if (does("suback") && is_of_feeds)
        packet[5 + count++] = 1;
    packet[1] = (unsigned char)(3 + count);
    if (!say(fd, packet, 5 + count))
        return false;
    if (is_of_feeds && does("deaf"))
        return deaf(fd);
    if (is_of_feeds && does("taken"))
        return SAY(fd, 0xe0, 2, 0x8e, 0) && false;
    if (is_of_feeds && does("broken"))
        return SAY(fd, 0x32, 9, 0, 200, 'a', '/', 'b', 0, 1, 0, 'x');
    if (is_of_feeds && does("huge"))
        return SAY(fd, 0x32, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'a', 0, 1, 0, 'x');
    return true;
}

static void
serve(int fd)
{
    static unsigned char body[65536];
    unsigned char first;
    size_t size;

    while (read_packet(fd, &first, body, &size)) {
        bool ok = true;
        switch (first >> 4) {
        case 1:
            ok = connack(fd);
            break;
        case 8:
            ok = suback(fd, body, size);
            break;
        case 10: /* UNSUBSCRIBE */
            ok = SAY(fd, 0xb0, 4, body[0], body[1], 0, 0);
            break;
        case 12:
            ok = does("silent") || SAY(fd, 0xd0, 0);
            break;
        default:
            break;
        }
        if (!ok)
            break;
    }
}

int
main(int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, small = 4096, segment = 536, connections = 0;

    if (argc < 3)
        return 2;
    fault = argv[2];
    if (argc > 3 && atoi(argv[3]) > 0)
        good_from = time(NULL) + atoi(argv[3]);
    signal(SIGPIPE, SIG_IGN);
    at.sin_port = htons((unsigned short)atoi(argv[1]));
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (does("deaf")) { /* the system keeps little of what is not read: at the other end by the size of a segment */
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
        setsockopt(listener, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
    }
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(listener, 8) != 0) {
        perror("sham");
        return 1;
    }
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        printf("connection %d\n", ++connections);
        fflush(stdout);
        serve(fd);
        close(fd);
    }
}
