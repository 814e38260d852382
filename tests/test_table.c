/* table: rows, and what is written of them. */
#include <check.h>
#include <string.h>

#include "runner.h"
#include "table.h"

static const struct table_column columns[] = {{"id", 0, false}, {"n", 0, true}, {"words", 9, false}, {"why", 0, false}};

static const struct row {
    const char *name;
    const char *cell[2][4];
    const char *wanted;
} rows[] = {
    {"columns stand under each other",
     {{"O-1", "5", "met", "x"}, {"A", "12", "behind", "y"}},
     "id    n  words   why\n"
     "O-1   5  met     x\n"
     "A    12  behind  y\n"},
    {"Chinese ones, too",
     {{"O-1", "5", "郑州", "x"}, {"A", "12", "ab", "y"}},
     "id    n  words  why\n"
     "O-1   5  郑州   x\n"
     "A    12  ab     y\n"},
    {"a long text is cut, the last column is not",
     {{"O-1", "5", "abcdefghij", "a long reason"}, {"A", "12", "工业结构调整", "y"}},
     "id    n  words      why\n"
     "O-1   5  abcdef...  a long reason\n"
     "A    12  工业结...  y\n"},
    {"just long enough",
     {{"O-1", "5", "abcdefghi", "x"}, {"A", "12", "工业结构a", "y"}},
     "id    n  words      why\n"
     "O-1   5  abcdefghi  x\n"
     "A    12  工业结构a  y\n"},
    {"empty cells, and no blanks at an end",
     {{"O-1", NULL, "", NULL}, {"", "12", "ab", NULL}},
     "id    n  words  why\n"
     "O-1\n"
     "     12  ab\n"},
    {"what a terminal would obey becomes blanks",
     {{"O\n1", "5", "\x1b[1m", "a\tb"}, {"A", "12", "\xc2\x9b", "\x7f"}},
     "id    n  words  why\n"
     "O 1   5   [1m   a b\n"
     "A    12          \n"},
};

START_TEST(rows_make_a_table)
{
    const struct row *row = &rows[_i];
    struct table t;
    struct buf out = {0};

    table_init(&t, columns, 4);
    table_add(&t, row->cell[0]);
    table_add(&t, row->cell[1]);
    table_write(&t, &out);
    buf_add(&out, "", 1);
    ck_assert_msg(strcmp((char *)out.at, row->wanted) == 0, "%s:\n%s", row->name, (char *)out.at);
    buf_clear(&out);
    table_clear(&t);
}
END_TEST

START_TEST(a_table_without_rows)
{
    struct table t;
    struct buf out = {0};

    table_init(&t, columns, 4);
    table_write(&t, &out);
    buf_add(&out, "", 1);
    ck_assert_str_eq((char *)out.at, "id  n  words  why\n");
    buf_clear(&out);
    table_clear(&t);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("table");
    TCase *t = tcase_create("table");
    tcase_add_loop_test(t, rows_make_a_table, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, a_table_without_rows);
    suite_add_tcase(s, t);
    return s;
}
