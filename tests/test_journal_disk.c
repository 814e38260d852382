#include <check.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

/* ---- full ---- */

START_TEST(full_at_the_cap_until_there_is_room)
{
    struct journal_settings settings = bed_settings(place);
    settings.size_bytes = 8192;
    struct journal *j = open_with(&settings);
    struct reason why;
    unsigned n = 0;
    enum journal_sync done = JOURNAL_SYNCED;

    while (done == JOURNAL_SYNCED && n < 1000) {
        bed_append(j, n, n + 1);
        n++;
        done = journal_sync(j, bed_now, &why);
    }
    ck_assert_int_eq(done, JOURNAL_FULL);
    ck_assert_msg(strstr(why.text, "is full") != NULL, "%s", why.text);
    ck_assert_uint_le(journal_bytes(j), 8192);
    ck_assert_uint_eq(bed_count_messages(j), n - 1);
    bed_append(j, n, n + 1);
    ck_assert_int_eq(journal_sync(j, bed_now, &why), JOURNAL_FULL);
    ck_assert_int_eq(journal_retire(j, 0, bed_now), 0);
    ck_assert_int_eq(journal_sync(j, bed_now, &why), JOURNAL_FULL);

    uint64_t stored = journal_durable(j);
    ck_assert_int_gt(journal_retire(j, stored, bed_now), 0);
    bed_sync(j);
    ck_assert_int_eq(bed_numbers(j, stored, n - 1, &why), (int)n + 1);
    journal_close(j);
}
END_TEST

/* With one segment nothing can be retired: a burst larger than the cap must not wait for ever. */
START_TEST(a_burst_larger_than_the_cap_passes)
{
    struct journal_settings settings = bed_settings(place);
    settings.size_bytes = 8192;
    struct journal *j = open_with(&settings);

    bed_append(j, 0, 2);
    bed_sync(j);
    bed_append(j, 2, 100);
    bed_sync(j);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), bed_now), 1);
    bed_append(j, 100, 101);
    bed_sync(j);
    journal_close(j);
}
END_TEST

static void
limit_files(rlim_t bytes)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The limit is lifted at once: Check, too, writes files. */
static enum journal_sync
sync_limited(struct journal *j, struct reason *why)
{
    signal(SIGXFSZ, SIG_IGN);
    limit_files(1500);
    enum journal_sync done = journal_sync(j, bed_now, why);
    limit_files(RLIM_INFINITY);
    return done;
}

/* A disk that takes half of a burst and no more. Which of the two: the burst has room in its segment later
 * on, or it has grown and goes to a new one, and the half must be gone from the old. */
static const struct {
    const char *name;
    unsigned more;
} full_rows[] = {{"the same burst", 10}, {"a burst that needs a new segment", 40}};

START_TEST(a_full_disk_loses_nothing)
{
    struct reason why;
    struct journal *j = bed_open(place);

    bed_fill(j, 1);
    bed_append(j, 5, 10);
    ck_assert_int_eq(sync_limited(j, &why), JOURNAL_FULL);
    ck_assert_msg(strstr(why.text, "cannot write") != NULL && strstr(why.text, ".seg") != NULL, "%s",
                  why.text);
    ck_assert_uint_eq(bed_count_messages(j), 5);
    ck_assert_int_eq(sync_limited(j, &why), JOURNAL_FULL);
    bed_append(j, 10, full_rows[_i].more);
    ck_assert_int_eq(sync_limited(j, &why), JOURNAL_FULL);
    bed_sync(j);
    ck_assert_msg(bed_count_messages(j) == full_rows[_i].more, "%s", full_rows[_i].name);
    bed_append(j, full_rows[_i].more, 50);
    bed_sync(j);
    journal_close(j);
    j = bed_open(place);
    ck_assert_msg(bed_count_messages(j) == 50, "%s", full_rows[_i].name);
    journal_close(j);
}
END_TEST

