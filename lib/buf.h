/* buf: bytes that grow.
 *
 *     at |######### size #########|........ room ........|
 *
 * Kept and emptied rather than freed: after the first large use it allocates no more. Out of memory aborts the
 * program: what was acknowledged is in the journal, and the service manager starts it again.
 */
#ifndef ABATE_BUF_H
#define ABATE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
    unsigned char *at;
    size_t size; /* bytes in use */
    size_t room; /* bytes allocated */
};

void buf_clear(struct buf *b); /* frees; the buf is empty and may be used again */
void buf_empty(struct buf *b); /* keeps the room */

/* Room for `size` more bytes behind those in use; returns where they go. Does not count them as used. */
unsigned char *buf_reserve(struct buf *b, size_t size);

void buf_add(struct buf *b, const void *bytes, size_t size);
void buf_add_text(struct buf *b, const char *text);

/* Big-endian (network order), as PostgreSQL's binary COPY has it. */
void buf_add_u16(struct buf *b, uint16_t value);
void buf_add_u32(struct buf *b, uint32_t value);
void buf_add_u64(struct buf *b, uint64_t value);
void buf_put_u32(struct buf *b, size_t offset, uint32_t value); /* over bytes already in use */

#endif
