#include <check.h>
#include <string.h>

#include "instant.h"
#include "runner.h"

#define DAY_US 86400000000
#define CHINA (8 * 3600)

static const struct parse_row {
    const char *text;
    int32_t zone_s;
    int64_t us;      /* if `why` is NULL */
    const char *why; /* what the reason begins with */
} parse_rows[] = {
    {"2020-11-02T08:15:00+08:00", INSTANT_ZONE_NONE, 1604276100000000, NULL},
    {"2020-11-02T00:15:00Z", INSTANT_ZONE_NONE, 1604276100000000, NULL},
    {"2020-11-02t00:15:00z", INSTANT_ZONE_NONE, 1604276100000000, NULL},
    {"2020-11-02 00:15:00Z", INSTANT_ZONE_NONE, 1604276100000000, NULL},
    {"2020-11-02T08:15:00", CHINA, 1604276100000000, NULL},
    {"2020-11-02T00:15:00Z", CHINA, 1604276100000000, NULL},
    {"2020-11-02T00:15:00", 0, 1604276100000000, NULL},
    {"2020-11-01T18:15:00-06:30", CHINA, 1604277900000000, NULL},
    {"2020-11-02T00:15:00-00:00", CHINA, 1604276100000000, NULL},
    {"2020-11-02T00:15:00.25Z", 0, 1604276100250000, NULL},
    {"2020-11-02T00:15:00.000001Z", 0, 1604276100000001, NULL},
    {"2020-11-02T00:15:00.1234569999Z", 0, 1604276100123456, NULL},
    {"2020-11-02T00:15:00.5", 0, 1604276100500000, NULL},
    {"1969-12-31T23:59:59.999999Z", 0, -1, NULL},
    {"2000-02-29T00:00:00Z", 0, 951782400000000, NULL},
    {"2038-01-19T03:14:08Z", 0, 2147483648000000, NULL},
    {"1900-01-01T00:00:00Z", 0, -2208988800000000, NULL},
    {"2199-12-31T23:59:59.999999Z", 0, 7258118399999999, NULL},
    {"1900-01-01T00:00:00+08:00", 0, 0, "no such date or time"},
    {"2199-12-31T23:59:59-08:00", 0, 0, "no such date or time"},
    {"1900-01-01T07:59:59", CHINA, 0, "no such date or time"},
    {"1899-12-31T23:59:59Z", 0, 0, "no such date or time"},
    {"2200-01-01T00:00:00Z", 0, 0, "no such date or time"},
    {"0000-01-01T00:00:00Z", 0, 0, "no such date or time"},
    {"9999-12-31T00:00:00Z", 0, 0, "no such date or time"},
    {"2026-02-29T00:00:00Z", 0, 0, "no such date or time"},
    {"1900-02-29T00:00:00Z", 0, 0, "no such date or time"},
    {"2026-02-30T00:00:00Z", 0, 0, "no such date or time"},
    {"2026-04-31T00:00:00Z", 0, 0, "no such date or time"},
    {"2026-13-01T00:00:00Z", 0, 0, "no such date or time"},
    {"2026-00-01T00:00:00Z", 0, 0, "no such date or time"},
    {"2026-01-00T00:00:00Z", 0, 0, "no such date or time"},
    {"2026-01-01T24:00:00Z", 0, 0, "no such date or time"},
    {"2026-01-01T00:60:00Z", 0, 0, "no such date or time"},
    {"2016-12-31T23:59:60Z", 0, 0, "no such date or time"},
    {"2026-01-01T00:00:00", INSTANT_ZONE_NONE, 0, "time without a zone"},
    {"", 0, 0, "not a time as RFC 3339 has it: \"\""},
    {"2026-01-01", 0, 0, "not a time as RFC 3339 has it: \"2026-01-01\""},
    {"2026-01-01T00:00", 0, 0, "not a time"},
    {"2026-01-01T00:00Z", 0, 0, "not a time"},
    {"2026-1-1 00:00:00", 0, 0, "not a time"},
    {"2026/01/01 00:00:00", 0, 0, "not a time"},
    {"20260101000000", 0, 0, "not a time"},
    {"20260101T000000Z", 0, 0, "not a time"},
    {"2026-W01-1T00:00:00Z", 0, 0, "not a time"},
    {"+10000-01-01T00:00:00Z", 0, 0, "not a time"},
    {"1767225600", 0, 0, "not a time"},
    {"now", 0, 0, "not a time"},
    {"infinity", 0, 0, "not a time"},
    {" 2026-01-01T00:00:00Z", 0, 0, "not a time"},
    {"2026-01-01T00:00:00Z ", 0, 0, "not a time"},
    {"2026-01-01T00:00:00ZZ", 0, 0, "not a time"},
    {"2026-01-01T00:00:00.Z", 0, 0, "not a time"},
    {"2026-01-01T00:00:00,5Z", 0, 0, "not a time"},
    {"2026-01-01T00:00:00+0800", 0, 0, "not a time"},
    {"2026-01-01T00:00:00+08", 0, 0, "not a time"},
    {"2026-01-01T00:00:00+08:0", 0, 0, "not a time"},
    {"2026-01-01T00:00:00 +08:00", 0, 0, "not a time"},
    {"2026-01-01T00:00:00+24:00", 0, 0, "not a time"},
    {"2026-01-01T00:00:00+08:60", 0, 0, "not a time"},
    {"-026-01-01T00:00:00Z", 0, 0, "not a time"},
    {"2026-01-01T0a:00:00Z", 0, 0, "not a time"},
    {"2026-01-01T00:00:00\n", 0, 0, "not a time as RFC 3339 has it: \"2026-01-01T00:00:00\\x0a\""},
};

