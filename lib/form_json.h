/* form_json: abate's own JSON form (RFC 8259).
 *
 *     { "monitor": "88888880000001", "time": "2020-11-02T08:15:00+08:00", "period": "minute",
 *       "readings": { "a21026": 12.31, "a21002": { "value": 35.0, "mark": "N", "unit": "mg/m3" } } }
 *
 * One object or an array of them. "time" and "readings" must be there; "monitor" may be left to the topic; "period" is
 * "realtime" if it is not said; "reissue": true says that it corrects what was sent of that time before. A reading is a
 * number or an object of "value", "mark", "unit"; a mark without a value (or with null) says that there is no reading.
 * Members of other names are left alone, as devices send their own.
 *
 * Refused as a whole: empty; over 64 KiB; nested past 8; no JSON (with line and column; with a hint where it looks like
 * an HJ 212 frame, a byte order mark or UTF-16, a trailing NUL); a member twice; a number JSON or a double cannot hold;
 * an empty array. Refused in part: a measurement without time or readings, a reading of the wrong type.
 */
#ifndef ABATE_FORM_JSON_H
#define ABATE_FORM_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "message.h"
#include "reason.h"

bool form_json_decode(const void *payload, size_t size, struct message *ret, struct reason *why);

/* As struct form has it: the member "id" of the object, or of each object of a list (of all of them, or of none): a text
 * without escapes or a whole number. form_json_id.c */
void form_json_identify(const void *payload, size_t size, struct buf *out);

#endif
