/* migrate: brings the schema of the database to what this program wants.
 *
 *     lock --> what is there --> on_plan --> [ on_begun, migration, on_applied ] each --> on_begun, functions, on_applied
 *
 * Under an advisory lock: each migration that is not yet there, in order, each in a transaction with its row in
 * abate.schema_migration; then all functions and views anew in one transaction. A migration whose text is not what was
 * applied once is an error, and so is a schema newer than this program: they only go forward.
 */
#ifndef ABATE_MIGRATE_H
#define ABATE_MIGRATE_H

#include <stdbool.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

struct migrate_plan {
    int have, want;           /* the newest migration there (0: no schema yet), and of this program */
    const char *const *name;  /* to be applied, in order; each begins with its number */
    size_t names;
    size_t applied;           /* migrations that are there */
    size_t functions;         /* files applied anew in any case */
};

struct migrate_calls {
    void (*on_plan)(void *self, const struct migrate_plan *plan); /* before anything is changed */
    void (*on_begun)(void *self, const char *name);               /* NULL: the functions */
    void (*on_applied)(void *self, const char *name);
    void *self;
};

/* Runs the loop until it is done. `conninfo` NULL: the configuration's. `is_dry`: on_plan is all that comes of it. */
bool migrate_run(struct loop *loop, const struct conf *conf, const char *conninfo, bool is_dry, const struct migrate_calls *calls,
                 struct reason *why);

#endif
