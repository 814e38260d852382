/* MAPPING <LF> %% <LF> ROWS: a vendor's file as replay reads it. Every message it makes is one abate's own form takes, of a
 * monitor the mapping has. */
#include <math.h>

#include "buf.h"
#include "csv.h"
#include "form_json.h"
#include "mapping.h"
#include "must.h"

static void
check_message(const struct mapping *mapping, const struct buf *payload, const struct mapping_monitor *monitor,
              size_t readings)
{
    struct message m = {.is_named = true};
    struct reason why = {""};

    must(monitor >= mapping->monitor && monitor < mapping->monitor + mapping->monitors, "a monitor of its own");
    must(text_is_utf8(monitor->topic, strlen(monitor->topic)), "topic");
    if (form_json_decode(payload->at, payload->size, &m, &why)) {
        must(m.faults == 0, "%s", m.first_fault.text);
        must(m.measurements == 1 && m.readings == readings, "%zu readings of %zu", m.readings, readings);
    } else { /* what the mapping cannot know beforehand */
        must(strstr(why.text, "member twice") != NULL || strstr(why.text, "bytes: at most") != NULL ||
                 strstr(why.text, "more than") != NULL,
             "%s: %.*s", why.text, (int)payload->size, (const char *)payload->at);
    }
    message_clear(&m);
}

static void
take_row(const struct mapping *m, const struct csv *row, uint64_t number, struct buf *payload)
{
    struct reason why = {""};
    struct instant at;

    if (!mapping_time(m, &m->source[0], row, number, &at, &why)) {
        must_be_decent(why.text);
        return;
    }
    for (size_t i = 0; i < m->messages; i++) {
        const struct mapping_monitor *monitor = NULL;
        size_t readings = 0;
        switch (mapping_make(m, i, row, at, payload, &monitor, &readings, &why)) {
        case MAPPING_MADE:
            check_message(m, payload, monitor, readings);
            break;
        case MAPPING_EMPTY:
            must(readings == 0, "%zu readings", readings);
            break;
        case MAPPING_WRONG:
            must_be_decent(why.text);
            break;
        }
    }
}

static void
take_rows(struct mapping *m, char *text, size_t size)
{
    struct csv csv;
    struct buf payload = {0};
    struct reason why = {""};
    uint64_t number = 0;
    bool is_bound = !m->has_header && mapping_bind(m, NULL, &why);

    csv_init(&csv, m->separator);
    for (size_t at = 0, used; number < 100; at += used, number++) {
        enum csv_take take = csv_take(&csv, text + at, size - at, true, &used, &why);
        if (take != CSV_ROW)
            break;
        if (is_bound)
            take_row(m, &csv, number, &payload);
        else if (!m->has_header || !(is_bound = mapping_bind(m, &csv, &why)))
            break;
    }
    if (!is_bound && why.text[0] != '\0')
        must_be_decent(why.text);
    csv_clear(&csv);
    buf_clear(&payload);
}

static void
check_scales(const struct mapping *m)
{
    for (size_t i = 0; i < m->messages; i++) {
        must(m->message[i].readings > 0, "a message without readings");
        for (size_t k = 0; k < m->message[i].readings; k++)
            must(isfinite(m->message[i].reading[k].scale) && m->message[i].reading[k].scale != 0, "scale");
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *split = size > 0 ? memmem(bytes, size, "\n%%\n", 4) : NULL;
    size_t head = split != NULL ? (size_t)(split - bytes) : size;
    struct reason why = {""};

    char *text = strndup((const char *)bytes, head);
    must(text != NULL, "no memory");
    struct mapping *m = mapping_parse("fuzz", text, &why);
    if (m == NULL) {
        must_be_decent(why.text);
        must(strncmp(why.text, "fuzz:", 5) == 0, "%s", why.text);
    } else {
        check_scales(m);
        if (split != NULL) {
            size_t rows = size - head - 4;
            char *copy = malloc(rows > 0 ? rows : 1);
            must(copy != NULL, "no memory");
            memcpy(copy, split + 4, rows);
            take_rows(m, copy, rows);
            free(copy);
        }
    }
    mapping_free(m);
    free(text);
    return 0;
}
