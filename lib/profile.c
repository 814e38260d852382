#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static struct quoted
quote(const char *text)
{
    return text_quote(text, strlen(text));
}

static bool
is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Room for one more. Out of memory aborts, as in buf. */
static void *
grow(void *rows, size_t count, size_t each)
{
    rows = reallocarray(rows, count + 1, each);
    if (rows == NULL)
        abort();
    return rows;
}

/* ---- what each key may be ---- */

#define TOP (1u << POINTER_TOP)
#define HERE (1u << POINTER_HERE)
#define NAME (1u << POINTER_NAME)
#define WORD (1u << POINTER_WORD)

static const struct rule {
    const char *key;
    size_t offset;
    unsigned may_be;
    bool has_stars;
    const char *wanted;
} rules[] = {
    {"each", offsetof(struct profile, each), TOP, true, "a pointer with a * for each measurement, like \"/batch/*\""},
    {"monitor", offsetof(struct profile, monitor), TOP | HERE | NAME | WORD, false,
     "a pointer, \"*\" for the member's name, or the code itself"},
    {"time", offsetof(struct profile, time), TOP | HERE | WORD, false, "a pointer, or \"arrival\""},
    {"period", offsetof(struct profile, period), TOP | HERE | WORD, false,
     "a pointer, or one of realtime, minute, hour, day"},
    {"id", offsetof(struct profile, id), TOP, false, "a pointer from the top, like \"/id\""},
    {"reissue", offsetof(struct profile, reissue), TOP | HERE, false, "a pointer"},
    {"readings", offsetof(struct profile, readings), TOP | HERE, true,
     "a pointer with a * for each reading, like \"/values/*\", or \".\" for a single one"},
    {"errors", offsetof(struct profile, errors), TOP | HERE, true, "a pointer with a * for each of them, like \"/errors/*\""},
    {"name", offsetof(struct profile, name_at), TOP | HERE | NAME, false, "a pointer, or \"*\" for the member's name"},
    {"value", offsetof(struct profile, value), TOP | HERE, false, "a pointer, like \"./value\""},
    {"mark", offsetof(struct profile, mark), TOP | HERE, false, "a pointer, like \"./flag\""},
    {"unit", offsetof(struct profile, unit), TOP | HERE, false, "a pointer, like \"./unit\""},
    {"frame", offsetof(struct profile, frame), TOP, false, "a pointer from the top, like \"/frame\""},
};

static const struct pointer *
pointer_of(const struct profile *p, const struct rule *r)
{
    return (const struct pointer *)((const char *)p + r->offset);
}

static bool
is_single(const struct pointer *p)
{
    return p->from == POINTER_HERE && p->steps == 0;
}

static bool
check_rule(const struct profile *p, const struct rule *r, struct reason *why)
{
    const struct pointer *at = pointer_of(p, r);
    bool is_one = at == &p->readings && is_single(at);

    if (at->from == POINTER_NOWHERE)
        return true;
    if ((r->may_be & 1u << at->from) == 0 || (pointer_stars(at) > 0) != (r->has_stars && !is_one))
        return reason_set(why, "\"%s\" is not %s", quote(at->text).text, r->wanted);
    return true;
}

static bool
check_rules(const struct profile *p, const char **ret_key, struct reason *why)
{
    for (const struct rule *r = rules; r < rules + sizeof(rules) / sizeof(rules[0]); r++) {
        *ret_key = r->key;
        if (!check_rule(p, r, why))
            return false;
    }
    *ret_key = "time";
    if (p->time.from == POINTER_WORD && !is(p->time.text, "arrival"))
        return reason_set(why, "\"%s\" is neither a pointer nor \"arrival\"", quote(p->time.text).text);
    return true;
}

/* ---- what they may be together ---- */

static bool
has_placed(const struct profile *p)
{
    for (size_t i = 0; i < p->readings_named; i++) {
        if (p->reading[i].from.from != POINTER_WORD)
            return true;
    }
    return false;
}

