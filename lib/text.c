#include "text.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTE_MOST 64 /* foreign bytes shown */

/* The size of the well-formed character at `s` (RFC 3629, section 4), or 0. */
static size_t
character(const unsigned char *s, size_t left, uint32_t *ret_code)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t lowest;
    } form[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

    for (size_t size = 1; size <= 4 && size <= left; size++) {
        if ((s[0] & form[size - 1].mask) != form[size - 1].lead)
            continue;
        uint32_t code = s[0] & (unsigned char)~form[size - 1].mask;
        for (size_t i = 1; i < size; i++) {
            if ((s[i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (s[i] & 0x3f);
        }
        if (code < form[size - 1].lowest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return 0;
        *ret_code = code;
        return size;
    }
    return 0;
}

bool
text_is_utf8(const void *bytes, size_t size)
{
    const unsigned char *s = bytes;

    for (size_t at = 0; at < size;) {
        uint32_t code = s[at];
        size_t step = code < 0x80 ? 1 : character(s + at, size - at, &code);
        if (step == 0 || code == 0)
            return false;
        at += step;
    }
    return true;
}

/* What would break a line, end a quotation, turn the writing, or not be seen. */
static bool
is_unsafe(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } unsafe[] = {
        {0x00, 0x1f},     {'"', '"'},       {'\\', '\\'},     {0x7f, 0xa0},       {0xad, 0xad},
        {0x61c, 0x61c},   {0x180e, 0x180e}, {0x2000, 0x200f}, {0x2028, 0x202f},   {0x205f, 0x206f},
        {0x3000, 0x3000}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
        if (code >= unsafe[i].first && code <= unsafe[i].last)
            return true;
    }
    return false;
}

struct quoted
text_quote(const void *bytes, size_t size)
{
    struct quoted q;
    const unsigned char *s = bytes;
    size_t shown = 0;
    size_t used = 0;

    while (shown < size && shown < QUOTE_MOST) {
        uint32_t code = 0;
        size_t step = character(s + shown, size - shown, &code);
        if (step > 0 && !is_unsafe(code)) {
            memcpy(q.text + used, s + shown, step);
            used += step;
            shown += step;
            continue;
        }
        for (size_t last = shown + (step > 0 ? step : 1); shown < last; shown++)
            used += (size_t)snprintf(q.text + used, 5, "\\x%02x", s[shown]);
    }
    snprintf(q.text + used, sizeof(q.text) - used, "%s", shown < size ? "..." : "");
    return q;
}

/* What goes into a line for the character at `text`; returns its size there, and in `ret_step` here. */
static size_t
line_piece(const char *text, size_t left, char out[17], size_t *ret_step)
{
    uint32_t code = 0;
    size_t step = character((const unsigned char *)text, left, &code);
    size_t used = 0;

    *ret_step = step > 0 ? step : 1;
    if (step == 1 && (code == '\n' || code == '\r' || code == '\t')) {
        out[0] = ' ';
        return 1;
    }
    if (step > 0 && (!is_unsafe(code) || code == '"' || code == '\\')) {
        memcpy(out, text, step);
        return step;
    }
    for (size_t i = 0; i < *ret_step; i++)
        used += (size_t)snprintf(out + used, 5, "\\x%02x", (unsigned char)text[i]);
    return used;
}

void
text_line(const char *text, char *out, size_t room)
{
    size_t size = strlen(text), used = 0, step;

    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    for (size_t at = 0; at < size; at += step) {
        char piece[17];
        size_t more = line_piece(text + at, size - at, piece, &step);
        if (used + more >= room)
            break;
        memcpy(out + used, piece, more);
        used += more;
    }
    out[used] = '\0';
}

struct word {
    const char *name;
    long long worth;
};

/* "<digits><word>" as a product; the empty word counts where the table has it. */
static bool
product(const char *text, const struct word *words, long long *ret)
{
    if (text[0] < '0' || text[0] > '9')
        return false;

    char *rest;
    errno = 0;
    long long number = strtoll(text, &rest, 10);
    if (errno != 0)
        return false;

    for (; words->name != NULL; words++) {
        if (strcmp(rest, words->name) != 0)
            continue;
        long long worth;
        if (__builtin_mul_overflow(number, words->worth, &worth))
            return false;
        *ret = worth;
        return true;
    }
    return false;
}

static const struct word durations[] = {
    {"us", 1},         {"ms", 1000},       {"s", 1000000},         {"min", 60000000},
    {"h", 3600000000}, {"d", 86400000000}, {"w", 7 * 86400000000}, {"y", 365 * 86400000000},
    {NULL, 0},
};

bool
text_duration(const char *text, long long *ret_us)
{
    return product(text, durations, ret_us);
}

struct quoted
text_of_duration(long long us)
{
    const struct word *unit = &durations[us == 0 ? 2 : 0];
    for (const struct word *w = unit; us > 0 && w->name != NULL; w++) {
        if (us % w->worth == 0)
            unit = w;
    }

    struct quoted q;
    snprintf(q.text, sizeof(q.text), "%lld%s", us / unit->worth, unit->name);
    return q;
}

bool
text_bytes(const char *text, unsigned long long *ret_bytes)
{
    static const struct word sizes[] = {
        {"", 1}, {"k", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1LL << 40}, {NULL, 0},
    };
    long long bytes;
    if (!product(text, sizes, &bytes))
        return false;
    *ret_bytes = (unsigned long long)bytes;
    return true;
}

bool
text_has_word(const char *words, const char *word)
{
    size_t size = strlen(word), n;
    for (; *words != '\0'; words += n + (words[n] == ' ')) {
        n = strcspn(words, " ");
        if (n == size && memcmp(words, word, n) == 0)
            return true;
    }
    return false;
}
