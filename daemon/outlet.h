/* outlet: the ways out that a configuration has: its channels, and the two that send by them, notifier and vigil.
 *
 *     running --outlet_leave()--> leaving: nothing more is claimed or looked at; what is under way goes on --> idle, freed
 *
 * While abated runs another one may take its place: it begins at once, and what the first was told of troubles it knows.
 */
#ifndef ABATE_OUTLET_H
#define ABATE_OUTLET_H

#include <stdbool.h>

#include "conf.h"
#include "loop.h"
#include "notifier.h"
#include "reason.h"
#include "transfer.h"
#include "vigil.h"

struct outlet {
    struct outlet *next; /* whoever has several keeps them so */
    struct conf *conf;
    struct channel **channel; /* conf->channels */
    struct notifier *notifier;
    struct vigil *vigil;
};

/* Keeps the configuration. NULL with `why` if a channel cannot be opened. */
struct outlet *outlet_new(struct loop *loop, struct conf *conf, struct transfers *transfers, struct reason *why);
void outlet_free(struct outlet *o); /* NULL is fine */

void outlet_start(struct outlet *o, const struct vigil_sight *sight, const struct outlet *before); /* before: NULL, or whose place it takes */
void outlet_leave(struct outlet *o);
bool outlet_is_idle(const struct outlet *o);

#endif
