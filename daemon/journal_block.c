#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "journal_own.h"

#define PIECE (1u << 20) /* bytes read at a time */

bool
block_open(struct block *b, const struct journal *j, uint64_t first, struct reason *why)
{
    char name[SEGMENT_NAME];

    int file = openat(j->directory, segment_name(first, name), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return reason_set(why, "cannot open \"%s/%s\": %s", j->path, name, strerror(errno));
    if (b->file >= 0)
        close(b->file);
    b->file = file;
    b->first = b->at = first;
    buf_empty(&b->bytes);
    return true;
}

void
block_close(struct block *b)
{
    if (b->file >= 0)
        close(b->file);
    b->file = -1;
    buf_clear(&b->bytes);
}

const unsigned char *
block_get(struct block *b, uint64_t position, size_t size, uint64_t limit)
{
    assert(position >= b->first && position + size <= limit);
    if (position >= b->at && position + size <= b->at + b->bytes.size)
        return b->bytes.at + (position - b->at);

    uint64_t want = size > PIECE ? size : PIECE;
    if (want > limit - position)
        want = limit - position;
    if (b->bytes.room > 2 * PIECE && want <= PIECE)
        buf_clear(&b->bytes); /* a very large record has passed */
    buf_empty(&b->bytes);
    int error = file_read(b->file, buf_reserve(&b->bytes, want), want, SEGMENT_HEADER + position - b->first);
    if (error != 0) {
        errno = error;
        return NULL;
    }
    b->at = position;
    b->bytes.size = want;
    return b->bytes.at;
}

enum block_read
block_record(struct block *b, uint32_t seed, uint64_t position, uint64_t limit, struct record *ret,
             size_t *ret_size)
{
    size_t size = RECORD_HEADER;

    for (;;) {
        if (size > limit - position)
            return BLOCK_BAD;
        const unsigned char *at = block_get(b, position, size, limit);
        if (at == NULL)
            return BLOCK_UNREADABLE;
        switch (record_read(at, size, position, seed, ret, &size)) {
        case RECORD_OK:
            *ret_size = size;
            return BLOCK_RECORD;
        case RECORD_SHORT:
            continue;
        case RECORD_BAD:
            return BLOCK_BAD;
        }
    }
}
