#include "copy_row.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <string.h>

#include "text.h"

#define EPOCH_US 946684800000000 /* 2000-01-01, where PostgreSQL counts from */
#define FLOAT8_OID 701           /* pg_type.dat */
#define NULL_SIZE UINT32_MAX     /* the size -1 */

/* ---- writing through a pointer into room that was reserved: each returns where the next goes ---- */

static inline unsigned char *
put_u16(unsigned char *at, uint16_t value)
{
    value = htobe16(value);
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static inline unsigned char *
put_u32(unsigned char *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static inline unsigned char *
put_u64(unsigned char *at, uint64_t value)
{
    value = htobe64(value);
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

/* ---- columns: a size and that many bytes ---- */

static inline unsigned char *
put_int2(unsigned char *at, int16_t value)
{
    return put_u16(put_u32(at, 2), (uint16_t)value);
}

static inline unsigned char *
put_int4(unsigned char *at, int32_t value)
{
    return put_u32(put_u32(at, 4), (uint32_t)value);
}

static inline unsigned char *
put_int8(unsigned char *at, uint64_t value)
{
    return put_u64(put_u32(at, 8), value);
}

static inline unsigned char *
put_float8(unsigned char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return put_int8(at, bits);
}

static inline unsigned char *
put_bool(unsigned char *at, bool value)
{
    at = put_u32(at, 1);
    *at = value;
    return at + 1;
}

static inline unsigned char *
put_instant(unsigned char *at, struct instant value)
{
    assert(value.us >= INT64_MIN + EPOCH_US);
    return put_int8(at, (uint64_t)(value.us - EPOCH_US));
}

static inline unsigned char *
put_null(unsigned char *at)
{
    return put_u32(at, NULL_SIZE);
}

static inline unsigned char *
put_bytes(unsigned char *at, const void *bytes, size_t size)
{
    at = put_u32(at, (uint32_t)size);
    memcpy(at, bytes, size);
    return at + size;
}

static void
used_up_to(struct buf *b, const unsigned char *end)
{
    b->size = (size_t)(end - b->at);
    assert(b->size <= b->room);
}

/* ---- the frame ---- */

void
copy_begin(struct buf *b)
{
    static const char signature[11] = "PGCOPY\n\377\r\n"; /* with the NUL at its end */
    buf_add(b, signature, sizeof(signature));
    buf_add_u32(b, 0); /* flags: no OIDs */
    buf_add_u32(b, 0); /* no header extension */
}

void
copy_end(struct buf *b)
{
    buf_add_u16(b, UINT16_MAX);
}

/* ---- rows ---- */

/* float8[] in one dimension from 1:
 *
 *     size  dimensions  has nulls  element type  count  lower bound | size value | size value | -1 | ...
 */
#define ARRAY_HEADER 20

static inline unsigned char *
put_values(unsigned char *at, const double *value, uint16_t count)
{
    unsigned char *size = at;
    unsigned char *has_nulls = at + 8;
    unsigned char *body = at + 4;
    uint32_t nulls = 0;

    at = put_u32(body, 1);
    at = put_u32(at, 0);
    at = put_u32(at, FLOAT8_OID);
    at = put_u32(at, count);
    at = put_u32(at, 1);
    for (uint16_t i = 0; i < count; i++) {
        if (isnan(value[i])) {
            nulls = 1;
            at = put_null(at);
        } else {
            at = put_float8(at, value[i]);
        }
    }
    put_u32(has_nulls, nulls);
    put_u32(size, (uint32_t)(at - body));
    return at;
}

static void
add_sample(struct buf *b, uint16_t columns, int16_t journal_id, uint64_t position, const struct sample *s)
{
    size_t most = 2 + 8 + 6 + 12 + 12 + (4 + ARRAY_HEADER + (size_t)s->slots * 12) + (4 + (size_t)s->slots);
    unsigned char *at = buf_reserve(b, most);

    at = put_u16(at, columns);
    at = put_int4(at, s->feed->feed_id);
    at = put_int2(at, journal_id);
    at = put_instant(at, s->at);
    at = put_int8(at, position);
    at = put_values(at, s->value, s->slots);
    at = s->is_marked ? put_bytes(at, s->mark, s->slots) : put_null(at);
    used_up_to(b, at);
}

void
copy_sample(struct buf *b, int16_t journal_id, uint64_t position, const struct sample *s)
{
    add_sample(b, 6, journal_id, position, s);
}

void
copy_incoming_sample(struct buf *b, int16_t journal_id, uint64_t position, const struct sample *s)
{
    add_sample(b, 7, journal_id, position, s);
    used_up_to(b, put_bool(buf_reserve(b, 5), s->is_reissue));
}

/* The size of the well-formed character at the front, or 0. */
static size_t
character_at(const char *bytes, size_t size)
{
    for (size_t n = 1; n <= 4 && n <= size; n++) {
        if (text_is_utf8(bytes, n))
            return n;
    }
    return 0;
}

/* A text column from bytes that may be anything: what is no UTF-8, or NUL, comes out as \xHH. */
static void
add_text(struct buf *b, const char *bytes, size_t size)
{
    static const char digit[] = "0123456789abcdef";

    if (text_is_utf8(bytes, size)) {
        buf_add_u32(b, (uint32_t)size);
        buf_add(b, bytes, size);
        return;
    }

    size_t size_at = b->size;
    buf_add_u32(b, 0);
    buf_reserve(b, size * 4);
    for (size_t i = 0; i < size;) {
        size_t n = character_at(bytes + i, size - i);
        if (n > 0) {
            buf_add(b, bytes + i, n);
            i += n;
            continue;
        }
        unsigned char byte = (unsigned char)bytes[i++];
        const char escape[4] = {'\\', 'x', digit[byte >> 4], digit[byte & 15]};
        buf_add(b, escape, sizeof(escape));
    }
    buf_put_u32(b, size_at, (uint32_t)(b->size - size_at - 4));
}

static int32_t
int4_of(size_t count)
{
    return count < INT32_MAX ? (int32_t)count : INT32_MAX;
}

static void
add_text_or_null(struct buf *b, const char *bytes, size_t size)
{
    if (bytes == NULL)
        buf_add_u32(b, NULL_SIZE);
    else
        add_text(b, bytes, size);
}

/* Where a message stands, and how it came. */
static void
add_message(struct buf *b, uint16_t columns, int16_t journal_id, const struct record *r)
{
    unsigned char *at = buf_reserve(b, 2 + 6 + 12 + 12);
    at = put_u16(at, columns);
    at = put_int2(at, journal_id);
    at = put_int8(at, r->position);
    at = put_instant(at, r->arrived);
    used_up_to(b, at);
    add_text(b, r->broker, r->broker_size);
    add_text(b, r->topic, r->topic_size);
}

void
copy_statement(struct buf *b, int16_t journal_id, const struct record *r, struct span agency)
{
    add_message(b, 7, journal_id, r);
    add_text(b, agency.at, agency.size);
    add_text(b, (const char *)r->payload, r->payload_size);
}

void
copy_reject(struct buf *b, int16_t journal_id, const struct record *r, const char *reason, size_t faults,
            size_t kept, struct span source)
{
    add_message(b, 10, journal_id, r);
    buf_add_u32(b, (uint32_t)r->payload_size);
    buf_add(b, r->payload, r->payload_size);
    add_text(b, reason, strlen(reason)); /* it may have been cut within a character */

    unsigned char *at = buf_reserve(b, 8 + 8);
    at = put_int4(at, int4_of(faults));
    at = put_int4(at, int4_of(kept));
    used_up_to(b, at);
    add_text_or_null(b, source.at, source.size);
}

void
copy_touch(struct buf *b, int16_t journal_id, int32_t feed_id, struct instant hour, const char *broker)
{
    unsigned char *at = buf_reserve(b, 2 + 8 + 12 + 6);
    at = put_u16(at, 4);
    at = put_int4(at, feed_id);
    at = put_instant(at, hour);
    at = put_int2(at, journal_id);
    used_up_to(b, at);
    add_text(b, broker, strlen(broker));
}

void
copy_episode(struct buf *b, int16_t journal_id, const struct episode *e)
{
    const struct watch_state *s = &e->state;
    unsigned char *at = buf_reserve(b, 2 + 12 * 12);

    at = put_u16(at, 12);
    at = put_int4(at, e->limit_id);
    at = put_int4(at, e->series_id);
    at = put_instant(at, s->since);
    at = e->is_closed ? put_instant(at, e->closed) : put_null(at);
    at = put_float8(at, s->worst);
    at = put_instant(at, s->worst_at);
    at = put_instant(at, s->last);
    at = put_int4(at, s->count);
    at = put_int2(at, journal_id);
    at = put_int8(at, s->first_position);
    at = put_int8(at, s->worst_position);
    at = put_int8(at, s->last_position);
    used_up_to(b, at);
}

void
copy_watch_state(struct buf *b, const struct watch *w)
{
    const struct watch_state *s = &w->now;
    const char *phase = watch_phase_name[s->phase];
    size_t phase_size = strlen(phase);
    unsigned char *at = buf_reserve(b, 2 + 11 * 12 + phase_size);

    at = put_u16(at, 11);
    at = put_int4(at, w->rule.limit_id);
    at = put_int4(at, w->series_id);
    at = put_bytes(at, phase, phase_size);
    at = put_instant(at, s->last);
    at = put_instant(at, s->since);
    at = put_float8(at, s->worst);
    at = put_instant(at, s->worst_at);
    at = put_int4(at, s->count);
    at = put_int8(at, s->first_position);
    at = put_int8(at, s->worst_position);
    at = put_int8(at, s->last_position);
    used_up_to(b, at);
}

void
copy_folder_cell(struct buf *b, const struct folder_cell *c)
{
    buf_add_u16(b, 5);
    add_text(b, c->file, strlen(c->file));
    unsigned char *at = buf_reserve(b, 8);
    at = c->line > 0 ? put_int4(at, int4_of(c->line)) : put_null(at);
    used_up_to(b, at);
    add_text_or_null(b, c->column.at, c->column.size);
    add_text_or_null(b, c->text.at, c->text.size);
    add_text_or_null(b, c->fault, c->fault != NULL ? strlen(c->fault) : 0);
}
