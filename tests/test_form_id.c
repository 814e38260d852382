/* form: what a message calls itself, in the forms that have names. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "runner.h"

#define OF_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct row {
    const char *name, *form, *payload, *wanted;
} rows[] = {
    {"a text", "json", "{\"id\":\"a-1\",\"time\":1}", "\"id\":\"a-1\""},
    {"a number", "json", "{\"time\":\"x\", \"id\" : 17 }", "\"id\":17"},
    {"zero", "json", "{\"id\":0}", "\"id\":0"},
    {"below zero", "json", "{\"id\":-5,\"a\":1}", "\"id\":-5"},
    {"blanks", "json", " \r\n\t{ \"id\"\t:\n\"b\" }", "\"id\":\"b\""},
    {"last", "json", "{\"readings\":{\"a\":{\"value\":1}},\"x\":[1,2],\"id\":\"z\"}", "\"id\":\"z\""},
    {"the longest", "json", "{\"id\":\"" OF_64 "\"}", "\"id\":\"" OF_64 "\""},
    {"Chinese", "json", "{\"id\":\"\xe5\xb7\xa5\"}", "\"id\":\"\xe5\xb7\xa5\""},
    {"cut behind it", "json", "{\"id\":\"a\",\"readi", "\"id\":\"a\""},
    {"the first of two", "json", "{\"id\":\"a\",\"id\":\"b\"}", "\"id\":\"a\""},
    {"an agency's", "statement", "{\"id\":\"s1\"}", "\"id\":\"s1\""},
    {"none", "json", "{\"monitor\":\"m\"}", ""},
    {"deeper", "json", "{\"readings\":{\"id\":\"a\"}}", ""},
    {"as a value", "json", "{\"a\":\"id\",\"b\":\"id\"}", ""},
    {"within a text", "json", "{\"a\":\"\\\"id\\\":1\"}", ""},
    {"within a list", "json", "{\"a\":[\"id\",\"b\"]}", ""},
    {"another name", "json", "{\"idx\":\"a\",\"ID\":\"b\",\"i\":1}", ""},
    {"empty", "json", "{\"id\":\"\"}", ""},
    {"too long", "json", "{\"id\":\"" OF_64 "x\"}", ""},
    {"an escape", "json", "{\"id\":\"a\\u0041\"}", ""},
    {"a line end", "json", "{\"id\":\"a\nb\"}", ""},
    {"no UTF-8", "json", "{\"id\":\"a\xff\"}", ""},
    {"a fraction", "json", "{\"id\":1.5}", ""},
    {"leading zeros", "json", "{\"id\":007}", ""},
    {"a sign alone", "json", "{\"id\":-}", ""},
    {"19 digits", "json", "{\"id\":1234567890123456789}", ""},
    {"null", "json", "{\"id\":null}", ""},
    {"an object", "json", "{\"id\":{\"id\":1}}", ""},
    {"no colon", "json", "{\"id\" \"a\"}", ""},
    {"cut in it", "json", "{\"id\":\"a", ""},
    {"cut before it", "json", "{\"id\":", ""},
    {"cut at a backslash", "json", "{\"id\":\"a\\", ""},
    {"no JSON", "json", "id: a", ""},
    {"nothing", "json", "", ""},
    {"blanks alone", "json", "  ", ""},
    {"a list", "json", "[{\"id\":\"a\"},{\"x\":{},\"id\":2}]", "\"ids\":[\"a\",2]"},
    {"a list of one", "json", " [ {\"id\":\"a\"} ] ", "\"ids\":[\"a\"]"},
    {"a list, one has none", "json", "[{\"id\":\"a\"},{\"x\":1}]", ""},
    {"a list, the first has none", "json", "[{\"x\":1},{\"id\":\"a\"}]", ""},
    {"a list with a list in it", "json", "[{\"id\":\"a\"},[\"id\"]]", ""},
    {"a list, deeper", "json", "[{\"x\":{\"id\":\"a\"}}]", ""},
    {"a list, cut", "json", "[{\"id\":\"a\"},{\"id\":\"b\"}", ""},
    {"an empty list", "json", "[]", ""},
    {"a frame", "hj212", "##0101QN=20200828191000000;ST=27;CN=2011;CP=&&&&B981", "\"id\":\"20200828191000000\""},
    {"a frame, later in its header", "hj212", "##0101ST=27,QN=1a;CP=&&&&", "\"id\":\"1a\""},
    {"a frame without CP", "hj212", "##0101QN=12", "\"id\":\"12\""},
    {"a frame without QN", "hj212", "##0101ST=27;CN=2011;CP=&&&&", ""},
    {"a frame, QN in its data", "hj212", "##0101ST=27;CP=&&QN=12;&&", ""},
    {"a frame, another field", "hj212", "##0101XQN=12;CP=&&", ""},
    {"a frame, QN empty", "hj212", "##0101QN=;CP=&&", ""},
    {"a frame, QN that breaks out", "hj212", "##0101QN=1\",\"x\":\"2;CP=&&", ""},
    {"a frame, QN in small letters", "hj212", "##0101st=27;qn=12;CP=&&&&", "\"id\":\"12\""},
    {"a frame, blanks and a line end around it", "hj212", " \r\n##0101ST=27;QN=12\r\n", "\"id\":\"12\""},
    {"a frame, two names", "hj212", "##0101QN=12;QN=13;CP=&&&&", ""},
    {"no frame", "hj212", "QN=12", ""},
    {"no frame, empty", "hj212", "", ""},
};

static void
identify(const struct row *row, const char *payload, size_t size, struct buf *out)
{
    char *copy = malloc(size + 1); /* so that reading past its end is found */
    memcpy(copy, payload, size);
    buf_add_text(out, "{");
    form_find(row->form)->identify(copy, size, out);
    buf_add_text(out, "}");
    free(copy);
}

