/* Bytes as records; then the same bytes with the position and the CRC they ought to have; then as a message's parts. */
#include "crc32c.h"
#include "must.h"
#include "record.h"

#define SEED 0x5eed5eedu

static void
check_fields(const struct record *r, const uint8_t *bytes, size_t size, size_t whole)
{
    must(whole <= size && whole % 8 == 0 && record_size(r) == whole, "%zu of %zu bytes", whole, size);
    must(r->durable <= r->position, "durable past the record");
    must((const uint8_t *)r->broker >= bytes && r->payload + r->payload_size <= bytes + size, "it points elsewhere");
    must(r->kind == RECORD_MESSAGE || r->kind == RECORD_MARK, "kind %d", r->kind);
}

/* Written once more it reads the same. */
static void
check_again(const struct record *r)
{
    size_t size = record_size(r), whole;
    unsigned char *out = malloc(size);
    struct record again;

    must(out != NULL, "no memory");
    record_write(r, SEED, out);
    must(record_read(out, size, r->position, SEED, &again, &whole) == RECORD_OK && whole == size, "written, not read");
    must(again.durable == r->durable && again.arrived.us == r->arrived.us && again.kind == r->kind, "its head");
    must(again.broker_size == r->broker_size && again.topic_size == r->topic_size &&
             again.payload_size == r->payload_size,
         "its sizes");
    must(memcmp(again.broker, r->broker, r->broker_size + r->topic_size + r->payload_size) == 0, "its body");
    free(out);
}

static bool
read_at(const uint8_t *bytes, size_t size, uint64_t position)
{
    struct record r;
    size_t whole = 0;

    switch (record_read(bytes, size, position, SEED, &r, &whole)) {
    case RECORD_OK:
        check_fields(&r, bytes, size, whole);
        check_again(&r);
        return true;
    case RECORD_SHORT:
        must(whole > size && whole <= RECORD_HEADER + 255 + 65535 + (size_t)RECORD_PAYLOAD_MOST + 7, "%zu wanted", whole);
        break;
    case RECORD_BAD:
        break;
    }
    return false;
}

static void
put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* What an attacker who knew the seed would send: all but magic, position and CRC as it came. */
static void
read_mended(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size);
    size_t whole = (size_t)bytes[4] | (size_t)bytes[5] << 8 | (size_t)bytes[6] << 16 | (size_t)bytes[7] << 24;

    must(copy != NULL, "no memory");
    memcpy(copy, bytes, size);
    put(copy, 0x31526261u, 4);
    put(copy + 8, 4096, 8);
    if (whole >= RECORD_HEADER && whole <= size)
        put(copy + 40, crc32c(crc32c(SEED, copy, 40), copy + RECORD_HEADER, whole - RECORD_HEADER), 4);
    read_at(copy, size, 4096);
    free(copy);
}

/* The first bytes say how the rest is divided. Every bit changed is noticed, every end cut is. */
static void
build(const uint8_t *bytes, size_t size)
{
    size_t body = size - 4;
    size_t broker = bytes[0] < body ? bytes[0] : body;
    size_t topic = (size_t)bytes[1] * 256 + bytes[2];
    topic = topic < body - broker ? topic : body - broker;
    const uint8_t *at = bytes + 4;
    struct record r = {.position = 1 << 20, .durable = bytes[3], .arrived = {-1 - (int64_t)bytes[3]}, .kind = RECORD_MESSAGE,
                       .broker = (const char *)at, .broker_size = broker, .topic = (const char *)at + broker,
                       .topic_size = topic, .payload = at + broker + topic, .payload_size = body - broker - topic};
    size_t whole = record_size(&r), wanted;
    unsigned char *out = malloc(whole);
    must(out != NULL, "no memory");
    record_write(&r, SEED, out);
    must(read_at(out, whole, r.position), "written, not read");
    must(!read_at(out, whole, r.position + 8), "read at another position");
    must(record_read(out, bytes[3] % whole, r.position, SEED, &r, &wanted) == RECORD_SHORT, "cut and not short");
    size_t flipped = (size_t)(bytes[3] * 131u + body) % whole;
    out[flipped] ^= (unsigned char)(1u << (bytes[3] & 7));
    must(!read_at(out, whole, 1 << 20), "byte %zu of %zu flipped and not noticed", flipped, whole);
    free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    read_at(bytes, size, 0);
    if (size >= RECORD_HEADER)
        read_mended(bytes, size);
    if (size >= 4)
        build(bytes, size);
    return 0;
}
