#include "secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool
secret_read(const char *file, char *out, struct reason *why)
{
    FILE *f = fopen(file, "re");
    if (f == NULL)
        return reason_set(why, "password file \"%s\": %s", file, strerror(errno));

    char line[SECRET_SIZE] = "";
    bool got = fgets(line, sizeof(line), f) != NULL;
    fclose(f);
    size_t size = strcspn(line, "\r\n");
    if (!got || size == 0)
        return reason_set(why, "password file \"%s\": its first line is empty", file);
    if (size == sizeof(line) - 1)
        return reason_set(why, "password file \"%s\": its first line is longer than %d bytes", file, SECRET_SIZE - 2);
    memcpy(out, line, size);
    out[size] = '\0';
    explicit_bzero(line, sizeof(line));
    return true;
}
