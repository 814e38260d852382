#include <check.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bed.h"
#include "crc32c.h"

static char place[BED_PATH];

static void
setup(void)
{
    bed_place("tails", place);
    disk_strike(DISK_NONE, 0, 0, 0);
}

/* ---- what stands behind the end ---- */

/* A message's record as it would come next, spoilt in one way. */
struct tail {
    const char *name;
    uint32_t seed_off;        /* of another journal */
    int64_t position_off;     /* as if it stood there */
    size_t at, size;          /* these bytes of the record ... */
    uint64_t value;           /* ... say this, */
    bool is_summed;           /* and the sum is that of what stands there */
    size_t keep;              /* the file ends after as many bytes of it; 0: after all */
    size_t filled;            /* bytes behind it, */
    int fill;                 /* of this; -1: the record again */
    size_t spared;            /* of the record this much is what it was, the rest is `fill` */
    bool is_mark;
    bool is_taken;            /* it is good: a message that was not synced */
};

#define SIZE_AT 4
#define POSITION_AT 8
#define DURABLE_AT 16
#define KIND_AT 32
#define BROKER_AT 33
#define TOPIC_AT 34
#define PAYLOAD_AT 36
#define CRC_AT 40

static const struct tail rows[] = {
    {.name = "nothing forged", .is_taken = true},
    {.name = "zeros behind", .filled = 4096, .is_taken = true},
    {.name = "rubbish behind", .filled = 999, .fill = 0xa5, .is_taken = true},
    {.name = "the same record again", .fill = -1, .filled = 1, .is_taken = true},
    {.name = "length zero", .at = SIZE_AT, .size = 4, .value = 0},
    {.name = "length zero, rightly summed", .at = SIZE_AT, .size = 4, .value = 0, .is_summed = true},
    {.name = "length shorter than a header", .at = SIZE_AT, .size = 4, .value = 43, .is_summed = true},
    {.name = "length shorter than its parts", .at = SIZE_AT, .size = 4, .value = 48, .is_summed = true},
    {.name = "length not of eights", .at = SIZE_AT, .size = 4, .value = 85, .is_summed = true},
    {.name = "length of 2 GiB", .at = SIZE_AT, .size = 4, .value = 1u << 31, .is_summed = true},
    {.name = "length of 4 GiB less one", .at = SIZE_AT, .size = 4, .value = UINT32_MAX, .is_summed = true},
    {.name = "a payload of 256 MiB and one", .at = PAYLOAD_AT, .size = 4, .value = (256u << 20) + 1, .is_summed = true},
    {.name = "a payload longer than the record", .at = PAYLOAD_AT, .size = 4, .value = 200, .is_summed = true},
    {.name = "a topic longer than the record", .at = TOPIC_AT, .size = 2, .value = 65535, .is_summed = true},
    {.name = "a broker longer than the record", .at = BROKER_AT, .size = 1, .value = 255, .is_summed = true},
    {.name = "magic zero", .at = 0, .size = 4, .value = 0, .is_summed = true},
    {.name = "magic of something else", .at = 0, .size = 4, .value = 0xcafe, .is_summed = true},
    {.name = "position of another record", .position_off = 8, .is_summed = true},
    {.name = "position of an older record", .position_off = -48, .is_summed = true},
    {.name = "position of an older turn", .position_off = -4096, .is_summed = true},
    {.name = "position far ahead", .position_off = 1 << 30, .is_summed = true},
    {.name = "position with rubbish in it", .at = POSITION_AT, .size = 8, .value = 0xbaaaaaad, .is_summed = true},
    {.name = "durable past itself", .at = DURABLE_AT, .size = 8, .value = UINT64_MAX, .is_summed = true},
    {.name = "kind zero", .at = KIND_AT, .size = 1, .value = 0, .is_summed = true},
    {.name = "kind unknown", .at = KIND_AT, .size = 1, .value = 3, .is_summed = true},
    {.name = "a mark with a body", .at = KIND_AT, .size = 1, .value = RECORD_MARK, .is_summed = true},
    {.name = "sum bad", .at = CRC_AT, .size = 4, .value = 0},
    {.name = "sum of the bytes before the last", .at = 60, .size = 1, .value = '!'},
    {.name = "a record of another journal", .seed_off = 1},
    {.name = "a mark of another journal", .seed_off = 1, .is_mark = true},
    {.name = "a header alone", .keep = 44},
    {.name = "a header split at the end of the file", .keep = 20},
    {.name = "a header split within its magic", .keep = 3},
    {.name = "one byte", .keep = 1},
    {.name = "all but the last byte", .keep = 87},
    {.name = "a good header, then zeros", .spared = 44},
    {.name = "a good header, then rubbish", .spared = 44, .fill = 0xa5},
    {.name = "half a header, then zeros", .spared = 22},
    {.name = "half a header, then rubbish", .spared = 22, .fill = 0xca},
};

