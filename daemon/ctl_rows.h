/* ctl_rows: the rows of an answer for a person, as a table, or for a machine, as JSON: one object a line.
 *
 *     static const struct ctl_column columns[] = {
 *         {0, "name", CTL_TEXT, {"name", 0, false}},     a column of both
 *         {1, "bytes", CTL_NUMBER, {0}},                 of the objects alone
 *         {2, NULL, CTL_TEXT, {"size", 0, true}},        of the table alone
 *     };
 */
#ifndef ABATE_CTL_ROWS_H
#define ABATE_CTL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "pg.h"
#include "table.h"

enum ctl_kind { CTL_TEXT, CTL_NUMBER, CTL_TRUTH };

struct ctl_column {
    int from;           /* of the answer */
    const char *member; /* NULL: not in JSON */
    enum ctl_kind kind; /* in JSON */
    struct table_column head; /* name NULL: not in the table */
};

void ctl_print_rows(const struct ctl_column *column, size_t columns, const struct pg_result *r, bool is_json);

/* `"name": value` of each member of a row, with commas between; the braces are the caller's. */
void ctl_add_members(struct buf *out, const struct ctl_column *column, size_t columns, const struct pg_result *r, int row);

/* One member with a text (NULL: null), or with what is written as it stands: a number, true, an array. A comma is put
 * before it where `out` does not end in a bracket. */
void ctl_add_text(struct buf *out, const char *name, const char *text);
void ctl_add_plain(struct buf *out, const char *name, const char *text);
void ctl_add_count(struct buf *out, const char *name, int64_t count);

void ctl_put(struct buf *out); /* to standard output; frees */

#endif
