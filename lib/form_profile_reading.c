#include <math.h>
#include <string.h>

#include "decimal.h"
#include "form_json_tree.h"
#include "form_profile_own.h"

/* ---- values ---- */

/* Without "marks" a mark is sent as it is stored. */
static bool
read_mark(const struct profile *p, const json_t *node, char *ret, struct reason *why)
{
    const struct profile_word *word = walk_word(&p->marks, node);

    if (word != NULL)
        *ret = word->means[0];
    else if (p->marks.count > 0)
        return reason_set(why, "the profile's \"marks\" do not know %s", walk_tell(node).text);
    else if (!json_is_string(node) || json_string_length(node) != 1)
        return reason_set(why, "no mark of one character: %s (the profile may name it in \"marks\")", walk_tell(node).text);
    else
        *ret = json_string_value(node)[0];
    return true;
}

static bool
read_text_number(const struct profile *p, const json_t *node, double *ret, struct reason *why)
{
    const char *text = json_string_value(node);
    size_t size = json_string_length(node);

    if (!p->quoted_numbers)
        return reason_set(why, "not a number but a text: \"%s\" (the profile may say quoted_numbers = on)",
                          text_quote(text, size).text);
    return decimal_read(text, size, ret) || reason_set(why, "not a number: \"%s\"", text_quote(text, size).text);
}

static bool
read_number(const struct profile *p, const json_t *node, double *ret, struct reason *why)
{
    if (json_is_string(node))
        return read_text_number(p, node, ret, why);
    if (!json_is_number(node))
        return reason_set(why, "not a number but %s%s", form_json_kind(node),
                          json_is_array(node)    ? " (the profile's \"reading\" may say which \"element\")"
                          : json_is_object(node) ? " (the profile may say where in it the \"value\" stands)"
                                                 : "");
    *ret = json_number_value(node);
    return true;
}

/* The element that the profile names; a value alone is its first. */
static json_t *
pick(json_t *node, const struct profile_reading *r)
{
    if (r == NULL || r->element < 0)
        return node;
    if (json_is_array(node))
        return json_array_get(node, (size_t)r->element);
    return r->element == 0 ? node : NULL;
}

static void
add_reading(struct walk *w, struct span name, double value, char mark, struct span unit)
{
    struct reading *r = message_add_reading(w->message);
    *r = (struct reading){.name = name, .unit = unit, .value = value, .mark = mark};
}

static bool
read_unit(struct walk *w, json_t *node, const struct profile_reading *r, struct span *ret, struct reason *why)
{
    const struct pointer *at = &w->profile->unit;
    const json_t *unit = r != NULL && r->unit != NULL ? NULL : walk_find(w, node, at);

    *ret = walk_span(r != NULL ? r->unit : NULL);
    if (at->from == POINTER_NOWHERE || unit == NULL)
        return true;
    if (!json_is_string(unit))
        return reason_set(why, "unit not a text but %s", form_json_kind(unit));
    *ret = (struct span){json_string_value(unit), json_string_length(unit)};
    return true;
}

/* The value of a reading and its mark. False without a reason if there is no reading. */
static bool
read_value(struct walk *w, json_t *node, const struct profile_reading *r, double *ret, char *ret_mark, struct reason *why)
{
    const struct profile *p = w->profile;
    bool has_parts = p->value.from != POINTER_NOWHERE && json_is_object(node);
    json_t *value = has_parts ? walk_find(w, node, &p->value) : node;
    const json_t *mark = p->mark.from != POINTER_NOWHERE ? walk_find(w, node, &p->mark) : NULL;

    *ret = NAN;
    *ret_mark = 'N';
    if (mark != NULL && !read_mark(p, mark, ret_mark, why))
        return false;
    bool is_there = value != NULL;
    value = pick(value, r);
    if (is_there && value == NULL)
        return false;
    bool is_missing = value != NULL && p->missing.count > 0 && walk_word(&p->missing, value) != NULL;
    if (value != NULL && !json_is_null(value) && !is_missing) {
        if (!read_number(p, value, ret, why))
            return false;
        if (r != NULL)
            *ret = scale_apply(&r->scale, *ret);
        return isfinite(*ret) || reason_set(why, "times its \"scale\" not a finite number");
    }
    if (mark != NULL && *ret_mark != 'N')
        return true;
    return is_missing ? false : reason_set(why, "no value, and no mark to say why");
}

/* A reading of ours, `r`, or one under its own name. */
static void
take_reading(struct walk *w, json_t *node, const struct profile_reading *r, const char *name)
{
    struct reason why;
    struct span unit;
    double value;
    char mark;

    why.text[0] = '\0'; /* none stays if there is no reading at all */
    if (read_value(w, node, r, &value, &mark, &why) && read_unit(w, node, r, &unit, &why))
        add_reading(w, walk_span(r != NULL ? r->name : name), value, mark, unit);
    else if (why.text[0] != '\0')
        walk_fault(w, NULL, &why);
    else
        w->left_out++;
}

