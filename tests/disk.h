/* disk: for the tests of the journal: a disk that fails, or a process that dies at it, when told.
 *
 * disk.c stands between the journal and the C library's pwrite, fdatasync, fsync, ftruncate, renameat, unlinkat and
 * posix_fadvise, and syncs nothing in fact: the machine keeps its power, and what a cut would do is modelled.
 */
#ifndef ABATE_DISK_H
#define ABATE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum disk_call {
    DISK_PWRITE = 1,
    DISK_FDATASYNC = 2,
    DISK_FSYNC = 4,
    DISK_FTRUNCATE = 8,
    DISK_RENAME = 16,
    DISK_UNLINK = 32,
    DISK_FORGET = 64, /* the cache lets go of what is synced; never struck */
    DISK_SYNCS = DISK_FDATASYNC | DISK_FSYNC,
    DISK_ALL = 63,
};

enum disk_blow { DISK_NONE, DISK_ERROR, DISK_DEATH, DISK_SHORT };

#define DISK_DIED 77 /* the exit status of a process that was made to die */

/* The `at`th call (from 1) of those in `calls` is struck: it fails with `error`; or does half of its work, if it is a
 * write, and the process dies. DISK_SHORT: every write is cut short, every other is interrupted. */
void disk_strike(enum disk_blow blow, int calls, int at, int error);
int disk_count(enum disk_call call); /* since disk_strike() */
enum disk_call disk_struck(void);    /* which call the blow fell on; 0: none yet */

/* What was asked of the disk: by file, or by name within a directory. */
struct disk_event {
    enum disk_call call;
    int file;
    const void *bytes;
    size_t size; /* written; or of the file from now on */
    off_t offset;
    const char *name;
    const char *new_name;
    bool is_done; /* false: it failed */
};

/* `see` is told of each call after it; NULL: nobody. Not of a write that failed. */
void disk_watch(void (*see)(const struct disk_event *event));

#endif
