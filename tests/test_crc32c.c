#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "runner.h"

#define PDU                                                                                                  \
    "\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\x04\0\0\0\0\x14\0\0\0\x18\x28\0\0\0\0\0\0\0"         \
    "\x02\0\0\0\0\0\0\0"
#define ZEROS_8 "\0\0\0\0\0\0\0\0"
#define ONES_8 "\xff\xff\xff\xff\xff\xff\xff\xff"
#define UP                                                                                                   \
    "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e"   \
    "\x1f"
#define DOWN                                                                                                 \
    "\x1f\x1e\x1d\x1c\x1b\x1a\x19\x18\x17\x16\x15\x14\x13\x12\x11\x10\xf\xe\xd\xc\xb\xa\x9\x8\7\6\5\4\3\2\1" \
    "\0"

/* RFC 3720, appendix B.4 (there the bytes of each sum stand in the order they are sent), and the check value
 * that catalogues of CRCs give. */
static const struct {
    const char *name;
    const char *bytes;
    size_t size;
    uint32_t crc;
} rows[] = {
    {"nothing", "", 0, 0},
    {"32 zeros", ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8, 32, 0x8a9136aa},
    {"32 ones", ONES_8 ONES_8 ONES_8 ONES_8, 32, 0x62a8ab43},
    {"counting up", UP, 32, 0x46dd794e},
    {"counting down", DOWN, 32, 0x113fdb5c},
    {"a read command", PDU, 48, 0xd9963a56},
    {"check value", "123456789", 9, 0xe3069283},
};

START_TEST(known_sums_come_out)
{
    uint32_t got = crc32c(0, rows[_i].bytes, rows[_i].size);
    uint32_t by_table = crc32c_by_table(0, rows[_i].bytes, rows[_i].size);
    ck_assert_msg(got == rows[_i].crc, "%s: %08x", rows[_i].name, got);
    ck_assert_msg(by_table == rows[_i].crc, "%s by table: %08x", rows[_i].name, by_table);
}
END_TEST

static void
fill(unsigned char *bytes, size_t size)
{
    uint32_t state = 2463534242u;
    for (size_t i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes[i] = (unsigned char)state;
    }
}

START_TEST(both_ways_agree)
{
    unsigned char bytes[300];
    fill(bytes, sizeof(bytes));
    for (size_t from = 0; from < 9; from++)
        for (size_t size = 0; from + size <= sizeof(bytes); size++)
            ck_assert_msg(crc32c(7, bytes + from, size) == crc32c_by_table(7, bytes + from, size),
                          "%zu bytes from %zu", size, from);
}
END_TEST

START_TEST(parts_chain)
{
    unsigned char bytes[100];
    fill(bytes, sizeof(bytes));
    uint32_t whole = crc32c(0, bytes, sizeof(bytes));
    for (size_t at = 0; at <= sizeof(bytes); at++) {
        uint32_t parts = crc32c(crc32c(0, bytes, at), bytes + at, sizeof(bytes) - at);
        uint32_t by_table = crc32c_by_table(crc32c_by_table(0, bytes, at), bytes + at, sizeof(bytes) - at);
        ck_assert_msg(parts == whole && by_table == whole, "parted at %zu", at);
    }
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("crc32c");
    TCase *c = tcase_create("crc32c");

    tcase_add_loop_test(c, known_sums_come_out, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(c, both_ways_agree);
    tcase_add_test(c, parts_chain);
    suite_add_tcase(s, c);
    return s;
}
