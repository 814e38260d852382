#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "registry.h"
#include "runner.h"
#include "watch.h"

START_TEST(what_was_added_is_found)
{
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, "88888880000001", "p1", "410100", 8 * 3600);
    struct feed *f = registry_add_feed(r, m, 7, PERIOD_MINUTE);
    const struct slot *s = registry_add_slot(r, f, 0, "a21026", "mg/m3");

    ck_assert_str_eq(m->code, "88888880000001");
    ck_assert_str_eq(m->plant, "p1");
    ck_assert_str_eq(m->region, "410100");
    ck_assert_int_eq(m->zone_s, 28800);
    ck_assert_ptr_eq(m->feed[PERIOD_MINUTE], f);
    ck_assert_ptr_null(m->feed[PERIOD_HOUR]);
    ck_assert_ptr_eq(f->monitor, m);
    ck_assert_int_eq(f->feed_id, 7);
    ck_assert_int_eq(f->period, PERIOD_MINUTE);
    ck_assert_int_eq(f->last.us, INT64_MIN);
    ck_assert_uint_eq(f->slots, 1);
    ck_assert_ptr_eq(f->slot[0], s);
    ck_assert_str_eq(s->name, "a21026");
    ck_assert_uint_eq(s->size, 6);
    ck_assert_uint_eq(s->number, 0);
    ck_assert_str_eq(s->stored->unit, "mg/m3");
    ck_assert_uint_eq(f->watched, 0);
    ck_assert_ptr_eq(registry_find_monitor(r, "88888880000001", 14), m);
    ck_assert_ptr_eq(registry_find_feed(r, 7), f);
    ck_assert_ptr_eq(registry_find_slot(r, f, "a21026", 6), s);
    ck_assert_uint_eq(registry_monitors(r), 1);
    ck_assert_uint_eq(registry_series(r), 1);
    registry_free(r);
}
END_TEST

START_TEST(what_was_not_added_is_not_found)
{
    struct registry *r = registry_new();

    ck_assert_ptr_null(registry_find_monitor(r, "m1", 2));
    ck_assert_ptr_null(registry_find_feed(r, 1));
    ck_assert_uint_eq(registry_monitors(r), 0);
    ck_assert_uint_eq(registry_series(r), 0);

    struct monitor *m = registry_add_monitor(r, "m1", "p", "r", 0);
    struct feed *f = registry_add_feed(r, m, 1, PERIOD_DAY);
    ck_assert_ptr_null(registry_find_slot(r, f, "a", 1));
    ck_assert_uint_eq(f->slots, 0);
    registry_add_slot(r, f, 0, "a21026", "");
    ck_assert_ptr_null(registry_find_monitor(r, "m", 1));
    ck_assert_ptr_null(registry_find_monitor(r, "m1x", 3));
    ck_assert_ptr_null(registry_find_monitor(r, "M1", 2));
    ck_assert_ptr_null(registry_find_monitor(r, "m1\0", 3));
    ck_assert_ptr_null(registry_find_monitor(r, "", 0));
    ck_assert_ptr_null(registry_find_slot(r, f, "a21026-Max", 10));
    ck_assert_ptr_null(registry_find_slot(r, f, "a2102", 5));
    ck_assert_ptr_null(registry_find_feed(r, 2));
    ck_assert_ptr_null(feed_slot(f, 1));
    ck_assert_ptr_null(feed_slot(f, -1));
    ck_assert_ptr_null(feed_slot(f, 65536));
    registry_free(r);
    registry_free(NULL);
}
END_TEST

START_TEST(a_name_need_not_end)
{
    static const char payload[] = "\"m1\":\"a21026\"";
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, "m1", "p", "r", 0);
    struct feed *f = registry_add_feed(r, m, 1, PERIOD_REALTIME);
    const struct slot *s = registry_add_slot(r, f, 0, "a21026", "mg/m3");

    ck_assert_ptr_eq(registry_find_monitor(r, payload + 1, 2), m);
    ck_assert_ptr_eq(registry_find_slot(r, f, payload + 6, 6), s);
    registry_free(r);
}
END_TEST

START_TEST(the_first_stays)
{
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, "m1", "p", "r", 0);
    struct feed *f = registry_add_feed(r, m, 1, PERIOD_HOUR);
    const struct slot *s = registry_add_slot(r, f, 3, "a", "mg/m3");

    ck_assert_ptr_eq(registry_add_monitor(r, "m1", "other", "other", 60), m);
    ck_assert_str_eq(m->plant, "p");
    ck_assert_ptr_eq(registry_add_feed(r, m, 2, PERIOD_HOUR), f);
    ck_assert_int_eq(f->feed_id, 1);
    ck_assert_ptr_eq(registry_add_slot(r, f, 4, "a", ""), s); /* the same name */
    ck_assert_ptr_eq(registry_add_slot(r, f, 3, "b", ""), s); /* the same slot */
    ck_assert_uint_eq(registry_series(r), 1);
    ck_assert_uint_eq(registry_monitors(r), 1);
    ck_assert_uint_eq(f->slots, 4);
    ck_assert_ptr_null(f->slot[2]);
    registry_free(r);
}
END_TEST

