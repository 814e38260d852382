/* width: how many columns of a terminal a text takes: Chinese characters two, accents that stand on another none. */
#ifndef ABATE_WIDTH_H
#define ABATE_WIDTH_H

#include <stddef.h>

/* Of UTF-8; a byte that is none counts as one column. */
size_t width_of(const char *text, size_t size);

/* How many bytes from the front fit into `most` columns, whole characters only. */
size_t width_fit(const char *text, size_t size, size_t most);

#endif
