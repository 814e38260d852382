#include "html.h"

void
html_add(struct buf *out, const char *text)
{
    static const struct {
        char letter;
        const char *entity;
    } row[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (; *text != '\0'; text++) {
        const char *entity = NULL;
        for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
            if (row[i].letter == *text)
                entity = row[i].entity;
        }
        if (entity != NULL)
            buf_add_text(out, entity);
        else
            buf_add(out, text, 1);
    }
}
