/* registry_own: the registry's inside, shared by its files: registry.c, who there is; registry_unit.c, in which units;
 * registry_name.c, under which names. Nobody else includes it.
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

struct series_node {
    struct series series;
    UT_hash_handle by_name; /* in feed.hash */
    UT_hash_handle by_id;   /* in registry.series */
};

struct registry {
    struct monitor_node *monitors;
    struct series_node *series;
    struct stored_node *stored;
    struct name_node *names;
    const struct unit_system *units; /* or NULL */
    struct chunk *chunks; /* the one being filled first */
};

void *registry_cut(struct registry *r, size_t size, size_t align); /* zeroed */
const char *registry_copy(struct registry *r, const char *text);

/* The one there is of this unit and density, or a new one. */
struct stored *registry_stored(struct registry *r, const char *unit, double density);
void registry_free_stored(struct registry *r);

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
