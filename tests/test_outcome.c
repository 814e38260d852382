/* outcome: what a payload would become, as a person and a machine are told it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outcome.h"
#include "runner.h"

#define HERE "88888880000001"
#define TOPIC                                                                                                          \
    {                                                                                                                  \
        .region = {"410100", 6}, .plant = {"P1", 2}, .monitor = {                                                      \
            HERE, 14                                                                                                   \
        }                                                                                                              \
    }
#define UNSAID {.region = {NULL, 0}}
#define ARRIVED 1604276100000000 /* 2020-11-02 00:15:00Z */

static struct registry *
make_registry(void)
{
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, HERE, "P1", "410100", 8 * 3600);
    struct feed *minute = registry_add_feed(r, m, 17, PERIOD_MINUTE);

    registry_add_slot(r, minute, 0, "a21026", "mg/m3");
    registry_add_slot(r, minute, 2, "a21002", "mg/m3");
    minute->last.us = ARRIVED;
    return r;
}

static const struct row {
    const char *name;
    const char *form;
    bool is_named, has_registry;
    struct topic_names names;
    const char *payload;
    enum outcome_verdict verdict;
    const char *text;
} rows[] = {
    {"all good, the topic not known", "json", true, false, UNSAID,
     "{\"time\":\"2020-11-02T08:15:00\",\"period\":\"hour\",\"readings\":{\"a21026\":12.5,\"二氧化硫\":"
     "{\"value\":3,\"unit\":\"mg/m3\"},\"a21002\":{\"mark\":\"D\"}}}",
     OUTCOME_GOOD,
     "monitor      (from the topic)\n"
     "time         2020-11-02T08:15:00 (+08:00) = 2020-11-02 00:15:00Z\n"
     "period       hour\n"
     "name      value  unit   mark\n"
     "a21026     12.5         N\n"
     "二氧化硫      3  mg/m3  N\n"
     "a21002                  D\n"
     "\n"
     "good: 2 readings of 1 measurement\n"},
    {"nobody says whose it is", "json", false, false, UNSAID,
     "{\"time\":\"2020-11-02T08:15:00Z\",\"readings\":{\"a21026\":1}}", OUTCOME_REFUSED,
     "monitor      (neither topic nor payload say it)\n"
     "time         2020-11-02T08:15:00Z = 2020-11-02 08:15:00Z\n"
     "period       realtime\n"
     "name    value  unit  mark\n"
     "a21026      1        N\n"
     "\n"
     "left out     \"monitor\": missing, and the topic does not say it\n"
     "refused: 0 readings of 0 measurements\n"},
    {"what only sample_make() finds, without a registry", "json", true, false, TOPIC,
     "[{\"monitor\":\"x\",\"time\":\"2020-11-02T08:15:00Z\",\"readings\":{\"a\":1}},"
     "{\"time\":\"yesterday\",\"readings\":{\"a\":1}},"
     "{\"time\":\"2020-11-02T08:15:00Z\",\"readings\":{\"a\":{\"value\":1,\"mark\":\"-\"},\"b\":2}}]",
     OUTCOME_IN_PART,
     "measurement  1 of 3\n"
     "monitor      x\n"
     "time         2020-11-02T08:15:00Z = 2020-11-02 08:15:00Z\n"
     "period       realtime\n"
     "name  value  unit  mark\n"
     "a         1        N\n"
     "\n"
     "measurement  2 of 3\n"
     "monitor      88888880000001 (from the topic)\n"
     "time         yesterday\n"
     "period       realtime\n"
     "name  value  unit  mark\n"
     "a         1        N\n"
     "\n"
     "measurement  3 of 3\n"
     "monitor      88888880000001 (from the topic)\n"
     "time         2020-11-02T08:15:00Z = 2020-11-02 08:15:00Z\n"
     "period       realtime\n"
     "name  value  unit  mark\n"
     "a         1        -\n"
     "b         2        N\n"
     "\n"
     "left out     [0].\"monitor\": \"x\", but \"88888880000001\" in the topic\n"
     "             [1].\"time\": not a time as RFC 3339 has it: \"yesterday\"\n"
     "             [2].\"readings\".\"a\": \"mark\": neither letter nor digit: \"-\"\n"
     "in part: 1 reading of 1 measurement\n"},
    {"units that contradict each other, without a registry", "json", true, false, TOPIC,
     "[{\"time\":\"2020-11-02T08:15:00Z\",\"readings\":{\"a\":{\"value\":1,\"unit\":\"kg\"}}},"
     "{\"time\":\"2020-11-02T08:16:00Z\",\"readings\":{\"a\":{\"value\":1,\"unit\":\"t\"}}}]",
     OUTCOME_GOOD,
     "measurement  1 of 2\n"
     "monitor      88888880000001 (from the topic)\n"
     "time         2020-11-02T08:15:00Z = 2020-11-02 08:15:00Z\n"
     "period       realtime\n"
     "name  value  unit  mark\n"
     "a         1  kg    N\n"
     "\n"
     "measurement  2 of 2\n"
     "monitor      88888880000001 (from the topic)\n"
     "time         2020-11-02T08:16:00Z = 2020-11-02 08:16:00Z\n"
     "period       realtime\n"
     "name  value  unit  mark\n"
     "a         1  t     N\n"
     "\n"
     "good: 2 readings of 2 measurements\n"},
    {"refused as a whole", "hj212", true, true, TOPIC, "##0003abc0000", OUTCOME_REFUSED,
     "reject       of abate.rejected_message: 1 fault, 0 readings of it stored; its reason is the first:\n"
     "refused      CRC 0000, but D701 is right (damaged, or another CRC than that of HJ 212)\n"},
    {"a row, by the registry", "json", true, true, TOPIC,
     "{\"time\":\"2020-11-02T08:20:00\",\"period\":\"minute\",\"readings\":{\"a21026\":12.5,\"x\":1,\"a21002\":"
     "{\"mark\":\"D\",\"unit\":\"mg/m3\"}}}",
     OUTCOME_IN_PART,
     "monitor      88888880000001 (from the topic)\n"
     "time         2020-11-02T08:20:00 (+08:00, the monitor's) = 2020-11-02 00:20:00Z\n"
     "period       minute\n"
     "name    value  unit   mark\n"
     "a21026   12.5         N\n"
     "x           1         N\n"
     "a21002         mg/m3  D\n"
     "row          of abate.sample: feed 17 (plant P1, monitor 88888880000001, minute), at 2020-11-02 00:20:00Z\n"
     "slot  series  value  unit   mark\n"
     "   1  a21026   12.5  mg/m3  N\n"
     "   3  a21002         mg/m3  D\n"
     "\n"
     "reject       of abate.rejected_message: 1 fault, 1 reading of it stored; its reason is the first:\n"
     "left out     \"readings\".\"x\": unknown parameter: the monitor's feed \"minute\" has no such series\n"
     "in part: 1 reading of 1 measurement\n"},
    {"an instant that may be stored already", "json", true, true, TOPIC,
     "{\"time\":\"2020-11-02T08:15:00+08:00\",\"period\":\"minute\",\"readings\":{\"a21026\":12.5}}", OUTCOME_GOOD,
     "monitor      88888880000001 (from the topic)\n"
     "time         2020-11-02T08:15:00+08:00 = 2020-11-02 00:15:00Z\n"
     "period       minute\n"
     "name    value  unit  mark\n"
     "a21026   12.5        N\n"
     "row          of abate.sample: feed 17 (plant P1, monitor 88888880000001, minute), at 2020-11-02 00:15:00Z\n"
     "slot  series  value  unit   mark\n"
     "   1  a21026   12.5  mg/m3  N\n"
     "merge        as it is not after the newest row of the feed, 2020-11-02 00:15:00Z: what is stored of this instant stays\n"
     "\n"
     "good: 1 reading of 1 measurement\n"},
    {"too far ahead, by the registry", "json", true, true, TOPIC,
     "{\"time\":\"2020-11-02T08:15:00Z\",\"period\":\"minute\",\"readings\":{\"a21026\":12.5}}", OUTCOME_REFUSED,
     "monitor      88888880000001 (from the topic)\n"
     "time         2020-11-02T08:15:00Z = 2020-11-02 08:15:00Z\n"
     "period       minute\n"
     "name    value  unit  mark\n"
     "a21026   12.5        N\n"
     "row          none\n"
     "\n"
     "reject       of abate.rejected_message: 1 fault, 0 readings of it stored; its reason is the first:\n"
     "left out     \"time\": 2020-11-02 08:15:00Z is more than 10min ahead of its arrival (check clock and zone)\n"
     "refused: 0 readings of 0 measurements\n"},
    {"figures of an agency", "statement", false, false, UNSAID, "{\"indicator\":\"x\"}", OUTCOME_GOOD,
     "good: statements, which only the database can try\n"},
};

