#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32c.h"
#include "crash.h"
#include "journal_own.h"

#define COPY_PIECE 65536

/* The last segment as it was found.
 *
 *     first ....... known ....... good ....... end
 *     |  durable    |  records    |  no record |       once behind `known` comes a message, that part is
 * written anew
 */
struct tail {
    struct block block;
    uint64_t first;
    uint64_t known;   /* the furthest that a good record says is durable */
    uint64_t good;    /* behind the last good record */
    uint64_t message; /* behind the last good message */
    uint64_t end;     /* behind the last byte */
};

/* ---- a new journal ---- */

void
journal_take_uuid(struct journal *j, const unsigned char uuid[16])
{
    char *out = j->uuid_text;

    memcpy(j->uuid, uuid, 16);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        out += snprintf(out, 3, "%02x", uuid[i]);
    }
    j->seed = crc32c(0, uuid, 16);
}

/* The directory's own name has to be durable too, before anything in it is. Where its parent may not be
 * opened, somebody else made it, long ago. */
static bool
sync_parent(struct journal *j, struct reason *why)
{
    int parent = openat(j->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return errno == EACCES || reason_set(why, "cannot open \"%s/..\": %s", j->path, strerror(errno));
    int error = fsync(parent) == 0 ? 0 : errno;
    close(parent);
    return error == 0 || reason_set(why, "cannot sync \"%s/..\": %s", j->path, strerror(error));
}

static bool
make_new(struct journal *j, struct instant now, struct reason *why)
{
    unsigned char uuid[16];
    int file;

    if (getrandom(uuid, sizeof(uuid), 0) != (ssize_t)sizeof(uuid))
        return reason_set(why, "cannot draw a uuid: %s", strerror(errno));
    uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40); /* RFC 9562, section 5.4 */
    uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
    journal_take_uuid(j, uuid);
    j->is_new = true;
    return sync_parent(j, why) && segment_begin(j, 0, now, &file, why) == JOURNAL_SYNCED &&
           segment_finish(j, 0, now, file, why) == JOURNAL_SYNCED;
}

/* ---- the chain of segments ---- */

static bool
cut_file(struct journal *j, int file, uint64_t first, uint64_t end, struct reason *why)
{
    char name[SEGMENT_NAME];

    if (ftruncate(file, (off_t)(SEGMENT_HEADER + end - first)) == 0 && fsync(file) == 0)
        return true;
    return reason_set(why, "cannot cut \"%s/%s\": %s", j->path, segment_name(first, name), strerror(errno));
}

/* A rewrite of its tail was interrupted before this one was cut; or the cut was not synced: then it looks well and would be
 * as long as before after a power cut. */
static bool
cut_overlap(struct journal *j, size_t index, struct reason *why)
{
    uint64_t first = j->segment[index].first;
    char name[SEGMENT_NAME];

    int file = openat(j->directory, segment_name(first, name), O_RDWR | O_CLOEXEC);
    if (file < 0)
        return reason_set(why, "cannot open \"%s/%s\": %s", j->path, name, strerror(errno));
    bool done = cut_file(j, file, first, j->segment[index + 1].first, why);
    close(file);
    return done;
}

static bool
measure(const struct journal *j, size_t index, uint64_t *ret_end, struct reason *why)
{
    char name[SEGMENT_NAME];
    struct stat st;

    segment_name(j->segment[index].first, name);
    if (fstatat(j->directory, name, &st, 0) != 0)
        return reason_set(why, "cannot look at \"%s/%s\": %s", j->path, name, strerror(errno));
    *ret_end = j->segment[index].first + (uint64_t)st.st_size - SEGMENT_HEADER;
    return true;
}

static bool
check_joint(struct journal *j, size_t index, struct reason *why)
{
    uint64_t next = j->segment[index + 1].first;
    char name[SEGMENT_NAME];
    uint64_t end;

    if (!measure(j, index, &end, why))
        return false;
    if (end >= next && index + 2 == j->segments)
        return cut_overlap(j, index, why);
    if (end == next)
        return true;
    return reason_set(why,
                      "\"%s/%s\" ends at position %" PRIu64 ", the next segment begins at %" PRIu64
                      ": %s; put back from a copy what was deleted or replaced",
                      j->path, segment_name(j->segment[index].first, name), end, next,
                      end < next ? "a gap" : "they overlap");
}

/* Only headers and sizes: what it costs to start must not grow with what is kept. */
static bool
check_chain(struct journal *j, struct reason *why)
{
    for (size_t i = 0; i < j->segments; i++)
        if (!segment_check(j, i, why))
            return false;
    for (size_t i = 0; i + 1 < j->segments; i++)
        if (!check_joint(j, i, why))
            return false;
    return true;
}

/* ---- the last segment ---- */

