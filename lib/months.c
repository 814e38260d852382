#include "months.h"

#include <assert.h>
#include <stddef.h>

static size_t
word_of(int month)
{
    assert(month >= MONTHS_FROM && month < MONTHS_TO);
    return (size_t)(month - MONTHS_FROM) / 64;
}

static uint64_t
bit_of(int month)
{
    return 1ull << (month - MONTHS_FROM) % 64;
}

void
months_add(struct months *m, int month)
{
    m->bits[word_of(month)] |= bit_of(month);
}

void
months_remove(struct months *m, int month)
{
    m->bits[word_of(month)] &= ~bit_of(month);
}

void
months_join(struct months *m, const struct months *others)
{
    for (size_t i = 0; i < sizeof(m->bits) / sizeof(m->bits[0]); i++)
        m->bits[i] |= others->bits[i];
}

bool
months_has(const struct months *m, int month)
{
    return (m->bits[word_of(month)] & bit_of(month)) != 0;
}

int
months_first(const struct months *m)
{
    for (size_t i = 0; i < sizeof(m->bits) / sizeof(m->bits[0]); i++) {
        if (m->bits[i] != 0)
            return MONTHS_FROM + (int)i * 64 + __builtin_ctzll(m->bits[i]);
    }
    return -1;
}
