#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bed.h"
#include "crc32c.h"

static char place[BED_PATH];
static char other[BED_PATH];

static void
setup(void)
{
    bed_place("recovery", place);
    bed_place("copy", other);
    disk_strike(DISK_NONE, 0, 0, 0);
}

/* ---- torn tails ---- */

START_TEST(a_torn_tail_is_cut_and_kept_aside)
{
    struct journal_recovery recovery;
    char file[BED_PATH], torn[2 * BED_PATH];
    size_t size, kept_size;

    uint64_t durable = bed_die_in_sync(place, 6, 8);
    bed_segment(place, -1, file);
    unsigned char *before = bed_read(file, &size);
    bed_write(file, before, size - 8);
    struct journal *j = bed_recover(place, &recovery, "torn");
    ck_assert_uint_eq(bed_count_messages(j), 7);
    uint64_t good = journal_durable(j);
    ck_assert_uint_eq(durable + recovery.rewritten_bytes, good);
    ck_assert_uint_eq(recovery.torn_bytes, size - 8 - BED_HEADER - good);
    snprintf(torn, sizeof(torn), "%s/%020llu.torn", place, (unsigned long long)good);
    unsigned char *kept = bed_read(torn, &kept_size);
    ck_assert_uint_eq(kept_size, recovery.torn_bytes);
    ck_assert_mem_eq(kept, before + BED_HEADER + good, kept_size);
    bed_check_alive(j, place);
    free(before);
    free(kept);
}
END_TEST

START_TEST(a_torn_tail_is_kept_before_it_is_cut)
{
    struct journal_recovery recovery;
    struct reason why;
    char file[BED_PATH];
    struct stat st;

    bed_die_in_sync(place, 6, 8);
    bed_segment(place, -1, file);
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_eq(truncate(file, st.st_size - 8), 0);
    disk_strike(DISK_ERROR, DISK_FTRUNCATE, 1, EIO);
    ck_assert_ptr_null(bed_try(place, &recovery, &why));
    ck_assert_int_eq(bed_files(place, ".torn"), 1);
}
END_TEST

START_TEST(every_length_of_the_tail_recovers)
{
    char file[BED_PATH];
    size_t size;

    uint64_t durable = bed_die_in_sync(place, 4, 8);
    bed_segment(place, -1, file);
    free(bed_read(file, &size));
    unsigned most = 0;
    for (size_t cut = BED_HEADER + (size_t)durable; cut <= size; cut++) {
        struct journal_recovery recovery;
        char name[32];
        bed_copy(place, other);
        bed_segment(other, -1, file);
        ck_assert_int_eq(truncate(file, (off_t)cut), 0);
        snprintf(name, sizeof(name), "cut at %zu", cut);
        struct journal *j = bed_recover(other, &recovery, name);
        ck_assert_msg(bed_files(other, ".torn") == (recovery.torn_bytes > 0), "%s", name);
        unsigned count = bed_check_alive(j, other);
        ck_assert_msg(count >= 4 && count >= most && count <= 8, "%s: %u", name, count);
        most = count;
    }
    ck_assert_uint_eq(most, 8);
}
END_TEST

START_TEST(torn_twice_at_one_place)
{
    struct journal *j = bed_open(place);
    struct journal_recovery recovery;
    char file[BED_PATH];

    bed_append(j, 0, 2);
    bed_sync(j);
    uint64_t end = journal_end(j);
    journal_close(j);
    for (int times = 1; times <= 3; times++) {
        size_t size;
        bed_segment(place, -1, file);
        unsigned char *bytes = bed_read(file, &size);
        bytes[size] = (unsigned char)times;
        bed_write(file, bytes, size + 1);
        free(bytes);
        j = bed_recover(place, &recovery, "torn again");
        ck_assert_uint_eq(recovery.torn_bytes, 1);
        ck_assert_uint_eq(recovery.rewritten_bytes, 0);
        ck_assert_uint_eq(journal_end(j), end);
        journal_close(j);
        ck_assert_int_eq(bed_files(place, ".torn"), times);
    }
}
END_TEST

/* A record inside a payload, in a tail whose outer record is damaged: only one that knew the journal's uuid
 * and the position it would come to could pass for proof of rot. */
static const struct {
    const char *name;
    uint32_t seed_off;
    uint64_t position_off;
    bool is_taken;
} forged_rows[] = {
    {"the seed of another journal", 1, 0, false},
    {"another position", 0, 8, false},
    {"all right", 0, 0, true},
};

