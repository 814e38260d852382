#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"
#include "often.h"

static char place[BED_PATH];
static char other[BED_PATH];

static void
setup(void)
{
    bed_place("recovery", place);
    bed_place("copy", other);
    disk_strike(DISK_NONE, 0, 0, 0);
}

/* ---- states between two steps, made by hand ---- */

START_TEST(what_was_not_known_durable_is_written_anew)
{
    struct journal_recovery recovery;
    char file[BED_PATH];

    uint64_t durable = bed_die_in_sync(place, 6, 9);
    struct journal *j = bed_recover(place, &recovery, "kill");
    ck_assert_uint_eq(recovery.torn_bytes, 0);
    ck_assert_uint_gt(recovery.rewritten_bytes, 0);
    ck_assert_uint_eq(journal_durable(j), durable + recovery.rewritten_bytes);
    bed_segment(place, -1, file);
    ck_assert_uint_eq(bed_first(file), durable);
    ck_assert_uint_eq(bed_check_alive(j, place), 9);
}
END_TEST

START_TEST(a_whole_segment_written_anew_takes_its_place)
{
    struct journal_recovery recovery;
    bed_die_in_sync(place, 0, 5);
    struct journal *j = bed_recover(place, &recovery, "first burst");
    ck_assert_uint_gt(recovery.rewritten_bytes, 0);
    ck_assert_int_eq(bed_files(place, ".seg"), 1);
    ck_assert_uint_eq(bed_check_alive(j, place), 5);
}
END_TEST

/* The new segment stands, the old is not cut yet; then the power went, too, and the old one's tail with it.
 */
START_TEST(a_rewrite_before_the_cut)
{
    struct journal_recovery recovery;
    char old[BED_PATH], new[BED_PATH], to[2 * BED_PATH];
    size_t size, old_size;

    bed_die_in_sync(place, 6, 9);
    bed_copy(place, other);
    journal_close(bed_recover(other, &recovery, "the rewrite"));
    bed_segment(place, -1, old);
    bed_segment(other, -1, new);
    unsigned char *bytes = bed_read(new, &size);
    snprintf(to, sizeof(to), "%s/%020llu.seg", place, (unsigned long long)bed_first(new));
    bed_write(to, bytes, size - BED_MARK);
    free(bytes);

    for (int lost = 0; lost < 3; lost++) {
        bed_copy(place, other);
        snprintf(to, sizeof(to), "%s%s", other, strrchr(old, '/'));
        bytes = bed_read(to, &old_size);
        if (lost > 0)
            memset(bytes + BED_HEADER + bed_first(new), 0xaa, old_size - BED_HEADER - (size_t)bed_first(new));
        bed_write(to, bytes, old_size - (lost == 2 ? 50 : 0));
        free(bytes);
        ck_assert_uint_eq(bed_check_alive(bed_recover(other, &recovery, "overlap"), other), 9);
        ck_assert_int_eq(bed_files(other, ".torn"), 0);
    }
}
END_TEST

START_TEST(a_new_segment_without_records)
{
    struct journal *j = bed_open(place);
    struct journal_recovery recovery;
    char file[BED_PATH];

    for (unsigned n = 0; bed_files(place, ".seg") < 3; n++) {
        bed_append(j, n, n + 1);
        bed_sync(j);
    }
    unsigned count = bed_count_messages(j) - 1;
    journal_close(j);
    bed_segment(place, -1, file);
    ck_assert_int_eq(truncate(file, BED_HEADER), 0);
    j = bed_recover(place, &recovery, "only a header");
    ck_assert_uint_eq(recovery.torn_bytes + recovery.rewritten_bytes, 0);
    ck_assert_uint_eq(journal_durable(j), bed_first(file));
    ck_assert_int_eq(bed_files(place, ".seg"), 3);
    ck_assert_uint_eq(bed_check_alive(j, place), count);
}
END_TEST

