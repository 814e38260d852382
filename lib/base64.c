#include "base64.h"

#include <stdbool.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
add_three(struct buf *out, const unsigned char *at, size_t size)
{
    unsigned word = (unsigned)at[0] << 16 | (size > 1 ? (unsigned)at[1] << 8 : 0) | (size > 2 ? at[2] : 0u);
    char four[4] = {letters[word >> 18], letters[word >> 12 & 63], size > 1 ? letters[word >> 6 & 63] : '=',
                    size > 2 ? letters[word & 63] : '='};
    buf_add(out, four, sizeof(four));
}

void
base64_add(struct buf *out, const void *bytes, size_t size, size_t line)
{
    const unsigned char *at = bytes;
    size_t used = 0;

    for (size_t i = 0; i < size; i += 3) {
        add_three(out, at + i, size - i);
        used += 4;
        bool is_last = i + 3 >= size;
        if (line > 0 && (used == line || is_last)) {
            buf_add_text(out, "\r\n");
            used = 0;
        }
    }
}
