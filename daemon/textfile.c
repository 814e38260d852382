#include "textfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *
textfile_read(const char *name, size_t most, size_t *ret_size, struct reason *why)
{
    FILE *f = fopen(name, "re");
    if (f == NULL) {
        reason_set(why, "%s: %s", name, strerror(errno));
        return NULL;
    }
    char *bytes = malloc(most + 2);
    if (bytes == NULL)
        abort();
    size_t size = fread(bytes, 1, most + 1, f);
    bool failed = ferror(f) != 0;
    int error = errno;
    fclose(f);
    if (failed || size > most) {
        free(bytes);
        reason_set(why, "%s: %s", name, failed ? strerror(error) : "the file is too large");
        return NULL;
    }
    bytes[size] = '\0';
    *ret_size = size;
    return bytes;
}
