/* chain: what the database says of the segments of a journal, and whether that holds together.
 *
 *     row     first end digest chain      chain = SHA-256(chain before | uuid | first | end | digest)
 *      0        |    |    |      ^
 *      1        |    |    |      ^        reckoned here again: neither the database's rows nor its functions are believed
 */
#ifndef ABATE_CHAIN_H
#define ABATE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "instant.h"
#include "pg.h"
#include "reason.h"

enum chain_state {
    CHAIN_FITS,
    CHAIN_AFTER_GAP, /* fits, and does not begin where the one before it ends: recorded so */
    CHAIN_BROKEN,    /* does not follow from the row before it: it was altered, or rows between were deleted */
};

struct chain_row {
    uint64_t first, end, bytes;
    unsigned char digest[DIGEST_SIZE], chain[DIGEST_SIZE];
    struct instant closed;
    enum chain_state state;
};

struct chain {
    bool is_known; /* the database knows the journal */
    uint64_t stored;
    unsigned char uuid[16];
    struct chain_row *row; /* by position */
    size_t rows;
};

/* The rows of read_segments.sql, each weighed. False: the uuid or a row is none. */
bool chain_take(struct chain *c, const char *uuid, const struct pg_result *rows, struct reason *why);
void chain_clear(struct chain *c);

const struct chain_row *chain_find(const struct chain *c, uint64_t first); /* or NULL */
uint64_t chain_end(const struct chain *c);                                 /* behind the last row; 0: none */
bool chain_has(const struct chain *c, const unsigned char value[DIGEST_SIZE]);

/* Whether the row would fit into the chain with this digest in place of its own. */
bool chain_would_fit(const struct chain *c, const struct chain_row *row, const unsigned char digest[DIGEST_SIZE]);

#endif
