/* catalogue_rows: the catalogue out of PostgreSQL's answers, each of the query of its name (sql/queries/read_NAME.sql).
 *
 *     read_partitions  read_registry  read_units  read_names  read_watches  read_valid_marks
 *
 * In this order: units and watches hang on the registry's series.
 */
#ifndef ABATE_CATALOGUE_ROWS_H
#define ABATE_CATALOGUE_ROWS_H

#include <stdbool.h>

#include "catalogue.h"
#include "pg.h"
#include "reason.h"

void catalogue_take_partitions(struct catalogue *c, const struct pg_result *rows);
bool catalogue_take_registry(struct catalogue *c, const struct pg_result *rows, struct reason *why);
void catalogue_take_units(struct catalogue *c, const struct pg_result *rows);
void catalogue_take_names(struct catalogue *c, const struct pg_result *rows);
void catalogue_take_watches(struct catalogue *c, const struct pg_result *rows);
void catalogue_take_marks(struct catalogue *c, const struct pg_result *rows);

#endif
