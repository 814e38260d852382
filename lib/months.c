#include "months.h"

#include <assert.h>
#include <stddef.h>

static uint64_t *
word(const struct months *m, int month, uint64_t *ret_bit)
{
    assert(month >= MONTHS_FROM && month < MONTHS_TO);
    *ret_bit = 1ull << (month - MONTHS_FROM) % 64;
    return (uint64_t *)&m->bits[(month - MONTHS_FROM) / 64];
}

void
months_add(struct months *m, int month)
{
    uint64_t bit;
    *word(m, month, &bit) |= bit;
}

void
months_remove(struct months *m, int month)
{
    uint64_t bit;
    uint64_t *w = word(m, month, &bit);
    *w &= ~bit;
}

bool
months_has(const struct months *m, int month)
{
    uint64_t bit;
    return (*word(m, month, &bit) & bit) != 0;
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
