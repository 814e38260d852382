/* textfile: a small file read whole. */
#ifndef ABATE_TEXTFILE_H
#define ABATE_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "reason.h"

/* Its bytes with a NUL behind them, to be freed; NULL with `why`. A file past `most` bytes is refused, and one that holds
 * a NUL is cut there by whoever takes it for text: `ret_size` tells. */
char *textfile_read(const char *name, size_t most, size_t *ret_size, struct reason *why);

#endif
