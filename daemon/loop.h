/* loop: the event loop, and what may happen on it. Hides libevent; times are told, not asked, from here on up.
 *
 * Two priorities: sockets first, then what was deferred. A burst of reads is over when a deferred event runs: that is
 * how a burst becomes one fdatasync.
 */
#ifndef ABATE_LOOP_H
#define ABATE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "instant.h"

struct loop;
struct loop_event;

typedef void loop_call(void *self);

struct loop *loop_new(void);
void loop_free(struct loop *l);
void loop_run(struct loop *l); /* until loop_stop() */
void loop_stop(struct loop *l);

struct instant loop_now(const struct loop *l); /* wall clock */
int64_t loop_ticks(const struct loop *l);      /* monotonic microseconds, for pauses and rates */

/* A timer; not armed until loop_event_in(). One shot. */
struct loop_event *loop_timer(struct loop *l, loop_call *call, void *self);
/* Runs once, however often it was woken until then, when no socket is ready any more. Woken by itself it runs again after
 * the sockets that have become ready meanwhile. */
struct loop_event *loop_deferred(struct loop *l, loop_call *call, void *self);
/* A signal, as an event of the loop. */
struct loop_event *loop_signal(struct loop *l, int signal, loop_call *call, void *self);

enum { LOOP_READ = 1, LOOP_WRITE = 2 };
/* A socket; `call` is told which of the two it is ready for. Not watched until loop_event_watch(). */
typedef void loop_socket_call(void *self, int ready);
struct loop_event *loop_socket(struct loop *l, loop_socket_call *call, void *self);

struct event_base *loop_base(struct loop *l); /* for http alone, which hides what else libevent has */

void loop_event_free(struct loop_event *e);          /* NULL is fine */
void loop_event_in(struct loop_event *e, int64_t us); /* timer: (re)arm */
bool loop_event_is_armed(const struct loop_event *e); /* timer */
void loop_event_cancel(struct loop_event *e);
void loop_event_wake(struct loop_event *e);           /* deferred */
void loop_event_watch(struct loop_event *e, int fd, int what); /* socket; what = 0: stop watching */

#endif
