#include "template.h"

#include <stdio.h>
#include <string.h>

#include "payload.h"
#include "text.h"

/* The size of the word after a "{" that a "}" ends, or 0. */
static size_t
name_size(const char *at)
{
    size_t size = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
    return at[size] == '}' ? size : 0;
}

static bool
is_named(const char *name, const char *at, size_t size)
{
    return strlen(name) == size && memcmp(name, at, size) == 0;
}

static bool
is_among(const char *const *names, const char *at, size_t size)
{
    for (; *names != NULL; names++) {
        if (is_named(*names, at, size))
            return true;
    }
    return false;
}

static bool
say_names(const char *const *names, const char *at, size_t size, struct reason *why)
{
    char list[256] = "";
    size_t used = 0;
    for (const char *const *name = names; *name != NULL && used < sizeof(list); name++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s{%s}", used > 0 ? " " : "", *name);
    return reason_set(why, "{%s} stands for nothing here; there are %s", text_quote(at, size).text, list);
}

bool
template_check(const char *text, const char *const *names, struct reason *why)
{
    for (const char *at = text; (at = strchr(at, '{')) != NULL;) {
        size_t size = name_size(++at);
        if (size > 0 && !is_among(names, at, size))
            return say_names(names, at, size, why);
    }
    return true;
}

void
template_add_url(struct buf *out, const char *text)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    for (const char *at = text; *at != '\0'; at++) {
        char hex[4];
        if (strchr(unreserved, *at) != NULL) {
            buf_add(out, at, 1);
            continue;
        }
        snprintf(hex, sizeof(hex), "%%%02X", (unsigned char)*at);
        buf_add(out, hex, 3);
    }
}

/* What stands between the quotes. */
static void
add_json(struct buf *out, const char *text)
{
    struct buf string = {0};
    payload_add_string(&string, text);
    buf_add(out, string.at + 1, string.size - 2);
    buf_clear(&string);
}

static void
add_word(struct buf *out, const struct template_word *word, enum template_place place)
{
    switch (place) {
    case TEMPLATE_JSON:
        if (word->is_made)
            buf_add_text(out, word->text);
        else
            add_json(out, word->text);
        break;
    case TEMPLATE_URL:
        template_add_url(out, word->text);
        break;
    case TEMPLATE_PLAIN:
        buf_add_text(out, word->text);
        break;
    }
}

static const struct template_word *
find(const struct template_word *word, size_t words, const char *at, size_t size)
{
    for (const struct template_word *w = word; w < word + words; w++) {
        if (is_named(w->name, at, size))
            return w;
    }
    return NULL;
}

void
template_add(struct buf *out, const char *text, enum template_place place, const struct template_word *word, size_t words)
{
    for (const char *at = text; *at != '\0';) {
        size_t size = *at == '{' ? name_size(at + 1) : 0;
        const struct template_word *w = size > 0 ? find(word, words, at + 1, size) : NULL;
        if (w == NULL) {
            buf_add(out, at++, 1);
            continue;
        }
        add_word(out, w, place);
        at += size + 2;
    }
}
