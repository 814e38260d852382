#include "time_form.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decimal.h"
#include "text.h"

#define TIME_MOST_S 7258118400.0 /* 2200-01-01; and as far back */
#define WHOLE_MOST 9007199254740992.0 /* 2^53: past it a double has lost digits */

static const struct {
    const char *name;
    enum time_form_kind kind;
} kinds[] = {
    {"rfc3339", TIME_RFC3339}, {"s", TIME_SECONDS}, {"ms", TIME_MILLISECONDS}, {"us", TIME_MICROSECONDS},
    {"digits", TIME_DIGITS},
};

/* The conversions of strptime(3) that neither ask a clock or a locale's era nor are of no use here. */
static const char conversions[] = "YymdeHIMSpbBhDFTRzaAnt%";

static bool
has_conversion(const char *format, const char *among)
{
    for (; (format = strchr(format, '%')) != NULL; format += 2) {
        if (strchr(among, format[1]) != NULL)
            return true;
    }
    return false;
}

static bool
check_format(const char *format, struct reason *why)
{
    for (const char *at = format; (at = strchr(at, '%')) != NULL; at += 2) {
        if (at[1] == '\0' || strchr(conversions, at[1]) == NULL)
            return reason_set(why, "\"%s\": \"%%%s\" cannot be read", text_quote(format, strlen(format)).text,
                              text_quote(at + 1, at[1] != '\0').text);
    }
    bool has_date = has_conversion(format, "F") || has_conversion(format, "D") ||
                    (has_conversion(format, "Yy") && has_conversion(format, "mbBh") && has_conversion(format, "de"));
    if (!has_date || !has_conversion(format, "HITR"))
        return reason_set(why, "\"%s\" is no form of a time: a format like \"%%Y-%%m-%%d %%H:%%M:%%S\" says at least "
                          "day and hour", text_quote(format, strlen(format)).text);
    return true;
}

bool
time_form_parse(const char *text, struct time_form *ret, struct reason *why)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(text, kinds[i].name) == 0) {
            *ret = (struct time_form){.kind = kinds[i].kind};
            return true;
        }
    }
    if (!check_format(text, why))
        return false;
    *ret = (struct time_form){TIME_FORMAT, strdup(text)};
    if (ret->format == NULL)
        abort();
    return true;
}

const char *
time_form_text(const struct time_form *f)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].kind == f->kind)
            return kinds[i].name;
    }
    return f->format;
}

void
time_form_clear(struct time_form *f)
{
    free(f->format);
    *f = (struct time_form){0};
}

/* ---- reading ---- */

static bool
set_civil(const int part[6], int32_t zone_s, struct instant *ret, bool *ret_is_local)
{
    *ret_is_local = zone_s == INSTANT_ZONE_NONE;
    return instant_civil(part[0], part[1], part[2], part[3], part[4], part[5], *ret_is_local ? 0 : zone_s, ret);
}

static bool
no_such(const char *text, size_t size, struct reason *why)
{
    return reason_set(why, "no such date or time: \"%s\"", text_quote(text, size).text);
}

/* "YYYYMMDDhhmmss", perhaps with milliseconds behind. */
static bool
read_digits(const char *text, size_t size, int32_t zone_s, struct instant *ret, bool *ret_is_local, struct reason *why)
{
    static const unsigned char width[7] = {4, 2, 2, 2, 2, 2, 3};
    int part[7] = {0};
    size_t parts = size == 17 ? 7 : 6;

    if ((size != 14 && size != 17) || strspn(text, "0123456789") != size)
        return reason_set(why, "not 14 or 17 digits: \"%s\"", text_quote(text, size).text);
    for (size_t i = 0; i < parts; text += width[i++]) {
        for (size_t n = 0; n < width[i]; n++)
            part[i] = part[i] * 10 + text[n] - '0';
    }
    if (!set_civil(part, zone_s, ret, ret_is_local))
        return no_such(text - size, size, why);
    ret->us += part[6] * 1000;
    return true;
}

static bool
read_format(const struct time_form *f, const char *text, size_t size, int32_t zone_s, struct instant *ret,
            bool *ret_is_local, struct reason *why)
{
    struct tm tm = {.tm_mday = 1};
    const char *rest = strptime(text, f->format, &tm);

    if (rest != text + size)
        return reason_set(why, "not a time of the form \"%s\": \"%s\"", text_quote(f->format, strlen(f->format)).text,
                          text_quote(text, size).text);
    if (has_conversion(f->format, "z"))
        zone_s = (int32_t)tm.tm_gmtoff;
    const int part[6] = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec};
    return set_civil(part, zone_s, ret, ret_is_local) || no_such(text, size, why);
}

/* The zone at the end of an RFC 3339 time, or none. */
static bool
has_zone(const char *text, size_t size)
{
    return size > 0 && (text[size - 1] == 'Z' || text[size - 1] == 'z' || (size > 6 && text[size - 3] == ':' &&
                                                                          strchr("+-", text[size - 6]) != NULL));
}

static bool
read_rfc3339(const char *text, size_t size, int32_t zone_s, struct instant *ret, bool *ret_is_local, struct reason *why)
{
    *ret_is_local = zone_s == INSTANT_ZONE_NONE && !has_zone(text, size);
    return instant_parse(text, size, *ret_is_local ? 0 : zone_s, ret, why);
}

static bool
read_since_1970(const struct time_form *f, double number, struct instant *ret, struct reason *why)
{
    static const double each_us[] = {[TIME_SECONDS] = 1e6, [TIME_MILLISECONDS] = 1e3, [TIME_MICROSECONDS] = 1};
    double us = number * each_us[f->kind];

    if (!(fabs(us) < TIME_MOST_S * 1e6))
        return reason_set(why, "no number of \"%s\" since 1970: %.17g", kinds[f->kind].name, number);
    ret->us = llround(us);
    return true;
}

bool
time_form_read_number(const struct time_form *f, double number, int32_t zone_s, struct instant *ret,
                      bool *ret_is_local, struct reason *why)
{
    char text[32];

    *ret_is_local = false;
    switch (f->kind) {
    case TIME_SECONDS:
    case TIME_MILLISECONDS:
    case TIME_MICROSECONDS:
        return read_since_1970(f, number, ret, why);
    case TIME_DIGITS:
        if (!(number >= 0 && number < WHOLE_MOST && number == floor(number)))
            return reason_set(why, "not 14 or 17 digits: %.17g", number);
        snprintf(text, sizeof(text), "%.0f", number);
        return read_digits(text, strlen(text), zone_s, ret, ret_is_local, why);
    case TIME_RFC3339:
    case TIME_FORMAT:
        break;
    }
    return reason_set(why, "not a text but a number: %.17g (is it \"s\" or \"ms\"?)", number);
}

bool
time_form_read(const struct time_form *f, const char *text, size_t size, int32_t zone_s, struct instant *ret,
               bool *ret_is_local, struct reason *why)
{
    double number;

    switch (f->kind) {
    case TIME_RFC3339:
        return read_rfc3339(text, size, zone_s, ret, ret_is_local, why);
    case TIME_DIGITS:
        return read_digits(text, size, zone_s, ret, ret_is_local, why);
    case TIME_FORMAT:
        return read_format(f, text, size, zone_s, ret, ret_is_local, why);
    case TIME_SECONDS:
    case TIME_MILLISECONDS:
    case TIME_MICROSECONDS:
        break;
    }
    *ret_is_local = false;
    if (!decimal_read(text, size, &number))
        return reason_set(why, "not a number: \"%s\"", text_quote(text, size).text);
    return read_since_1970(f, number, ret, why);
}
