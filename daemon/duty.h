/* duty: the story of several daemons that share the duty of taking from the brokers: one has it, the others stand by.
 *
 *     away --> standing by --> on duty --(database gone)--> unsure --> on duty       nobody has taken it meanwhile
 *                 ^               |                            `-----> standing by   another has
 *                 `---------------'  another has it
 *
 * Who holds an advisory lock of the duty's name has it. The lock is one session's: when that daemon dies, or says nothing for
 * some seconds, the database lets it go and the next to ask has it. Who loses sight of the database goes on, for only who
 * reaches it can take the duty; once a broker hands the session to somebody else, that has happened.
 *
 * What one has taken stays in its own journal, and is stored by itself: at once if it lives, or when it is back.
 */
#ifndef ABATE_DUTY_H
#define ABATE_DUTY_H

#include "conf.h"
#include "loop.h"

struct duty;

struct duty_calls {
    void (*on_begun)(void *self); /* take from the brokers */
    void (*on_over)(void *self, const char *why); /* no longer */
};

/* NULL if the configuration names none. It is not begun before duty_start(). */
struct duty *duty_new(struct loop *loop, const struct conf *conf, const struct duty_calls *calls, void *self);
void duty_start(struct duty *d);
void duty_free(struct duty *d); /* who has it lets it go; NULL is fine */

/* A broker has ended a connection that had hardly begun: perhaps for somebody else with our client id. */
void duty_contested(struct duty *d);

#endif
