#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bed.h"
#include "crc32c.h"
#include "journal_digest.h"
#include "often.h"
#include "record.h"
#include "verify.h"

#define DAY_US 86400000000
#define ROWS_MOST 32

static char place[BED_PATH];

/* A closed journal, all of it recorded, and what verify says of it. */
static struct chain_row row[ROWS_MOST];
static struct chain chain;
static struct verify_wish wish;
static struct {
    uint64_t faults;
    char where[80];
    uint64_t position;
    char what[REASON_SIZE];
    uint64_t bytes;
} told;

static void
on_fault(void *self, const char *where, uint64_t position, const char *what)
{
    (void)self;
    if (told.faults++ > 0)
        return;
    snprintf(told.where, sizeof(told.where), "%s", where);
    snprintf(told.what, sizeof(told.what), "%s", what);
    told.position = position;
}

static void
on_bytes(void *self, uint64_t bytes)
{
    (void)self;
    told.bytes += bytes;
}

static struct verify_counts
verify(const struct chain *c)
{
    static const struct verify_calls calls = {on_fault, on_bytes};
    struct reason why;
    struct journal_look *look = journal_look_new(place, &why);
    ck_assert_msg(look != NULL, "%s", why.text);
    memset(&told, 0, sizeof(told));
    struct verify_counts counts = verify_run(look, c, &wish, &calls, NULL);
    ck_assert_uint_eq(counts.faults, told.faults);
    ck_assert_uint_le(told.bytes, verify_bytes(look, wish.from));
    journal_look_free(look);
    return counts;
}

/* The chain as the manual has it, written down a second time. */
static void
chain_on(const unsigned char before[DIGEST_SIZE], struct chain_row *r)
{
    struct digest *d = digest_new();
    digest_add(d, before, DIGEST_SIZE);
    digest_add(d, chain.uuid, sizeof(chain.uuid));
    for (int i = 56; i >= 0; i -= 8)
        digest_add(d, &(unsigned char){(unsigned char)(r->first >> i)}, 1);
    for (int i = 56; i >= 0; i -= 8)
        digest_add(d, &(unsigned char){(unsigned char)(r->end >> i)}, 1);
    digest_add(d, r->digest, DIGEST_SIZE);
    digest_end(d, r->chain);
    digest_free(d);
}

static void
take_uuid(const char *text)
{
    unsigned byte;
    for (size_t i = 0; i < 16; text += 2) {
        text += *text == '-';
        ck_assert_int_eq(sscanf(text, "%2x", &byte), 1);
        chain.uuid[i++] = (unsigned char)byte;
    }
}

static void
record_all(struct journal *j)
{
    static const unsigned char nothing[DIGEST_SIZE];
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed c;
    struct reason why;
    enum journal_digested done;

    take_uuid(journal_uuid(j));
    journal_digest_seek(d, NULL, &why);
    while ((done = journal_digest_step(d, &c, &why)) != JOURNAL_DIGEST_NONE) {
        if (done == JOURNAL_DIGEST_SLICE)
            continue;
        struct chain_row *r = &row[chain.rows];
        *r = (struct chain_row){.first = c.first, .end = c.end, .bytes = c.bytes, .closed = c.closed};
        memcpy(r->digest, c.digest, DIGEST_SIZE);
        chain_on(chain.rows == 0 ? nothing : row[chain.rows - 1].chain, r);
        ck_assert_uint_lt(++chain.rows, ROWS_MOST);
    }
    journal_digest_free(d);
}

static void
setup(void)
{
    bed_place("journal", place);
    disk_strike(DISK_NONE, 0, 0, 0);
    struct journal *j = bed_open(place);
    bed_fill(j, 30);
    chain = (struct chain){.is_known = true, .row = row, .stored = journal_durable(j)};
    wish = (struct verify_wish){.now = {bed_now.us + DAY_US / 2}, .retention_us = DAY_US, .size_bytes = 1 << 30};
    record_all(j);
    journal_close(j);
}

