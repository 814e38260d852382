#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal_own.h"

/*     block.first ..... position ..... limit
 *     of the segment    next to read   the segment's end or what was durable when last asked
 */
struct journal_reader {
    struct journal *journal;
    struct block block;
    uint64_t position;
    uint64_t limit;
};

struct journal_reader *
journal_reader_new(struct journal *j)
{
    struct journal_reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        abort();
    r->journal = j;
    r->block.file = -1;
    r->position = journal_first(j);
    return r;
}

void
journal_reader_free(struct journal_reader *r)
{
    if (r == NULL)
        return;
    block_close(&r->block);
    free(r);
}

uint64_t
journal_reader_position(const struct journal_reader *r)
{
    return r->position;
}

/* The segment that holds the position is opened, and how far it may be read. */
static bool
settle(struct journal_reader *r, struct reason *why)
{
    struct journal *j = r->journal;

    if (r->position < journal_first(j))
        return reason_set(why, "\"%s\": position %llu is not kept any more, the first is %llu", j->path,
                          (unsigned long long)r->position, (unsigned long long)journal_first(j));
    size_t index = segment_at(j, r->position);
    if (r->block.file < 0 || r->block.first != j->segment[index].first)
        if (!block_open(&r->block, j, j->segment[index].first, why))
            return false;
    uint64_t end = segment_end(j, index);
    r->limit = end < j->durable ? end : j->durable;
    return true;
}

static bool
unreadable(const struct journal_reader *r, int error, struct reason *why)
{
    char name[SEGMENT_NAME];
    return reason_set(why, "cannot read \"%s/%s\" at position %llu: %s", r->journal->path,
                      segment_name(r->block.first, name), (unsigned long long)r->position,
                      error == ENODATA ? "the file has become shorter" : strerror(error));
}

/* The record at the position, of either kind. */
static bool
read_record(struct journal_reader *r, struct record *ret, size_t *ret_size, struct reason *why)
{
    switch (block_record(&r->block, r->journal->seed, r->position, r->limit, ret, ret_size)) {
    case BLOCK_RECORD:
        return true;
    case BLOCK_BAD:
        return journal_rotten(r->journal, r->position, why);
    case BLOCK_UNREADABLE:
        return unreadable(r, errno, why);
    }
    return false;
}

enum journal_next
journal_reader_next(struct journal_reader *r, struct record *ret, struct reason *why)
{
    struct journal *j = r->journal;

    for (;;) {
        struct record record;
        size_t size;
        if (r->position == j->durable)
            return JOURNAL_NONE;
        if (r->position >= r->limit && !settle(r, why))
            return JOURNAL_ROTTEN;
        if (!read_record(r, &record, &size, why))
            return JOURNAL_ROTTEN;
        r->position += size;
        if (j->reached < r->position)
            j->reached = r->position;
        if (record.kind == RECORD_MARK)
            continue;
        *ret = record;
        return JOURNAL_RECORD;
    }
}

static bool
begins_here(struct journal_reader *r, struct reason *why)
{
    struct record record;
    size_t size;

    r->limit = 0;
    if (r->position == r->journal->durable)
        return true;
    return settle(r, why) && read_record(r, &record, &size, why);
}

bool
journal_reader_seek(struct journal_reader *r, uint64_t position, struct reason *why)
{
    uint64_t before = r->position;

    if (position > r->journal->durable)
        return reason_set(why, "\"%s\": position %llu was never written, the end is %llu", r->journal->path,
                          (unsigned long long)position, (unsigned long long)r->journal->durable);
    r->position = position;
    if (begins_here(r, why))
        return true;
    r->position = before;
    r->limit = 0;
    return false;
}
