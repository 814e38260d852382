/* What daemon/crash.h promises; part of abated_crash alone. */
#include "crash.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_NS 30000000 /* so that what has left by then arrives: the kernel may take back what nobody has read */

void
crash_at(const char *when, const char *step)
{
    static long reached;
    const char *wanted = getenv("ABATE_CRASH");
    const char *number = wanted != NULL ? strrchr(wanted, ':') : NULL;
    char here[100];

    if (number == NULL)
        return;
    int size = snprintf(here, sizeof(here), "%s %s:", when, step);
    if (strncmp(here, wanted, (size_t)size) != 0 || ++reached != strtol(number + 1, NULL, 10))
        return;
    nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}
