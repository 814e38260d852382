#include "form_json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "form_json_tree.h"
#include "form_profile.h"
#include "text.h"

static void
release(void *tree)
{
    json_decref(tree);
}

static struct span
span_of(const json_t *text)
{
    return (struct span){json_string_value(text), json_string_length(text)};
}

static bool
read_value(const json_t *json, double *ret, struct reason *why)
{
    if (json_is_number(json)) {
        *ret = json_number_value(json);
        return true;
    }
    if (json_is_string(json))
        return reason_set(why, "not a number but a text: \"%s\" (send it without quotes)",
                          text_quote(json_string_value(json), json_string_length(json)).text);
    return reason_set(why, "not a number but %s%s", form_json_kind(json),
                      json_is_null(json) ? " (a reading without a value is {\"mark\": \"D\"})" : "");
}

/* { "value": 35.0, "mark": "N", "unit": "mg/m3" } */
static bool
read_parts(const json_t *object, struct reading *ret, struct reason *why)
{
    struct span mark = {0};
    const json_t *value = json_object_get(object, "value");

    ret->value = NAN;
    if (!form_json_text(object, "unit", &ret->unit, why))
        return reason_prefix(why, "\"unit\"");
    if (!form_json_text(object, "mark", &mark, why))
        return reason_prefix(why, "\"mark\"");
    if (mark.at != NULL && mark.size != 1)
        return reason_set(why, "\"mark\": not one character: \"%s\"", text_quote(mark.at, mark.size).text);
    if (mark.at != NULL)
        ret->mark = mark.at[0];
    if (value != NULL && !json_is_null(value))
        return read_value(value, &ret->value, why) || reason_prefix(why, "\"value\"");
    if (mark.at == NULL)
        return reason_set(why, "no \"value\", and no \"mark\" to say why");
    return true;
}

static bool
read_reading(const char *name, const json_t *json, struct reading *ret, struct reason *why)
{
    *ret = (struct reading){.name = {name, strlen(name)}, .mark = 'N'};
    if (json_is_object(json))
        return read_parts(json, ret, why);
    return read_value(json, &ret->value, why);
}

/* "monitor", "time", "period" and "reissue". Reasons say where in the payload. */
static bool
read_head(const json_t *object, struct measurement *ret, struct reason *why)
{
    struct place place = measurement_place(ret);
    struct span period = {0};
    const json_t *time = json_object_get(object, "time");

    if (!form_json_text(object, "monitor", &ret->monitor, why))
        return reason_prefix(why, "%s\"monitor\"", place.text);
    if (!json_is_string(time))
        return reason_set(why, "%s\"time\": %s%s (wanted is a text like \"2020-11-02T08:15:00+08:00\")",
                          place.text, time == NULL ? "missing" : "not a text but ",
                          time == NULL ? "" : form_json_kind(time));
    ret->time = span_of(time);
    if (!form_json_text(object, "period", &period, why))
        return reason_prefix(why, "%s\"period\"", place.text);
    if (period.at != NULL && !period_find(period.at, period.size, &ret->period))
        return reason_set(why, "%s\"period\": none of realtime, minute, hour, day: \"%s\"", place.text,
                          text_quote(period.at, period.size).text);
    const json_t *reissue = json_object_get(object, "reissue");
    if (reissue != NULL && !json_is_boolean(reissue))
        return reason_set(why, "%s\"reissue\": neither true nor false but %s", place.text, form_json_kind(reissue));
    ret->is_reissue = json_is_true(reissue);
    return true;
}

static bool
check_readings(const json_t *readings, const struct measurement *me, struct reason *why)
{
    struct place place = measurement_place(me);

    if (readings == NULL)
        return reason_set(why, "%s\"readings\": missing", place.text);
    if (!json_is_object(readings))
        return reason_set(why, "%s\"readings\": not an object but %s", place.text, form_json_kind(readings));
    if (json_object_size(readings) == 0)
        return reason_set(why, "%s\"readings\": empty", place.text);
    return true;
}

/* Those that can be read go to the last measurement, the others are faults. */
static void
read_readings(json_t *readings, struct message *m)
{
    struct place place = measurement_place(&m->measurement[m->measurements - 1]);
    const char *name;
    json_t *json;

    json_object_foreach(readings, name, json)
    {
        struct reading reading;
        struct reason why;
        if (read_reading(name, json, &reading, &why)) {
            *message_add_reading(m) = reading;
        } else {
            reason_prefix(&why, "%s\"readings\".\"%s\"", place.text, text_quote(name, strlen(name)).text);
            message_fault(m, FAULT_PAYLOAD, &why);
        }
    }
}

/* Into the measurement added last, which is dropped if nothing comes of it. Returns how many readings it had.
 */
static size_t
read_measurement(json_t *object, struct message *m)
{
    struct measurement *me = &m->measurement[m->measurements - 1];
    json_t *readings = json_object_get(object, "readings");
    struct reason why;

    if (!read_head(object, me, &why) || !check_readings(readings, me, &why)) {
        message_fault(m, FAULT_PAYLOAD, &why);
        message_drop_measurement(m);
        return 0;
    }
    size_t seen = json_object_size(readings);
    if (seen <= MESSAGE_READINGS_MOST)
        read_readings(readings, m);
    if (me->count == 0)
        message_drop_measurement(m);
    return seen;
}

static bool
too_many(struct reason *why)
{
    return reason_set(why, "more than %d readings", MESSAGE_READINGS_MOST);
}

/* An array of more elements than readings may be has more readings, or elements without. */
static bool
read_list(json_t *list, struct message *m, struct reason *why)
{
    size_t index;
    json_t *object;
    size_t seen = 0;

    if (json_array_size(list) == 0)
        return reason_set(why, "empty array");
    if (json_array_size(list) > MESSAGE_READINGS_MOST)
        return too_many(why);
    json_array_foreach(list, index, object)
    {
        struct reason fault;
        if (!json_is_object(object)) {
            reason_set(&fault, "[%zu]: not an object but %s", index, form_json_kind(object));
            message_fault(m, FAULT_PAYLOAD, &fault);
            continue;
        }
        struct measurement *me = message_add_measurement(m);
        me->is_listed = true;
        me->index = index;
        seen += read_measurement(object, m);
        if (seen > MESSAGE_READINGS_MOST)
            return too_many(why);
    }
    return true;
}

bool
form_json_decode(const void *payload, size_t size, struct message *ret, struct reason *why)
{
    if (ret->profile != NULL)
        return form_profile_decode(payload, size, ret, why);

    json_t *root = form_json_tree(payload, size, why);
    if (root == NULL)
        return false;
    ret->tree = root;
    ret->release = release;

    bool ok;
    if (json_is_array(root)) {
        ok = read_list(root, ret, why);
    } else {
        message_add_measurement(ret);
        ok = read_measurement(root, ret) <= MESSAGE_READINGS_MOST || too_many(why);
    }
    if (!ok)
        message_empty(ret);
    return ok;
}
