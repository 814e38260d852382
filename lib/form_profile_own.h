/* form_profile_own: a payload being walked over by a profile; between the parts of form_profile. */
#ifndef ABATE_FORM_PROFILE_OWN_H
#define ABATE_FORM_PROFILE_OWN_H

#include <jansson.h>

#include "form_profile.h"
#include "text.h"

#define WALK_STARS (2 * POINTER_STEPS)

/* One payload being walked over. The trail says where: pointers followed, and what their stars stand for. */
struct walk {
    const struct profile *profile;
    struct message *message;
    json_t *root;
    json_t *here; /* the measurement at hand */
    const struct pointer *trail[2];
    size_t trails;
    struct star {
        const char *name; /* of the member; NULL: of an element, */
        size_t index;     /* this one */
    } star[WALK_STARS];
    size_t stars;
    size_t outer_stars;   /* those of "each" */
    size_t seen;          /* measurements */
    size_t readings_seen; /* of all of them */
    size_t left_out;      /* readings that the profile ignores, or that say they are none */
    size_t next;          /* which reading the next mark may be of: maps tend to have one order */
};

/* A pointer without stars, from the top or from `here`; NULL if there is nothing. */
json_t *walk_find(const struct walk *w, json_t *here, const struct pointer *at);

/* Follows `at` from its step `step` on, and calls `on_node` with each node it leads to. False: there are too many. */
bool walk_visit(struct walk *w, json_t *node, const struct pointer *at, size_t step,
                bool (*on_node)(struct walk *w, json_t *node));

/* A part is left out: that at hand, or what `behind`, followed from there, was to lead to. Always true: the rest goes on. */
bool walk_fault(struct walk *w, const struct pointer *behind, struct reason *why);

/* The word of the profile that a node is; NULL: it knows none. */
const struct profile_word *walk_word(const struct profile_words *words, const json_t *node);
struct reason walk_tell(const json_t *node); /* a node, for a reason */
struct span walk_span(const char *text);

/* All readings of the measurement at hand. False: there are too many. form_profile_reading.c */
bool walk_take_readings(struct walk *w);

#endif
