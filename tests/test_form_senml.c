#include <check.h>
#include <jansson.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "form_cases.h"
#include "form_senml.h"
#include "runner.h"

#define CASES_LEAST 90
#define EXAMPLES "mqtt/senml-rfc8428-examples.jsonl"
#define EXAMPLES_WANTED 14

#define GOOD                                                                                                 \
    "[{\"bn\":\"urn:dev:ow:1:\",\"bt\":1604276100,\"bv\":1,\"bver\":5,\"n\":\"a21026\",\"u\":\"mg/"          \
    "m3\",\"v\":12.31},"                                                                                     \
    "{\"n\":\"a21002\",\"t\":-5,\"v\":35}]"

START_TEST(every_case_comes_out_as_expected)
{
    cases_run(form_find("senml"), CASES_LEAST);
}
END_TEST

START_TEST(a_payload_cut_anywhere_is_refused)
{
    struct message m = {0};
    struct reason why;

    for (size_t size = 0; size < sizeof(GOOD); size++) {
        char *cut = malloc(size + 1); /* so that reading past its end is found */
        memcpy(cut, GOOD, size);
        bool ok = form_senml_decode(cut, size, &m, &why);
        ck_assert_msg(ok == (size == sizeof(GOOD) - 1), "cut at %zu: %s", size, ok ? "taken" : why.text);
        message_empty(&m);
        free(cut);
    }
    message_clear(&m);
}
END_TEST

/* A good payload with bytes changed, dropped and doubled by chance, always the same. */
START_TEST(whatever_comes_is_answered_decently)
{
    static const char spice[] = "{}[]\",:\\u0-+.eE9nN_/bvt\xff\xe7\x80\x00\x1b";
    unsigned seed = 1;
    struct message m = {0};

    for (int round = 0; round < 30000; round++) {
        char payload[512];
        size_t size = sizeof(GOOD) - 1;
        memcpy(payload, GOOD, size);
        for (int change = round % 4; change >= 0; change--) {
            seed = seed * 1103515245u + 12345u;
            size_t at = (seed >> 8) % size;
            if (seed >> 30 == 0)
                memmove(payload + at, payload + at + 1, --size - at);
            else if (seed >> 30 == 1)
                memmove(payload + at + 1, payload + at, size++ - at);
            else
                payload[at] = spice[(seed >> 4) % (sizeof(spice) - 1)];
        }
        struct reason why = {""};
        m.is_named = round % 2 == 0;
        bool ok = form_senml_decode(payload, size, &m, &why);
        ck_assert_msg(ok || case_is_decent(&why), "round %d: %s", round, why.text);
        ck_assert_msg(!ok || m.measurements > 0 || m.faults > 0, "round %d: nothing came of it", round);
        ck_assert_msg(m.faults == 0 || case_is_decent(&m.first_fault), "round %d: %s", round,
                      m.first_fault.text);
        message_empty(&m);
    }
    message_clear(&m);
}
END_TEST

static void
fill(struct buf *out, int records)
{
    buf_empty(out);
    for (int i = 0; i < records; i++)
        case_line(out, "%c{\"n\":\"a%d\",\"t\":%d,\"v\":1}", i == 0 ? '[' : ',', i, i % 7);
    buf_add_text(out, "]");
}

START_TEST(as_many_records_as_readings_may_be)
{
    struct buf payload = {0};
    struct message m = {0};
    struct reason why;

    fill(&payload, 1024);
    ck_assert(form_senml_decode(payload.at, payload.size, &m, &why));
    ck_assert_uint_eq(m.measurements, 7);
    ck_assert_uint_eq(m.readings, 1024);
    message_empty(&m);
    fill(&payload, 1025);
    ck_assert(!form_senml_decode(payload.at, payload.size, &m, &why));
    ck_assert_str_eq(why.text, "more than 1024 readings");
    message_clear(&m);
    buf_clear(&payload);
}
END_TEST

START_TEST(nothing_is_left_behind)
{
    static const char *const payloads[] = {GOOD,          "{}", "[", "[1]", "[{\"n\":\"a\",\"vs\":\"\"}]",
                                           "[{\"a_\":1}]"};
    struct message m = {0};
    struct reason why;
    size_t before = 0;

    for (int round = 0; round < 20000; round++) {
        const char *payload = payloads[round % 6];
        form_senml_decode(payload, strlen(payload), &m, &why);
        message_empty(&m);
        if (round == 1000)
            before = mallinfo2().uordblks;
    }
    ck_assert_uint_eq(mallinfo2().uordblks, before);
    message_clear(&m);
}
END_TEST

