#include "form_hj212_own.h"

#include <math.h>
#include <string.h>

/* "factor-Flag=mark" */
static bool
is_mark(struct span field, struct span *ret_factor, struct span *ret_mark)
{
    struct span name, ending;
    return hj212_split(field, &name, ret_mark) && hj212_split_name(name, ret_factor, &ending) && hj212_is(ending, "Flag");
}

/* The next field of a group. "w1-Flag=Nw2-Rtd=1" is two of them: a mark has one character. */
static bool
take_field(struct span *rest, struct span *ret)
{
    struct span factor, mark, name, value;

    if (!hj212_take(rest, ",", ret))
        return false;
    if (!is_mark(*ret, &factor, &mark) || mark.size < 2)
        return true;
    struct span next = {mark.at + 1, mark.size - 1};
    if (!hj212_split(next, &name, &value) || !hj212_split_name(name, &factor, &value))
        return true;
    const char *end = rest->at != NULL ? rest->at + rest->size : ret->at + ret->size;
    *rest = (struct span){next.at, (size_t)(end - next.at)};
    ret->size = (size_t)(next.at - ret->at);
    return true;
}

static void
fault_in(struct message *m, struct span name, struct reason *why)
{
    reason_prefix(why, "\"CP\".\"%s\"", hj212_quote(name).text);
    message_fault(m, FAULT_PAYLOAD, why);
}

/* The value of a factor; an empty one is no reading. */
static void
read_field(struct span field, const char *main, struct message *m)
{
    struct span name, value, factor, ending;
    struct reason why;
    double number = NAN;

    if (!hj212_split(field, &name, &value) || hj212_is_left_name(name))
        return;
    if (!hj212_split_name(name, &factor, &ending)) {
        reason_set(&why, "no factor and ending, like a24088-Rtd");
        fault_in(m, name, &why);
    } else if (hj212_is_left_ending(ending)) {
        return;
    } else if (value.size > 0 && !hj212_number(value, &number)) {
        reason_set(&why, "not a number: \"%s\"", hj212_quote(value).text);
        fault_in(m, name, &why);
    } else {
        struct reading *r = message_add_reading(m);
        r->name = hj212_is(ending, main) ? factor : name;
        r->value = number;
    }
}

static bool
is_of_factor(struct span name, struct span factor)
{
    return name.size >= factor.size && memcmp(name.at, factor.at, factor.size) == 0 &&
           (name.size == factor.size || name.at[factor.size] == '-');
}

static bool
set_mark_from(struct message *m, size_t first, struct span factor, char mark)
{
    bool is_set = false;
    for (size_t i = first; i < m->readings; i++) {
        if (is_of_factor(m->reading[i].name, factor)) {
            m->reading[i].mark = mark;
            is_set = true;
        }
    }
    return is_set;
}

/* To all readings of its factor in the group, which are those from `first` on; or, in a group of its own, to those before
 * it; without any it stands alone. */
static void
set_mark(struct message *m, size_t first, struct span factor, char mark)
{
    if (set_mark_from(m, first, factor, mark) || set_mark_from(m, 0, factor, mark))
        return;
    struct reading *r = message_add_reading(m);
    r->name = factor;
    r->value = NAN;
    r->mark = mark;
}

/* Another mark of the same factor further on. */
static bool
is_contradicted(struct span rest, struct span factor, struct span mark)
{
    struct span field, its_factor, its_mark;
    while (take_field(&rest, &field)) {
        if (is_mark(field, &its_factor, &its_mark) && its_factor.size == factor.size &&
            memcmp(its_factor.at, factor.at, factor.size) == 0 &&
            (its_mark.size != mark.size || memcmp(its_mark.at, mark.at, mark.size) != 0))
            return true;
    }
    return false;
}

/* False, with a fault, if a mark is not one character or one of two, or if something without a "=" stands in the group, as
 * behind a decimal comma: then its values cannot be trusted. */
