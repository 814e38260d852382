/* journal: the only queue. Append-only segments in one directory; a message is kept when it is in here and synced.
 *
 *     <directory>/lock                          flock: one process
 *                 00000000000000000000.seg      named by the position of their first record, 20 digits
 *                 00000000000067108864.seg
 *                 00000000000067112345.torn     bytes a recovery cut off, kept aside
 *                 condemned                     why nobody may go on with this journal, if so
 *
 *     position  0 ......... stored ........ durable ........ end
 *               |  retired  |  writer reads |  in memory, not on disk: nothing of it is acknowledged
 *
 * Positions are 64-bit byte offsets over all records ever made; segment headers do not count. They only grow.
 *
 * Recovery: at the first bad record X of the last segment, a later good record that says `durable` > X proves that X
 * was on disk once: the journal is rotten, journal_open() refuses and names file and position. Otherwise the tail is
 * torn: cut, the cut bytes kept in X.torn. Records past the last known durable position are then written anew into a
 * segment of their own and synced before anyone reads them, since after a failed sync pages may be in the cache only. On a
 * full disk they stay where they are if they read well once the cache has let go of them.
 *
 * A failed write other than a full disk, and any failed sync, is final: JOURNAL_BROKEN, never tried again. The caller
 * exits; the next start recovers.
 */
#ifndef ABATE_JOURNAL_H
#define ABATE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"
#include "reason.h"
#include "record.h"

struct journal;
struct journal_reader;

struct journal_settings {
    const char *directory;   /* made if it is not there (mode 0700) */
    uint64_t segment_bytes;  /* a segment is closed before a burst that would pass this; a larger burst has its own */
    uint64_t size_bytes;     /* the cap on all segments together; at it the journal is full */
    int64_t retention_us;    /* a stored segment is kept this long after it was closed */
};

struct journal_recovery {
    uint64_t torn_bytes;      /* cut off and kept aside; 0 if the journal was whole */
    bool is_torn_lost;        /* cut off and not kept: the disk is full. Nothing in it was acknowledged. */
    uint64_t rewritten_bytes; /* written anew */
    uint64_t unmoved_bytes;   /* not written anew, the disk is full: read back from it instead */
};

/* NULL with `why`: rotten, in use by another process, a gap between segments, of another journal, of another version,
 * not ours alone to write. */
struct journal *journal_open(const struct journal_settings *settings, struct instant now,
                             struct journal_recovery *ret, struct reason *why);
void journal_close(struct journal *j);

/* Other bounds while it runs: those of its settings. */
void journal_bound(struct journal *j, uint64_t size_bytes, int64_t retention_us);

const char *journal_uuid(const struct journal *j); /* 36 characters, drawn when the journal was made */
bool journal_is_new(const struct journal *j);      /* this opening made it: nothing was in the directory */
uint64_t journal_first(const struct journal *j);   /* the oldest position still kept */
uint64_t journal_durable(const struct journal *j); /* on disk up to here: what readers may read */
uint64_t journal_end(const struct journal *j);     /* durable and what waits for the next sync */
uint64_t journal_bytes(const struct journal *j);   /* on disk, all segments with their headers */
bool journal_dirty(const struct journal *j);       /* a message waits for a sync */

/* Whether a position the database has stored can be this journal's: not before the first kept (deleted before it was
 * stored), not past the end found at opening or where a reader has come to since (the end was lost, or an older copy
 * put back). */
bool journal_covers(const struct journal *j, uint64_t position, struct reason *why);

/* Leaves the reason in <directory>/condemned: journal_open() refuses until a person has looked and deleted it. Otherwise
 * what comes at each start would make the journal long enough to be believed again. */
void journal_condemn(struct journal *j, const char *reason);

/* Into memory only: nothing may be acknowledged before a sync has returned JOURNAL_SYNCED. Bytes are copied. `broker`
 * is at most 255 bytes long, `topic` 65535, `size` RECORD_PAYLOAD_MOST. */
void journal_append(struct journal *j, struct instant arrived, const char *broker, const char *topic,
                    const void *payload, size_t size);

enum journal_sync {
    JOURNAL_SYNCED, /* all that was appended is on disk; a mark says so */
    JOURNAL_FULL,   /* the disk or the cap: nothing is lost, the records still wait; try again later. (A limit on the
                     * size of files comes to this only if SIGXFSZ is ignored.) */
    JOURNAL_BROKEN, /* exit */
};
enum journal_sync journal_sync(struct journal *j, struct instant now, struct reason *why);

/* Deletes whole segments that end at or before `before` (up to where they are stored, and recorded: journal_digest.h) and
 * were closed longer ago than the retention, oldest first, never the last one. Over three quarters of the cap the
 * retention does not count: room for what comes is worth more; nor does it, for one segment, after a sync that found no
 * room. Returns how many went. */
int journal_retire(struct journal *j, uint64_t before, struct instant now);

/* A reader of its own position, at first the oldest kept; it sees what is durable, without marks. */
struct journal_reader *journal_reader_new(struct journal *j);
void journal_reader_free(struct journal_reader *r);

/* `position` must be where a record begins, or the end. False if it is not kept any more or was never written. */
bool journal_reader_seek(struct journal_reader *r, uint64_t position, struct reason *why);

enum journal_next {
    JOURNAL_RECORD, /* `ret` is good until the next call on this reader */
    JOURNAL_NONE,   /* nothing further is durable */
    JOURNAL_ROTTEN, /* a durable record does not read as it was written: `why` names file and position */
};
enum journal_next journal_reader_next(struct journal_reader *r, struct record *ret, struct reason *why);

/* Behind the last record read (or sought): what to store as the position reached. Marks in between count as read. */
uint64_t journal_reader_position(const struct journal_reader *r);

#endif