/* Seconds from the arrival, and whose it is from the topic: what the batch must tell the form. */
START_TEST(a_batch_tells_arrival_and_topic)
{
    static const char conf_text[] = "broker \"b\" { host = \"127.0.0.1\" }\n"
                                    "feed \"f\" { topic = \"senml/{monitor}\" form = senml }\n";
    static const char payload[] = "[{\"n\":\"urn:dev:1:a21002\",\"t\":-60,\"v\":3}]";
    static const char absolute[] = "[{\"n\":\"urn:dev:1:a21002\",\"t\":1320078420,\"v\":3}]";
    struct batch batch = {0};
    struct reason why;
    struct conf *conf = conf_parse("test", conf_text, &why);
    ck_assert_msg(conf != NULL, "%s", why.text);
    struct catalogue *catalogue = catalogue_new();
    struct monitor *m = registry_add_monitor(catalogue->registry, "M1", "P1", "north", 28800);
    struct feed *f = registry_add_feed(catalogue->registry, m, 1, PERIOD_REALTIME);
    f->last.us = 0;
    registry_add_slot(catalogue->registry, f, 0, "a21002", "mg/m3");
    struct record r = {.position = 100,
                       .arrived = {CASE_ARRIVED_US},
                       .kind = RECORD_MESSAGE,
                       .broker = "b",
                       .broker_size = 1,
                       .topic = "senml/M1",
                       .topic_size = 8,
                       .payload = (const unsigned char *)payload,
                       .payload_size = sizeof(payload) - 1};

    batch_begin(&batch, conf, false, (struct instant){0});
    batch_take(&batch, conf, catalogue, 1, &r);
    ck_assert_msg(batch.reject_rows == 0, "%s", batch.message.first_fault.text);
    ck_assert_uint_eq(batch.readings, 1);
    ck_assert_int_eq(f->last.us, CASE_ARRIVED_US - 60000000);
    ck_assert_msg(batch.message.is_by_arrival, "the same bytes, come again, are of another time");
    r.payload = (const unsigned char *)absolute;
    r.payload_size = sizeof(absolute) - 1;
    batch_take(&batch, conf, catalogue, 1, &r);
    ck_assert_msg(!batch.message.is_by_arrival, "they say their time");
    batch_clear(&batch);
    catalogue_free(catalogue);
    conf_free(conf);
}
END_TEST

/* Is there such a reading: "bn:n" is its monitor, one character, and its name. */
static bool
has(const struct message *m, const char *name, double time_s, double value, const char *unit)
{
    for (size_t i = 0; i < m->measurements; i++) {
        const struct measurement *me = &m->measurement[i];
        for (size_t n = me->first; n < me->first + me->count; n++) {
            const struct reading *r = &m->reading[n];
            if (fabs((double)me->at.us / 1e6 - time_s) < 1e-6 && r->value == value &&
                strlen(name) == me->monitor.size + 1 + r->name.size &&
                memcmp(name, me->monitor.at, me->monitor.size) == 0 &&
                memcmp(name + me->monitor.size + 1, r->name.at, r->name.size) == 0 &&
                r->unit.size == strlen(unit) && memcmp(r->unit.at, unit, r->unit.size) == 0)
                return true;
        }
    }
    return false;
}

/* Returns how many readings came of it. */
static size_t
check_example(const json_t *example)
{
    const char *source = json_string_value(json_object_get(example, "source"));
    const char *text = json_string_value(json_object_get(example, "text"));
    struct message m = {.arrived = {CASE_ARRIVED_US}};
    struct reason why;
    size_t index, numbers = 0;
    json_t *record;

    /* As printed, but for the one that is printed without its end. */
    char *payload = strstr(text, "...") == NULL ? strdup(text)
                                                : json_dumps(json_object_get(example, "pack"), JSON_REAL_PRECISION(17));
    ck_assert_msg(form_senml_decode(payload, strlen(payload), &m, &why), "%s: %s", source, why.text);
    json_array_foreach(json_object_get(example, "resolved"), index, record)
    {
        const json_t *value = json_object_get(record, "v");
        if (value == NULL)
            continue;
        numbers++;
        ck_assert_msg(has(&m, json_string_value(json_object_get(record, "n")),
                          json_number_value(json_object_get(record, "t")), json_number_value(value),
                          json_string_value(json_object_get(record, "u"))),
                      "%s: record %zu is not there", source, index);
    }
    ck_assert_msg(m.readings == numbers, "%s: %zu readings, not %zu", source, m.readings, numbers);
    ck_assert_msg(m.faults == index - numbers, "%s: %zu faults", source, m.faults);
    message_clear(&m);
    free(payload);
    return numbers;
}

/* The examples of RFC 8428 with their resolved form, where they are at hand. */
START_TEST(the_examples_of_the_rfc_are_resolved)
{
    FILE *f = case_open(EXAMPLES);
    char line[16384];
    int examples = 0;
    size_t readings = 0;

    if (f == NULL)
        return;
    while (fgets(line, sizeof(line), f) != NULL) {
        json_t *example = json_loads(line, 0, NULL);
        ck_assert_ptr_nonnull(example);
        readings += check_example(example);
        json_decref(example);
        examples++;
    }
    fclose(f);
    ck_assert_int_eq(examples, EXAMPLES_WANTED);
    printf("RFC 8428: %d packs, %zu readings as they resolve\n", examples, readings);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("form_senml");
    TCase *t = tcase_create("form_senml");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_case_comes_out_as_expected);
    tcase_add_test(t, a_payload_cut_anywhere_is_refused);
    tcase_add_test(t, whatever_comes_is_answered_decently);
    tcase_add_test(t, as_many_records_as_readings_may_be);
    tcase_add_test(t, nothing_is_left_behind);
    tcase_add_test(t, a_batch_tells_arrival_and_topic);
    tcase_add_test(t, the_examples_of_the_rfc_are_resolved);
    suite_add_tcase(s, t);
    return s;
}
