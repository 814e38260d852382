/* proxy_command: what the lines say, which proxy.c explains.
 */
#include <stdio.h>
#include <string.h>

#include "proxy.h"

#define PACKET 1400 /* bytes */

enum verb { GO, END, ARM, DISARM };
enum number { NONE, DELAY_MS, LOST_PERCENT, CRUMB_BYTES };

static const struct command {
    const char *word;
    enum verb verb;
    enum number number; /* what the one behind the word is */
    struct way way;     /* GO */
    bool is_reset;      /* END */
    int side;           /* ARM */
    bool is_after;
} commands[] = {
    {"pass", GO, .way = {.mode = PASS}},
    {"hold", GO, .way = {.mode = HOLD}},
    {"blackhole", GO, .way = {.mode = BLACKHOLE}},
    {"refuse", GO, .way = {.mode = REFUSE}},
    {"delay", GO, DELAY_MS, .way = {.is_delayed = true}},
    {"coalesce", GO, DELAY_MS, .way = {.is_delayed = true, .is_gathered = true}},
    {"lose", GO, LOST_PERCENT, .way = {.is_delayed = true, .crumb = PACKET}},
    {"crumble", GO, CRUMB_BYTES, .way = {.is_delayed = true}},
    {"cut", .verb = END},
    {"reset", END, .is_reset = true},
    {"cut-when-client-sends", ARM, .side = CLIENT},
    {"cut-when-server-sends", ARM, .side = SERVER},
    {"cut-after-client-sends", ARM, .side = CLIENT, .is_after = true},
    {"cut-after-server-sends", ARM, .side = SERVER, .is_after = true},
    {"disarm", .verb = DISARM},
};

static const struct command *
find_command(const char *word)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(word, commands[i].word) == 0)
            return &commands[i];
    }
    return NULL;
}

static void
go(const struct command *c, long number)
{
    struct way way = c->way;
    switch (c->number) {
    case NONE:
        break;
    case DELAY_MS:
        way.delay = (struct timeval){.tv_sec = number / 1000, .tv_usec = number % 1000 * 1000};
        break;
    case LOST_PERCENT:
        way.lost = number;
        break;
    case CRUMB_BYTES:
        way.crumb = (size_t)number;
        break;
    }
    links_go(&way);
}

void
command_obey(const char *line)
{
    char word[64] = "";
    long number = 0;
    if (sscanf(line, "%63s %ld", word, &number) < 1)
        return;

    const struct command *c = find_command(word);
    if (c == NULL || (c->number == CRUMB_BYTES && number < 1))
        fail("no such command", line);
    switch (c->verb) {
    case GO:
        go(c, number);
        break;
    case END:
        links_end(c->is_reset);
        break;
    case ARM:
        trap_arm(c->side, c->is_after, line);
        break;
    case DISARM:
        trap_disarm();
        break;
    }
    say("done", line);
}
