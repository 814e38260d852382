#include <check.h>
#include <string.h>

#include "buf.h"
#include "runner.h"

START_TEST(grows_and_keeps_what_is_in_it)
{
    struct buf b = {0};

    for (unsigned i = 0; i < 100000; i++) {
        unsigned char byte = (unsigned char)(i % 251);
        buf_add(&b, &byte, 1);
    }
    ck_assert_uint_eq(b.size, 100000);
    for (unsigned i = 0; i < 100000; i++)
        ck_assert_uint_eq(b.at[i], i % 251);
    buf_clear(&b);
}
END_TEST

START_TEST(an_empty_one_keeps_its_room)
{
    struct buf b = {0};

    buf_add_text(&b, "some text");
    ck_assert_uint_eq(b.size, 9);
    const unsigned char *at = b.at;
    size_t room = b.room;
    buf_empty(&b);
    ck_assert_uint_eq(b.size, 0);
    buf_add_text(&b, "other");
    ck_assert_ptr_eq(b.at, at);
    ck_assert_uint_eq(b.room, room);
    ck_assert(memcmp(b.at, "other", 5) == 0);
    buf_clear(&b);
    ck_assert_ptr_null(b.at);
    ck_assert_uint_eq(b.room, 0);
    buf_add_text(&b, "again");
    ck_assert_uint_eq(b.size, 5);
    buf_clear(&b);
}
END_TEST

START_TEST(reserving_does_not_use)
{
    struct buf b = {0};

    ck_assert_ptr_nonnull(buf_reserve(&b, 0));
    unsigned char *at = buf_reserve(&b, 1000);
    memset(at, 7, 1000);
    ck_assert_uint_eq(b.size, 0);
    ck_assert_uint_ge(b.room, 1000);
    b.size += 3;
    ck_assert_ptr_eq(buf_reserve(&b, 10), b.at + 3);
    buf_clear(&b);
}
END_TEST

START_TEST(nothing_may_be_added)
{
    struct buf b = {0};

    buf_add(&b, NULL, 0);
    buf_add_text(&b, "");
    ck_assert_uint_eq(b.size, 0);
    buf_clear(&b);
}
END_TEST

START_TEST(numbers_are_big_endian)
{
    static const unsigned char wanted[] = {0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 0x01,
                                           0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
    static const unsigned char over[] = {0x12, 0x34, 0x00, 0x00, 0x00, 0x2a, 0x01};
    struct buf b = {0};

    buf_add_u16(&b, 0x1234);
    buf_add_u32(&b, 0xfedcba98);
    buf_add_u64(&b, 0x0102030405060708);
    ck_assert_uint_eq(b.size, sizeof(wanted));
    ck_assert_mem_eq(b.at, wanted, sizeof(wanted));
    buf_put_u32(&b, 2, 42);
    ck_assert_uint_eq(b.size, sizeof(wanted));
    ck_assert_mem_eq(b.at, over, sizeof(over));
    buf_put_u32(&b, 10, 0);
    ck_assert_uint_eq(b.at[13], 0);
    buf_clear(&b);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("buf");
    TCase *t = tcase_create("buf");
    tcase_add_test(t, grows_and_keeps_what_is_in_it);
    tcase_add_test(t, an_empty_one_keeps_its_room);
    tcase_add_test(t, reserving_does_not_use);
    tcase_add_test(t, nothing_may_be_added);
    tcase_add_test(t, numbers_are_big_endian);
    suite_add_tcase(s, t);
    return s;
}
