#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32c.h"
#include "textfile.h"

#define FIRST_LINE "abate session 1"
#define FILE_MOST (1u << 20)

struct session {
    char *name, *next_name; /* the file, and the one that takes its place */
    char *whose;
    char **filter;
    size_t filters;
    bool is_known;
    struct instant seen;
};

static void *
or_abort(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static void
set_filters(struct session *s, char *const *filter, size_t filters)
{
    for (size_t i = 0; i < s->filters; i++)
        free(s->filter[i]);
    free(s->filter);
    s->filter = filters == 0 ? NULL : or_abort(calloc(filters, sizeof(*s->filter)));
    for (size_t i = 0; i < filters; i++)
        s->filter[i] = or_abort(strdup(filter[i]));
    s->filters = filters;
    s->is_known = true;
}

/* Lines, cut in place. What is not whole, or another's, is as if it were not there. */
static void
take(struct session *s, char *text)
{
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n';
    char **line = or_abort(calloc(lines + 1, sizeof(*line)));
    size_t n = 0;
    for (char *rest = text, *end; n < lines && (end = strchr(rest, '\n')) != NULL; rest = end + 1) {
        *end = '\0';
        line[n++] = rest;
    }
    if (n >= 2 && strcmp(line[0], FIRST_LINE) == 0 && strcmp(line[1], s->whose) == 0)
        set_filters(s, line + 2, n - 2);
    free(line);
}

struct session *
session_open(const char *directory, const char *whose)
{
    struct session *s = or_abort(calloc(1, sizeof(*s)));
    struct stat status;
    size_t size;

    s->whose = or_abort(strdup(whose));
    if (asprintf(&s->name, "%s/%08" PRIx32 ".session", directory, crc32c(0, whose, strlen(whose))) < 0 ||
        asprintf(&s->next_name, "%s.new", s->name) < 0)
        abort();
    char *text = textfile_read(s->name, FILE_MOST, &size, NULL);
    if (text != NULL && stat(s->name, &status) == 0) {
        s->seen.us = status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
        take(s, text);
    }
    free(text);
    return s;
}

void
session_free(struct session *s)
{
    if (s == NULL)
        return;
    set_filters(s, NULL, 0);
    free(s->name);
    free(s->next_name);
    free(s->whose);
    free(s);
}

bool
session_is_known(const struct session *s)
{
    return s->is_known;
}

struct instant
session_seen(const struct session *s)
{
    return s->seen;
}

size_t
session_filters(const struct session *s)
{
    return s->filters;
}

const char *
session_filter(const struct session *s, size_t i)
{
    return s->filter[i];
}

static bool
write_whole(const struct session *s)
{
    FILE *f = fopen(s->next_name, "we");
    if (f == NULL)
        return false;
    fprintf(f, FIRST_LINE "\n%s\n", s->whose);
    for (size_t i = 0; i < s->filters; i++)
        fprintf(f, "%s\n", s->filter[i]);
    bool ok = fflush(f) == 0 && fsync(fileno(f)) == 0;
    return fclose(f) == 0 && ok && rename(s->next_name, s->name) == 0;
}

static bool
is_same(const struct session *s, char *const *filter, size_t filters)
{
    if (!s->is_known || s->filters != filters)
        return false;
    for (size_t i = 0; i < filters; i++) {
        if (strcmp(s->filter[i], filter[i]) != 0)
            return false;
    }
    return true;
}

bool
session_keep(struct session *s, char *const *filter, size_t filters, struct instant at, struct reason *why)
{
    if (!is_same(s, filter, filters)) {
        set_filters(s, filter, filters);
        if (!write_whole(s))
            return reason_set(why, "%s: cannot be written: %s", s->name, strerror(errno));
    }
    session_touch(s, at);
    return true;
}

void
session_touch(struct session *s, struct instant at)
{
    struct timespec t = {.tv_sec = at.us / 1000000, .tv_nsec = at.us % 1000000 * 1000};
    struct timespec both[] = {t, t};

    s->seen = at;
    utimensat(AT_FDCWD, s->name, both, 0);
}
