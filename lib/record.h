/* record: one message as it stands in the journal. Pure: bytes in, bytes out.
 *
 *      0  u32  magic        "abR1"
 *      4  u32  size         of the whole record: header, body and padding; a multiple of 8
 *      8  u64  position     of the record's first byte in the journal
 *     16  u64  durable      the journal was known to be on disk up to here when the record was made
 *     24  i64  arrived      microseconds since 1970
 *     32  u8   kind         message or mark
 *     33  u8   broker_size
 *     34  u16  topic_size
 *     36  u32  payload_size
 *     40  u32  crc          CRC-32C of bytes 0..39 and 44..size, begun with the journal's seed
 *     44  ...  broker, topic, payload, zeros to the multiple of 8
 *
 * Little-endian. The seed is drawn from the journal's uuid: a record of another journal, or one forged inside a payload,
 * is no record here.
 */
#ifndef ABATE_RECORD_H
#define ABATE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"

#define RECORD_HEADER 44
#define RECORD_PAYLOAD_MOST (256u << 20) /* MQTT's own bound on a payload */

enum record_kind {
    RECORD_MESSAGE = 1, /* what a broker sent */
    RECORD_MARK = 2,    /* no body: says how far the journal is durable */
};

struct record {
    uint64_t position;
    uint64_t durable;
    struct instant arrived;
    enum record_kind kind;
    const char *broker; /* the configuration's name for it; not terminated */
    size_t broker_size; /* at most 255 */
    const char *topic;  /* not terminated */
    size_t topic_size;  /* at most 65535 */
    const unsigned char *payload;
    size_t payload_size;
};

/* Bytes the record takes in the journal. */
size_t record_size(const struct record *r);

/* Writes exactly record_size() bytes. */
void record_write(const struct record *r, uint32_t seed, unsigned char *out);

enum record_read {
    RECORD_OK,    /* `ret` points into the bytes; `ret_size` says where the next begins */
    RECORD_SHORT, /* so far good, but `size` bytes are not all of it; `ret_size` says how many are wanted */
    RECORD_BAD,   /* no record of this journal at this position */
};
enum record_read record_read(const unsigned char *at, size_t size, uint64_t position, uint32_t seed,
                             struct record *ret, size_t *ret_size);

#endif
