/* instant: a moment, in microseconds since 1970-01-01T00:00:00Z, without leap seconds (as PostgreSQL counts).
 *
 * lib is told the time: nothing here asks a clock.
 */
#ifndef ABATE_INSTANT_H
#define ABATE_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reason.h"

struct instant {
    int64_t us;
};

#define INSTANT_TEXT 40 /* bytes a formatted instant takes at most, with its end */
#define INSTANT_ZONE_NONE INT32_MIN

/* RFC 3339, section 5.6 (`date-time`), also with a blank for the "T"; years 1900 to 2199, as written and in UTC.
 * Without a zone `zone_s` counts (seconds east of UTC), and INSTANT_ZONE_NONE there means that a zone is wanted.
 * Second 60 is refused: it has no place in this count. */
bool instant_parse(const char *text, size_t size, int32_t zone_s, struct instant *ret, struct reason *why);

/* As PostgreSQL and people read it: "2020-11-02 00:15:00Z", with ".250000" if there is a fraction. Returns `out`. */
const char *instant_format(struct instant at, char out[INSTANT_TEXT]);

/* "+08:00" or "Z", as the end of such a time has it, up to 14 hours either way: seconds east of UTC. */
bool instant_read_zone(const char *text, int32_t *ret_s);

/* The other way: "+08:00". Seconds are left out. Returns `out`. */
#define INSTANT_ZONE_TEXT 16
const char *instant_format_zone(int32_t zone_s, char out[INSTANT_ZONE_TEXT]);

/* From a civil date and time at `zone_s`; month 1 to 12. False if there is no such date or its year is not one of
 * those. */
bool instant_civil(int year, int month, int day, int hour, int minute, int second, int32_t zone_s,
                   struct instant *ret);

/* Months since January of year 0, in UTC: the partition an instant falls in. */
int instant_month(struct instant at);

/* The beginning of the hour it is in, by a clock so many seconds east of UTC. As abate.hour_of() has it. */
#define INSTANT_HOUR_US 3600000000ll
struct instant instant_hour(struct instant at, int32_t zone_s);

#endif
