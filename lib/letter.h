/* letter: what one recipient is to be told through one channel, ready to be sent. All texts are UTF-8 and never NULL. */
#ifndef ABATE_LETTER_H
#define ABATE_LETTER_H

#include "instant.h"

struct letter {
    char *key;       /* names it for ever: sent twice, it has the same */
    char *recipient; /* an address of the channel's kind: of mail, a telephone's number ...; "" where there is none */
    char *subject;   /* one line */
    char *text;      /* lines; of an SMS, one */
    char *json;      /* an object: all there is to know, for programs */
    struct instant at;
};

void letter_copy(struct letter *to, const struct letter *from); /* `to` holds nothing yet */
void letter_clear(struct letter *l);

#endif
