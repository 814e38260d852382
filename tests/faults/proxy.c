/* proxy: a link between a client and a server that fails when told to.
 *
 *     proxy LISTEN SERVER [FIFO]        each: a path (Unix socket), PORT or HOST:PORT; LISTEN on 127.0.0.1
 *
 *     client ---> LISTEN [proxy] ---> SERVER
 *
 * Commands are lines of FIFO, or of stdin. "ready" is printed when connections are taken, "done COMMAND" when one is in
 * force, "fired TEXT" when an armed cut has come.
 *
 *     pass                 from now on all goes through at once; also what was held
 *     hold                 nothing is read any more from either side; connections are still taken
 *     blackhole            all is read and nothing passed on, nobody is told; `pass` resets these links
 *     refuse               nobody listens, all links are cut
 *     delay MS             each piece arrives so much later
 *     coalesce MS          pieces are gathered for so long and arrive as one
 *     lose PERCENT         of the packets: each comes 200 ms late, sent again, and what follows waits for it
 *     crumble BYTES        all arrives in pieces of so many bytes, each sent by itself
 *     cut                  all links are closed, once
 *     reset                likewise, with RST
 *     cut-when-client-sends "TEXT"    armed once: TEXT and what follows do not arrive, and both sides are closed
 *     cut-when-server-sends "TEXT"
 *     cut-after-client-sends "TEXT"   armed once: TEXT arrives, and as soon as the other side answers (the answer does
 *     cut-after-server-sends "TEXT"   not arrive) both sides are closed
 *     disarm
 *
 * In TEXT \0 \n \\ \" \xHH stand for bytes.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_MOST 200
#define PACKET 1400   /* bytes */
#define RESENT_MS 200 /* TCP's least timeout */

enum mode { PASS, HOLD, BLACKHOLE, REFUSE };
enum { CLIENT, SERVER, SIDES };
static const char *const side_name[SIDES] = {"client", "server"};

struct address {
    struct sockaddr_storage at;
    socklen_t size;
};

/* Bytes on their way, all to arrive at one time. */
struct parcel {
    TAILQ_ENTRY(parcel) next;
    struct timeval due;
    struct evbuffer *bytes;
};

struct side {
    struct link *link;
    struct bufferevent *socket;     /* NULL: in a black hole there is no server */
    TAILQ_HEAD(parcels, parcel) parcels;   /* that came from here */
    struct event *timer;
    char tail[TEXT_MOST];           /* the last bytes that came from here: TEXT may come in pieces */
    size_t tail_size;
    bool is_over;                   /* it has closed */
};

struct link {
    LIST_ENTRY(link) next;
    struct side side[SIDES];
    bool is_robbed; /* of bytes */
    int awaited;    /* the side whose next bytes cut the link, or SIDES */
};

static struct event_base *base;
static struct evconnlistener *listener;
static struct address listen_at, server_at;
static LIST_HEAD(, link) links = LIST_HEAD_INITIALIZER(links);
static enum mode mode;
static struct timeval delay;
static bool is_delayed, is_gathered;
static size_t crumb; /* bytes; 0: pieces stay as they are */
static long lost;    /* of 100 pieces */

static struct {
    char text[TEXT_MOST];
    size_t size; /* 0: nothing is armed */
    int from;
    bool is_after;
} trap;

static void
fail(const char *what, const char *why)
{
    fprintf(stderr, "proxy: %s: %s\n", what, why);
    exit(1);
}

static void
say(const char *word, const char *text)
{
    printf("%s %s\n", word, text);
    fflush(stdout);
}

/* ---- links ---- */

static int
other(int side)
{
    return side == CLIENT ? SERVER : CLIENT;
}

static void
side_clear(struct side *s)
{
    struct parcel *p;
    while ((p = TAILQ_FIRST(&s->parcels)) != NULL) {
        TAILQ_REMOVE(&s->parcels, p, next);
        evbuffer_free(p->bytes);
        free(p);
    }
    event_free(s->timer);
    if (s->socket != NULL)
        bufferevent_free(s->socket);
}

