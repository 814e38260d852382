/* letter_link: the link to acknowledge by (lib/ack_link.h) put into a letter: as a line of its own at the end of the text,
 * and as "ack_link" of the JSON. The secret is read anew for each.
 */
#ifndef ABATE_LETTER_LINK_H
#define ABATE_LETTER_LINK_H

#include <stdbool.h>

#include "ack_link.h"
#include "buf.h"
#include "conf.h"
#include "letter.h"

/* A letter's text and JSON with the link in them. */
struct letter_link {
    struct buf text, json;
};

/* `words` is the line, {link} in it stands for the link. The letter's text and JSON are those of `l` then, until that is
 * cleared. False: the letter is as it was. `conf` has a section ack_link. */
bool letter_link_add(struct letter_link *l, const struct conf *conf, const struct ack_link *link, const char *words,
                     struct letter *letter, struct reason *why);
void letter_link_clear(struct letter_link *l);

#endif
