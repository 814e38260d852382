#include <check.h>
#include <string.h>

#include "runner.h"
#include "topic.h"

#define TEN "abcdefghi/"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct compile_row {
    const char *text;
    const char *filter; /* NULL: refused */
    const char *why;
} compile_rows[] = {
    {"plants/{region}/{plant}/{monitor}", "plants/+/+/+", NULL},
    {"factory/+/{monitor}/#", "factory/+/+/#", NULL},
    {"{monitor}", "+", NULL},
    {"indicators/{agency}", "indicators/+", NULL},
    {"#", "#", NULL},
    {"a", "a", NULL},
    {"a//b", "a//b", NULL},
    {"/{monitor}/", "/+/", NULL},
    {"\xe5\x8e\x82/{monitor}", "\xe5\x8e\x82/+", NULL},
    {"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/{monitor}", "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/+", NULL},
    {"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", NULL,
     "topic \"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17\": more than 16 levels"},
    {LONG "/" LONG "/" LONG "/" LONG "xx", NULL, "topic of 261 bytes: at most 255 are taken"},
    {"", NULL, "empty topic"},
    {"a\xff", NULL, "topic \"a\\xff\" is not UTF-8"},
    {"a/#/b", NULL, "topic \"a/#/b\": # must be the last level"},
    {"a+/b", NULL, "topic \"a+/b\": \"a+\": + and # must be levels of their own"},
    {"a/b#", NULL, "topic \"a/b#\": \"b#\": + and # must be levels of their own"},
    {"{monitor}/{monitor}", NULL, "topic \"{monitor}/{monitor}\": {monitor} stands twice"},
    {"{plant}/x/{plant}", NULL, "topic \"{plant}/x/{plant}\": {plant} stands twice"},
    {"{region}/{region}", NULL, "topic \"{region}/{region}\": {region} stands twice"},
    {"a/{moniter}", NULL,
     "topic \"a/{moniter}\": \"{moniter}\" is none of {region}, {plant}, {monitor}, {agency}, each a level of its own"},
    {"a/x{monitor}", NULL,
     "topic \"a/x{monitor}\": \"x{monitor}\" is none of {region}, {plant}, {monitor}, {agency}, each a level of its "
     "own"},
    {"a/{monitor", NULL,
     "topic \"a/{monitor\": \"{monitor\" is none of {region}, {plant}, {monitor}, {agency}, each a level of its own"},
    {"$share/g/plants/+", NULL,
     "\"$share/g/plants/+\" is a shared subscription, which does not keep the order of messages (give each "
     "instance "
     "topics of its own)"},
};

START_TEST(a_template_is_compiled_or_refused)
{
    const struct compile_row *row = &compile_rows[_i];
    struct topic t = {.levels = 99};
    struct reason why = {""};
    char filter[256];

    bool ok = topic_compile(row->text, &t, &why);
    if (row->filter == NULL) {
        ck_assert_msg(!ok, "\"%s\" was taken", row->text);
        ck_assert_str_eq(why.text, row->why);
        ck_assert_uint_eq(t.levels, 99);
        return;
    }
    ck_assert_msg(ok, "\"%s\": %s", row->text, why.text);
    struct topic copy = t;
    memset(&t, 0, sizeof(t)); /* a copy stands for itself */
    topic_filter(&copy, filter, sizeof(filter));
    ck_assert_str_eq(filter, row->filter);
}
END_TEST

static const struct match_row {
    const char *text;
    const char *topic;
    bool matches;
    const char *region, *plant, *monitor;
} match_rows[] = {
    {"plants/{region}/{plant}/{monitor}", "plants/410100/p1/m1", true, "410100", "p1", "m1"},
    {"plants/{region}/{plant}/{monitor}", "plants/410100/p1", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "plants/410100/p1/m1/x", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "plants/410100/p1/m1/", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "plants/410100/p1/", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "plants/410100//m1", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "plants//p1/m1", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "/plants/410100/p1/m1", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "plant/410100/p1/m1", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "plantss/410100/p1/m1", false, NULL, NULL, NULL},
    {"plants/{region}/{plant}/{monitor}", "", false, NULL, NULL, NULL},
    {"factory/+/{monitor}/#", "factory/a/m1/x/y", true, NULL, NULL, "m1"},
    {"factory/+/{monitor}/#", "factory/a/m1", true, NULL, NULL, "m1"},
    {"factory/+/{monitor}/#", "factory/a/m1/", true, NULL, NULL, "m1"},
    {"factory/+/{monitor}/#", "factory//m1", true, NULL, NULL, "m1"},
    {"factory/+/{monitor}/#", "factory/a", false, NULL, NULL, NULL},
    {"{monitor}", "m1", true, NULL, NULL, "m1"},
    {"{monitor}", "m1/x", false, NULL, NULL, NULL},
    {"{monitor}", "", false, NULL, NULL, NULL},
    {"{monitor}", "$SYS", false, NULL, NULL, NULL},
    {"#", "a/b", true, NULL, NULL, NULL},
    {"#", "", true, NULL, NULL, NULL},
    {"#", "$SYS/broker/uptime", false, NULL, NULL, NULL},
    {"+/{monitor}", "$SYS/m1", false, NULL, NULL, NULL},
    {"$SYS/{monitor}", "$SYS/m1", true, NULL, NULL, "m1"},
    {"a//{monitor}", "a//m1", true, NULL, NULL, "m1"},
    {"a//{monitor}", "a/x/m1", false, NULL, NULL, NULL},
    {"a/b", "a/b", true, NULL, NULL, NULL},
    {"a/b", "a/c", false, NULL, NULL, NULL},
    {"a/b", "a", false, NULL, NULL, NULL},
    {"{monitor}/#", HUNDRED, true, NULL, NULL, "abcdefghi"},
};

