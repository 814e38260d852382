/* power: for the tests of the journal: a disk that remembers what of it was synced, and what may be there after a power cut.
 *
 *     bytes   written ---- fdatasync ----> on disk        after a cut, of each sector's unsynced bytes by themselves:
 *     size       "             "              "           as written, as before, zeros, or anything; any size between
 *     names   renamed ------ fsync ------> on disk        each change since the directory's last sync is there or not
 *
 * Bytes that were synced stay as they are, also beside unsynced ones in their sector: a sector is written whole or not. After
 * a failed sync what it left is not on disk, however well a later sync of the same file goes, until it is written again; it
 * reads well until the cache lets go of it.
 */
#ifndef ABATE_POWER_H
#define ABATE_POWER_H

#include <stdint.h>
#include <sys/types.h>

#include "bed.h"
#include "disk.h"

#define POWER_FILES 16
#define POWER_BYTES 6144 /* of a file, at most */
#define POWER_SECTOR 512

enum power_byte {
    POWER_SYNCED,
    POWER_WRITTEN,
    POWER_STRANDED, /* a sync of it failed */
};

struct power_file {
    bool is_there;
    ino_t inode;
    size_t size, synced_size;
    unsigned char now[POWER_BYTES];
    unsigned char synced[POWER_BYTES]; /* zeros behind synced_size */
    unsigned char state[POWER_BYTES];
};

struct power_name {
    uint64_t first; /* the segment's */
    int file;       /* as a change: -1 if the name went */
};

struct power_names {
    struct power_name at[POWER_FILES];
    int count;
};

struct power {
    struct power_file file[POWER_FILES];
    struct power_names now, synced, changes;
};

void power_reset(struct power *p); /* an empty directory */
void power_copy(const struct power *from, struct power *to);

/* What the calls of the journal do is done to `p`, too; `step` is told after each. NULL: to nothing. */
void power_follow(struct power *p, void (*step)(const struct disk_event *event));

/* The power goes and comes again: what is there now is on disk. */
void power_cut(struct power *p, struct bed_dice *dice);

/* Puts what is there now into the directory, in place of what was; `p` goes on from there. */
void power_place(struct power *p, const char *path);

#endif
