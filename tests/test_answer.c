/* answer: sent, another time, or never. */
#include <check.h>
#include <inttypes.h>
#include <string.h>

#include "answer.h"
#include "runner.h"

#define NO_RULE {NULL, NULL}
#define WECOM {"/errcode", "0"}

static const struct row {
    const char *name;
    struct {
        const char *pointer, *value;
    } rule;
    long status;
    const char *body;
    enum answer_verdict verdict;
    const char *words;
} rows[] = {
    {"good", NO_RULE, 200, "", ANSWER_SENT, "HTTP 200"},
    {"no content", NO_RULE, 204, "", ANSWER_SENT, "HTTP 204"},
    {"moved", NO_RULE, 302, "there", ANSWER_LATER, "HTTP 302: there"},
    {"not so", NO_RULE, 400, "no such number", ANSWER_REFUSED, "HTTP 400: no such number"},
    {"not you", NO_RULE, 401, "", ANSWER_REFUSED, "HTTP 401"},
    {"too slow", NO_RULE, 408, "", ANSWER_LATER, "HTTP 408"},
    {"too many", NO_RULE, 429, "slow down", ANSWER_LATER, "HTTP 429: slow down"},
    {"broken", NO_RULE, 500, "", ANSWER_LATER, "HTTP 500"},
    {"away", NO_RULE, 503, "", ANSWER_LATER, "HTTP 503"},
    {"no status", NO_RULE, 0, "", ANSWER_LATER, "HTTP 0"},
    {"taken", WECOM, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", ANSWER_SENT, "HTTP 200: {\"errcode\":0,\"errmsg\":\"ok\"}"},
    {"a string of it", WECOM, 200, "{\"errcode\":\"0\"}", ANSWER_SENT, NULL},
    {"not taken", WECOM, 200, "{\"errcode\":45009}", ANSWER_LATER,
     "no /errcode of \"0\": HTTP 200: {\"errcode\":45009}"},
    {"nothing there", WECOM, 200, "{}", ANSWER_LATER, "no /errcode of \"0\": HTTP 200: {}"},
    {"no JSON", WECOM, 200, "<html>", ANSWER_LATER, "no /errcode of \"0\": HTTP 200: <html>"},
    {"JSON cut", WECOM, 200, "{\"errcode\":0", ANSWER_LATER, NULL},
    {"JSON and more", WECOM, 200, "{\"errcode\":0} x", ANSWER_LATER, NULL},
    {"said twice", WECOM, 200, "{\"errcode\":1,\"errcode\":0}", ANSWER_LATER, NULL},
    {"good words do not help a 500", WECOM, 500, "{\"errcode\":0}", ANSWER_LATER, NULL},
    {"deeper", {"/a/1/b~1c", "true"}, 200, "{\"a\":[0,{\"b/c\":true}]}", ANSWER_SENT, NULL},
    {"a name with a tilde", {"/a~0", "x"}, 200, "{\"a~\":\"x\"}", ANSWER_SENT, NULL},
    {"past the list", {"/a/2", "1"}, 200, "{\"a\":[0,1]}", ANSWER_LATER, NULL},
    {"a number with a point", {"/r", "0.5"}, 200, "{\"r\":0.5}", ANSWER_SENT, NULL},
    {"a value alone has no members", {"/a", "1"}, 200, "1", ANSWER_LATER, NULL},
    {"an object is no value", {"/a", "{}"}, 200, "{\"a\":{\"b\":1}}", ANSWER_LATER, NULL},
    {"control characters are not passed on", NO_RULE, 400, "a\r\nb\x1b[2J", ANSWER_REFUSED, "HTTP 400: a  b\\x1b[2J"},
};

START_TEST(a_verdict_and_its_words)
{
    const struct row *row = &rows[_i];
    struct pointer pointer = {0};
    struct reason words;

    ck_assert(row->rule.pointer == NULL || pointer_parse(row->rule.pointer, &pointer, &words));
    struct answer_rule rule = {&pointer, row->rule.value};
    enum answer_verdict verdict = answer_judge(&rule, row->status, row->body, strlen(row->body), &words);
    pointer_clear(&pointer);
    ck_assert_msg(verdict == row->verdict, "%s: %d", row->name, (int)verdict);
    ck_assert_msg(row->words == NULL || strcmp(words.text, row->words) == 0, "%s: %s", row->name, words.text);
}
END_TEST

START_TEST(a_long_answer_is_cut)
{
    char body[100000];
    struct reason words;
    struct pointer nowhere = {0};
    struct answer_rule rule = {&nowhere, NULL};

    memset(body, 'x', sizeof(body));
    ck_assert(answer_judge(&rule, 200, body, sizeof(body), &words) == ANSWER_SENT);
    ck_assert_uint_le(strlen(words.text), 300);
}
END_TEST

static const struct wait_row {
    const char *name;
    long status;
    int64_t retry_after_s, wait_us;
} wait_rows[] = {
    {"too many", 429, 120, 120000000},
    {"away", 503, 1, 1000000},
    {"it does not say", 503, 0, 0},
    {"a date that is over", 429, -3600, 0},
    {"moved: it is not followed, then or now", 302, 120, 0},
    {"taken", 200, 120, 0},
    {"never", 404, 120, 0},
    {"broken", 500, 120, 0},
    {"past all numbers", 429, INT64_MAX, INT64_C(31536000000000000)},
    {"before all numbers", 429, INT64_MIN, 0},
};

START_TEST(how_long_it_does_not_want_to_be_asked)
{
    const struct wait_row *row = &wait_rows[_i];
    int64_t wait_us = answer_wait_us(row->status, row->retry_after_s);
    ck_assert_msg(wait_us == row->wait_us, "%s: %" PRId64, row->name, wait_us);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("answer");
    TCase *t = tcase_create("answer");
    tcase_add_loop_test(t, a_verdict_and_its_words, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, a_long_answer_is_cut);
    tcase_add_loop_test(t, how_long_it_does_not_want_to_be_asked, 0, sizeof(wait_rows) / sizeof(wait_rows[0]));
    suite_add_tcase(s, t);
    return s;
}
