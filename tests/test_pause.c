/* pause: each twice the last, never past the bound. */
#include <check.h>
#include <inttypes.h>

#include "pause.h"
#include "runner.h"

static const struct row {
    const char *name;
    int64_t first, most;
    int64_t wanted[6];
} rows[] = {
    {"doubled up to a bound between two of them", 200, 1000, {200, 400, 800, 1000, 1000, 1000}},
    {"the bound is one of them", 200, 800, {200, 400, 800, 800, 800, 800}},
    {"a bound under the first", 200, 100, {100, 100, 100, 100, 100, 100}},
    {"the bound is the first", 200, 200, {200, 200, 200, 200, 200, 200}},
    {"near the end of numbers",
     INT64_MAX / 3,
     INT64_MAX,
     {INT64_MAX / 3, INT64_MAX / 3 * 2, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}},
};

START_TEST(it_grows)
{
    const struct row *row = &rows[_i];
    struct pause p = {.first_us = row->first, .most_us = row->most};

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 6; i++) {
            int64_t got = pause_next(&p);
            ck_assert_msg(got == row->wanted[i], "%s: pause %d of round %d: %" PRId64 ", wanted %" PRId64, row->name, i,
                          round, got, row->wanted[i]);
        }
        pause_reset(&p);
    }
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("pause");
    TCase *t = tcase_create("pause");
    tcase_add_loop_test(t, it_grows, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(s, t);
    return s;
}
