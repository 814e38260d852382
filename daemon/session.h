/* session: what is known of the session a broker keeps for us: its filters, and when it was last there. One small file a
 * broker, so that a start can see that the session is gone, or that it holds filters nobody wants any more.
 *
 *     abate session 1
 *     broker.example.org:8883 abated-north
 *     plants/+/+/+
 *
 * Its time of modification is when the session was last there. The file is a memory, not evidence: without it abated works
 * as on its first start.
 */
#ifndef ABATE_SESSION_H
#define ABATE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "instant.h"
#include "reason.h"

struct session;

/* `whose` names broker and client id, in one line. */
struct session *session_open(const char *directory, const char *whose);
void session_free(struct session *s); /* NULL is fine */

bool session_is_known(const struct session *s);
struct instant session_seen(const struct session *s); /* when it was last there; only if it is known */
size_t session_filters(const struct session *s);
const char *session_filter(const struct session *s, size_t i);

/* It is there, with these filters. Written if it was not known so; false with `why` if it cannot be. */
bool session_keep(struct session *s, char *const *filter, size_t filters, struct instant at, struct reason *why);
void session_touch(struct session *s, struct instant at); /* it is there still */

#endif
