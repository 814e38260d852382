/* copy_check: a reader of PostgreSQL's binary COPY of its own, for what libabate.a writes: held against
 * PostgreSQL 15's documentation of the format, not against copy_row.c.
 */
#ifndef ABATE_COPY_CHECK_H
#define ABATE_COPY_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct copy_column {
    const unsigned char *at;
    size_t size;
    bool is_null;
};

struct copy_rows {
    const unsigned char *at, *end;
    size_t columns;
    struct copy_column column[16]; /* of the row taken */
};

void copy_rows_begin(struct copy_rows *r, const struct buf *b, size_t columns);
bool copy_rows_next(struct copy_rows *r); /* false at the trailer, behind which nothing may stand */

int64_t copy_integer(const struct copy_column *c, size_t size);
int64_t copy_instant_us(const struct copy_column *c); /* since 1970 */
void copy_text(const struct copy_column *c);          /* it is one PostgreSQL takes */
/* float8[] in one dimension: how many elements; `ret_values` those that are there. All of them finite. */
size_t copy_floats(const struct copy_column *c, size_t *ret_values);

#endif
