#include <check.h>
#include <string.h>

#include "message.h"
#include "runner.h"

static int released;

static void
count_release(void *tree)
{
    released += *(int *)tree;
}

START_TEST(readings_belong_to_the_last_measurement)
{
    struct message m = {0};

    for (size_t i = 0; i < 100; i++) {
        ck_assert_uint_eq(message_add_measurement(&m)->first, m.readings);
        for (size_t n = 0; n <= i % 7; n++)
            message_add_reading(&m)->value = (double)i;
    }
    ck_assert_uint_eq(m.measurements, 100);
    for (size_t i = 0; i < 100; i++) {
        const struct measurement *me = &m.measurement[i];
        ck_assert_uint_eq(me->count, i % 7 + 1);
        for (size_t n = 0; n < me->count; n++) {
            ck_assert_double_eq(m.reading[me->first + n].value, (double)i);
            ck_assert_int_eq(m.reading[me->first + n].mark, 'N');
        }
    }
    message_clear(&m);
    ck_assert_ptr_null(m.reading);
}
END_TEST

START_TEST(a_measurement_goes_with_its_readings)
{
    struct message m = {0};

    message_add_measurement(&m);
    message_add_reading(&m)->value = 1;
    message_add_measurement(&m);
    message_add_reading(&m)->value = 2;
    message_add_reading(&m)->value = 3;
    message_drop_measurement(&m);
    ck_assert_uint_eq(m.measurements, 1);
    ck_assert_uint_eq(m.readings, 1);
    ck_assert_uint_eq(message_add_measurement(&m)->first, 1);
    ck_assert_double_eq(m.reading[0].value, 1);
    message_clear(&m);
}
END_TEST

START_TEST(the_first_fault_is_told_and_all_are_counted)
{
    struct message m = {0};
    struct reason why;

    reason_set(&why, "first");
    message_fault(&m, FAULT_TIME, &why);
    reason_set(&why, "second");
    message_fault(&m, FAULT_TIME, &why);
    ck_assert_uint_eq(m.faults, 2);
    ck_assert_str_eq(m.first_fault.text, "first");
    message_empty(&m);
    ck_assert_uint_eq(m.faults, 0);
    ck_assert_str_eq(m.first_fault.text, "");
    message_fault(&m, FAULT_TIME, &why);
    ck_assert_str_eq(m.first_fault.text, "second");
    message_clear(&m);
}
END_TEST

START_TEST(the_tree_is_released_once)
{
    struct message m = {0};
    int one = 1;

    released = 0;
    m.tree = &one;
    m.release = count_release;
    message_empty(&m);
    message_empty(&m);
    message_clear(&m);
    ck_assert_int_eq(released, 1);
}
END_TEST

START_TEST(an_emptied_message_keeps_its_room)
{
    struct message m = {0};

    message_add_measurement(&m);
    for (int i = 0; i < 1000; i++)
        message_add_reading(&m);
    const struct reading *at = m.reading;
    message_empty(&m);
    ck_assert_uint_eq(m.readings + m.measurements, 0);
    message_add_measurement(&m);
    for (int i = 0; i < 1000; i++)
        message_add_reading(&m);
    ck_assert_ptr_eq(m.reading, at);
    message_clear(&m);
}
END_TEST

START_TEST(a_period_has_a_name)
{
    enum period found;

    for (int i = 0; i < PERIODS; i++) {
        ck_assert(period_find(period_name[i], strlen(period_name[i]), &found));
        ck_assert_int_eq(found, i);
    }
    found = PERIOD_DAY;
    ck_assert(!period_find("hours", 5, &found));
    ck_assert(!period_find("hou", 3, &found));
    ck_assert(!period_find("Hour", 4, &found));
    ck_assert(!period_find("", 0, &found));
    ck_assert_int_eq(found, PERIOD_DAY);
    ck_assert(period_find("hours", 4, &found));
}
END_TEST

START_TEST(a_place_is_told_in_a_list_only)
{
    struct measurement me = {0};

    ck_assert_str_eq(measurement_place(&me).text, "");
    me.is_listed = true;
    ck_assert_str_eq(measurement_place(&me).text, "[0].");
    me.index = SIZE_MAX;
    ck_assert_str_eq(measurement_place(&me).text, "[18446744073709551615].");
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("message");
    TCase *t = tcase_create("message");
    tcase_add_test(t, readings_belong_to_the_last_measurement);
    tcase_add_test(t, a_measurement_goes_with_its_readings);
    tcase_add_test(t, the_first_fault_is_told_and_all_are_counted);
    tcase_add_test(t, the_tree_is_released_once);
    tcase_add_test(t, an_emptied_message_keeps_its_room);
    tcase_add_test(t, a_period_has_a_name);
    tcase_add_test(t, a_place_is_told_in_a_list_only);
    suite_add_tcase(s, t);
    return s;
}