static void
check_name(const struct match_row *row, const char *what, const char *wanted, struct span got)
{
    if (wanted == NULL)
        ck_assert_msg(got.at == NULL, "%s on %s: %s is \"%.*s\"", row->text, row->topic, what, (int)got.size,
                      got.at);
    else
        ck_assert_msg(got.at != NULL && got.size == strlen(wanted) && memcmp(got.at, wanted, got.size) == 0,
                      "%s on %s: %s is \"%.*s\"", row->text, row->topic, what, (int)got.size, got.at);
}

START_TEST(a_topic_matches_or_not)
{
    const struct match_row *row = &match_rows[_i];
    struct topic t;
    struct topic_names names = {.region = {"untouched", 9}};
    struct reason why;

    ck_assert_msg(topic_compile(row->text, &t, &why), "%s", why.text);
    bool matches = topic_match(&t, row->topic, strlen(row->topic), &names);
    ck_assert_msg(matches == row->matches, "%s on %s", row->text, row->topic);
    if (!matches) {
        check_name(row, "region", "untouched", names.region);
        return;
    }
    check_name(row, "region", row->region, names.region);
    check_name(row, "plant", row->plant, names.plant);
    check_name(row, "monitor", row->monitor, names.monitor);
}
END_TEST

START_TEST(a_topic_ends_where_it_is_said_to)
{
    struct topic t;
    struct topic_names names;

    ck_assert(topic_compile("plants/{monitor}", &t, NULL));
    ck_assert(topic_match(&t, "plants/m1/x", 9, &names));
    ck_assert_uint_eq(names.monitor.size, 2);
    ck_assert(topic_match(&t, "plants/m\0n", 10, &names)); /* whoever it is, the registry does not know it */
    ck_assert_uint_eq(names.monitor.size, 3);
    ck_assert(!topic_match(&t, "plants/m1", 0, &names));
}
END_TEST

static const struct {
    const char *text, *front;
    size_t further;
    bool may;
} may_rows[] = {
    {"plants/{region}/{plant}/{monitor}", "receipts", 2, false},
    {"#", "receipts", 2, true},
    {"+/#", "receipts", 2, true},
    {"receipts/#", "receipts", 2, true},
    {"receipts/+/+", "receipts", 2, true},
    {"receipts/{plant}/{monitor}", "receipts", 2, true},
    {"{plant}/{monitor}/last", "receipts", 2, true},
    {"{plant}/{monitor}", "receipts", 2, false},
    {"{plant}/{monitor}", "receipts", 1, true},
    {"+/+/+/+", "receipts", 2, false},
    {"a/receipts/#", "receipts", 2, false},
    {"receipts/x/y/z/#", "receipts", 2, false},
    {"receipts/x/y/#", "receipts", 2, true},
    {"a/b/+/+", "a/b", 2, true},
    {"a/c/+/+", "a/b", 2, false},
    {"a/+/+", "a/b", 2, false},
    {"receipt/#", "receipts", 2, false},
    {"receipts", "receipts", 0, true},
};

START_TEST(a_topic_may_match_what_begins_so)
{
    struct topic t;
    struct reason why;

    ck_assert_msg(topic_compile(may_rows[_i].text, &t, &why), "%s", why.text);
    ck_assert_msg(topic_may_match(&t, may_rows[_i].front, may_rows[_i].further) == may_rows[_i].may, "%s on %s and %zu",
                  may_rows[_i].text, may_rows[_i].front, may_rows[_i].further);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table[0]))

Suite *
suite(void)
{
    Suite *s = suite_create("topic");
    TCase *t = tcase_create("topic");
    tcase_add_loop_test(t, a_template_is_compiled_or_refused, 0, ROWS(compile_rows));
    tcase_add_loop_test(t, a_topic_matches_or_not, 0, ROWS(match_rows));
    tcase_add_loop_test(t, a_topic_may_match_what_begins_so, 0, ROWS(may_rows));
    tcase_add_test(t, a_topic_ends_where_it_is_said_to);
    suite_add_tcase(s, t);
    return s;
}
