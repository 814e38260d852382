#include "runner.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "registry.h"

#define SO2 (64.058 / 22.414)

static struct unit_system *units;

static void
set_up(void)
{
    struct reason why;
    units = unit_system_new(&why);
    ck_assert_msg(units != NULL, "%s", why.text);
}

static void
tear_down(void)
{
    unit_system_free(units);
}

/* A stack with SO2, dust and dust's maximum, hydrocarbons that come in kWh, fluorides; an outfall with both fluorides. */
struct stage {
    struct registry *registry;
    struct feed *stack, *outfall;
};

/* All in mg/m3. */
static bool
set_sent(struct registry *r, struct feed *f, uint16_t slot, const char *name, const char *unit, double density, struct reason *why)
{
    registry_add_slot(r, f, slot, name, "mg/m3");
    return registry_set_sent(r, f, slot, unit, density, why);
}

static struct stage
make_stage(void)
{
    struct stage s = {.registry = registry_new()};
    struct registry *r = s.registry;
    struct reason why = {""};

    registry_use_units(r, units);
    s.stack = registry_add_feed(r, registry_add_monitor(r, "S", "p", "r", 0), 1, PERIOD_MINUTE);
    s.outfall = registry_add_feed(r, registry_add_monitor(r, "W", "p", "r", 0), 2, PERIOD_DAY);
    ck_assert(set_sent(r, s.stack, 0, "a21026", "ug/m3", SO2, &why));
    ck_assert(set_sent(r, s.stack, 1, "a34013", NULL, NAN, &why));
    ck_assert(set_sent(r, s.stack, 2, "a34013-Max", "mg/m3", NAN, &why));
    ck_assert(!set_sent(r, s.stack, 3, "a24088", "kWh", NAN, &why));
    ck_assert_str_eq(why.text, "unit \"kWh\" cannot become \"mg/m3\"");
    registry_add_slot(r, s.stack, 4, "a21018", "mg/m3");
    registry_add_slot(r, s.outfall, 0, "w21017", "mg/L");
    registry_add_slot(r, s.outfall, 1, "a21018", "mg/m3");
    registry_add_slot(r, s.outfall, 2, "w21017-Max", "mg/L");
    registry_add_slot(r, s.stack, 5, "a24016", "mg/m3");
    registry_add_slot(r, s.stack, 6, "a24016-Max", "mg/m3");
    registry_add_name(r, "二氧化硫", "a21026");
    registry_add_name(r, "Sulphur Dioxide", "a21026");
    registry_add_name(r, "02", "a21026");
    registry_add_name(r, "02", "a21026"); /* said twice */
    registry_add_name(r, "烟尘", "a34013");
    registry_add_name(r, "氟化物", "a21018");
    registry_add_name(r, "氟化物", "w21017");
    registry_add_name(r, "氟化物", "a99999");
    registry_add_name(r, "1,1-二氯乙烷", "a24016");
    registry_add_name(r, "二", "a24016"); /* a part of another */
    return s;
}

