#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bed.h"
#include "journal_digest.h"

#define DAY_US 86400000000

static char place[BED_PATH];

static void
setup(void)
{
    bed_place("journal", place);
    disk_strike(DISK_NONE, 0, 0, 0);
}

/* FIPS 180-2, appendix B.1 and B.2, whatever the pieces. */
START_TEST(digests_are_those_of_the_standard)
{
    static const struct {
        const char *bytes, *digest;
    } rows[] = {
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    unsigned char digest[DIGEST_SIZE], again[DIGEST_SIZE];
    char text[DIGEST_TEXT];
    struct digest *d = digest_new();

    for (size_t i = 0; i < 2; i++) {
        digest_begin(d);
        for (const char *c = rows[i].bytes; *c != '\0'; c++)
            digest_add(d, c, 1);
        digest_end(d, digest);
        ck_assert_str_eq(digest_text(digest, text), rows[i].digest);
        ck_assert(digest_read(text, again) && memcmp(digest, again, DIGEST_SIZE) == 0);
    }
    ck_assert(!digest_read("", again) && !digest_read("BA", again));
    text[5] = 'G';
    ck_assert(!digest_read(text, again));
    digest_free(d);
}
END_TEST

static void
digest_of_file(const char *file, unsigned char ret[DIGEST_SIZE], uint64_t *ret_bytes)
{
    struct digest *d = digest_new();
    size_t size;
    unsigned char *bytes = bed_read(file, &size);

    digest_add(d, bytes, size);
    digest_end(d, ret);
    *ret_bytes = size;
    free(bytes);
    digest_free(d);
}

/* The next closed segment, which must be file number `index`. False if there is none. */
static bool
next_is(struct journal_digest *d, int index, struct journal_closed *ret)
{
    unsigned char digest[DIGEST_SIZE];
    char file[BED_PATH];
    struct reason why;
    uint64_t bytes;
    enum journal_digested done;

    while ((done = journal_digest_step(d, ret, &why)) == JOURNAL_DIGEST_SLICE)
        ;
    ck_assert_msg(done != JOURNAL_DIGEST_FAILED, "%s", why.text);
    if (done == JOURNAL_DIGEST_NONE)
        return false;
    bed_segment(place, index, file);
    digest_of_file(file, digest, &bytes);
    ck_assert_mem_eq(ret->digest, digest, DIGEST_SIZE);
    ck_assert_uint_eq(ret->first, bed_first(file));
    ck_assert_uint_eq(ret->bytes, bytes);
    ck_assert_uint_eq(ret->end, ret->first + bytes - BED_HEADER);
    ck_assert(ret->closed.us == bed_now.us);
    return true;
}

START_TEST(each_closed_segment_once_and_never_the_open_one)
{
    struct journal *j = bed_open(place);
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed closed;
    struct reason why;
    int n = 0;

    bed_fill(j, 20);
    ck_assert(!journal_digest_is_behind(d));
    ck_assert_int_eq(journal_digest_step(d, &closed, &why), JOURNAL_DIGEST_NONE); /* not told where to begin */
    ck_assert_int_eq(journal_digest_seek(d, NULL, &why), JOURNAL_SEEK_FOUND);
    ck_assert(journal_digest_is_behind(d));
    while (next_is(d, n, &closed))
        n++;
    ck_assert_int_eq(n, bed_files(place, ".seg") - 1);
    ck_assert(!journal_digest_is_behind(d));

    bed_append(j, 100, 200); /* larger than a segment: closes the open one, and is one itself */
    bed_sync(j);
    ck_assert(next_is(d, n, &closed));
    ck_assert(!closed.is_after_gap);
    ck_assert(!next_is(d, n + 1, &closed));
    journal_digest_free(d);
    journal_close(j);
}
END_TEST

/* Yesterday's backup of the database, put back: it knows fewer, and the same comes of it. */
START_TEST(told_to_go_back_it_says_the_same)
{
    struct journal *j = bed_open(place);
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed closed, again;
    struct reason why;

    bed_fill(j, 20);
    journal_digest_seek(d, NULL, &why);
    ck_assert(next_is(d, 0, &closed));
    uint64_t recorded = closed.end;
    ck_assert(next_is(d, 1, &closed));
    ck_assert_int_eq(journal_digest_step(d, &again, &why), JOURNAL_DIGEST_CLOSED);
    ck_assert_int_eq(journal_digest_seek(d, &recorded, &why), JOURNAL_SEEK_FOUND);
    ck_assert(next_is(d, 1, &again));
    ck_assert(again.first == closed.first && again.end == closed.end && !again.is_after_gap);
    ck_assert_mem_eq(again.digest, closed.digest, DIGEST_SIZE);
    journal_digest_free(d);
    journal_close(j);
}
END_TEST

START_TEST(where_to_begin)
{
    struct journal *j = bed_open(place);
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed closed;
    struct reason why;
    uint64_t at;

    bed_fill(j, 20);
    at = 8;
    ck_assert_int_eq(journal_digest_seek(d, &at, &why), JOURNAL_SEEK_PAST); /* not read since it was opened, at 0 */
    bed_count_messages(j);
    ck_assert_int_eq(journal_digest_seek(d, &at, &why), JOURNAL_SEEK_ASTRAY);
    ck_assert_msg(strstr(why.text, "where no segment ends") != NULL, "%s", why.text);
    ck_assert(!journal_digest_is_behind(d));
    at = journal_durable(j) + 1;
    ck_assert_int_eq(journal_digest_seek(d, &at, &why), JOURNAL_SEEK_PAST);
    ck_assert_msg(strstr(why.text, "an older copy put back") != NULL, "%s", why.text);

    at = 0;
    ck_assert_int_eq(journal_retire(j, 5000, (struct instant){bed_now.us + DAY_US + 1}), 1);
    ck_assert_int_eq(journal_digest_seek(d, &at, &why), JOURNAL_SEEK_GAP);
    ck_assert(next_is(d, 0, &closed));
    ck_assert(closed.is_after_gap);
    ck_assert(next_is(d, 1, &closed));
    ck_assert(!closed.is_after_gap);
    ck_assert_int_eq(journal_digest_seek(d, NULL, &why), JOURNAL_SEEK_FOUND);
    ck_assert(next_is(d, 0, &closed));
    ck_assert(!closed.is_after_gap);
    journal_digest_free(d);
    journal_close(j);
}
END_TEST

/* What it has read itself it may be told of, also where no reader has been yet. */
START_TEST(it_has_come_so_far_itself)
{
    struct journal *j = bed_open(place);
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed closed;
    struct reason why;

    bed_fill(j, 20);
    journal_digest_seek(d, NULL, &why);
    ck_assert(next_is(d, 0, &closed));
    ck_assert_int_eq(journal_digest_seek(d, &closed.end, &why), JOURNAL_SEEK_FOUND);
    journal_digest_free(d);
    journal_close(j);
}
END_TEST

START_TEST(what_is_larger_than_a_slice)
{
    struct journal *j = bed_open(place);
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed closed;
    struct reason why;
    static unsigned char payload[1000000];
    int slices = 1;

    memset(payload, 'x', sizeof(payload));
    journal_append(j, bed_now, "local", "t", payload, sizeof(payload));
    bed_sync(j);
    bed_append(j, 0, 1);
    bed_sync(j);
    journal_digest_seek(d, NULL, &why);
    while (journal_digest_step(d, &closed, &why) == JOURNAL_DIGEST_SLICE)
        slices++;
    ck_assert_int_eq(slices, 4);
    journal_digest_seek(d, NULL, &why);
    ck_assert(next_is(d, 0, &closed));
    journal_digest_free(d);
    journal_close(j);
}
END_TEST

static void
cut(const char *file)
{
    ck_assert_int_eq(truncate(file, 1000), 0);
}

static void
away(const char *file)
{
    ck_assert_int_eq(unlink(file), 0);
}

static const struct {
    void (*harm)(const char *file);
    const char *words;
} harm_rows[] = {{cut, "has 1000 bytes, and had"}, {away, "No such file"}};

START_TEST(what_is_not_as_it_was_closed)
{
    struct journal *j = bed_open(place);
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed closed;
    struct reason why;
    char file[BED_PATH];

    bed_fill(j, 20);
    bed_segment(place, 1, file);
    harm_rows[_i].harm(file);
    journal_digest_seek(d, NULL, &why);
    ck_assert(next_is(d, 0, &closed));
    ck_assert_int_eq(journal_digest_step(d, &closed, &why), JOURNAL_DIGEST_FAILED);
    ck_assert_msg(strstr(why.text, harm_rows[_i].words) != NULL && strstr(why.text, ".seg") != NULL, "%s", why.text);
    ck_assert_int_eq(journal_digest_step(d, &closed, &why), JOURNAL_DIGEST_NONE);
    journal_digest_free(d);
    journal_close(j);
}
END_TEST

/* No descriptor is left: nothing is wrong with the file. */
START_TEST(what_cannot_be_read_now_is_read_later)
{
    struct journal *j = bed_open(place);
    struct journal_digest *d = journal_digest_new(j);
    struct journal_closed closed;
    struct reason why;
    struct rlimit room, none;

    bed_fill(j, 20);
    journal_digest_seek(d, NULL, &why);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &room), 0);
    none = room;
    none.rlim_cur = 0;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
        ck_assert_int_eq(journal_digest_step(d, &closed, &why), JOURNAL_DIGEST_LATER);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &room), 0);
        ck_assert_msg(strstr(why.text, "Too many open files") != NULL, "%s", why.text);
        ck_assert(next_is(d, i, &closed));
    }
    journal_digest_free(d);
    journal_close(j);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("journal digest");
    TCase *c = tcase_create("all");
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, digests_are_those_of_the_standard);
    tcase_add_test(c, each_closed_segment_once_and_never_the_open_one);
    tcase_add_test(c, told_to_go_back_it_says_the_same);
    tcase_add_test(c, where_to_begin);
    tcase_add_test(c, it_has_come_so_far_itself);
    tcase_add_test(c, what_is_larger_than_a_slice);
    tcase_add_loop_test(c, what_is_not_as_it_was_closed, 0, 2);
    tcase_add_test(c, what_cannot_be_read_now_is_read_later);
    suite_add_tcase(s, c);
    return s;
}

int
main(void)
{
    return bed_run(suite());
}
