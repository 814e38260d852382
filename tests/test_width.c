/* width: texts and the columns they take. */
#include <check.h>
#include <string.h>

#include "runner.h"
#include "width.h"

static const struct row {
    const char *text;
    size_t columns;
    size_t most;
    size_t fits; /* bytes of it into `most` columns */
} rows[] = {
    {"", 0, 3, 0},
    {"abc", 3, 2, 2},
    {"abc", 3, 3, 3},
    {"郑州", 4, 4, 6},
    {"郑州", 4, 3, 3},
    {"郑州", 4, 1, 0},
    {"a郑b", 4, 3, 4},
    {"\"23 %\"", 6, 9, 6},
    {"“x”", 3, 3, 7},
    {"(一)", 4, 4, 5},
    {"（一），", 8, 8, 12},
    {"한국", 4, 2, 3},
    {"𠀀", 2, 2, 4},
    {"e\xcc\x81", 1, 1, 3},
    {"\xe9\x83", 2, 1, 1},     /* a character cut short: each byte a column */
    {"\xe9" "ab", 3, 3, 3},
    {"\xff", 1, 1, 1},
};

START_TEST(columns_are_counted)
{
    const struct row *row = &rows[_i];
    size_t size = strlen(row->text);

    ck_assert_msg(width_of(row->text, size) == row->columns, "\"%s\": %zu columns", row->text,
                  width_of(row->text, size));
    ck_assert_msg(width_fit(row->text, size, row->most) == row->fits, "\"%s\" into %zu: %zu bytes", row->text,
                  row->most, width_fit(row->text, size, row->most));
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("width");
    TCase *t = tcase_create("width");
    tcase_add_loop_test(t, columns_are_counted, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(s, t);
    return s;
}