static void
link_end(struct link *l, bool is_reset)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    LIST_REMOVE(l, next);
    for (int i = 0; i < SIDES; i++) {
        if (is_reset && l->side[i].socket != NULL)
            setsockopt(bufferevent_getfd(l->side[i].socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        side_clear(&l->side[i]);
    }
    free(l);
}

static void
links_end(bool is_reset)
{
    while (!LIST_EMPTY(&links))
        link_end(LIST_FIRST(&links), is_reset);
}

static void
link_listen(struct link *l)
{
    for (int i = 0; i < SIDES; i++) {
        if (l->side[i].socket == NULL)
            continue;
        if (mode == HOLD)
            bufferevent_disable(l->side[i].socket, EV_READ);
        else
            bufferevent_enable(l->side[i].socket, EV_READ | EV_WRITE);
    }
}

/* True if the link was closed: one side has, and nothing is left on the way from it. */
static bool
link_settle(struct link *l)
{
    for (int i = 0; i < SIDES; i++) {
        struct bufferevent *to = l->side[other(i)].socket;
        if (!l->side[i].is_over || !TAILQ_EMPTY(&l->side[i].parcels))
            continue;
        if (to != NULL && evbuffer_get_length(bufferevent_get_output(to)) > 0)
            continue;
        link_end(l, false);
        return true;
    }
    return false;
}

/* ---- what arrives when ---- */

static void
arm_timer(struct side *s)
{
    struct timeval now, in = {0, 0};
    struct parcel *first = TAILQ_FIRST(&s->parcels);
    if (first == NULL)
        return;
    event_base_gettimeofday_cached(base, &now);
    if (timercmp(&first->due, &now, >))
        timersub(&first->due, &now, &in);
    event_add(s->timer, &in);
}

static void
on_due(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    struct side *s = self;
    struct link *l = s->link;
    struct side *to = &l->side[other((int)(s - l->side))];
    struct parcel *p = TAILQ_FIRST(&s->parcels);

    if (p == NULL || mode == HOLD)
        return;
    TAILQ_REMOVE(&s->parcels, p, next);
    bufferevent_write_buffer(to->socket, p->bytes);
    evbuffer_free(p->bytes);
    free(p);
    arm_timer(s);
    link_settle(l);
}

static struct parcel *
parcel_add(struct side *s)
{
    struct parcel *p = calloc(1, sizeof(*p));
    p->bytes = evbuffer_new();
    event_base_gettimeofday_cached(base, &p->due);
    timeradd(&p->due, &delay, &p->due);
    if (random() % 100 < lost)
        timeradd(&p->due, &(struct timeval){.tv_usec = RESENT_MS * 1000}, &p->due);
    TAILQ_INSERT_TAIL(&s->parcels, p, next);
    return p;
}

static void
send_later(struct side *s, struct evbuffer *bytes)
{
    struct parcel *p = TAILQ_LAST(&s->parcels, parcels);
    while (crumb > 0 && evbuffer_get_length(bytes) > 0)
        evbuffer_remove_buffer(bytes, parcel_add(s)->bytes, crumb);
    if (evbuffer_get_length(bytes) > 0)
        evbuffer_add_buffer((p == NULL || !is_gathered ? parcel_add(s) : p)->bytes, bytes);
    arm_timer(s);
}

/* ---- the trap ---- */

/* How many of `bytes` come before the text; -1 if it is not there. 0, too, if it began in an earlier piece. */
static long
find_text(struct side *s, struct evbuffer *bytes)
{
    size_t size = evbuffer_get_length(bytes), all = s->tail_size + size;
    char *at = malloc(all + 1);
    memcpy(at, s->tail, s->tail_size);
    evbuffer_copyout(bytes, at + s->tail_size, size);
    char *found = memmem(at, all, trap.text, trap.size);
    long before = found == NULL ? -1 : found - at;
    if (found != NULL)
        before = before > (long)s->tail_size ? before - (long)s->tail_size : 0;

    s->tail_size = all < trap.size - 1 ? all : trap.size - 1;
    memmove(s->tail, at + all - s->tail_size, s->tail_size);
    free(at);
    return before;
}

/* True if the link was cut. */
static bool
fall_in(struct side *s, struct evbuffer *bytes)
{
    struct link *l = s->link;
    int from = (int)(s - l->side);
    long before;

    if (l->awaited == from) {
        link_end(l, false);
        say("fired", "after");
        return true;
    }
    if (trap.size == 0 || trap.from != from || (before = find_text(s, bytes)) < 0)
        return false;
    trap.size = 0;
    if (trap.is_after) {
        l->awaited = other(from);
        return false;
    }
    if (before > 0) {
        struct evbuffer *first = evbuffer_new();
        evbuffer_remove_buffer(bytes, first, (size_t)before);
        evbuffer_write(first, bufferevent_getfd(l->side[other(from)].socket));
        evbuffer_free(first);
    }
    link_end(l, false);
    say("fired", side_name[from]);
    return true;
}

/* ---- what comes ---- */

static void
on_read(struct bufferevent *from, void *self)
{
    struct side *s = self;
    struct bufferevent *to = s->link->side[other((int)(s - s->link->side))].socket;
    struct evbuffer *bytes = bufferevent_get_input(from);

    if (mode == BLACKHOLE || to == NULL) {
        s->link->is_robbed = true;
        evbuffer_drain(bytes, evbuffer_get_length(bytes));
    } else if (mode == PASS && !fall_in(s, bytes)) {
        if (is_delayed || !TAILQ_EMPTY(&s->parcels))
            send_later(s, bytes);
        else
            bufferevent_write_buffer(to, bytes);
    }
}

static void
on_written(struct bufferevent *to, void *self)
{
    (void)to;
    struct side *s = self;
    link_settle(s->link);
}

static void
on_event(struct bufferevent *from, short what, void *self)
{
    struct side *s = self;
    if (what & BEV_EVENT_CONNECTED)
        return;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
        bufferevent_disable(from, EV_READ);
        s->is_over = true;
        if (what & BEV_EVENT_ERROR)
            link_end(s->link, false);
        else if (mode != BLACKHOLE)
            link_settle(s->link);
    }
}