START_TEST(a_time_is_read_or_refused)
{
    const struct parse_row *row = &parse_rows[_i];
    struct instant at = {42};
    struct reason why = {""};

    bool ok = instant_parse(row->text, strlen(row->text), row->zone_s, &at, &why);
    if (row->why == NULL) {
        ck_assert_msg(ok, "\"%s\": %s", row->text, why.text);
        ck_assert_msg(at.us == row->us, "\"%s\": got %lld", row->text, (long long)at.us);
    } else {
        ck_assert_msg(!ok, "\"%s\" was taken", row->text);
        ck_assert_msg(strncmp(why.text, row->why, strlen(row->why)) == 0, "\"%s\": %s", row->text, why.text);
        ck_assert_msg(at.us == 42, "\"%s\": touched", row->text);
    }
}
END_TEST

START_TEST(every_beginning_of_a_time_is_refused)
{
    static const char whole[] = "2020-11-02T08:15:00.25+08:00";
    struct instant at;

    for (size_t size = 0; size < sizeof(whole) - 1; size++) {
        bool zone_missing = size == strlen("2020-11-02T08:15:00") ||
                            size == strlen("2020-11-02T08:15:00.2") ||
                            size == strlen("2020-11-02T08:15:00.25");
        ck_assert_msg(!instant_parse(whole, size, INSTANT_ZONE_NONE, &at, NULL), "%.*s", (int)size, whole);
        ck_assert_msg(instant_parse(whole, size, 0, &at, NULL) == zone_missing, "%.*s", (int)size, whole);
    }
}
END_TEST

/* Three hundred years day by day, counted by hand. */
START_TEST(every_day_there_and_back)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t us = -2208988800000000;

    for (int year = 1900; year < 2200; year++) {
        for (int month = 1; month <= 12; month++) {
            bool leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (int day = 1; day <= days[month - 1] + leap; day++, us += DAY_US) {
                struct instant at;
                char text[INSTANT_TEXT];
                ck_assert(instant_civil(year, month, day, 0, 0, 0, 0, &at));
                ck_assert_int_eq(at.us, us);
                at.us += DAY_US - 1;
                instant_format(at, text);
                ck_assert_int_eq(instant_month(at), year * 12 + month - 1);
                ck_assert(instant_parse(text, strlen(text), INSTANT_ZONE_NONE, &at, NULL));
                ck_assert_int_eq(at.us, us + DAY_US - 1);
            }
            ck_assert(
                !instant_civil(year, month, days[month - 1] + leap + 1, 0, 0, 0, 0, &(struct instant){0}));
        }
    }
}
END_TEST

static const struct format_row {
    int64_t us;
    const char *text;
    int month;
} format_rows[] = {
    {0, "1970-01-01 00:00:00Z", 1970 * 12},
    {1604276100000000, "2020-11-02 00:15:00Z", 2020 * 12 + 10},
    {1604276100250000, "2020-11-02 00:15:00.250000Z", 2020 * 12 + 10},
    {-1, "1969-12-31 23:59:59.999999Z", 1969 * 12 + 11},
    {-1000000, "1969-12-31 23:59:59Z", 1969 * 12 + 11},
    {INT64_MAX, "294247-01-10 04:00:54.775807Z", 294247 * 12},
    {INT64_MIN, "-290308-12-21 19:59:05.224192Z", -290308 * 12 + 11},
};

