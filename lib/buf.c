#include "buf.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

void
buf_clear(struct buf *b)
{
    free(b->at);
    *b = (struct buf){0};
}

void
buf_empty(struct buf *b)
{
    b->size = 0;
}

unsigned char *
buf_reserve(struct buf *b, size_t size)
{
    if (b->room - b->size < size || b->at == NULL) {
        size_t room = b->room * 2 > b->size + size ? b->room * 2 : b->size + size + 64;
        unsigned char *at = realloc(b->at, room);
        if (at == NULL)
            abort();
        b->at = at;
        b->room = room;
    }
    return b->at + b->size;
}

void
buf_add(struct buf *b, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    memcpy(buf_reserve(b, size), bytes, size);
    b->size += size;
}

void
buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void
buf_add_u16(struct buf *b, uint16_t value)
{
    value = htobe16(value);
    buf_add(b, &value, sizeof(value));
}

void
buf_add_u32(struct buf *b, uint32_t value)
{
    value = htobe32(value);
    buf_add(b, &value, sizeof(value));
}

void
buf_add_u64(struct buf *b, uint64_t value)
{
    value = htobe64(value);
    buf_add(b, &value, sizeof(value));
}

void
buf_put_u32(struct buf *b, size_t offset, uint32_t value)
{
    assert(offset + sizeof(value) <= b->size);
    value = htobe32(value);
    memcpy(b->at + offset, &value, sizeof(value));
}