static bool
check_group(struct span group, struct message *m)
{
    struct span field, name, factor, value;
    struct reason why;
    while (take_field(&group, &field)) {
        if (is_mark(field, &factor, &value) && value.size != 1)
            reason_set(&why, "mark not one character: \"%s\"", hj212_quote(value).text);
        else if (is_mark(field, &factor, &value) && is_contradicted(group, factor, value))
            reason_set(&why, "another mark of this factor stands behind it");
        else if (field.size > 0 && !hj212_split(field, &name, &value))
            reason_set(&why, "no \"=\" (a decimal comma?)");
        else
            continue;
        fault_in(m, field, &why);
        return false;
    }
    return true;
}

static void
read_group(struct span group, const char *main, struct message *m)
{
    struct span fields = group, field, factor, mark;
    size_t first = m->readings;

    if (!check_group(group, m))
        return;
    while (take_field(&fields, &field)) {
        if (field.size > 0)
            read_field(field, main, m);
    }
    while (take_field(&group, &field)) {
        if (is_mark(field, &factor, &mark))
            set_mark(m, first, factor, mark.at[0]);
    }
}

/* The field a reading was read from, whose name the reading's begins. */
static void
field_of(struct span content, const struct reading *r, struct span *ret_name, struct span *ret_value)
{
    struct span rest = {r->name.at, (size_t)(content.at + content.size - r->name.at)}, field;
    hj212_take(&rest, ";,", &field);
    hj212_split(field, ret_name, ret_value);
}

/* In large letters or small. Asked of each two: most differ in their last byte. */
static bool
is_same_name(struct span a, struct span b)
{
    return a.size == b.size && ((a.at[a.size - 1] ^ b.at[b.size - 1]) & ~0x20) == 0 && strncasecmp(a.at, b.at, a.size) == 0;
}

/* Two readings of one field: false, with a reason, if they differ. */
static bool
is_said_once(const struct reading *a, const struct reading *b, struct span name, struct span value, struct span other,
             struct reason *why)
{
    bool is_same = isnan(a->value) ? isnan(b->value) : a->value == b->value;
    if (!is_same)
        return reason_set(why, "two of \"%s\": \"%s\" and \"%s\"", hj212_quote(name).text, hj212_quote(value).text,
                          hj212_quote(other).text);
    return a->mark == b->mark || reason_set(why, "two of \"%s\", marked %c and %c", hj212_quote(name).text, a->mark, b->mark);
}

/* Takes out what stands behind reading `i` of its field. False, with a reason, if any of it differs. */
static bool
take_out_again(struct span content, struct message *m, size_t i, struct reason *why)
{
    struct reading *r = m->reading;
    struct span name, value, its_name, its_value;
    size_t left = i + 1;
    bool ok = true;

    for (size_t k = i + 1; k < m->readings; k++) {
        bool is_again = is_same_name(r[k].name, r[i].name);
        if (is_again) {
            field_of(content, &r[i], &name, &value);
            field_of(content, &r[k], &its_name, &its_value);
            is_again = is_same_name(name, its_name);
        }
        if (!is_again)
            r[left++] = r[k];
        else if (ok)
            ok = is_said_once(&r[i], &r[k], name, value, its_value, why);
    }
    message_keep_readings(m, left);
    return ok;
}

/* A field that stands twice with one value is one reading; with two it is none: which is true nobody can say. */
static void
settle_twice(struct span content, struct message *m)
{
    struct reason why;
    for (size_t i = 0; i < m->readings;) {
        if (take_out_again(content, m, i, &why)) {
            i++;
            continue;
        }
        memmove(&m->reading[i], &m->reading[i + 1], (m->readings - i - 1) * sizeof(*m->reading));
        message_keep_readings(m, m->readings - 1);
        reason_prefix(&why, "\"CP\"");
        message_fault(m, FAULT_PAYLOAD, &why);
    }
}

bool
hj212_content_read(struct span content, const char *main, struct message *m, struct reason *why)
{
    struct span groups = content, group;
    while (hj212_take(&groups, ";", &group)) {
        read_group(group, main, m);
        if (m->readings > MESSAGE_READINGS_MOST)
            return reason_set(why, "more than %d readings", MESSAGE_READINGS_MOST);
    }
    settle_twice(content, m);
    if (m->readings == 0 && m->faults == 0)
        return reason_set(why, "no readings in its CP");
    if (m->readings == 0)
        message_drop_measurement(m);
    return true;
}