static void
side_init(struct link *l, int i, evutil_socket_t fd)
{
    struct side *s = &l->side[i];
    int one = 1;
    s->link = l;
    TAILQ_INIT(&s->parcels);
    s->timer = event_new(base, -1, 0, on_due, s);
    if (i == SERVER && mode == BLACKHOLE)
        return;
    s->socket = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    bufferevent_setcb(s->socket, on_read, on_written, on_event, s);
    if (i == SERVER)
        bufferevent_socket_connect(s->socket, (struct sockaddr *)&server_at.at, (int)server_at.size);
    setsockopt(bufferevent_getfd(s->socket), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* not on a Unix socket */
}

static void
on_accept(struct evconnlistener *from, evutil_socket_t fd, struct sockaddr *address, int size, void *self)
{
    (void)from;
    (void)address;
    (void)size;
    (void)self;
    struct link *l = calloc(1, sizeof(*l));
    l->awaited = SIDES;
    LIST_INSERT_HEAD(&links, l, next);
    side_init(l, CLIENT, fd);
    side_init(l, SERVER, -1);
    link_listen(l);
}

/* ---- commands ---- */

static void
listen_on(void)
{
    if (listener != NULL)
        return;
    if (listen_at.at.ss_family == AF_UNIX)
        unlink(((struct sockaddr_un *)&listen_at.at)->sun_path);
    listener = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
                                       (struct sockaddr *)&listen_at.at, (int)listen_at.size);
    if (listener == NULL)
        fail("listen", strerror(errno));
}

static void
listen_off(void)
{
    if (listener != NULL)
        evconnlistener_free(listener);
    listener = NULL;
}

static void
set_mode(enum mode next)
{
    struct link *l, *following;
    mode = next;
    is_delayed = is_gathered = false;
    crumb = 0;
    lost = 0;
    timerclear(&delay);
    if (mode == REFUSE) {
        listen_off();
        links_end(false);
        return;
    }
    listen_on();
    for (l = LIST_FIRST(&links); l != NULL; l = following) {
        following = LIST_NEXT(l, next);
        if (mode != BLACKHOLE && (l->is_robbed || l->side[SERVER].socket == NULL)) {
            link_end(l, true);
            continue;
        }
        link_listen(l);
        for (int i = 0; i < SIDES; i++)
            arm_timer(&l->side[i]);
    }
}

