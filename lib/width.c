#include "width.h"

#include <stdint.h>

struct range {
    uint32_t first, last;
};

/* Unicode's EastAsianWidth.txt: wide (W) and full width (F), in rounded blocks. */
static const struct range wide[] = {
    {0x1100, 0x115f}, {0x231a, 0x231b},   {0x2329, 0x232a},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf}, {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe10, 0xfe19}, {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* Marks that stand on the character before, and what is not seen. */
static const struct range empty[] = {
    {0x300, 0x36f}, {0x200b, 0x200f}, {0x2060, 0x2064}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int
is_in(uint32_t code, const struct range *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= list[i].first && code <= list[i].last)
            return 1;
    }
    return 0;
}

/* The character at the front: its size in bytes, and its code. */
static size_t
take(const unsigned char *s, size_t size, uint32_t *ret_code)
{
    size_t want = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 1;
    uint32_t code = want == 1 ? s[0] : s[0] & (0x7fu >> want);

    *ret_code = s[0];
    if (want > size)
        return 1;
    for (size_t i = 1; i < want; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 1;
        code = code << 6 | (s[i] & 0x3f);
    }
    *ret_code = code;
    return want;
}

static size_t
columns_of(uint32_t code)
{
    if (code < 0x300)
        return 1;
    return is_in(code, wide, COUNT(wide)) ? 2 : is_in(code, empty, COUNT(empty)) ? 0 : 1;
}

size_t
width_of(const char *text, size_t size)
{
    size_t columns = 0;
    for (size_t at = 0; at < size;) {
        uint32_t code;
        at += take((const unsigned char *)text + at, size - at, &code);
        columns += columns_of(code);
    }
    return columns;
}

size_t
width_fit(const char *text, size_t size, size_t most)
{
    size_t columns = 0;
    size_t at = 0;
    while (at < size) {
        uint32_t code;
        size_t step = take((const unsigned char *)text + at, size - at, &code);
        columns += columns_of(code);
        if (columns > most)
            break;
        at += step;
    }
    return at;
}
