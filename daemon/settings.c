#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "textfile.h"

#define FILE_MOST (1u << 20)

struct conf *
settings_read(const char *file, struct reason *why)
{
    size_t size;
    char *text = textfile_read(file, FILE_MOST, &size, why);
    if (text == NULL)
        return NULL;

    struct conf *conf = NULL;
    if (strlen(text) != size)
        reason_set(why, "%s: a NUL byte after %zu bytes: this is no text file", file, strlen(text));
    else
        conf = conf_parse(file, text, why);
    free(text);
    return conf;
}
