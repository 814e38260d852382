#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bed.h"

#define DAY_US 86400000000

static char place[BED_PATH];

static void
setup(void)
{
    bed_place("journal", place);
    disk_strike(DISK_NONE, 0, 0, 0);
}

static struct journal *
open_with(const struct journal_settings *settings)
{
    struct journal_recovery recovery;
    struct reason why;
    struct journal *j = journal_open(settings, bed_now, &recovery, &why);
    ck_assert_msg(j != NULL, "%s", why.text);
    return j;
}

/* ---- append, sync, read ---- */

START_TEST(a_message_comes_back_as_it_went_in)
{
    struct journal *j = bed_open(place);
    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    struct reason why;

    journal_append(j, (struct instant){-5}, "", "t", "\0\1\2", 3);
    journal_append(j, bed_now, "south", "", NULL, 0);
    bed_sync(j);
    ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_RECORD);
    ck_assert(r.position == 0 && r.arrived.us == -5 && r.broker_size == 0 && r.topic_size == 1);
    ck_assert(r.payload_size == 3 && memcmp(r.payload, "\0\1\2", 3) == 0);
    ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_RECORD);
    ck_assert(r.position == 48 && r.broker_size == 5 && r.topic_size == 0 && r.payload_size == 0);
    ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_NONE);
    journal_reader_free(reader);
    journal_close(j);
}
END_TEST

START_TEST(only_what_is_durable_is_read)
{
    struct journal *j = bed_open(place);

    bed_append(j, 0, 3);
    ck_assert(journal_dirty(j));
    ck_assert_uint_eq(journal_durable(j), 0);
    ck_assert_uint_gt(journal_end(j), 0);
    ck_assert_uint_eq(bed_count_messages(j), 0);
    bed_sync(j);
    ck_assert_uint_eq(bed_count_messages(j), 3);
    journal_close(j);
}
END_TEST

/* A reader that has read all stands at what is durable, though a mark has been written behind it. */
START_TEST(a_reader_comes_to_the_end)
{
    struct journal *j = bed_open(place);
    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    struct reason why;

    for (unsigned n = 0; n < 100; n++) {
        bed_append(j, n, n + 1);
        bed_sync(j);
        ck_assert_uint_gt(journal_end(j), journal_durable(j));
        ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_RECORD);
        ck_assert_uint_eq(journal_reader_position(reader), journal_durable(j));
        ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_NONE);
    }
    ck_assert_int_gt(bed_files(place, ".seg"), 3);
    journal_reader_free(reader);
    journal_close(j);
}
END_TEST

START_TEST(what_a_sync_costs)
{
    struct journal_settings settings = bed_settings(place);
    settings.segment_bytes = 1 << 20;
    struct journal *j = open_with(&settings);

    disk_strike(DISK_NONE, 0, 0, 0);
    bed_append(j, 0, 1000);
    ck_assert_int_eq(disk_count(DISK_PWRITE), 0);
    bed_sync(j);
    ck_assert_int_eq(disk_count(DISK_PWRITE), 2); /* the records, and the mark */
    ck_assert_int_eq(disk_count(DISK_FDATASYNC), 1);
    ck_assert_int_eq(disk_count(DISK_FSYNC), 0);
    bed_sync(j); /* nothing waits */
    ck_assert_int_eq(disk_count(DISK_FDATASYNC), 1);

    /* With a new segment: the old one's end, the new one's header and name, the records. */
    disk_strike(DISK_NONE, 0, 0, 0);
    bed_append(j, 1000, 8000);
    bed_sync(j);
    ck_assert_int_eq(disk_count(DISK_FDATASYNC), 3);
    ck_assert_int_eq(disk_count(DISK_FSYNC), 1);
    journal_close(j);
}
END_TEST

START_TEST(it_goes_on_after_reopening)
{
    char uuid[37];
    struct journal *j = bed_open(place);
    strcpy(uuid, journal_uuid(j));
    ck_assert_uint_eq(strlen(uuid), 36);

    for (unsigned n = 0; n < 60; n += 3) {
        bed_append(j, n, n + 3);
        bed_sync(j);
        uint64_t durable = journal_durable(j);
        journal_close(j);
        j = bed_open(place);
        ck_assert_str_eq(journal_uuid(j), uuid);
        ck_assert_uint_eq(journal_durable(j), durable);
        ck_assert_uint_eq(bed_count_messages(j), n + 3);
    }
    journal_close(j);
}
END_TEST

/* A mark at the end is no reason to write a segment anew. */
START_TEST(opening_makes_no_segments)
{
    struct journal *j = bed_open(place);
    unsigned count = bed_fill(j, 2);
    journal_close(j);
    for (int i = 0; i < 10; i++)
        journal_close(bed_open(place));
    ck_assert_int_eq(bed_files(place, ".seg"), 1);
    j = bed_open(place);
    ck_assert_uint_eq(bed_count_messages(j), count);
    journal_close(j);
}
END_TEST

