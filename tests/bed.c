#include "bed.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the place ---- */

static char base[BED_PATH / 4];

static void
base_make(void)
{
    snprintf(base, sizeof(base), "journal-test.XXXXXX");
    if (mkdtemp(base) == NULL) {
        perror("mkdtemp");
        exit(1);
    }
}

static void
each_file(const char *path, void (*call)(const char *file, const char *name, void *self), void *self)
{
    DIR *names = opendir(path);
    struct dirent *entry;

    while (names != NULL && (entry = readdir(names)) != NULL) {
        char file[2 * BED_PATH + 2];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        call(file, entry->d_name, self);
    }
    if (names != NULL)
        closedir(names);
}

static void
remove_file(const char *file, const char *name, void *self)
{
    (void)name;
    (void)self;
    if (unlink(file) != 0) {
        each_file(file, remove_file, NULL);
        rmdir(file);
    }
}

void
bed_remove(const char *path)
{
    each_file(path, remove_file, NULL);
    rmdir(path);
}

void
bed_place(const char *name, char out[BED_PATH])
{
    snprintf(out, BED_PATH, "%s/%s-%d", base, name, (int)getpid());
    bed_remove(out);
}

static void
copy_file(const char *file, const char *name, void *self)
{
    char to[2 * BED_PATH];
    size_t size;

    if (strcmp(name, "lock") == 0)
        return;
    unsigned char *bytes = bed_read(file, &size);
    snprintf(to, sizeof(to), "%s/%s", (const char *)self, name);
    bed_write(to, bytes, size);
    free(bytes);
}

void
bed_copy(const char *from, const char *to)
{
    each_file(to, remove_file, NULL);
    mkdir(to, 0700);
    each_file(from, copy_file, (void *)(uintptr_t)to);
}

/* All files of that ending, in order; globfree() them. */
static glob_t
list(const char *path, const char *ending)
{
    char pattern[2 * BED_PATH];
    glob_t files = {0};
    snprintf(pattern, sizeof(pattern), "%s/*%s", path, ending);
    glob(pattern, 0, NULL, &files);
    return files;
}

int
bed_files(const char *path, const char *ending)
{
    glob_t files = list(path, ending);
    int count = (int)files.gl_pathc;
    globfree(&files);
    return count;
}

void
bed_segment(const char *path, int index, char out[BED_PATH])
{
    glob_t files = list(path, ".seg");
    int count = (int)files.gl_pathc;
    index += index < 0 ? count : 0;
    ck_assert_msg(index >= 0 && index < count, "%s: no segment %d of %d", path, index, count);
    snprintf(out, BED_PATH, "%s", files.gl_pathv[index]);
    globfree(&files);
}

uint64_t
bed_first(const char *segment)
{
    return strtoull(strrchr(segment, '/') + 1, NULL, 10);
}

unsigned char *
bed_read(const char *file, size_t *ret_size)
{
    FILE *f = fopen(file, "rb");
    struct stat st;

    ck_assert_msg(f != NULL && fstat(fileno(f), &st) == 0, "%s: %s", file, strerror(errno));
    unsigned char *bytes = malloc((size_t)st.st_size + 1);
    *ret_size = fread(bytes, 1, (size_t)st.st_size, f);
    fclose(f);
    return bytes;
}

void
bed_write(const char *file, const void *bytes, size_t size)
{
    FILE *f = fopen(file, "wb");
    ck_assert_msg(f != NULL, "%s: %s", file, strerror(errno));
    ck_assert_uint_eq(fwrite(bytes, 1, size, f), size);
    ck_assert_int_eq(fclose(f), 0);
}

void
bed_flip(const char *file, size_t byte, unsigned bit)
{
    size_t size;
    unsigned char *bytes = bed_read(file, &size);
    ck_assert_uint_lt(byte, size);
    bytes[byte] ^= (unsigned char)(1u << bit);
    bed_write(file, bytes, size);
    free(bytes);
}

bool
bed_exists(const char *path, const char *name)
{
    char file[2 * BED_PATH];
    snprintf(file, sizeof(file), "%s/%s", path, name);
    return access(file, F_OK) == 0;
}

/* ---- the journal ---- */

const struct instant bed_now = {1604275200000000};

struct journal_settings
bed_settings(const char *path)
{
    return (struct journal_settings){
        .directory = path, .segment_bytes = 4096, .size_bytes = 1 << 30, .retention_us = 86400000000};
}

struct journal *
bed_try(const char *path, struct journal_recovery *ret, struct reason *why)
{
    struct journal_settings settings = bed_settings(path);
    return journal_open(&settings, bed_now, ret, why);
}

