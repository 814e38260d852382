/* sight: how long it takes until a query sees what was sent. A thread of its own asks again and again how many of the
 * expected messages are there; they come in the order in which they were sent.
 *
 *     sight_look(); sight_expect(packet) ...; sight_begin(); sight_sent() ...; sight_end()
 */
#ifndef ABATE_BENCH_SIGHT_H
#define ABATE_BENCH_SIGHT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct sight {
    const char *conninfo, *query; /* NULL: nothing is looked for */
    size_t expected, sent, room;
    size_t *packet; /* of each expected one */
    double *sent_at, *seen_at;
    atomic_size_t seen;
    size_t asked;
    double busy_s; /* of the queries */
    atomic_bool is_over;
    pthread_t thread;
};

double sight_now(void); /* seconds of a clock that is never set */
void sight_look(struct sight *s, const char *conninfo, const char *query);
void sight_expect(struct sight *s, size_t packet);
void sight_begin(struct sight *s);
void sight_sent(struct sight *s, size_t from, size_t to); /* these packets, now */

/* Waits for the last, prints a line; false if some were not seen in time. */
bool sight_end(struct sight *s, int most_s);

#endif
