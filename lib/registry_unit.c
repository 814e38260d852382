#include <assert.h>
#include <math.h>
#include <string.h>

#include "registry_own.h"
#include "text.h"

#define DECLARED_MOST 16 /* declared units remembered beside a stored one: as many as its stations write; one more takes the oldest's place */

/* A unit values come in unsaid, as registered. */
struct sent {
    const char *unit;
    struct conversion conversion;
    const char *refusal; /* NULL: it can be converted */
    struct sent *next;
};

/* A unit that messages declare. */
struct declared {
    char unit[UNIT_MOST];
    size_t size;
    struct conversion conversion;
};

void
registry_use_units(struct registry *r, const struct unit_system *units)
{
    r->units = units;
}

static bool
has_density(const struct stored_node *n, double density)
{
    return isnan(density) ? isnan(n->stored.density) : n->stored.density == density;
}

struct stored *
registry_stored(struct registry *r, const char *unit, double density)
{
    struct stored_node *first, *n;

    HASH_FIND(by_unit, r->stored, unit, strlen(unit), first);
    for (n = first; n != NULL; n = n->next) {
        if (has_density(n, density))
            return &n->stored;
    }
    n = registry_cut(r, sizeof(*n), _Alignof(struct stored_node));
    n->stored.unit = first != NULL ? first->stored.unit : registry_copy(r, unit);
    n->stored.size = strlen(unit);
    n->stored.density = density;
    if (first == NULL) {
        HASH_ADD_KEYPTR(by_unit, r->stored, n->stored.unit, strlen(unit), n);
    } else {
        n->next = first->next;
        first->next = n;
    }
    return &n->stored;
}

void
registry_free_stored(struct registry *r)
{
    for (struct stored_node *first = r->stored; first != NULL; first = first->by_unit.next) {
        for (struct stored_node *n = first; n != NULL; n = n->next)
            free(n->stored.declared);
    }
    HASH_CLEAR(by_unit, r->stored);
}

static bool
convert_between(const struct registry *r, const struct stored *m, const char *unit, size_t size, struct conversion *ret,
                struct reason *why)
{
    if (r->units != NULL)
        return unit_convert(r->units, unit, size, m->unit, m->size, m->density, ret, why);
    return reason_set(why, "unit \"%s\" where \"%s\" is registered", text_quote(unit, size).text,
                      text_quote(m->unit, m->size).text);
}

const struct sent *
registry_sent(struct registry *r, struct stored *m, const char *unit)
{
    struct reason why;

    if (unit == NULL || strcmp(unit, m->unit) == 0)
        return NULL;
    for (struct sent *s = m->sent; s != NULL; s = s->next) {
        if (strcmp(s->unit, unit) == 0)
            return s;
    }
    struct sent *s = registry_cut(r, sizeof(*s), _Alignof(struct sent));
    s->unit = registry_copy(r, unit);
    if (!convert_between(r, m, unit, strlen(unit), &s->conversion, &why))
        s->refusal = registry_copy(r, why.text);
    s->next = m->sent;
    m->sent = s;
    return s;
}

bool
registry_may_be_sent(const struct sent *s, struct reason *why)
{
    return s == NULL || s->refusal == NULL || reason_set(why, "%s", s->refusal);
}

static bool
is_declared(const struct declared *d, struct span unit)
{
    return d->size == unit.size && memcmp(d->unit, unit.at, unit.size) == 0;
}

/* Remembered, so that a unit is understood once and not with each value. */
static const struct conversion *
find_declared(const struct registry *r, struct stored *m, struct span unit, struct reason *why)
{
    struct conversion conversion;

    for (unsigned i = 0; i < m->declared_count && i < DECLARED_MOST; i++) {
        if (is_declared(&m->declared[i], unit))
            return &m->declared[i].conversion;
    }
    if (!convert_between(r, m, unit.at, unit.size, &conversion, why))
        return NULL;
    if (m->declared == NULL)
        m->declared = calloc(DECLARED_MOST, sizeof(*m->declared));
    if (m->declared == NULL)
        abort();
    assert(unit.size <= UNIT_MOST);
    struct declared *d = &m->declared[m->declared_count++ % DECLARED_MOST];
    *d = (struct declared){.size = unit.size, .conversion = conversion};
    memcpy(d->unit, unit.at, unit.size);
    return &d->conversion;
}

static bool
apply(const struct conversion *c, const struct slot *s, double value, double *ret, struct reason *why)
{
    double converted = conversion_apply(c, value);
    if (!isfinite(converted) && isfinite(value))
        return reason_set(why, "no finite number in \"%s\"", text_quote(s->stored->unit, s->stored->size).text);
    *ret = converted;
    return true;
}

bool
registry_convert(const struct registry *r, const struct slot *s, struct span unit, double value, double *ret,
                 struct reason *why)
{
    bool is_said = unit.at != NULL;

    if (!is_said && s->sent->refusal != NULL)
        return reason_set(why, "%s", s->sent->refusal);
    const struct conversion *c = is_said ? find_declared(r, s->stored, unit, why) : &s->sent->conversion;
    return c != NULL && apply(c, s, value, ret, why);
}
