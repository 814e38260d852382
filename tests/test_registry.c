#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "registry.h"
#include "runner.h"

START_TEST(what_was_added_is_found)
{
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, "88888880000001", "p1", "410100", 8 * 3600);
    struct feed *f = registry_add_feed(r, m, 7, PERIOD_MINUTE);
    struct series *s = registry_add_series(r, f, 71, 0, "a21026", "mg/m3");

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
    ck_assert_ptr_eq(f->by_slot[0], s);
    ck_assert_int_eq(s->series_id, 71);
    ck_assert_str_eq(s->name, "a21026");
    ck_assert_str_eq(s->stored->unit, "mg/m3");
    ck_assert_ptr_null(s->watches);
    ck_assert_ptr_eq(registry_find_monitor(r, "88888880000001", 14), m);
    ck_assert_ptr_eq(registry_find_series(r, 71), s);
    ck_assert_ptr_eq(feed_find_series(f, "a21026", 6), s);
    ck_assert_uint_eq(registry_monitors(r), 1);
    ck_assert_uint_eq(registry_all_series(r), 1);
    registry_free(r);
}
END_TEST

START_TEST(what_was_not_added_is_not_found)
{
    struct registry *r = registry_new();

    ck_assert_ptr_null(registry_find_monitor(r, "m1", 2));
    ck_assert_ptr_null(registry_find_series(r, 1));
    ck_assert_uint_eq(registry_monitors(r), 0);
    ck_assert_uint_eq(registry_all_series(r), 0);

    struct monitor *m = registry_add_monitor(r, "m1", "p", "r", 0);
    struct feed *f = registry_add_feed(r, m, 1, PERIOD_DAY);
    ck_assert_ptr_null(feed_find_series(f, "a", 1));
    ck_assert_uint_eq(f->slots, 0);
    registry_add_series(r, f, 1, 0, "a21026", "");
    ck_assert_ptr_null(registry_find_monitor(r, "m", 1));
    ck_assert_ptr_null(registry_find_monitor(r, "m1x", 3));
    ck_assert_ptr_null(registry_find_monitor(r, "M1", 2));
    ck_assert_ptr_null(registry_find_monitor(r, "m1\0", 3));
    ck_assert_ptr_null(registry_find_monitor(r, "", 0));
    ck_assert_ptr_null(feed_find_series(f, "a21026-Max", 10));
    ck_assert_ptr_null(feed_find_series(f, "a2102", 5));
    ck_assert_ptr_null(registry_find_series(r, 2));
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
    struct series *s = registry_add_series(r, f, 1, 0, "a21026", "mg/m3");

    ck_assert_ptr_eq(registry_find_monitor(r, payload + 1, 2), m);
    ck_assert_ptr_eq(feed_find_series(f, payload + 6, 6), s);
    registry_free(r);
}
END_TEST

START_TEST(the_first_stays)
{
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, "m1", "p", "r", 0);
    struct feed *f = registry_add_feed(r, m, 1, PERIOD_HOUR);
    struct series *s = registry_add_series(r, f, 1, 3, "a", "mg/m3");

    ck_assert_ptr_eq(registry_add_monitor(r, "m1", "other", "other", 60), m);
    ck_assert_str_eq(m->plant, "p");
    ck_assert_ptr_eq(registry_add_feed(r, m, 2, PERIOD_HOUR), f);
    ck_assert_int_eq(f->feed_id, 1);
    ck_assert_ptr_eq(registry_add_series(r, f, 1, 4, "b", ""), s); /* the same id */
    ck_assert_ptr_eq(registry_add_series(r, f, 2, 4, "a", ""), s); /* the same name */
    ck_assert_ptr_eq(registry_add_series(r, f, 2, 3, "b", ""), s); /* the same slot */
    ck_assert_uint_eq(registry_all_series(r), 1);
    ck_assert_uint_eq(registry_monitors(r), 1);
    ck_assert_uint_eq(f->slots, 4);
    ck_assert_ptr_null(f->by_slot[2]);
    registry_free(r);
}
END_TEST

START_TEST(texts_are_copied)
{
    char code[] = "m1", plant[] = "p1", region[] = "r1", name[] = "a1", unit[] = "kg";
    struct registry *r = registry_new();
    struct monitor *m = registry_add_monitor(r, code, plant, region, 0);
    struct series *s = registry_add_series(r, registry_add_feed(r, m, 1, PERIOD_DAY), 1, 0, name, unit);

    code[0] = plant[0] = region[0] = name[0] = unit[0] = '?';
    ck_assert_ptr_eq(registry_find_monitor(r, "m1", 2), m);
    ck_assert_ptr_eq(feed_find_series(m->feed[PERIOD_DAY], "a1", 2), s);
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
    struct series *added[REGISTRY_SLOTS] = {0};

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        char name[8];
        snprintf(name, sizeof(name), "a%d", order[i]);
        added[order[i]] = registry_add_series(r, f, order[i] + 1, order[i], name, "");
        for (uint16_t slot = 0; slot < f->slots; slot++)
            ck_assert_msg(f->by_slot[slot] == added[slot], "after %d: slot %d", order[i], slot);
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
            registry_add_series(r, f, i * series + n, (uint16_t)n, name, "mg/m3");
        }
    }
    return r;
}

START_TEST(a_city_is_found_again_without_a_byte_more)
{
    struct registry *r = make_city(1000, 10);
    size_t before = mallinfo2().uordblks;

    ck_assert_uint_eq(registry_monitors(r), 1000);
    ck_assert_uint_eq(registry_all_series(r), 10000);
    for (int i = 0; i < 1000; i++) {
        char code[32], name[32];
        int size = snprintf(code, sizeof(code), "4101%010d", i);
        const struct monitor *m = registry_find_monitor(r, code, (size_t)size);
        ck_assert_msg(m != NULL && strcmp(m->code, code) == 0, "%s", code);
        for (int n = 0; n < 10; n++) {
            size = snprintf(name, sizeof(name), "a%05d", n);
            const struct series *s = feed_find_series(m->feed[PERIOD_MINUTE], name, (size_t)size);
            ck_assert_msg(s != NULL && s->series_id == i * 10 + n && s->slot == n, "%s %s", code, name);
            ck_assert_ptr_eq(registry_find_series(r, i * 10 + n), s);
        }
    }
    ck_assert_uint_eq(mallinfo2().uordblks, before);
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
    tcase_add_test(t, a_city_is_found_again_without_a_byte_more);
    suite_add_tcase(s, t);
    return s;
}