START_TEST(a_record_larger_than_anything)
{
    struct journal *j = bed_open(place);
    size_t size = 3000000;
    char *large = malloc(size);
    memset(large, 'x', size);
    large[size - 1] = 'y';

    bed_append(j, 0, 2);
    journal_append(j, bed_now, "north", "large", large, size);
    bed_append(j, 2, 4);
    bed_sync(j);
    bed_append(j, 4, 6);
    bed_sync(j);

    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    struct reason why;
    for (int i = 0; i < 7; i++) {
        ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_RECORD);
        if (i == 2)
            ck_assert(r.payload_size == size && memcmp(r.payload, large, size) == 0);
    }
    ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_NONE);
    ck_assert_int_eq(bed_files(place, ".seg"), 2);
    journal_reader_free(reader);
    journal_close(j);
    free(large);
}
END_TEST

/* ---- segments ---- */

static void
check_file(const char *file, uint64_t *total)
{
    struct stat st;
    ck_assert_int_eq(stat(file, &st), 0);
    *total += (uint64_t)st.st_size;
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}

START_TEST(segments_join)
{
    struct journal *j = bed_open(place);
    unsigned count = bed_fill(j, 40);
    int segments = bed_files(place, ".seg");
    uint64_t total = 0;

    ck_assert_int_gt(segments, 5);
    ck_assert(bed_exists(place, "00000000000000000000.seg"));
    for (int i = 0; i < segments; i++) {
        char file[BED_PATH];
        bed_segment(place, i, file);
        check_file(file, &total);
    }
    ck_assert_uint_eq(total, journal_bytes(j));
    ck_assert_uint_lt(total, (uint64_t)segments * 4096 + 1);
    ck_assert_uint_eq(bed_count_messages(j), count);
    journal_close(j);
    j = bed_open(place);
    ck_assert_uint_eq(bed_count_messages(j), count);
    ck_assert_int_eq(bed_files(place, ".seg"), segments);
    journal_close(j);
}
END_TEST

START_TEST(modes_are_the_owners)
{
    struct stat st;
    char file[BED_PATH], lock[2 * BED_PATH];
    uint64_t total = 0;

    umask(0);
    struct journal *j = bed_open(place);
    ck_assert_int_eq(stat(place, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    bed_segment(place, 0, file);
    check_file(file, &total);
    snprintf(lock, sizeof(lock), "%s/lock", place);
    check_file(lock, &total);
    journal_close(j);
}
END_TEST

START_TEST(one_process_at_a_time)
{
    struct journal *j = bed_open(place);
    struct journal_recovery recovery;
    struct reason why;

    ck_assert_ptr_null(bed_try(place, &recovery, &why));
    ck_assert_msg(strstr(why.text, "in use") != NULL, "%s", why.text);
    journal_close(j);
    journal_close(bed_open(place));
}
END_TEST

/* ---- seeking and covering ---- */

START_TEST(a_seek_wants_the_beginning_of_a_record)
{
    struct journal *j = bed_open(place);
    unsigned count = bed_fill(j, 10);
    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    struct reason why;
    unsigned begins = 0;

    for (uint64_t position = 0; position < journal_durable(j); position += 8) {
        uint64_t before = journal_reader_position(reader);
        if (!journal_reader_seek(reader, position, &why))
            ck_assert_uint_eq(journal_reader_position(reader), before);
        else if (journal_reader_next(reader, &r, &why) == JOURNAL_RECORD && r.position == position)
            begins++;
    }
    ck_assert_uint_eq(begins, count);
    ck_assert(journal_reader_seek(reader, journal_durable(j), &why));
    ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_NONE);
    ck_assert(!journal_reader_seek(reader, journal_durable(j) + 8, &why));
    ck_assert(!journal_reader_seek(reader, 4, &why));
    journal_reader_free(reader);
    journal_close(j);
}
END_TEST

START_TEST(covers_what_it_may_have_given)
{
    struct journal *j = bed_open(place);
    struct reason why;

    bed_fill(j, 20);
    uint64_t opened = journal_durable(j);
    journal_close(j);
    j = bed_open(place);
    ck_assert(journal_covers(j, 0, &why) && journal_covers(j, opened, &why));
    ck_assert(!journal_covers(j, opened + 8, &why));

    /* Appended since, but nobody has read it: whoever says he stored it has it from a journal that is lost.
     */
    bed_append(j, 100, 110);
    bed_sync(j);
    ck_assert(!journal_covers(j, journal_durable(j), &why));
    ck_assert_msg(strstr(why.text, "older copy") != NULL, "%s", why.text);
    ck_assert_uint_eq(bed_count_messages(j), 110);
    ck_assert(journal_covers(j, journal_durable(j), &why));

    ck_assert_int_gt(journal_retire(j, opened, (struct instant){bed_now.us + 2 * DAY_US}), 0);
    ck_assert(!journal_covers(j, 0, &why));
    ck_assert_msg(strstr(why.text, "deleted") != NULL, "%s", why.text);
    journal_close(j);
}
END_TEST

/* ---- retiring ---- */

START_TEST(retired_when_stored_and_old)
{
    struct journal *j = bed_open(place);
    struct instant later = {bed_now.us + DAY_US + 1};
    bed_fill(j, 20);
    int segments = bed_files(place, ".seg");
    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    struct reason why;

    while (journal_reader_next(reader, &r, &why) == JOURNAL_RECORD)
        ;
    ck_assert_int_eq(journal_retire(j, journal_durable(j), (struct instant){bed_now.us + DAY_US}), 0);
    ck_assert_int_eq(journal_retire(j, 0, later), 0);
    ck_assert_int_eq(journal_retire(j, 5000, later), 1);
    ck_assert(!bed_exists(place, "00000000000000000000.seg"));
    ck_assert_uint_gt(journal_first(j), 0);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), later), segments - 2);
    ck_assert_int_eq(bed_files(place, ".seg"), 1);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), later), 0);
    ck_assert(!journal_reader_seek(reader, 0, &why));
    ck_assert_msg(strstr(why.text, "not kept any more") != NULL, "%s", why.text);

    bed_append(j, 100, 130);
    bed_sync(j);
    ck_assert_int_eq(journal_reader_next(reader, &r, &why), JOURNAL_RECORD);
    ck_assert_int_eq(bed_numbers(j, r.position, 100, &why), 130);
    journal_reader_free(reader);
    uint64_t first = journal_first(j);
    journal_close(j);
    j = bed_open(place);
    ck_assert_uint_eq(journal_first(j), first);
    journal_close(j);
}
END_TEST

