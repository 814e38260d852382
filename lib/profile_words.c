#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "profile.h"
#include "text.h"

bool
profile_words_add(struct profile_words *w, const char *text, bool is_pair, struct reason *why)
{
    const char *equals = strrchr(text, '=');

    if (is_pair && (equals == NULL || equals[1] == '\0'))
        return reason_set(why, "\"%s\" is no pair as in \"HL=T\"", text_quote(text, strlen(text)).text);
    struct profile_word added = {.text = strdup(text)};
    if (added.text == NULL)
        abort();
    if (is_pair) {
        added.text[equals - text] = '\0';
        added.means = added.text + (equals - text) + 1;
    }
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->word[i].text, added.text) == 0) {
            reason_set(why, "\"%s\" stands twice", text_quote(added.text, strlen(added.text)).text);
            free(added.text);
            return false;
        }
    }
    added.is_number = decimal_read(added.text, strlen(added.text), &added.number);
    w->word = reallocarray(w->word, w->count + 1, sizeof(*w->word));
    if (w->word == NULL)
        abort();
    w->word[w->count++] = added;
    return true;
}

void
profile_words_clear(struct profile_words *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->word[i].text);
    free(w->word);
    *w = (struct profile_words){0};
}

static const struct profile_word *
find_other(const struct profile_words *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->word[i].text, "*") == 0)
            return &w->word[i];
    }
    return NULL;
}

const struct profile_word *
profile_words_find(const struct profile_words *w, const char *text)
{
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->word[i].text, text) == 0)
            return &w->word[i];
    }
    return find_other(w);
}

const struct profile_word *
profile_words_find_number(const struct profile_words *w, double number)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->word[i].is_number && w->word[i].number == number)
            return &w->word[i];
    }
    return find_other(w);
}
