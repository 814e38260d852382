/* progress: the line that is shown. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "runner.h"

static const struct count_row {
    uint64_t number;
    const char *text;
} count_rows[] = {
    {0, "0"},
    {7, "7"},
    {999, "999"},
    {1000, "1,000"},
    {12345, "12,345"},
    {123456, "123,456"},
    {1234567, "1,234,567"},
    {UINT64_MAX, "18,446,744,073,709,551,615"},
};

START_TEST(a_count_has_commas)
{
    char text[PROGRESS_COUNT];
    ck_assert_str_eq(progress_count(count_rows[_i].number, text), count_rows[_i].text);
}
END_TEST

static const struct line_row {
    const char *name;
    struct progress_state state;
    int64_t elapsed_us;
    bool has_bar;
    const char *text;
} line_rows[] = {
    {"at the beginning", {"a.csv", 0, 0, 0, 0}, 0, true, "a.csv  [........................]  0%  0 messages/s"},
    {"half way",
     {"a.csv", 0.5, 12345, 60000, 0},
     2000000,
     true,
     "a.csv  [############............]  50%  12,345 rows  30,000 messages/s  0:02 left"},
    {"without a bar",
     {"a.csv", 0.5, 12345, 60000, 0},
     2000000,
     false,
     "a.csv  50%  12,345 rows  30,000 messages/s  0:02 left"},
    {"an hour and more left",
     {"a.csv", 0.25, 1, 1, 0},
     1300000000,
     false,
     "a.csv  25%  1 rows  0 messages/s  1:05:00 left"},
    {"too early to say", {"a.csv", 0.009, 1, 1, 0}, 1000000, false, "a.csv  0%  1 rows  1 messages/s"},
    {"at the end",
     {"a.csv", 1, 1, 100, 0},
     1000000,
     true,
     "a.csv  [########################]  100%  1 rows  100 messages/s"},
    {"of bytes", {"verify", 0.5, 0, 0, 123450000}, 1000000, false, "verify  50%  123.5 MB/s  0:01 left"},
    {"past the end",
     {"a.csv", 1.5, 1, 100, 0},
     1000000,
     true,
     "a.csv  [########################]  100%  1 rows  100 messages/s"},
};

START_TEST(a_line_says_how_far)
{
    const struct line_row *row = &line_rows[_i];
    char line[256];
    progress_line(&row->state, row->elapsed_us, row->has_bar, line, sizeof(line));
    ck_assert_msg(strcmp(line, row->text) == 0, "%s: \"%s\"", row->name, line);
}
END_TEST

START_TEST(a_line_is_cut_where_it_must)
{
    char line[20];
    progress_line(&line_rows[1].state, 1, true, line, sizeof(line));
    ck_assert_str_eq(line, "a.csv  [###########");
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("progress");
    TCase *t = tcase_create("progress");
    tcase_add_loop_test(t, a_count_has_commas, 0, sizeof(count_rows) / sizeof(count_rows[0]));
    tcase_add_loop_test(t, a_line_says_how_far, 0, sizeof(line_rows) / sizeof(line_rows[0]));
    tcase_add_test(t, a_line_is_cut_where_it_must);
    suite_add_tcase(s, t);
    return s;
}
