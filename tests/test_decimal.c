#include <check.h>
#include <string.h>

#include "decimal.h"
#include "runner.h"

#define DIGITS_63 "100000000000000000000000000000000000000000000000000000000000000"

static const struct {
    const char *text;
    double value;
    bool is_good;
} read_rows[] = {
    {"12.5", 12.5, true},      {"-3", -3, true},      {"+3", 3, true},       {"0", 0, true},
    {".5", 0.5, true},         {"5.", 5, true},       {"1e3", 1000, true},   {"2E-3", 0.002, true},
    {"1e-999", 0, true},       {"007", 7, true},      {DIGITS_63, 1e62, true},
    {DIGITS_63 "0", 0, false}, {"", 0, false},        {" 1", 0, false},      {"1 ", 0, false},
    {"12,5", 0, false},        {"nan", 0, false},     {"inf", 0, false},     {"0x10", 0, false},
    {"1e999", 0, false},       {"e", 0, false},       {"--1", 0, false},     {"1.2.3", 0, false},
    {"1e", 0, false},          {"-", 0, false},       {"12mg", 0, false},
};

START_TEST(what_is_written_is_read)
{
    double value = -1;
    bool ok = decimal_read(read_rows[_i].text, strlen(read_rows[_i].text), &value);
    ck_assert_msg(ok == read_rows[_i].is_good, "\"%s\"", read_rows[_i].text);
    ck_assert_msg(value == (ok ? read_rows[_i].value : -1), "\"%s\" is %.17g", read_rows[_i].text, value);
}
END_TEST

START_TEST(only_its_own_bytes_are_read)
{
    double value;
    ck_assert(decimal_read("12345", 2, &value));
    ck_assert_double_eq(value, 12);
    ck_assert(!decimal_read("1\0002", 3, &value));
}
END_TEST

static const struct {
    double value, scale, product;
} scaled_rows[] = {
    {74, 0.1, 7.4},     {280, 0.1, 28},      {70695, 0.001, 70.695}, {337, 0.1, 33.7}, {3, 1, 3},
    {3, 1000, 3000},    {74, -0.1, -7.4},    {154, 0.01, 1.54},      {1, 0.3, 0.3},    {7, 3600000, 25200000},
};

START_TEST(scaled_is_what_a_person_would_write)
{
    ck_assert_double_eq(decimal_scaled(scaled_rows[_i].value, scaled_rows[_i].scale), scaled_rows[_i].product);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("decimal");
    TCase *t = tcase_create("decimal");
    tcase_add_loop_test(t, what_is_written_is_read, 0, (int)(sizeof(read_rows) / sizeof(read_rows[0])));
    tcase_add_test(t, only_its_own_bytes_are_read);
    tcase_add_loop_test(t, scaled_is_what_a_person_would_write, 0,
                        (int)(sizeof(scaled_rows) / sizeof(scaled_rows[0])));
    suite_add_tcase(s, t);
    return s;
}
