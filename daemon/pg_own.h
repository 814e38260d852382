/* pg_own: what the files of pg share. Nobody else includes it. */
#ifndef ABATE_PG_OWN_H
#define ABATE_PG_OWN_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "pg.h"

void pg_one_line(struct reason *why, const char *text); /* one line of what may be several */
void pg_describe_error(const PGresult *res, struct pg_result *ret); /* sqlstate, and the words with detail and hint */
bool pg_is_error(const PGresult *res);

#endif
