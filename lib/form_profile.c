#include <math.h>
#include <stdio.h>
#include <string.h>

#include "form.h"
#include "form_hj212.h"
#include "form_json_tree.h"
#include "form_profile_own.h"

/* ---- measurements ---- */

/* The name of the last of the first `stars` stars that is a member's. */
static const char *
star_name(const struct walk *w, size_t stars)
{
    while (stars > 0 && w->star[stars - 1].name == NULL)
        stars--;
    return stars > 0 ? w->star[stars - 1].name : NULL;
}

/* Not set is NULL; true. */
static bool
read_monitor(struct walk *w, struct measurement *ret, struct reason *why)
{
    const struct pointer *at = &w->profile->monitor;
    const json_t *node = walk_find(w, w->here, at);

    if (at->from == POINTER_WORD)
        ret->monitor = walk_span(at->text);
    else if (at->from == POINTER_NAME)
        ret->monitor = walk_span(star_name(w, w->outer_stars));
    else if (at->from == POINTER_NOWHERE)
        return true;
    else if (!json_is_string(node))
        return reason_set(why, "no monitor there%s%s", node != NULL ? " but " : "", node != NULL ? form_json_kind(node) : "");
    else
        ret->monitor = (struct span){json_string_value(node), json_string_length(node)};
    return ret->monitor.at != NULL || reason_set(why, "a list: its elements have no name to be the monitor");
}

static bool
read_time(struct walk *w, struct measurement *ret, struct reason *why)
{
    const struct profile *p = w->profile;
    const json_t *node = walk_find(w, w->here, &p->time);

    if (p->time.from == POINTER_WORD) {
        ret->at = w->message->arrived;
        w->message->is_by_arrival = true;
        return true;
    }
    if (json_is_string(node))
        return time_form_read(&p->time_form, json_string_value(node), json_string_length(node), p->zone_s, &ret->at,
                              &ret->is_local, why);
    if (json_is_number(node))
        return time_form_read_number(&p->time_form, json_number_value(node), p->zone_s, &ret->at, &ret->is_local, why);
    return reason_set(why, "no time there%s%s", node != NULL ? " but " : "", node != NULL ? form_json_kind(node) : "");
}

static bool
read_period(struct walk *w, struct measurement *ret, struct reason *why)
{
    const struct profile *p = w->profile;
    const json_t *node = walk_find(w, w->here, &p->period);

    ret->period = p->fixed_period;
    if (p->period.from == POINTER_NOWHERE || p->period.from == POINTER_WORD)
        return true;
    if (node == NULL)
        return reason_set(why, "no period there");
    const struct profile_word *word = walk_word(&p->periods, node);
    const char *name = word != NULL ? word->means : p->periods.count == 0 ? json_string_value(node) : NULL;
    if (name != NULL && period_find(name, strlen(name), &ret->period))
        return true;
    return reason_set(why, "%s: %s", p->periods.count > 0 ? "the profile's \"periods\" do not know it"
                                                          : "none of realtime, minute, hour, day",
                      walk_tell(node).text);
}

static bool
read_reissue(struct walk *w, struct measurement *ret, struct reason *why)
{
    const json_t *node = walk_find(w, w->here, &w->profile->reissue);
    const char *text = json_string_value(node);

    if (w->profile->reissue.from == POINTER_NOWHERE || node == NULL || json_is_null(node))
        return true;
    bool is_yes = json_is_true(node) || json_number_value(node) == 1 ||
                  (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0));
    bool is_no = json_is_false(node) || (json_is_number(node) && json_number_value(node) == 0) ||
                 (text != NULL && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0));
    ret->is_reissue = is_yes;
    return is_yes || is_no || reason_set(why, "neither true nor false: %s", walk_tell(node).text);
}

/* Each with the pointer that says where it was looked for. */
static bool
read_head(struct walk *w, struct measurement *me)
{
    const struct profile *p = w->profile;
    const struct {
        bool (*read)(struct walk *w, struct measurement *ret, struct reason *why);
        const struct pointer *at;
    } parts[] = {
        {read_monitor, &p->monitor}, {read_time, &p->time}, {read_period, &p->period}, {read_reissue, &p->reissue}};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct reason why;
        if (!parts[i].read(w, me, &why)) {
            walk_fault(w, parts[i].at, &why);
            return false;
        }
    }
    return true;
}

