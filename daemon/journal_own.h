/* journal_own: what the files of the journal share; nobody else includes it.
 *
 * A segment on disk, little-endian:
 *
 *      0  u8[8]   magic  "abateseg"
 *      8  u32     version
 *     12  u32     zero
 *     16  u8[16]  uuid   the journal's
 *     32  u64     first  position of its first record; the file is named by it
 *     40  i64     made   microseconds since 1970; the segment before was closed then
 *     48  ...     zeros
 *     60  u32     crc    CRC-32C of bytes 0..59
 *     64  ...     records: position p stands at byte 64 + p - first
 *
 * A segment comes into being under a name of its own (.tmp), synced, then renamed, then the directory synced: a file
 * with the name of a segment is whole, and everything before its first position is durable. So the next segment's
 * first position is where this one ends, whatever its file has behind that.
 */
#ifndef ABATE_JOURNAL_OWN_H
#define ABATE_JOURNAL_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "instant.h"
#include "journal.h"
#include "reason.h"
#include "record.h"

#define SEGMENT_HEADER 64
#define SEGMENT_NAME 40 /* bytes a name takes at most, with its end */
#define MARK_SIZE ((RECORD_HEADER + 7u) & ~7u)

struct segment {
    uint64_t first;
    struct instant made;
};

struct journal {
    char *path; /* of the directory */
    struct journal_settings settings;
    int directory;
    int lock;
    int file; /* the last segment, read and written */
    unsigned char uuid[16];
    char uuid_text[37];
    bool is_new;
    uint32_t seed;

    struct segment *segment; /* by position; never empty once open */
    size_t segments;
    size_t segment_room;

    /*  ... durable ... written ... end
     *              |  mark    |  waiting  |   what is between durable and written is at most a mark */
    uint64_t durable;
    uint64_t written;
    struct buf waiting; /* encoded; not in the file, or not surely */
    bool is_dirty;      /* a message is waiting */
    bool is_full;       /* the last sync said so */
    bool is_broken;
    struct reason broken_why;
    uint64_t reached; /* the end when it was opened, or how far a reader has come since */
};

/* ---- journal.c ---- */

/* What an error of the disk means for a sync: full, or broken for good. "DOING "DIRECTORY/NAME": WHAT". */
enum journal_sync journal_failed(struct journal *j, int error, const char *doing, const char *name, struct reason *why);
/* Broken for good, whatever the error: a sync has failed. */
enum journal_sync journal_break(struct journal *j, int error, const char *doing, const char *name, struct reason *why);

/* Writes a mark behind what is durable, if it can; otherwise it waits for the next sync. */
enum journal_sync journal_mark(struct journal *j, struct instant now, struct reason *why);

/* ---- journal_segment.c ---- */

const char *segment_name(uint64_t first, char out[SEGMENT_NAME]);
uint64_t segment_end(const struct journal *j, size_t index); /* of the last: what is written */
/* The segment that holds the position, or would be the one to; the first position is not after it. */
size_t segment_at(const struct journal *j, uint64_t position);

/* Whole, at that byte, however many calls it takes. 0 or an errno. */
int file_write(int file, const void *bytes, size_t size, uint64_t offset);
int file_read(int file, void *bytes, size_t size, uint64_t offset); /* ENODATA: the file ends before */

/* Begins NAME.tmp (a leftover of that name is replaced). */
enum journal_sync file_begin(struct journal *j, const char *name, int *ret_file, struct reason *why);
/* Closes it and takes it away: what it holds is worth nothing. */
void file_abandon(struct journal *j, const char *name, int file);
/* Syncs it, gives it its name, syncs the directory. Unless JOURNAL_SYNCED the file is closed, and gone if it can. */
enum journal_sync file_finish(struct journal *j, const char *name, int file, struct reason *why);

/* file_begin() for the segment that will begin at `first`, with its header written. */
enum journal_sync segment_begin(struct journal *j, uint64_t first, struct instant made, int *ret_file,
                                struct reason *why);
/* file_finish(); then it is the last segment. One that begins at the same position is replaced. */
enum journal_sync segment_finish(struct journal *j, uint64_t first, struct instant made, int file, struct reason *why);

/* The names in the directory, in order; leftovers (.tmp) are removed by who holds the lock. */
bool segment_list(struct journal *j, struct reason *why);
/* Reads the header: whose it is, and whether it is the one its name says. The first sound one sets the journal's uuid. */
bool segment_check(struct journal *j, size_t index, struct reason *why);
void journal_take_uuid(struct journal *j, const unsigned char uuid[16]);

/* ---- journal_block.c ---- */

/* A window on a segment's records, read in large pieces. */
struct block {
    int file; /* -1: none */
    uint64_t first;
    uint64_t at; /* position of bytes.at[0] */
    struct buf bytes;
};

enum block_read {
    BLOCK_RECORD,
    BLOCK_BAD,        /* no record here that ends at or before the limit */
    BLOCK_UNREADABLE, /* the disk's fault; errno says why */
};

bool block_open(struct block *b, const struct journal *j, uint64_t first, struct reason *why);
void block_close(struct block *b);

/* `size` bytes at `position`, which must end at or before the limit; more is read ahead, up to it. NULL with errno.
 * Good until the next call. */
const unsigned char *block_get(struct block *b, uint64_t position, size_t size, uint64_t limit);
enum block_read block_record(struct block *b, uint32_t seed, uint64_t position, uint64_t limit, struct record *ret,
                             size_t *ret_size);

/* ---- journal_recovery.c ---- */

/* Makes the directory's segments a journal that can be read and appended to; or a new one if there are none. */
bool journal_recover(struct journal *j, struct instant now, struct journal_recovery *ret, struct reason *why);

/* The reason of a rotten journal: where, and what a person can do. Always false. */
bool journal_rotten(const struct journal *j, uint64_t position, struct reason *why);

#endif
