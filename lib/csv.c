#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

void
csv_init(struct csv *c, char separator)
{
    *c = (struct csv){.separator = separator, .next_line = 1};
}

void
csv_clear(struct csv *c)
{
    free(c->field);
    *c = (struct csv){0};
}

static struct span *
add_field(struct csv *c)
{
    if (c->fields == c->room) {
        size_t room = c->room == 0 ? 16 : c->room * 2;
        struct span *field = realloc(c->field, room * sizeof(*field));
        if (field == NULL)
            abort();
        c->field = field;
        c->room = room;
    }
    return &c->field[c->fields++];
}

/* The LF that ends the row, or NULL. Quotes matter only if the line has one. */
static char *
row_end(const struct csv *c, char *text, char *end, bool *ret_is_quoted)
{
    char *line_end = memchr(text, '\n', (size_t)(end - text));
    char *limit = line_end != NULL ? line_end : end;
    *ret_is_quoted = memchr(text, '"', (size_t)(limit - text)) != NULL;
    if (!*ret_is_quoted)
        return line_end;

    enum { START, PLAIN, QUOTED, CLOSED } place = START;
    for (char *p = text; p < end; p++) {
        if (place == QUOTED)
            place = *p == '"' ? CLOSED : QUOTED;
        else if (*p == '\n')
            return p;
        else if (*p == c->separator)
            place = START;
        else
            place = *p == '"' && place != PLAIN ? QUOTED
                                                : PLAIN; /* a quote behind a closed one is a doubled one */
    }
    return NULL;
}

/* A field in quotes at `*p`, made plain in place; `*p` goes behind it. */
static bool
take_quoted(struct csv *c, char **p, char *end, struct reason *why)
{
    struct span *field = add_field(c);
    char *from = *p + 1;
    char *to = *p;
    bool is_closed = false;

    field->at = to;
    while (from < end && !is_closed) {
        if (*from != '"') {
            *to++ = *from++;
        } else if (from + 1 < end && from[1] == '"') {
            *to++ = '"';
            from += 2;
        } else {
            is_closed = true;
            from++;
        }
    }
    field->size = (size_t)(to - field->at);
    *p = from;
    if (!is_closed)
        return reason_set(why, "a quote that is never closed");
    if (from < end && *from != c->separator)
        return reason_set(why, "text behind a closing quote: \"%s\"",
                          text_quote(from, (size_t)(end - from)).text);
    return true;
}

static void
take_plain(struct csv *c, char **p, char *end)
{
    char *stop = *p < end ? memchr(*p, c->separator, (size_t)(end - *p)) : NULL;
    if (stop == NULL)
        stop = end;
    *add_field(c) = (struct span){*p, (size_t)(stop - *p)};
    *p = stop;
}

static bool
split(struct csv *c, char *p, char *end, struct reason *why)
{
    c->fields = 0;
    for (;; p++) {
        if (p < end && *p == '"') {
            if (!take_quoted(c, &p, end, why))
                return reason_prefix(why, "line %lu: field %zu", c->line, c->fields);
        } else {
            take_plain(c, &p, end);
        }
        if (p == end)
            return true;
    }
}

static size_t
mark_size(const struct csv *c, const char *text, size_t size)
{
    return c->next_line == 1 && size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static unsigned long
count_lines(const char *from, const char *to)
{
    unsigned long lines = 1;
    while ((from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
        lines++;
        from++;
    }
    return lines;
}

enum csv_take
csv_take(struct csv *c, char *text, size_t size, bool is_all, size_t *ret_used, struct reason *why)
{
    char *p = text + mark_size(c, text, size);
    char *end = text + size;

    for (;;) {
        bool is_quoted;
        char *stop = row_end(c, p, end, &is_quoted);
        char *next = stop != NULL ? stop + 1 : end;
        if (stop == NULL) {
            *ret_used = c->next_line > 1 ? (size_t)(p - text) : 0; /* the mark stays: a second one is text */
            if (!is_all || p == end)
                return CSV_SHORT;
            stop = end;
        }
        c->line = c->next_line;
        c->next_line += is_quoted ? count_lines(p, stop) : 1;
        if (stop > p && stop[-1] == '\r')
            stop--;
        if (stop == p) {
            p = next;
            continue;
        }
        *ret_used = (size_t)(next - text);
        return split(c, p, stop, why) ? CSV_ROW : CSV_BAD;
    }
}
