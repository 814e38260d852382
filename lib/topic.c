#include "topic.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* What a level of a template may be, but for plain text. */
static const struct word {
    const char *text;
    enum topic_level kind;
} words[] = {
    {"+", TOPIC_ANY},
    {"#", TOPIC_REST},
    {"{region}", TOPIC_REGION},
    {"{plant}", TOPIC_PLANT},
    {"{monitor}", TOPIC_MONITOR},
    {"{agency}", TOPIC_AGENCY},
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* A reader over the levels of a topic or template: "a/b" has two, "a/" has an empty one at its end. */
struct levels {
    const char *at;
    const char *end;
    bool is_over;
};

static bool
next_level(struct levels *l, struct span *ret)
{
    if (l->is_over)
        return false;

    size_t left = (size_t)(l->end - l->at);
    const char *slash = left > 0 ? memchr(l->at, '/', left) : NULL;
    ret->at = l->at;
    ret->size = slash != NULL ? (size_t)(slash - l->at) : left;
    l->is_over = slash == NULL;
    l->at += ret->size + (slash != NULL);
    return true;
}

static bool
has_any(struct span s, const char *characters)
{
    for (size_t i = 0; i < s.size; i++) {
        if (strchr(characters, s.at[i]) != NULL)
            return true;
    }
    return false;
}

/* Leaves `ret` alone for plain text. */
static bool
find_kind(struct span text, enum topic_level *ret, struct reason *why)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (strlen(words[i].text) == text.size && memcmp(words[i].text, text.at, text.size) == 0) {
            *ret = words[i].kind;
            return true;
        }
    }
    if (has_any(text, "{}"))
        return reason_set(why, "\"%s\" is none of {region}, {plant}, {monitor}, {agency}, each a level of its own",
                          text_quote(text.at, text.size).text);
    if (has_any(text, "+#"))
        return reason_set(why, "\"%s\": + and # must be levels of their own",
                          text_quote(text.at, text.size).text);
    return true;
}

/* May this level stand here, behind those that are in `t`? */
static bool
may_follow(const struct topic *t, enum topic_level kind, struct reason *why)
{
    if (t->levels == TOPIC_LEVELS)
        return reason_set(why, "more than %d levels", TOPIC_LEVELS);
    for (size_t i = 0; i < t->levels; i++) {
        if (t->level[i].kind == TOPIC_REST)
            return reason_set(why, "# must be the last level");
        if (kind >= TOPIC_REGION && t->level[i].kind == kind)
            return reason_set(why, "%s stands twice", words[kind - TOPIC_ANY].text);
    }
    return true;
}

static bool
check_text(const char *text, size_t size, struct reason *why)
{
    if (size == 0)
        return reason_set(why, "empty topic");
    if (size >= sizeof(((struct topic *)0)->text))
        return reason_set(why, "topic of %zu bytes: at most 255 are taken", size);
    if (!text_is_utf8(text, size))
        return reason_set(why, "topic \"%s\" is not UTF-8", text_quote(text, size).text);
    if (strncmp(text, "$share/", 7) == 0)
        return reason_set(why,
                          "\"%s\" is a shared subscription, which does not keep the order of messages "
                          "(give each instance topics of its own)",
                          text_quote(text, size).text);
    return true;
}

bool
topic_compile(const char *template_text, struct topic *ret, struct reason *why)
{
    size_t size = strlen(template_text);
    if (!check_text(template_text, size, why))
        return false;

    struct topic t = {.levels = 0};
    memcpy(t.text, template_text, size + 1);
    struct levels levels = {t.text, t.text + size, false};
    struct span text;
    while (next_level(&levels, &text)) {
        enum topic_level kind = TOPIC_LITERAL;
        if (!find_kind(text, &kind, why) || !may_follow(&t, kind, why))
            return reason_prefix(why, "topic \"%s\"", text_quote(template_text, size).text);
        t.level[t.levels].kind = kind;
        t.level[t.levels].first = (unsigned char)(text.at - t.text);
        t.level[t.levels].size = (unsigned char)text.size;
        t.levels++;
    }
    *ret = t;
    return true;
}

void
topic_filter(const struct topic *t, char *out, size_t room)
{
    size_t used = 0;

    assert(room >= sizeof(t->text)); /* a filter is never longer than its template */
    for (size_t i = 0; i < t->levels; i++) {
        const char *text = t->text + t->level[i].first;
        int size = t->level[i].size;
        if (t->level[i].kind >= TOPIC_REGION) {
            text = "+";
            size = 1;
        }
        used += (size_t)snprintf(out + used, room - used, "%s%.*s", i > 0 ? "/" : "", size, text);
    }
}

/* One level of a topic against one of the template. An empty name names nobody. */
static bool
match_level(const struct topic *t, size_t level, struct span text, struct topic_names *names)
{
    switch (t->level[level].kind) {
    case TOPIC_LITERAL:
        return text.size == t->level[level].size &&
               memcmp(text.at, t->text + t->level[level].first, text.size) == 0;
    case TOPIC_ANY:
        return true;
    case TOPIC_REGION:
        names->region = text;
        return text.size > 0;
    case TOPIC_PLANT:
        names->plant = text;
        return text.size > 0;
    case TOPIC_MONITOR:
        names->monitor = text;
        return text.size > 0;
    case TOPIC_AGENCY:
        names->agency = text;
        return text.size > 0;
    case TOPIC_REST:
        break;
    }
    return false;
}

bool
topic_has(const struct topic *t, enum topic_level kind)
{
    for (size_t i = 0; i < t->levels; i++) {
        if (t->level[i].kind == kind)
            return true;
    }
    return false;
}

bool
topic_match(const struct topic *t, const char *topic, size_t size, struct topic_names *ret)
{
    struct topic_names names = {0};
    struct levels levels = {topic, topic + size, false};
    struct span text;
    size_t level = 0;

    /* MQTT 5, section 4.7.2: the broker's own topics are not what a wildcard at the front means. */
    if (size > 0 && topic[0] == '$' && t->level[0].kind != TOPIC_LITERAL)
        return false;

    for (; level < t->levels && t->level[level].kind != TOPIC_REST; level++) {
        if (!next_level(&levels, &text) || !match_level(t, level, text, &names))
            return false;
    }
    /* "a/#" takes "a" as well (section 4.7.1.2); all else must have come to its end. */
    if (level == t->levels && !levels.is_over)
        return false;
    *ret = names;
    return true;
}

bool
topic_may_match(const struct topic *t, const char *front, size_t further)
{
    struct levels levels = {front, front + strlen(front), false};
    struct span text;
    size_t level = 0;

    for (;; level++) {
        bool is_front = next_level(&levels, &text);
        bool is_over = !is_front && further-- == 0;
        if (level < t->levels && t->level[level].kind == TOPIC_REST)
            return true;
        if (is_over || level == t->levels)
            return is_over && level == t->levels;
        bool is_other = t->level[level].kind == TOPIC_LITERAL && is_front &&
                        (text.size != t->level[level].size ||
                         memcmp(text.at, t->text + t->level[level].first, text.size) != 0);
        if (is_other)
            return false;
    }
}

static bool
has_empty_level(const char *topic, size_t size)
{
    return size == 0 || topic[0] == '/' || topic[size - 1] == '/' || memmem(topic, size, "//", 2) != NULL;
}

bool
topic_refuse(const char *topic, size_t size, struct reason *why)
{
    return reason_set(why, "topic \"%s\" matches no feed of the configuration%s", text_quote(topic, size).text,
                      has_empty_level(topic, size) ? " (an empty level names nobody)" : "");
}
