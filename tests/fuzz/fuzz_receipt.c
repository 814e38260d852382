/* What a message calls itself, and the receipts made of it. Bytes of a stranger go out again in our own words: whatever they
 * are, what we publish is JSON that says them once.
 */
#include <jansson.h>

#include "form.h"
#include "must.h"
#include "sheaf.h"

#define COPIES 3

static json_t *
load(const struct buf *text)
{
    json_error_t error;
    json_t *value = json_loadb((const char *)text->at, text->size, JSON_REJECT_DUPLICATES, &error);
    must(value != NULL, "%s: %.*s", error.text, (int)text->size, (const char *)text->at);
    return value;
}

static void
check_one_id(const json_t *id)
{
    if (json_is_integer(id))
        return;
    must(json_is_string(id), "an id of another kind");
    must(json_string_length(id) > 0 && json_string_length(id) <= FORM_ID_MOST, "%zu bytes", json_string_length(id));
    for (const unsigned char *s = (const unsigned char *)json_string_value(id); *s != '\0'; s++)
        must(*s >= 0x20 && *s != 0x7f, "a control character in an id");
}

static void
check_names(const json_t *names)
{
    const json_t *id = json_object_get(names, "id"), *ids = json_object_get(names, "ids");

    must((id != NULL) + (ids != NULL) == (int)json_object_size(names) && (id == NULL || ids == NULL), "other members");
    if (id != NULL)
        check_one_id(id);
    must(ids == NULL || json_array_size(ids) > 0, "no ids");
    for (size_t i = 0; i < json_array_size(ids); i++)
        check_one_id(json_array_get(ids, i));
}

/* Equal receipts under a topic of foreign bytes, which come back as they went in. */
static void
check_sheaf(const char *name, size_t size, const struct buf *receipt)
{
    struct sheaf sheaf = {0};
    struct buf topic = {0}, payload = {0};
    size_t taken = 0, count;

    for (int i = 0; i < COPIES; i++)
        must(sheaf_add(&sheaf, name, size, receipt->at, receipt->size), "no room");
    while ((count = sheaf_take(&sheaf, &topic, &payload)) > 0) {
        json_t *whole = load(&payload);
        must(topic.size == size && memcmp(topic.at, name, size) == 0 && topic.at[size] == '\0', "another topic");
        must(json_array_size(json_object_get(whole, "receipts")) == count, "%zu counted", count);
        must(count == 1 || payload.size <= SHEAF_PAYLOAD_MOST, "%zu bytes", payload.size);
        json_decref(whole);
        taken += count;
    }
    must(taken == COPIES && sheaf.bytes == 0 && sheaf.receipts == 0, "%zu taken", taken);
    sheaf_clear(&sheaf);
    buf_clear(&topic);
    buf_clear(&payload);
}

static void
check_form(const struct form *form, const char *bytes, size_t size)
{
    struct buf out = {0};

    buf_add_text(&out, "{");
    form->identify(bytes, size, &out);
    must(out.size <= 1 + FORM_IDS_MOST + FORM_ID_MOST, "%zu bytes", out.size);
    buf_add_text(&out, "}");
    json_t *names = load(&out);
    check_names(names);
    json_decref(names);
    check_sheaf(bytes, size < 32 ? size : 32, &out);
    buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size); /* no NUL behind it */
    must(text != NULL, "no memory");
    memcpy(text, bytes, size);
    for (const struct form *f = form_table; f->name != NULL; f++) {
        if (f->identify != NULL)
            check_form(f, text, size);
    }
    free(text);
    return 0;
}
