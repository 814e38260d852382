/* catalogue: all the writer knows from the database while it makes a batch. Loaded whole, replaced whole. */
#ifndef ABATE_CATALOGUE_H
#define ABATE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "months.h"
#include "reason.h"
#include "registry.h"
#include "watch.h"

#define CATALOGUE_MARKS 64

struct catalogue {
    struct registry *registry;
    size_t unconverted;          /* series whose values come in a unit that cannot become their own, */
    struct reason unconverted_why; /* and why, of the first of them */
    struct watch *watch; /* one for each limit and series it holds for */
    size_t watches;
    char valid_marks[CATALOGUE_MARKS]; /* a value under any other mark is stored and not judged */
    struct months partitions;          /* the months that can be written to */
};

struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue *c);

/* Room for `count` watches, zeroed; before the first catalogue_link(). */
void catalogue_make_watches(struct catalogue *c, size_t count);
/* Hangs a filled watch on the slot of its series. False if the registry does not know that slot. */
bool catalogue_link(struct catalogue *c, struct watch *w, int32_t feed_id, int64_t slot);

#endif