START_TEST(a_record_in_a_payload_proves_nothing)
{
    struct journal *j = bed_open(place);
    struct journal_recovery recovery;
    struct reason why;
    unsigned char payload[3 + BED_MARK];
    char file[BED_PATH];
    size_t size;

    bed_append(j, 0, 3);
    bed_sync(j);
    bed_segment(place, -1, file);
    unsigned char *bytes = bed_read(file, &size);
    uint64_t outer = journal_end(j);
    struct record inner = {.kind = RECORD_MARK, .position = outer + 64 + forged_rows[_i].position_off};
    inner.durable = outer + 8;
    memset(payload, 0, sizeof(payload));
    record_write(&inner, crc32c(0, bytes + 16, 16) + forged_rows[_i].seed_off, payload + 3);
    free(bytes);
    journal_append(j, bed_now, "north", "plants/a/b/c", payload, sizeof(payload));
    disk_strike(DISK_ERROR, DISK_FDATASYNC, 1, EIO);
    ck_assert_int_eq(journal_sync(j, bed_now, &why), JOURNAL_BROKEN);
    journal_close(j);

    bed_flip(file, BED_HEADER + outer + 5, 0);
    j = bed_try(place, &recovery, &why);
    ck_assert_msg((j == NULL) == forged_rows[_i].is_taken, "%s", forged_rows[_i].name);
    if (j != NULL)
        ck_assert_uint_eq(bed_check_alive(j, place), 3);
}
END_TEST

/* ---- rot ---- */

START_TEST(a_flipped_bit_is_refused_with_its_place)
{
    struct journal *j = bed_open(place);
    struct journal_reader *reader = journal_reader_new(j);
    struct journal_recovery recovery;
    struct record r;
    struct reason why;
    char file[BED_PATH], says[64];

    bed_append(j, 0, 6);
    bed_sync(j);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_RECORD);
    journal_reader_free(reader);
    journal_close(j);

    bed_segment(place, -1, file);
    bed_flip(file, BED_HEADER + r.position + 70, 5);
    ck_assert_ptr_null(bed_try(place, &recovery, &why));
    snprintf(says, sizeof(says), "rotten at position %llu (byte %llu)", (unsigned long long)r.position,
             (unsigned long long)r.position + BED_HEADER);
    ck_assert_msg(strstr(why.text, says) != NULL && strstr(why.text, file) != NULL, "%s", why.text);
    ck_assert_int_eq(bed_files(place, ".torn"), 0);
    bed_flip(file, BED_HEADER + r.position + 70, 5);
    journal_close(bed_open(place));
}
END_TEST

/* What a flip did: refused, or rotten when it is read. Otherwise all must be there. */
static bool
is_noticed(const char *path, unsigned count, struct reason *why)
{
    struct journal_recovery recovery;
    struct journal *j = bed_try(path, &recovery, why);
    if (j == NULL)
        return true;
    int numbers = bed_numbers(j, journal_first(j), 0, why);
    journal_close(j);
    ck_assert_msg(numbers == -1 || numbers == (int)count, "%d of %u messages and not a word", numbers, count);
    return numbers == -1;
}

START_TEST(every_byte_of_the_last_segment)
{
    struct journal *j = bed_open(place);
    char file[BED_PATH];
    size_t size;

    for (unsigned n = 0; n < 40; n += 2) {
        bed_append(j, n, n + 2);
        bed_sync(j);
    }
    uint64_t durable = journal_durable(j);
    journal_close(j);
    bed_segment(place, -1, file);
    uint64_t first = bed_first(file);
    ck_assert_uint_gt(first, 0);
    free(bed_read(file, &size));
    ck_assert_uint_eq(size, BED_HEADER + durable - first + BED_MARK);

    for (size_t byte = 0; byte < size; byte++) {
        struct reason why = {""};
        bed_copy(place, other);
        bed_segment(other, -1, file);
        bed_flip(file, byte, byte % 8);
        bool noticed = is_noticed(other, 40, &why);
        /* Only the last mark, on which nothing rests, may go without a word. */
        ck_assert_msg(noticed == (byte < BED_HEADER + durable - first), "byte %zu of %zu: %s", byte, size,
                      why.text);
        ck_assert_msg(!noticed || bed_files(other, ".torn") == 0, "byte %zu: refused and cut all the same",
                      byte);
    }
}
END_TEST

START_TEST(bits_anywhere)
{
    struct bed_dice dice = {20201102};
    struct journal *j = bed_open(place);
    for (unsigned n = 0; n < 200; n += 4) {
        bed_append(j, n, n + 4);
        bed_sync(j);
    }
    uint64_t durable = journal_durable(j);
    journal_close(j);
    int at_reading = 0;

    for (int round = 0; round < 400; round++) {
        struct journal_recovery recovery;
        struct reason why = {""};
        char file[BED_PATH];
        size_t size;
        bed_copy(place, other);
        int segments = bed_files(other, ".seg");
        bed_segment(other, round % 4 == 0 ? -1 : (int)bed_roll(&dice, (unsigned)segments), file);
        free(bed_read(file, &size));
        size_t most = BED_HEADER + (size_t)(durable - bed_first(file));
        size_t byte = bed_roll(&dice, (unsigned)(size < most ? size : most));
        bed_flip(file, byte, bed_roll(&dice, 8));
        ck_assert_msg(is_noticed(other, 200, &why), "round %d: byte %zu of \"%s\"", round, byte, file);
        ck_assert_msg(strstr(why.text, file) != NULL, "round %d: %s", round, why.text);
        j = bed_try(other, &recovery, &why);
        at_reading += j != NULL;
        if (j != NULL)
            journal_close(j);
    }
    ck_assert_int_gt(at_reading, 100);
}
END_TEST

