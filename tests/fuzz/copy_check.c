#include "copy_check.h"

#include <math.h>

#include "must.h"

static uint64_t
big_endian(const unsigned char *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

static const unsigned char *
take(struct copy_rows *r, size_t size)
{
    must((size_t)(r->end - r->at) >= size, "%zu bytes wanted, %zd there", size, r->end - r->at);
    const unsigned char *at = r->at;
    r->at += size;
    return at;
}

void
copy_rows_begin(struct copy_rows *r, const struct buf *b, size_t columns)
{
    *r = (struct copy_rows){.at = b->at, .end = b->at + b->size, .columns = columns};
    must(memcmp(take(r, 11), "PGCOPY\n\377\r\n\0", 11) == 0, "signature");
    must(big_endian(take(r, 8), 8) == 0, "flags and extension");
}

bool
copy_rows_next(struct copy_rows *r)
{
    uint64_t columns = big_endian(take(r, 2), 2);
    if (columns == UINT16_MAX) {
        must(r->at == r->end, "%zd bytes behind the trailer", r->end - r->at);
        return false;
    }
    must(columns == r->columns, "%zu columns, %zu wanted", (size_t)columns, r->columns);
    for (size_t i = 0; i < r->columns; i++) {
        struct copy_column *c = &r->column[i];
        uint64_t size = big_endian(take(r, 4), 4);
        c->is_null = size == UINT32_MAX;
        c->size = c->is_null ? 0 : (size_t)size;
        c->at = take(r, c->size);
    }
    return true;
}

int64_t
copy_integer(const struct copy_column *c, size_t size)
{
    must(!c->is_null && c->size == size, "%zu bytes, %zu wanted", c->size, size);
    uint64_t value = big_endian(c->at, size);
    uint64_t sign = UINT64_C(1) << (size * 8 - 1);
    return (int64_t)((value ^ sign) - sign);
}

int64_t
copy_instant_us(const struct copy_column *c)
{
    return copy_integer(c, 8) + INT64_C(946684800000000);
}

void
copy_text(const struct copy_column *c)
{
    must(!c->is_null, "null");
    must(text_is_utf8(c->at, c->size), "\"%.*s\"", (int)c->size, (const char *)c->at);
}

size_t
copy_floats(const struct copy_column *c, size_t *ret_values)
{
    must(!c->is_null && c->size >= 20, "array of %zu bytes", c->size);
    must(big_endian(c->at, 4) == 1 && big_endian(c->at + 8, 4) == 701 && big_endian(c->at + 16, 4) == 1,
         "no float8[] in one dimension from 1");
    size_t count = (size_t)big_endian(c->at + 12, 4);
    const unsigned char *at = c->at + 20, *end = c->at + c->size;
    bool has_null = false;

    *ret_values = 0;
    for (size_t i = 0; i < count; i++) {
        must(end - at >= 4, "element %zu is cut", i);
        uint64_t size = big_endian(at, 4);
        at += 4;
        if (size == UINT32_MAX) {
            has_null = true;
            continue;
        }
        must(size == 8 && end - at >= 8, "element %zu of %zu bytes", i, (size_t)size);
        uint64_t bits = big_endian(at, 8);
        double value;
        memcpy(&value, &bits, sizeof(value));
        must(isfinite(value), "element %zu is %g", i, value);
        at += 8;
        ++*ret_values;
    }
    must(at == end && (big_endian(c->at + 4, 4) == 1) == has_null, "%zu elements", count);
    return count;
}
