#include "form_senml.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "form_json_tree.h"
#include "text.h"

#define VERSION 10               /* of SenML, as RFC 8428 has it */
#define VERSION_UNITS 26         /* the same with secondary units: RFC 9100, section 4 */
#define RELATIVE_S 268435456.0   /* 2^28: from here on seconds since 1970 */
#define TIME_MOST_S 7258118400.0 /* 2200-01-01; and as far back */

/* One record, resolved. */
struct resolved {
    struct span monitor, parameter, unit;
    struct instant at;
    double value;
    size_t index;
};

/* The base fields in force. */
struct base {
    struct span name, unit;
    double time_s, value;
    double version;
};

/* What the message's texts point into. */
struct pack {
    json_t *root;
    char *names; /* FORM_SENML_NAME_MOST bytes a record */
    struct resolved *record;
    size_t records;
    struct span front; /* of the first name: the device */
};

static void
release(void *tree)
{
    struct pack *p = tree;
    json_decref(p->root);
    free(p->names);
    free(p->record);
    free(p);
}

/* Out of memory aborts, as in buf. */
static void *
must_calloc(size_t count, size_t each)
{
    void *at = calloc(count, each);
    if (at == NULL)
        abort();
    return at;
}

static struct pack *
pack_new(json_t *root)
{
    struct pack *p = must_calloc(1, sizeof(*p));
    p->root = root;
    p->names = must_calloc(json_array_size(root), FORM_SENML_NAME_MOST);
    p->record = must_calloc(json_array_size(root), sizeof(*p->record));
    return p;
}

/* A member that must be a number if it is there. */
static bool
read_number(const json_t *object, const char *name, double *ret, struct reason *why)
{
    const json_t *number = json_object_get(object, name);
    if (number == NULL)
        return true;
    if (!json_is_number(number))
        return reason_set(why, "\"%s\": not a number but %s", name, form_json_kind(number));
    *ret = json_number_value(number);
    return true;
}

static bool
read_text(const json_t *object, const char *name, struct span *ret, struct reason *why)
{
    return form_json_text(object, name, ret, why) || reason_prefix(why, "\"%s\"", name);
}

/* It may only be said in the first record, or again the same. */
static bool
read_version(const json_t *object, bool is_first, double *version, struct reason *why)
{
    double said = *version;
    if (!read_number(object, "bver", &said, why))
        return false;
    if (said < 1 || said != floor(said))
        return reason_set(why, "\"bver\": no version: %.15g", said);
    if (said > VERSION && said != VERSION_UNITS)
        return reason_set(why, "\"bver\": version %.15g of SenML: known are those up to %d, and %d", said, VERSION,
                          VERSION_UNITS);
    if (!is_first && said != *version)
        return reason_set(why, "\"bver\": version %.15g, but %.15g before it", said, *version);
    *version = said;
    return true;
}

/* RFC 8428, section 4.4: who does not know such a member must not use the pack. */
static bool
check_labels(json_t *object, struct reason *why)
{
    const char *label;
    json_t *json;

    json_object_foreach(object, label, json)
    {
        size_t size = strlen(label);
        if (size > 0 && label[size - 1] == '_')
            return reason_set(why, "\"%s\": a member that must be understood, and is not",
                              text_quote(label, size).text);
    }
    return true;
}

static bool
read_base(json_t *object, bool is_first, struct base *base, struct reason *why)
{
    return check_labels(object, why) && read_version(object, is_first, &base->version, why) &&
           read_text(object, "bn", &base->name, why) && read_text(object, "bu", &base->unit, why) &&
           read_number(object, "bt", &base->time_s, why) && read_number(object, "bv", &base->value, why);
}

/* False for a record that only sets base fields. */
static bool
has_reading(const json_t *object)
{
    static const char *const labels[] = {"n", "u", "t", "ut", "v", "vs", "vb", "vd", "s"};
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (json_object_get(object, labels[i]) != NULL)
            return true;
    }
    return false;
}

static bool
is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* RFC 8428, section 4.5.1. */
static bool
check_name(struct span name, struct reason *why)
{
    if (!is_letter_or_digit(name.at[0]))
        return reason_set(why, "name \"%s\": its first character is neither letter nor digit",
                          text_quote(name.at, name.size).text);
    for (size_t i = 0; i < name.size; i++) {
        if (!is_letter_or_digit(name.at[i]) && (name.at[i] == '\0' || strchr("-:./_", name.at[i]) == NULL))
            return reason_set(why, "name \"%s\": only letters, digits and -:./_ may stand in it",
                              text_quote(name.at, name.size).text);
    }
    return true;
}

