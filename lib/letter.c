#include "letter.h"

#include <stdlib.h>
#include <string.h>

static char *
copy(const char *text)
{
    char *ret = strdup(text);
    if (ret == NULL)
        abort();
    return ret;
}

void
letter_copy(struct letter *to, const struct letter *from)
{
    *to = (struct letter){
        .key = copy(from->key),
        .recipient = copy(from->recipient),
        .subject = copy(from->subject),
        .text = copy(from->text),
        .json = copy(from->json),
        .at = from->at,
    };
}

void
letter_clear(struct letter *l)
{
    free(l->key);
    free(l->recipient);
    free(l->subject);
    free(l->text);
    free(l->json);
    *l = (struct letter){0};
}
