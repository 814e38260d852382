#include "payload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMALS 6                  /* most digits behind the point written without printf */
#define DECIMALS_WORTH 1e6          /* 10^DECIMALS */
#define WHOLE_MOST 9007199254740992 /* 2^53: integers a double holds exactly */

/* RFC 8259, section 7. */
void
payload_add_string(struct buf *b, const char *text)
{
    buf_add(b, "\"", 1);
    const char *plain = text;
    for (;; text++) {
        if ((unsigned char)*text >= 0x20 && *text != '"' && *text != '\\')
            continue;
        buf_add(b, plain, (size_t)(text - plain));
        if (*text == '\0')
            break;
        char escape[7];
        int size = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(unsigned char)*text);
        buf_add(b, escape, (size_t)size);
        plain = text + 1;
    }
    buf_add(b, "\"", 1);
}

/* `value` is whole / 10^DECIMALS: digits from the back, without the zeros at the end of the fraction. */
static void
add_decimal(struct buf *b, int64_t whole)
{
    char digit[32];
    char *p = digit + sizeof(digit);
    uint64_t rest = whole < 0 ? 0 - (uint64_t)whole : (uint64_t)whole;
    int behind = DECIMALS;

    for (; behind > 0 && rest % 10 == 0; behind--)
        rest /= 10;
    bool has_point = behind > 0;
    for (; behind > 0; behind--, rest /= 10)
        *--p = (char)('0' + rest % 10);
    if (has_point)
        *--p = '.';
    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (whole < 0)
        *--p = '-';
    buf_add(b, p, (size_t)(digit + sizeof(digit) - p));
}

/* The quotient of two exact integers is the double nearest to that decimal, which is what reading it gives.
 * So where it is the value, the decimal stands for it exactly; else as many digits as it takes. */
void
payload_add_number(struct buf *b, double value)
{
    double whole = nearbyint(value * DECIMALS_WORTH);
    if (fabs(whole) < WHOLE_MOST && whole / DECIMALS_WORTH == value) {
        add_decimal(b, (int64_t)whole);
        return;
    }
    char text[32];
    int size = snprintf(text, sizeof(text), "%.15g", value);
    if (strtod(text, NULL) != value)
        size = snprintf(text, sizeof(text), "%.17g", value);
    buf_add(b, text, (size_t)size);
}

static void
add_time(struct buf *b, struct instant at, int32_t zone_s)
{
    char text[INSTANT_TEXT];
    instant_format((struct instant){at.us + (int64_t)zone_s * 1000000}, text);
    text[10] = 'T';
    buf_add(b, text, strlen(text) - 1); /* without the Z */
    char zone[INSTANT_ZONE_TEXT];
    buf_add_text(b, instant_format_zone(zone_s, zone));
}

void
payload_begin(struct buf *b, const char *monitor, struct instant at, int32_t zone_s, enum period period)
{
    buf_empty(b);
    buf_add_text(b, "{\"monitor\":");
    payload_add_string(b, monitor);
    buf_add_text(b, ",\"time\":\"");
    add_time(b, at, zone_s);
    buf_add_text(b, "\",\"period\":\"");
    buf_add_text(b, period_name[period]);
    buf_add_text(b, "\",\"readings\":{");
}

void
payload_add(struct buf *b, const char *name, double value, const char *unit)
{
    if (b->at[b->size - 1] != '{')
        buf_add(b, ",", 1);
    payload_add_string(b, name);
    if (unit == NULL) {
        buf_add(b, ":", 1);
        payload_add_number(b, value);
        return;
    }
    buf_add_text(b, ":{\"value\":");
    payload_add_number(b, value);
    buf_add_text(b, ",\"unit\":");
    payload_add_string(b, unit);
    buf_add(b, "}", 1);
}

void
payload_end(struct buf *b)
{
    buf_add_text(b, "}}");
}