bool
journal_rotten(const struct journal *j, uint64_t position, struct reason *why)
{
    uint64_t first = j->segment[segment_at(j, position)].first;
    char name[SEGMENT_NAME];

    return reason_set(why,
                      "\"%s/%s\": rotten at position %" PRIu64 " (byte %" PRIu64
                      "): this was on disk once and "
                      "does not read as it was written; put the file back from a copy, or move the directory "
                      "away and call abate.retire_journal(instance)",
                      j->path, segment_name(first, name), position, SEGMENT_HEADER + position - first);
}

static bool
unreadable(const struct journal *j, const struct tail *t, uint64_t position, struct reason *why)
{
    char name[SEGMENT_NAME];
    return reason_set(why, "cannot read \"%s/%s\" at position %" PRIu64 ": %s", j->path,
                      segment_name(t->first, name), position, strerror(errno));
}

/* As far as the records are good. */
static bool
scan(const struct journal *j, struct tail *t, struct reason *why)
{
    for (;;) {
        struct record r;
        size_t size;
        switch (block_record(&t->block, j->seed, t->good, t->end, &r, &size)) {
        case BLOCK_BAD:
            return true;
        case BLOCK_UNREADABLE:
            return unreadable(j, t, t->good, why);
        case BLOCK_RECORD:
            t->good += size;
            if (r.durable > t->known)
                t->known = r.durable;
            if (r.kind == RECORD_MESSAGE)
                t->message = t->good;
        }
    }
}

/* A good record behind the first bad one that says that one was durable is proof of rot. Without any, it is
 * an honest torn tail: nothing of it was ever acknowledged. */
static bool
check_torn(const struct journal *j, struct tail *t, struct reason *why)
{
    for (uint64_t at = t->good + 8; at < t->end; at += 8) {
        struct record r;
        size_t size;
        switch (block_record(&t->block, j->seed, at, t->end, &r, &size)) {
        case BLOCK_BAD:
            break;
        case BLOCK_UNREADABLE:
            return unreadable(j, t, at, why);
        case BLOCK_RECORD:
            if (r.durable > t->good)
                return journal_rotten(j, t->good, why);
        }
    }
    return true;
}

/* Copies the segment's bytes from `position` to `end` to that byte of another file. */
static enum journal_sync
copy(struct journal *j, struct tail *t, uint64_t position, uint64_t end, int file, uint64_t offset,
     const char *name, struct reason *why)
{
    while (position < end) {
        size_t size = end - position < COPY_PIECE ? (size_t)(end - position) : COPY_PIECE;
        const unsigned char *bytes = block_get(&t->block, position, size, t->end);
        if (bytes == NULL) {
            unreadable(j, t, position, why);
            return JOURNAL_BROKEN;
        }
        int error = file_write(file, bytes, size, offset);
        if (error != 0)
            return journal_failed(j, error, "cannot write", name, why);
        position += size;
        offset += size;
    }
    return JOURNAL_SYNCED;
}

/* A free name: a tail torn twice at one position keeps both. */
static void
torn_name(const struct journal *j, uint64_t position, char out[SEGMENT_NAME])
{
    snprintf(out, SEGMENT_NAME, "%020" PRIu64 ".torn", position);
    for (unsigned n = 2; faccessat(j->directory, out, F_OK, 0) == 0; n++)
        snprintf(out, SEGMENT_NAME, "%020" PRIu64 ".%u.torn", position, n);
}

static enum journal_sync
keep_torn(struct journal *j, struct tail *t, struct reason *why)
{
    char name[SEGMENT_NAME];
    int file;

    torn_name(j, t->good, name);
    enum journal_sync done = file_begin(j, name, &file, why);
    if (done != JOURNAL_SYNCED)
        return done;
    done = copy(j, t, t->good, t->end, file, 0, name, why);
    if (done != JOURNAL_SYNCED) {
        file_abandon(j, name, file);
        return done;
    }
    done = file_finish(j, name, file, why);
    if (done == JOURNAL_SYNCED)
        close(file);
    return done;
}

/* On a full disk the bytes are not kept: none of them was acknowledged, and a daemon that cannot start can make no room. */
static bool
cut_torn(struct journal *j, struct tail *t, struct journal_recovery *ret, struct reason *why)
{
    if (t->good == t->end)
        return true;
    if (!check_torn(j, t, why))
        return false;
    crash_before("cutting a torn tail");
    enum journal_sync kept = keep_torn(j, t, why);
    crash_amid("cutting a torn tail");
    if (kept == JOURNAL_BROKEN)
        return false;
    ret->is_torn_lost |= kept == JOURNAL_FULL;
    return cut_file(j, j->file, t->first, t->good, why);
}

/* ---- what is not known to be durable ---- */

