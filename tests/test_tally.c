/* tally: counts by feed, joined, and carried over to another configuration. */
#include <check.h>
#include <string.h>

#include "runner.h"
#include "tally.h"

static struct conf *
conf_of(const char *text)
{
    struct reason why;
    struct conf *c = conf_parse("test", text, &why);
    ck_assert_msg(c != NULL, "%s", why.text);
    return c;
}

START_TEST(a_batch_is_joined_to_the_whole)
{
    struct conf *c = conf_of("broker b { host = h }\nfeed one { topic = 'a/{monitor}' }\nfeed two { topic = 'b/{monitor}' }\n");
    struct tally whole = {0}, batch = {0};

    tally_begin(&whole, c);
    for (int i = 0; i < 2; i++) {
        tally_begin(&batch, c);
        batch.feed[0] = (struct tally_counts){.messages = 3, .stored = 2, .readings = 20, .duplicates = 5, .rejects[FAULT_TIME] = 1};
        batch.feed[2] = (struct tally_counts){.messages = 1, .rejects[FAULT_TOPIC] = 1};
        tally_join(&whole, &batch);
    }
    ck_assert_uint_eq(whole.feed[0].messages, 6);
    ck_assert_uint_eq(whole.feed[0].stored, 4);
    ck_assert_uint_eq(whole.feed[0].readings, 40);
    ck_assert_uint_eq(whole.feed[0].duplicates, 10);
    ck_assert_uint_eq(whole.feed[0].rejects[FAULT_TIME], 2);
    ck_assert_uint_eq(whole.feed[1].messages, 0);
    ck_assert_uint_eq(whole.feed[2].rejects[FAULT_TOPIC], 2);
    tally_clear(&whole);
    tally_clear(&batch);
    conf_free(c);
}
END_TEST

START_TEST(a_feed_keeps_its_counts_by_its_name)
{
    struct conf *before = conf_of("broker b { host = h }\nfeed one { topic = 'a/{monitor}' }\nfeed two { topic = 'b/{monitor}' }\n");
    struct conf *now = conf_of("broker b { host = h }\nfeed new { topic = 'c/{monitor}' }\nfeed two { topic = 'b/{monitor}' }\n"
                               "feed last { topic = 'd/{monitor}' }\n");
    struct tally t = {0};

    tally_begin(&t, before);
    t.feed[0].messages = 1;
    t.feed[1].messages = 2;
    t.feed[2].messages = 3;
    tally_carry(&t, before, now);
    ck_assert_uint_eq(t.feeds, 3);
    ck_assert_uint_eq(t.feed[0].messages, 0);
    ck_assert_uint_eq(t.feed[1].messages, 2);
    ck_assert_uint_eq(t.feed[2].messages, 0);
    ck_assert_uint_eq(t.feed[3].messages, 3);
    tally_clear(&t);
    conf_free(before);
    conf_free(now);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("tally");
    TCase *t = tcase_create("tally");
    tcase_add_test(t, a_batch_is_joined_to_the_whole);
    tcase_add_test(t, a_feed_keeps_its_counts_by_its_name);
    suite_add_tcase(s, t);
    return s;
}
