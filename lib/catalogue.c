#include "catalogue.h"

#include <stdlib.h>

struct catalogue *
catalogue_new(void)
{
    struct catalogue *c = calloc(1, sizeof(*c));
    if (c == NULL)
        abort();
    c->registry = registry_new();
    return c;
}

void
catalogue_free(struct catalogue *c)
{
    if (c == NULL)
        return;
    registry_free(c->registry);
    free(c->watch);
    free(c);
}

void
catalogue_make_watches(struct catalogue *c, size_t count)
{
    free(c->watch);
    c->watch = calloc(count > 0 ? count : 1, sizeof(*c->watch));
    if (c->watch == NULL)
        abort();
    c->watches = count;
}

bool
catalogue_link(struct catalogue *c, struct watch *w, int32_t feed_id, int64_t slot)
{
    struct feed *f = registry_find_feed(c->registry, feed_id);
    const struct slot *s = f != NULL ? feed_slot(f, slot) : NULL;
    if (s == NULL)
        return false;
    struct watch **first = registry_watches(c->registry, f, s->number);
    w->next = *first;
    *first = w;
    return true;
}
