#include <stdio.h>
#include <string.h>

#include "form_json_tree.h"
#include "form_profile_own.h"

/* ---- where ---- */

static void
add_step(struct reason *path, const char *name)
{
    struct reason before = *path;
    reason_set(path, "%s/%s", before.text, text_quote(name, strlen(name)).text);
}

/* Of the node at hand, as a pointer from the top; `behind` is followed from there. */
static struct reason
path_of(const struct walk *w, const struct pointer *behind)
{
    struct reason p = {""};
    size_t star = 0;
    char number[24];

    for (size_t t = 0; t <= w->trails; t++) {
        const struct pointer *at = t < w->trails ? w->trail[t] : behind;
        if (at == NULL)
            continue;
        if (at->from == POINTER_TOP)
            p.text[0] = '\0';
        for (size_t i = 0; i < at->steps; i++) {
            const struct star *s = at->step[i].name == NULL && star < w->stars ? &w->star[star++] : NULL;
            if (s != NULL)
                snprintf(number, sizeof(number), "%zu", s->index);
            add_step(&p, s == NULL ? (at->step[i].name != NULL ? at->step[i].name : "*") : s->name != NULL ? s->name : number);
        }
    }
    return p;
}

bool
walk_fault(struct walk *w, const struct pointer *behind, struct reason *why)
{
    struct reason path = path_of(w, behind);
    reason_prefix(why, "\"%s\"", path.text);
    message_fault(w->message, FAULT_PAYLOAD, why);
    return true;
}

static json_t *
step_to(json_t *node, const struct pointer_step *s)
{
    if (json_is_object(node))
        return json_object_get(node, s->name);
    return json_is_array(node) && s->is_index ? json_array_get(node, s->index) : NULL;
}

json_t *
walk_find(const struct walk *w, json_t *here, const struct pointer *at)
{
    json_t *node = at->from == POINTER_TOP ? w->root : here;
    for (size_t i = 0; i < at->steps && node != NULL; i++)
        node = step_to(node, &at->step[i]);
    return node;
}

bool
walk_visit(struct walk *w, json_t *node, const struct pointer *at, size_t step, bool (*on_node)(struct walk *w, json_t *node))
{
    const char *name;
    json_t *child;
    size_t index;
    bool ok = true;

    for (; step < at->steps && at->step[step].name != NULL; step++)
        node = step_to(node, &at->step[step]);
    if (step == at->steps)
        return node == NULL || on_node(w, node);
    struct star *star = &w->star[w->stars++];
    if (json_is_object(node)) {
        json_object_foreach(node, name, child)
        {
            *star = (struct star){name, 0};
            if (ok)
                ok = walk_visit(w, child, at, step + 1, on_node);
        }
    } else {
        json_array_foreach(node, index, child)
        {
            *star = (struct star){NULL, index};
            if (ok)
                ok = walk_visit(w, child, at, step + 1, on_node);
        }
    }
    w->stars--;
    return ok;
}

/* ---- words ---- */

const struct profile_word *
walk_word(const struct profile_words *words, const json_t *node)
{
    if (json_is_number(node))
        return profile_words_find_number(words, json_number_value(node));
    if (json_is_string(node))
        return profile_words_find(words, json_string_value(node));
    if (json_is_object(node) || json_is_array(node))
        return NULL;
    return profile_words_find(words, json_is_true(node) ? "true" : json_is_false(node) ? "false" : "null");
}

struct reason
walk_tell(const json_t *node)
{
    struct reason told;
    if (json_is_string(node))
        reason_set(&told, "\"%s\"", text_quote(json_string_value(node), json_string_length(node)).text);
    else if (json_is_number(node))
        reason_set(&told, "%.15g", json_number_value(node));
    else
        reason_set(&told, "%s", form_json_kind(node));
    return told;
}

struct span
walk_span(const char *text)
{
    return (struct span){text, text != NULL ? strlen(text) : 0};
}