/* A frame says all by itself. */
static bool
check_frame(const struct profile *p, const char **ret_key, struct reason *why)
{
    for (const struct rule *r = rules; r < rules + sizeof(rules) / sizeof(rules[0]); r++) {
        const struct pointer *at = pointer_of(p, r);
        *ret_key = r->key;
        if (at->from != POINTER_NOWHERE && at != &p->frame && at != &p->id)
            return reason_set(why, "of no use with \"frame\": the HJ 212 frame says it");
    }
    *ret_key = "frame";
    return p->readings_named == 0 || reason_set(why, "of no use with a \"reading\": the HJ 212 frame brings its own");
}

/* What there must be, and what is of no use without another key. */
static bool
check_needs(const struct profile *p, const char **ret_key, struct reason *why)
{
    const struct {
        const char *key;
        bool is_wrong;
        const char *words;
    } rows[] = {
        {"time", p->time.from == POINTER_NOWHERE,
         "missing: a pointer to the time of the measurement, or \"arrival\" if the payload has none"},
        {"readings", p->readings.from == POINTER_NOWHERE && !has_placed(p),
         "missing: a pointer to the readings, like \"/values/*\" (or a \"reading\" with a pointer in its \"from\")"},
        {"readings", p->readings.from == POINTER_TOP && p->each.from != POINTER_NOWHERE,
         "with \"each\" it begins with \"./\": readings stand in their measurement"},
        {"errors", p->errors.from == POINTER_TOP && p->each.from != POINTER_NOWHERE,
         "with \"each\" it begins with \"./\": errors stand in their measurement"},
        {"monitor", p->monitor.from == POINTER_NAME && p->each.from == POINTER_NOWHERE,
         "\"*\" is the name of a member of \"each\", which is missing"},
        {"periods", p->periods.count > 0 && (p->period.from == POINTER_NOWHERE || p->period.from == POINTER_WORD),
         "of no use without a pointer in \"period\""},
        {"marks", p->marks.count > 0 && p->mark.from == POINTER_NOWHERE && p->errors.from == POINTER_NOWHERE,
         "of no use without \"mark\" or \"errors\""},
        {"time_form", p->time.from == POINTER_WORD && p->time_form.kind != TIME_RFC3339,
         "of no use with \"time = arrival\""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        *ret_key = rows[i].key;
        if (rows[i].is_wrong)
            return reason_set(why, "%s", rows[i].words);
    }
    return true;
}

static bool
is_mark(const char *text)
{
    char c = text[0];
    return ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) && text[1] == '\0';
}

static bool
check_meanings(struct profile *p, const char **ret_key, struct reason *why)
{
    enum period period;

    *ret_key = "marks";
    for (size_t i = 0; i < p->marks.count; i++) {
        const struct profile_word *w = &p->marks.word[i];
        if (!is_mark(w->means))
            return reason_set(why, "\"%s=%s\": a mark is one letter or digit", quote(w->text).text, quote(w->means).text);
    }
    *ret_key = "periods";
    for (size_t i = 0; i < p->periods.count; i++) {
        const struct profile_word *w = &p->periods.word[i];
        if (!period_find(w->means, strlen(w->means), &period))
            return reason_set(why, "\"%s=%s\": none of realtime, minute, hour, day", quote(w->text).text,
                              quote(w->means).text);
    }
    *ret_key = "period";
    if (p->period.from == POINTER_WORD && !period_find(p->period.text, strlen(p->period.text), &p->fixed_period))
        return reason_set(why, "\"%s\" is neither a pointer nor one of realtime, minute, hour, day",
                          quote(p->period.text).text);
    return true;
}

/* ---- names ---- */

static void
know(struct profile *p, const char *text, const struct profile_reading *reading)
{
    p->known = grow(p->known, p->knowns, sizeof(*p->known));
    p->known[p->knowns++] = (struct profile_name){text, reading};
}

/* Without "each" the top is where one is. */
static void
level(struct profile *p, struct pointer *at)
{
    if (p->each.from == POINTER_NOWHERE && at->from == POINTER_TOP)
        at->from = POINTER_HERE;
}

static void
know_if_beyond(struct profile *p, const struct pointer *at)
{
    const char *name = pointer_beyond(at, &p->readings);
    if (name != NULL)
        know(p, name, NULL);
}

