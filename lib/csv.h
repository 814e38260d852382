/* csv: rows of separated text (RFC 4180), with the liberties real files take. Pure: it is given the bytes.
 *
 *     2011-01-01,"a ""b""",,7\r\n     ->     field[0..3] = 2011-01-01 | a "b" | (empty) | 7
 *
 * Any separator of one byte; lines end in LF or CRLF; a byte order mark before the first row and rows without
 * a single byte are passed over. A quote counts only as a field's first byte; within quotes separators and
 * line ends are text.
 */
#ifndef ABATE_CSV_H
#define ABATE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"
#include "reason.h"

struct csv {
    char separator;
    struct span *field; /* of the row taken; they point into the text given to csv_take() */
    size_t fields;
    size_t room;
    unsigned long line; /* where the row begins, from 1 */
    unsigned long next_line;
};

void csv_init(struct csv *c, char separator);
void csv_clear(struct csv *c);

enum csv_take {
    CSV_ROW,   /* a row; the next begins `ret_used` bytes further on */
    CSV_SHORT, /* the row has no end yet: give more of the text. `ret_used` bytes of it are done with */
    CSV_BAD,   /* a quote that is never closed, or text behind a closing quote */
};

/* The next row of `text`, in which quoted fields are rewritten in place. `is_all`: nothing follows the text,
 * so that the last row needs no line end; CSV_SHORT then says that there is no further row. */
enum csv_take csv_take(struct csv *c, char *text, size_t size, bool is_all, size_t *ret_used,
                       struct reason *why);

#endif
