/* form_senml: SenML (RFC 8428) as JSON: an array of records, resolved and grouped by monitor and time.
 *
 *     [ { "bn": "urn:dev:ow:10e2073a01080063:", "bt": 1604276100, "n": "a21026", "u": "mg/m3", "v": 12.31 },
 *       { "n": "a21002", "t": -5, "v": 35.0 } ]
 *
 * The name of a record is bn and n together. What stands before its last ":" or "/" is the monitor, what stands behind
 * is the parameter:
 *
 *     urn:dev:ow:10e2073a01080063:a21026   monitor urn:dev:ow:10e2073a01080063, parameter a21026
 *     2001:db8::2/temperature              monitor 2001:db8::2, parameter temperature
 *     a21026                               parameter a21026 of the topic's monitor
 *     urn:dev:mac:b4e62dfffe28e081a21026   monitor urn:dev:mac:b4e62dfffe28e081, parameter a21026: an EUI-64 has 16 digits
 *
 * Where the topic says whose the payload is, the front of the name is left aside, but must be the same in all records:
 * a topic of one monitor does not bring the readings of two devices.
 *
 * A time (bt + t) below 2^28 is seconds from the arrival, any other seconds since 1970; times are kept to the
 * microsecond. Values are bv + v, units u or else bu, as they are written; the period is realtime; marks are not known.
 * Not kept: the sum (bs, s), the time of the next update (ut), members of other names.
 *
 * Refused as a whole: what form_json refuses before it looks at members; no array of objects; a base field of the wrong
 * type; bver above 10 but 26 (RFC 9100: the same, with secondary units), or not the same in all records; a member whose name ends in "_", as the RFC demands; no reading at all.
 * Refused in part: a record without a good name or time, or without exactly one of v, vs, vb, vd; texts, truths, bytes
 * and sums alone, which are no number.
 */
#ifndef ABATE_FORM_SENML_H
#define ABATE_FORM_SENML_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"
#include "reason.h"

#define FORM_SENML_NAME_MOST 255 /* bytes of bn and n together */

bool form_senml_decode(const void *payload, size_t size, struct message *ret, struct reason *why);

#endif
