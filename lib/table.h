/* table: rows of texts in columns that stand under each other on a terminal, Chinese ones, too.
 *
 *     id    verdict   deadline    what is promised
 *     O-1   met       2020-12-31  到2020年底,全市规模以上企业...
 */
#ifndef ABATE_TABLE_H
#define ABATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct table_column {
    const char *name;
    size_t most;   /* terminal columns; a longer text is cut and ends in "..."; 0: never cut */
    bool is_right; /* numbers */
};

struct table {
    const struct table_column *column;
    size_t columns;
    size_t rows;
    struct buf text; /* of all cells, each ended by NUL */
    size_t *width;   /* by column: of the widest */
};

void table_init(struct table *t, const struct table_column *column, size_t columns);
void table_clear(struct table *t);

/* `cell` has a text for each column; NULL is none. Control characters become blanks. */
void table_add(struct table *t, const char *const *cell);

/* The names and all rows, each line ended, without blanks at its end. */
void table_write(const struct table *t, struct buf *out);

#endif
