#include "form_hj212_own.h"

/* The standard has RF=1, or no RF. "0" says what none says; of anything else nobody knows what it says. */
static void
check_reissue(struct span said, struct message *m)
{
    struct reason why;
    if (said.size == 0 || hj212_is(said, "0") || hj212_is(said, "1"))
        return;
    reason_set(&why, "\"RF\": not 1: \"%s\" (taken as no reissue)", hj212_quote(said).text);
    message_fault(m, FAULT_PAYLOAD, &why);
}

bool
form_hj212_decode(const void *payload, size_t size, struct message *ret, struct reason *why)
{
    struct hj212_frame frame;
    struct hj212_head head;

    if (!hj212_frame_open((struct span){payload, size}, &frame, why) || !hj212_head_read(&frame, &head, why))
        return false;
    *message_add_measurement(ret) = head.measurement;
    if (!hj212_content_read(frame.content, head.main, ret, why)) {
        message_empty(ret);
        return false;
    }
    check_reissue(head.reissue, ret);
    return true;
}
