#include "form_hj212.h"

#include <string.h>

#include "form.h"

static bool
is_plain(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool good = (at[i] >= '0' && at[i] <= '9') || (at[i] >= 'A' && at[i] <= 'Z') || (at[i] >= 'a' && at[i] <= 'z');
        if (!good)
            return false;
    }
    return size > 0 && size <= FORM_ID_MOST;
}

/* The field QN of the header: behind the length or a separator, before "CP=&&". */
void
form_hj212_identify(const void *payload, size_t size, struct buf *out)
{
    static const char wanted[] = "QN=";
    const size_t name = sizeof(wanted) - 1;
    const char *frame = payload, *end = frame + size;

    if (size < 6 || size > FORM_PAYLOAD_MOST || memcmp(frame, "##", 2) != 0)
        return;
    const char *cp = memmem(frame, size, "CP=&&", 5);
    end = cp != NULL ? cp : end;
    for (const char *field = frame + 6; field < end; field++) {
        size_t left = (size_t)(end - field), field_size = 0;
        while (field_size < left && field[field_size] != ';' && field[field_size] != ',')
            field_size++;
        if (field_size > name && memcmp(field, wanted, name) == 0) {
            if (!is_plain(field + name, field_size - name))
                return;
            buf_add_text(out, "\"id\":\"");
            buf_add(out, field + name, field_size - name);
            buf_add_text(out, "\"");
            return;
        }
        field += field_size;
    }
}