START_TEST(leftovers_go)
{
    static const char *const names[] = {"00000000000000004096.seg.tmp", "00000000000000000000.torn.tmp",
                                        "00000000000000000048.2.torn.tmp"};
    bed_die_in_sync(place, 4, 5);
    for (int i = 0; i < 3; i++) {
        char file[2 * BED_PATH];
        snprintf(file, sizeof(file), "%s/%s", place, names[i]);
        bed_write(file, "x", 1);
    }
    char own[2 * BED_PATH];
    snprintf(own, sizeof(own), "%s/notes.tmp", place);
    bed_write(own, "an operator's", 13);
    journal_close(bed_open(place));
    for (int i = 0; i < 3; i++)
        ck_assert_msg(!bed_exists(place, names[i]), "%s", names[i]);
    ck_assert(bed_exists(place, "notes.tmp"));
}
END_TEST

/* ---- death at every call ---- */

/* Opens, then bursts of five; `acked` is what a plant would have been told. */
static void
live(const char *path, int bursts, unsigned *acked)
{
    struct journal_recovery recovery;
    struct reason why;
    struct journal *j = bed_try(path, &recovery, &why);
    int count = j == NULL ? -1 : bed_numbers(j, journal_first(j), 0, &why);
    if (count < 0) {
        fprintf(stderr, "%s\n", why.text);
        _exit(1);
    }
    for (unsigned n = (unsigned)count; bursts-- > 0; n += 5) {
        bed_append(j, n, n + 5);
        if (journal_sync(j, bed_now, &why) != JOURNAL_SYNCED)
            _exit(1);
        *acked = n + 5;
    }
    journal_close(j);
    _exit(0);
}

static bool
live_and_die(const char *path, int bursts, int at, unsigned *acked)
{
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        disk_strike(DISK_DEATH, DISK_ALL, at, 0);
        live(path, bursts, acked);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DISK_DIED),
                  "call %d: status %x", at, status);
    return WEXITSTATUS(status) == DISK_DIED;
}

