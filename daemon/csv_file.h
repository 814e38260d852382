/* csv_file: the rows of a CSV file, plain or gzipped. Hides zlib. */
#ifndef ABATE_CSV_FILE_H
#define ABATE_CSV_FILE_H

#include <stdint.h>

#include "csv.h"
#include "reason.h"

#define CSV_FILE_ROW_MOST (1 << 20) /* bytes: a longer row is no row but a quote that is never closed */

struct csv_file;

struct csv_file *csv_file_open(const char *name, char separator, struct reason *why); /* NULL with `why` */
void csv_file_close(struct csv_file *f);                                              /* NULL is fine */

enum csv_file_next {
    CSV_FILE_ROW, /* csv_file_row() */
    CSV_FILE_END,
    CSV_FILE_BROKEN, /* `why` names the file */
};
enum csv_file_next csv_file_next(struct csv_file *f, struct reason *why);

const struct csv *csv_file_row(const struct csv_file *f); /* good until the next call */

/* How far: bytes of the file as it lies on disk. */
uint64_t csv_file_size(const struct csv_file *f);
uint64_t csv_file_at(const struct csv_file *f);

#endif
