/* origin: by which feed of the configuration the records of a batch came.
 *
 *     position 4711 -> feed 0,  4802 -> feed 2,  ...
 */
#ifndef ABATE_ORIGIN_H
#define ABATE_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

#include "conf.h"

struct origin {
    uint64_t position;
    size_t feed; /* in the order of the configuration */
};

struct origins {
    struct origin *at;
    size_t count, room;
};

void origins_clear(struct origins *o); /* frees */

/* `position` is that of the last one noted, which changes nothing, or behind it. */
void origins_note(struct origins *o, uint64_t position, size_t feed);

/* NULL: it was not noted. */
const struct origin *origins_find(const struct origins *o, uint64_t position);

/* To another configuration, by the names of feeds; one that is gone becomes nobody's, `now->feeds`. */
void origins_carry(struct origins *o, const struct conf *before, const struct conf *now);

#endif