/* Only a mark, on which nothing rests: it waits to be written over itself with the next records. */
static bool
take_marks(struct journal *j, struct tail *t, struct reason *why)
{
    size_t size = (size_t)(t->good - t->known);

    j->durable = j->written = t->known;
    if (size == 0)
        return true;
    const unsigned char *bytes = block_get(&t->block, t->known, size, t->end);
    if (bytes == NULL)
        return unreadable(j, t, t->known, why);
    buf_add(&j->waiting, bytes, size);
    return true;
}

/* A segment that begins at the first unknown record: in place of this one if that is its first, else behind
 * it, and this one is cut there. The new one stands before the old is cut. */
static enum journal_sync
rewrite(struct journal *j, struct tail *t, struct instant now, struct reason *why)
{
    char name[SEGMENT_NAME];
    int file;

    enum journal_sync done = segment_begin(j, t->known, now, &file, why);
    if (done != JOURNAL_SYNCED)
        return done;
    segment_name(t->known, name);
    crash_before("writing anew");
    done = copy(j, t, t->known, t->good, file, SEGMENT_HEADER, name, why);
    if (done != JOURNAL_SYNCED) {
        file_abandon(j, name, file);
        return done;
    }
    done = segment_finish(j, t->known, now, file, why);
    if (done != JOURNAL_SYNCED)
        return done;
    crash_amid("writing anew");
    if (t->known > t->first && !cut_overlap(j, j->segments - 2, why))
        return JOURNAL_BROKEN;
    crash_after("writing anew");
    return JOURNAL_SYNCED;
}

/* No room for that, and a daemon that cannot start can make none: what is still there when the disk itself is read, not the
 * cache, needs no second copy. What is not was never acknowledged. */
static bool
read_back(struct journal *j, struct tail *t, struct journal_recovery *ret, struct reason *why)
{
    char name[SEGMENT_NAME];

    if (fdatasync(j->file) != 0)
        return reason_set(why, "cannot sync \"%s/%s\": %s", j->path, segment_name(t->first, name),
                          strerror(errno));
    (void)posix_fadvise(j->file, 0, 0, POSIX_FADV_DONTNEED);
    block_close(&t->block);
    if (!block_open(&t->block, j, t->first, why))
        return false;
    t->end = t->good;
    t->good = t->known;
    if (!scan(j, t, why) || !cut_torn(j, t, ret, why))
        return false;
    ret->torn_bytes += t->end - t->good;
    ret->unmoved_bytes = t->good - t->known;
    return true;
}

static bool
make_durable(struct journal *j, struct tail *t, struct instant now, struct journal_recovery *ret,
             struct reason *why)
{
    switch (rewrite(j, t, now, why)) {
    case JOURNAL_SYNCED:
        ret->rewritten_bytes = t->good - t->known;
        break;
    case JOURNAL_FULL:
        if (!read_back(j, t, ret, why))
            return false;
        break;
    case JOURNAL_BROKEN:
        return false;
    }
    j->durable = j->written = t->good;
    return journal_mark(j, now, why) == JOURNAL_SYNCED;
}

static bool
recover_tail(struct journal *j, struct tail *t, struct instant now, struct journal_recovery *ret,
             struct reason *why)
{
    if (!measure(j, j->segments - 1, &t->end, why) || !block_open(&t->block, j, t->first, why) ||
        !scan(j, t, why) || !cut_torn(j, t, ret, why))
        return false;
    ret->torn_bytes = t->end - t->good;
    return t->message > t->known ? make_durable(j, t, now, ret, why) : take_marks(j, t, why);
}

static bool
recover_last(struct journal *j, struct instant now, struct journal_recovery *ret, struct reason *why)
{
    uint64_t first = j->segment[j->segments - 1].first;
    struct tail t = {.block.file = -1, .first = first, .known = first, .good = first, .message = first};
    char name[SEGMENT_NAME];

    j->file = openat(j->directory, segment_name(first, name), O_RDWR | O_CLOEXEC);
    if (j->file < 0)
        return reason_set(why, "cannot open \"%s/%s\": %s", j->path, name, strerror(errno));
    bool done = recover_tail(j, &t, now, ret, why);
    block_close(&t.block);
    return done;
}

/* Killed between renaming a segment and syncing its name: what is written to it now would go with the name. */
static bool
sync_names(const struct journal *j, struct reason *why)
{
    return fsync(j->directory) == 0 || reason_set(why, "cannot sync \"%s\": %s", j->path, strerror(errno));
}

bool
journal_recover(struct journal *j, struct instant now, struct journal_recovery *ret, struct reason *why)
{
    if (!segment_list(j, why))
        return false;
    if (j->segments == 0)
        return make_new(j, now, why);
    return sync_names(j, why) && check_chain(j, why) && recover_last(j, now, ret, why);
}