/* ---- refused ---- */

static void
delete_second(void)
{
    char file[BED_PATH];
    bed_segment(place, 1, file);
    unlink(file);
}

static void
shorten_second(void)
{
    char file[BED_PATH];
    bed_segment(place, 1, file);
    ck_assert_int_eq(truncate(file, 1000), 0);
}

static void
lengthen_second(void)
{
    char file[BED_PATH];
    bed_segment(place, 1, file);
    ck_assert_int_eq(truncate(file, 5000), 0);
}

static void
flip_header(void)
{
    char file[BED_PATH];
    bed_segment(place, 1, file);
    bed_flip(file, 44, 3);
}

static void
cut_header(void)
{
    char file[BED_PATH];
    bed_segment(place, -1, file);
    ck_assert_int_eq(truncate(file, 40), 0);
}

static void
write_rubbish(void)
{
    char file[BED_PATH];
    char rubbish[4096] = "not mine";
    bed_segment(place, 1, file);
    bed_write(file, rubbish, sizeof(rubbish));
}

static void
swap(void)
{
    char first[BED_PATH], second[BED_PATH];
    bed_segment(place, 0, first);
    bed_segment(place, 1, second);
    rename(second, first);
}

static void
take_foreign(void)
{
    char foreign[BED_PATH], file[BED_PATH];
    struct journal *j = bed_open(other);
    bed_fill(j, 20);
    journal_close(j);
    bed_segment(other, -1, foreign);
    bed_segment(place, -1, file);
    rename(foreign, file);
}

static void
make_newer(void)
{
    char file[BED_PATH];
    size_t size;
    bed_segment(place, 1, file);
    unsigned char *bytes = bed_read(file, &size);
    bytes[8] = 2;
    uint32_t crc = crc32c(0, bytes, 60);
    for (int i = 0; i < 4; i++)
        bytes[60 + i] = (unsigned char)(crc >> 8 * i);
    bed_write(file, bytes, size);
    free(bytes);
}

static void
open_to_others(void)
{
    chmod(place, 0770);
}

static void
be_a_file(void)
{
    setup();
    bed_write(place, "", 0);
}

static const struct {
    const char *name;
    void (*spoil)(void);
    const char *says;
} refused_rows[] = {
    {"a segment is gone", delete_second, "a gap"},
    {"a segment is shorter", shorten_second, "a gap"},
    {"a segment is longer", lengthen_second, "overlap"},
    {"a header is rotten", flip_header, "its header does not read"},
    {"a header is cut", cut_header, "shorter than its header"},
    {"not a segment", write_rubbish, "no segment of a journal"},
    {"a segment under another's name", swap, "another position than its name"},
    {"a segment of another journal", take_foreign, "another journal"},
    {"of a later version", make_newer, "a segment of version 2"},
    {"others may write", open_to_others, "chmod go-w"},
    {"not a directory", be_a_file, "Not a directory"},
};

START_TEST(refused_with_a_word)
{
    struct journal_recovery recovery;
    struct reason why;
    struct journal *j = bed_open(place);
    bed_fill(j, 20);
    journal_close(j);

    refused_rows[_i].spoil();
    j = bed_try(place, &recovery, &why);
    ck_assert_msg(j == NULL, "%s", refused_rows[_i].name);
    ck_assert_msg(strstr(why.text, refused_rows[_i].says) != NULL && strstr(why.text, place) != NULL,
                  "%s: %s", refused_rows[_i].name, why.text);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("journal recovery");
    TCase *c = tcase_create("journal recovery");

    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, a_torn_tail_is_cut_and_kept_aside);
    tcase_add_test(c, a_torn_tail_is_kept_before_it_is_cut);
    tcase_add_test(c, every_length_of_the_tail_recovers);
    tcase_add_test(c, torn_twice_at_one_place);
    tcase_add_loop_test(c, a_record_in_a_payload_proves_nothing, 0,
                        sizeof(forged_rows) / sizeof(forged_rows[0]));
    tcase_add_test(c, a_flipped_bit_is_refused_with_its_place);
    tcase_add_test(c, every_byte_of_the_last_segment);
    tcase_add_test(c, bits_anywhere);
    tcase_add_loop_test(c, refused_with_a_word, 0, sizeof(refused_rows) / sizeof(refused_rows[0]));
    suite_add_tcase(s, c);
    return s;
}

int
main(void)
{
    return bed_run(suite());
}
