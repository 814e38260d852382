#include "runner.h"

#include <math.h>
#include <stdbool.h>

#include "scale.h"

/* clang-format off */
static const struct row {
    const char *name;
    double factor, value, wanted;
} rows[] = {
    {"litres to m3",                 0.001, 70695, 70.695},
    {"micrograms to milligrams",     0.001, 12.5, 0.0125},
    {"tenths",                       0.1, 35.3, 3.53},
    {"tenths, below zero",           -0.1, 3, -0.3},
    {"thousands",                    1000, 1.001, 1001},
    {"m3/h to m3/s",                 1 / 3600.0, 36, 0.01},
    {"km/h to m/s",                  5 / 18.0, 36, 10},
    {"L/s to m3/h",                  3.6, 0.1, 0.36},
    {"the same as udunits2 has it",  0.001 / 3600 * 3600, 70695, 70.695},
    {"a few units of the last place", 0.0010000000000000005, 70695, 70.695},
    {"2.5",                          2.5, 0.1, 0.25},
    {"no fraction",                  2.857945926653, 10, 28.57945926653},
    {"nanograms",                    1e-6, 7, 7e-6},
    {"zero",                         0.001, 0, 0},
    {"zero below",                   0.001, -0.0, -0.0},
    {"the smallest",                 0.001, 5e-324, 0},
    {"the largest",                  0.001, 1e308, 1e305},
    {"too large",                    1000, 1e308, INFINITY},
    {"none",                         0.001, NAN, NAN},
    {"a factor beyond all fractions", 1e300, 3, 3e300},
    {"and below",                    1e-300, 3, 3e-300},
};
/* clang-format on */

START_TEST(a_value_is_scaled)
{
    const struct row *row = &rows[_i];
    struct scale s = scale_of(row->factor);
    double got = scale_apply(&s, row->value);
    bool is_near = fabs(row->wanted) >= 1e290 && fabs(got / row->wanted - 1) < 1e-15;

    ck_assert_msg((isnan(row->wanted) && isnan(got)) || (got == row->wanted && signbit(got) == signbit(row->wanted)) || is_near ||
                      (fabs(row->wanted) < 1e-290 && fabs(got - row->wanted) < 1e-314),
                  "%s: %.17g, not %.17g (times %.17g over %.17g)", row->name, got, row->wanted, s.times, s.over);
}
END_TEST

START_TEST(a_factor_of_one_leaves_every_bit)
{
    static const double values[] = {0.1 + 0.2, 1.0 / 3, 123456.7890123456789, 5e-324, 1.7976931348623157e308, -2.2250738585072014e-308};
    struct scale s = scale_of(1);

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        ck_assert_msg(scale_apply(&s, values[i]) == values[i], "%.17g", values[i]);
}
END_TEST

/* Every decimal number of four places a station may send, in thousandths: as if the point had been moved in the text. */
START_TEST(decimals_stay_decimals)
{
    struct scale down = scale_of(0.001), up = scale_of(1000);

    int wrong = 0;

    for (int n = 0; n < 2000000; n++) {
        double sent = n / 1e4;
        wrong += scale_apply(&down, sent) != n / 1e7;
        wrong += scale_apply(&up, sent) != n / 1e1;
    }
    ck_assert_int_eq(wrong, 0);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("scale");
    TCase *t = tcase_create("scale");
    tcase_add_loop_test(t, a_value_is_scaled, 0, (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_test(t, a_factor_of_one_leaves_every_bit);
    tcase_add_test(t, decimals_stay_decimals);
    suite_add_tcase(s, t);
    return s;
}
