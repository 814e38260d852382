/* form_profile: a vendor's JSON, read as the feed's profile says (profile.h).
 *
 * Names that the profile gives, and units, are the profile's own; other texts point into the tree. Measurements that follow
 * each other and are of one monitor, time and period are one: a device may send a list of readings, each with its time.
 *
 * Refused as a whole: what form_json refuses before it looks at members; a payload without any measurement where the
 * profile has them; a frame that is none. Refused in part: a measurement without its time or monitor, or without readings;
 * a reading of the wrong type; a mark or period the profile does not know.
 */
#ifndef ABATE_FORM_PROFILE_H
#define ABATE_FORM_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "message.h"
#include "profile.h"
#include "reason.h"

/* By ret->profile, which is there. */
bool form_profile_decode(const void *payload, size_t size, struct message *ret, struct reason *why);

/* As struct form has it: what the profile's "id" points at, a text without escapes or a whole number. */
void form_profile_identify(const struct profile *p, const void *payload, size_t size, struct buf *out);

#endif