/* bn and n, joined at `room`. */
static bool
join_name(const struct base *base, struct span own, char *room, struct span *ret, struct reason *why)
{
    size_t size = base->name.size + own.size;
    if (size == 0)
        return reason_set(why, "no name: neither \"bn\" nor \"n\"");
    if (size > FORM_SENML_NAME_MOST)
        return reason_set(why, "name of %zu bytes: at most %d are taken", size, FORM_SENML_NAME_MOST);
    if (base->name.size > 0)
        memcpy(room, base->name.at, base->name.size);
    if (own.size > 0)
        memcpy(room + base->name.size, own.at, own.size);
    *ret = (struct span){room, size};
    return check_name(*ret, why);
}

/* RFC 9039: "urn:dev:mac:" and an EUI-64 of 16 hexadecimal digits. What stands behind it is a parameter, though no ":" or
 * "/" comes between. The length of the device's name, or 0. */
static size_t
mac_size(struct span name)
{
    static const char front[] = "urn:dev:mac:";
    size_t size = sizeof(front) - 1;

    if (name.size <= size + 16 || memcmp(name.at, front, size) != 0)
        return 0;
    for (size_t end = size + 16; size < end; size++) {
        if (!isxdigit((unsigned char)name.at[size]))
            return 0;
    }
    return size;
}

/* The device before the last ":" or "/" (`at` NULL without one), the parameter behind it. */
static bool
split_name(struct span name, struct span *ret_front, struct span *ret_parameter, struct reason *why)
{
    size_t behind = name.size;
    while (behind > 0 && name.at[behind - 1] != ':' && name.at[behind - 1] != '/')
        behind--;
    if (behind == name.size)
        return reason_set(why, "name \"%s\": no parameter behind its last \"%c\"",
                          text_quote(name.at, name.size).text, name.at[name.size - 1]);
    size_t mac = mac_size(name);
    if (mac > behind) {
        bool has_dash = name.at[mac] == '_' && mac + 1 < name.size;
        *ret_front = (struct span){name.at, mac};
        *ret_parameter = (struct span){name.at + mac + has_dash, name.size - mac - has_dash};
        return true;
    }
    *ret_front = behind > 0 ? (struct span){name.at, behind - 1} : (struct span){0};
    *ret_parameter = (struct span){name.at + behind, name.size - behind};
    return true;
}

static bool
is_same(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static bool
read_name(const json_t *object, const struct base *base, bool is_named, struct pack *p, struct resolved *ret,
          struct reason *why)
{
    struct span own = {0}, name = {0}, front = {0};
    if (!read_text(object, "n", &own, why) ||
        !join_name(base, own, p->names + ret->index * FORM_SENML_NAME_MOST, &name, why) ||
        !split_name(name, &front, &ret->parameter, why))
        return false;
    if (p->records == 0)
        p->front = front;
    if (!is_named) {
        ret->monitor = front;
        return true;
    }
    if (!is_same(p->front, front))
        return reason_set(
            why, "name \"%s\": of another device than those before it, but the topic is of one monitor",
            text_quote(name.at, name.size).text);
    return true;
}

static bool
is_quoted_number(const json_t *text)
{
    double number;
    return json_is_string(text) && decimal_read(json_string_value(text), json_string_length(text), &number);
}

static bool
read_value(const json_t *object, const struct base *base, double *ret, struct reason *why)
{
    static const char *const labels[] = {"v", "vs", "vb", "vd"};
    const char *label = NULL;
    double value = 0;

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (json_object_get(object, labels[i]) == NULL)
            continue;
        if (label != NULL)
            return reason_set(why, "both \"%s\" and \"%s\": one value is wanted", label, labels[i]);
        label = labels[i];
    }
    if (label == NULL)
        return reason_set(why, "no value%s",
                          json_object_get(object, "s") != NULL ? ", only a sum (\"s\")" : "");
    if (strcmp(label, "vs") == 0 && is_quoted_number(json_object_get(object, "vs")))
        return reason_set(why, "\"vs\": a number in quotes: \"%s\" (send it as \"v\", without them)",
                          json_string_value(json_object_get(object, "vs")));
    if (strcmp(label, "v") != 0)
        return reason_set(why, "\"%s\": no number (only numbers, \"v\", are stored)", label);
    if (!read_number(object, "v", &value, why))
        return false;
    if (isinf(base->value + value))
        return reason_set(why, "\"v\": not a finite number with \"bv\"");
    *ret = base->value + value;
    return true;
}

