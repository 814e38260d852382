#include "journal_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_own.h"

#define SLICE (256u << 10) /* bytes read at a time: well under a millisecond */

struct journal_digest {
    struct journal *journal;
    struct digest *digest;
    bool is_placed;    /* `next` counts */
    uint64_t next;     /* first position of the segment to be read */
    bool is_after_gap; /* that one is */
    int file;          /* of it, or -1 */
    uint64_t offset;
    bool is_weather;   /* the last failure says nothing of the file: no descriptor was left, or the disk balked */
    unsigned char slice[SLICE];
};

struct journal_digest *
journal_digest_new(struct journal *j)
{
    struct journal_digest *d = calloc(1, sizeof(*d));
    if (d == NULL)
        abort();
    d->journal = j;
    d->digest = digest_new();
    d->file = -1;
    return d;
}

static void
leave_file(struct journal_digest *d)
{
    if (d->file >= 0)
        close(d->file);
    d->file = -1;
}

void
journal_digest_free(struct journal_digest *d)
{
    if (d == NULL)
        return;
    leave_file(d);
    digest_free(d->digest);
    free(d);
}

static void
place(struct journal_digest *d, uint64_t next, bool is_after_gap)
{
    d->is_placed = true;
    d->next = next;
    d->is_after_gap = is_after_gap;
}

enum journal_seek
journal_digest_seek(struct journal_digest *d, const uint64_t *recorded, struct reason *why)
{
    struct journal *j = d->journal;
    uint64_t oldest = journal_first(j);

    leave_file(d);
    d->is_placed = false;
    if (recorded != NULL && *recorded > j->reached) {
        reason_set(why,
                   "\"%s\" ended at position %llu, before position %llu, up to which its segments are recorded: its end was "
                   "lost or an older copy put back; restore it, or move the directory away and call "
                   "abate.retire_journal(instance)",
                   j->path, (unsigned long long)j->reached, (unsigned long long)*recorded);
        return JOURNAL_SEEK_PAST;
    }
    if (recorded == NULL || *recorded < oldest) {
        place(d, oldest, recorded != NULL);
        return recorded == NULL ? JOURNAL_SEEK_FOUND : JOURNAL_SEEK_GAP;
    }
    if (j->segment[segment_at(j, *recorded)].first != *recorded) {
        reason_set(why, "\"%s\": recorded up to position %llu, where no segment ends: abatectl journal verify says more", j->path,
                   (unsigned long long)*recorded);
        return JOURNAL_SEEK_ASTRAY;
    }
    place(d, *recorded, false);
    return JOURNAL_SEEK_FOUND;
}

bool
journal_digest_is_behind(const struct journal_digest *d)
{
    const struct journal *j = d->journal;
    return d->is_placed && d->next < j->segment[j->segments - 1].first;
}

/* Whoever deletes closed segments waits until they are recorded; so one that is not there was taken by somebody else. */
static bool
begin_file(struct journal_digest *d, uint64_t bytes, const char *name, struct reason *why)
{
    struct stat st;

    d->file = openat(d->journal->directory, name, O_RDONLY | O_CLOEXEC);
    d->is_weather = d->file < 0 && errno != ENOENT;
    if (d->file < 0 || fstat(d->file, &st) != 0)
        return reason_set(why, "cannot open \"%s/%s\": %s", d->journal->path, name, strerror(errno));
    if ((uint64_t)st.st_size != bytes)
        return reason_set(why, "\"%s/%s\" has %lld bytes, and had %llu when it was closed", d->journal->path, name,
                          (long long)st.st_size, (unsigned long long)bytes);
    d->offset = 0;
    digest_begin(d->digest);
    return true;
}

static bool
add_slice(struct journal_digest *d, uint64_t bytes, const char *name, struct reason *why)
{
    size_t size = bytes - d->offset < SLICE ? (size_t)(bytes - d->offset) : SLICE;
    int error = file_read(d->file, d->slice, size, d->offset);

    d->is_weather = error != 0 && error != ENODATA;
    if (error != 0)
        return reason_set(why, "cannot read \"%s/%s\": %s", d->journal->path, name,
                          error == ENODATA ? "the file has become shorter" : strerror(error));
    digest_add(d->digest, d->slice, size);
    d->offset += size;
    return true;
}

static void
finish(struct journal_digest *d, struct journal_closed *ret)
{
    digest_end(d->digest, ret->digest);
    leave_file(d);
    place(d, ret->end, false);
    if (d->journal->reached < ret->end)
        d->journal->reached = ret->end;
}

enum journal_digested
journal_digest_step(struct journal_digest *d, struct journal_closed *ret, struct reason *why)
{
    const struct journal *j = d->journal;
    char name[SEGMENT_NAME];

    if (!journal_digest_is_behind(d))
        return JOURNAL_DIGEST_NONE;
    size_t index = segment_at(j, d->next);
    const struct segment *next = &j->segment[index + 1];
    struct journal_closed closed = {.first = d->next,
                                    .end = next->first,
                                    .bytes = SEGMENT_HEADER + next->first - d->next,
                                    .closed = next->made,
                                    .is_after_gap = d->is_after_gap};
    segment_name(d->next, name);
    if ((d->file < 0 && !begin_file(d, closed.bytes, name, why)) || !add_slice(d, closed.bytes, name, why)) {
        leave_file(d);
        d->is_placed = d->is_weather;
        return d->is_weather ? JOURNAL_DIGEST_LATER : JOURNAL_DIGEST_FAILED;
    }
    if (d->offset < closed.bytes)
        return JOURNAL_DIGEST_SLICE;
    finish(d, &closed);
    *ret = closed;
    return JOURNAL_DIGEST_CLOSED;
}
