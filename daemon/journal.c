#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crash.h"
#include "journal_own.h"

/* ---- failing ---- */

static bool
is_full_error(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

enum journal_sync
journal_break(struct journal *j, int error, const char *doing, const char *name, struct reason *why)
{
    reason_set(why, "%s \"%s/%s\": %s", doing, j->path, name, strerror(error));
    j->is_broken = true;
    j->broken_why = *why;
    return JOURNAL_BROKEN;
}

enum journal_sync
journal_failed(struct journal *j, int error, const char *doing, const char *name, struct reason *why)
{
    if (!is_full_error(error))
        return journal_break(j, error, doing, name, why);
    reason_set(why, "%s \"%s/%s\": %s", doing, j->path, name, strerror(error));
    return JOURNAL_FULL;
}

/* ---- opening ---- */

/* Evidence: nobody else may write here. */
static bool
check_owner(const struct journal *j, struct reason *why)
{
    struct stat st;

    if (fstat(j->directory, &st) != 0)
        return reason_set(why, "cannot look at \"%s\": %s", j->path, strerror(errno));
    if (st.st_uid != geteuid())
        return reason_set(why, "\"%s\" belongs to user %u, this is user %u", j->path, (unsigned)st.st_uid,
                          (unsigned)geteuid());
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return reason_set(why, "\"%s\" may be written by others than its owner: chmod go-w it", j->path);
    return true;
}

static bool
open_directory(struct journal *j, struct reason *why)
{
    if (mkdir(j->path, 0700) != 0 && errno != EEXIST)
        return reason_set(why, "cannot make \"%s\": %s", j->path, strerror(errno));
    j->directory = open(j->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->directory < 0)
        return reason_set(why, "cannot open \"%s\": %s", j->path, strerror(errno));
    return check_owner(j, why);
}

static bool
lock_directory(struct journal *j, struct reason *why)
{
    j->lock = openat(j->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (j->lock < 0)
        return reason_set(why, "cannot open \"%s/lock\": %s", j->path, strerror(errno));
    if (flock(j->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK)
        return reason_set(why, "\"%s\" is in use by another process", j->path);
    return reason_set(why, "cannot lock \"%s/lock\": %s", j->path, strerror(errno));
}

void
journal_condemn(struct journal *j, const char *reason)
{
    int file = openat(j->directory, "condemned", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    if (file_write(file, reason, strlen(reason), 0) == 0 && fsync(file) == 0)
        (void)fsync(j->directory);
    close(file);
}

static bool
check_condemned(const struct journal *j, struct reason *why)
{
    char said[REASON_SIZE / 2] = "";
    int file = openat(j->directory, "condemned", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return true;
    if (read(file, said, sizeof(said) - 1) < 0)
        said[0] = '\0';
    close(file);
    return reason_set(why, "\"%s/condemned\": %s; when that is mended, delete this file", j->path, said);
}

struct journal *
journal_open(const struct journal_settings *settings, struct instant now, struct journal_recovery *ret,
             struct reason *why)
{
    struct journal *j = calloc(1, sizeof(*j));
    struct journal_recovery recovery = {0};

    if (j == NULL)
        abort();
    j->directory = j->lock = j->file = -1;
    j->settings = *settings;
    j->path = strdup(settings->directory);
    if (j->path == NULL)
        abort();
    j->settings.directory = j->path;
    if (open_directory(j, why) && lock_directory(j, why) && check_condemned(j, why) &&
        journal_recover(j, now, &recovery, why)) {
        j->reached = j->durable;
        *ret = recovery;
        return j;
    }
    journal_close(j);
    return NULL;
}

static void
close_file(int file)
{
    if (file >= 0)
        close(file);
}

void
journal_close(struct journal *j)
{
    /* Only the last mark can still be unsynced, and nothing rests on it: whether this succeeds does not
     * matter. */
    if (j->file >= 0 && !j->is_broken)
        (void)fdatasync(j->file);
    close_file(j->file);
    close_file(j->lock);
    close_file(j->directory);
    buf_clear(&j->waiting);
    free(j->segment);
    free(j->path);
    free(j);
}

/* ---- what it is ---- */

bool
journal_is_new(const struct journal *j)
{
    return j->is_new;
}

void
journal_bound(struct journal *j, uint64_t size_bytes, int64_t retention_us)
{
    j->settings.size_bytes = size_bytes;
    j->settings.retention_us = retention_us;
}

const char *
journal_uuid(const struct journal *j)
{
    return j->uuid_text;
}

uint64_t
journal_first(const struct journal *j)
{
    return j->segment[0].first;
}

uint64_t
journal_durable(const struct journal *j)
{
    return j->durable;
}

uint64_t
journal_end(const struct journal *j)
{
    return j->written + j->waiting.size;
}

uint64_t
journal_bytes(const struct journal *j)
{
    return j->segments * SEGMENT_HEADER + j->written - journal_first(j);
}

bool
journal_dirty(const struct journal *j)
{
    return j->is_dirty;
}

bool
journal_covers(const struct journal *j, uint64_t position, struct reason *why)
{
    if (position < journal_first(j))
        return reason_set(
            why,
            "\"%s\" begins at position %llu, past the stored position %llu: segments were deleted "
            "that had not been stored; put them back from a copy",
            j->path, (unsigned long long)journal_first(j), (unsigned long long)position);
    if (position > j->reached)
        return reason_set(
            why,
            "\"%s\" ended at position %llu, before the stored position %llu: its end was lost or an "
            "older copy put back; restore it, or move the directory away and call "
            "abate.retire_journal(instance)",
            j->path, (unsigned long long)j->reached, (unsigned long long)position);
    return true;
}

/* ---- appending ---- */

static void
add_record(struct journal *j, struct record *r)
{
    r->position = journal_end(j);
    r->durable = j->durable;
    size_t size = record_size(r);
    record_write(r, j->seed, buf_reserve(&j->waiting, size));
    j->waiting.size += size;
}

void
journal_append(struct journal *j, struct instant arrived, const char *broker, const char *topic,
               const void *payload, size_t size)
{
    struct record r = {.arrived = arrived,
                       .kind = RECORD_MESSAGE,
                       .broker = broker,
                       .broker_size = strlen(broker),
                       .topic = topic,
                       .topic_size = strlen(topic),
                       .payload = payload,
                       .payload_size = size};
    crash_before("append");
    add_record(j, &r);
    j->is_dirty = true;
    crash_after("append");
}

/* ---- syncing ---- */

/* The same bytes at the same place however often it takes: half an attempt does no harm. */
static enum journal_sync
write_waiting(struct journal *j, struct reason *why)
{
    const struct segment *last = &j->segment[j->segments - 1];
    char name[SEGMENT_NAME];

    crash_before("write");
    int error =
        file_write(j->file, j->waiting.at, j->waiting.size, SEGMENT_HEADER + j->written - last->first);
    if (error != 0) {
        /* Half a burst must not stand there at the next start as a torn tail that there is no room to keep. */
        if (is_full_error(error) && ftruncate(j->file, (off_t)(SEGMENT_HEADER + j->written - last->first)) != 0)
            error = errno;
        return journal_failed(j, error, "cannot write", segment_name(last->first, name), why);
    }
    j->written += j->waiting.size;
    buf_empty(&j->waiting);
    crash_after("write");
    return JOURNAL_SYNCED;
}

/* Somebody deleted the file under us: what is written to it now is gone with the process. */
static bool
is_unlinked(int file)
{
    struct stat st;
    return fstat(file, &st) == 0 && st.st_nlink == 0;
}

static enum journal_sync
sync_written(struct journal *j, struct reason *why)
{
    char name[SEGMENT_NAME];

    crash_before("sync");
    if (is_unlinked(j->file))
        return journal_break(j, ENOENT, "cannot sync", segment_name(j->segment[j->segments - 1].first, name), why);

    if (fdatasync(j->file) != 0)
        return journal_break(j, errno, "cannot sync", segment_name(j->segment[j->segments - 1].first, name),
                             why);
    j->durable = j->written;
    crash_after("sync");
    return JOURNAL_SYNCED;
}

enum journal_sync
journal_mark(struct journal *j, struct instant now, struct reason *why)
{
    assert(j->waiting.size == 0 && j->written == j->durable);
    struct record mark = {.arrived = now, .kind = RECORD_MARK};
    crash_before("mark");
    add_record(j, &mark);

    enum journal_sync done = write_waiting(j, why);
    crash_after("mark");
    return done == JOURNAL_FULL ? JOURNAL_SYNCED : done;
}

/* Closes the last segment where its written records end, what an attempt on a full disk left behind them cut
 * off, and begins the next there. */
static enum journal_sync
rotate(struct journal *j, struct instant now, struct reason *why)
{
    uint64_t first = j->segment[j->segments - 1].first;
    char name[SEGMENT_NAME];
    int file;

    crash_before("rotate");
    if (ftruncate(j->file, (off_t)(SEGMENT_HEADER + j->written - first)) != 0)
        return journal_break(j, errno, "cannot cut", segment_name(first, name), why);
    enum journal_sync done = sync_written(j, why);
    crash_amid("rotate");
    if (done == JOURNAL_SYNCED)
        done = segment_begin(j, j->written, now, &file, why);
    if (done == JOURNAL_SYNCED)
        done = segment_finish(j, j->written, now, file, why);
    crash_after("rotate");
    return done;
}

static bool
must_rotate(const struct journal *j)
{
    uint64_t first = j->segment[j->segments - 1].first;
    return j->written > first &&
           SEGMENT_HEADER + journal_end(j) + MARK_SIZE - first > j->settings.segment_bytes;
}

/* The last segment can never be deleted, so alone it does not count: else one large burst could wait for
 * ever. */
static bool
is_over_cap(const struct journal *j)
{
    return j->segments > 1 &&
           journal_bytes(j) + j->waiting.size + MARK_SIZE + SEGMENT_HEADER > j->settings.size_bytes;
}

static enum journal_sync
write_and_sync(struct journal *j, struct instant now, struct reason *why)
{
    enum journal_sync done = JOURNAL_SYNCED;

    if (is_over_cap(j)) {
        reason_set(why, "\"%s\" is full: %llu of at most %llu bytes", j->path,
                   (unsigned long long)journal_bytes(j), (unsigned long long)j->settings.size_bytes);
        return JOURNAL_FULL;
    }
    if (must_rotate(j))
        done = rotate(j, now, why);
    if (done == JOURNAL_SYNCED)
        done = write_waiting(j, why);
    if (done == JOURNAL_SYNCED)
        done = sync_written(j, why);
    return done;
}

enum journal_sync
journal_sync(struct journal *j, struct instant now, struct reason *why)
{
    if (j->is_broken) {
        *why = j->broken_why;
        return JOURNAL_BROKEN;
    }
    if (!j->is_dirty)
        return JOURNAL_SYNCED;

    enum journal_sync done = write_and_sync(j, now, why);
    j->is_full = done == JOURNAL_FULL;
    if (done != JOURNAL_SYNCED)
        return done;
    j->is_dirty = false;
    return journal_mark(j, now, why);
}

/* ---- retiring ---- */

static bool
is_pressed(const struct journal *j)
{
    return j->is_full || journal_bytes(j) > j->settings.size_bytes / 4 * 3;
}

/* The directory is synced after each, so that no crash can leave a gap. */
static bool
delete_first(struct journal *j)
{
    char name[SEGMENT_NAME];
    struct reason why;

    segment_name(j->segment[0].first, name);
    crash_before("retire");
    if (unlinkat(j->directory, name, 0) != 0 && errno != ENOENT)
        return false;
    j->segments--;
    memmove(j->segment, j->segment + 1, j->segments * sizeof(*j->segment));
    crash_amid("retire");
    if (fsync(j->directory) != 0)
        journal_break(j, errno, "cannot sync the directory of", name, &why);
    crash_after("retire");
    return !j->is_broken;
}

int
journal_retire(struct journal *j, uint64_t before, struct instant now)
{
    int gone = 0;

    while (!j->is_broken && j->segments > 1) {
        const struct segment *next = &j->segment[1];
        if (next->first > before)
            break;
        if (!is_pressed(j) && now.us - next->made.us <= j->settings.retention_us)
            break;
        if (!delete_first(j))
            break;
        j->is_full = false; /* whether that is enough the next sync will say */
        gone++;
    }
    return gone;
}