static void
set_delay(long ms, bool gathers)
{
    set_mode(PASS);
    delay = (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    is_delayed = true;
    is_gathered = gathers;
}

/* From between the quotes of `from`. */
static void
set_trap(int side, bool is_after, const char *from)
{
    const char *at = strchr(from, '"');
    const char *end = strrchr(from, '"');
    trap.size = 0;
    if (at == NULL || end == at)
        fail("no \"TEXT\"", from);
    for (at++; at < end && trap.size < TEXT_MOST; at++) {
        char byte = *at;
        if (byte == '\\') {
            at++;
            byte = *at == '0' ? '\0' : *at == 'n' ? '\n' : *at;
            if (*at == 'x') {
                byte = (char)strtol((char[]){at[1], at[2], '\0'}, NULL, 16);
                at += 2;
            }
        }
        trap.text[trap.size++] = byte;
    }
    trap.from = side;
    trap.is_after = is_after;
    struct link *l;
    LIST_FOREACH(l, &links, next)
        l->side[side].tail_size = 0;
}

static void
obey(const char *line)
{
    char word[64] = "";
    long ms = 0;
    int words = sscanf(line, "%63s %ld", word, &ms);
    const struct {
        const char *word;
        int side;
        bool is_after;
    } traps[] = {
        {"cut-when-client-sends", CLIENT, false},
        {"cut-when-server-sends", SERVER, false},
        {"cut-after-client-sends", CLIENT, true},
        {"cut-after-server-sends", SERVER, true},
    };
    const struct {
        const char *word;
        enum mode mode;
    } modes[] = {{"pass", PASS}, {"hold", HOLD}, {"blackhole", BLACKHOLE}, {"refuse", REFUSE}};
    bool known = words < 1;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(word, modes[i].word) == 0)
            set_mode(modes[i].mode), known = true;
    }
    for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        if (strcmp(word, traps[i].word) == 0)
            set_trap(traps[i].side, traps[i].is_after, line), known = true;
    }
    if (strcmp(word, "cut") == 0 || strcmp(word, "reset") == 0)
        links_end(word[0] == 'r'), known = true;
    else if (strcmp(word, "delay") == 0 || strcmp(word, "coalesce") == 0)
        set_delay(ms, word[0] == 'c'), known = true;
    else if (strcmp(word, "lose") == 0)
        set_delay(0, false), crumb = PACKET, lost = ms, known = true;
    else if (strcmp(word, "crumble") == 0 && ms > 0)
        set_delay(0, false), crumb = (size_t)ms, known = true;
    else if (strcmp(word, "disarm") == 0)
        trap.size = 0, known = true;
    if (!known)
        fail("no such command", line);
    if (words > 0)
        say("done", line);
}

static void
on_command(struct bufferevent *from, void *self)
{
    (void)self;
    char *line;
    while ((line = evbuffer_readln(bufferevent_get_input(from), NULL, EVBUFFER_EOL_LF)) != NULL) {
        obey(line);
        free(line);
    }
}

static void
on_commands_end(struct bufferevent *from, short what, void *self)
{
    (void)what;
    (void)self;
    bufferevent_disable(from, EV_READ);
}

/* ---- start ---- */

static struct address
address_of(const char *text)
{
    struct address a = {.size = sizeof(struct sockaddr_un)};
    if (text[0] == '/') {
        struct sockaddr_un *path = (struct sockaddr_un *)&a.at;
        path->sun_family = AF_UNIX;
        if (strlen(text) >= sizeof(path->sun_path))
            fail("path too long", text);
        strcpy(path->sun_path, text);
        return a;
    }
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    char host[256] = "127.0.0.1";
    const char *colon = strrchr(text, ':');
    if (colon != NULL)
        snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    int rc = getaddrinfo(host, colon != NULL ? colon + 1 : text, &hints, &found);
    if (rc != 0)
        fail(text, gai_strerror(rc));
    memcpy(&a.at, found->ai_addr, found->ai_addrlen);
    a.size = found->ai_addrlen;
    freeaddrinfo(found);
    return a;
}

int
main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: proxy LISTEN SERVER [FIFO]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    event_config_avoid_method(config, "epoll"); /* which takes no files for commands */
    base = event_base_new_with_config(config);
    event_config_free(config);
    listen_at = address_of(argv[1]);
    server_at = address_of(argv[2]);

    int fd = argc == 4 ? open(argv[3], O_RDWR | O_NONBLOCK | O_CLOEXEC) : STDIN_FILENO; /* RDWR: it never ends */
    if (fd < 0)
        fail(argv[3], strerror(errno));
    evutil_make_socket_nonblocking(fd);
    struct bufferevent *commands = bufferevent_socket_new(base, fd, 0);
    bufferevent_setcb(commands, on_command, NULL, on_commands_end, NULL);
    bufferevent_enable(commands, EV_READ);

    listen_on();
    say("ready", argv[1]);
    event_base_dispatch(base);
    return 0;
}
