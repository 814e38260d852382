/* template: a text with {names} in it, each replaced by what it stands for, made safe for where it comes to stand.
 *
 *     {"to":"{recipient}","content":"{text}"}      TEMPLATE_JSON: inside of "..." nothing ends the string
 *     mobile={recipient}&content={text}             TEMPLATE_URL: %XX for all but letters, digits and -_.~
 *
 * A "{" that does not begin a lower-case word ended by "}" stands for itself: so JSON needs no marks of its own.
 */
#ifndef ABATE_TEMPLATE_H
#define ABATE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "reason.h"

enum template_place {
    TEMPLATE_PLAIN, /* as it is */
    TEMPLATE_JSON,
    TEMPLATE_URL,
};

struct template_word {
    const char *name;
    const char *text; /* UTF-8 */
    bool is_made;     /* safe as it is: JSON already */
};

/* Whether all names are among `names`, which ends with a NULL. */
bool template_check(const char *text, const char *const *names, struct reason *why);

/* Adds to `out`. All names in the text are among the words. */
void template_add(struct buf *out, const char *text, enum template_place place, const struct template_word *word,
                  size_t words);

/* Bytes as %XX, but for the unreserved ones of RFC 3986. */
void template_add_url(struct buf *out, const char *text);

#endif
