#include "instant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define DAY_S 86400
#define ZONE_MOST_S (14 * 3600)

/* Days since 1970-01-01 of a proleptic Gregorian date, counted from 1 March so that the leap day comes last.
 */
static int64_t
days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void
date_of(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

static int
days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool
instant_civil(int year, int month, int day, int hour, int minute, int second, int32_t zone_s,
              struct instant *ret)
{
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;

    int64_t s = days_of(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second - zone_s;
    if (s < days_of(1900, 1, 1) * DAY_S || s >= days_of(2200, 1, 1) * DAY_S)
        return false; /* by its zone in another year */
    ret->us = s * 1000000;
    return true;
}

/* A reader over the text: each step fails once and for all. */
struct scan {
    const char *at;
    const char *end;
    bool failed;
};

static int
digits(struct scan *s, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (s->at >= s->end || *s->at < '0' || *s->at > '9') {
            s->failed = true;
            return 0;
        }
        number = number * 10 + (*s->at++ - '0');
    }
    return number;
}

static bool
skip(struct scan *s, const char *choice)
{
    for (; *choice != '\0'; choice++) {
        if (s->at < s->end && *s->at == *choice) {
            s->at++;
            return true;
        }
    }
    return false;
}

static void
must_skip(struct scan *s, const char *choice)
{
    if (!skip(s, choice))
        s->failed = true;
}

/* time-secfrac: microseconds, further digits cut. */
static int
fraction(struct scan *s)
{
    int us = 0;
    int worth = 100000;

    if (!skip(s, "."))
        return 0;
    us += digits(s, 1) * worth;
    while (!s->failed && s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        worth /= 10;
        us += (*s->at++ - '0') * worth;
    }
    return us;
}

/* time-offset in seconds east of UTC; `zone_s` if the text ends here. */
static int32_t
offset(struct scan *s, int32_t zone_s)
{
    if (s->at == s->end)
        return zone_s;
    if (skip(s, "Zz"))
        return 0;

    bool west = s->at < s->end && *s->at == '-';
    must_skip(s, "+-");
    int hour = digits(s, 2);
    must_skip(s, ":");
    int minute = digits(s, 2);
    if (hour > 23 || minute > 59)
        s->failed = true;
    return (west ? -1 : 1) * (hour * 3600 + minute * 60);
}

bool
instant_parse(const char *text, size_t size, int32_t zone_s, struct instant *ret, struct reason *why)
{
    struct scan s = {text, text + size, false};

    int year = digits(&s, 4);
    must_skip(&s, "-");
    int month = digits(&s, 2);
    must_skip(&s, "-");
    int day = digits(&s, 2);
    must_skip(&s, "Tt ");
    int hour = digits(&s, 2);
    must_skip(&s, ":");
    int minute = digits(&s, 2);
    must_skip(&s, ":");
    int second = digits(&s, 2);
    int us = s.failed ? 0 : fraction(&s);
    int32_t zone = s.failed ? 0 : offset(&s, zone_s);
    if (s.failed || s.at != s.end)
        return reason_set(why, "not a time as RFC 3339 has it: \"%s\"", text_quote(text, size).text);
    if (zone == INSTANT_ZONE_NONE)
        return reason_set(why, "time without a zone: \"%s\"", text_quote(text, size).text);

    struct instant at;
    if (!instant_civil(year, month, day, hour, minute, second, zone, &at))
        return reason_set(why, "no such date or time: \"%s\"", text_quote(text, size).text);
    ret->us = at.us + us;
    return true;
}

bool
instant_read_zone(const char *text, int32_t *ret_s)
{
    struct scan s = {text, text + strlen(text), false};
    int32_t zone_s = offset(&s, INSTANT_ZONE_NONE);
    if (s.failed || s.at != s.end || zone_s < -ZONE_MOST_S || zone_s > ZONE_MOST_S)
        return false;
    *ret_s = zone_s;
    return true;
}

const char *
instant_format_zone(int32_t zone_s, char out[INSTANT_ZONE_TEXT])
{
    unsigned minutes = (unsigned)abs(zone_s) / 60 % 6000;
    snprintf(out, INSTANT_ZONE_TEXT, "%c%02u:%02u", zone_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return out;
}

/* Whole days before `at`, rounded down, and the microseconds of the day begun. */
static int64_t
floor_days(struct instant at, int64_t *ret_us)
{
    int64_t day_us = (int64_t)DAY_S * 1000000;
    int64_t days = at.us / day_us;
    int64_t us = at.us % day_us;
    if (us < 0) {
        days--;
        us += day_us;
    }
    *ret_us = us;
    return days;
}

const char *
instant_format(struct instant at, char out[INSTANT_TEXT])
{
    int64_t us;
    int year, month, day;
    date_of(floor_days(at, &us), &year, &month, &day);
    int s = (int)(us / 1000000);

    int used = snprintf(out, INSTANT_TEXT, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day, s / 3600,
                        s / 60 % 60, s % 60);
    if (us % 1000000 != 0)
        used += snprintf(out + used, (size_t)(INSTANT_TEXT - used), ".%06d", (int)(us % 1000000));
    snprintf(out + used, (size_t)(INSTANT_TEXT - used), "Z");
    return out;
}

int
instant_month(struct instant at)
{
    int64_t us;
    int year, month, day;
    date_of(floor_days(at, &us), &year, &month, &day);
    return year * 12 + month - 1;
}

struct instant
instant_hour(struct instant at, int32_t zone_s)
{
    int64_t into = (at.us + zone_s * INT64_C(1000000)) % INSTANT_HOUR_US; /* negative before 1970 */
    return (struct instant){at.us - into - (into < 0 ? INSTANT_HOUR_US : 0)};
}