static size_t
forge(const struct tail *t, uint32_t seed, uint64_t position, uint64_t durable, unsigned char *out)
{
    struct record r = {.kind = t->is_mark ? RECORD_MARK : RECORD_MESSAGE,
                       .position = position + (uint64_t)t->position_off,
                       .arrived = {bed_now.us + 6},
                       .durable = durable < position + (uint64_t)t->position_off ? durable : 0};
    uint64_t value = htole64(t->value);

    if (!t->is_mark) {
        r.broker = "north", r.broker_size = 5;
        r.topic = "plants/a/b/c", r.topic_size = 12;
        r.payload = (const unsigned char *)"forged, and of no value", r.payload_size = 23;
    }
    size_t size = record_size(&r);
    record_write(&r, seed + t->seed_off, out);
    memcpy(out + t->at, &value, t->size);
    if (t->is_summed) {
        uint32_t crc = htole32(crc32c(crc32c(seed, out, CRC_AT), out + CRC_AT + 4, size - CRC_AT - 4));
        memcpy(out + CRC_AT, &crc, 4);
    }
    if (t->spared > 0)
        memset(out + t->spared, t->fill, size - t->spared);
    if (t->fill == -1)
        memcpy(out + size, out, size);
    else
        memset(out + size, t->fill, t->filled);
    return t->keep > 0 ? t->keep : size + (t->fill == -1 ? size : t->filled);
}

/* Six messages, synced and marked; then the tail. */
static uint64_t
put_tail(const struct tail *t, char file[BED_PATH])
{
    struct journal *j = bed_open(place);
    size_t size;

    bed_append(j, 0, 6);
    bed_sync(j);
    uint64_t end = journal_end(j), durable = journal_durable(j);
    journal_close(j);
    bed_segment(place, 0, file);
    unsigned char *bytes = bed_read(file, &size);
    unsigned char *more = malloc(size + 8192);
    memcpy(more, bytes, size);
    size += forge(t, crc32c(0, bytes + 16, 16), end, durable, more + size);
    bed_write(file, more, size);
    free(bytes);
    free(more);
    return end;
}

static unsigned
count_records(struct journal *j)
{
    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    struct reason why;
    unsigned count = 0;

    while (journal_reader_next(reader, &r, &why) == JOURNAL_RECORD)
        count++;
    ck_assert_uint_eq(journal_reader_position(reader), journal_durable(j));
    journal_reader_free(reader);
    return count;
}

/* It starts, with what was acknowledged and no more, or with one message that is good; what is cut is kept; and goes on. */
START_TEST(a_bad_tail_is_the_end)
{
    const struct tail *t = &rows[_i];
    struct journal_recovery recovery;
    char file[BED_PATH];

    uint64_t end = put_tail(t, file);
    struct journal *j = bed_recover(place, &recovery, t->name);
    ck_assert_msg(count_records(j) == 6u + t->is_taken, "%s", t->name);
    bool is_torn = !t->is_taken || t->filled > 0;
    ck_assert_msg((recovery.torn_bytes > 0) == is_torn, "%s: %llu torn bytes", t->name,
                  (unsigned long long)recovery.torn_bytes);
    ck_assert_msg(bed_files(place, ".torn") == is_torn, "%s", t->name);
    ck_assert_msg(t->is_taken || journal_end(j) == end, "%s", t->name);
    journal_append(j, bed_now, "north", "plants/a/b/c", "next", 4);
    bed_sync(j);
    ck_assert_msg(count_records(j) == 7u + t->is_taken, "%s: it goes on", t->name);
    journal_close(j);
    j = bed_recover(place, &recovery, t->name);
    ck_assert_msg(recovery.torn_bytes == 0 && count_records(j) == 7u + t->is_taken, "%s: opened again", t->name);
    journal_close(j);
}
END_TEST

