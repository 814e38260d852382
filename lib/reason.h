/* reason: why something failed, in one line a person can act on.
 *
 * A function that can fail on input or weather returns bool and takes a `struct reason *why`; on failure it
 * fills `why` and leaves its other outputs untouched. Each level may put its place before the text:
 *
 *     return reason_set(why, "not a number: \"%s\"", ...);            -> false
 *     return reason_prefix(why, "\"readings\".\"%s\"", name);         -> false
 *     log:  "readings"."a21026": not a number: "12,5"
 *
 * Lower case, no period, quoted names. Foreign bytes go through text_quote() first. Longer texts are cut.
 */
#ifndef ABATE_REASON_H
#define ABATE_REASON_H

#include <stdbool.h>

#define REASON_SIZE 512

struct reason {
    char text[REASON_SIZE];
};

/* Both always return false, so that they can end a function. `why` may be NULL. */
bool reason_set(struct reason *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool reason_prefix(struct reason *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
