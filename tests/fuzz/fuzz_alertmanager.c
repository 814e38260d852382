/* A letter's JSON. What goes to Alertmanager is a list of alerts with labels that are texts, or there is a reason. */
#include <jansson.h>

#include "alertmanager.h"
#include "must.h"

static void
check_texts(const json_t *texts)
{
    const char *name;
    json_t *value;

    must(json_is_object(texts), "no object");
    json_object_foreach((json_t *)texts, name, value)
    {
        must(name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] == '\0', "\"%s\" is no name", name);
        must(name[0] != '\0' && (name[0] < '0' || name[0] > '9'), "\"%s\" is no name", name);
        must(json_is_string(value), "\"%s\" is no text", name);
    }
}

static void
check_moment(const json_t *alert, const char *name)
{
    const char *text = json_string_value(json_object_get(alert, name));
    struct instant at;
    struct reason why = {""};

    must(text != NULL && instant_parse(text, strlen(text), INSTANT_ZONE_NONE, &at, &why), "%s: %s", name, why.text);
}

static void
check_alert(const json_t *alert)
{
    const json_t *labels = json_object_get(alert, "labels");

    check_texts(labels);
    check_texts(json_object_get(alert, "annotations"));
    must(json_is_string(json_object_get(labels, "alertname")), "no name");
    check_moment(alert, "startsAt");
    check_moment(alert, "endsAt");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct buf out = {0};
    struct reason why = {""};
    char *json = strndup((const char *)bytes, size);

    must(json != NULL, "no memory");
    if (alertmanager_write(&out, json, (struct instant){1600000000000000}, &why)) {
        json_t *whole = json_loadb((const char *)out.at, out.size, JSON_REJECT_DUPLICATES, NULL);
        must(json_is_array(whole), "no list: %.*s", (int)out.size, (const char *)out.at);
        for (size_t i = 0; i < json_array_size(whole); i++)
            check_alert(json_array_get(whole, i));
        json_decref(whole);
    } else {
        must_be_decent(why.text);
    }
    buf_clear(&out);
    free(json);
    return 0;
}
