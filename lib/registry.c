#include "registry_own.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 65536

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

const char *
registry_keep(struct registry *r, const char *text)
{
    struct text_node *n;
    size_t size = strlen(text);

    HASH_FIND(by_text, r->texts, text, size, n);
    if (n != NULL)
        return n->text;
    n = registry_cut(r, sizeof(*n) + size + 1, _Alignof(struct text_node));
    memcpy(n->text, text, size);
    HASH_ADD_KEYPTR(by_text, r->texts, n->text, size, n);
    return n->text;
}

struct registry *
registry_new(void)
{
    struct registry *r = calloc(1, sizeof(*r));
    if (r == NULL)
        abort();
    return r;
}

void
registry_free(struct registry *r)
{
    if (r == NULL)
        return;

    registry_free_slots(r);
    registry_free_stored(r);
    HASH_CLEAR(by_code, r->monitors);
    HASH_CLEAR(by_id, r->feeds);
    HASH_CLEAR(by_text, r->texts);
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
    n->monitor.plant = registry_keep(r, plant);
    n->monitor.region = registry_keep(r, region);
    n->monitor.zone_s = zone_s;
    HASH_ADD_KEYPTR(by_code, r->monitors, n->monitor.code, strlen(code), n);
    return &n->monitor;
}

struct feed *
registry_add_feed(struct registry *r, struct monitor *m, int32_t feed_id, enum period period)
{
    if (m->feed[period] != NULL)
        return m->feed[period];

    struct feed_node *n = registry_cut(r, sizeof(*n), _Alignof(struct feed_node));
    struct feed *f = &n->feed;
    f->feed_id = feed_id;
    f->period = period;
    f->monitor = m;
    f->last = INSTANT_NEVER;
    m->feed[period] = f;
    HASH_ADD(by_id, r->feeds, feed.feed_id, sizeof(f->feed_id), n);
    return f;
}

struct monitor *
registry_find_monitor(const struct registry *r, const char *code, size_t size)
{
    struct monitor_node *n;
    HASH_FIND(by_code, r->monitors, code, size, n);
    return n == NULL ? NULL : &n->monitor;
}

struct feed *
registry_find_feed(const struct registry *r, int32_t feed_id)
{
    struct feed_node *n;
    HASH_FIND(by_id, r->feeds, &feed_id, sizeof(feed_id), n);
    return n == NULL ? NULL : &n->feed;
}

size_t
registry_monitors(const struct registry *r)
{
    return HASH_CNT(by_code, r->monitors);
}

size_t
registry_series(const struct registry *r)
{
    return r->series;
}