START_TEST(a_message_is_known_by_its_own_name)
{
    const struct row *row = &rows[_i];
    struct buf out = {0};
    size_t size = strlen(row->payload);

    identify(row, row->payload, size, &out);
    bool is_same = out.size == strlen(row->wanted) + 2 && memcmp(out.at + 1, row->wanted, out.size - 2) == 0;
    ck_assert_msg(is_same, "%s: %.*s", row->name, (int)out.size, (const char *)out.at);
    buf_clear(&out);
}
END_TEST

START_TEST(a_nul_ends_no_number)
{
    const struct row row = {.form = "json"};
    static const char payload[] = "{\"id\":12\0,\"a\":1}";
    struct buf out = {0};

    identify(&row, payload, sizeof(payload) - 1, &out);
    ck_assert_uint_eq(out.size, 2);
    buf_clear(&out);
}
END_TEST

/* Cut and changed anywhere: what is said is JSON. */
START_TEST(what_is_said_is_json)
{
    uint32_t random = 7;
    struct buf out = {0};

    for (int i = 0; i < 60000; i++) {
        const struct row *row = &rows[(size_t)i % (sizeof(rows) / sizeof(rows[0]))];
        char bytes[256];
        size_t size = strlen(row->payload);
        memcpy(bytes, row->payload, size + 1);
        for (int n = 0; n < 2 && size > 0; n++) {
            static const char some[] = "\"{}[],:\\id\x01\xff\xc3 0-=;#\n";
            random = random * 1664525u + 1013904223u;
            bytes[(random >> 8) % size] = some[(random >> 24) % (sizeof(some) - 1)];
        }
        random = random * 1664525u + 1013904223u;
        if (i % 3 == 0)
            size = (random >> 8) % (size + 1);
        buf_empty(&out);
        identify(row, bytes, size, &out);
        json_t *json = json_loadb((const char *)out.at, out.size, 0, NULL);
        ck_assert_msg(json != NULL, "%.*s gives %.*s", (int)size, bytes, (int)out.size, (const char *)out.at);
        json_decref(json);
    }
    buf_clear(&out);
}
END_TEST

START_TEST(a_list_says_no_more_than_it_may)
{
    const struct row row = {.form = "json"};
    struct buf payload = {0}, out = {0};

    buf_add_text(&payload, "[{\"id\":1000}");
    while (payload.size < 16384)
        buf_add_text(&payload, ",{\"id\":1000}");
    buf_add_text(&payload, "]");
    identify(&row, (const char *)payload.at, payload.size, &out);
    ck_assert_uint_eq(out.size, 2);
    buf_clear(&payload);
    buf_clear(&out);
}
END_TEST

START_TEST(senml_has_no_names)
{
    ck_assert_ptr_null(form_find("senml")->identify);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("form_id");
    TCase *t = tcase_create("form_id");
    tcase_add_loop_test(t, a_message_is_known_by_its_own_name, 0, (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_test(t, what_is_said_is_json);
    tcase_add_test(t, a_list_says_no_more_than_it_may);
    tcase_add_test(t, a_nul_ends_no_number);
    tcase_add_test(t, senml_has_no_names);
    suite_add_tcase(s, t);
    return s;
}
