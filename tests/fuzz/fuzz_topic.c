/* TEMPLATE <LF> TOPIC. What topic_match() takes is what a broker would send for the filter, by MQTT 5, section 4.7. */
#include "must.h"
#include "topic.h"

/* Whether a filter takes a topic, level by level, as the standard tells it. */
static bool
takes(const char *filter, const char *topic, size_t size)
{
    const char *end = topic + size;

    if (size > 0 && topic[0] == '$' && (filter[0] == '+' || filter[0] == '#'))
        return false;
    for (;;) {
        if (strcmp(filter, "#") == 0)
            return true;
        const char *stop = topic < end ? memchr(topic, '/', (size_t)(end - topic)) : NULL;
        size_t level = (size_t)((stop != NULL ? stop : end) - topic), wanted = strcspn(filter, "/");
        if (!(wanted == 1 && filter[0] == '+') && (wanted != level || memcmp(filter, topic, level) != 0))
            return false;
        filter += wanted;
        if (stop == NULL)
            return *filter == '\0' || strcmp(filter, "/#") == 0;
        if (*filter == '\0')
            return false;
        filter++;
        topic = stop + 1;
    }
}

static void
check_filter(const char *filter)
{
    for (const char *p = filter; (p = strpbrk(p, "+#")) != NULL; p++) {
        must((p == filter || p[-1] == '/') && (p[1] == '\0' || (p[1] == '/' && *p == '+')), "\"%s\"", filter);
    }
    must(strpbrk(filter, "{}") == NULL && strncmp(filter, "$share/", 7) != 0, "\"%s\"", filter);
}

static void
check_name(const struct topic *t, enum topic_level kind, struct span name, const char *topic, size_t size)
{
    must((name.at != NULL) == topic_has(t, kind), "kind %d", kind);
    if (name.at == NULL)
        return;
    must(name.at >= topic && name.size <= size - (size_t)(name.at - topic), "it points elsewhere");
    must(name.size > 0 && memchr(name.at, '/', name.size) == NULL, "\"%.*s\"", (int)name.size, name.at);
}

static bool
has_empty_name(const struct topic *t, const char *topic, size_t size)
{
    const char *end = topic + size;
    for (size_t i = 0; i < t->levels && topic <= end; i++) {
        const char *stop = topic < end ? memchr(topic, '/', (size_t)(end - topic)) : NULL;
        if (t->level[i].kind >= TOPIC_REGION && (stop != NULL ? stop : end) == topic)
            return true;
        topic = stop != NULL ? stop + 1 : end + 1;
    }
    return false;
}

static void
match(const struct topic *t, const char *filter, const char *topic, size_t size)
{
    struct topic_names names;
    bool matches = topic_match(t, topic, size, &names);

    must(matches == (takes(filter, topic, size) && !has_empty_name(t, topic, size)), "\"%s\" and \"%.*s\": %d", filter,
         (int)size, topic, matches);
    if (!matches)
        return;
    check_name(t, TOPIC_REGION, names.region, topic, size);
    check_name(t, TOPIC_PLANT, names.plant, topic, size);
    check_name(t, TOPIC_MONITOR, names.monitor, topic, size);
    check_name(t, TOPIC_AGENCY, names.agency, topic, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *line = size > 0 ? memchr(bytes, '\n', size) : NULL;
    size_t first = line != NULL ? (size_t)(line - bytes) : size;
    struct reason why = {""};
    struct topic t;
    char filter[256];

    char *text = strndup((const char *)bytes, first);
    must(text != NULL, "no memory");
    if (topic_compile(text, &t, &why)) {
        topic_filter(&t, filter, sizeof(filter));
        check_filter(filter);
        if (line != NULL)
            match(&t, filter, (const char *)line + 1, size - first - 1);
    } else {
        must_be_decent(why.text);
    }
    free(text);
    return 0;
}