static bool
is_same(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

/* The last measurement goes to the one before it if that is of the same monitor, time and period. */
static void
join(struct message *m)
{
    struct measurement *last = &m->measurement[m->measurements - 1], *before = last - 1;

    if (m->measurements < 2 || before->at.us != last->at.us || before->is_local != last->is_local ||
        before->period != last->period || before->is_reissue != last->is_reissue || !is_same(before->monitor, last->monitor))
        return;
    before->count += last->count;
    m->measurements--;
}

static bool
on_measurement(struct walk *w, json_t *node)
{
    struct message *m = w->message;
    size_t faults = m->faults, left_out = w->left_out;
    struct reason why;

    if (++w->seen > MESSAGE_READINGS_MOST)
        return false;
    struct measurement *me = message_add_measurement(m);
    me->is_listed = w->profile->each.from != POINTER_NOWHERE;
    me->index = w->seen - 1;
    w->here = node;
    w->outer_stars = w->stars;
    bool has_head = read_head(w, me);
    bool ok = !has_head || walk_take_readings(w);
    me = &m->measurement[m->measurements - 1];
    if (me->count == 0 && m->faults == faults && w->left_out == left_out) {
        reason_set(&why, "no reading there");
        walk_fault(w, &w->profile->readings, &why);
    }
    if (me->count == 0)
        message_drop_measurement(m);
    else
        join(m);
    return ok;
}

static bool
read_measurements(struct walk *w, struct reason *why)
{
    const struct profile *p = w->profile;
    bool has_each = p->each.from != POINTER_NOWHERE;

    w->trail[0] = &p->each;
    w->trails = 1;
    if (!walk_visit(w, w->root, &p->each, 0, on_measurement))
        return reason_set(why, "more than %d readings", MESSAGE_READINGS_MOST);
    if (has_each && w->seen == 0)
        return reason_set(why, "no measurement at \"%s\"", text_quote(p->each.text, strlen(p->each.text)).text);
    if (w->message->measurements == 0 && w->message->faults == 0)
        return reason_set(why, "no reading in it, only what the profile leaves out");
    return true;
}

/* ---- the whole ---- */

static void
release(void *tree)
{
    json_decref(tree);
}

static bool
read_frame(struct walk *w, struct reason *why)
{
    const struct pointer *at = &w->profile->frame;
    const json_t *node = walk_find(w, w->root, at);
    struct quoted place = text_quote(at->text, strlen(at->text));

    if (!json_is_string(node))
        return reason_set(why, "\"%s\": no frame there%s%s", place.text, node != NULL ? " but " : "",
                          node != NULL ? form_json_kind(node) : "");
    return form_hj212_decode(json_string_value(node), json_string_length(node), w->message, why) ||
           reason_prefix(why, "\"%s\"", place.text);
}

bool
form_profile_decode(const void *payload, size_t size, struct message *ret, struct reason *why)
{
    json_t *root = form_json_tree(payload, size, why);
    if (root == NULL)
        return false;
    ret->tree = root;
    ret->release = release;

    struct walk w = {.profile = ret->profile, .message = ret, .root = root};
    bool is_frame = w.profile->frame.from != POINTER_NOWHERE;
    if (is_frame ? read_frame(&w, why) : read_measurements(&w, why))
        return true;
    message_empty(ret);
    return false;
}

static bool
is_good_id(const char *text, size_t size)
{
    if (size == 0 || size > FORM_ID_MOST || !text_is_utf8(text, size))
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
            return false;
    }
    return true;
}

void
form_profile_identify(const struct profile *p, const void *payload, size_t size, struct buf *out)
{
    json_t *root = p->id.from != POINTER_NOWHERE ? form_json_tree(payload, size, NULL) : NULL;
    struct walk w = {.profile = p, .root = root};
    const json_t *id = root != NULL ? walk_find(&w, root, &p->id) : NULL;
    char text[FORM_ID_MOST + 16] = "";

    if (json_is_string(id) && is_good_id(json_string_value(id), json_string_length(id)))
        snprintf(text, sizeof(text), "\"id\":\"%s\"", json_string_value(id));
    else if (json_is_number(id) && fabs(json_number_value(id)) < 1e15 && json_number_value(id) == floor(json_number_value(id)))
        snprintf(text, sizeof(text), "\"id\":%.0f", json_number_value(id));
    buf_add_text(out, text);
    json_decref(root);
}
