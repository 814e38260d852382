/* months: the set, at its edges. */
#include <check.h>
#include <stdlib.h>

#include "months.h"
#include "runner.h"

static const int month[] = {MONTHS_FROM, MONTHS_FROM + 63, MONTHS_FROM + 64, 2020 * 12 + 10, MONTHS_TO - 1};

START_TEST(one_month)
{
    struct months m = {0};
    ck_assert_int_eq(months_first(&m), -1);
    months_add(&m, month[_i]);
    ck_assert_msg(months_has(&m, month[_i]), "month %d", month[_i]);
    ck_assert_int_eq(months_first(&m), month[_i]);
    for (size_t i = 0; i < sizeof(month) / sizeof(month[0]); i++)
        ck_assert_msg(months_has(&m, month[i]) == ((int)i == _i), "month %d beside %d", month[i], month[_i]);
    months_remove(&m, month[_i]);
    ck_assert_int_eq(months_first(&m), -1);
}
END_TEST

START_TEST(the_first_comes_first)
{
    struct months m = {0};
    for (size_t i = sizeof(month) / sizeof(month[0]); i-- > 0;) {
        months_add(&m, month[i]);
        ck_assert_int_eq(months_first(&m), month[i]);
    }
}
END_TEST

START_TEST(joined)
{
    struct months m = {0}, others = {0};
    months_add(&m, month[0]);
    months_add(&others, month[3]);
    months_join(&m, &others);
    ck_assert(months_has(&m, month[0]) && months_has(&m, month[3]) && !months_has(&m, month[1]));
    ck_assert(!months_has(&others, month[0]));
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("months");
    TCase *t = tcase_create("months");
    tcase_add_loop_test(t, one_month, 0, sizeof(month) / sizeof(month[0]));
    tcase_add_test(t, the_first_comes_first);
    tcase_add_test(t, joined);
    suite_add_tcase(s, t);
    return s;
}
