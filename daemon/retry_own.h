/* retry_own: the retry's inside, shared by its two files: retry.c, the machine and what it knows; retry_store.c, how a message
 * is stored. Nobody else includes it.
 */
#ifndef ABATE_RETRY_OWN_H
#define ABATE_RETRY_OWN_H

#include "batch.h"
#include "pg.h"
#include "retry.h"

struct retry;

/* One statement of a sequence. */
struct retry_step {
    const char *name;
    bool (*begin)(struct retry *t);                           /* false: there is nothing to do here */
    bool (*take)(struct retry *t, const struct pg_result *r); /* false: over, with `why`; or NULL */
    bool is_repeated;
};

struct retry {
    struct loop *loop;
    const struct conf *conf;
    const struct retry_wish *wish;
    const struct retry_calls *calls;
    struct pg *pg;
    const struct retry_step *first, *step; /* of the sequence under way */
    const struct retry_step *after;        /* the one that follows a rollback */
    struct catalogue *catalogue;
    struct batch batch;

    char reject_id[24]; /* of the message at hand, "0" before the first */
    int16_t journal_id;
    int64_t times;        /* it came */
    struct record record; /* points into `text` and `payload` */
    struct buf text, payload;
    struct reason refused; /* why something of it is left out; "" if nothing is */
    int64_t stored, duplicate, differs;
    bool is_folded; /* each time it came it was of another instant: that of the first can be told, as is `refused` */
    bool is_poison; /* PostgreSQL refuses it, for `refused` */
    bool is_outdone; /* what `refused` is about are statements, and later ones are on record */
    int tries;

    struct retry_counts *counts;
    struct reason *why;
    bool is_over, ok;
};

extern const struct retry_step retry_storing[];

void retry_on_done(void *self, const struct pg_result *r);
void retry_on_reject(void *self, const struct record *record, const char *reason, size_t stored); /* batch's */
void retry_decode(struct retry *t); /* the message at hand, into the batch */

#endif
