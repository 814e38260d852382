#include "form_hj212_own.h"

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

/* The field QN of the header, which ends before "CP=&&". */
void
form_hj212_identify(const void *payload, size_t size, struct buf *out)
{
    struct span frame = hj212_strip((struct span){payload, size}), name;
    struct reason why;

    if (frame.size < HJ212_HEAD || size > FORM_PAYLOAD_MOST || memcmp(frame.at, "##", 2) != 0)
        return;
    struct span header = {frame.at + HJ212_HEAD, frame.size - HJ212_HEAD};
    const char *cp = memmem(header.at, header.size, "CP=&&", 5);
    if (cp != NULL)
        header.size = (size_t)(cp - header.at);
    if (!hj212_find(header, "QN", &name, &why) || !is_plain(name.at, name.size))
        return;
    buf_add_text(out, "\"id\":\"");
    buf_add(out, name.at, name.size);
    buf_add_text(out, "\"");
}
