#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decimal.h"
#include "mapping.h"
#include "payload.h"
#include "text.h"

static struct span
trim(struct span s)
{
    while (s.size > 0 && isblank((unsigned char)s.at[0])) {
        s.at++;
        s.size--;
    }
    while (s.size > 0 && isblank((unsigned char)s.at[s.size - 1]))
        s.size--;
    return s;
}

static bool
is_text(struct span s, const char *text)
{
    return strlen(text) == s.size && memcmp(text, s.at, s.size) == 0;
}

static struct quoted
quote(struct span s)
{
    return text_quote(s.at, s.size);
}

static struct quoted
quote_text(const char *text)
{
    return text_quote(text, strlen(text));
}

/* "#3" is the third column. */
static bool
bind_number(struct mapping_column *column, size_t *ret_columns, struct reason *why)
{
    char *rest;
    unsigned long number = strtoul(column->name + 1, &rest, 10);
    if (!isdigit((unsigned char)column->name[1]) || *rest != '\0' || number == 0 || number > 10000)
        return reason_set(why, "not the number of a column: \"%s\"", quote_text(column->name).text);
    column->index = number - 1;
    if (*ret_columns < number)
        *ret_columns = number;
    return true;
}

/* The header's own words, as far as they go into a reason. */
static bool
no_column(const char *name, const struct csv *header, struct reason *why)
{
    char there[160] = "";
    size_t used = 0;
    for (size_t i = 0; i < header->fields; i++) {
        struct span s = trim(header->field[i]);
        struct quoted word = quote(s);
        size_t size = strlen(word.text);
        if (used + size + 1 + 4 > sizeof(there)) { /* a blank, and room for the three dots */
            memcpy(there + used, "...", 4);
            break;
        }
        memcpy(there + used, word.text, size);
        used += size;
        there[used++] = i + 1 < header->fields ? ' ' : '\0';
    }
    return reason_set(why, "there is no column \"%s\", but: %s", quote_text(name).text, there);
}

static bool
bind_column(struct mapping_column *column, const struct csv *header, size_t *ret_columns, struct reason *why)
{
    if (column->name[0] == '#')
        return bind_number(column, ret_columns, why);
    if (header == NULL)
        return reason_set(why, "without a header a column goes by its number: \"#1\", not \"%s\"",
                          quote_text(column->name).text);
    for (size_t i = 0; i < header->fields; i++) {
        if (!is_text(trim(header->field[i]), column->name))
            continue;
        column->index = i;
        if (*ret_columns < i + 1)
            *ret_columns = i + 1;
        return true;
    }
    return no_column(column->name, header, why);
}

bool
mapping_bind(struct mapping *m, const struct csv *header, struct reason *why)
{
    m->columns = 0;
    for (size_t i = 0; i < m->time_columns; i++) {
        if (!bind_column(&m->time_column[i], header, &m->columns, why))
            return false;
    }
    for (size_t i = 0; i < m->messages; i++) {
        struct mapping_message *message = &m->message[i];
        if (message->monitor == NULL && !bind_column(&message->column, header, &m->columns, why))
            return false;
        for (size_t k = 0; k < message->readings; k++) {
            if (!bind_column(&message->reading[k].column, header, &m->columns, why))
                return false;
        }
    }
    return true;
}

static bool
parse_time(const struct mapping *m, const char *text, struct instant *ret, struct reason *why)
{
    struct tm tm = {.tm_mday = 1};
    const char *rest = strptime(text, m->time_format, &tm);

    if (rest == NULL || *rest != '\0')
        return reason_set(why, "not a time of the form \"%s\": \"%s\"", quote_text(m->time_format).text,
                          quote_text(text).text);
    if (!instant_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                       m->zone_s, ret))
        return reason_set(why, "no such date or time: \"%s\"", quote_text(text).text);
    return true;
}

