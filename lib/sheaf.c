#include "sheaf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define uthash_fatal(message) abort()
#include <uthash.h>

#define SPARES_MOST 256
#define SPARE_BYTES_MOST 16384 /* a topic that has had more room gives it back */

/* Each receipt with its size before it. */
struct sheaf_topic {
    UT_hash_handle hh;
    struct sheaf_topic *next; /* in turn, or spare */
    struct buf name;
    struct buf receipts;
    size_t taken; /* bytes of them that were sent */
};

static void
topic_free(struct sheaf_topic *t)
{
    buf_clear(&t->name);
    buf_clear(&t->receipts);
    free(t);
}

static void
free_all(struct sheaf_topic *t)
{
    while (t != NULL) {
        struct sheaf_topic *next = t->next;
        topic_free(t);
        t = next;
    }
}

void
sheaf_clear(struct sheaf *s)
{
    HASH_CLEAR(hh, s->known);
    free_all(s->first);
    free_all(s->spare);
    *s = (struct sheaf){0};
}

static struct sheaf_topic *
topic_new(struct sheaf *s)
{
    struct sheaf_topic *t = s->spare;
    if (t != NULL) {
        s->spare = t->next;
        s->spares--;
        return t;
    }
    t = calloc(1, sizeof(*t));
    if (t == NULL)
        abort();
    return t;
}

static void
line_up(struct sheaf *s, struct sheaf_topic *t)
{
    t->next = NULL;
    if (s->last != NULL)
        s->last->next = t;
    else
        s->first = t;
    s->last = t;
}

static struct sheaf_topic *
find(struct sheaf *s, const char *name, size_t size)
{
    struct sheaf_topic *t;

    HASH_FIND(hh, s->known, name, size, t);
    if (t != NULL)
        return t;
    t = topic_new(s);
    buf_empty(&t->name);
    buf_add(&t->name, name, size);
    HASH_ADD_KEYPTR(hh, s->known, t->name.at, size, t);
    line_up(s, t);
    return t;
}

static void
put_away(struct sheaf *s, struct sheaf_topic *t)
{
    HASH_DEL(s->known, t);
    if (s->spares == SPARES_MOST || t->receipts.room > SPARE_BYTES_MOST || t->name.room > SPARE_BYTES_MOST) {
        topic_free(t);
        return;
    }
    buf_empty(&t->receipts);
    t->taken = 0;
    t->next = s->spare;
    s->spare = t;
    s->spares++;
}

bool
sheaf_add(struct sheaf *s, const char *topic, size_t topic_size, const void *receipt, size_t size)
{
    uint32_t head = (uint32_t)size;

    if (s->bytes + topic_size + sizeof(head) + size > SHEAF_BYTES_MOST)
        return false;
    struct sheaf_topic *t = find(s, topic, topic_size);
    buf_add(&t->receipts, &head, sizeof(head));
    buf_add(&t->receipts, receipt, size);
    s->bytes += topic_size + sizeof(head) + size;
    s->receipts++;
    return true;
}

/* The receipt at the front, or NULL. */
static const unsigned char *
front(const struct sheaf_topic *t, uint32_t *ret_size)
{
    if (t->taken == t->receipts.size)
        return NULL;
    memcpy(ret_size, t->receipts.at + t->taken, sizeof(*ret_size));
    return t->receipts.at + t->taken + sizeof(*ret_size);
}

/* Gives the room of what was sent back when it is the most of it. */
static void
close_up(struct sheaf_topic *t)
{
    size_t left = t->receipts.size - t->taken;
    if (t->taken < left)
        return;
    memmove(t->receipts.at, t->receipts.at + t->taken, left);
    t->receipts.size = left;
    t->taken = 0;
}

size_t
sheaf_take(struct sheaf *s, struct buf *ret_topic, struct buf *ret_payload)
{
    static const char opening[] = "{\"receipts\":[", closing[] = "]}";
    struct sheaf_topic *t = s->first;
    const unsigned char *receipt;
    uint32_t size;
    size_t count = 0;

    if (t == NULL)
        return 0;
    s->first = t->next;
    if (s->first == NULL)
        s->last = NULL;
    buf_empty(ret_topic);
    buf_add(ret_topic, t->name.at, t->name.size);
    buf_add(ret_topic, "", 1);
    ret_topic->size--;
    buf_empty(ret_payload);
    buf_add_text(ret_payload, opening);
    while ((receipt = front(t, &size)) != NULL &&
           (count == 0 || ret_payload->size + 1 + size + sizeof(closing) - 1 <= SHEAF_PAYLOAD_MOST)) {
        buf_add(ret_payload, ",", count > 0);
        buf_add(ret_payload, receipt, size);
        t->taken += sizeof(size) + size;
        s->bytes -= t->name.size + sizeof(size) + size;
        count++;
    }
    buf_add_text(ret_payload, closing);
    s->receipts -= count;
    if (receipt != NULL) {
        close_up(t);
        line_up(s, t);
    } else {
        put_away(s, t);
    }
    return count;
}
