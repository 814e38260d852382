/* sheaf: what goes in comes out, once, in its order, with its topic, and no more than may wait. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"
#include "sheaf.h"

static struct sheaf sheaf;
static struct buf topic, payload;

static void
begin(void)
{
    sheaf = (struct sheaf){0};
}

static void
end(void)
{
    sheaf_clear(&sheaf);
    buf_clear(&topic);
    buf_clear(&payload);
}

static bool
add(const char *name, const char *receipt)
{
    return sheaf_add(&sheaf, name, strlen(name), receipt, strlen(receipt));
}

static void
expect(size_t count, const char *name, const char *text)
{
    size_t got = sheaf_take(&sheaf, &topic, &payload);
    ck_assert_uint_eq(got, count);
    ck_assert_str_eq((const char *)topic.at, name);
    ck_assert_uint_eq(payload.size, strlen(text));
    ck_assert_mem_eq(payload.at, text, payload.size);
}

START_TEST(receipts_are_gathered_by_topic)
{
    ck_assert_uint_eq(sheaf_take(&sheaf, &topic, &payload), 0);
    add("r/p/a", "{1}");
    add("r/p/b", "{2}");
    add("r/p/a", "{3}");
    add("r/p", "{4}");
    ck_assert_uint_eq(sheaf.receipts, 4);
    expect(2, "r/p/a", "{\"receipts\":[{1},{3}]}");
    add("r/p/a", "{5}");
    expect(1, "r/p/b", "{\"receipts\":[{2}]}");
    expect(1, "r/p", "{\"receipts\":[{4}]}");
    expect(1, "r/p/a", "{\"receipts\":[{5}]}");
    ck_assert_uint_eq(sheaf_take(&sheaf, &topic, &payload), 0);
    ck_assert_uint_eq(sheaf.bytes, 0);
    ck_assert_uint_eq(sheaf.receipts, 0);
}
END_TEST

START_TEST(a_payload_is_bounded_and_topics_take_turns)
{
    char receipt[1001];
    memset(receipt, 'x', 1000);
    receipt[1000] = '\0';
    for (int i = 0; i < 20; i++)
        add("a", receipt);
    add("b", "{}");
    ck_assert_uint_eq(sheaf_take(&sheaf, &topic, &payload), 8);
    ck_assert_uint_le(payload.size, SHEAF_PAYLOAD_MOST);
    expect(1, "b", "{\"receipts\":[{}]}");
    ck_assert_uint_eq(sheaf_take(&sheaf, &topic, &payload), 8);
    add("a", "{}");
    ck_assert_uint_eq(sheaf_take(&sheaf, &topic, &payload), 5);
    ck_assert_mem_eq(payload.at + payload.size - 5, ",{}]}", 5);
    ck_assert_uint_eq(sheaf_take(&sheaf, &topic, &payload), 0);
}
END_TEST

START_TEST(one_that_is_too_long_goes_alone)
{
    char *receipt = malloc(20001);
    memset(receipt, 'x', 20000);
    receipt[20000] = '\0';
    add("a", "{}");
    add("a", receipt);
    add("a", "{}");
    expect(1, "a", "{\"receipts\":[{}]}");
    ck_assert_uint_eq(sheaf_take(&sheaf, &topic, &payload), 1);
    ck_assert_uint_eq(payload.size, 20015);
    expect(1, "a", "{\"receipts\":[{}]}");
    free(receipt);
}
END_TEST

START_TEST(no_more_waits_than_may)
{
    size_t taken = 0, out = 0, count;
    char name[32];

    for (int i = 0; i < 200000; i++) {
        snprintf(name, sizeof(name), "receipts/plant/%d", i % 30000);
        taken += add(name, "{\"sha256\":\"0123456789\",\"status\":\"kept\"}");
    }
    ck_assert_uint_lt(taken, 200000);
    ck_assert_uint_le(sheaf.bytes, SHEAF_BYTES_MOST);
    while ((count = sheaf_take(&sheaf, &topic, &payload)) > 0)
        out += count;
    ck_assert_uint_eq(out, taken);
    ck_assert_uint_eq(sheaf.bytes, 0);
    ck_assert(add("a", "{}"));
}
END_TEST

/* Against a plain list: numbers go in and out at random, and come out once and in the order of their topic. */
START_TEST(nothing_is_lost_or_comes_twice)
{
    enum { TOPICS = 40, ADDED = 50000 };
    int next_in[TOPICS] = {0}, next_out[TOPICS] = {0};
    uint32_t random = 3;
    char name[16], text[600];
    int in = 0, out = 0;

    while (out < ADDED) {
        random = random * 1664525u + 1013904223u;
        if (in < ADDED && (random >> 24) % 16 != 0) {
            int t = (int)((random >> 8) % TOPICS);
            snprintf(name, sizeof(name), "t%d", t);
            snprintf(text, sizeof(text), "%*d", (int)((random >> 12) % 500) + 1, next_in[t]++);
            ck_assert(add(name, text));
            in++;
            continue;
        }
        size_t count = sheaf_take(&sheaf, &topic, &payload);
        if (count == 0)
            continue;
        int t = atoi((const char *)topic.at + 1);
        buf_add(&payload, "", 1);
        char *at = (char *)payload.at + strlen("{\"receipts\":[");
        for (size_t i = 0; i < count; i++, out++) {
            ck_assert_int_eq(strtol(at, &at, 10), next_out[t]++);
            at++; /* the comma, or the bracket */
        }
        ck_assert_str_eq(at, "}");
    }
    ck_assert_mem_eq(next_in, next_out, sizeof(next_in));
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("sheaf");
    TCase *t = tcase_create("sheaf");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, receipts_are_gathered_by_topic);
    tcase_add_test(t, a_payload_is_bounded_and_topics_take_turns);
    tcase_add_test(t, one_that_is_too_long_goes_alone);
    tcase_add_test(t, no_more_waits_than_may);
    tcase_add_test(t, nothing_is_lost_or_comes_twice);
    suite_add_tcase(s, t);
    return s;
}
