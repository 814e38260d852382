// pointer: where in a JSON payload something stands, as a profile says it. Read once, from the configuration.
//
//     /a/b     from the top of the payload: a JSON Pointer (RFC 6901); in a name "~1" stands for "/", "~0" for "~"
//     ./a/b    the same from where one is: the measurement or reading at hand
//     .        where one is
//     /a/*     every member of an object, every element of an array; may stand more than once
//     *        alone: the name of the member that a star stands for
//     word     anything else: no place, but what is meant itself
#ifndef ABATE_POINTER_H
#define ABATE_POINTER_H

#include <stdbool.h>
#include <stddef.h>

#include "reason.h"

#define POINTER_STEPS 8 /* no payload is nested deeper */

enum pointer_from {
    POINTER_NOWHERE, /* not said */
    POINTER_TOP,
    POINTER_HERE,
    POINTER_NAME,
    POINTER_WORD,
};

struct pointer {
    enum pointer_from from;
    size_t steps;
    struct pointer_step {
        const char *name; /* of the member; NULL: a star */
        bool is_index;    /* it is the number of an element, too: */
        size_t index;
    } step[POINTER_STEPS];
    char *text;  /* as written */
    char *names; /* what the steps point into */
};

/* False leaves `ret` alone. */
bool pointer_parse(const char *text, struct pointer *ret, struct reason *why);
void pointer_clear(struct pointer *p);

size_t pointer_stars(const struct pointer *p);

/* Both begin at the same place, and `p` goes on behind `front`, where it has a name for front's last star: that name.
 * Otherwise NULL. */
const char *pointer_beyond(const struct pointer *p, const struct pointer *front);

#endif
