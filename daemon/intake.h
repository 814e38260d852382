/* intake: the story of a message from a broker into the journal.
 *
 *     on_message -> journal_append ... (burst) ... -> journal_sync -> acknowledgements and receipts go, the writer is woken
 *
 * A full journal (disk or cap) cuts the brokers off, unacknowledged, until there is room: they keep what comes and send
 * again. A broken journal is the end: on_broken.
 */
#ifndef ABATE_INTAKE_H
#define ABATE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "histogram.h"
#include "journal.h"
#include "loop.h"
#include "reason.h"
#include "receipt.h"

struct intake;

struct intake_calls {
    void (*on_synced)(void *self); /* something new is durable */
    bool (*make_room)(void *self); /* the journal is full: true if something could go */
    void (*on_broken)(void *self, const char *why);
    void (*on_contested)(void *self); /* a broker perhaps has another client of our id */
};

struct intake *intake_new(struct loop *loop, const struct conf *conf, struct journal *journal, struct receipt *receipt,
                          const struct intake_calls *calls, void *self, struct reason *why);
void intake_free(struct intake *in);
void intake_start(struct intake *in);    /* also after intake_stand_by() */
void intake_stand_by(struct intake *in); /* syncs what came, and leaves the brokers to another */
void intake_change(struct intake *in, const struct conf *conf); /* of the same brokers: other filters, other files */

/* Syncs what came, lets its acknowledgements go and says good-bye to the brokers. */
void intake_stop(struct intake *in);
bool intake_is_down(const struct intake *in); /* no broker is connected any more */

bool intake_is_up(const struct intake *in, size_t broker, struct reason *why); /* connected to conf->broker[broker], or cut off, or standing by */
bool intake_is_standing_by(const struct intake *in); /* not started, or not any more */
bool intake_is_full(const struct intake *in, struct reason *why); /* the journal takes nothing: all brokers are cut off */

unsigned long long intake_messages(const struct intake *in); /* taken since the start */
struct intake_counts {
    unsigned long long messages, bytes; /* of payloads */
};
struct intake_counts intake_counts(const struct intake *in, size_t broker);
const struct histogram *intake_syncs(const struct intake *in); /* how long a burst took to come to disk */

#endif
