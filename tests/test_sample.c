#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runner.h"
#include "sample.h"

#define HERE "88888880000001"
#define ARRIVED ((struct instant){INT64_C(1604276100000000)}) /* 2020-11-02T00:15:00Z */
#define NOW "2020-11-02T08:15:00+08:00"

struct said {
    const char *name;
    double value;
    char mark; /* 0: not said */
    const char *unit;
};

/* clang-format off */
static const struct sample_row {
    const char *name;
    const char *in_topic[3]; /* region, plant, monitor */
    const char *monitor;
    const char *time;
    enum period period;
    struct said said[4];
    /* What must come of it. */
    const char *stored; /* "value mark" a slot, NULL: nothing */
    size_t faults;
    const char *why;
} rows[] = {
    {"a good one", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 12.31, 0, NULL},
     {"a21002", 35, 'N', "mg/m3"}}, "12.31 N, 35 N", 0, NULL},
    {"slots, not order", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a34013", 3, 0, NULL},
     {"a21026", 1, 0, NULL}}, "1 N, - N, 3 N", 0, NULL},
    {"a hole at the front", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21002", 2, 0, NULL}},
     "- N, 2 N", 0, NULL},
    {"a mark", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 0, 'D', NULL},
     {"a21002", NAN, 'M', NULL}}, "0 D, - M", 0, NULL},
    {"one marked, one not", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 1, 'T', NULL},
     {"a21002", 2, 0, NULL}}, "1 T, 2 N", 0, NULL},
    {"a mark only", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", NAN, 'F', NULL}}, "- F", 0,
     NULL},
    {"a mark that is a digit", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 1, '0', NULL}},
     "1 0", 0, NULL},
    {"below zero", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", -0.041, 0, NULL}},
     "-0.041 N", 0, NULL},
    {"as large as it gets", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 1e308, 0, NULL}},
     "1e+308 N", 0, NULL},
    {"a statistic", {"410100", "p1", HERE}, HERE, NOW, PERIOD_HOUR, {{"a21026-Avg", 4, 0, NULL}},
     "- N, - N, - N, - N, - N, 4 N", 0, NULL},
    {"a unit of its own", {"410100", "p1", HERE}, HERE, NOW, PERIOD_HOUR, {{"w01001", 7.4, 0, ""}}, "7.4 N",
     0, NULL},
    {"the topic says who", {"410100", "p1", HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, "1 N",
     0, NULL},
    {"the payload says who", {NULL, NULL, NULL}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, "1 N", 0,
     NULL},
    {"the monitor's zone", {NULL, NULL, HERE}, NULL, "2020-11-02T08:15:00", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, "1 N", 0, NULL},
    {"as late as allowed", {NULL, NULL, HERE}, NULL, "2020-10-31T00:15:00Z", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, "1 N", 0, NULL},
    {"as early as allowed", {NULL, NULL, HERE}, NULL, "2020-11-02T00:25:00Z", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, "1 N", 0, NULL},
    {"one unknown among good ones", {"410100", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL},
     {"a99999", 2, 0, NULL}, {"", 3, 0, NULL}, {"a21002", 4, 0, NULL}}, "1 N, 4 N", 2,
     "\"readings\".\"a99999\": unknown parameter: the monitor's feed \"minute\" has no such series"},

    {"nobody says who", {"410100", "p1", NULL}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"monitor\": missing, and the topic does not say it"},
    {"speaks for another", {"410100", "p1", HERE}, "88888880000002", NOW, PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"monitor\": \"88888880000002\", but \"88888880000001\" in the topic"},
    {"speaks for the first half of itself", {"410100", "p1", HERE}, "8888888000000", NOW, PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"monitor\": \"8888888000000\", but \"88888880000001\" in the topic"},
    {"speaks for nobody", {"410100", "p1", HERE}, "", NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"monitor\": \"\", but \"88888880000001\" in the topic"},
    {"unknown", {"410100", "p1", "m\"9"}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, NULL, 1,
     "unknown monitor \"m\\x229\" (not in abate.monitor)"},
    {"unknown, by the payload", {NULL, NULL, NULL}, "m9", NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, NULL,
     1, "unknown monitor \"m9\" (not in abate.monitor)"},
    {"another plant's topic", {"410100", "p2", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}},
     NULL, 1, "monitor \"88888880000001\" is of plant \"p1\", not of \"p2\" as the topic says"},
    {"another region's topic", {"410200", "p1", HERE}, HERE, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}},
     NULL, 1, "monitor \"88888880000001\" is of region \"410100\", not of \"410200\" as the topic says"},
    {"a period it does not report", {"410100", "p1", HERE}, HERE, NOW, PERIOD_DAY, {{"a21026", 1, 0, NULL}},
     NULL, 1, "monitor \"88888880000001\" has no feed \"day\" (it has: minute, hour)"},
    {"no feed at all", {NULL, NULL, "silent"}, NULL, NOW, PERIOD_REALTIME, {{"a21026", 1, 0, NULL}}, NULL, 1,
     "monitor \"silent\" has no feed \"realtime\" (it has: none)"},
    {"every feed but one", {NULL, NULL, "busy"}, NULL, NOW, PERIOD_DAY, {{"a21026", 1, 0, NULL}}, NULL, 1,
     "monitor \"busy\" has no feed \"day\" (it has: realtime, minute, hour)"},

    {"no time", {NULL, NULL, HERE}, NULL, "", PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"time\": not a time as RFC 3339 has it: \"\""},
    {"seconds", {NULL, NULL, HERE}, NULL, "1604276100", PERIOD_MINUTE, {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"time\": not a time as RFC 3339 has it: \"1604276100\""},
    {"fourteen digits", {NULL, NULL, HERE}, NULL, "20201102081500", PERIOD_MINUTE, {{"a21026", 1, 0, NULL}},
     NULL, 1, "\"time\": not a time as RFC 3339 has it: \"20201102081500\""},
    {"the thirtieth of February", {NULL, NULL, HERE}, NULL, "2020-02-30T08:15:00+08:00", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1, "\"time\": no such date or time: \"2020-02-30T08:15:00+08:00\""},
    {"second 60", {NULL, NULL, HERE}, NULL, "2020-11-02T08:14:60+08:00", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1, "\"time\": no such date or time: \"2020-11-02T08:14:60+08:00\""},
    {"local time said to be UTC", {NULL, NULL, HERE}, NULL, "2020-11-02T08:15:00Z", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"time\": 2020-11-02 08:15:00Z is more than 10min ahead of its arrival (check clock and zone)"},
    {"a microsecond too early", {NULL, NULL, HERE}, NULL, "2020-11-02T00:25:00.000001Z", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"time\": 2020-11-02 00:25:00.000001Z is more than 10min ahead of its arrival (check clock and zone)"},
    {"the year 2099", {NULL, NULL, HERE}, NULL, "2099-01-01T00:00:00Z", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"time\": 2099-01-01 00:00:00Z is more than 10min ahead of its arrival (check clock and zone)"},
    {"a microsecond too late", {NULL, NULL, HERE}, NULL, "2020-10-31T00:14:59.999999Z", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1,
     "\"time\": 2020-10-31 00:14:59.999999Z is more than 2d before its arrival"},
    {"the year 1970", {NULL, NULL, HERE}, NULL, "1970-01-01T00:00:00Z", PERIOD_MINUTE,
     {{"a21026", 1, 0, NULL}}, NULL, 1, "\"time\": 1970-01-01 00:00:00Z is more than 2d before its arrival"},

    {"no readings", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{NULL, 0, 0, NULL}}, NULL, 1,
     "\"readings\": empty"},
    {"none that is good", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"x", 1, 0, NULL},
     {"y", 2, 0, NULL}}, NULL, 2,
     "\"readings\".\"x\": unknown parameter: the monitor's feed \"minute\" has no such series"},
    {"another feed's series", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026-Avg", 1, 0, NULL}},
     NULL, 1,
     "\"readings\".\"a21026-Avg\": unknown parameter: the monitor's feed \"minute\" has no such series"},
    {"capital letters", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"A21026", 1, 0, NULL}}, NULL, 1,
     "\"readings\".\"A21026\": unknown parameter: the monitor's feed \"minute\" has no such series"},
    {"a line end in the name", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a\r\nBcc: x", 1, 0, NULL}},
     NULL, 1,
     "\"readings\".\"a\\x0d\\x0aBcc: x\": unknown parameter: the monitor's feed \"minute\" has no such "
     "series"},
    {"micrograms", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, "ug/m3"}}, NULL, 1,
     "\"readings\".\"a21026\": unit \"ug/m3\" where \"mg/m3\" is registered"},
    {"the unit begun", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, "mg/m"}}, NULL, 1,
     "\"readings\".\"a21026\": unit \"mg/m\" where \"mg/m3\" is registered"},
    {"an empty unit", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, ""}}, NULL, 1,
     "\"readings\".\"a21026\": unit \"\" where \"mg/m3\" is registered"},
    {"twice", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, 0, NULL}, {"a21026", 2, 0, NULL}},
     "1 N", 1, "\"readings\".\"a21026\": twice in one measurement"},
    {"twice, first without a value", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE,
     {{"a21026", NAN, 'D', NULL}, {"a21026", 2, 0, NULL}}, "- D", 1,
     "\"readings\".\"a21026\": twice in one measurement"},
    {"a mark that is a blank", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, ' ', NULL}}, NULL,
     1, "\"readings\".\"a21026\": \"mark\": neither letter nor digit: \" \""},
    {"a mark that is a quotation mark", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE,
     {{"a21026", 1, '"', NULL}}, NULL, 1, "\"readings\".\"a21026\": \"mark\": neither letter nor digit: \"\\x22\""},
    {"a mark past ASCII", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", 1, '\xe9', NULL}}, NULL,
     1, "\"readings\".\"a21026\": \"mark\": neither letter nor digit: \"\\xe9\""},
    {"no value and no reason for it", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE,
     {{"a21026", NAN, 'N', NULL}}, NULL, 1,
     "\"readings\".\"a21026\": no value, but marked \"N\" as if there were one"},
    {"infinity", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", INFINITY, 0, NULL}}, NULL, 1,
     "\"readings\".\"a21026\": not a finite number"},
    {"infinity below", {NULL, NULL, HERE}, NULL, NOW, PERIOD_MINUTE, {{"a21026", -INFINITY, 'D', NULL}}, NULL,
     1, "\"readings\".\"a21026\": not a finite number"},
};
/* clang-format on */

