/* What a channel needs beside its server: files. Asked before somebody waits for its first letter. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "secret.h"
#include "textfile.h"

#define FILE_MOST 8192

static bool
check_secret(const char *key, const char *file, struct reason *why)
{
    char secret[SECRET_SIZE];
    bool ok = file == NULL || secret_read(file, secret, why) || reason_prefix(why, "%s", key);
    explicit_bzero(secret, sizeof(secret));
    return ok;
}

static bool
check_lines(const char *key, const char *file, struct reason *why)
{
    size_t size;
    if (file == NULL)
        return true;
    char *text = textfile_read(file, FILE_MOST, &size, why);
    if (text != NULL)
        explicit_bzero(text, size);
    free(text);
    return text != NULL || reason_prefix(why, "%s", key);
}

static bool
check_access(const char *key, const char *file, int how, struct reason *why)
{
    return file == NULL || access(file, how) == 0 || reason_set(why, "%s: \"%s\": %s", key, file, strerror(errno));
}

bool
channel_check_files(const struct conf_channel *s, struct reason *why)
{
    return (check_secret("password_file", s->password_file, why) && check_secret("secret_file", s->secret_file, why) &&
            check_secret("signing_file", s->signing_file, why) && check_lines("header_file", s->header_file, why) &&
            check_access("ca_file", s->ca_file, R_OK, why) && check_access("program", s->program, X_OK, why)) ||
           reason_prefix(why, "channel \"%s\"", s->name);
}
