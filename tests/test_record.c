#include <check.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "record.h"
#include "runner.h"

#define SEED 0xdeadbeefu
#define POSITION 0x0102030405060708u

static const struct record sample = {
    .position = POSITION,
    .durable = 0x1000,
    .arrived.us = 1604275200250000,
    .kind = RECORD_MESSAGE,
    .broker = "north",
    .broker_size = 5,
    .topic = "plants/a",
    .topic_size = 8,
    .payload = (const unsigned char *)"{}\0",
    .payload_size = 3,
};

/* Written down once: what stands on disks must be read by every later version. */
static const unsigned char golden[] = {
    0x61, 0x62, 0x52, 0x31, 0x40, 0x00, 0x00, 0x00, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
    0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x90, 0xd0, 0x6e, 0x6d, 0x14, 0xb3, 0x05, 0x00,
    0x01, 0x05, 0x08, 0x00, 0x03, 0x00, 0x00, 0x00, 0xa2, 0xcf, 0x37, 0x0b, 0x6e, 0x6f, 0x72, 0x74,
    0x68, 0x70, 0x6c, 0x61, 0x6e, 0x74, 0x73, 0x2f, 0x61, 0x7b, 0x7d, 0x00, 0x00, 0x00, 0x00, 0x00,
};

START_TEST(the_layout_stays)
{
    unsigned char bytes[sizeof(golden)];
    ck_assert_uint_eq(record_size(&sample), sizeof(golden));
    memset(bytes, 0xaa, sizeof(bytes));
    record_write(&sample, SEED, bytes);
    ck_assert_mem_eq(bytes, golden, sizeof(golden));
}
END_TEST

/* What is written is read as it was. */
static const struct {
    const char *name;
    size_t broker_size, topic_size, payload_size;
    enum record_kind kind;
} rows[] = {
    {"a mark", 0, 0, 0, RECORD_MARK},
    {"a message of nothing", 0, 0, 0, RECORD_MESSAGE},
    {"no payload", 5, 20, 0, RECORD_MESSAGE},
    {"padding of 7", 1, 1, 3, RECORD_MESSAGE},
    {"no padding", 1, 1, 2, RECORD_MESSAGE},
    {"longest broker", 255, 1, 1, RECORD_MESSAGE},
    {"longest topic", 4, 65535, 9, RECORD_MESSAGE},
    {"a large payload", 4, 30, 3000000, RECORD_MESSAGE},
};

START_TEST(what_is_written_is_read)
{
    size_t most = rows[_i].broker_size + rows[_i].topic_size + rows[_i].payload_size;
    char *body = malloc(most + 1);
    for (size_t i = 0; i < most; i++)
        body[i] = (char)(i * 7);
    struct record r = {.position = 4096,
                       .durable = 4096,
                       .arrived.us = -1,
                       .kind = rows[_i].kind,
                       .broker = body,
                       .broker_size = rows[_i].broker_size,
                       .topic = body + rows[_i].broker_size,
                       .topic_size = rows[_i].topic_size,
                       .payload_size = rows[_i].payload_size};
    r.payload = (const unsigned char *)r.topic + r.topic_size;

    unsigned char *bytes = malloc(record_size(&r));
    struct record got;
    size_t size = 0;
    record_write(&r, SEED, bytes);
    enum record_read read = record_read(bytes, record_size(&r), 4096, SEED, &got, &size);
    ck_assert_msg(read == RECORD_OK, "%s", rows[_i].name);
    ck_assert_msg(size == record_size(&r) && size % 8 == 0, "%s: %zu", rows[_i].name, size);
    ck_assert(got.position == 4096 && got.durable == 4096 && got.arrived.us == -1 && got.kind == r.kind);
    ck_assert(got.broker_size == r.broker_size && got.topic_size == r.topic_size);
    ck_assert(got.payload_size == r.payload_size);
    ck_assert_msg(memcmp(got.broker, body, most) == 0, "%s", rows[_i].name);
    free(bytes);
    free(body);
}
END_TEST

