#include <check.h>
#include <locale.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "form.h"
#include "form_cases.h"
#include "form_json.h"
#include "runner.h"

#define CASES_LEAST 86

#define GOOD                                                                                                 \
    "{\"monitor\":\"88888880000001\",\"time\":\"2020-11-02T08:15:00+08:00\",\"period\":\"minute\","          \
    "\"readings\":{\"a21026\":12.31,\"a21002\":{\"value\":35.0,\"mark\":\"N\",\"unit\":\"mg/m3\"}}}"
#define HEAD "{\"time\":\"2020-11-02T08:15:00+08:00\",\"readings\":"

START_TEST(every_case_comes_out_as_expected)
{
    cases_run(form_find("json"), CASES_LEAST);
}
END_TEST

START_TEST(a_payload_cut_anywhere_is_refused)
{
    static const char whole[] = GOOD " \r\n";
    size_t end = sizeof(GOOD) - 1;
    struct message m = {0};
    struct reason why;

    for (size_t size = 0; size < sizeof(whole); size++) {
        char *cut = malloc(size + 1); /* so that reading past its end is found */
        memcpy(cut, whole, size);
        bool ok = form_json_decode(cut, size, &m, &why);
        ck_assert_msg(ok == (size >= end), "cut at %zu of %zu: %s", size, end, ok ? "taken" : why.text);
        ck_assert_msg(ok || case_is_decent(&why), "cut at %zu: %s", size, why.text);
        ck_assert_uint_eq(m.faults, 0);
        message_empty(&m);
        free(cut);
    }
    message_clear(&m);
}
END_TEST

/* Payloads too large for a directory: `count` times `each` between `front` and `back`; %d is its number. */
static const struct made_row {
    const char *name;
    const char *front, *each, *back;
    int count;
    const char *came; /* how what came of it begins */
} made_rows[] = {
    {"2048 nested arrays", "", "[", "", 2048, "refused: nested deeper than 8, at byte 9"},
    {"65536 nested arrays", "", "[", "", 65536, "refused: nested deeper than 8, at byte 9"},
    {"a million brackets", "", "[", "", 1000000,
     "refused: payload of 1000000 bytes: at most 65536 are taken"},
    {"3000 nested objects", "", "{\"a\":", "1", 3000, "refused: nested deeper than 8, at byte 41"},
    {"brackets in a text", HEAD "{\"a\":1},\"x\":\"", "[{", "\"}", 30000, "measurement"},
    {"64 KiB of zeros", "[0", ",0", "]", 32766, "refused: more than 1024 readings"},
    {"64 KiB of objects", "[{}", ",{}", "]", 21844, "refused: more than 1024 readings"},
    {"1024 zeros", "[0", ",0", "]", 1023, "faults 1024: [0]: not an object but a number"},
    {"1024 readings", HEAD "{\"a\":0", ",\"a%d\":1", "}}", 1023, "measurement - \"2020"},
    {"1025 readings", HEAD "{\"a\":0", ",\"a%d\":1", "}}", 1024, "refused: more than 1024 readings"},
    {"5501 readings", HEAD "{\"a\":0", ",\"a%d\":1", "}}", 5500, "refused: more than 1024 readings"},
    {"5501 readings, all wrong", HEAD "{\"a\":0", ",\"%d\":\"\"", "}}", 5500,
     "refused: more than 1024 readings"},
    {"1024 readings of 512", "[" HEAD "{\"x\":1,\"y\":2}}", "," HEAD "{\"x\":1,\"y\":2}}", "]", 511,
     "measurement"},
    {"1025 readings of 512", "[" HEAD "{\"x\":1,\"y\":2,\"z\":3}}", "," HEAD "{\"x\":1,\"y\":2}}", "]", 511,
     "refused: more than 1024 readings"},
    {"a text of 60 KiB for a value", HEAD "{\"a\":\"", "x", "\"}}", 60000,
     "faults 1: \"readings\".\"a\": not a number but a text: "
     "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxx...\" (send it without quotes)\n"},
    {"a name of 60 KiB", HEAD "{\"", "x", "\":1}}", 60000, "measurement"},
    {"a number of 60 KiB", HEAD "{\"a\":", "9", "}}", 60000,
     "refused: not JSON: line 1, column 60052: number too large"},
    {"a small number of 60 KiB", HEAD "{\"a\":0.", "0", "1}}", 60000, "measurement"},
    {"nothing but blanks", "", " ", "", 70000, "refused: empty payload"},
    {"65536 bytes", HEAD "{\"a\":1}}", " ", "", 65481, "measurement"},
    {"65537 bytes", HEAD "{\"a\":1}}", " ", "", 65482,
     "refused: payload of 65537 bytes: at most 65536 are taken"},
    {"escapes without an end", "[\"", "\\", "", 65001,
     "refused: not JSON: line 1, column 65003: invalid escape"},
};

