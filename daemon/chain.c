#include "chain.h"

#include <stdlib.h>
#include <string.h>

/* read_segments.sql */
enum { INSTANCE, STORED, RETIRED, FIRST, END, BYTES, DIGEST, CHAIN, CLOSED };

static const unsigned char nothing[DIGEST_SIZE]; /* before the first */

static void
put_u64(unsigned char out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(value >> (56 - 8 * i));
}

static void
chain_of(const struct chain *c, const unsigned char *before, const struct chain_row *row, const unsigned char *digest,
         unsigned char ret[DIGEST_SIZE])
{
    struct digest *d = digest_new();
    unsigned char number[16];

    put_u64(number, row->first);
    put_u64(number + 8, row->end);
    digest_add(d, before, DIGEST_SIZE);
    digest_add(d, c->uuid, sizeof(c->uuid));
    digest_add(d, number, sizeof(number));
    digest_add(d, digest, DIGEST_SIZE);
    digest_end(d, ret);
    digest_free(d);
}

static bool
follows(const struct chain *c, const unsigned char *before, const struct chain_row *row, const unsigned char *digest)
{
    unsigned char chain[DIGEST_SIZE];
    chain_of(c, before, row, digest, chain);
    return memcmp(chain, row->chain, DIGEST_SIZE) == 0;
}

static const unsigned char *
before(const struct chain *c, const struct chain_row *row)
{
    return row == c->row ? nothing : row[-1].chain;
}

/* Where only the chain value of the row before was altered, this one follows from what that should be. */
static bool
follows_mended(const struct chain *c, const struct chain_row *row)
{
    unsigned char mended[DIGEST_SIZE];

    if (row == c->row || row[-1].state != CHAIN_BROKEN)
        return false;
    chain_of(c, before(c, row - 1), row - 1, row[-1].digest, mended);
    return follows(c, mended, row, row->digest);
}

static void
weigh(const struct chain *c, struct chain_row *row)
{
    bool has_gap = row > c->row && row->first != row[-1].end && row[-1].state != CHAIN_BROKEN;

    if (!follows(c, before(c, row), row, row->digest) && !follows_mended(c, row))
        row->state = CHAIN_BROKEN;
    else
        row->state = has_gap ? CHAIN_AFTER_GAP : CHAIN_FITS;
}

static bool
take_uuid(struct chain *c, const char *text)
{
    unsigned char whole[DIGEST_SIZE];
    char digits[DIGEST_TEXT];
    size_t size = 0;

    for (const char *t = text; *t != '\0'; t++)
        if (*t != '-' && size < 32)
            digits[size++] = *t;
    memset(digits + size, '0', sizeof(digits) - 1 - size);
    digits[sizeof(digits) - 1] = '\0';
    if (size != 32 || !digest_read(digits, whole))
        return false;
    memcpy(c->uuid, whole, sizeof(c->uuid));
    return true;
}

static bool
take_row(struct chain_row *row, const struct pg_result *r, int i)
{
    *row = (struct chain_row){.first = (uint64_t)pg_int(r, i, FIRST),
                              .end = (uint64_t)pg_int(r, i, END),
                              .bytes = (uint64_t)pg_int(r, i, BYTES),
                              .closed.us = pg_int(r, i, CLOSED)};
    return digest_read(pg_text(r, i, DIGEST), row->digest) && digest_read(pg_text(r, i, CHAIN), row->chain);
}

bool
chain_take(struct chain *c, const char *uuid, const struct pg_result *rows, struct reason *why)
{
    *c = (struct chain){.is_known = rows->rows > 0};
    if (!take_uuid(c, uuid))
        return reason_set(why, "\"%s\" is no uuid", uuid);
    if (rows->rows == 0)
        return true;
    c->stored = (uint64_t)pg_int(rows, 0, STORED);
    if (pg_is_null(rows, 0, FIRST))
        return true;
    c->row = calloc((size_t)rows->rows, sizeof(*c->row));
    if (c->row == NULL)
        abort();
    for (int i = 0; i < rows->rows; i++) {
        if (!take_row(&c->row[i], rows, i))
            return reason_set(why, "abate.journal_segment: a digest of the segment at %s is none", pg_text(rows, i, FIRST));
        c->rows++;
        weigh(c, &c->row[i]);
    }
    return true;
}

void
chain_clear(struct chain *c)
{
    free(c->row);
    *c = (struct chain){0};
}

const struct chain_row *
chain_find(const struct chain *c, uint64_t first)
{
    size_t low = 0;
    size_t high = c->rows;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->row[middle].first < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->rows && c->row[low].first == first ? &c->row[low] : NULL;
}

uint64_t
chain_end(const struct chain *c)
{
    return c->rows > 0 ? c->row[c->rows - 1].end : 0;
}

bool
chain_has(const struct chain *c, const unsigned char value[DIGEST_SIZE])
{
    for (size_t i = 0; i < c->rows; i++)
        if (memcmp(c->row[i].chain, value, DIGEST_SIZE) == 0)
            return true;
    return false;
}

bool
chain_would_fit(const struct chain *c, const struct chain_row *row, const unsigned char digest[DIGEST_SIZE])
{
    return follows(c, before(c, row), row, digest);
}
