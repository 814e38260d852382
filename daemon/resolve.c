#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRESH_US 60000000 /* how long an answer that nobody waited for may still be given */

/* One call of getaddrinfo(). The thread fills `answer`, then writes to `ready`, and looks at it no more; the loop reads
 * it only after that. */
struct lookup {
    atomic_int users; /* the loop, the thread */
    int ready;        /* an eventfd */
    char *host;
    struct resolve_answer answer;
};

struct resolve {
    struct loop *loop;
    resolve_done *done;
    void *self;
    struct loop_event *ready;
    struct loop_event *overdue;
    struct loop_event *soon;   /* what is known already is told from the loop */
    struct lookup *lookup;     /* under way, or over and not told yet */
    bool is_over;
    bool is_asked;             /* on_done is to be called */
    int64_t over_at;           /* ticks */
    int64_t within_us;
    struct reason failure;     /* no lookup could be begun */
};

static void
lookup_drop(struct lookup *l)
{
    if (l == NULL || atomic_fetch_sub(&l->users, 1) > 1)
        return;
    close(l->ready);
    free(l->host);
    free(l);
}

static void
keep_addresses(struct resolve_answer *a, const struct addrinfo *list)
{
    for (; list != NULL && a->count < RESOLVE_MOST; list = list->ai_next) {
        if (getnameinfo(list->ai_addr, list->ai_addrlen, a->address[a->count], RESOLVE_ADDRESS_SIZE, NULL, 0,
                        NI_NUMERICHOST) == 0)
            a->count++;
    }
}

static void *
look_up(void *self)
{
    struct lookup *l = self;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;

    int rc = getaddrinfo(l->host, NULL, &hints, &list);
    int error = errno;
    if (rc == 0) {
        keep_addresses(&l->answer, list);
        freeaddrinfo(list);
    }
    if (l->answer.count == 0)
        reason_set(&l->answer.why, "host \"%s\": no address: %s", l->host,
                   rc == EAI_SYSTEM ? strerror(error) : rc != 0 ? gai_strerror(rc) : "the name has none");
    uint64_t one = 1;
    while (write(l->ready, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
    lookup_drop(l);
    return NULL;
}

/* Signals are the loop's. */
static int
thread_start(struct lookup *l)
{
    pthread_attr_t detached;
    pthread_t thread;
    sigset_t all, before;

    sigfillset(&all);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, &detached, look_up, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&detached);
    return error;
}

static struct lookup *
lookup_start(const char *host, struct reason *why)
{
    struct lookup *l = calloc(1, sizeof(*l));
    if (l == NULL || (l->host = strdup(host)) == NULL)
        abort();
    atomic_init(&l->users, 2);
    l->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = l->ready < 0 ? errno : thread_start(l);
    if (error == 0)
        return l;
    reason_set(why, "host \"%s\": cannot be looked up: %s", host, strerror(error));
    if (l->ready >= 0)
        close(l->ready);
    free(l->host);
    free(l);
    return NULL;
}

static void
forget_lookup(struct resolve *r)
{
    loop_event_watch(r->ready, -1, 0);
    lookup_drop(r->lookup);
    r->lookup = NULL;
    r->is_over = false;
}

static void
tell(struct resolve *r, const struct resolve_answer *answer)
{
    resolve_cancel(r);
    r->done(r->self, answer);
}

static void
tell_over(struct resolve *r)
{
    struct resolve_answer answer = r->lookup->answer;
    forget_lookup(r);
    tell(r, &answer);
}

static void
on_ready(void *self, int ready)
{
    (void)ready;
    struct resolve *r = self;
    loop_event_watch(r->ready, -1, 0);
    r->is_over = true;
    r->over_at = loop_ticks(r->loop);
    if (r->is_asked)
        tell_over(r);
}

static void
on_soon(void *self)
{
    struct resolve *r = self;
    struct resolve_answer none = {.why = r->failure};

    if (!r->is_asked)
        return;
    if (r->lookup == NULL)
        tell(r, &none);
    else if (r->is_over)
        tell_over(r);
}

static void
on_overdue(void *self)
{
    struct resolve *r = self;
    struct resolve_answer none = {.count = 0};
    reason_set(&none.why, "host \"%s\": no name server has answered within %g s", r->lookup->host,
               (double)r->within_us / 1e6);
    tell(r, &none);
}

struct resolve *
resolve_new(struct loop *loop, resolve_done *done, void *self)
{
    struct resolve *r = calloc(1, sizeof(*r));
    if (r == NULL)
        abort();
    *r = (struct resolve){.loop = loop, .done = done, .self = self};
    r->ready = loop_socket(loop, on_ready, r);
    r->overdue = loop_timer(loop, on_overdue, r);
    r->soon = loop_deferred(loop, on_soon, r);
    return r;
}

void
resolve_free(struct resolve *r)
{
    if (r == NULL)
        return;
    forget_lookup(r);
    loop_event_free(r->ready);
    loop_event_free(r->overdue);
    loop_event_free(r->soon);
    free(r);
}

static bool
is_of_use(const struct resolve *r, const char *host)
{
    return strcmp(r->lookup->host, host) == 0 && (!r->is_over || loop_ticks(r->loop) - r->over_at < FRESH_US);
}

void
resolve_begin(struct resolve *r, const char *host, int64_t within_us)
{
    resolve_cancel(r);
    if (r->lookup != NULL && !is_of_use(r, host))
        forget_lookup(r);
    if (r->lookup == NULL && (r->lookup = lookup_start(host, &r->failure)) != NULL)
        loop_event_watch(r->ready, r->lookup->ready, LOOP_READ);
    r->is_asked = true;
    r->within_us = within_us;
    if (r->lookup == NULL || r->is_over)
        loop_event_wake(r->soon);
    else
        loop_event_in(r->overdue, within_us);
}

void
resolve_cancel(struct resolve *r)
{
    r->is_asked = false;
    loop_event_cancel(r->overdue);
}

bool
resolve_is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    char bare[RESOLVE_ADDRESS_SIZE];

    snprintf(bare, sizeof(bare), "%s", host);
    bare[strcspn(bare, "%")] = '\0'; /* the scope of a link's own address */
    return inet_pton(AF_INET, bare, bytes) == 1 || inet_pton(AF_INET6, bare, bytes) == 1;
}
