#include "alertmanager.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define LASTS_US (30 * 24 * INSTANT_HOUR_US)

/* Members of an alert, and the labels they are. */
static const struct {
    const char *member, *label;
} labels[] = {
    {"severity", "severity"},        {"region_code", "region"},       {"plant_code", "plant"},
    {"monitor_code", "monitor"},     {"parameter_code", "parameter"}, {"agency_code", "agency"},
    {"plan_code", "plan"},           {"commitment_code", "commitment"}, {"instance", "instance"},
    {"broker", "broker"},            {"trouble", "trouble"},          {"trouble_id", "trouble_id"},
    {"breach_id", "breach_id"},      {"silence_id", "silence_id"},
};

/* NULL: none. */
static const char *
label_of(const char *member)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (strcmp(labels[i].member, member) == 0)
            return labels[i].label;
    }
    return NULL;
}

/* It refuses the whole list for one name that is none to Prometheus. */
static bool
is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return name[0] != '\0' && (name[0] < '0' || name[0] > '9') && name[strspn(name, letters)] == '\0';
}

/* All values are texts to it. NULL: an object or a list, or nothing. */
static json_t *
text_of(const json_t *value)
{
    if (json_is_string(value))
        return json_string(json_string_value(value));
    if (!json_is_number(value) && !json_is_boolean(value))
        return NULL;
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    json_t *ret = json_string(text);
    free(text);
    return ret;
}

static const char *
string_of(const json_t *alert, const char *name)
{
    return json_string_value(json_object_get(alert, name));
}

/* A breach by its rule; of what is begun and over the first word: "trouble", "silence". */
static json_t *
name_of(const json_t *alert)
{
    const char *rule = string_of(alert, "rule"), *kind = string_of(alert, "kind");
    if (rule != NULL)
        return json_sprintf("abate_%s", rule);
    return kind != NULL ? json_sprintf("abate_%.*s", (int)strcspn(kind, "_"), kind) : json_string("abate");
}

static json_t *
instant_of(struct instant at)
{
    char text[INSTANT_TEXT];
    instant_format(at, text);
    text[10] = 'T';
    return json_string(text);
}

/* A member that is an instant, in its own words; NULL: none. */
static const char *
moment_of(const json_t *alert, const char *name)
{
    const char *text = string_of(alert, name);
    struct instant at;
    struct reason why;
    return text != NULL && instant_parse(text, strlen(text), INSTANT_ZONE_NONE, &at, &why) ? text : NULL;
}

static json_t *
end_of(const json_t *alert, struct instant now)
{
    static const char *const ends[] = {"closed", "withdrawn"};
    const char *status = string_of(alert, "status");

    if (status == NULL || strcmp(status, "resolved") != 0)
        return instant_of((struct instant){now.us + LASTS_US});
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *text = moment_of(alert, ends[i]);
        if (text != NULL)
            return json_string(text);
    }
    return instant_of(now);
}

static json_t *
begin_of(const json_t *alert, struct instant now)
{
    const char *opened = moment_of(alert, "opened"), *at = moment_of(alert, "at");
    if (opened != NULL)
        return json_string(opened);
    return at != NULL ? json_string(at) : instant_of(now);
}

static json_t *
alert_of(json_t *alert, const json_t *subject, struct instant now)
{
    json_t *label = json_object(), *annotation = json_object(), *value;
    const char *name;

    json_object_set_new(label, "alertname", name_of(alert));
    json_object_set_new(annotation, "summary", text_of(subject));
    json_object_foreach(alert, name, value)
    {
        json_t *text = text_of(value);
        if (text != NULL && label_of(name) != NULL)
            json_object_set_new(label, label_of(name), text);
        else if (text != NULL && is_name(name))
            json_object_set_new(annotation, name, text);
        else
            json_decref(text);
    }
    return json_pack("{s:o,s:o,s:o,s:o}", "labels", label, "annotations", annotation, "startsAt", begin_of(alert, now),
                     "endsAt", end_of(alert, now));
}

/* The alert, and as it was known before. */
static void
add_alert(json_t *list, json_t *alert, const json_t *subject, struct instant now)
{
    const json_t *earlier = json_object_get(alert, "earlier_severities"), *severity;
    const char *status = string_of(alert, "status");
    bool is_over = status != NULL && strcmp(status, "resolved") == 0;
    json_t *is = alert_of(alert, subject, now);
    size_t i;

    json_array_append_new(list, is);
    json_array_foreach(earlier, i, severity)
    {
        json_t *was = json_deep_copy(is);
        json_object_set_new(json_object_get(was, "labels"), "severity", text_of(severity));
        if (!is_over)
            json_object_set_new(was, "endsAt", instant_of(now));
        json_array_append_new(list, was);
    }
}

bool
alertmanager_write(struct buf *out, const char *json, struct instant now, struct reason *why)
{
    json_error_t error;
    json_t *root = json_loads(json, 0, &error), *alerts = json_object_get(root, "alerts"), *list = json_array(), *alert;
    size_t i;

    json_array_foreach(alerts, i, alert)
        add_alert(list, alert, json_object_get(root, "subject"), now);
    if (json_array_size(list) == 0) /* one that tells of nothing further: itself */
        add_alert(list, root, json_object_get(root, "subject"), now);
    char *text = root != NULL ? json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    buf_empty(out);
    if (text != NULL)
        buf_add_text(out, text);
    free(text);
    json_decref(list);
    json_decref(root);
    if (out->size > 0)
        return true;
    char line[sizeof(error.text) * 4];
    text_line(error.text, line, sizeof(line));
    return reason_set(why, "no JSON: %s", line);
}