/* start + step x row; past the last year there is, the step is wrong. */
static bool
step_time(const struct mapping *m, const struct mapping_source *source, uint64_t number, struct instant *ret,
          struct reason *why)
{
    struct instant end;
    int64_t past;
    instant_civil(2199, 12, 31, 23, 59, 59, 0, &end);
    if (__builtin_mul_overflow(m->step_us, number, &past) || past > end.us - source->start.us)
        return reason_set(why, "its time would be past the year 2199: is \"step\" too long?");
    ret->us = source->start.us + past;
    return true;
}

bool
mapping_time(const struct mapping *m, const struct mapping_source *source, const struct csv *row,
             uint64_t number, struct instant *ret, struct reason *why)
{
    if (m->time_columns == 0)
        return step_time(m, source, number, ret, why);
    if (row->fields < m->columns)
        return reason_set(why, "%zu fields where %zu are wanted", row->fields, m->columns);

    char text[128];
    size_t used = 0;
    for (size_t i = 0; i < m->time_columns; i++) {
        struct span s = trim(row->field[m->time_column[i].index]);
        if (used + s.size + 2 > sizeof(text))
            return reason_set(why, "too long for a time: \"%s\"", quote(s).text);
        if (i > 0)
            text[used++] = ' ';
        memcpy(text + used, s.at, s.size);
        used += s.size;
    }
    text[used] = '\0';
    return parse_time(m, text, ret, why);
}

static bool
is_missing(const struct mapping *m, struct span s)
{
    for (size_t i = 0; i < m->missings; i++) {
        if (is_text(s, m->missing[i]))
            return true;
    }
    return false;
}

static const struct mapping_monitor *
pick_monitor(const struct mapping *m, struct span value)
{
    for (size_t i = 0; i < m->monitors; i++) {
        if (m->monitor[i].value != NULL && is_text(value, m->monitor[i].value))
            return &m->monitor[i];
    }
    return NULL;
}

static bool
add_reading(const struct mapping *m, const struct mapping_reading *r, const struct csv *row,
            struct buf *payload, size_t *readings, struct reason *why)
{
    struct span s = trim(row->field[r->column.index]);
    double value = NAN;

    if (is_missing(m, s))
        return true;
    if (!decimal_read(s.at, s.size, &value))
        return reason_set(why, "column \"%s\": not a number: \"%s\"", quote_text(r->column.name).text, quote(s).text);
    value = decimal_scaled(value, r->scale);
    if (!isfinite(value))
        return reason_set(why, "column \"%s\": times its \"scale\" no finite number: \"%s\"",
                          quote_text(r->column.name).text, quote(s).text);
    payload_add(payload, r->name, value, r->unit);
    (*readings)++;
    return true;
}

enum mapping_made
mapping_make(const struct mapping *m, size_t index, const struct csv *row, struct instant at,
             struct buf *payload, const struct mapping_monitor **ret, size_t *ret_readings,
             struct reason *why)
{
    const struct mapping_message *message = &m->message[index];
    const struct mapping_monitor *monitor = message->monitor;

    if (row->fields < m->columns) {
        reason_set(why, "%zu fields where %zu are wanted", row->fields, m->columns);
        return MAPPING_WRONG;
    }
    if (monitor == NULL) {
        struct span value = trim(row->field[message->column.index]);
        monitor = pick_monitor(m, value);
        if (monitor == NULL) {
            reason_set(why, "column \"%s\": no monitor has the value \"%s\"", quote_text(message->column.name).text,
                       quote(value).text);
            return MAPPING_WRONG;
        }
    }

    size_t readings = 0;
    payload_begin(payload, monitor->code, at, m->zone_s, message->period);
    for (size_t i = 0; i < message->readings; i++) {
        if (!add_reading(m, &message->reading[i], row, payload, &readings, why))
            return MAPPING_WRONG;
    }
    payload_end(payload);
    *ret = monitor;
    *ret_readings = readings;
    return readings > 0 ? MAPPING_MADE : MAPPING_EMPTY;
}
