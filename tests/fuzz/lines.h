/* lines: a fuzzer's input as texts, one a line; the last has all that is left, line feeds too. */
#ifndef ABATE_LINES_H
#define ABATE_LINES_H

#include <stddef.h>
#include <stdint.h>

/* `line` gets `count` texts, "" where the input is over; a zero in it ends its text. All are freed with lines_clear(). */
void lines_take(const uint8_t *bytes, size_t size, char **line, size_t count);
void lines_clear(char **line, size_t count);

#endif
