#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    const char *program;
    enum log_level most;
    int for_journal; /* systemd reads stderr: it wants the priority, and adds time and name itself */
} out = {"abate", LOG_LEVEL_INFO, 0};

void
log_open(const char *program, enum log_level most)
{
    out.program = program;
    out.most = most;
    out.for_journal = getenv("JOURNAL_STREAM") != NULL;
    setvbuf(stderr, NULL, _IOLBF, 0);
}

static void __attribute__((format(printf, 2, 0)))
line(enum log_level level, const char *format, va_list ap)
{
    static const char *const word[] = {
        [LOG_LEVEL_ERROR] = "error: ",
        [LOG_LEVEL_WARNING] = "warning: ",
        [LOG_LEVEL_NOTICE] = "",
        [LOG_LEVEL_INFO] = "",
        [LOG_LEVEL_DEBUG] = "debug: ",
    };
    if (level > out.most)
        return;
    if (out.for_journal)
        fprintf(stderr, "<%d>", (int)level);
    else
        fprintf(stderr, "%s: %s", out.program, word[level]);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
}

#define LINE(level)                                                                                                    \
    va_list ap;                                                                                                        \
    va_start(ap, format);                                                                                              \
    line(level, format, ap);                                                                                           \
    va_end(ap)

void
log_error(const char *format, ...)
{
    LINE(LOG_LEVEL_ERROR);
}

void
log_warning(const char *format, ...)
{
    LINE(LOG_LEVEL_WARNING);
}

void
log_notice(const char *format, ...)
{
    LINE(LOG_LEVEL_NOTICE);
}

void
log_info(const char *format, ...)
{
    LINE(LOG_LEVEL_INFO);
}

void
log_debug(const char *format, ...)
{
    LINE(LOG_LEVEL_DEBUG);
}

void
log_fatal(const char *format, ...)
{
    LINE(LOG_LEVEL_ERROR);
    exit(EXIT_FAILURE);
}