/* ---- readings ---- */

/* The name of the last star, if that is a member's. A single reading has that of its measurement. */
static const char *
member_name(const struct walk *w)
{
    return w->stars > 0 ? w->star[w->stars - 1].name : NULL;
}

/* Its name; NULL with a fault if there is none. */
static const char *
read_name(struct walk *w, json_t *node)
{
    const struct pointer *at = &w->profile->name_at;
    bool by_member = at->from == POINTER_NAME || at->from == POINTER_NOWHERE;
    const json_t *text = by_member ? NULL : walk_find(w, node, at);
    const char *name = by_member ? member_name(w) : json_string_value(text);
    struct reason why;

    if (name == NULL) {
        reason_set(&why, "no name%s%s", text == NULL ? "" : " but ", text == NULL ? "" : form_json_kind(text));
        walk_fault(w, NULL, &why);
    }
    return name;
}

/* Which readings of ours a name is: `ret_count` of them; 0 and NULL: it goes by its own name. False: it is none. */
static bool
find_readings(const struct profile *p, const char *name, const struct profile_name **ret, size_t *ret_count)
{
    bool is_ours = false;

    *ret = profile_find(p, name, ret_count);
    for (size_t i = 0; i < *ret_count; i++)
        is_ours |= (*ret)[i].reading != NULL;
    return *ret != NULL ? is_ours : !p->ignores_others;
}

static bool
on_reading(struct walk *w, json_t *node)
{
    const struct profile_name *known;
    size_t count;
    const char *name = read_name(w, node);

    if (name == NULL)
        return ++w->readings_seen <= MESSAGE_READINGS_MOST;
    if (!find_readings(w->profile, name, &known, &count)) {
        w->left_out++;
        return true;
    }
    if (known == NULL)
        take_reading(w, node, NULL, name);
    for (size_t i = 0; i < count; i++) {
        if (known[i].reading != NULL)
            take_reading(w, node, known[i].reading, name);
    }
    w->readings_seen += count > 0 ? count : 1;
    return w->readings_seen <= MESSAGE_READINGS_MOST;
}

/* Readings that a pointer of their own leads to. */
static bool
take_placed(struct walk *w)
{
    const struct profile *p = w->profile;

    for (const struct profile_reading *r = p->reading; r < p->reading + p->readings_named; r++) {
        json_t *node = r->from.from == POINTER_WORD ? NULL : walk_find(w, w->here, &r->from);
        if (node == NULL)
            continue;
        if (++w->readings_seen > MESSAGE_READINGS_MOST)
            return false;
        w->trail[1] = &r->from;
        w->trails = 2;
        take_reading(w, node, r, NULL);
    }
    return true;
}

/* The reading of this name in the measurement at hand, or NULL. */
static struct reading *
find_reading(struct walk *w, struct span name)
{
    struct message *m = w->message;
    const struct measurement *me = &m->measurement[m->measurements - 1];

    for (size_t i = 0; i < me->count; i++) {
        size_t at = (w->next + i) % me->count;
        struct reading *r = &m->reading[me->first + at];
        if (r->name.size == name.size && memcmp(r->name.at, name.at, name.size) == 0) {
            w->next = at + 1;
            return r;
        }
    }
    return NULL;
}

static void
take_error(struct walk *w, struct span name, char mark)
{
    struct reading *r = find_reading(w, name);
    if (r != NULL)
        r->mark = mark;
    else
        add_reading(w, name, NAN, mark, (struct span){0});
}

static bool
on_error(struct walk *w, json_t *node)
{
    const struct profile *p = w->profile;
    const struct profile_name *known;
    const json_t *says = json_is_object(node) && p->mark.from != POINTER_NOWHERE ? walk_find(w, node, &p->mark) : node;
    const char *name = read_name(w, node);
    struct reason why;
    size_t count;
    char mark;

    if (++w->readings_seen > MESSAGE_READINGS_MOST)
        return false;
    if (name == NULL || !find_readings(p, name, &known, &count) || says == NULL)
        return true;
    if (!read_mark(p, says, &mark, &why))
        return walk_fault(w, NULL, &why);
    if (known == NULL)
        take_error(w, walk_span(name), mark);
    for (size_t i = 0; i < count; i++) {
        if (known[i].reading != NULL)
            take_error(w, walk_span(known[i].reading->name), mark);
    }
    return true;
}

bool
walk_take_readings(struct walk *w)
{
    const struct profile *p = w->profile;
    bool ok = true;

    w->trails = 2;
    w->trail[1] = &p->readings;
    if (p->readings.from != POINTER_NOWHERE)
        ok = walk_visit(w, w->here, &p->readings, 0, on_reading);
    ok = ok && take_placed(w);
    w->trail[1] = &p->errors;
    w->next = 0;
    if (ok && p->errors.from != POINTER_NOWHERE)
        ok = walk_visit(w, w->here, &p->errors, 0, on_error);
    w->trails = 1;
    return ok;
}
