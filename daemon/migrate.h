/* migrate: brings the schema of the database to what this program wants.
 *
 * Under an advisory lock: each migration that is not yet there, in order, each in a transaction with its row in
 * abate.schema_migration; then all functions and views anew in one transaction. A migration whose text is not what was
 * applied once is an error: they only go forward.
 */
#ifndef ABATE_MIGRATE_H
#define ABATE_MIGRATE_H

#include <stdbool.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

/* Runs the loop until it is done. `conninfo` NULL: the configuration's. `is_dry`: only says what it would do. */
bool migrate_run(struct loop *loop, const struct conf *conf, const char *conninfo, bool is_dry, struct reason *why);

#endif
