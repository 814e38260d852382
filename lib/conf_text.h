/* conf_text: a configuration's text made ready for libConfuse, and refused where libConfuse would let it pass.
 *
 *     text --> conf_text --> libConfuse --> conf
 *
 * libConfuse 3.3 counts a comment as two lines more than it has: comments are blanked out here. It keeps of a
 * section only the line of its "}": here stands where the "{" was. It takes without a word, and so it is refused:
 *
 *     a section that is not closed              - the rest of the file would belong to it
 *     a string over several lines               - a forgotten quote would be noticed pages later
 *     ${NAME} in "..." and outside of strings   - it would read the environment (in '...' it is plain text)
 *     escapes in "..." but \" \\ and \$         - "\x00" would end the text, "\101" is nothing people write
 *     "*" and "+" outside of strings            - it would drop them
 *     control characters and what is no UTF-8   - but in comments, which may be in any encoding
 */
#ifndef ABATE_CONF_TEXT_H
#define ABATE_CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "reason.h"

#define CONF_TEXT_MOST (1u << 20) /* bytes */
#define CONF_BLOCKS_DEEP 2        /* deeper ones are not told apart */

struct conf_text {
    char *text; /* line by line as it was */
    struct conf_block {
        int first, last; /* lines of "{" and "}" */
    } *block; /* in the order they begin: sections, and what stands within them */
    size_t blocks;
};

/* False with "NAME:LINE: what is wrong"; then there is nothing to clear. */
bool conf_text_make(const char *name, const char *text, struct conf_text *ret, struct reason *why);
void conf_text_clear(struct conf_text *t);

/* Where the block begins that ends in line `last`. */
int conf_text_first(const struct conf_text *t, int last);

#endif
