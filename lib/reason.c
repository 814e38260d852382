#include "reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* What was cut may end amid a character, which PostgreSQL would not take: up to three bytes more go. */
static void
trim(struct reason *why)
{
    size_t size = strlen(why->text);
    for (int i = 0; i < 3 && size > 0 && !text_is_utf8(why->text, size); i++)
        why->text[--size] = '\0';
}

bool
reason_set(struct reason *why, const char *format, ...)
{
    if (why == NULL)
        return false;

    va_list ap;
    va_start(ap, format);
    int size = vsnprintf(why->text, sizeof(why->text), format, ap);
    va_end(ap);
    if (size >= REASON_SIZE)
        trim(why);
    return false;
}

bool
reason_prefix(struct reason *why, const char *format, ...)
{
    if (why == NULL)
        return false;

    char place[REASON_SIZE];
    va_list ap;
    va_start(ap, format);
    vsnprintf(place, sizeof(place), format, ap);
    va_end(ap);

    struct reason behind = *why;
    return reason_set(why, "%s: %s", place, behind.text);
}
