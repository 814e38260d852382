/* trouble: told once, again after a time, and once that it is over. */
#include <check.h>
#include <string.h>

#include "runner.h"
#include "trouble.h"

static const struct trouble_rule rule = {.after_us = 3, .calm_us = 2, .remind_us = 10};

/* A letter an instant: what is seen ("x" bad, "." good), and what is told. */
static const struct row {
    const char *name, *seen, *told;
} rows[] = {
    {"nothing", "..........", "          "},
    {"short", ".xxx.......", "           "},
    {"just long enough", ".xxxx......", "    B  O   "},
    {"from the first", "xxxxx...", "   B   O"},
    {"it lasts", ".xxxxxxxxxxxxxxxxxxxxxxxxx...", "    B         L         L   O"},
    {"it comes and goes before it is told", "xx.xx.xx.xx.xx..", "                "},
    {"it comes and goes when it is told: one trouble", "xxxxx.xx.xx.x.....", "   B           O  "},
    {"reminders go on from the last word", "xxxxx.xxxxxxxxxx...", "   B         L    O"},
    {"two of them", "xxxx...xxxx...", "   B  O   B  O"},
};

START_TEST(what_is_told_of_what_is_seen)
{
    static const char letter[] = {[TROUBLE_QUIET] = ' ', [TROUBLE_BEGUN] = 'B', [TROUBLE_LASTS] = 'L', [TROUBLE_OVER] = 'O'};
    const struct row *row = &rows[_i];
    struct trouble t = {0};
    char told[64] = "";

    for (size_t i = 0; row->seen[i] != '\0'; i++)
        told[i] = letter[trouble_step(&t, &rule, row->seen[i] == 'x', (int64_t)i + 1000)];
    ck_assert_msg(strcmp(told, row->told) == 0, "%s:\n%s\n%s", row->name, row->seen, told);
}
END_TEST

START_TEST(when_it_began)
{
    struct trouble t = {0};
    for (int64_t us = 0; us < 10; us++)
        trouble_step(&t, &rule, us >= 5, us);
    ck_assert(t.is_told);
    ck_assert_int_eq(t.begun_us, 5);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("trouble");
    TCase *t = tcase_create("trouble");
    tcase_add_loop_test(t, what_is_told_of_what_is_seen, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, when_it_began);
    suite_add_tcase(s, t);
    return s;
}
