/* judge: the story of when abate.judge() is called. What it judges, and how, is SQL.
 *
 *     AWAY --up--> PREPARING --> WAITING <--> JUDGING
 *      ^                            ^            |
 *      +---------- down ------------+-- error ---+    after a longer pause each time, said once
 *
 * It has a connection of its own, so that judging never delays what is stored. If the database says that more is left it
 * asks again at once; if somebody else is judging, at the next turn. Told to stop, or ended, in the middle: the database
 * rolls back, and what was not judged is judged the next time.
 */
#ifndef ABATE_JUDGE_H
#define ABATE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

#include <stdbool.h>

struct judge;

struct judge_calls {
    /* False: of what came while PostgreSQL was away much is not stored yet, and would be judged to be missing. Asked before
     * each turn; after a connection it is waited for, but not for ever. */
    bool (*has_caught_up)(void *self);
};

struct judge *judge_new(struct loop *loop, const struct conf *conf, const struct judge_calls *calls, void *self);
void judge_free(struct judge *j);
void judge_start(struct judge *j); /* nothing, if the configuration says so */
void judge_change(struct judge *j, const struct conf *conf); /* another interval: it is its turn */

bool judge_is_judging(const struct judge *j, struct reason *why); /* false: the last judgement failed, and why */
struct instant judge_judged(const struct judge *j);               /* when the last one was over; 0: none yet */

/* What the database counted after it: sql/queries/read_figures.sql. */
struct judge_figure {
    char name[32], label[32];
    int64_t value;
};
size_t judge_figures(const struct judge *j, const struct judge_figure **ret);
int64_t judge_figure_sum(const struct judge *j, const char *name);

#endif
