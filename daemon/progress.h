/* progress: how far a long work is. On a terminal one line that is written over; otherwise now and then a
 * line.
 *
 *     gt_2012.csv.gz  [###########.............]  46%  14,821 rows  21,034 messages/s  0:09 left
 */
#ifndef ABATE_PROGRESS_H
#define ABATE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool is_terminal;
    int64_t began; /* ticks, microseconds */
    int64_t shown; /* when something was last written */
    bool is_open;  /* the terminal's line is to be ended */
};

struct progress_state {
    const char *what; /* under way now */
    double part;      /* of all, 0 .. 1 */
    uint64_t rows;    /* 0: not said */
    uint64_t messages;
    uint64_t bytes; /* if not 0 the speed is told in these, not in messages */
};

void progress_begin(struct progress *p, int64_t ticks); /* looks whether stderr is a terminal */
void progress_show(struct progress *p, int64_t ticks, const struct progress_state *state);
void progress_end(struct progress *p);

/* The line, without an end of line. Returns `out`. */
const char *progress_line(const struct progress_state *state, int64_t elapsed_us, bool has_bar, char *out,
                          size_t room);

/* 1234567 as "1,234,567". Returns `out`. */
#define PROGRESS_COUNT 32
const char *progress_count(uint64_t number, char out[PROGRESS_COUNT]);

#endif