/* ---- the same within what was on disk ---- */

/* The last message before the mark, whose mark vouches for it: no such thing is the end. */
START_TEST(the_same_before_a_mark_is_rot)
{
    const struct tail *t = &rows[_i];
    struct journal_recovery recovery;
    struct reason why;
    char file[BED_PATH], says[64];
    size_t size;

    if (t->is_taken || t->keep > 0 || t->is_mark)
        return;
    struct journal *j = bed_open(place);
    bed_append(j, 0, 6);
    bed_sync(j);
    uint64_t at = journal_end(j), durable = journal_durable(j);
    journal_append(j, bed_now, "north", "plants/a/b/c", "forged, and of no value", 23);
    bed_sync(j);
    journal_close(j);
    bed_segment(place, 0, file);
    unsigned char *bytes = bed_read(file, &size);
    forge(t, crc32c(0, bytes + 16, 16), at, durable, bytes + BED_HEADER + at);
    bed_write(file, bytes, size);
    free(bytes);

    j = bed_try(place, &recovery, &why);
    snprintf(says, sizeof(says), "rotten at position %llu", (unsigned long long)at);
    ck_assert_msg(j == NULL && strstr(why.text, says) != NULL && strstr(why.text, file) != NULL, "%s: %s", t->name,
                  j == NULL ? why.text : "it starts");
    ck_assert_msg(bed_files(place, ".torn") == 0, "%s", t->name);
}
END_TEST

/* ---- stale records ---- */

/* A cut tail's bytes come back behind the new end, as where a disk lost the cut: good in all but their place. */
START_TEST(records_of_an_older_segment_behind_the_end)
{
    struct journal_recovery recovery;
    char old_file[BED_PATH], file[BED_PATH];
    size_t old_size, size;
    struct journal *j = bed_open(place);
    unsigned count = bed_fill(j, 12);
    journal_close(j);

    bed_segment(place, 0, old_file);
    bed_segment(place, -1, file);
    unsigned char *old = bed_read(old_file, &old_size);
    unsigned char *bytes = bed_read(file, &size);
    ck_assert_str_ne(old_file, file);
    unsigned char *both = malloc(size + old_size);
    memcpy(both, bytes, size);
    size_t from = size < old_size ? size : BED_HEADER; /* at the same byte, as in a file used again */
    memcpy(both + size, old + from, old_size - from);
    bed_write(file, both, size + old_size - from);
    free(old);
    free(bytes);
    free(both);
    j = bed_recover(place, &recovery, "older segment");
    ck_assert_uint_gt(recovery.torn_bytes, 0);
    ck_assert_uint_eq(bed_check_alive(j, place), count);
}
END_TEST

START_TEST(records_of_an_older_turn_behind_a_torn_one)
{
    struct journal_recovery recovery;
    char file[BED_PATH];
    size_t size;
    uint64_t durable = bed_die_in_sync(place, 6, 12);

    bed_segment(place, -1, file);
    unsigned char *bytes = bed_read(file, &size);
    memset(bytes + BED_HEADER + durable + BED_MARK, 0, 60); /* the first of the burst: nothing says it was durable */
    bed_write(file, bytes, size);
    free(bytes);
    struct journal *j = bed_recover(place, &recovery, "older turn");
    ck_assert_uint_gt(recovery.torn_bytes, 0);
    ck_assert_uint_eq(bed_check_alive(j, place), 6);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("journal tails");
    TCase *c = tcase_create("journal tails");

    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_loop_test(c, a_bad_tail_is_the_end, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_loop_test(c, the_same_before_a_mark_is_rot, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(c, records_of_an_older_segment_behind_the_end);
    tcase_add_test(c, records_of_an_older_turn_behind_a_torn_one);
    suite_add_tcase(s, c);
    return s;
}

int
main(void)
{
    return bed_run(suite());
}
