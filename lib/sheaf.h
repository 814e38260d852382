/* sheaf: receipts that wait to be sent, gathered by topic. Pure.
 *
 *     sheaf_add(topic, receipt)  ->  topic a: receipt receipt receipt     -> sheaf_take()  a {"receipts":[...]}
 *                                    topic b: receipt                                      b {"receipts":[...]}
 *
 * Topics take turns: the one that waits longest is taken first, with as many of its receipts as go into one payload. So
 * the slower they go, the more go together. Bounded: what is more than SHEAF_BYTES_MOST is not taken.
 */
#ifndef ABATE_SHEAF_H
#define ABATE_SHEAF_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define SHEAF_BYTES_MOST (4u << 20)
#define SHEAF_PAYLOAD_MOST 8192u /* bytes, but one receipt goes however long it is */

struct sheaf_topic;
struct sheaf {
    struct sheaf_topic *known;         /* those with something to send, by name */
    struct sheaf_topic *first, *last;  /* and in the order of their turns */
    struct sheaf_topic *spare;         /* kept for reuse */
    size_t spares;
    size_t bytes;    /* of all that wait */
    size_t receipts; /* and their number */
};

void sheaf_clear(struct sheaf *s); /* frees; the sheaf is empty and may be used again */

/* One receipt, the text of a JSON object; copied. False if there is no room for it. */
bool sheaf_add(struct sheaf *s, const char *topic, size_t topic_size, const void *receipt, size_t size);

/* The next payload and its topic (with a NUL behind it, not counted), over what was in them. Returns how many receipts are
 * in it; 0: nothing waits. */
size_t sheaf_take(struct sheaf *s, struct buf *ret_topic, struct buf *ret_payload);

#endif