/* Half a burst is taken back at once: as a torn tail it would want room to be kept aside, and there is none. */
START_TEST(stopped_while_the_disk_was_full)
{
    struct journal_recovery recovery;
    struct reason why;
    struct journal *j = bed_open(place);

    bed_fill(j, 1);
    bed_append(j, 5, 11);
    ck_assert_int_eq(sync_limited(j, &why), JOURNAL_FULL);
    journal_close(j);
    j = bed_try(place, &recovery, &why);
    ck_assert_msg(j != NULL, "%s", why.text);
    ck_assert_uint_eq(recovery.torn_bytes, 0);
    ck_assert_uint_eq(bed_count_messages(j), 5);
    journal_close(j);
}
END_TEST

/* What was not known to be durable cannot be written anew: it is read back, and the journal opens, full as it is. */
START_TEST(killed_while_the_disk_was_full)
{
    struct journal_recovery recovery = {0};
    struct reason why;

    bed_die_in_sync(place, 6, 9);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(10);
    struct journal *j = bed_try(place, &recovery, &why);
    limit_files(RLIM_INFINITY);
    ck_assert_msg(j != NULL, "%s", why.text);
    ck_assert_uint_gt(recovery.unmoved_bytes, 0);
    ck_assert_uint_eq(recovery.rewritten_bytes + recovery.torn_bytes, 0);
    ck_assert_uint_eq(bed_count_messages(j), 9);
    bed_append(j, 9, 10);
    limit_files(10);
    enum journal_sync done = journal_sync(j, bed_now, &why);
    limit_files(RLIM_INFINITY);
    ck_assert_int_eq(done, JOURNAL_FULL);
    bed_sync(j);
    ck_assert_uint_eq(bed_check_alive(j, place), 10);
}
END_TEST

/* While there is no room, what is stored goes, whatever the retention: no more of it than the next sync wants. */
START_TEST(a_full_disk_lets_go_of_what_is_stored)
{
    struct reason why;
    struct journal *j = bed_open(place);

    bed_fill(j, 20);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), bed_now), 0);
    bed_append(j, 100, 101);
    disk_strike(DISK_ERROR, DISK_PWRITE, 1, ENOSPC);
    ck_assert_int_eq(journal_sync(j, bed_now, &why), JOURNAL_FULL);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), bed_now), 1);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), bed_now), 0);
    bed_sync(j);
    bed_append(j, 101, 200);
    bed_sync(j);
    ck_assert_int_eq(journal_retire(j, journal_durable(j), bed_now), 0);
    journal_close(j);
}
END_TEST

/* The messages are on disk: they may be acknowledged though there was no room for the mark. */
START_TEST(a_mark_without_room_waits)
{
    struct journal *j = bed_open(place);

    bed_fill(j, 1);
    disk_strike(DISK_ERROR, DISK_PWRITE, 2, ENOSPC);
    bed_append(j, 5, 8);
    bed_sync(j);
    ck_assert_int_eq(disk_struck(), DISK_PWRITE);
    ck_assert_uint_eq(bed_count_messages(j), 8);
    bed_append(j, 8, 40);
    bed_sync(j);
    ck_assert_uint_eq(bed_count_messages(j), 40);
    journal_close(j);
    j = bed_open(place);
    ck_assert_uint_eq(bed_count_messages(j), 40);
    journal_close(j);
}
END_TEST

/* Every write, sync and rename once finds no room: nothing is lost, and the next attempt gets on. */
START_TEST(full_once_at_each_call)
{
    for (int at = 1;; at++) {
        struct reason why;
        setup();
        struct journal *j = bed_open(place);
        disk_strike(DISK_ERROR, DISK_PWRITE | DISK_RENAME, at, at % 2 ? ENOSPC : EDQUOT);
        unsigned n = 0;
        for (; n < 60; n += 5) {
            bed_append(j, n, n + 5);
            enum journal_sync done = journal_sync(j, bed_now, &why);
            ck_assert_msg(done != JOURNAL_BROKEN, "call %d: %s", at, why.text);
            if (done == JOURNAL_FULL)
                bed_sync(j);
        }
        ck_assert_msg(bed_count_messages(j) == n, "call %d", at);
        journal_close(j);
        j = bed_open(place);
        ck_assert_msg(bed_count_messages(j) == n, "call %d, opened again", at);
        journal_close(j);
        if (!disk_struck()) {
            ck_assert_int_gt(at, 20);
            return;
        }
    }
}
END_TEST

/* ---- broken ---- */

