#include <stdio.h>
#include <string.h>

#include "registry_own.h"
#include "text.h"

#define NAME_MOST 192 /* bytes of a name with its statistic */

struct folded {
    char text[NAME_MOST];
    size_t size;
};

/* The letters of ASCII alone: a code of any script stays as it is. */
static bool
fold(const char *name, size_t size, struct folded *ret)
{
    if (size >= sizeof(ret->text))
        return false;
    for (size_t i = 0; i < size; i++)
        ret->text[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    ret->text[size] = '\0';
    ret->size = size;
    return true;
}

static struct name_node *
find_name(const struct registry *r, const char *folded, size_t size)
{
    struct name_node *n;
    HASH_FIND(by_name, r->names, folded, size, n);
    return n;
}

void
registry_add_name(struct registry *r, const char *name, const char *code)
{
    struct folded folded;

    if (!fold(name, strlen(name), &folded))
        return;
    struct name_node *n = find_name(r, folded.text, folded.size);
    if (n == NULL) {
        n = registry_cut(r, sizeof(*n), _Alignof(struct name_node));
        n->name = registry_copy(r, folded.text);
        HASH_ADD_KEYPTR(by_name, r->names, n->name, folded.size, n);
    }
    for (const struct name_code *c = n->codes; c != NULL; c = c->next) {
        if (strcmp(c->code, code) == 0)
            return;
    }
    struct name_code *c = registry_cut(r, sizeof(*c), _Alignof(struct name_code));
    c->code = registry_copy(r, code);
    c->next = n->codes;
    n->codes = c;
}

/* Of the codes a name stands for the one that the feed has, with the statistic behind it ("-Max", or ""). False: two. */
static bool
pick(struct registry *r, struct feed *f, const struct name_node *n, struct span statistic, const struct slot **ret,
     struct reason *why)
{
    char own[2 * NAME_MOST];
    const struct slot *found = NULL;

    for (const struct name_code *c = n->codes; c != NULL; c = c->next) {
        int size = snprintf(own, sizeof(own), "%s%.*s", c->code, (int)statistic.size, statistic.at);
        const struct slot *s = size < (int)sizeof(own) ? registry_find_slot(r, f, own, (size_t)size) : NULL;
        if (s == NULL)
            continue;
        if (found != NULL)
            return reason_set(why, "may be \"%s\" or \"%s\", and the monitor's feed \"%s\" has both",
                              text_quote(found->name, found->size).text, text_quote(s->name, s->size).text, period_name[f->period]);
        found = s;
    }
    *ret = found;
    return true;
}

/* NULL if the feed has none. False: two. The whole name before a part of it: some names have a "-" of their own. */
static bool
find_by_name(struct registry *r, struct feed *f, const char *name, size_t size, const struct slot **ret, struct reason *why)
{
    struct folded folded;

    *ret = NULL;
    if (r->names == NULL || !fold(name, size, &folded))
        return true;
    const struct name_node *whole = find_name(r, folded.text, size);
    if (whole != NULL && !pick(r, f, whole, (struct span){"", 0}, ret, why))
        return false;
    if (*ret != NULL)
        return true;
    size_t stem = size;
    while (stem > 0 && name[stem - 1] != '-')
        stem--;
    if (stem < 2)
        return true;
    const struct name_node *part = find_name(r, folded.text, stem - 1);
    return part == NULL || pick(r, f, part, (struct span){name + stem - 1, size - stem + 1}, ret, why);
}

const struct slot *
registry_find_named(struct registry *r, struct feed *f, const char *name, size_t size, struct reason *why)
{
    const struct slot *s;

    if (!find_by_name(r, f, name, size, &s, why))
        return NULL;
    if (s == NULL)
        reason_set(why, "unknown parameter: the monitor's feed \"%s\" has no such series", period_name[f->period]);
    return s;
}
