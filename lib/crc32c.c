#include "crc32c.h"

#include <endian.h>
#include <string.h>

/* Eight bytes a step ("slicing by 8"): slice[k][x] is what byte x does to the remainder when k bytes follow
 * it. The remainder of a byte is the sum of those of its bits, so eight numbers make a row of 256. */
#define BYTE(x, b0, b1, b2, b3, b4, b5, b6, b7)                                                              \
    (((x)&1 ? b0 : 0u) ^ ((x)&2 ? b1 : 0u) ^ ((x)&4 ? b2 : 0u) ^ ((x)&8 ? b3 : 0u) ^ ((x)&16 ? b4 : 0u) ^    \
     ((x)&32 ? b5 : 0u) ^ ((x)&64 ? b6 : 0u) ^ ((x)&128 ? b7 : 0u))
#define BYTES_4(x, ...)                                                                                      \
    BYTE(x, __VA_ARGS__), BYTE((x) + 1, __VA_ARGS__), BYTE((x) + 2, __VA_ARGS__), BYTE((x) + 3, __VA_ARGS__)
#define BYTES_16(x, ...)                                                                                     \
    BYTES_4(x, __VA_ARGS__), BYTES_4((x) + 4, __VA_ARGS__), BYTES_4((x) + 8, __VA_ARGS__),                   \
        BYTES_4((x) + 12, __VA_ARGS__)
#define BYTES_64(x, ...)                                                                                     \
    BYTES_16(x, __VA_ARGS__), BYTES_16((x) + 16, __VA_ARGS__), BYTES_16((x) + 32, __VA_ARGS__),              \
        BYTES_16((x) + 48, __VA_ARGS__)
#define ROW(...)                                                                                             \
    BYTES_64(0, __VA_ARGS__), BYTES_64(64, __VA_ARGS__), BYTES_64(128, __VA_ARGS__),                         \
        BYTES_64(192, __VA_ARGS__)

/* clang-format off */
static const uint32_t slice[8][256] = {
    {ROW(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede, 0x417b1dbc, 0x82f63b78)},
    {ROW(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302, 0xff17c604, 0xfbc3faf9)},
    {ROW(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14, 0xc76580d9, 0x8b277743)},
    {ROW(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b, 0xaba65fe7, 0x52a0c93f)},
    {ROW(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3, 0x1ba8b557, 0x37516aae, 0x6ea2d55c)},
    {ROW(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e, 0x85f4168d, 0x0e045beb, 0x1c08b7d6)},
    {ROW(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4)},
    {ROW(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4, 0x0d006599, 0x1a00cb32, 0x34019664)},
};
/* clang-format on */

uint32_t
crc32c_by_table(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    crc = ~crc;
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        word = le64toh(word) ^ crc;
        crc = slice[7][word & 255] ^ slice[6][word >> 8 & 255] ^ slice[5][word >> 16 & 255] ^
              slice[4][word >> 24 & 255] ^ slice[3][word >> 32 & 255] ^ slice[2][word >> 40 & 255] ^
              slice[1][word >> 48 & 255] ^ slice[0][word >> 56];
    }
    for (; size > 0; size--)
        crc = crc >> 8 ^ slice[0][(crc ^ *at++) & 255];
    return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t
by_instruction(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t wide = ~crc;

    for (; size >= 8; size -= 8, at += 8) {
        unsigned long long word;
        memcpy(&word, at, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    uint32_t rest = (uint32_t)wide;
    for (; size > 0; size--)
        rest = __builtin_ia32_crc32qi(rest, *at++);
    return ~rest;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *bytes, size_t size)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return by_instruction(crc, bytes, size);
#endif
    return crc32c_by_table(crc, bytes, size);
}