static const struct {
    const char *name;
    int calls;
    int error;
} broken_rows[] = {
    {"a write fails", DISK_PWRITE, EIO},
    {"a sync fails", DISK_FDATASYNC, EIO},
    {"a sync finds no room", DISK_FDATASYNC, ENOSPC},
    {"a sync of the directory fails", DISK_FSYNC, EIO},
    {"a rename fails", DISK_RENAME, EROFS},
    {"a cut fails", DISK_FTRUNCATE, EIO},
};

/* At each call of a kind: broken from then on, and what was synced is there after a restart. */
START_TEST(broken_stays_broken)
{
    for (int at = 1;; at++) {
        struct reason why, again;
        unsigned synced = 0;
        setup();
        struct journal *j = bed_open(place);
        disk_strike(DISK_ERROR, broken_rows[_i].calls, at, broken_rows[_i].error);
        enum journal_sync done = JOURNAL_SYNCED;
        for (unsigned n = 0; done == JOURNAL_SYNCED && n < 50; n += 5) {
            bed_append(j, n, n + 5);
            done = journal_sync(j, bed_now, &why);
            synced = done == JOURNAL_SYNCED ? n + 5 : synced;
        }
        bool struck = disk_struck();
        disk_strike(DISK_NONE, 0, 0, 0);
        ck_assert_msg((done == JOURNAL_BROKEN) == struck, "%s, call %d: %d", broken_rows[_i].name, at,
                      (int)done);
        if (struck) {
            ck_assert_int_eq(journal_sync(j, bed_now, &again), JOURNAL_BROKEN);
            ck_assert_str_eq(again.text, why.text);
            ck_assert_msg(strstr(why.text, strerror(broken_rows[_i].error)) != NULL, "%s", why.text);
        }
        journal_close(j);
        j = bed_open(place);
        ck_assert_msg(bed_count_messages(j) >= synced, "%s, call %d", broken_rows[_i].name, at);
        journal_close(j);
        if (!struck) {
            ck_assert_msg(at > 1, "%s: never", broken_rows[_i].name);
            return;
        }
    }
}
END_TEST

START_TEST(a_deletion_whose_sync_fails_breaks_it)
{
    struct reason why;
    struct journal *j = bed_open(place);
    bed_fill(j, 20);
    disk_strike(DISK_ERROR, DISK_FSYNC, 1, EIO);
    journal_retire(j, journal_durable(j), (struct instant){bed_now.us + 2 * DAY_US});
    bed_append(j, 100, 101);
    ck_assert_int_eq(journal_sync(j, bed_now, &why), JOURNAL_BROKEN);
    journal_close(j);
}
END_TEST

START_TEST(short_and_interrupted_writes_are_finished)
{
    struct journal *j = bed_open(place);
    disk_strike(DISK_SHORT, DISK_PWRITE, 0, 0);
    unsigned count = bed_fill(j, 10);
    ck_assert_int_gt(disk_count(DISK_PWRITE), 500);
    ck_assert_uint_eq(bed_count_messages(j), count);
    journal_close(j);
    j = bed_open(place);
    ck_assert_uint_eq(bed_count_messages(j), count);
    journal_close(j);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("journal disk");
    TCase *c = tcase_create("journal disk");

    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, full_at_the_cap_until_there_is_room);
    tcase_add_test(c, a_burst_larger_than_the_cap_passes);
    tcase_add_loop_test(c, a_full_disk_loses_nothing, 0, sizeof(full_rows) / sizeof(full_rows[0]));
    tcase_add_test(c, stopped_while_the_disk_was_full);
    tcase_add_test(c, killed_while_the_disk_was_full);
    tcase_add_test(c, a_full_disk_lets_go_of_what_is_stored);
    tcase_add_test(c, a_mark_without_room_waits);
    tcase_add_test(c, full_once_at_each_call);
    tcase_add_loop_test(c, broken_stays_broken, 0, sizeof(broken_rows) / sizeof(broken_rows[0]));
    tcase_add_test(c, a_deletion_whose_sync_fails_breaks_it);
    tcase_add_test(c, short_and_interrupted_writes_are_finished);
    suite_add_tcase(s, c);
    return s;
}

int
main(void)
{
    return bed_run(suite());
}
