/* payload: written, and read back by the form that reads it in the daemon. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "form_json.h"
#include "payload.h"
#include "runner.h"

START_TEST(a_message_reads_as_it_should)
{
    struct buf b = {0};
    struct instant at;

    instant_civil(2018, 1, 1, 0, 15, 0, 9 * 3600, &at);
    payload_begin(&b, "M-1", at, 9 * 3600, PERIOD_HOUR);
    payload_add(&b, "a21002", 81.952, "mg/m3");
    payload_add(&b, "a21026-Max", -0.5, NULL);
    payload_end(&b);
    buf_add(&b, "", 1);
    ck_assert_str_eq((char *)b.at,
                     "{\"monitor\":\"M-1\",\"time\":\"2018-01-01T00:15:00+09:00\",\"period\":\"hour\","
                     "\"readings\":{\"a21002\":{\"value\":81.952,\"unit\":\"mg/m3\"},"
                     "\"a21026-Max\":-0.5}}");
    buf_clear(&b);
}
END_TEST

static const struct zone_row {
    const char *name;
    int32_t zone_s;
    const char *text;
} zone_rows[] = {
    {"UTC", 0, "2020-01-01T00:00:00+00:00"},
    {"New York", -5 * 3600, "2019-12-31T19:00:00-05:00"},
    {"Kathmandu", 5 * 3600 + 45 * 60, "2020-01-01T05:45:00+05:45"},
    {"Newfoundland", -3 * 3600 - 30 * 60, "2019-12-31T20:30:00-03:30"},
};

START_TEST(a_time_keeps_its_zone)
{
    const struct zone_row *row = &zone_rows[_i];
    struct buf b = {0};
    struct instant at, back;

    instant_civil(2020, 1, 1, 0, 0, 0, 0, &at);
    payload_begin(&b, "M", at, row->zone_s, PERIOD_DAY);
    buf_add(&b, "", 1);
    const char *time = strstr((char *)b.at, row->text);
    ck_assert_msg(time != NULL, "%s: %s", row->name, (char *)b.at);
    ck_assert(instant_parse(time, strlen(row->text), INSTANT_ZONE_NONE, &back, NULL));
    ck_assert_msg(back.us == at.us, "%s", row->name);
    buf_clear(&b);
}
END_TEST

static const struct number_row {
    double value;
    const char *text;
} number_rows[] = {
    {0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1, "-1"},
    {10, "10"},
    {200000, "200000"},
    {0.1, "0.1"},
    {0.000001, "0.000001"},
    {0.32663, "0.32663"},
    {-200, "-200"},
    {-0.25, "-0.25"},
    {1054.832, "1054.832"},
    {314.051, "314.051"},
    {4503599627.370495, "4503599627.370495"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1e-7, "1e-07"},
    {1e22, "1e+22"},
    {1e300, "1e+300"},
    {-1.7976931348623157e308, "-1.7976931348623157e+308"},
    {5e-324, "4.94065645841247e-324"},
    {1.0 / 3, "0.33333333333333331"},
};

static void
write_value(struct buf *b, double value)
{
    payload_begin(b, "M", (struct instant){0}, 0, PERIOD_MINUTE);
    payload_add(b, "x", value, NULL);
    payload_end(b);
}

/* The value as the daemon will read it. */
static double
read_back(const struct buf *b)
{
    struct message m = {0};
    struct reason why = {""};
    ck_assert_msg(form_json_decode(b->at, b->size, &m, &why), "%s", why.text);
    ck_assert_uint_eq(m.readings, 1);
    double value = m.reading[0].value;
    message_clear(&m);
    return value;
}

START_TEST(a_number_is_short_and_exact)
{
    const struct number_row *row = &number_rows[_i];
    struct buf b = {0};

    write_value(&b, row->value);
    ck_assert_msg(read_back(&b) == row->value, "%s", row->text);
    b.at[b.size - 2] = '\0';
    const char *text = strstr((char *)b.at, "\"x\":") + 4;
    ck_assert_msg(strcmp(text, row->text) == 0, "%s: %s", row->text, text);
    buf_clear(&b);
}
END_TEST

START_TEST(any_double_comes_back)
{
    struct buf b = {0};
    uint64_t random = 88172645463325252;

    for (int i = 0; i < 20000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        double value;
        memcpy(&value, &random, sizeof(value));
        if (i % 2 == 0) /* the kind that monitors send */
            value = (double)(int64_t)(random % 2000000000) / 1000 - 1000000;
        if (!isfinite(value))
            continue;
        write_value(&b, value);
        ck_assert_msg(read_back(&b) == value, "%.17g: %.*s", value, (int)b.size, (char *)b.at);
    }
    buf_clear(&b);
}
END_TEST

START_TEST(names_are_escaped)
{
    struct buf b = {0};
    struct message m = {0};
    struct reason why = {""};
    const char *unit = "a\"b\\c\n\x01µ";

    payload_begin(&b, "M\"1", (struct instant){0}, 0, PERIOD_REALTIME);
    payload_add(&b, "x", 1, unit);
    payload_end(&b);
    ck_assert_msg(form_json_decode(b.at, b.size, &m, &why), "%s", why.text);
    ck_assert_uint_eq(m.reading[0].unit.size, strlen(unit));
    ck_assert(memcmp(m.reading[0].unit.at, unit, strlen(unit)) == 0);
    ck_assert(memcmp(m.measurement[0].monitor.at, "M\"1", 3) == 0);
    message_clear(&m);
    buf_clear(&b);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("payload");
    TCase *t = tcase_create("payload");
    tcase_add_test(t, a_message_reads_as_it_should);
    tcase_add_loop_test(t, a_time_keeps_its_zone, 0, sizeof(zone_rows) / sizeof(zone_rows[0]));
    tcase_add_loop_test(t, a_number_is_short_and_exact, 0, sizeof(number_rows) / sizeof(number_rows[0]));
    tcase_add_test(t, any_double_comes_back);
    tcase_add_test(t, names_are_escaped);
    suite_add_tcase(s, t);
    return s;
}
