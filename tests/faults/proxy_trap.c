/* proxy_trap: a text that cuts the link it comes by: before it arrives, or as soon as it is answered.
 */
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "proxy.h"

static struct {
    char text[TRAP_TEXT_MOST];
    size_t size; /* 0: nothing is armed */
    int from;
    bool is_after;
    int armed; /* how often one was */
} trap;

/* The byte at *at, which stands there as it is or as an escape; *at is then its last. */
static char
byte_of(const char **at)
{
    const char *c = *at;
    if (*c != '\\')
        return *c;
    *at = ++c;
    if (*c == 'x') {
        *at += 2;
        return (char)strtol((char[]){c[1], c[2], '\0'}, NULL, 16);
    }
    return *c == '0' ? '\0' : *c == 'n' ? '\n' : *c;
}

void
trap_arm(int side, bool is_after, const char *quoted)
{
    const char *at = strchr(quoted, '"');
    const char *end = strrchr(quoted, '"');
    trap_disarm();
    if (at == NULL || end == at)
        fail("no \"TEXT\"", quoted);
    for (at++; at < end && trap.size < TRAP_TEXT_MOST; at++)
        trap.text[trap.size++] = byte_of(&at);
    trap.from = side;
    trap.is_after = is_after;
    trap.armed++;
}

void
trap_disarm(void)
{
    trap.size = 0;
}

/* How many of `bytes` come before the text; -1 if it is not there. 0, too, if it began in an earlier piece. */
static long
find_text(struct trap_tail *tail, struct evbuffer *bytes)
{
    size_t size = evbuffer_get_length(bytes), all = tail->size + size;
    char *at = malloc(all + 1);
    memcpy(at, tail->bytes, tail->size);
    evbuffer_copyout(bytes, at + tail->size, size);
    char *found = memmem(at, all, trap.text, trap.size);
    long before = found == NULL ? -1 : found - at;
    if (found != NULL)
        before = before > (long)tail->size ? before - (long)tail->size : 0;

    tail->size = all < trap.size - 1 ? all : trap.size - 1;
    memmove(tail->bytes, at + all - tail->size, tail->size);
    free(at);
    return before;
}

enum trap_fall
trap_falls(int side, struct trap_tail *tail, struct evbuffer *bytes, size_t *before)
{
    if (trap.size == 0 || trap.from != side)
        return TRAP_MISSED;
    if (tail->armed != trap.armed)
        *tail = (struct trap_tail){.armed = trap.armed};
    long found = find_text(tail, bytes);
    if (found < 0)
        return TRAP_MISSED;
    trap_disarm();
    *before = (size_t)found;
    return trap.is_after ? TRAP_BEFORE : TRAP_NOW;
}
