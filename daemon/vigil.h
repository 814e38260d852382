/* vigil: the story of abated telling its own troubles, by the channels that have troubles_to, without the database; and
 * putting them on record there when it can (trouble_record.h), with whom it has told itself: nobody is told twice.
 *
 *     each second: writer, intake, journal --> trouble -+-> letter to each recipient --> channel
 *                                                       |      ^------- later, if it fails ---'
 *                                                       +-> record
 *
 *     database   nothing can be stored, for `after`
 *     broker     one of them is not connected, for `after`
 *     backlog    more than so many percent of the journal's size wait for the database
 *     full       the journal takes nothing more: its cap, or the disk
 *     end        abated cannot go on: told when all else has ended, with a few seconds to go out
 *
 * What is to be told is kept in memory: what nobody has got when abated ends is told by the next one if it still is so.
 */
#ifndef ABATE_VIGIL_H
#define ABATE_VIGIL_H

#include <stdbool.h>

#include "channel.h"
#include "conf.h"
#include "intake.h"
#include "journal.h"
#include "loop.h"
#include "writer.h"

struct vigil;

/* `channel` has conf->channels of them, and outlives it. */
struct vigil *vigil_new(struct loop *loop, const struct conf *conf, struct channel *const *channel);
void vigil_free(struct vigil *v); /* NULL is fine */

struct vigil_sight { /* what is looked at; all outlive vigil_stop() */
    const struct intake *intake;
    const struct writer *writer;
    const struct journal *journal;
};
void vigil_start(struct vigil *v, const struct vigil_sight *sight);
void vigil_take_over(struct vigil *v, const struct vigil *before); /* what it has told of, before vigil_start() */
void vigil_stop(struct vigil *v); /* nothing is looked at any more */

void vigil_tell_end(struct vigil *v, const char *why);
bool vigil_is_idle(const struct vigil *v); /* all is told, and on record */

#endif