static struct span
span(const char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

/* clang-format off */
static const struct row {
    const char *series, *unit;
    double value, wanted;
    const char *why;
} rows[] = {
    {"a34013", NULL, 12.5, 12.5, NULL},
    {"a34013", "mg/m3", 12.5, 12.5, NULL},
    {"a34013", "mg/m³", 12.5, 12.5, NULL},
    {"a34013", "ug/m3", 12.5, 0.0125, NULL},
    {"a34013", "kWh", 1, 0, "unit \"kWh\" cannot become \"mg/m3\""},
    {"a34013", "ppm", 1, 0, "unit \"ppm\" without its molar mass (abate.parameter.molar_mass) cannot become \"mg/m3\""},
    {"a34013", "", 1, 0, "unit \"\" cannot become \"mg/m3\""},
    {"a34013", "g/m3", 1e308, 0, "no finite number in \"mg/m3\""},
    {"a34013-Max", NULL, 12.5, 12.5, NULL},
    {"a21026", NULL, 12.5, 0.0125, NULL},   /* as registered */
    {"a21026", "mg/m3", 12.5, 12.5, NULL},  /* what the message says goes first */
    {"a21026", "ppm", 0, 0, NULL},
    {"a21026", "ug/m3", NAN, NAN, NULL},
    {"a24088", NULL, 1, 0, "unit \"kWh\" cannot become \"mg/m3\""},
    {"a24088", "mg/m3", 1, 1, NULL},        /* but a message that says better is taken */
};
/* clang-format on */

START_TEST(a_value_becomes_what_is_stored)
{
    struct stage s = make_stage();

    for (size_t i = 0; i < 3 * sizeof(rows) / sizeof(rows[0]); i++) { /* and again: remembered */
        const struct row *row = &rows[i % (sizeof(rows) / sizeof(rows[0]))];
        const struct slot *series = registry_find_slot(s.registry, s.stack, row->series, strlen(row->series));
        double got = 7;
        struct reason why = {""};
        bool ok = true;
        if (slot_converts(series, span(row->unit)))
            ok = registry_convert(s.registry, series, span(row->unit), row->value, &got, &why);
        else
            got = row->value;
        ck_assert_msg(strcmp(why.text, row->why == NULL ? "" : row->why) == 0, "%s in %s: %s", row->series, row->unit, why.text);
        ck_assert_msg(ok == (row->why == NULL), "%s in %s", row->series, row->unit);
        ck_assert_msg(ok ? got == row->wanted || (isnan(got) && isnan(row->wanted)) : got == 7, "%s in %s: %.17g", row->series, row->unit, got);
    }
    registry_free(s.registry);
}
END_TEST

/* Whatever units a plant makes up: what is kept of them has an end, and the good ones are still understood. */
START_TEST(made_up_units_take_no_memory)
{
    struct stage s = make_stage();
    const struct slot *dust = registry_find_slot(s.registry, s.stack, "a34013", 6);
    double got;
    size_t before = mallinfo2().uordblks, after = 0;

    for (int i = 1; i < 20000; i++) {
        char unit[32];
        snprintf(unit, sizeof(unit), i % 2 == 0 ? "%d mg/m3" : "%d foo", i);
        struct reason why;
        bool ok = registry_convert(s.registry, dust, span(unit), 3, &got, &why);
        ck_assert_msg(ok == (i % 2 == 0) && (!ok || got == 3.0 * i), "%s", unit);
        ck_assert(registry_convert(s.registry, dust, span("ug/m3"), 12.5, &got, &why) && got == 0.0125);
        if (i == 2000)
            after = mallinfo2().uordblks;
    }
    ck_assert_uint_le(after, before + 8192);
    ck_assert_uint_le(mallinfo2().uordblks, after + 1024);
    registry_free(s.registry);
}
END_TEST

START_TEST(without_units_only_what_is_written)
{
    struct registry *r = registry_new();
    struct feed *f = registry_add_feed(r, registry_add_monitor(r, "S", "p", "r", 0), 1, PERIOD_MINUTE);
    const struct slot *s = registry_add_slot(r, f, 0, "a21026", "mg/m3");
    double got;
    struct reason why;

    ck_assert(!slot_converts(s, span("mg/m3")) && !slot_converts(s, span(NULL)));
    ck_assert(!registry_convert(r, s, span("ug/m3"), 3, &got, &why));
    ck_assert_str_eq(why.text, "unit \"ug/m3\" where \"mg/m3\" is registered");
    registry_free(r);
}
END_TEST

/* clang-format off */
static const struct named {
    bool is_outfall;
    const char *name, *wanted, *why;
} names[] = {
    {false, "a21026", "a21026", NULL},
    {false, "A21026", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"}, /* codes are exact */
    {false, "二氧化硫", "a21026", NULL},
    {false, "sulphur dioxide", "a21026", NULL},
    {false, "SULPHUR DIOXIDE", "a21026", NULL},
    {false, "02", "a21026", NULL},
    {false, "02-Max", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"},
    {false, "烟尘", "a34013", NULL},
    {false, "烟尘-Max", "a34013-Max", NULL},
    {false, "烟尘-max", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"},
    {false, "氟化物", "a21018", NULL},
    {true, "氟化物", NULL, "may be \"a21018\" or \"w21017\", and the monitor's feed \"day\" has both"},
    {true, "氟化物-Max", "w21017-Max", NULL},
    {true, "w21017", "w21017", NULL},
    {false, "1,1-二氯乙烷", "a24016", NULL},
    {false, "1,1-二氯乙烷-Max", "a24016-Max", NULL},
    {true, "二氧化硫", NULL, "unknown parameter: the monitor's feed \"day\" has no such series"},
    {false, "", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"},
    {false, "-", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"},
    {false, "-Max", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"},
    {false, "烟尘-", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"},
    {false, "烟", NULL, "unknown parameter: the monitor's feed \"minute\" has no such series"},
};
/* clang-format on */

START_TEST(a_name_is_of_a_series)
{
    struct stage s = make_stage();

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct named *row = &names[i];
        struct reason why = {""};
        struct feed *feed = row->is_outfall ? s.outfall : s.stack;
        const struct slot *got = registry_find_slot(s.registry, feed, row->name, strlen(row->name));
        if (got == NULL)
            got = registry_find_named(s.registry, feed, row->name, strlen(row->name), &why);
        ck_assert_msg(got == NULL ? row->wanted == NULL : row->wanted != NULL && strcmp(got->name, row->wanted) == 0, "%s: %s",
                      row->name, got == NULL ? why.text : got->name);
        /* which of two is named first is nobody's business */
        ck_assert_msg(strcmp(why.text, row->why == NULL ? "" : row->why) == 0 ||
                          strcmp(why.text, "may be \"w21017\" or \"a21018\", and the monitor's feed \"day\" has both") == 0,
                      "%s: %s", row->name, why.text);
    }
    registry_free(s.registry);
}
END_TEST

START_TEST(a_name_longer_than_any)
{
    struct stage s = make_stage();
    char name[5000];
    struct reason why;

    memset(name, 'x', sizeof(name));
    for (size_t size = 0; size < sizeof(name); size += 97)
        ck_assert_ptr_null(registry_find_named(s.registry, s.stack, name, size, &why));
    name[100] = '-';
    ck_assert_ptr_null(registry_find_named(s.registry, s.stack, name, 180, &why));
    registry_free(s.registry);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("registry_unit");
    TCase *t = tcase_create("registry_unit");
    tcase_add_unchecked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_value_becomes_what_is_stored);
    tcase_add_test(t, made_up_units_take_no_memory);
    tcase_add_test(t, without_units_only_what_is_written);
    tcase_add_test(t, a_name_is_of_a_series);
    tcase_add_test(t, a_name_longer_than_any);
    suite_add_tcase(s, t);
    return s;
}