START_TEST(death_at_every_call_and_again_in_recovery)
{
    unsigned *acked = mmap(NULL, sizeof(*acked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int first = 1;
    for (;; first += (int)often(1, 5)) {
        setup();
        *acked = 0;
        bool died = live_and_die(place, 8, first, acked);
        unsigned before = *acked;
        bool died_again = true;
        for (int second = 1; died_again; second++) {
            bed_copy(place, other);
            *acked = before;
            died_again = live_and_die(other, 1, second, acked);
            struct journal *j = bed_open(other);
            unsigned count = bed_count_messages(j);
            ck_assert_msg(count >= *acked && count <= before + 10, "calls %d, %d: %u of %u acknowledged",
                          first, second, count, *acked);
            bed_check_alive(j, other);
        }
        if (!died)
            break;
    }
    ck_assert_int_gt(first, 30);
}
END_TEST

/* ---- power cuts ---- */

/* What a disk may show after one: of each sector that was not synced its content, nothing, or anything; and
 * any size. */
static void
cut_power(const char *file, uint64_t position, struct bed_dice *dice)
{
    size_t size;
    unsigned char *bytes = bed_read(file, &size);
    uint64_t first = bed_first(file);
    size_t from = BED_HEADER + (size_t)(position > first ? position - first : 0);

    if (from < size) {
        size = from + bed_roll(dice, (unsigned)(size - from) + 1);
        for (size_t at = from; at < size; at = (at / 512 + 1) * 512) {
            unsigned what = bed_roll(dice, 3);
            for (size_t i = at; what > 0 && i < (at / 512 + 1) * 512 && i < size; i++)
                bytes[i] = what == 1 ? 0 : (unsigned char)bed_roll(dice, 256);
        }
        bed_write(file, bytes, size);
    }
    free(bytes);
}

static ino_t
inode(const char *file)
{
    struct stat st;
    ck_assert_int_eq(stat(file, &st), 0);
    return st.st_ino;
}

/* A chain of cuts on one journal. Before `durable` nothing may ever be lost again: it was acknowledged, or a
 * reader may have taken it. */
struct model {
    unsigned count;
    uint64_t durable;
    struct bed_dice dice;
    unsigned cuts;
    unsigned seed;
};

/* An open that loses its power at some sync. A new segment was synced before it got its name, and may lose
 * that name as long as the directory is not synced, which comes before the old one is cut. */
static void
cut_in_recovery(struct model *m)
{
    struct journal_recovery recovery;
    struct reason why;
    char last[BED_PATH], now_last[BED_PATH], before[BED_PATH];
    struct stat st;

    bed_segment(place, -1, last);
    ino_t was = inode(last);
    disk_strike(DISK_ERROR, DISK_SYNCS, 1 + (int)bed_roll(&m->dice, 7), EIO);
    struct journal *j = bed_try(place, &recovery, &why);
    ck_assert_msg(j != NULL || disk_struck(), "seed %u, cut %u: %s", m->seed, m->cuts, why.text);
    bool unnamed = disk_struck() == DISK_FSYNC;
    disk_strike(DISK_NONE, 0, 0, 0);
    if (j != NULL) {
        m->durable = journal_durable(j);
        journal_close(j);
    }
    bed_segment(place, -1, now_last);
    if (inode(now_last) == was) {
        cut_power(now_last, m->durable, &m->dice);
    } else if (j == NULL && strcmp(last, now_last) != 0) {
        bed_segment(place, -2, before);
        ck_assert_int_eq(stat(before, &st), 0);
        uint64_t end = bed_first(before) + (uint64_t)st.st_size - BED_HEADER;
        if (unnamed && end > bed_first(now_last) && bed_roll(&m->dice, 2))
            unlink(now_last);
        cut_power(before, m->durable, &m->dice);
    }
    m->cuts++;
}

/* Opens and checks: nothing lost, nothing refused. */
static struct journal *
check_after_cut(struct model *m)
{
    struct journal_recovery recovery;
    struct reason why;
    struct journal *j = bed_try(place, &recovery, &why);

    ck_assert_msg(j != NULL, "seed %u, cut %u: refused: %s", m->seed, m->cuts, why.text);
    int count = bed_numbers(j, journal_first(j), 0, &why);
    ck_assert_msg(count >= 0, "seed %u, cut %u: %s", m->seed, m->cuts, why.text);
    ck_assert_msg(count >= (int)m->count, "seed %u, cut %u: %d of %u", m->seed, m->cuts, count, m->count);
    ck_assert_msg(journal_covers(j, m->durable, &why), "seed %u, cut %u: %s", m->seed, m->cuts, why.text);
    m->count = (unsigned)count;
    m->durable = journal_durable(j);
    return j;
}

/* Some bursts; the last of them may be one whose sync never comes back. True if it did not for want of a
 * directory's sync. */
static bool
burst(struct model *m, struct journal *j)
{
    struct reason why;
    unsigned bursts = bed_roll(&m->dice, 6);

    for (unsigned i = 0; i <= bursts; i++) {
        unsigned next = m->count + 1 + bed_roll(&m->dice, 14);
        if (i == bursts && bed_roll(&m->dice, 4) > 0)
            disk_strike(DISK_ERROR, DISK_SYNCS, 1 + (int)bed_roll(&m->dice, 4), EIO);
        bed_append(j, m->count, next);
        if (journal_sync(j, bed_now, &why) == JOURNAL_SYNCED) {
            m->count = next;
            m->durable = journal_durable(j);
        }
    }
    bool unnamed = disk_struck() == DISK_FSYNC;
    disk_strike(DISK_NONE, 0, 0, 0);
    journal_close(j);
    return unnamed;
}

START_TEST(power_cuts)
{
    struct model m = {.dice = {88172645463325252u + (unsigned)_i * 977}, .seed = (unsigned)_i};
    char last[BED_PATH];

    journal_close(bed_open(place));
    while (m.cuts < often(100, 10)) {
        if (bed_roll(&m.dice, 3) == 0)
            cut_in_recovery(&m);
        bool unnamed = burst(&m, check_after_cut(&m));
        bed_segment(place, -1, last);
        if (unnamed && bed_roll(&m.dice, 2))
            unlink(last);
        else
            cut_power(last, m.durable, &m.dice);
        m.cuts++;
    }
    journal_close(check_after_cut(&m));
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("journal power");
    TCase *c = tcase_create("journal power");

    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, what_was_not_known_durable_is_written_anew);
    tcase_add_test(c, a_whole_segment_written_anew_takes_its_place);
    tcase_add_test(c, a_rewrite_before_the_cut);
    tcase_add_test(c, a_new_segment_without_records);
    tcase_add_test(c, leftovers_go);
    tcase_add_test(c, death_at_every_call_and_again_in_recovery);
    tcase_add_loop_test(c, power_cuts, 0, 6);
    suite_add_tcase(s, c);
    return s;
}

int
main(void)
{
    return bed_run(suite());
}
