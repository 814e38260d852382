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
        must(name[0] != '\0' && json_is_string(value), "\"%s\" is no text", name);
}

static void
check_alert(const json_t *alert)
{
    const json_t *labels = json_object_get(alert, "labels");
    struct instant at;
    struct reason why = {""};

    check_texts(labels);
    check_texts(json_object_get(alert, "annotations"));
    must(json_is_string(json_object_get(labels, "alertname")), "no name");
    const char *ends = json_string_value(json_object_get(alert, "endsAt"));
    must(ends != NULL && instant_parse(ends, strlen(ends), INSTANT_ZONE_NONE, &at, &why), "%s", why.text);
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
