#include "loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

enum { SOCKETS_FIRST, DEFERRED_THEN, PRIORITIES };

struct loop {
    struct event_base *base;
};

struct loop_event {
    struct event *event;
    struct loop *loop;
    loop_call *call;
    loop_socket_call *socket_call;
    void *self;
    int fd;
    int what;
};

/* Out of memory at start-up or while connecting: nothing can go on. */
static void *
or_abort(void *got)
{
    if (got == NULL)
        abort();
    return got;
}

struct loop *
loop_new(void)
{
    struct loop *l = or_abort(calloc(1, sizeof(*l)));
    l->base = or_abort(event_base_new());
    event_base_priority_init(l->base, PRIORITIES);
    return l;
}

void
loop_free(struct loop *l)
{
    event_base_free(l->base);
    free(l);
}

void
loop_run(struct loop *l)
{
    event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void
loop_stop(struct loop *l)
{
    event_base_loopbreak(l->base);
}

struct event_base *
loop_base(struct loop *l)
{
    return l->base;
}

struct instant
loop_now(const struct loop *l)
{
    (void)l;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (struct instant){t.tv_sec * 1000000 + t.tv_nsec / 1000};
}

int64_t
loop_ticks(const struct loop *l)
{
    (void)l;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
on_event(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    struct loop_event *e = self;
    e->call(e->self);
}

static void
on_socket(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    struct loop_event *e = self;
    e->socket_call(e->self, (what & EV_READ ? LOOP_READ : 0) | (what & EV_WRITE ? LOOP_WRITE : 0));
}

static struct loop_event *
event_of(struct loop *l, loop_call *call, void *self)
{
    struct loop_event *e = or_abort(calloc(1, sizeof(*e)));
    *e = (struct loop_event){.loop = l, .call = call, .self = self, .fd = -1};
    return e;
}

struct loop_event *
loop_timer(struct loop *l, loop_call *call, void *self)
{
    struct loop_event *e = event_of(l, call, self);
    e->event = or_abort(event_new(l->base, -1, 0, on_event, e));
    event_priority_set(e->event, SOCKETS_FIRST);
    return e;
}

struct loop_event *
loop_deferred(struct loop *l, loop_call *call, void *self)
{
    struct loop_event *e = event_of(l, call, self);
    e->event = or_abort(event_new(l->base, -1, 0, on_event, e));
    event_priority_set(e->event, DEFERRED_THEN);
    return e;
}

struct loop_event *
loop_signal(struct loop *l, int signal, loop_call *call, void *self)
{
    struct loop_event *e = event_of(l, call, self);
    e->event = or_abort(evsignal_new(l->base, signal, on_event, e));
    event_priority_set(e->event, SOCKETS_FIRST);
    event_add(e->event, NULL);
    return e;
}

struct loop_event *
loop_socket(struct loop *l, loop_socket_call *call, void *self)
{
    struct loop_event *e = event_of(l, NULL, self);
    e->socket_call = call;
    e->event = or_abort(event_new(l->base, -1, 0, on_socket, e));
    return e;
}

void
loop_event_free(struct loop_event *e)
{
    if (e == NULL)
        return;
    event_free(e->event);
    free(e);
}

void
loop_event_in(struct loop_event *e, int64_t us)
{
    struct timeval in = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    event_add(e->event, &in);
}

bool
loop_event_is_armed(const struct loop_event *e)
{
    return event_pending(e->event, EV_TIMEOUT, NULL) != 0;
}

void
loop_event_cancel(struct loop_event *e)
{
    event_del(e->event);
}

void
loop_event_wake(struct loop_event *e)
{
    static const struct timeval now = {0}; /* event_active() from within its own callback would run it before the sockets */
    if (!event_pending(e->event, EV_TIMEOUT, NULL))
        event_add(e->event, &now);
}

void
loop_event_watch(struct loop_event *e, int fd, int what)
{
    if (e->fd == fd && e->what == what)
        return;
    event_del(e->event);
    e->fd = fd;
    e->what = what;
    if (what == 0)
        return;
    short flags = EV_PERSIST;
    if (what & LOOP_READ)
        flags |= EV_READ;
    if (what & LOOP_WRITE)
        flags |= EV_WRITE;
    event_assign(e->event, e->loop->base, fd, flags, on_socket, e);
    event_priority_set(e->event, SOCKETS_FIRST);
    event_add(e->event, NULL);
}
