/* plan_load: a plan's folder into the database, whole or not at all.
 *
 *     begin -> cells -> check -+-> take -> commit      (a dry run: rollback)
 *                              +-> faults: each on a line of stderr, rollback
 */
#ifndef ABATE_PLAN_LOAD_H
#define ABATE_PLAN_LOAD_H

#include <stdbool.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

struct plan_load_wish {
    const char *folder;
    const char *conninfo; /* NULL: the configuration's */
    bool is_dry;
};

/* Runs the loop until it is done; tells on stdout what is new. */
bool plan_load_run(struct loop *loop, const struct conf *conf, const struct plan_load_wish *wish, struct reason *why);

#endif
