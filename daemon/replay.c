#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "csv_file.h"
#include "textfile.h"
#include "log.h"
#include "mapping.h"
#include "textfile.h"

#define MAPPING_MOST (1 << 20) /* bytes */

/* One CSV file. All are opened before the first message goes out, so that a wrong name is found at once. */
struct source {
    struct mapping *mapping;
    const struct mapping_source *source;
    struct csv_file *csv;
    char *name;
    uint64_t rows; /* read so far */
};

struct replay {
    struct replay_settings settings;
    struct mapping **mapping;
    size_t mappings;
    struct source *source;
    size_t sources;
    size_t current; /* the source under way */
    bool has_begun; /* its columns are bound and a row has been asked for */
    bool has_at;    /* a row of it had a time */

    bool has_row;      /* messages of the row at hand are still to be made: */
    size_t next;       /* from this one on */
    size_t made;       /* of the row */
    struct instant at; /* of the row */
    int64_t due;       /* ticks at which it may go out */

    struct buf payload;
    struct replay_counts counts;
    uint64_t size, passed; /* bytes of all files; of those that are done */
};

/* ---- files ---- */

struct replay *
replay_new(const struct replay_settings *settings)
{
    struct replay *r = calloc(1, sizeof(*r));
    if (r == NULL)
        abort();
    r->settings = *settings;
    return r;
}

static bool
add_source(struct replay *r, struct mapping *m, const struct mapping_source *source, struct reason *why)
{
    struct source *s = &r->source[r->sources++];
    const char *data = r->settings.data;
    const char *slash = source->file[0] == '/' || data == NULL ? "" : "/";

    *s = (struct source){.mapping = m, .source = source};
    if (asprintf(&s->name, "%s%s%s", *slash != '\0' ? data : "", slash, source->file) < 0)
        abort();
    s->csv = csv_file_open(s->name, m->separator, why);
    if (s->csv == NULL)
        return false;
    r->size += csv_file_size(s->csv);
    if (m->has_header && csv_file_next(s->csv, why) != CSV_FILE_ROW)
        return reason_set(why, "%s: there is no header", s->name);
    return mapping_bind(m, m->has_header ? csv_file_row(s->csv) : NULL, why) ||
           reason_prefix(why, "%s", s->name);
}

bool
replay_add(struct replay *r, const char *name, struct reason *why)
{
    size_t size;
    char *text = textfile_read(name, MAPPING_MOST, &size, why);
    if (text == NULL)
        return false;
    struct mapping *m = mapping_parse(name, text, why);
    free(text);
    if (m == NULL)
        return false;

    r->mapping = realloc(r->mapping, (r->mappings + 1) * sizeof(struct mapping *));
    r->source = realloc(r->source, (r->sources + m->sources) * sizeof(*r->source));
    if (r->mapping == NULL || r->source == NULL)
        abort();
    r->mapping[r->mappings++] = m;
    for (size_t i = 0; i < m->sources; i++) {
        if (!add_source(r, m, &m->source[i], why))
            return false;
    }
    return true;
}

void
replay_free(struct replay *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->sources; i++) {
        csv_file_close(r->source[i].csv);
        free(r->source[i].name);
    }
    for (size_t i = 0; i < r->mappings; i++)
        mapping_free(r->mapping[i]);
    free(r->source);
    free(r->mapping);
    buf_clear(&r->payload);
    free(r);
}

/* ---- rows to messages ---- */

static void
wrong(struct replay *r, const struct source *s, struct reason *why)
{
    if (r->counts.wrong++ > 0)
        return;
    reason_prefix(why, "%s:%lu", s->name, csv_file_row(s->csv)->line);
    r->counts.first_wrong = *why;
    log_warning("%s", why->text);
}

/* A file's rows are spaced as their times are. Where times step back, as from one block of a file to the
 * next, the row follows at once. */
static void
pace(struct replay *r, struct instant at, int64_t ticks)
{
    if (r->due == 0)
        r->due = ticks;
    if (r->has_at && at.us > r->at.us)
        r->due += (int64_t)((double)(at.us - r->at.us) / r->settings.speed);
}