/* A window of ten minutes ahead, a day behind. */
static enum outcome_verdict
tell(const struct row *row, struct registry *registry, struct outcome *o, struct outcome_terms *terms)
{
    struct record r = {.arrived.us = ARRIVED, .payload = (const unsigned char *)row->payload, .payload_size = strlen(row->payload)};
    *terms = (struct outcome_terms){.form = form_find(row->form),
                                    .names = row->names,
                                    .is_named = row->is_named,
                                    .registry = registry,
                                    .zone_s = 8 * 3600,
                                    .window = {86400000000, 600000000}};
    return outcome_make(o, terms, &r);
}

START_TEST(a_person_reads_what_would_become_of_it)
{
    const struct row *row = &rows[_i];
    struct registry *r = row->has_registry ? make_registry() : NULL;
    struct outcome o = {0};
    struct outcome_terms terms;
    struct buf out = {0};

    for (int round = 0; round < 2; round++) {
        buf_empty(&out);
        ck_assert_msg(tell(row, r, &o, &terms) == row->verdict, "%s: %s", row->name, outcome_verdict_name[outcome_verdict(&o)]);
        outcome_write_text(&o, &out);
        buf_add(&out, "", 1);
        ck_assert_msg(strcmp((const char *)out.at, row->text) == 0, "%s:\n%s", row->name, (const char *)out.at);
    }
    buf_clear(&out);
    outcome_clear(&o);
    registry_free(r);
}
END_TEST