START_TEST(whole)
{
    struct verify_counts c = verify(&chain);
    ck_assert_msg(told.faults == 0, "%s: %s", told.where, told.what);
    ck_assert_uint_eq(c.segments, chain.rows + 1);
    ck_assert_uint_eq(c.recorded, chain.rows);
    ck_assert_uint_eq(c.messages, 150);
    ck_assert_uint_eq(told.bytes, c.bytes);
    wish.from = row[2].first;
    c = verify(&chain);
    ck_assert_uint_eq(told.faults, 0);
    ck_assert_uint_eq(c.segments, chain.rows - 1);
}
END_TEST

/* Where the record begins that has this byte. */
static uint64_t
record_of(const unsigned char *file, uint64_t first, size_t byte)
{
    size_t at = BED_HEADER;
    for (;;) {
        uint32_t size;
        memcpy(&size, file + at + 4, sizeof(size));
        if (byte < at + size)
            return first + at - BED_HEADER;
        at += size;
    }
}

/* Every byte of a closed segment, one bit of it. */
START_TEST(each_byte_is_found_where_it_is)
{
    struct bed_dice dice = {4};
    char file[BED_PATH];
    size_t size;

    bed_segment(place, 2, file);
    unsigned char *bytes = bed_read(file, &size);
    /* A walk over the journal for each byte, with buffers of 1 MiB. Every 11th comes by each field of a record. */
    for (size_t i = 0, step = often(1, 11); i < size; i += step) {
        unsigned bit = bed_roll(&dice, 8);
        bed_flip(file, i, bit);
        verify(&chain);
        ck_assert_msg(told.faults == 1, "byte %zu: %" PRIu64 " faults", i, told.faults);
        ck_assert_msg(strstr(file, told.where) != NULL, "byte %zu: %s", i, told.where);
        uint64_t wanted = i < BED_HEADER ? row[2].first : record_of(bytes, row[2].first, i);
        ck_assert_msg(told.position == wanted, "byte %zu: %" PRIu64 ", not %" PRIu64, i, told.position, wanted);
        bed_flip(file, i, bit);
    }
    verify(&chain);
    ck_assert_uint_eq(told.faults, 0);
    free(bytes);
}
END_TEST

/* The record with another byte in its payload, and a sum that fits. */
static void
forge(const char *file, uint64_t first)
{
    struct record r;
    size_t size, used;
    unsigned char *bytes = bed_read(file, &size);
    uint32_t seed = crc32c(0, chain.uuid, sizeof(chain.uuid));
    unsigned char payload[4096];

    ck_assert_int_eq(record_read(bytes + BED_HEADER, size - BED_HEADER, first, seed, &r, &used), RECORD_OK);
    memcpy(payload, r.payload, r.payload_size);
    payload[0] ^= 1;
    r.payload = payload;
    record_write(&r, seed, bytes + BED_HEADER);
    bed_write(file, bytes, size);
    free(bytes);
}

START_TEST(forged_with_care)
{
    char file[BED_PATH];

    bed_segment(place, 1, file);
    forge(file, row[1].first);
    verify(NULL);
    ck_assert_uint_eq(told.faults, 0); /* no sum says it */
    verify(&chain);
    ck_assert_uint_eq(told.faults, 1);
    ck_assert_msg(strstr(file, told.where) != NULL && strstr(told.what, "rewritten with care") != NULL, "%s", told.what);

    /* with the row, too */
    struct digest *d = digest_new();
    size_t size;
    unsigned char *bytes = bed_read(file, &size);
    digest_add(d, bytes, size);
    digest_end(d, row[1].digest);
    unsigned char head[DIGEST_SIZE];
    memcpy(head, row[chain.rows - 1].chain, DIGEST_SIZE);
    wish.head = head;
    for (size_t i = 1; i < chain.rows; i++)
        chain_on(row[i - 1].chain, &row[i]);
    verify(&chain);
    ck_assert_uint_eq(told.faults, 1);
    ck_assert_msg(strstr(told.what, "kept outside") != NULL, "%s", told.what);
    digest_free(d);
    free(bytes);
}
END_TEST

/* What the open segment may end in: what is being written, or was torn before it was ever durable. */
static void
cut_record(const char *file, size_t size)
{
    ck_assert_int_eq(truncate(file, (long)size - BED_MARK - 20), 0);
}

