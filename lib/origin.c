#include "origin.h"

#include <stdlib.h>
#include <string.h>

void
origins_clear(struct origins *o)
{
    free(o->at);
    *o = (struct origins){0};
}

void
origins_note(struct origins *o, uint64_t position, size_t feed)
{
    if (o->count > 0 && o->at[o->count - 1].position == position)
        return;
    if (o->count == o->room) {
        o->room = o->room > 0 ? o->room * 2 : 64;
        o->at = realloc(o->at, o->room * sizeof(*o->at));
        if (o->at == NULL)
            abort();
    }
    o->at[o->count++] = (struct origin){position, feed};
}

static int
compare(const void *position, const void *origin)
{
    uint64_t a = *(const uint64_t *)position, b = ((const struct origin *)origin)->position;
    return (a > b) - (a < b);
}

const struct origin *
origins_find(const struct origins *o, uint64_t position)
{
    return o->count > 0 ? bsearch(&position, o->at, o->count, sizeof(*o->at), compare) : NULL;
}

static size_t
place_of(const char *name, const struct conf *conf)
{
    size_t i = 0;
    while (i < conf->feeds && strcmp(conf->feed[i].name, name) != 0)
        i++;
    return i;
}

void
origins_carry(struct origins *o, const struct conf *before, const struct conf *now)
{
    for (size_t i = 0; i < o->count; i++) {
        size_t *feed = &o->at[i].feed;
        *feed = *feed < before->feeds ? place_of(before->feed[*feed].name, now) : now->feeds;
    }
}