static const struct {
    int row;
    const char *lines, *json;
} forms[] = {
    {0, "     12  good     (from the topic)  2020-11-02 00:15:00Z  hour  2 readings\n",
     "{\"line\":12,\"verdict\":\"good\",\"measurements\":[{\"monitor\":null,\"time\":\"2020-11-02T08:15:00\",\"zone\":\"+08:00\","
     "\"at\":\"2020-11-02T00:15:00Z\",\"period\":\"hour\",\"is_reissue\":false,\"readings\":[{\"name\":\"a21026\",\"value\":12.5,\"unit\":null,\"mark\":"
     "\"N\"},{\"name\":\"二氧化硫\",\"value\":3,\"unit\":\"mg/m3\",\"mark\":\"N\"},{\"name\":\"a21002\",\"value\":null,\"unit\":"
     "null,\"mark\":\"D\"}],\"is_kept\":true}],\"reasons\":[]}"},
    {2,
     "     12  in part  x  not taken  realtime  0 readings\n"
     "     12  in part  88888880000001  not taken  realtime  0 readings\n"
     "     12  in part  88888880000001  2020-11-02 08:15:00Z  realtime  1 reading\n"
     "     12           [0].\"monitor\": \"x\", but \"88888880000001\" in the topic\n"
     "     12           [1].\"time\": not a time as RFC 3339 has it: \"yesterday\"\n"
     "     12           [2].\"readings\".\"a\": \"mark\": neither letter nor digit: \"-\"\n",
     NULL},
    {4, "     12  refused  CRC 0000, but D701 is right (damaged, or another CRC than that of HJ 212)\n",
     "{\"line\":12,\"verdict\":\"refused\",\"measurements\":[],\"reasons\":[\"CRC 0000, but D701 is right (damaged, or another CRC "
     "than that of HJ 212)\"]}"},
    {5, NULL,
     "{\"line\":12,\"verdict\":\"in part\",\"measurements\":[{\"monitor\":\"88888880000001\",\"time\":\"2020-11-02T08:20:00\","
     "\"zone\":\"+08:00\",\"at\":\"2020-11-02T00:20:00Z\",\"period\":\"minute\",\"is_reissue\":false,\"readings\":[{\"name\":\"a21026\",\"value\":12.5,"
     "\"unit\":null,\"mark\":\"N\"},{\"name\":\"x\",\"value\":1,\"unit\":null,\"mark\":\"N\"},{\"name\":\"a21002\",\"value\":null,"
     "\"unit\":\"mg/m3\",\"mark\":\"D\"}],\"is_kept\":true,\"row\":{\"feed_id\":17,\"plant\":\"P1\",\"monitor\":\"88888880000001\","
     "\"at\":\"2020-11-02T00:20:00Z\",\"is_newest\":true,\"slots\":[{\"slot\":1,\"series\":\"a21026\",\"value\":12.5,\"unit\":"
     "\"mg/m3\",\"mark\":\"N\"},{\"slot\":3,\"series\":\"a21002\",\"value\":null,\"unit\":\"mg/m3\",\"mark\":\"D\"}]}}],\"reasons\":"
     "[\"\\u0022readings\\u0022.\\u0022x\\u0022: unknown parameter: the monitor's feed \\u0022minute\\u0022 has no such series\"]}"},
    {8, "     12  good     \n", "{\"line\":12,\"verdict\":\"good\",\"measurements\":[],\"reasons\":[]}"},
};