static void
cut_mark(const char *file, size_t size)
{
    ck_assert_int_eq(truncate(file, (long)size - 20), 0);
}

static void
spoil_end(const char *file, size_t size)
{
    bed_flip(file, size - BED_MARK + 5, 1);
}

static void
spoil_middle(const char *file, size_t size)
{
    (void)size;
    bed_flip(file, BED_HEADER + 50, 1);
}

static const struct {
    const char *name;
    void (*harm)(const char *file, size_t size);
    unsigned faults;
} open_rows[] = {
    {"the last record cut", cut_record, 0},
    {"the last mark cut", cut_mark, 0},
    {"the last mark spoilt", spoil_end, 0},
    {"the first record spoilt, which later ones say was durable", spoil_middle, 1},
};

START_TEST(the_open_segment)
{
    char file[BED_PATH];
    size_t size;

    bed_segment(place, -1, file);
    free(bed_read(file, &size));
    open_rows[_i].harm(file, size);
    verify(&chain);
    ck_assert_msg(told.faults == open_rows[_i].faults, "%s: %" PRIu64 " faults: %s", open_rows[_i].name, told.faults, told.what);
}
END_TEST

/* The oldest are not there. */
static const struct {
    const char *name;
    int64_t now_us;
    uint64_t cap; /* in segments' bytes */
    unsigned faults;
} gone_rows[] = {
    {"within the retention", DAY_US / 2, 1 << 30, 2},
    {"past the retention", 2 * DAY_US, 1 << 30, 0},
    {"for want of room below the cap", DAY_US / 2, 5 * 4096, 0},
};

START_TEST(the_oldest_gone)
{
    char file[BED_PATH];

    for (int i = 0; i < 2; i++) {
        bed_segment(place, 0, file);
        ck_assert_int_eq(unlink(file), 0);
    }
    wish.now.us = bed_now.us + gone_rows[_i].now_us;
    wish.size_bytes = gone_rows[_i].cap;
    verify(&chain);
    ck_assert_msg(told.faults == gone_rows[_i].faults, "%s: %" PRIu64 " faults: %s", gone_rows[_i].name, told.faults, told.what);
}
END_TEST

/* The last closed one has no row: the daemon may be about to write it. */
START_TEST(not_recorded)
{
    chain.rows--;
    wish.now.us = bed_now.us + DAY_US / 48;
    ck_assert_uint_eq(verify(&chain).unrecorded, 1);
    ck_assert_uint_eq(told.faults, 0);
    wish.now.us = bed_now.us + DAY_US / 2;
    verify(&chain);
    ck_assert_uint_eq(told.faults, 1);
    ck_assert_msg(strstr(told.what, "never recorded") != NULL, "%s", told.what);
    chain.stored = row[chain.rows].first; /* not stored yet: the database was away */
    verify(&chain);
    ck_assert_uint_eq(told.faults, 0);
}
END_TEST

START_TEST(beside_the_writer)
{
    struct journal *j = bed_open(place);

    for (unsigned n = 150; n < 300; n += 3) {
        bed_append(j, n, n + 3);
        bed_sync(j);
        verify(NULL);
        ck_assert_msg(told.faults == 0, "%s: %s", told.where, told.what);
    }
    bed_append(j, 300, 301);
    ck_assert_uint_eq(verify(NULL).messages, 300);
    journal_close(j);
}
END_TEST

START_TEST(no_journal)
{
    struct reason why;
    char empty[BED_PATH];

    bed_place("empty", empty);
    ck_assert(journal_look_new(empty, &why) == NULL);
    ck_assert_msg(strstr(why.text, "cannot open") != NULL, "%s", why.text);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("verify");
    TCase *c = tcase_create("all");
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, whole);
    tcase_add_test(c, each_byte_is_found_where_it_is);
    tcase_add_test(c, forged_with_care);
    tcase_add_loop_test(c, the_open_segment, 0, 4);
    tcase_add_loop_test(c, the_oldest_gone, 0, 3);
    tcase_add_test(c, not_recorded);
    tcase_add_test(c, beside_the_writer);
    tcase_add_test(c, no_journal);
    suite_add_tcase(s, c);
    return s;
}

int
main(void)
{
    return bed_run(suite());
}
