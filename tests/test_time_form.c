#include <check.h>
#include <stdio.h>
#include <string.h>

#include "runner.h"
#include "time_form.h"

#define NONE INSTANT_ZONE_NONE

static const struct row {
    const char *form, *text; /* a text that begins with "=" is a number */
    int32_t zone_s;
    const char *says; /* an instant, local or not, or the beginning of the reason */
} rows[] = {
    {"rfc3339", "2020-11-02T08:15:00+08:00", NONE, "2020-11-02 00:15:00Z"},
    {"rfc3339", "2020-11-02T08:15:00Z", NONE, "2020-11-02 08:15:00Z"},
    {"rfc3339", "2020-11-02 08:15:00", NONE, "2020-11-02 08:15:00Z local"},
    {"rfc3339", "2020-11-02 08:15:00", 28800, "2020-11-02 00:15:00Z"},
    {"rfc3339", "2020-11-02 08:15:00.5+01:00", 28800, "2020-11-02 07:15:00.500000Z"},
    {"rfc3339", "2020-11-02", NONE, "not a time as RFC 3339 has it: \"2020-11-02\""},
    {"rfc3339", "=1604276100", NONE, "not a text but a number: 1604276100 (is it \"s\" or \"ms\"?)"},
    {"s", "=1604276100", NONE, "2020-11-02 00:15:00Z"},
    {"s", "=1604276100.25", NONE, "2020-11-02 00:15:00.250000Z"},
    {"s", "1604276100", 28800, "2020-11-02 00:15:00Z"},
    {"s", "=1604276100000", NONE, "no number of \"s\" since 1970: 1604276100000"},
    {"s", "now", NONE, "not a number: \"now\""},
    {"ms", "=1650006388943", NONE, "2022-04-15 07:06:28.943000Z"},
    {"ms", "=-1", NONE, "1969-12-31 23:59:59.999000Z"},
    {"us", "=1650006388943001", NONE, "2022-04-15 07:06:28.943001Z"},
    {"digits", "20180507154010", NONE, "2018-05-07 15:40:10Z local"},
    {"digits", "20250619145824881", 28800, "2025-06-19 06:58:24.881000Z"},
    {"digits", "=20180507154010", 0, "2018-05-07 15:40:10Z"},
    {"digits", "=20250619145824881", 0, "not 14 or 17 digits: 20250619145824880"},
    {"digits", "2018050715401", NONE, "not 14 or 17 digits: \"2018050715401\""},
    {"digits", "2018050715401x", NONE, "not 14 or 17 digits"},
    {"digits", "20180230154010", NONE, "no such date or time: \"20180230154010\""},
    {"digits", "20180507240000", NONE, "no such date or time"},
    {"%Y-%m-%d %H:%M:%S", "2023-6-1 08:33:16", 28800, "2023-06-01 00:33:16Z"},
    {"%Y-%m-%d %H:%M:%S", "2023-6-1 8:3:6", NONE, "2023-06-01 08:03:06Z local"},
    {"%Y-%m-%d %H:%M:%S", "2023-6-1 08:33:16 ", NONE, "not a time of the form \"%Y-%m-%d %H:%M:%S\": \"2023-6-1"},
    {"%Y-%m-%d %H:%M:%S", "2023-6-31 08:33:16", NONE, "no such date or time"},
    {"%Y-%m-%d %H:%M:%S", "2023-6-1", NONE, "not a time of the form"},
    {"%Y-%m-%d %H:%M:%S", "2023-6-1 08:33:60", NONE, "no such date or time"},
    {"%d.%m.%y %H", "1.6.23 8", NONE, "2023-06-01 08:00:00Z local"},
    {"%F %T%z", "2023-06-01 08:33:16+0800", 0, "2023-06-01 00:33:16Z"},
    {"%d %b %Y %I:%M %p", "1 Jun 2023 08:33 PM", 0, "2023-06-01 20:33:00Z"},
};

START_TEST(a_time_is_an_instant_or_why_not)
{
    const struct row *row = &rows[_i];
    struct time_form f;
    struct instant at;
    struct reason why = {""};
    char text[INSTANT_TEXT + 8] = "";
    double number;
    bool is_local, ok;

    ck_assert_msg(time_form_parse(row->form, &f, &why), "%s", why.text);
    if (sscanf(row->text, "=%lf", &number) == 1)
        ok = time_form_read_number(&f, number, row->zone_s, &at, &is_local, &why);
    else
        ok = time_form_read(&f, row->text, strlen(row->text), row->zone_s, &at, &is_local, &why);
    if (ok) {
        instant_format(at, text);
        strcat(text, is_local ? " local" : "");
        ck_assert_msg(strcmp(text, row->says) == 0, "%s: %s", row->text, text);
    } else {
        ck_assert_msg(strncmp(why.text, row->says, strlen(row->says)) == 0, "%s: %s", row->text, why.text);
    }
    time_form_clear(&f);
}
END_TEST

static const char *const wrong_forms[] = {"", "iso", "seconds", "%Y-%m-%d", "%H:%M", "%s", "%Y%m%d%H%M%S%Z", "%", "%Y-%m-%d %",
                                          "%c %Y-%m-%d %H", "%Ey-%m-%d %H"};

START_TEST(not_every_text_is_a_form)
{
    struct time_form f;
    struct reason why;
    ck_assert_msg(!time_form_parse(wrong_forms[_i], &f, &why), "\"%s\" is taken", wrong_forms[_i]);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("time_form");
    TCase *t = tcase_create("time_form");
    tcase_add_loop_test(t, a_time_is_an_instant_or_why_not, 0, (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_loop_test(t, not_every_text_is_a_form, 0, (int)(sizeof(wrong_forms) / sizeof(wrong_forms[0])));
    suite_add_tcase(s, t);
    return s;
}
