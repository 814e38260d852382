/* writer: the story of a record from the journal into PostgreSQL.
 *
 *     AWAY --up--> LOADING (schema, session, position, registry, limits) --> READY <--> WRITING (one transaction)
 *      ^              |                                                        |           |
 *      +--- down -----+-------------------- RESTING (after an error) <---------+-----------+
 *
 * One transaction a batch: partitions, samples, rejects, breaches, then the position, moved only if it is where this
 * writer left it. So a row is there exactly if the position says so, whatever died in between. Of a large batch PostgreSQL writes the
 * first samples while the next ones are still decoded.
 *
 * Between two of them (RECORDING) it records what a closed segment of the journal is known by: its SHA-256, in a chain.
 *
 * A row PostgreSQL refuses (SQLSTATE class 22, 23) is found by halving the batch; alone, it becomes a reject with the
 * server's words. Any other error: the same batch again after a pause, in a session of its own. PostgreSQL away: the journal grows.
 */
#ifndef ABATE_WRITER_H
#define ABATE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "histogram.h"
#include "journal.h"
#include "loop.h"
#include "reason.h"
#include "receipt.h"
#include "tally.h"
#include "unit.h"

struct writer;

struct writer_calls {
    void (*on_rotten)(void *self, const char *why); /* the journal does not read as written: nothing can go on */
};

/* `units` is kept as long as the writer. */
struct writer *writer_new(struct loop *loop, const struct conf *conf, struct journal *journal, struct receipt *receipt,
                          const struct unit_system *units, const struct writer_calls *calls, void *self);
void writer_free(struct writer *w);
void writer_start(struct writer *w);
void writer_change(struct writer *w, const struct conf *conf); /* what comes to be decoded from now on is decoded by it */
void writer_renew(struct writer *w); /* others may have stored meanwhile: registry and watches are read again before anything is */
void writer_wake(struct writer *w);             /* there may be something new in the journal */
bool writer_make_room(struct writer *w);        /* in the journal: lets go what PostgreSQL has stored and recorded; true if something went */
bool writer_is_idle(const struct writer *w);    /* nothing under way; what could be written is written */

bool writer_is_storing(const struct writer *w, struct reason *why); /* false: it cannot, and why */
/* What stood in the journal when PostgreSQL could be written to again is stored. */
bool writer_has_caught_up(const struct writer *w);
uint64_t writer_backlog(const struct writer *w); /* bytes of the journal that are not stored yet, as far as it is known */

struct writer_counts {
    unsigned long long messages, readings, rejects, transactions, opened, closed;
    unsigned long long merged, revised; /* messages added to an instant that was there; readings there already that differ */
    unsigned long long statement_rejects; /* by the database: no feed is known of them */
};
struct writer_counts writer_counts(const struct writer *w); /* committed since the start */
const struct tally *writer_tally(const struct writer *w);   /* likewise, by the feeds of the configuration */
const struct histogram *writer_commits(const struct writer *w); /* from begin to commit */

/* When the oldest message came that is in the journal and not stored; false: there is none. Reads one record. */
bool writer_oldest(struct writer *w, struct instant *ret);
bool writer_is_recording(const struct writer *w, struct reason *why); /* false: closed segments are not recorded any more */

#endif