START_TEST(a_cut_one_is_short)
{
    for (size_t size = 0; size < sizeof(golden); size++) {
        unsigned char *bytes = malloc(size + 1); /* the sanitizer watches the end */
        struct record got;
        size_t wanted = 0;
        memcpy(bytes, golden, size);
        enum record_read read = record_read(bytes, size, POSITION, SEED, &got, &wanted);
        ck_assert_msg(read == RECORD_SHORT, "cut at %zu", size);
        ck_assert_msg(wanted == (size < RECORD_HEADER ? RECORD_HEADER : sizeof(golden)), "cut at %zu", size);
        free(bytes);
    }
}
END_TEST

START_TEST(every_bit_counts)
{
    for (size_t bit = 0; bit < sizeof(golden) * 8; bit++) {
        unsigned char bytes[sizeof(golden)];
        struct record got = {.position = 1};
        size_t size;
        memcpy(bytes, golden, sizeof(golden));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        enum record_read read = record_read(bytes, sizeof(bytes), POSITION, SEED, &got, &size);
        ck_assert_msg(read != RECORD_OK, "bit %zu", bit);
        ck_assert_msg(got.position == 1, "bit %zu: a failure left its traces", bit);
    }
}
END_TEST

static void
set_16(unsigned char *at, uint16_t value)
{
    value = htole16(value);
    memcpy(at, &value, sizeof(value));
}

static void
set_32(unsigned char *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

/* Headers that no abate writes, under a right sum. */
static const struct {
    const char *name;
    size_t at;
    uint32_t value;
    int bytes;
} forged[] = {
    {"kind 0", 32, 0, 1},
    {"kind 3", 32, 3, 1},
    {"a mark with a body", 32, RECORD_MARK, 1},
    {"durable past its position", 20, 0x02000000, 4},
    {"a size that is not its parts'", 36, 12, 4},
    {"a topic past the end", 34, 60000, 2},
    {"a payload past all bounds", 36, RECORD_PAYLOAD_MOST + 1, 4},
    {"a size of nothing", 4, 0, 4},
    {"a size of 4 GiB", 4, UINT32_MAX, 4},
};

START_TEST(forged_headers_are_bad)
{
    unsigned char bytes[sizeof(golden)];
    struct record got;
    size_t size;

    memcpy(bytes, golden, sizeof(golden));
    if (forged[_i].bytes == 1)
        bytes[forged[_i].at] = (unsigned char)forged[_i].value;
    else if (forged[_i].bytes == 2)
        set_16(bytes + forged[_i].at, (uint16_t)forged[_i].value);
    else
        set_32(bytes + forged[_i].at, forged[_i].value);
    set_32(bytes + 40, crc32c(crc32c(SEED, bytes, 40), bytes + 44, sizeof(bytes) - 44));
    ck_assert_msg(record_read(bytes, sizeof(bytes), POSITION, SEED, &got, &size) == RECORD_BAD, "%s",
                  forged[_i].name);
}
END_TEST

static const struct {
    const char *name;
    uint64_t position;
    uint32_t seed;
} strange[] = {
    {"another position", POSITION + 8, SEED},
    {"another journal", POSITION, SEED + 1},
};

START_TEST(a_strange_one_is_bad)
{
    struct record got;
    size_t size;
    ck_assert_msg(record_read(golden, sizeof(golden), strange[_i].position, strange[_i].seed, &got, &size) ==
                      RECORD_BAD,
                  "%s", strange[_i].name);
}
END_TEST

START_TEST(zeros_are_bad)
{
    unsigned char bytes[64] = {0};
    struct record got;
    size_t size;
    ck_assert(record_read(bytes, sizeof(bytes), 0, 0, &got, &size) == RECORD_BAD);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("record");
    TCase *c = tcase_create("record");

    tcase_add_test(c, the_layout_stays);
    tcase_add_loop_test(c, what_is_written_is_read, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(c, a_cut_one_is_short);
    tcase_add_test(c, every_bit_counts);
    tcase_add_loop_test(c, forged_headers_are_bad, 0, sizeof(forged) / sizeof(forged[0]));
    tcase_add_loop_test(c, a_strange_one_is_bad, 0, sizeof(strange) / sizeof(strange[0]));
    tcase_add_test(c, zeros_are_bad);
    suite_add_tcase(s, c);
    return s;
}