static void
make(const struct made_row *row, struct buf *out)
{
    const char *number = strstr(row->each, "%d");

    buf_add_text(out, row->front);
    for (int i = 0; i < row->count; i++) {
        if (number == NULL) {
            buf_add_text(out, row->each);
        } else {
            buf_add(out, row->each, (size_t)(number - row->each));
            case_line(out, "%d%s", i, number + 2);
        }
    }
    buf_add_text(out, row->back);
}

START_TEST(what_is_huge_is_refused_or_borne)
{
    const struct made_row *row = &made_rows[_i];
    struct buf payload = {0}, got = {0};

    make(row, &payload);
    case_decode(form_find("json"), payload.at, payload.size, true, &got);
    ck_assert_msg(strncmp((const char *)got.at, row->came, strlen(row->came)) == 0, "%s (%zu bytes): %.200s",
                  row->name, payload.size, (const char *)got.at);
    buf_clear(&payload);
    buf_clear(&got);
}
END_TEST

/* A good payload with bytes changed, dropped and doubled by chance, always the same. */
START_TEST(whatever_comes_is_answered_decently)
{
    static const char spice[] = "{}[]\",:\\u0-+.eE9nN#\xff\xe7\x80\x00\x1b";
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
        bool ok = form_json_decode(payload, size, &m, &why);
        ck_assert_msg(ok || case_is_decent(&why), "round %d: %s", round, why.text);
        ck_assert_msg(!ok || m.measurements > 0 || m.faults > 0, "round %d: nothing came of it", round);
        ck_assert_msg(m.faults == 0 || case_is_decent(&m.first_fault), "round %d: %s", round, m.first_fault.text);
        message_empty(&m);
    }
    message_clear(&m);
}
END_TEST

START_TEST(a_comma_locale_changes_nothing)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < 4 && setlocale(LC_NUMERIC, locales[i]) == NULL; i++)
        ;
    struct message m = {0};
    ck_assert(form_json_decode(GOOD, sizeof(GOOD) - 1, &m, NULL));
    ck_assert_double_eq(m.reading[0].value, 1231.0 / 100);
    message_clear(&m);
    setlocale(LC_NUMERIC, "C");
}
END_TEST

/* The tree goes with the message: nothing is left of a hundred thousand of them, good or bad. */
START_TEST(nothing_is_left_behind)
{
    static const char *const payloads[] = {
        GOOD, "[" GOOD "," GOOD "]", "{\"a\":", "[1]", HEAD "{\"a\":\"1\"}}", "[[[[[[[[["};
    struct message m = {0};
    struct reason why;
    size_t before = 0;

    for (int round = 0; round < 20000; round++) {
        const char *payload = payloads[round % 6];
        form_json_decode(payload, strlen(payload), &m, &why);
        message_empty(&m);
        if (round == 1000)
            before = mallinfo2().uordblks;
    }
    ck_assert_uint_eq(mallinfo2().uordblks, before);
    message_clear(&m);
}
END_TEST

START_TEST(the_form_is_in_the_table)
{
    ck_assert_ptr_nonnull(form_find("json"));
    ck_assert_ptr_eq(form_find("json")->decode, form_json_decode);
    ck_assert_ptr_null(form_find("JSON"));
    ck_assert_ptr_null(form_find(""));
    ck_assert_ptr_null(form_find("xml"));
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("form_json");
    TCase *t = tcase_create("form_json");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_case_comes_out_as_expected);
    tcase_add_test(t, a_payload_cut_anywhere_is_refused);
    tcase_add_loop_test(t, what_is_huge_is_refused_or_borne, 0,
                        (int)(sizeof(made_rows) / sizeof(made_rows[0])));
    tcase_add_test(t, whatever_comes_is_answered_decently);
    tcase_add_test(t, a_comma_locale_changes_nothing);
    tcase_add_test(t, nothing_is_left_behind);
    tcase_add_test(t, the_form_is_in_the_table);
    suite_add_tcase(s, t);
    return s;
}
