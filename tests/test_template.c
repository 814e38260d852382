/* template: what stands for a name cannot be taken for anything around it. */
#include <check.h>
#include <string.h>

#include "runner.h"
#include "template.h"

static const char *const names[] = {"brief", "json", "key", NULL};

static const struct add_row {
    const char *name;
    enum template_place place;
    const char *text, *brief, *wanted;
} add_rows[] = {
    {"nothing", TEMPLATE_PLAIN, "", "x", ""},
    {"no name", TEMPLATE_PLAIN, "as it is", "x", "as it is"},
    {"plain", TEMPLATE_PLAIN, "<{brief}>", "a\"b", "<a\"b>"},
    {"twice", TEMPLATE_PLAIN, "{brief}{brief}", "ab", "abab"},
    {"JSON around it", TEMPLATE_JSON, "{\"a\":{\"b\":\"{brief}\"},\"c\":{}}", "x", "{\"a\":{\"b\":\"x\"},\"c\":{}}"},
    {"a string is not ended", TEMPLATE_JSON, "{\"b\":\"{brief}\"}", "\",\"to\":\"x",
     "{\"b\":\"\\u0022,\\u0022to\\u0022:\\u0022x\"}"},
    {"backslash and line end", TEMPLATE_JSON, "\"{brief}\"", "a\\\nb", "\"a\\u005c\\u000ab\""},
    {"Chinese in JSON", TEMPLATE_JSON, "\"{brief}\"", "超标", "\"超标\""},
    {"JSON stands as it is", TEMPLATE_JSON, "[{json}]", "x", "[{\"n\":1}]"},
    {"JSON in a form is text", TEMPLATE_URL, "j={json}", "x", "j=%7B%22n%22%3A1%7D"},
    {"a form is not ended", TEMPLATE_URL, "to=1&c={brief}", "a&to=2 %+", "to=1&c=a%26to%3D2%20%25%2B"},
    {"Chinese in a form", TEMPLATE_URL, "c={brief}", "超", "c=%E8%B6%85"},
    {"what stands for a name is not read again", TEMPLATE_PLAIN, "{brief}", "{key}", "{key}"},
    {"not ended", TEMPLATE_PLAIN, "{brief", "x", "{brief"},
    {"no word", TEMPLATE_PLAIN, "{Brief} {brief } {}", "x", "{Brief} {brief } {}"},
    {"brace before it", TEMPLATE_PLAIN, "{{brief}}", "x", "{x}"},
};

START_TEST(names_are_replaced)
{
    const struct add_row *row = &add_rows[_i];
    const struct template_word words[] = {{"brief", row->brief, false}, {"json", "{\"n\":1}", true}, {"key", "K", false}};
    struct buf out = {0};
    struct reason why;

    ck_assert_msg(template_check(row->text, names, &why), "%s: %s", row->name, why.text);
    template_add(&out, row->text, row->place, words, 3);
    buf_add(&out, "", 1);
    ck_assert_msg(strcmp((const char *)out.at, row->wanted) == 0, "%s: %s", row->name, (const char *)out.at);
    buf_clear(&out);
}
END_TEST

START_TEST(a_name_that_is_none_is_refused)
{
    struct reason why;
    ck_assert(!template_check("{\"a\":\"{breif}\"}", names, &why));
    ck_assert_str_eq(why.text, "{breif} stands for nothing here; there are {brief} {json} {key}");
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table[0]))

Suite *
suite(void)
{
    Suite *s = suite_create("template");
    TCase *t = tcase_create("template");
    tcase_add_loop_test(t, names_are_replaced, 0, ROWS(add_rows));
    tcase_add_test(t, a_name_that_is_none_is_refused);
    suite_add_tcase(s, t);
    return s;
}
