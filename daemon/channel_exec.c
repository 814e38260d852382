/* exec: a letter's JSON to a program's standard input. Its exit status: 0 sent; as in sysexits.h 65 (bad
 * text), 67 (no such user) and 68 (no such host) refused for good; 75 and all others: tried again. */
#include <stdio.h>

#include "channel_own.h"
#include "program.h"

static enum channel_outcome
outcome_of(const struct program_result *r)
{
    if (r->signal > 0)
        return CHANNEL_LATER;
    if (r->status == 0)
        return CHANNEL_SENT;
    return r->status == 65 || r->status == 67 || r->status == 68 ? CHANNEL_REFUSED : CHANNEL_LATER;
}

static void
on_done(void *self, const struct program_result *r)
{
    struct errand *e = self;
    struct reason words;

    e->work = NULL;
    if (r->signal > 0)
        reason_set(&words, "ended by signal %d%s%s", r->signal, r->line[0] != '\0' ? ": " : "", r->line);
    else
        reason_set(&words, "exit status %d%s%s", r->status, r->line[0] != '\0' ? ": " : "", r->line);
    errand_end(e, outcome_of(r), words.text);
}

static void
send(struct errand *e)
{
    char setting[300];
    struct reason why;

    snprintf(setting, sizeof(setting), "ABATE_RECIPIENT=%s", e->letter.recipient);
    e->work = program_start(e->channel->loop, e->channel->settings->program, setting, e->letter.json, on_done, e, &why);
    if (e->work == NULL)
        errand_end(e, CHANNEL_LATER, why.text);
}

static void
cancel(struct errand *e)
{
    if (e->work != NULL)
        program_stop(e->work);
    e->work = NULL;
}

const struct channel_kind channel_exec = {.send = send, .cancel = cancel};