static bool
read_time(const json_t *object, const struct base *base, struct message *m, struct instant *ret, struct reason *why)
{
    double own_s = 0;
    if (!read_number(object, "t", &own_s, why))
        return false;
    double time_s = base->time_s + own_s;
    if (!(fabs(time_s) < TIME_MOST_S))
        return reason_set(why, "time %.15g: not seconds since 1970, or from now (milliseconds?)", time_s);
    ret->us = llround(time_s * 1e6);
    if (time_s < RELATIVE_S) {
        ret->us += m->arrived.us;
        m->is_by_arrival = true;
    }
    return true;
}

static bool
resolve(const json_t *object, const struct base *base, struct message *m, struct pack *p,
        struct resolved *ret, struct reason *why)
{
    ret->unit = base->unit;
    return read_name(object, base, m->is_named, p, ret, why) && read_text(object, "u", &ret->unit, why) &&
           read_time(object, base, m, &ret->at, why) && read_value(object, base, &ret->value, why);
}

/* False if the pack cannot be used at all. */
static bool
read_record(json_t *object, size_t index, struct base *base, struct pack *p, struct message *m,
            struct reason *why)
{
    struct resolved record = {.index = index};
    struct reason fault;
    if (!json_is_object(object))
        return reason_set(why, "[%zu]: not an object but %s", index, form_json_kind(object));
    if (!read_base(object, index == 0, base, why))
        return reason_prefix(why, "[%zu]", index);
    if (!has_reading(object))
        return true;
    if (resolve(object, base, m, p, &record, &fault)) {
        p->record[p->records++] = record;
        return true;
    }
    reason_prefix(&fault, "[%zu]", index);
    message_fault(m, FAULT_PAYLOAD, &fault);
    return true;
}

static int
compare_monitors(const struct resolved *a, const struct resolved *b)
{
    if (a->monitor.size != b->monitor.size)
        return a->monitor.size < b->monitor.size ? -1 : 1;
    return a->monitor.size == 0 ? 0 : memcmp(a->monitor.at, b->monitor.at, a->monitor.size);
}

/* By time, then monitor, then as they came. */
static int
compare(const void *left, const void *right)
{
    const struct resolved *a = left, *b = right;
    if (a->at.us != b->at.us)
        return a->at.us < b->at.us ? -1 : 1;
    int order = compare_monitors(a, b);
    return order != 0 ? order : (a->index < b->index ? -1 : 1);
}

static void
add_records(struct pack *p, struct message *m)
{
    qsort(p->record, p->records, sizeof(*p->record), compare);
    for (size_t i = 0; i < p->records; i++) {
        const struct resolved *r = &p->record[i];
        if (i == 0 || r[-1].at.us != r->at.us || compare_monitors(r - 1, r) != 0) {
            struct measurement *me = message_add_measurement(m);
            me->monitor = r->monitor;
            me->at = r->at;
            me->is_listed = true;
            me->index = r->index;
        }
        struct reading *reading = message_add_reading(m);
        reading->name = r->parameter;
        reading->unit = r->unit;
        reading->value = r->value;
    }
}

static bool
read_pack(struct pack *p, struct message *m, struct reason *why)
{
    struct base base = {.version = VERSION};
    size_t index;
    json_t *object;

    json_array_foreach(p->root, index, object)
    {
        if (!read_record(object, index, &base, p, m, why))
            return false;
    }
    if (p->records == 0 && m->faults == 0)
        return reason_set(why, "no reading in it, only base fields");
    add_records(p, m);
    return true;
}

static bool
check_root(const json_t *root, struct reason *why)
{
    if (json_is_array(json_object_get(root, "e")))
        return reason_set(why, "not an array of records but an object with an \"e\": that is a draft before RFC 8428 (send the "
                               "array)");
    if (!json_is_array(root))
        return reason_set(why, "not an array of records but %s", form_json_kind(root));
    if (json_array_size(root) == 0)
        return reason_set(why, "empty array");
    if (json_array_size(root) > MESSAGE_READINGS_MOST)
        return reason_set(why, "more than %d readings", MESSAGE_READINGS_MOST);
    return true;
}

bool
form_senml_decode(const void *payload, size_t size, struct message *ret, struct reason *why)
{
    json_t *root = form_json_tree(payload, size, why);
    if (root == NULL)
        return false;
    if (!check_root(root, why)) {
        json_decref(root);
        return false;
    }
    struct pack *p = pack_new(root);
    ret->tree = p;
    ret->release = release;
    if (read_pack(p, ret, why))
        return true;
    message_empty(ret);
    return false;
}
