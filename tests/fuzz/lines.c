#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "must.h"

void
lines_take(const uint8_t *bytes, size_t size, char **line, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *end = size > 0 && i + 1 < count ? memchr(bytes, '\n', size) : NULL;
        size_t n = end != NULL ? (size_t)(end - bytes) : size;
        line[i] = malloc(n + 1);
        must(line[i] != NULL, "no memory");
        if (n > 0)
            memcpy(line[i], bytes, n);
        line[i][n] = '\0';
        n += end != NULL;
        bytes = n > 0 ? bytes + n : bytes;
        size -= n;
    }
}

void
lines_clear(char **line, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(line[i]);
}
