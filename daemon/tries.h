/* tries: the deliveries that a notifier has in hand: each handed to its channel as a letter, under way, or over and to be
 * recorded.
 *
 *     tries_send() --> channel ...... over: on_over --> tries_find_over() --> recorded --> tries_drop()
 *
 * A channel has at most as many under way as it has room for.
 */
#ifndef ABATE_TRIES_H
#define ABATE_TRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "channel.h"
#include "conf.h"
#include "loop.h"
#include "pg.h"
#include "reason.h"

struct tries;

struct try {
    char id[24]; /* in the database */
    enum channel_outcome outcome;
    struct reason answer;
    int64_t wait_us; /* as in channel_result */
};

/* `channel` has conf->channels of them, and outlives it. on_over(self): a further one is over. */
struct tries *tries_new(struct loop *loop, const struct conf *conf, struct channel *const *channel, void (*on_over)(void *self),
                        void *self);
void tries_free(struct tries *t);

/* The channels that have room, and how much of it, as PostgreSQL arrays: no channel waits for another. False: none has. */
bool tries_list_room(const struct tries *t, struct buf *names, struct buf *rooms);

void tries_send(struct tries *t, const struct pg_result *r); /* what claim_deliveries.sql gave */

const struct try *tries_find_over(const struct tries *t); /* NULL: none */
void tries_drop(struct tries *t, const struct try *over);
bool tries_are_none(const struct tries *t);

struct tries_counts {
    unsigned long long sent, failed;
};
struct tries_counts tries_counts(const struct tries *t);

#endif