static struct registry *
make_registry(void)
{
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, HERE, "p1", "410100", 8 * 3600);
    struct feed *minute = registry_add_feed(r, m, 1, PERIOD_MINUTE);
    struct feed *hour = registry_add_feed(r, m, 2, PERIOD_HOUR);

    registry_add_slot(r, minute, 0, "a21026", "mg/m3");
    registry_add_slot(r, minute, 1, "a21002", "mg/m3");
    registry_add_slot(r, minute, 2, "a34013", "mg/m3");
    registry_add_slot(r, hour, 0, "w01001", "");
    registry_add_slot(r, hour, 5, "a21026-Avg", "mg/m3");
    registry_add_monitor(r, "88888880000002", "p2", "410100", 0);
    registry_add_monitor(r, "silent", "p1", "410100", 0);
    m = registry_add_monitor(r, "busy", "p1", "410100", 0);
    for (int i = 0; i < PERIOD_DAY; i++)
        registry_add_feed(r, m, 30 + i, (enum period)i);
    return r;
}

static struct span
span(const char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

static void
say(const struct sample_row *row, struct message *m)
{
    struct measurement *me = message_add_measurement(m);
    me->monitor = span(row->monitor);
    me->time = span(row->time);
    me->period = row->period;
    for (const struct said *s = row->said; s < row->said + 4 && s->name != NULL; s++) {
        struct reading *r = message_add_reading(m);
        r->name = span(s->name);
        r->unit = span(s->unit);
        r->value = s->value;
        if (s->mark != 0)
            r->mark = s->mark;
    }
}

/* "1 N, - D": a dash for no value. */
static void
write_slots(const struct sample *s, char *out, size_t room)
{
    size_t used = 0;

    out[0] = '\0';
    for (uint16_t i = 0; i < s->slots; i++) {
        const char *comma = i > 0 ? ", " : "";
        if (isnan(s->value[i]))
            used += (size_t)snprintf(out + used, room - used, "%s- %c", comma, s->mark[i]);
        else
            used += (size_t)snprintf(out + used, room - used, "%s%.15g %c", comma, s->value[i], s->mark[i]);
    }
}

static void
check_counts(const char *name, const struct sample *s)
{
    uint16_t readings = 0;
    bool is_marked = false;

    for (uint16_t i = 0; i < s->slots; i++) {
        readings = (uint16_t)(readings + !isnan(s->value[i]));
        is_marked = is_marked || s->mark[i] != 'N';
    }
    ck_assert_msg(s->readings == readings, "%s: %u readings", name, s->readings);
    ck_assert_msg(s->is_marked == is_marked, "%s: is_marked %d", name, s->is_marked);
}

static const struct sample_window window = {.past_us = 2 * 86400000000, .future_us = 600000000};

START_TEST(a_measurement_is_stored_or_not)
{
    const struct sample_row *row = &rows[_i];
    struct registry *r = make_registry();
    struct topic_names names = {
        .region = span(row->in_topic[0]), .plant = span(row->in_topic[1]), .monitor = span(row->in_topic[2])};
    struct message m = {0};
    struct sample s;
    char slots[256];

    memset(&s, 0x55, sizeof(s)); /* what another message left */
    say(row, &m);
    bool ok = sample_make(r, &names, &window, ARRIVED, &m, 0, &s);
    ck_assert_msg(ok == (row->stored != NULL), "%s: %s, %s", row->name, ok ? "stored" : "not stored",
                  m.first_fault.text);
    ck_assert_msg(m.faults == row->faults, "%s: %zu faults", row->name, m.faults);
    ck_assert_msg(strcmp(m.first_fault.text, row->why == NULL ? "" : row->why) == 0, "%s: %s", row->name,
                  m.first_fault.text);
    if (ok) {
        write_slots(&s, slots, sizeof(slots));
        ck_assert_msg(strcmp(slots, row->stored) == 0, "%s: %s", row->name, slots);
        check_counts(row->name, &s);
        ck_assert_int_eq(s.feed->feed_id, row->period == PERIOD_HOUR ? 2 : 1);
    }
    message_clear(&m);
    registry_free(r);
}
END_TEST

/* clang-format off */
static const struct read_row {
    const char *name;
    int64_t at_us;
    bool is_local;
    int64_t stored_us; /* 0: not at all */
    const char *why;
} read_rows[] = {
    {"absolute", 1604276100000000, false, 1604276100000000, ""},
    {"as the monitor's clock shows it", 1604304900000000, true, 1604276100000000, ""},
    {"with a fraction", 1604276100250000, false, 1604276100250000, ""},
    {"the clock's time taken for UTC", 1604304900000000, false, 0,
     "\"time\": 2020-11-02 08:15:00Z is more than 10min ahead of its arrival (check clock and zone)"},
    {"UTC taken for the clock's time", 1604103300000000, true, 0,
     "\"time\": 2020-10-30 16:15:00Z is more than 2d before its arrival"},
};
/* clang-format on */

START_TEST(a_form_may_have_read_the_time)
{
    const struct read_row *row = &read_rows[_i];
    struct registry *r = make_registry();
    struct topic_names names = {.monitor = span(HERE)};
    struct message m = {0};
    struct sample s;

    say(&rows[0], &m);
    m.measurement[0].time = (struct span){0};
    m.measurement[0].at.us = row->at_us;
    m.measurement[0].is_local = row->is_local;
    bool ok = sample_make(r, &names, &window, ARRIVED, &m, 0, &s);
    ck_assert_msg(ok == (row->stored_us != 0), "%s: %s", row->name, m.first_fault.text);
    ck_assert_msg(!ok || s.at.us == row->stored_us, "%s: %lld", row->name, (long long)s.at.us);
    ck_assert_msg(strcmp(m.first_fault.text, row->why) == 0, "%s: %s", row->name, m.first_fault.text);
    message_clear(&m);
    registry_free(r);
}
END_TEST

START_TEST(a_reason_says_which_of_a_list)
{
    struct registry *r = make_registry();
    struct topic_names names = {.monitor = span(HERE)};
    struct message m = {0};
    struct sample s;

    for (size_t i = 0; i < 2; i++) {
        say(&rows[0], &m);
        m.measurement[i].is_listed = true;
        m.measurement[i].index = i + 3;
    }
    m.reading[2].unit = span("kg");
    ck_assert(sample_make(r, &names, &window, ARRIVED, &m, 0, &s));
    ck_assert_int_eq(s.at.us, 1604276100000000);
    ck_assert(sample_make(r, &names, &window, ARRIVED, &m, 1, &s));
    ck_assert_uint_eq(m.faults, 1);
    ck_assert_str_eq(m.first_fault.text,
                     "[4].\"readings\".\"a21026\": unit \"kg\" where \"mg/m3\" is registered");

    m.faults = 0;
    m.measurement[1].time = span("yesterday");
    ck_assert(!sample_make(r, &names, &window, ARRIVED, &m, 1, &s));
    ck_assert_str_eq(m.first_fault.text, "[4].\"time\": not a time as RFC 3339 has it: \"yesterday\"");
    m.faults = 0;
    m.measurement[1].monitor = span("silent");
    ck_assert(!sample_make(r, &names, &window, ARRIVED, &m, 1, &s));
    ck_assert_str_eq(m.first_fault.text, "[4].\"monitor\": \"silent\", but \"88888880000001\" in the topic");
    message_clear(&m);
    registry_free(r);
}
END_TEST

START_TEST(the_same_bytes_are_refused_with_the_same_words)
{
    struct registry *r = make_registry();
    struct topic_names names = {.monitor = span(HERE)};
    struct sample_row row = rows[0];
    struct sample s;
    struct reason first;

    row.time = "2099-01-01T00:00:00Z";
    for (int64_t later = 0; later < 3; later++) {
        struct message m = {0};
        say(&row, &m);
        ck_assert(
            !sample_make(r, &names, &window, (struct instant){ARRIVED.us + later * 1234567890}, &m, 0, &s));
        if (later == 0)
            first = m.first_fault;
        ck_assert_str_eq(m.first_fault.text, first.text);
        message_clear(&m);
    }
    registry_free(r);
}
END_TEST

START_TEST(the_largest_feed)
{
    struct registry *r = registry_new();
    struct feed *f = registry_add_feed(r, registry_add_monitor(r, "m", "p", "r", 0), 1, PERIOD_REALTIME);
    struct topic_names names = {.monitor = span("m")};
    struct message m = {0};
    struct sample s;

    struct measurement *me = message_add_measurement(&m);
    me->time = span(NOW);
    for (uint16_t slot = 0; slot < REGISTRY_SLOTS; slot++) {
        char name[8];
        snprintf(name, sizeof(name), "a%d", slot);
        struct reading *reading = message_add_reading(&m);
        reading->name = span(registry_add_slot(r, f, slot, name, "")->name);
        reading->value = slot;
    }
    ck_assert(sample_make(r, &names, &window, ARRIVED, &m, 0, &s));
    ck_assert_uint_eq(s.slots, REGISTRY_SLOTS);
    ck_assert_uint_eq(s.readings, REGISTRY_SLOTS);
    ck_assert_uint_eq(m.faults, 0);
    for (uint16_t slot = 0; slot < REGISTRY_SLOTS; slot++)
        ck_assert_double_eq(s.value[slot], slot);
    message_clear(&m);
    registry_free(r);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("sample");
    TCase *t = tcase_create("sample");
    tcase_add_loop_test(t, a_measurement_is_stored_or_not, 0, (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_loop_test(t, a_form_may_have_read_the_time, 0,
                        (int)(sizeof(read_rows) / sizeof(read_rows[0])));
    tcase_add_test(t, a_reason_says_which_of_a_list);
    tcase_add_test(t, the_same_bytes_are_refused_with_the_same_words);
    tcase_add_test(t, the_largest_feed);
    suite_add_tcase(s, t);
    return s;
}
