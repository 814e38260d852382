#include "pointer.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* "~0" and "~1" become what they stand for, in place. */
static bool
unescape(char *name, struct reason *why)
{
    char *to = name;
    for (const char *from = name; *from != '\0'; from++) {
        if (*from == '~' && from[1] != '0' && from[1] != '1')
            return reason_set(why, "\"~\" in a name is written \"~0\", and \"/\" in it \"~1\"");
        if (*from == '~')
            *to++ = *++from == '0' ? '~' : '/';
        else
            *to++ = *from;
    }
    *to = '\0';
    return true;
}

/* RFC 6901, section 4: digits without a leading zero. */
static bool
is_index(const char *name, size_t *ret)
{
    size_t size = strlen(name);
    if (size == 0 || size > 4 || strspn(name, "0123456789") != size || (name[0] == '0' && size > 1))
        return false;
    *ret = strtoul(name, NULL, 10);
    return true;
}

/* `at` is empty or begins with "/"; the steps' names are cut out of it. */
static bool
split(char *at, struct pointer *p, struct reason *why)
{
    for (bool has_more = *at == '/'; has_more;) {
        char *name = at + 1;
        at = strchrnul(name, '/');
        has_more = *at == '/';
        *at = '\0';
        if (p->steps == POINTER_STEPS)
            return reason_set(why, "more than %d levels: no payload is nested deeper", POINTER_STEPS);
        struct pointer_step *s = &p->step[p->steps++];
        if (strcmp(name, "*") == 0)
            continue;
        if (!unescape(name, why))
            return false;
        s->name = name;
        s->is_index = is_index(name, &s->index);
    }
    return true;
}

static enum pointer_from
find_from(const char *text)
{
    if (text[0] == '/')
        return POINTER_TOP;
    if (text[0] == '.' && (text[1] == '/' || text[1] == '\0'))
        return POINTER_HERE;
    return strcmp(text, "*") == 0 ? POINTER_NAME : POINTER_WORD;
}

static char *
copy(const char *text)
{
    char *ret = strdup(text);
    if (ret == NULL)
        abort();
    return ret;
}

bool
pointer_parse(const char *text, struct pointer *ret, struct reason *why)
{
    struct pointer p = {.from = find_from(text)};

    if (text[0] == '\0')
        return reason_set(why, "empty (the payload itself is \".\")");
    p.text = copy(text);
    p.names = copy(text);
    bool has_steps = p.from == POINTER_TOP || p.from == POINTER_HERE;
    if (has_steps && !split(p.names + (p.from == POINTER_HERE), &p, why)) {
        pointer_clear(&p);
        return reason_prefix(why, "\"%s\"", text_quote(text, strlen(text)).text);
    }
    *ret = p;
    return true;
}

void
pointer_clear(struct pointer *p)
{
    free(p->text);
    free(p->names);
    *p = (struct pointer){0};
}

size_t
pointer_stars(const struct pointer *p)
{
    size_t stars = 0;
    for (size_t i = 0; i < p->steps; i++)
        stars += p->step[i].name == NULL;
    return stars;
}

const char *
pointer_beyond(const struct pointer *p, const struct pointer *front)
{
    size_t last = front->steps - 1;

    if (p->from != front->from || front->steps == 0 || p->steps < front->steps || front->step[last].name != NULL)
        return NULL;
    for (size_t i = 0; i < last; i++) {
        const char *a = p->step[i].name, *b = front->step[i].name;
        if (a != b && (a == NULL || b == NULL || strcmp(a, b) != 0))
            return NULL;
    }
    return p->step[last].name;
}
