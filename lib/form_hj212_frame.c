#include "form_hj212_own.h"

#include <string.h>

#define BLOCK 16 /* bytes, of SM4 */
#define NAME_MOST 64

uint16_t
form_hj212_crc(const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    unsigned crc = 0xffff;
    for (size_t i = 0; i < size; i++) {
        crc = (crc >> 8) ^ b[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
    return (uint16_t)crc;
}

/* As the reflected CRC-16 of polynomial 0x8005 is made elsewhere. */
static uint16_t
plain_crc(struct span data, unsigned crc)
{
    for (size_t i = 0; i < data.size; i++) {
        crc ^= (unsigned char)data.at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
    return (uint16_t)crc;
}

/* What a device may have taken for the CRC of HJ 212. */
static const char *
name_crc(struct span data, uint16_t crc)
{
    uint16_t swapped = (uint16_t)(crc << 8 | crc >> 8);
    uint16_t modbus = plain_crc(data, 0xffff), arc = plain_crc(data, 0);
    if (crc == modbus || swapped == modbus)
        return "it is the CRC of Modbus, not of HJ 212";
    if (crc == arc || swapped == arc)
        return "it is CRC-16/ARC, not the CRC of HJ 212";
    if (crc == form_hj212_crc(data.at - 4, data.size + 4))
        return "it is made over the length, too, which is not part of it";
    return "damaged, or another CRC than that of HJ 212";
}

/* ---- what the frame holds ---- */

static size_t
count_characters(struct span utf8)
{
    size_t count = 0;
    for (size_t i = 0; i < utf8.size; i++)
        count += ((unsigned char)utf8.at[i] & 0xc0) != 0x80;
    return count;
}

/* The standard counts characters: with Chinese in it, some count three bytes, and some one. */
static bool
has_length(struct span data, size_t length)
{
    return data.size == length ||
           (data.size > length && text_is_utf8(data.at, data.size) && count_characters(data) == length);
}

/* The data: between length and CRC. */
static bool
measure(struct span frame, struct span *ret, struct reason *why)
{
    int length;

    if (frame.size == 0)
        return reason_set(why, "empty payload");
    if (frame.size < HJ212_HEAD + HJ212_TAIL || memcmp(frame.at, "##", 2) != 0 ||
        !hj212_digits(frame.at + 2, 4, 10, &length))
        return reason_set(why, "no HJ 212 frame: \"##\" and a length of four digits are wanted, not \"%s\"",
                          text_quote(frame.at, frame.size < 16 ? frame.size : 16).text);
    struct span data = {frame.at + HJ212_HEAD, frame.size - HJ212_HEAD - HJ212_TAIL};
    if (frame.size - HJ212_HEAD == (size_t)length && memcmp(frame.at + frame.size - 2, "&&", 2) == 0)
        return reason_set(why, "no CRC behind its data");
    if (!has_length(data, (size_t)length))
        return reason_set(why, "length %04d, but %zu bytes of data (cut off, or more than one frame?)", length, data.size);
    *ret = data;
    return true;
}

static bool
check_crc(struct span data, struct reason *why)
{
    int crc;
    if (!hj212_digits(data.at + data.size, HJ212_TAIL, 16, &crc))
        return reason_set(why, "no CRC of four hexadecimal digits: \"%s\"", text_quote(data.at + data.size, HJ212_TAIL).text);
    uint16_t right = form_hj212_crc(data.at, data.size);
    return crc == right || reason_set(why, "CRC %04X, but %04X is right (%s)", (unsigned)crc, right,
                                      name_crc(data, (uint16_t)crc));
}

/* header CP=&& content && */
static bool
cut(struct span data, struct hj212_frame *ret, struct reason *why)
{
    static const char opening[] = "CP=&&";
    const size_t size = sizeof(opening) - 1;
    const char *cp = memmem(data.at, data.size, opening, size);

    if (cp == NULL)
        return reason_set(why, "no \"CP=&&\"");
    ret->header = (struct span){data.at, (size_t)(cp - data.at)};
    ret->content = (struct span){cp + size, data.size - ret->header.size - size};
    if (ret->content.size < 2 || memcmp(ret->content.at + ret->content.size - 2, "&&", 2) != 0)
        return reason_set(why, "no \"&&\" at the end of its CP");
    ret->content.size -= 2;
    if (memmem(ret->content.at, ret->content.size, opening, size) != NULL)
        return reason_set(why, "\"CP=&&\" twice: which of them is meant?");
    return true;
}

/* The version bits of HJ 212-2025 prove nothing: the surface water stations had them before. But a content of theirs whose
 * first block is no text, or that begins with no field, is one of SM4; its CRC was made before. */
static bool
is_encrypted(const struct hj212_frame *frame)
{
    struct span flag;
    struct reason why;
    int value;

    if (!hj212_find(frame->header, "Flag", &flag, &why) || flag.size > 3 || !hj212_digits(flag.at, flag.size, 10, &value) ||
        value >> 2 != 2 || frame->content.size < BLOCK)
        return false;
    for (size_t i = 0; i < BLOCK; i++) {
        if (frame->content.at[i] < ' ' || frame->content.at[i] > '~')
            return true;
    }
    return memchr(frame->content.at, '=', frame->content.size < NAME_MOST ? frame->content.size : NAME_MOST) == NULL;
}

bool
hj212_frame_open(struct span payload, struct hj212_frame *ret, struct reason *why)
{
    struct span data = {0};
    struct reason no_cut;

    if (!measure(hj212_strip(payload), &data, why))
        return false;
    bool is_cut = cut(data, ret, &no_cut);
    if (is_cut && is_encrypted(ret))
        return reason_set(why, "its CP is encrypted (SM4, HJ 212-2025) and cannot be read here: "
                               "decrypt it before it is published, or have the monitor send it plain over TLS");
    if (!check_crc(data, why))
        return false;
    if (!is_cut)
        *why = no_cut;
    return is_cut;
}