/* The time of closing survives a restart. */
START_TEST(retention_is_kept_on_disk)
{
    struct journal *j = bed_open(place);
    bed_fill(j, 20);
    journal_close(j);
    j = bed_open(place);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), (struct instant){bed_now.us + DAY_US}), 0);
    ck_assert_int_gt(journal_retire(j, journal_durable(j), (struct instant){bed_now.us + DAY_US + 1}), 0);
    journal_close(j);
}
END_TEST

START_TEST(pressed_for_room_the_retention_does_not_count)
{
    struct journal_settings settings = bed_settings(place);
    settings.size_bytes = 40000;
    struct journal *j = open_with(&settings);

    bed_fill(j, 20);
    ck_assert_uint_lt(journal_bytes(j), 30000);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), bed_now), 0);
    for (unsigned n = 100; journal_bytes(j) < 32000; n++) {
        bed_append(j, n, n + 1);
        bed_sync(j);
    }
    ck_assert_int_gt(journal_retire(j, journal_durable(j), bed_now), 0);
    ck_assert_uint_le(journal_bytes(j), 30000);
    ck_assert_uint_gt(journal_bytes(j), 30000 - 4096);
    journal_close(j);
}
END_TEST

START_TEST(a_condemned_journal_is_refused_until_somebody_has_looked)
{
    struct journal_recovery recovery;
    struct reason why;
    struct journal *j = bed_open(place);
    char file[600];

    bed_fill(j, 5);
    uint64_t messages = bed_count_messages(j);
    journal_condemn(j, "its end was lost");
    journal_close(j);
    ck_assert(bed_try(place, &recovery, &why) == NULL);
    ck_assert_msg(strstr(why.text, "its end was lost") != NULL, "%s", why.text);
    snprintf(file, sizeof(file), "%s/condemned", place);
    ck_assert_int_eq(unlink(file), 0);
    j = bed_open(place);
    ck_assert_uint_eq(bed_count_messages(j), messages);
    journal_close(j);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("journal");
    TCase *c = tcase_create("journal");

    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, a_message_comes_back_as_it_went_in);
    tcase_add_test(c, only_what_is_durable_is_read);
    tcase_add_test(c, a_reader_comes_to_the_end);
    tcase_add_test(c, what_a_sync_costs);
    tcase_add_test(c, it_goes_on_after_reopening);
    tcase_add_test(c, opening_makes_no_segments);
    tcase_add_test(c, a_record_larger_than_anything);
    tcase_add_test(c, segments_join);
    tcase_add_test(c, modes_are_the_owners);
    tcase_add_test(c, one_process_at_a_time);
    tcase_add_test(c, a_seek_wants_the_beginning_of_a_record);
    tcase_add_test(c, covers_what_it_may_have_given);
    tcase_add_test(c, retired_when_stored_and_old);
    tcase_add_test(c, retention_is_kept_on_disk);
    tcase_add_test(c, pressed_for_room_the_retention_does_not_count);
    tcase_add_test(c, a_condemned_journal_is_refused_until_somebody_has_looked);
    suite_add_tcase(s, c);
    return s;
}

int
main(void)
{
    return bed_run(suite());
}