/* What other keys point at. It counts where readings go by their members' names. */
static void
know_taken(struct profile *p)
{
    struct pointer *taken[] = {&p->monitor, &p->time, &p->period, &p->reissue, &p->id, &p->errors};

    level(p, &p->readings);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        level(p, taken[i]);
    for (size_t i = 0; i < p->readings_named; i++)
        level(p, &p->reading[i].from);
    bool by_member = p->name_at.from == POINTER_NAME || p->name_at.from == POINTER_NOWHERE;
    if (p->readings.steps == 0 || !by_member)
        return;
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        know_if_beyond(p, taken[i]);
    for (size_t i = 0; i < p->readings_named; i++)
        know_if_beyond(p, &p->reading[i].from);
}

static int
compare(const void *left, const void *right)
{
    const struct profile_name *a = left, *b = right;
    return strcmp(a->text, b->text);
}

/* Of one name there may be several readings if each is another element of its array; or it is none. */
static bool
check_twice(const struct profile *p, const char **ret_key, const struct profile_reading **ret_reading, struct reason *why)
{
    for (size_t i = 0; i < p->knowns; i++) {
        const struct profile_reading *r = p->known[i].reading;
        for (size_t n = i + 1; r != NULL && n < p->knowns && is(p->known[n].text, p->known[i].text); n++) {
            const struct profile_reading *other = p->known[n].reading;
            if (other != NULL && other->element != r->element && other->element >= 0 && r->element >= 0)
                continue;
            *ret_key = other != NULL ? "from" : "ignore";
            *ret_reading = other;
            return reason_set(why, "\"%s\" is reading \"%s\" already", quote(p->known[i].text).text, quote(r->name).text);
        }
    }
    return true;
}

static bool
know_names(struct profile *p, const char **ret_key, const struct profile_reading **ret_reading, struct reason *why)
{
    for (size_t i = 0; i < p->readings_named; i++) {
        if (p->reading[i].from.from == POINTER_WORD)
            know(p, p->reading[i].from.text, &p->reading[i]);
    }
    for (size_t i = 0; i < p->ignore.count; i++) {
        p->ignores_others |= is(p->ignore.word[i].text, "*");
        know(p, p->ignore.word[i].text, NULL);
    }
    if (p->knowns > 0)
        qsort(p->known, p->knowns, sizeof(*p->known), compare);
    if (!check_twice(p, ret_key, ret_reading, why))
        return false;
    know_taken(p);
    if (p->knowns > 0)
        qsort(p->known, p->knowns, sizeof(*p->known), compare);
    return true;
}

/* A reading without "from" goes by its own name. */
static bool
check_reading(struct profile_reading *r, const char **ret_key, struct reason *why)
{
    *ret_key = "from";
    if (r->from.from == POINTER_NOWHERE && !pointer_parse(r->name, &r->from, why))
        return false;
    if (r->from.from == POINTER_NAME || is_single(&r->from) || pointer_stars(&r->from) > 0)
        return reason_set(why, "\"%s\" is neither a name nor a pointer to one value", quote(r->from.text).text);
    r->scale = scale_of(r->factor);
    return true;
}

bool
profile_complete(struct profile *p, const char **ret_key, const struct profile_reading **ret_reading, struct reason *why)
{
    *ret_reading = NULL;
    if (p->frame.from != POINTER_NOWHERE)
        return check_rules(p, ret_key, why) && check_frame(p, ret_key, why);
    for (size_t i = 0; i < p->readings_named; i++) {
        *ret_reading = &p->reading[i];
        if (!check_reading(&p->reading[i], ret_key, why))
            return false;
    }
    *ret_reading = NULL;
    return check_rules(p, ret_key, why) && check_needs(p, ret_key, why) && check_meanings(p, ret_key, why) &&
           know_names(p, ret_key, ret_reading, why);
}

void
profile_clear(struct profile *p)
{
    free(p->known);
    p->known = NULL;
    p->knowns = 0;
}

const struct profile_name *
profile_find(const struct profile *p, const char *text, size_t *ret_count)
{
    size_t first = 0, end = p->knowns;

    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (strcmp(p->known[middle].text, text) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    for (end = first; end < p->knowns && is(p->known[end].text, text); end++)
        ;
    *ret_count = end - first;
    return end > first ? &p->known[first] : NULL;
}