START_TEST(texts_are_copied)
{
    char code[] = "m1", plant[] = "p1", region[] = "r1", name[] = "a1", unit[] = "kg";
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, code, plant, region, 0);
    const struct slot *s = registry_add_slot(r, registry_add_feed(r, m, 1, PERIOD_DAY), 0, name, unit);

    code[0] = plant[0] = region[0] = name[0] = unit[0] = '?';
    ck_assert_ptr_eq(registry_find_monitor(r, "m1", 2), m);
    ck_assert_ptr_eq(registry_find_slot(r, m->feed[PERIOD_DAY], "a1", 2), s);
    ck_assert_str_eq(m->plant, "p1");
    ck_assert_str_eq(m->region, "r1");
    ck_assert_str_eq(s->stored->unit, "kg");
    registry_free(r);
}
END_TEST

START_TEST(slots_come_in_any_order)
{
    static const uint16_t order[] = {5, 0, 40, 15, 16, 17, 255, 31, 32, 254, 100};
    struct registry *r = registry_new();
    struct feed *f = registry_add_feed(r, registry_add_monitor(r, "m", "p", "r", 0), 1, PERIOD_MINUTE);
    const struct slot *added[REGISTRY_SLOTS] = {0};

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        char name[8];
        snprintf(name, sizeof(name), "a%d", order[i]);
        added[order[i]] = registry_add_slot(r, f, order[i], name, "");
        for (uint16_t slot = 0; slot < f->slots; slot++)
            ck_assert_msg(f->slot[slot] == added[slot], "after %d: slot %d", order[i], slot);
    }
    ck_assert_uint_eq(f->slots, 256);
    registry_free(r);
}
END_TEST

START_TEST(a_text_longer_than_a_chunk)
{
    static char code[200000];
    struct registry *r = registry_new();

    memset(code, 'x', sizeof(code) - 1);
    registry_add_monitor(r, "before", "p", "r", 0);
    ck_assert_ptr_nonnull(registry_add_monitor(r, code, "p", "r", 0));
    registry_add_monitor(r, "behind", "p", "r", 0);
    ck_assert_str_eq(registry_find_monitor(r, code, sizeof(code) - 1)->code, code);
    ck_assert_ptr_nonnull(registry_find_monitor(r, "behind", 6));
    registry_free(r);
}
END_TEST

static struct registry *
make_city(int monitors, int series)
{
    struct registry *r = registry_new();
    for (int i = 0; i < monitors; i++) {
        char code[32], name[32];
        snprintf(code, sizeof(code), "4101%010d", i);
        struct monitor *m = registry_add_monitor(r, code, "p", "r", 0);
        struct feed *f = registry_add_feed(r, m, i, PERIOD_MINUTE);
        for (int n = 0; n < series; n++) {
            snprintf(name, sizeof(name), "a%05d", n);
            registry_add_slot(r, f, (uint16_t)n, name, "mg/m3");
        }
    }
    return r;
}

START_TEST(a_city_is_found_again_without_a_byte_more)
{
    struct registry *r = make_city(1000, 10);
    registry_find_slot(r, registry_find_feed(r, 0), "a00000", 6); /* the first of its kind is laid out, */
    size_t before = mallinfo2().uordblks;                         /* for all */

    ck_assert_uint_eq(registry_monitors(r), 1000);
    ck_assert_uint_eq(registry_series(r), 10000);
    for (int i = 0; i < 1000; i++) {
        char code[32], name[32];
        int size = snprintf(code, sizeof(code), "4101%010d", i);
        const struct monitor *m = registry_find_monitor(r, code, (size_t)size);
        ck_assert_msg(m != NULL && strcmp(m->code, code) == 0, "%s", code);
        for (int n = 0; n < 10; n++) {
            size = snprintf(name, sizeof(name), "a%05d", n);
            const struct slot *s = registry_find_slot(r, m->feed[PERIOD_MINUTE], name, (size_t)size);
            ck_assert_msg(s != NULL && s->number == n && strcmp(s->name, name) == 0, "%s %s", code, name);
        }
    }
    ck_assert_uint_eq(mallinfo2().uordblks, before);
    registry_free(r);
}
END_TEST