/* The source under way has no more rows, or it has had enough. */
static void
next_source(struct replay *r)
{
    struct source *s = &r->source[r->current++];
    r->passed += csv_file_size(s->csv);
    csv_file_close(s->csv);
    s->csv = NULL;
    r->has_begun = false;
    r->has_at = false;
}

static enum csv_file_next
read_row(struct replay *r, struct source *s, struct reason *why)
{
    if (s->rows == r->settings.limit)
        return CSV_FILE_END;
    if (!r->has_begun) /* the columns of another file may have been bound since */
        mapping_bind(s->mapping, s->mapping->has_header ? csv_file_row(s->csv) : NULL, NULL);
    r->has_begun = true;
    enum csv_file_next next = csv_file_next(s->csv, why);
    if (next == CSV_FILE_ROW) {
        s->rows++;
        r->counts.rows++;
    }
    return next;
}

/* The next row that has a time. */
static enum csv_file_next
take_row(struct replay *r, int64_t ticks, struct reason *why)
{
    struct source *s = &r->source[r->current];
    struct instant at;
    struct reason fault;
    enum csv_file_next next;

    while ((next = read_row(r, s, why)) == CSV_FILE_ROW) {
        if (!mapping_time(s->mapping, s->source, csv_file_row(s->csv), s->rows - 1, &at, &fault)) {
            wrong(r, s, &fault);
            continue;
        }
        if (r->settings.speed > 0)
            pace(r, at, ticks);
        r->at = at;
        r->has_at = true;
        r->has_row = true;
        r->next = r->made = 0;
        return next;
    }
    return next;
}

/* The next message of the row at hand; false when it has no more. */
static bool
take_message(struct replay *r, struct publication *ret)
{
    struct source *s = &r->source[r->current];
    const struct mapping_monitor *monitor;
    struct reason fault;
    size_t readings;
    bool is_wrong = false;

    while (r->next < s->mapping->messages) {
        enum mapping_made made = mapping_make(s->mapping, r->next++, csv_file_row(s->csv), r->at, &r->payload,
                                              &monitor, &readings, &fault);
        if (made == MAPPING_MADE) {
            r->made++;
            r->counts.readings += readings;
            *ret = (struct publication){monitor->topic, r->payload.at, r->payload.size};
            return true;
        }
        if (made == MAPPING_WRONG) {
            wrong(r, s, &fault);
            is_wrong = true;
        }
    }
    r->counts.empty += r->made == 0 && !is_wrong;
    r->has_row = false;
    return false;
}

enum publisher_made
replay_make(void *self, int64_t ticks, struct publication *ret, int64_t *ret_due, struct reason *why)
{
    struct replay *r = self;

    while (r->current < r->sources) {
        if (!r->has_row) {
            enum csv_file_next next = take_row(r, ticks, why);
            if (next == CSV_FILE_BROKEN)
                return PUBLISHER_FAILED;
            if (next == CSV_FILE_END) {
                next_source(r);
                continue;
            }
        }
        if (r->settings.speed > 0 && r->due > ticks) {
            *ret_due = r->due;
            return PUBLISHER_LATER;
        }
        if (take_message(r, ret))
            return PUBLISHER_MESSAGE;
    }
    return PUBLISHER_END;
}

const struct replay_counts *
replay_counts(const struct replay *r)
{
    return &r->counts;
}

double
replay_part(const struct replay *r)
{
    bool is_over = r->current == r->sources;
    uint64_t at = r->passed + (is_over ? 0 : csv_file_at(r->source[r->current].csv));
    return r->size > 0 ? (double)at / (double)r->size : 1;
}

const char *
replay_file(const struct replay *r)
{
    const struct source *s = &r->source[r->current == r->sources ? r->sources - 1 : r->current];
    const char *slash = strrchr(s->name, '/');
    return slash != NULL ? slash + 1 : s->name;
}
