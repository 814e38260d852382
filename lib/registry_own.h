/* registry_own: the registry's inside, shared by its files: registry.c, who there is; registry_slot.c, what a feed's slots
 * are; registry_unit.c, in which units; registry_name.c, under which other names. Nobody else includes it.
 */
#ifndef ABATE_REGISTRY_OWN_H
#define ABATE_REGISTRY_OWN_H

#include "registry.h"

#include <stdlib.h>

/* Out of memory aborts, as in buf. */
#define uthash_fatal(message) abort()
#include <uthash.h>

/* All that is added stays until registry_free(): nodes and texts are cut from chunks one by one. */
struct chunk {
    struct chunk *next;
    size_t used, room;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct monitor_node {
    struct monitor monitor;
    UT_hash_handle by_code;
};

struct feed_node {
    struct feed feed;
    UT_hash_handle by_id;
};

/* A slot is told from others by all it has. */
#define SLOT_KEY (offsetof(struct slot, number) + sizeof(uint16_t))
struct slot_node {
    struct slot slot;
    UT_hash_handle by_all;
};

/* A text that is there once: those that are the same are at the same place. */
struct text_node {
    UT_hash_handle by_text;
    char text[];
};

/* All slots of a feed by name; one for all feeds of the same slots. */
struct layout {
    struct layout_name *names;
    struct layout_name *last; /* found */
    UT_hash_handle by_slots;
};
struct layout_name {
    const struct slot *slot;
    struct layout_name *then; /* what was asked for behind it the last time: messages keep their order */
    UT_hash_handle by_name;
};

struct registry {
    struct monitor_node *monitors;
    struct feed_node *feeds;
    struct text_node *texts;
    struct slot_node *slots;
    struct layout *layouts;
    size_t series;
    struct stored_node *stored;
    struct name_node *names;
    const struct unit_system *units; /* or NULL */
    struct chunk *chunks; /* the one being filled first */
};

void *registry_cut(struct registry *r, size_t size, size_t align); /* zeroed */
const char *registry_copy(struct registry *r, const char *text);
const char *registry_keep(struct registry *r, const char *text); /* one that many have: copied once */

/* The one there is that has all this, or a new one. */
const struct slot *registry_slot(struct registry *r, const char *name, struct stored *stored, const struct sent *sent,
                                 uint16_t number);
void registry_free_slots(struct registry *r);

/* The one there is of this unit and density, or a new one. */
struct stored *registry_stored(struct registry *r, const char *unit, double density);
void registry_free_stored(struct registry *r);
/* How values that come in this unit become what is stored; NULL if they are that. */
const struct sent *registry_sent(struct registry *r, struct stored *m, const char *unit);
bool registry_may_be_sent(const struct sent *s, struct reason *why);

struct stored_node {
    struct stored stored;
    struct stored_node *next; /* of the same unit, with another density */
    UT_hash_handle by_unit;    /* of the first of these */
};

/* A name, in small letters, and the codes it stands for. */
struct name_code {
    const char *code;
    struct name_code *next;
};
struct name_node {
    const char *name;
    struct name_code *codes;
    UT_hash_handle by_name;
};

#endif
