#include "registry_own.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 65536
#define SLOT_STEP 16

void *
registry_cut(struct registry *r, size_t size, size_t align)
{
    struct chunk *c = r->chunks;
    size_t first = c == NULL ? 0 : (c->used + align - 1) / align * align;

    if (c == NULL || first + size > c->room) {
        size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        c = calloc(1, sizeof(*c) + room);
        if (c == NULL)
            abort();
        c->room = room;
        c->next = r->chunks;
        r->chunks = c;
        first = 0;
    }
    c->used = first + size;
    return c->bytes + first;
}

const char *
registry_copy(struct registry *r, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(registry_cut(r, size, 1), text, size);
}

struct registry *
registry_new(void)
{
    struct registry *r = calloc(1, sizeof(*r));
    if (r == NULL)
        abort();
    return r;
}

static void
clear_monitor(struct monitor *m)
{
    for (int period = 0; period < PERIODS; period++) {
        if (m->feed[period] != NULL)
            HASH_CLEAR(by_name, m->feed[period]->hash);
    }
}

void
registry_free(struct registry *r)
{
    if (r == NULL)
        return;

    for (struct monitor_node *n = r->monitors; n != NULL; n = n->by_code.next)
        clear_monitor(&n->monitor);
    registry_free_stored(r);
    HASH_CLEAR(by_code, r->monitors);
    HASH_CLEAR(by_id, r->series);
    HASH_CLEAR(by_name, r->names);
    while (r->chunks != NULL) {
        struct chunk *next = r->chunks->next;
        free(r->chunks);
        r->chunks = next;
    }
    free(r);
}

struct monitor *
registry_add_monitor(struct registry *r, const char *code, const char *plant, const char *region,
                     int32_t zone_s)
{
    struct monitor *there = registry_find_monitor(r, code, strlen(code));
    if (there != NULL)
        return there;

    struct monitor_node *n = registry_cut(r, sizeof(*n), _Alignof(struct monitor_node));
    n->monitor.code = registry_copy(r, code);
    n->monitor.plant = registry_copy(r, plant);
    n->monitor.region = registry_copy(r, region);
    n->monitor.zone_s = zone_s;
    HASH_ADD_KEYPTR(by_code, r->monitors, n->monitor.code, strlen(code), n);
    return &n->monitor;
}

struct feed *
registry_add_feed(struct registry *r, struct monitor *m, int32_t feed_id, enum period period)
{
    if (m->feed[period] != NULL)
        return m->feed[period];

    struct feed *f = registry_cut(r, sizeof(*f), _Alignof(struct feed));
    f->feed_id = feed_id;
    f->period = period;
    f->monitor = m;
    f->last = INSTANT_NEVER;
    m->feed[period] = f;
    return f;
}

/* The array of slots grows by steps; the shorter one before is given up with the registry. */
static void
set_slot(struct registry *r, struct feed *f, struct series *s)
{
    if (s->slot >= f->slots) {
        size_t room = (f->slots + SLOT_STEP - 1u) / SLOT_STEP * SLOT_STEP;
        if (s->slot >= room) {
            struct series **longer = registry_cut(r, (s->slot / SLOT_STEP + 1u) * SLOT_STEP * sizeof(struct series *),
                                                  _Alignof(struct series *));
            if (f->slots > 0)
                memcpy(longer, f->by_slot, f->slots * sizeof(struct series *));
            f->by_slot = longer;
        }
        f->slots = (uint16_t)(s->slot + 1);
    }
    f->by_slot[s->slot] = s;
}

struct series *
registry_add_series(struct registry *r, struct feed *f, int32_t series_id, uint16_t slot, const char *name,
                    const char *unit)
{
    assert(slot < REGISTRY_SLOTS);
    struct series *there = registry_find_series(r, series_id);
    if (there == NULL)
        there = feed_find_series(f, name, strlen(name));
    if (there == NULL && slot < f->slots)
        there = f->by_slot[slot];
    if (there != NULL)
        return there;

    struct series_node *n = registry_cut(r, sizeof(*n), _Alignof(struct series_node));
    n->series.series_id = series_id;
    n->series.slot = slot;
    n->series.name = registry_copy(r, name);
    n->series.stored = registry_stored(r, unit, NAN);
    HASH_ADD_KEYPTR(by_name, f->hash, n->series.name, strlen(name), n);
    HASH_ADD(by_id, r->series, series.series_id, sizeof(n->series.series_id), n);
    set_slot(r, f, &n->series);
    return &n->series;
}

struct monitor *
registry_find_monitor(const struct registry *r, const char *code, size_t size)
{
    struct monitor_node *n;
    HASH_FIND(by_code, r->monitors, code, size, n);
    return n == NULL ? NULL : &n->monitor;
}

struct series *
registry_find_series(const struct registry *r, int32_t series_id)
{
    struct series_node *n;
    HASH_FIND(by_id, r->series, &series_id, sizeof(series_id), n);
    return n == NULL ? NULL : &n->series;
}

struct series *
feed_find_series(const struct feed *f, const char *name, size_t size)
{
    struct series_node *n;
    HASH_FIND(by_name, f->hash, name, size, n);
    return n == NULL ? NULL : &n->series;
}

size_t
registry_monitors(const struct registry *r)
{
    return HASH_CNT(by_code, r->monitors);
}

size_t
registry_all_series(const struct registry *r)
{
    return HASH_CNT(by_id, r->series);
}
