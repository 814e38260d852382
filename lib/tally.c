#include "tally.h"

#include <stdlib.h>
#include <string.h>

void
tally_clear(struct tally *t)
{
    free(t->feed);
    *t = (struct tally){0};
}

void
tally_begin(struct tally *t, const struct conf *conf)
{
    if (t->feed == NULL || t->feeds < conf->feeds) {
        free(t->feed);
        t->feed = malloc((conf->feeds + 1) * sizeof(*t->feed));
        if (t->feed == NULL)
            abort();
    }
    t->feeds = conf->feeds;
    memset(t->feed, 0, (t->feeds + 1) * sizeof(*t->feed));
}

void
tally_join(struct tally *to, const struct tally *from)
{
    for (size_t i = 0; i <= from->feeds; i++) {
        struct tally_counts *sum = &to->feed[i];
        const struct tally_counts *more = &from->feed[i];
        sum->messages += more->messages;
        sum->stored += more->stored;
        sum->readings += more->readings;
        sum->duplicates += more->duplicates;
        for (int fault = 0; fault < FAULT_KINDS; fault++)
            sum->rejects[fault] += more->rejects[fault];
    }
}

void
tally_carry(struct tally *t, const struct conf *before, const struct conf *now)
{
    struct tally next = {0};

    tally_begin(&next, now);
    next.feed[now->feeds] = t->feed[before->feeds];
    for (size_t i = 0; i < now->feeds; i++) {
        for (size_t k = 0; k < before->feeds; k++) {
            if (strcmp(before->feed[k].name, now->feed[i].name) == 0)
                next.feed[i] = t->feed[k];
        }
    }
    tally_clear(t);
    *t = next;
}
