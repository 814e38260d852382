/* trouble_record: the story of the daemon's own troubles into the database: abate.trouble, from which alerts are made, and by
 * which the silence of monitors is explained.
 *
 *     begun, over --> entries, in memory --> AWAY --up--> WRITING, one after the other --> IDLE: no connection
 *                                             ^               |
 *                                             +-- error: RESTING, then another session
 *
 * That nothing could be stored is written when it can be: as of then it explains what is missing, and is told only when it
 * is over, or lasts for so long that the database cannot be what was away. What is not written when abated ends is lost; of
 * what still is so the next one writes.
 */
#ifndef ABATE_TROUBLE_RECORD_H
#define ABATE_TROUBLE_RECORD_H

#include <stdbool.h>

#include "conf.h"
#include "instant.h"
#include "loop.h"

struct trouble_record;

/* `told`: whom the daemon tells by itself, as a PostgreSQL array; kept. */
struct trouble_record *trouble_record_new(struct loop *loop, const struct conf *conf, const char *told);
void trouble_record_free(struct trouble_record *r);

/* The daemon is up: it watches `names`, a PostgreSQL array; of others nothing lasts. */
void trouble_record_settle(struct trouble_record *r, const char *names, struct instant at);
void trouble_record_begin(struct trouble_record *r, const char *name, const char *why, struct instant at);
void trouble_record_unstored(struct trouble_record *r, const char *name, const char *why, struct instant at);
void trouble_record_end(struct trouble_record *r, const char *name, struct instant at);

/* It lasts, as of `at`: to be said now and then, or it counts as over (threshold trouble_unwatched). Nothing is done while
 * something else waits to be written. */
void trouble_record_see(struct trouble_record *r, const char *name, const char *why, struct instant at);

bool trouble_record_is_idle(const struct trouble_record *r); /* all is written */

#endif