START_TEST(in_lines_and_for_machines)
{
    const struct row *row = &rows[forms[_i].row];
    struct registry *r = row->has_registry ? make_registry() : NULL;
    struct outcome o = {0};
    struct outcome_terms terms;
    struct buf out = {0};

    tell(row, r, &o, &terms);
    outcome_write_lines(&o, 12, &out);
    buf_add(&out, "", 1);
    ck_assert_msg(forms[_i].lines == NULL || strcmp((const char *)out.at, forms[_i].lines) == 0, "%s:\n%s", row->name,
                  (const char *)out.at);
    buf_empty(&out);
    outcome_write_json(&o, 12, &out);
    buf_add(&out, "", 1);
    ck_assert_msg(forms[_i].json == NULL || strcmp((const char *)out.at, forms[_i].json) == 0, "%s:\n%s", row->name,
                  (const char *)out.at);
    buf_clear(&out);
    outcome_clear(&o);
    registry_free(r);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_told_as_people_are_told_them)
{
    static const char frame[] = "##0047ST=31;CN=2011;MN=\xc4\xe3;CP=&&DataTime=20201102081500&&";
    struct row row = {.form = "hj212", .is_named = false, .payload = frame};
    struct outcome o = {0};
    struct outcome_terms terms;
    struct buf out = {0};
    struct message m = {0};

    ck_assert_int_eq(tell(&row, NULL, &o, &terms), OUTCOME_REFUSED);
    message_add_measurement(&m)->monitor = (struct span){"\xc4\xe3", 2};
    message_add_reading(&m)->name = (struct span){"\xb6\xfe", 2};
    o.message = m; /* as a form may fill it */
    o.row = calloc(1, sizeof(*o.row));
    outcome_write_json(&o, 0, &out);
    outcome_write_text(&o, &out);
    buf_add(&out, "", 1);
    ck_assert_ptr_nonnull(strstr((const char *)out.at, "{\"verdict\":\"refused\",\"measurements\":[{\"monitor\":\"\\u005cxc4\\u005cxe3\""));
    ck_assert_ptr_nonnull(strstr((const char *)out.at, "\\xb6\\xfe"));
    buf_clear(&out);
    outcome_clear(&o);
}
END_TEST

START_TEST(the_largest_message)
{
    struct row row = {.form = "json", .is_named = true, .names = TOPIC};
    struct outcome o = {0};
    struct outcome_terms terms;
    struct buf payload = {0};

    buf_add_text(&payload, "{\"time\":\"2020-11-02T08:15:00Z\",\"readings\":{");
    for (int i = 0; i < MESSAGE_READINGS_MOST; i++) {
        char reading[32];
        snprintf(reading, sizeof(reading), "%s\"n%d\":%d", i > 0 ? "," : "", i, i);
        buf_add_text(&payload, reading);
    }
    buf_add(&payload, "}}", 3);
    row.payload = (const char *)payload.at;
    ck_assert_int_eq(tell(&row, NULL, &o, &terms), OUTCOME_IN_PART); /* no feed has so many series */
    ck_assert_uint_eq(o.readings, REGISTRY_SLOTS);
    ck_assert_uint_eq(o.reason_count, MESSAGE_READINGS_MOST - REGISTRY_SLOTS);
    buf_clear(&payload);
    outcome_clear(&o);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("outcome");
    TCase *t = tcase_create("outcome");
    tcase_add_loop_test(t, a_person_reads_what_would_become_of_it, 0, (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_loop_test(t, in_lines_and_for_machines, 0, (int)(sizeof(forms) / sizeof(forms[0])));
    tcase_add_test(t, bytes_that_are_no_text_are_told_as_people_are_told_them);
    tcase_add_test(t, the_largest_message);
    suite_add_tcase(s, t);
    return s;
}
