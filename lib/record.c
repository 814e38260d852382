#include "record.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "crc32c.h"

#define MAGIC 0x31526261u /* "abR1", read little-endian */

enum place {
    AT_MAGIC = 0,
    AT_SIZE = 4,
    AT_POSITION = 8,
    AT_DURABLE = 16,
    AT_ARRIVED = 24,
    AT_KIND = 32,
    AT_BROKER_SIZE = 33,
    AT_TOPIC_SIZE = 34,
    AT_PAYLOAD_SIZE = 36,
    AT_CRC = 40,
};

static uint16_t
get_u16(const unsigned char *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof(value));
    return le16toh(value);
}

static uint32_t
get_u32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

static uint64_t
get_u64(const unsigned char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return le64toh(value);
}

static void
put_u16(unsigned char *at, uint16_t value)
{
    value = htole16(value);
    memcpy(at, &value, sizeof(value));
}

static void
put_u32(unsigned char *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

static void
put_u64(unsigned char *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof(value));
}

static unsigned char *
put_bytes(unsigned char *at, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(at, bytes, size);
    return at + size;
}

static size_t
whole_size(size_t broker_size, size_t topic_size, size_t payload_size)
{
    return (RECORD_HEADER + broker_size + topic_size + payload_size + 7) & ~(size_t)7;
}

static uint32_t
crc_of(const unsigned char *at, size_t size, uint32_t seed)
{
    uint32_t crc = crc32c(seed, at, AT_CRC);
    return crc32c(crc, at + RECORD_HEADER, size - RECORD_HEADER);
}

size_t
record_size(const struct record *r)
{
    return whole_size(r->broker_size, r->topic_size, r->payload_size);
}

void
record_write(const struct record *r, uint32_t seed, unsigned char *out)
{
    size_t size = record_size(r);
    assert(r->broker_size <= UINT8_MAX && r->topic_size <= UINT16_MAX &&
           r->payload_size <= RECORD_PAYLOAD_MOST);
    assert(r->durable <= r->position);

    put_u32(out + AT_MAGIC, MAGIC);
    put_u32(out + AT_SIZE, (uint32_t)size);
    put_u64(out + AT_POSITION, r->position);
    put_u64(out + AT_DURABLE, r->durable);
    put_u64(out + AT_ARRIVED, (uint64_t)r->arrived.us);
    out[AT_KIND] = (unsigned char)r->kind;
    out[AT_BROKER_SIZE] = (unsigned char)r->broker_size;
    put_u16(out + AT_TOPIC_SIZE, (uint16_t)r->topic_size);
    put_u32(out + AT_PAYLOAD_SIZE, (uint32_t)r->payload_size);

    unsigned char *at = put_bytes(out + RECORD_HEADER, r->broker, r->broker_size);
    at = put_bytes(at, r->topic, r->topic_size);
    at = put_bytes(at, r->payload, r->payload_size);
    memset(at, 0, (size_t)(out + size - at));
    put_u32(out + AT_CRC, crc_of(out, size, seed));
}

/* What can be said of a header before the rest is there. */
static bool
header_is_sound(const unsigned char *at, uint64_t position)
{
    size_t broker_size = at[AT_BROKER_SIZE];
    size_t topic_size = get_u16(at + AT_TOPIC_SIZE);
    size_t payload_size = get_u32(at + AT_PAYLOAD_SIZE);

    if (get_u32(at + AT_MAGIC) != MAGIC || get_u64(at + AT_POSITION) != position)
        return false;
    if (get_u64(at + AT_DURABLE) > position || payload_size > RECORD_PAYLOAD_MOST)
        return false;
    if (at[AT_KIND] == RECORD_MARK && broker_size + topic_size + payload_size > 0)
        return false;
    if (at[AT_KIND] != RECORD_MARK && at[AT_KIND] != RECORD_MESSAGE)
        return false;
    return get_u32(at + AT_SIZE) == whole_size(broker_size, topic_size, payload_size);
}

enum record_read
record_read(const unsigned char *at, size_t size, uint64_t position, uint32_t seed, struct record *ret,
            size_t *ret_size)
{
    if (size < RECORD_HEADER) {
        *ret_size = RECORD_HEADER;
        return RECORD_SHORT;
    }
    if (!header_is_sound(at, position))
        return RECORD_BAD;
    size_t whole = get_u32(at + AT_SIZE);
    if (size < whole) {
        *ret_size = whole;
        return RECORD_SHORT;
    }
    if (crc_of(at, whole, seed) != get_u32(at + AT_CRC))
        return RECORD_BAD;

    *ret = (struct record){.position = position,
                           .durable = get_u64(at + AT_DURABLE),
                           .arrived.us = (int64_t)get_u64(at + AT_ARRIVED),
                           .kind = (enum record_kind)at[AT_KIND],
                           .broker_size = at[AT_BROKER_SIZE],
                           .topic_size = get_u16(at + AT_TOPIC_SIZE),
                           .payload_size = get_u32(at + AT_PAYLOAD_SIZE)};
    ret->broker = (const char *)at + RECORD_HEADER;
    ret->topic = ret->broker + ret->broker_size;
    ret->payload = (const unsigned char *)ret->topic + ret->topic_size;
    *ret_size = whole;
    return RECORD_OK;
}
