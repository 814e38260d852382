/* program: another program, run beside the loop with a text on its standard input. Hides processes.
 *
 *     program_start() ... on_done once, when it has ended
 *                     `-- program_stop(): it and whatever it started is killed; on_done is not called any more
 *
 * No shell. It leads a process group of its own, stands in the root directory, has an environment of PATH, LANG and what
 * it is given, /dev/null as standard error, and no other file of ours. Its end is seen from the loop: nothing waits, and
 * no signal is needed. Whoever calls ignores SIGPIPE: a program need not read what it is told.
 */
#ifndef ABATE_PROGRAM_H
#define ABATE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "loop.h"
#include "reason.h"

struct program;

#define PROGRAM_LINE 256

struct program_result {
    int status;              /* 0 .. 255 */
    int signal;              /* > 0: which one ended it */
    char line[PROGRAM_LINE]; /* the first of its output */
};

typedef void program_done(void *self, const struct program_result *result);

/* `setting`: NAME=VALUE, for its environment. NULL with `why` if it cannot be run. `input` is copied. */
struct program *program_start(struct loop *loop, const char *path, const char *setting, const char *input,
                              program_done *done, void *self, struct reason *why);
void program_stop(struct program *p);

#endif
