/* proxy_link: links, and when what comes on one side arrives on the other.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/un.h>
#include <unistd.h>

#include "proxy.h"

#define RESENT_MS 200 /* TCP's least timeout */

static const char *const side_name[SIDES] = {"client", "server"};

/* Bytes on their way, all to arrive at one time. */
struct parcel {
    TAILQ_ENTRY(parcel) next;
    struct timeval due;
    struct evbuffer *bytes;
};

struct side {
    struct link *link;
    struct bufferevent *socket; /* NULL: in a black hole there is no server */
    TAILQ_HEAD(parcels, parcel) parcels; /* that came from here */
    struct event *timer;
    struct trap_tail tail;
    bool is_over; /* it has closed */
};

struct link {
    LIST_ENTRY(link) next;
    struct side side[SIDES];
    bool is_robbed; /* of bytes */
    int awaited;    /* the side whose next bytes cut the link, or SIDES */
};

static struct event_base *base;
static struct evconnlistener *listener;
static const struct address *listen_at, *server_at;
static LIST_HEAD(, link) links = LIST_HEAD_INITIALIZER(links);
static struct way way;

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

void
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
        if (way.mode == HOLD)
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

    if (p == NULL || way.mode == HOLD)
        return;
    TAILQ_REMOVE(&s->parcels, p, next);
    tls_join(p->bytes);
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
    timeradd(&p->due, &way.delay, &p->due);
    if (random() % 100 < way.lost)
        timeradd(&p->due, &(struct timeval){.tv_usec = RESENT_MS * 1000}, &p->due);
    TAILQ_INSERT_TAIL(&s->parcels, p, next);
    return p;
}

static void
send_later(struct side *s, struct evbuffer *bytes)
{
    struct parcel *p = TAILQ_LAST(&s->parcels, parcels);
    while (way.crumb > 0 && evbuffer_get_length(bytes) > 0)
        evbuffer_remove_buffer(bytes, parcel_add(s)->bytes, way.crumb);
    if (evbuffer_get_length(bytes) > 0)
        evbuffer_add_buffer((p == NULL || !way.is_gathered ? parcel_add(s) : p)->bytes, bytes);
    arm_timer(s);
}

/* ---- what comes ---- */

/* True if the link was cut. */
static bool
fall_in(struct side *s, struct evbuffer *bytes)
{
    struct link *l = s->link;
    int from = (int)(s - l->side);
    size_t before;

    if (l->awaited == from) {
        link_end(l, false);
        say("fired", "after");
        return true;
    }
    switch (trap_falls(from, &s->tail, bytes, &before)) {
    case TRAP_MISSED:
        return false;
    case TRAP_BEFORE:
        l->awaited = other(from);
        return false;
    case TRAP_NOW:
        break;
    }
    if (before > 0) {
        struct evbuffer *first = evbuffer_new();
        evbuffer_remove_buffer(bytes, first, before);
        evbuffer_write(first, bufferevent_getfd(l->side[other(from)].socket));
        evbuffer_free(first);
    }
    link_end(l, false);
    say("fired", side_name[from]);
    return true;
}

static void
on_read(struct bufferevent *from, void *self)
{
    struct side *s = self;
    struct bufferevent *to = s->link->side[other((int)(s - s->link->side))].socket;
    struct evbuffer *bytes = bufferevent_get_input(from);

    if (way.mode == BLACKHOLE || to == NULL) {
        s->link->is_robbed = true;
        evbuffer_drain(bytes, evbuffer_get_length(bytes));
    } else if (way.mode == PASS && !fall_in(s, bytes)) {
        if (way.is_delayed || !TAILQ_EMPTY(&s->parcels))
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
        else if (way.mode != BLACKHOLE)
            link_settle(s->link);
    }
}

static void
side_init(struct link *l, int i, evutil_socket_t fd)
{
    struct side *s = &l->side[i];
    int one = 1, options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
    s->link = l;
    TAILQ_INIT(&s->parcels);
    s->timer = event_new(base, -1, 0, on_due, s);
    if (i == SERVER && way.mode == BLACKHOLE)
        return;
    s->socket = i == CLIENT ? tls_socket(base, fd, options) : NULL;
    if (s->socket == NULL)
        s->socket = bufferevent_socket_new(base, fd, options);
    bufferevent_setcb(s->socket, on_read, on_written, on_event, s);
    if (i == SERVER)
        bufferevent_socket_connect(s->socket, (const struct sockaddr *)&server_at->at, (int)server_at->size);
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

/* ---- from now on ---- */

static void
listen_on(void)
{
    if (listener != NULL)
        return;
    if (listen_at->at.ss_family == AF_UNIX)
        unlink(((const struct sockaddr_un *)&listen_at->at)->sun_path);
    listener = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
                                       (const struct sockaddr *)&listen_at->at, (int)listen_at->size);
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

void
links_go(const struct way *next)
{
    struct link *l, *following;
    way = *next;
    if (way.mode == REFUSE) {
        listen_off();
        links_end(false);
        return;
    }
    listen_on();
    for (l = LIST_FIRST(&links); l != NULL; l = following) {
        following = LIST_NEXT(l, next);
        if (way.mode != BLACKHOLE && (l->is_robbed || l->side[SERVER].socket == NULL)) {
            link_end(l, true);
            continue;
        }
        link_listen(l);
        for (int i = 0; i < SIDES; i++)
            arm_timer(&l->side[i]);
    }
}

void
links_begin(struct event_base *of, const struct address *listen, const struct address *server)
{
    base = of;
    listen_at = listen;
    server_at = server;
    listen_on();
}
