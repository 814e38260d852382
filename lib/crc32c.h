/* crc32c: the CRC-32 with Castagnoli's polynomial (RFC 3720, section 12.1): what says whether bytes are as written. */
#ifndef ABATE_CRC32C_H
#define ABATE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Begun with 0, or with what it gave for the bytes before: crc32c(crc32c(0, a), b) is that of a and b together. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t size);

/* The same without the processor's instruction: what crc32c() falls back on, and what it is held against. */
uint32_t crc32c_by_table(uint32_t crc, const void *bytes, size_t size);

#endif
