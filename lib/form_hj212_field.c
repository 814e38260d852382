#include "form_hj212_own.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 64 /* bytes of a number at most, with its end */
#define WHOLE_MOST 18  /* digits before the point: the standard's types have at most 14 */
#define EXPONENT_MOST 2 /* digits */

struct quoted
hj212_quote(struct span s)
{
    return text_quote(s.at, s.size);
}

bool
hj212_is(struct span s, const char *name)
{
    return s.size == strlen(name) && strncasecmp(s.at, name, s.size) == 0;
}

/* One or two of them: asked of every byte, so without a call. */
static bool
is_one_of(char c, const char *separators)
{
    for (; *separators != '\0'; separators++) {
        if (*separators == c)
            return true;
    }
    return false;
}

bool
hj212_take(struct span *rest, const char *separators, struct span *ret)
{
    if (rest->at == NULL)
        return false;
    size_t size = 0;
    while (size < rest->size && !is_one_of(rest->at[size], separators))
        size++;
    *ret = (struct span){rest->at, size};
    if (size == rest->size)
        *rest = (struct span){0};
    else
        *rest = (struct span){rest->at + size + 1, rest->size - size - 1};
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct span
trim(struct span s)
{
    while (s.size > 0 && is_blank(s.at[0])) {
        s.at++;
        s.size--;
    }
    while (s.size > 0 && is_blank(s.at[s.size - 1]))
        s.size--;
    return s;
}

bool
hj212_split(struct span field, struct span *ret_name, struct span *ret_value)
{
    const char *equals = memchr(field.at, '=', field.size);
    if (equals == NULL)
        return false;
    size_t name = (size_t)(equals - field.at);
    *ret_name = trim((struct span){field.at, name});
    *ret_value = trim((struct span){equals + 1, field.size - name - 1});
    return true;
}

bool
hj212_split_name(struct span name, struct span *ret_factor, struct span *ret_ending)
{
    const char *dash = memrchr(name.at, '-', name.size);
    if (dash == NULL || dash == name.at)
        return false;
    *ret_factor = (struct span){name.at, (size_t)(dash - name.at)};
    *ret_ending = (struct span){dash + 1, name.size - ret_factor->size - 1};
    return true;
}

bool
hj212_find(struct span fields, const char *wanted, struct span *ret, struct reason *why)
{
    struct span field, name, value, found = {0};
    while (hj212_take(&fields, ";,", &field)) {
        if (!hj212_split(field, &name, &value) || !hj212_is(name, wanted))
            continue;
        if (found.at != NULL && (found.size != value.size || memcmp(found.at, value.at, value.size) != 0))
            return reason_set(why, "two of \"%s\": \"%s\" and \"%s\"", wanted, hj212_quote(found).text,
                              hj212_quote(value).text);
        found = value;
    }
    *ret = found;
    return true;
}

/* -1 if it is none. */
static int
digit(char c, int base)
{
    int value = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                       : base;
    return value < base ? value : -1;
}

bool
hj212_digits(const char *at, size_t size, int base, int *ret)
{
    int value = 0;
    for (size_t i = 0; i < size; i++) {
        int d = digit(at[i], base);
        if (d < 0)
            return false;
        value = value * base + d;
    }
    *ret = value;
    return true;
}

/* How many digits stand at the front. */
static size_t
count_digits(struct span s)
{
    size_t count = 0;
    while (count < s.size && digit(s.at[count], 10) >= 0)
        count++;
    return count;
}

static void
skip(struct span *s, size_t size)
{
    *s = (struct span){s->at + size, s->size - size};
}

/* True, and gone from the front, if it is one of these. */
static bool
skip_one_of(struct span *s, const char *bytes)
{
    if (s->size == 0 || s->at[0] == '\0' || strchr(bytes, s->at[0]) == NULL)
        return false;
    skip(s, 1);
    return true;
}

/* A point has digits behind it: without them the number may have been cut off. */
static bool
is_number(struct span rest)
{
    skip_one_of(&rest, "+-");
    size_t whole = count_digits(rest), behind = 0;
    if (whole > WHOLE_MOST)
        return false;
    skip(&rest, whole);
    if (skip_one_of(&rest, ".")) {
        behind = count_digits(rest);
        if (behind == 0)
            return false;
        skip(&rest, behind);
    }
    if (whole + behind > 0 && skip_one_of(&rest, "eE")) {
        skip_one_of(&rest, "+-");
        size_t exponent = count_digits(rest);
        return exponent >= 1 && exponent <= EXPONENT_MOST && exponent == rest.size;
    }
    return whole + behind > 0 && rest.size == 0;
}

bool
hj212_number(struct span text, double *ret)
{
    char number[NUMBER_SIZE];

    if (text.size >= sizeof(number) || !is_number(text))
        return false;
    memcpy(number, text.at, text.size);
    number[text.size] = '\0';
    *ret = strtod(number, NULL);
    return true;
}
