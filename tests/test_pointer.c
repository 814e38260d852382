#include <check.h>
#include <stdio.h>
#include <string.h>

#include "pointer.h"
#include "runner.h"

static const struct {
    const char *text;
    enum pointer_from from;
    const char *steps; /* joined by "|", a star as "*", an index with "#" before it; or the reason */
} rows[] = {
    {"/a/b", POINTER_TOP, "a|b"},      {"./a", POINTER_HERE, "a"},         {".", POINTER_HERE, ""},
    {"/", POINTER_TOP, ""},            {"/ts ", POINTER_TOP, "ts "},       {"/*/*", POINTER_TOP, "*|*"},
    {"/a/*/b", POINTER_TOP, "a|*|b"},  {"/0/10", POINTER_TOP, "#0|#10"},   {"/01", POINTER_TOP, "01"},
    {"/a~1b/~0c", POINTER_TOP, "a/b|~c"}, {"/~01", POINTER_TOP, "~1"},     {"/a*", POINTER_TOP, "a*"},
    {"*", POINTER_NAME, ""},           {"word", POINTER_WORD, ""},         {".a", POINTER_WORD, ""},
    {"a/b", POINTER_WORD, ""},         {"/1/2/3/4/5/6/7/8", POINTER_TOP, "#1|#2|#3|#4|#5|#6|#7|#8"},
    {"/二", POINTER_TOP, "二"},        {"./a/", POINTER_HERE, "a|"},
    {"", POINTER_NOWHERE, "empty (the payload itself is \".\")"},
    {"/a~b", POINTER_NOWHERE, "\"/a~b\": \"~\" in a name is written \"~0\", and \"/\" in it \"~1\""},
    {"/a~", POINTER_NOWHERE, "\"/a~\": \"~\" in a name is written"},
    {"/1/2/3/4/5/6/7/8/9", POINTER_NOWHERE, "\"/1/2/3/4/5/6/7/8/9\": more than 8 levels"},
};

START_TEST(a_text_is_a_place_or_why_not)
{
    struct pointer p = {0};
    struct reason why = {""};
    char steps[128] = "";

    if (!pointer_parse(rows[_i].text, &p, &why)) {
        ck_assert_msg(rows[_i].from == POINTER_NOWHERE && p.from == POINTER_NOWHERE, "%s", why.text);
        ck_assert_msg(strncmp(why.text, rows[_i].steps, strlen(rows[_i].steps)) == 0, "%s", why.text);
        return;
    }
    for (size_t i = 0; i < p.steps; i++) {
        const struct pointer_step *s = &p.step[i];
        size_t used = strlen(steps);
        snprintf(steps + used, sizeof(steps) - used, "%s%s%s", i > 0 ? "|" : "", s->is_index ? "#" : "",
                 s->name != NULL ? s->name : "*");
    }
    ck_assert_int_eq(p.from, rows[_i].from);
    ck_assert_str_eq(steps, rows[_i].steps);
    ck_assert_str_eq(p.text, rows[_i].text);
    pointer_clear(&p);
}
END_TEST

static const struct {
    const char *text, *front, *name;
} beyond_rows[] = {
    {"./a/b", "./*", "a"},       {"./a", "./*", "a"},     {"./v/a/b", "./v/*", "a"}, {"./w/a", "./v/*", NULL},
    {"./a", "./v/*", NULL},      {"/a", "./*", NULL},     {"./*", "./*", NULL},      {"./v", ".", NULL},
    {"./x/y/a", "./*/y/*", NULL}, {"./a", "./a", NULL},
};

START_TEST(one_goes_on_behind_another)
{
    struct pointer p = {0}, front = {0};
    ck_assert(pointer_parse(beyond_rows[_i].text, &p, NULL) && pointer_parse(beyond_rows[_i].front, &front, NULL));
    const char *name = pointer_beyond(&p, &front);
    ck_assert_msg((name == NULL) == (beyond_rows[_i].name == NULL), "%s", beyond_rows[_i].text);
    ck_assert(name == NULL || strcmp(name, beyond_rows[_i].name) == 0);
    pointer_clear(&p);
    pointer_clear(&front);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("pointer");
    TCase *t = tcase_create("pointer");
    tcase_add_loop_test(t, a_text_is_a_place_or_why_not, 0, (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_loop_test(t, one_goes_on_behind_another, 0, (int)(sizeof(beyond_rows) / sizeof(beyond_rows[0])));
    suite_add_tcase(s, t);
    return s;
}
