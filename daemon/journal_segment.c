#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash.h"
#include "crc32c.h"
#include "journal_own.h"

#define MAGIC "abateseg"
#define SEGMENT_VERSION 1
#define POSITION_DIGITS 20
#define TEMPORARY ".tmp"
#define TEMPORARY_NAME (SEGMENT_NAME + sizeof(TEMPORARY) - 1)

/* The struct is the file's header, byte for byte. */
struct header {
    char magic[8];
    uint32_t version;
    uint32_t zero;
    unsigned char uuid[16];
    uint64_t first;
    uint64_t made;
    unsigned char rest[12];
    uint32_t crc;
};
_Static_assert(sizeof(struct header) == SEGMENT_HEADER, "the header has no holes");

/* ---- files ---- */

int
file_write(int file, const void *bytes, size_t size, uint64_t offset)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t done = pwrite(file, at, size, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : EIO;
        at += done;
        size -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

int
file_read(int file, void *bytes, size_t size, uint64_t offset)
{
    char *at = bytes;

    while (size > 0) {
        ssize_t done = pread(file, at, size, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : ENODATA;
        at += done;
        size -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

static void
temporary_name(const char *name, char out[TEMPORARY_NAME])
{
    snprintf(out, TEMPORARY_NAME, "%s" TEMPORARY, name);
}

static void
drop(struct journal *j, int file, const char *temporary)
{
    close(file);
    unlinkat(j->directory, temporary, 0);
}

enum journal_sync
file_begin(struct journal *j, const char *name, int *ret_file, struct reason *why)
{
    char temporary[TEMPORARY_NAME];

    temporary_name(name, temporary);
    unlinkat(j->directory, temporary, 0);
    int file = openat(j->directory, temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return journal_failed(j, errno, "cannot make", temporary, why);
    *ret_file = file;
    return JOURNAL_SYNCED;
}

void
file_abandon(struct journal *j, const char *name, int file)
{
    char temporary[TEMPORARY_NAME];

    temporary_name(name, temporary);
    drop(j, file, temporary);
}

enum journal_sync
file_finish(struct journal *j, const char *name, int file, struct reason *why)
{
    char temporary[TEMPORARY_NAME];
    enum journal_sync done = JOURNAL_SYNCED;

    temporary_name(name, temporary);
    if (fdatasync(file) != 0)
        done = journal_break(j, errno, "cannot sync", temporary, why);
    crash_before("naming a file");
    if (done == JOURNAL_SYNCED && renameat(j->directory, temporary, j->directory, name) != 0)
        done = journal_failed(j, errno, "cannot rename", temporary, why);
    crash_amid("naming a file");
    if (done == JOURNAL_SYNCED && fsync(j->directory) != 0)
        done = journal_break(j, errno, "cannot sync the directory of", name, why);
    crash_after("naming a file");
    if (done != JOURNAL_SYNCED)
        drop(j, file, temporary);
    return done;
}

/* ---- segments ---- */

const char *
segment_name(uint64_t first, char out[SEGMENT_NAME])
{
    snprintf(out, SEGMENT_NAME, "%0*" PRIu64 ".seg", POSITION_DIGITS, first);
    return out;
}

uint64_t
segment_end(const struct journal *j, size_t index)
{
    return index + 1 < j->segments ? j->segment[index + 1].first : j->written;
}

size_t
segment_at(const struct journal *j, uint64_t position)
{
    size_t low = 0;
    size_t high = j->segments;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (j->segment[middle].first <= position)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void
add_segment(struct journal *j, uint64_t first, struct instant made)
{
    if (j->segments == j->segment_room) {
        j->segment_room = j->segment_room * 2 + 16;
        j->segment = realloc(j->segment, j->segment_room * sizeof(*j->segment));
        if (j->segment == NULL)
            abort();
    }
    j->segment[j->segments++] = (struct segment){first, made};
}

enum journal_sync
segment_begin(struct journal *j, uint64_t first, struct instant made, int *ret_file, struct reason *why)
{
    char name[SEGMENT_NAME], temporary[TEMPORARY_NAME];
    struct header h = {.magic = MAGIC,
                       .version = htole32(SEGMENT_VERSION),
                       .first = htole64(first),
                       .made = htole64((uint64_t)made.us)};
    int file;

    memcpy(h.uuid, j->uuid, sizeof(h.uuid));
    h.crc = htole32(crc32c(0, &h, offsetof(struct header, crc)));
    enum journal_sync done = file_begin(j, segment_name(first, name), &file, why);
    if (done != JOURNAL_SYNCED)
        return done;
    int error = file_write(file, &h, sizeof(h), 0);
    if (error != 0) {
        temporary_name(name, temporary);
        drop(j, file, temporary);
        return journal_failed(j, error, "cannot write", temporary, why);
    }
    *ret_file = file;
    return JOURNAL_SYNCED;
}

enum journal_sync
segment_finish(struct journal *j, uint64_t first, struct instant made, int file, struct reason *why)
{
    char name[SEGMENT_NAME];

    enum journal_sync done = file_finish(j, segment_name(first, name), file, why);
    if (done != JOURNAL_SYNCED)
        return done;
    if (j->segments > 0 && j->segment[j->segments - 1].first == first)
        j->segments--;
    add_segment(j, first, made);
    if (j->file >= 0)
        close(j->file);
    j->file = file;
    return JOURNAL_SYNCED;
}

/* ---- what the directory holds ---- */

/* 20 digits and what follows them, or NULL if the name is not one of ours. */
static const char *
read_name(const char *name, uint64_t *ret_first)
{
    if (strspn(name, "0123456789") != POSITION_DIGITS)
        return NULL;
    errno = 0;
    *ret_first = strtoull(name, NULL, 10);
    return errno == 0 ? name + POSITION_DIGITS : NULL;
}

static bool
is_temporary(const char *name)
{
    uint64_t first;
    const char *rest = read_name(name, &first);
    size_t size = rest != NULL ? strlen(rest) : 0;
    return size >= 4 && strcmp(rest + size - 4, TEMPORARY) == 0;
}

static int
by_first(const void *a, const void *b)
{
    uint64_t left = ((const struct segment *)a)->first;
    uint64_t right = ((const struct segment *)b)->first;
    return left < right ? -1 : left > right;
}

bool
segment_list(struct journal *j, struct reason *why)
{
    DIR *names = opendir(j->path);
    struct dirent *entry;

    if (names == NULL)
        return reason_set(why, "cannot read \"%s\": %s", j->path, strerror(errno));
    for (errno = 0; (entry = readdir(names)) != NULL; errno = 0) {
        uint64_t first;
        const char *rest = read_name(entry->d_name, &first);
        if (rest != NULL && strcmp(rest, ".seg") == 0)
            add_segment(j, first, (struct instant){0});
        else if (j->lock >= 0 && is_temporary(entry->d_name))
            unlinkat(j->directory, entry->d_name, 0);
    }
    int error = errno;
    closedir(names);
    if (error != 0)
        return reason_set(why, "cannot read \"%s\": %s", j->path, strerror(error));
    if (j->segments > 0)
        qsort(j->segment, j->segments, sizeof(*j->segment), by_first);
    return true;
}

static int
read_header(const struct journal *j, const char *name, struct header *ret)
{
    int file = openat(j->directory, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    int error = file_read(file, ret, sizeof(*ret), 0);
    close(file);
    return error;
}

/* NULL if the header is what a segment of this journal and name has. */
static const char *
find_fault(const struct journal *j, size_t index, const struct header *h)
{
    if (memcmp(h->magic, MAGIC, sizeof(h->magic)) != 0)
        return "this is no segment of a journal";
    if (le32toh(h->crc) != crc32c(0, h, offsetof(struct header, crc)))
        return "its header does not read as it was written; put the file back from a copy";
    if (le64toh(h->first) != j->segment[index].first)
        return "its header says another position than its name; give it its own name back";
    if (j->uuid_text[0] != '\0' && memcmp(h->uuid, j->uuid, sizeof(h->uuid)) != 0)
        return "a segment of another journal; move it away, or put the right one back from a copy";
    return NULL;
}

bool
segment_check(struct journal *j, size_t index, struct reason *why)
{
    struct segment *s = &j->segment[index];
    struct header h;
    char name[SEGMENT_NAME];

    int error = read_header(j, segment_name(s->first, name), &h);
    const char *fault = error == 0         ? find_fault(j, index, &h)
                        : error == ENODATA ? "shorter than its header; put the file back from a copy"
                                           : strerror(error);
    if (fault != NULL)
        return reason_set(why, "\"%s/%s\": %s", j->path, name, fault);
    if (le32toh(h.version) != SEGMENT_VERSION)
        return reason_set(why, "\"%s/%s\": a segment of version %" PRIu32 ", this abate knows version %d; start the abate that wrote it",
                          j->path, name, le32toh(h.version), SEGMENT_VERSION);
    s->made.us = (int64_t)le64toh(h.made);
    if (j->uuid_text[0] == '\0')
        journal_take_uuid(j, h.uuid);
    return true;
}
