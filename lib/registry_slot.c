#include <assert.h>
#include <math.h>
#include <string.h>

#include "registry_own.h"

#define SLOT_STEP 16

const struct slot *
registry_slot(struct registry *r, const char *name, struct stored *stored, const struct sent *sent, uint16_t number)
{
    struct slot wanted = {registry_keep(r, name), stored, sent, (uint32_t)strlen(name), number};
    struct slot_node *n;

    HASH_FIND(by_all, r->slots, &wanted, SLOT_KEY, n);
    if (n != NULL)
        return &n->slot;
    n = registry_cut(r, sizeof(*n), _Alignof(struct slot_node));
    n->slot = wanted;
    HASH_ADD(by_all, r->slots, slot, SLOT_KEY, n);
    return &n->slot;
}

void
registry_free_slots(struct registry *r)
{
    for (struct layout *l = r->layouts; l != NULL; l = l->by_slots.next)
        HASH_CLEAR(by_name, l->names);
    HASH_CLEAR(by_slots, r->layouts);
    HASH_CLEAR(by_all, r->slots);
}

/* The array grows by steps; the shorter one before is given up with the registry. */
static void
make_room(struct registry *r, struct feed *f, uint16_t number)
{
    size_t room = (f->slots + SLOT_STEP - 1u) / SLOT_STEP * SLOT_STEP;

    if (number >= room) {
        const struct slot **longer =
            registry_cut(r, (number / SLOT_STEP + 1u) * SLOT_STEP * sizeof(*longer), _Alignof(const struct slot *));
        if (f->slots > 0)
            memcpy(longer, f->slot, f->slots * sizeof(*longer));
        f->slot = longer;
    }
    if (number >= f->slots)
        f->slots = (uint16_t)(number + 1);
}

static void
set(struct feed *f, const struct slot *s)
{
    f->slot[s->number] = s;
    f->layout = NULL;
}

static const struct slot *
find_same(const struct feed *f, uint16_t number, const char *name)
{
    for (uint16_t i = 0; i < f->slots; i++) {
        if (f->slot[i] != NULL && strcmp(f->slot[i]->name, name) == 0)
            return f->slot[i];
    }
    return feed_slot(f, number);
}

const struct slot *
registry_add_slot(struct registry *r, struct feed *f, uint16_t number, const char *name, const char *unit)
{
    assert(number < REGISTRY_SLOTS);
    const struct slot *there = find_same(f, number, name);
    if (there != NULL)
        return there;

    make_room(r, f, number);
    set(f, registry_slot(r, name, registry_stored(r, unit, NAN), NULL, number));
    r->series++;
    return f->slot[number];
}

bool
registry_set_sent(struct registry *r, struct feed *f, uint16_t number, const char *unit, double density, struct reason *why)
{
    const struct slot *s = f->slot[number];
    struct stored *stored = registry_stored(r, s->stored->unit, density);
    const struct sent *sent = registry_sent(r, stored, unit);

    set(f, registry_slot(r, s->name, stored, sent, number));
    return registry_may_be_sent(sent, why);
}

struct watch **
registry_watches(struct registry *r, struct feed *f, uint16_t number)
{
    if (f->watches == NULL)
        f->watches = registry_cut(r, f->slots * sizeof(*f->watches), _Alignof(struct watch *));
    if (number >= f->watched)
        f->watched = (uint16_t)(number + 1);
    return &f->watches[number];
}

const struct slot *
feed_slot(const struct feed *f, int64_t number)
{
    return number >= 0 && number < f->slots ? f->slot[number] : NULL;
}

/* ---- by name ---- */

static struct layout *
make_layout(struct registry *r, const struct feed *f)
{
    struct layout *l = registry_cut(r, sizeof(*l), _Alignof(struct layout));
    size_t size = f->slots * sizeof(*f->slot);
    const struct slot **key = registry_cut(r, size, _Alignof(const struct slot *));

    for (uint16_t i = 0; i < f->slots; i++) {
        key[i] = f->slot[i];
        if (f->slot[i] == NULL)
            continue;
        struct layout_name *n = registry_cut(r, sizeof(*n), _Alignof(struct layout_name));
        n->slot = f->slot[i];
        HASH_ADD_KEYPTR(by_name, l->names, n->slot->name, n->slot->size, n);
    }
    for (struct layout_name *n = l->names; n != NULL; n = n->by_name.next)
        n->then = n->by_name.next != NULL ? n->by_name.next : l->names;
    l->last = l->names;
    HASH_ADD_KEYPTR(by_slots, r->layouts, key, size, l);
    return l;
}

static struct layout *
layout_of(struct registry *r, struct feed *f)
{
    if (f->layout == NULL)
        HASH_FIND(by_slots, r->layouts, f->slot, f->slots * sizeof(*f->slot), f->layout);
    if (f->layout == NULL)
        f->layout = make_layout(r, f);
    return f->layout;
}

const struct slot *
registry_find_slot(struct registry *r, struct feed *f, const char *name, size_t size)
{
    if (f->slots == 0)
        return NULL;
    struct layout *l = layout_of(r, f);
    struct layout_name *n = l->last->then;

    if (n->slot->size != size || memcmp(n->slot->name, name, size) != 0) {
        HASH_FIND(by_name, l->names, name, size, n);
        if (n == NULL)
            return NULL;
        l->last->then = n;
    }
    l->last = n;
    return n->slot;
}
