/* time_form: how a device writes times, and what instant such a time is.
 *
 *     rfc3339              "2020-11-02T08:15:00+08:00", also with a blank for the "T" and without a zone
 *     s, ms, us            a number since 1970-01-01 UTC
 *     digits               "20201102081500", or 17 of them with milliseconds
 *     "%Y-%m-%d %H:%M:%S"  as strptime(3) has it; figures need no leading zeros
 *
 * A number may stand in quotes here: only one thing can be meant.
 */
#ifndef ABATE_TIME_FORM_H
#define ABATE_TIME_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"
#include "reason.h"

struct time_form {
    enum time_form_kind {
        TIME_RFC3339,
        TIME_SECONDS,
        TIME_MILLISECONDS,
        TIME_MICROSECONDS,
        TIME_DIGITS,
        TIME_FORMAT,
    } kind;
    char *format; /* of TIME_FORMAT */
};

/* False leaves `ret` alone. */
bool time_form_parse(const char *text, struct time_form *ret, struct reason *why);
const char *time_form_text(const struct time_form *f); /* as time_form_parse() reads it */
void time_form_clear(struct time_form *f);

/* `text` has an end. Without a zone of its own a time is one of the zone `zone_s`; if that is INSTANT_ZONE_NONE,
 * `ret_is_local` says so, and `ret` is as if it were UTC. */
bool time_form_read(const struct time_form *f, const char *text, size_t size, int32_t zone_s, struct instant *ret,
                    bool *ret_is_local, struct reason *why);
bool time_form_read_number(const struct time_form *f, double number, int32_t zone_s, struct instant *ret,
                           bool *ret_is_local, struct reason *why);

#endif
