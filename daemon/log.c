#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "text.h"

#define LINE_MOST 4096 /* bytes */

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

void
log_set(enum log_level most)
{
    out.most = most;
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
    char words[LINE_MOST], safe[LINE_MOST];
    if (level > out.most)
        return;
    vsnprintf(words, sizeof(words), format, ap);
    text_line(words, safe, sizeof(safe));
    if (out.for_journal)
        fprintf(stderr, "<%d>%s\n", (int)level, safe);
    else
        fprintf(stderr, "%s: %s%s\n", out.program, word[level], safe);
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
