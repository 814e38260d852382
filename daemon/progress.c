#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define BAR 24
#define PLAIN_EVERY_US 5000000
#define LEFT_MOST_S (99 * 3600)
#define SURE_PART 0.01 /* before that a guess of the time left is worth nothing */

const char *
progress_count(uint64_t number, char out[PROGRESS_COUNT])
{
    char digit[PROGRESS_COUNT];
    int size = snprintf(digit, sizeof(digit), "%llu", (unsigned long long)number);
    char *to = out;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *to++ = ',';
        *to++ = digit[i];
    }
    *to = '\0';
    return out;
}

struct line {
    char *at;
    size_t room;
};

static void __attribute__((format(printf, 2, 3))) add(struct line *l, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int size = vsnprintf(l->at, l->room, format, ap);
    va_end(ap);
    size_t used = size < 0 ? 0 : (size_t)size < l->room ? (size_t)size : l->room - 1;
    l->at += used;
    l->room -= used;
}

static void
add_left(struct line *l, double part, int64_t elapsed_us)
{
    double left_s = part > 0 ? (double)elapsed_us / 1e6 * (1 - part) / part : 0;
    if (part < SURE_PART || part >= 1 || left_s > LEFT_MOST_S)
        return;
    int s = (int)(left_s + 0.5);
    if (s >= 3600)
        add(l, "  %d:%02d:%02d left", s / 3600, s / 60 % 60, s % 60);
    else
        add(l, "  %d:%02d left", s / 60, s % 60);
}

const char *
progress_line(const struct progress_state *state, int64_t elapsed_us, bool has_bar, char *out, size_t room)
{
    struct line l = {out, room};
    char count[PROGRESS_COUNT];
    double part = state->part < 0 ? 0 : state->part > 1 ? 1 : state->part;
    int full = (int)(part * BAR);

    add(&l, "%s", state->what);
    if (has_bar)
        add(&l, "  [%.*s%.*s]", full, "########################", BAR - full, "........................");
    add(&l, "  %d%%", (int)(part * 100));
    if (state->rows > 0)
        add(&l, "  %s rows", progress_count(state->rows, count));
    uint64_t done = state->bytes > 0 ? state->bytes : state->messages;
    double rate = elapsed_us > 0 ? (double)done * 1e6 / (double)elapsed_us : 0;
    if (state->bytes > 0)
        add(&l, "  %.1f MB/s", rate / 1e6);
    else
        add(&l, "  %s messages/s", progress_count((uint64_t)rate, count));
    add_left(&l, part, elapsed_us);
    return out;
}

void
progress_begin(struct progress *p, int64_t ticks)
{
    *p = (struct progress){.is_terminal = isatty(STDERR_FILENO) == 1, .began = ticks, .shown = ticks};
}

void
progress_show(struct progress *p, int64_t ticks, const struct progress_state *state)
{
    char line[256];

    if (!p->is_terminal && ticks - p->shown < PLAIN_EVERY_US)
        return;
    p->shown = ticks;
    progress_line(state, ticks - p->began, p->is_terminal, line, sizeof(line));
    if (p->is_terminal)
        fprintf(stderr, "\r\033[K%s", line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    p->is_open = p->is_terminal;
}

void
progress_end(struct progress *p)
{
    if (p->is_open)
        fputs("\n", stderr);
    p->is_open = false;
}
