/* ctl_option: the options of a command as rows, read into a struct of its own.
 *
 *     static const struct ctl_option option[] = {
 *         {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
 *         {"feed", 'f', OPTION_WORD, false, .at = offsetof(struct options, feed)},
 *         {"limit", 'l', OPTION_COUNT, false, .at = offsetof(struct options, limit), .least = 1, .most = 1000},
 *         {0}};
 */
#ifndef ABATE_CTL_OPTION_H
#define ABATE_CTL_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,  /* a bool, which becomes true */
    OPTION_WORD,  /* a const char *, into argv */
    OPTION_COUNT, /* a uint64_t from `least` to `most` */
    OPTION_SMALL, /* an unsigned, likewise */
    OPTION_READ,  /* what `read` makes of it */
};

struct ctl_option {
    const char *name; /* "": it has only its letter */
    int letter;    /* none else's */
    enum option_kind kind;
    bool is_short; /* it may be given by its letter */
    size_t at;     /* in the struct */
    uint64_t least, most;
    bool (*read)(void *into, const char *text); /* told the whole struct; false: it will not do */
};

/* Reads what a command, or a verb of it, takes: these letters, NULL for all. argv[0] is not looked at. Returns the index of the
 * first argument; 0: wrong usage. */
int ctl_options(const struct ctl_option *option, const char *takes, int argc, char **argv, void *into);

#endif
