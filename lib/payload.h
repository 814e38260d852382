/* payload: a message in abate's own JSON form (form_json.h), written: for replay and simulation.
 *
 *     payload_begin()  payload_add() payload_add() ...  payload_end()
 */
#ifndef ABATE_PAYLOAD_H
#define ABATE_PAYLOAD_H

#include <stdint.h>

#include "buf.h"
#include "instant.h"
#include "message.h"

/* `zone_s`: seconds east of UTC in which the time is written, a multiple of a minute. */
void payload_begin(struct buf *b, const char *monitor, struct instant at, int32_t zone_s, enum period period);

/* `value` is finite and comes back as the very same double; `unit` may be NULL. */
void payload_add(struct buf *b, const char *name, double value, const char *unit);

void payload_end(struct buf *b);

/* A finite number as JSON, so that it is read as the very same double. */
void payload_add_number(struct buf *b, double value);

/* UTF-8 as a JSON string, with its quotes. */
void payload_add_string(struct buf *b, const char *text);

#endif