static struct feed *
add_feed(struct registry *r, int32_t id, const char *const names[], size_t count, const char *unit)
{
    char code[16];
    snprintf(code, sizeof(code), "m%d", id);
    struct feed *f = registry_add_feed(r, registry_add_monitor(r, code, "p", "r", 0), id, PERIOD_MINUTE);
    for (size_t i = 0; i < count; i++)
        registry_add_slot(r, f, (uint16_t)i, names[i], unit);
    return f;
}

static void
expect_at(struct registry *r, struct feed *f, const char *name, int number)
{
    const struct slot *s = registry_find_slot(r, f, name, strlen(name));
    ck_assert_int_eq(s == NULL ? -1 : s->number, number);
    ck_assert(s == NULL || (s == f->slot[number] && strcmp(s->name, name) == 0));
}

static const char *const abc[] = {"a", "b", "c"}, *const cab[] = {"c", "a", "b"};

START_TEST(feeds_of_the_same_slots_share_them)
{
    struct registry *r = registry_new();
    struct feed *one = add_feed(r, 1, abc, 3, "mg/m3"), *two = add_feed(r, 2, abc, 3, "mg/m3");
    struct feed *unit = add_feed(r, 3, abc, 3, "kg"), *order = add_feed(r, 4, cab, 3, "mg/m3"), *less = add_feed(r, 5, abc, 2, "mg/m3");
    struct feed *none = add_feed(r, 6, NULL, 0, NULL);
    struct reason why;

    for (size_t i = 0; i < 3; i++)
        ck_assert(one->slot[i] == two->slot[i] && one->slot[i] != unit->slot[i] && one->slot[i] != order->slot[i]);
    expect_at(r, none, "a", -1);
    for (int i = 0; i < 3; i++) {
        expect_at(r, one, abc[i], i);
        expect_at(r, two, abc[i], i);
        expect_at(r, unit, abc[i], i);
        expect_at(r, order, abc[i], (i + 1) % 3);
        expect_at(r, less, abc[i], i < 2 ? i : -1);
    }
    ck_assert_ptr_eq(one->layout, two->layout);
    ck_assert(one->layout != unit->layout && one->layout != order->layout && one->layout != less->layout);

    ck_assert(!registry_set_sent(r, two, 1, "kWh", 2.5, &why)); /* what is set for one is not the other's, */
    expect_at(r, one, "b", 1);
    expect_at(r, two, "b", 1);
    ck_assert(one->slot[1]->sent == NULL && two->slot[1]->sent != NULL && one->slot[1]->stored != two->slot[1]->stored);
    registry_add_slot(r, less, 2, "c", "mg/m3"); /* and who becomes alike shares */
    expect_at(r, less, "c", 2);
    ck_assert_ptr_eq(less->layout, one->layout);
    registry_free(r);
}
END_TEST

/* Whatever was asked for before. */
START_TEST(names_are_found_in_any_order)
{
    static const char *const asked[] = {"a", "b", "c", "a", "b", "c", "c", "c", "a", "c", "b", "a", "b", "x", "c", "", "a", "ab", "b", "a", "a"};
    struct registry *r = registry_new();
    struct feed *f = add_feed(r, 1, abc, 3, "");

    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        expect_at(r, f, asked[i], strlen(asked[i]) == 1 && asked[i][0] != 'x' ? asked[i][0] - 'a' : -1);
    registry_free(r);
}
END_TEST

START_TEST(watches_are_of_their_feed_alone)
{
    struct registry *r = registry_new();
    struct feed *one = add_feed(r, 1, abc, 3, ""), *two = add_feed(r, 2, abc, 3, "");
    struct watch first = {.series_id = 1}, third = {.series_id = 3};

    *registry_watches(r, one, 1) = &first;
    ck_assert_uint_eq(one->watched, 2);
    *registry_watches(r, one, 0) = &third;
    ck_assert_uint_eq(one->watched, 2);
    ck_assert(one->watches[0] == &third && one->watches[1] == &first);
    ck_assert_ptr_eq(*registry_watches(r, one, 1), &first);
    ck_assert_uint_eq(two->watched, 0);
    registry_free(r);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("registry");
    TCase *t = tcase_create("registry");
    tcase_add_test(t, what_was_added_is_found);
    tcase_add_test(t, what_was_not_added_is_not_found);
    tcase_add_test(t, a_name_need_not_end);
    tcase_add_test(t, the_first_stays);
    tcase_add_test(t, texts_are_copied);
    tcase_add_test(t, slots_come_in_any_order);
    tcase_add_test(t, a_text_longer_than_a_chunk);
    tcase_add_test(t, feeds_of_the_same_slots_share_them);
    tcase_add_test(t, names_are_found_in_any_order);
    tcase_add_test(t, watches_are_of_their_feed_alone);
    tcase_add_test(t, a_city_is_found_again_without_a_byte_more);
    suite_add_tcase(s, t);
    return s;
}
