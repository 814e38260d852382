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
catalogue_link(struct catalogue *c, struct watch *w)
{
    struct series *series = registry_find_series(c->registry, w->series_id);
    if (series == NULL)
        return false;
    w->next = series->watches;
    series->watches = w;
    return true;
}