START_TEST(an_instant_is_written)
{
    const struct format_row *row = &format_rows[_i];
    char text[INSTANT_TEXT];

    ck_assert_str_eq(instant_format((struct instant){row->us}, text), row->text);
    ck_assert_int_eq(instant_month((struct instant){row->us}), row->month);
}
END_TEST

START_TEST(a_civil_time_has_a_zone)
{
    struct instant at;

    ck_assert(instant_civil(2020, 11, 2, 8, 15, 0, CHINA, &at));
    ck_assert_int_eq(at.us, 1604276100000000);
    ck_assert(instant_civil(2020, 11, 1, 17, 45, 0, -6 * 3600 - 1800, &at));
    ck_assert_int_eq(at.us, 1604276100000000);
    ck_assert(!instant_civil(2020, 11, 2, -1, 0, 0, 0, &at));
    ck_assert(!instant_civil(2020, 11, 2, 0, 0, 60, 0, &at));
    ck_assert(!instant_civil(2020, 11, 2, 0, -1, 0, 0, &at));
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table[0]))

static const struct {
    const char *name, *at, *hour;
    int32_t zone_s;
} hour_rows[] = {
    {"within", "2020-11-02T08:59:59.999999Z", "2020-11-02T08:00:00Z", 28800},
    {"at its beginning", "2020-11-02T08:00:00Z", "2020-11-02T08:00:00Z", 28800},
    {"a clock 5 h 45 min ahead", "2020-11-02T08:00:00Z", "2020-11-02T07:15:00Z", 20700},
    {"a clock 3 h 30 min behind", "2020-11-02T08:29:59Z", "2020-11-02T07:30:00Z", -12600},
    {"before 1970", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:00:00Z", 0},
    {"before 1970, at its beginning", "1969-12-31T23:00:00Z", "1969-12-31T23:00:00Z", 0},
    {"before 1970 by a clock behind", "1970-01-01T00:10:00Z", "1969-12-31T23:30:00Z", -12600},
};

START_TEST(the_hour_it_is_in)
{
    struct instant at, wanted;
    struct reason why;
    ck_assert(instant_parse(hour_rows[_i].at, strlen(hour_rows[_i].at), 0, &at, &why));
    ck_assert(instant_parse(hour_rows[_i].hour, strlen(hour_rows[_i].hour), 0, &wanted, &why));
    ck_assert_msg(instant_hour(at, hour_rows[_i].zone_s).us == wanted.us, "%s", hour_rows[_i].name);
}
END_TEST

static const struct zone_row {
    const char *text;
    const char *written; /* NULL: it is none */
    int32_t zone_s;
} zone_rows[] = {
    {"+08:00", "+08:00", 28800},   {"-05:30", "-05:30", -19800}, {"Z", "+00:00", 0},      {"-00:00", "+00:00", 0},
    {"+14:00", "+14:00", 50400},   {"-14:00", "-14:00", -50400}, {"+14:01", NULL, 0},     {"-23:59", NULL, 0},
    {"", NULL, 0},                 {"+8:00", NULL, 0},           {"+08", NULL, 0},        {"+0800", NULL, 0},
    {".5+08:00", NULL, 0},         {"+08:00 ", NULL, 0},         {"CST", NULL, 0},        {"08:00", NULL, 0},
};

START_TEST(a_zone_is_read_and_written)
{
    const struct zone_row *row = &zone_rows[_i];
    char text[INSTANT_ZONE_TEXT];
    int32_t zone_s = 12345;

    ck_assert_msg(instant_read_zone(row->text, &zone_s) == (row->written != NULL), "\"%s\"", row->text);
    ck_assert_msg(zone_s == (row->written != NULL ? row->zone_s : 12345), "\"%s\": %d", row->text, zone_s);
    if (row->written != NULL)
        ck_assert_str_eq(instant_format_zone(zone_s, text), row->written);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("instant");
    TCase *t = tcase_create("instant");
    tcase_set_timeout(t, 60); /* every day of three centuries: long where others keep the machine busy */
    tcase_add_loop_test(t, a_time_is_read_or_refused, 0, ROWS(parse_rows));
    tcase_add_test(t, every_beginning_of_a_time_is_refused);
    tcase_add_test(t, every_day_there_and_back);
    tcase_add_loop_test(t, an_instant_is_written, 0, ROWS(format_rows));
    tcase_add_test(t, a_civil_time_has_a_zone);
    tcase_add_loop_test(t, the_hour_it_is_in, 0, ROWS(hour_rows));
    tcase_add_loop_test(t, a_zone_is_read_and_written, 0, ROWS(zone_rows));
    suite_add_tcase(s, t);
    return s;
}