struct journal *
bed_open(const char *path)
{
    struct journal_recovery recovery;
    struct reason why;
    struct journal *j = bed_try(path, &recovery, &why);
    ck_assert_msg(j != NULL, "%s", why.text);
    return j;
}

static size_t
payload(unsigned number, char out[1024])
{
    size_t used = (size_t)sprintf(out, "message %u ", number);
    size_t fill = number * 37 % 211;
    memset(out + used, 'a' + (int)(number % 26), fill);
    return used + fill;
}

void
bed_append(struct journal *j, unsigned from, unsigned to)
{
    for (unsigned n = from; n < to; n++) {
        char text[1024];
        size_t size = payload(n, text);
        journal_append(j, (struct instant){bed_now.us + n}, "north", "plants/a/b/c", text, size);
    }
}

void
bed_sync(struct journal *j)
{
    struct reason why;
    enum journal_sync done = journal_sync(j, bed_now, &why);
    ck_assert_msg(done == JOURNAL_SYNCED, "%d: %s", (int)done, why.text);
    ck_assert(!journal_dirty(j));
}

bool
bed_is_message(const struct record *r, unsigned number)
{
    char text[1024];
    size_t size = payload(number, text);
    return r->payload_size == size && memcmp(r->payload, text, size) == 0 && r->topic_size == 12 &&
           memcmp(r->topic, "plants/a/b/c", 12) == 0 && r->broker_size == 5 && memcmp(r->broker, "north", 5) == 0 &&
           r->kind == RECORD_MESSAGE && r->arrived.us == bed_now.us + number;
}

int
bed_numbers(struct journal *j, uint64_t from, unsigned number, struct reason *why)
{
    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    enum journal_next next;

    if (!journal_reader_seek(reader, from, why)) {
        journal_reader_free(reader);
        return -1;
    }
    while ((next = journal_reader_next(reader, &r, why)) == JOURNAL_RECORD)
        ck_assert_msg(bed_is_message(&r, number++), "not message %u but \"%.20s\"", number - 1,
                      (const char *)r.payload);
    if (next == JOURNAL_NONE)
        ck_assert_uint_eq(journal_reader_position(reader), journal_durable(j));
    journal_reader_free(reader);
    return next == JOURNAL_NONE ? (int)number : -1;
}

unsigned
bed_count_messages(struct journal *j)
{
    struct reason why;
    int count = bed_numbers(j, journal_first(j), 0, &why);
    ck_assert_msg(count >= 0, "%s", why.text);
    return (unsigned)count;
}

unsigned
bed_fill(struct journal *j, unsigned bursts)
{
    for (unsigned i = 0; i < bursts; i++) {
        bed_append(j, i * 5, i * 5 + 5);
        bed_sync(j);
    }
    return bursts * 5;
}

uint64_t
bed_die_in_sync(const char *path, unsigned synced, unsigned all)
{
    struct journal *j = bed_open(path);
    struct reason why;

    for (unsigned n = 0; n < synced; n += 2) {
        bed_append(j, n, n + 2 < synced ? n + 2 : synced);
        bed_sync(j);
    }
    uint64_t durable = journal_durable(j);
    bed_append(j, synced, all);
    disk_strike(DISK_ERROR, DISK_FDATASYNC, 1, EIO);
    ck_assert_int_eq(journal_sync(j, bed_now, &why), JOURNAL_BROKEN);
    disk_strike(DISK_NONE, 0, 0, 0);
    journal_close(j);
    return durable;
}

struct journal *
bed_recover(const char *path, struct journal_recovery *ret, const char *name)
{
    struct reason why;
    struct journal *j = bed_try(path, ret, &why);
    ck_assert_msg(j != NULL, "%s: %s", name, why.text);
    return j;
}

unsigned
bed_check_alive(struct journal *j, const char *path)
{
    unsigned count = bed_count_messages(j);
    bed_append(j, count, count + 3);
    bed_sync(j);
    ck_assert_uint_eq(bed_count_messages(j), count + 3);
    journal_close(j);
    j = bed_open(path);
    ck_assert_uint_eq(bed_count_messages(j), count + 3);
    journal_close(j);
    return count;
}

/* ---- chance ---- */

unsigned
bed_roll(struct bed_dice *dice, unsigned below)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return (unsigned)(dice->state >> 33) % below;
}

int
bed_run(Suite *suite)
{
    base_make();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    bed_remove(base);
    return failed != 0;
}
