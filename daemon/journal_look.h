/* journal_look: a journal seen from beside: read only, without its lock, while a daemon may be writing to it.
 *
 * What is there when it is made is looked at: segments that come later are not seen, one that is retired meanwhile is
 * gone. Nothing is believed: that something is not as it should be is a finding here, not a reason to stop.
 */
#ifndef ABATE_JOURNAL_LOOK_H
#define ABATE_JOURNAL_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "instant.h"
#include "reason.h"
#include "record.h"

#define LOOK_NAME 40
#define LOOK_HEADER 64 /* bytes of a file before its first record */

struct look_segment {
    char name[LOOK_NAME]; /* of the file */
    uint64_t first;       /* by its name */
    uint64_t end;         /* by its size: of all but the last, where the next one should begin */
    uint64_t bytes;
    struct instant made;  /* the segment before was closed then; 0 with a fault */
    struct reason fault;  /* of its header or size; "": none */
};

struct journal_look;

struct journal_look *journal_look_new(const char *directory, struct reason *why); /* NULL: it cannot be read at all */
void journal_look_free(struct journal_look *l);
const char *journal_look_uuid(const struct journal_look *l); /* "" if no header can be read */
size_t journal_look_segments(const struct journal_look *l);
const struct look_segment *journal_look_segment(const struct journal_look *l, size_t index);

/* A message beside a bad place. */
struct look_witness {
    bool is_there;
    struct instant arrived;
    char topic[64]; /* safe to print, cut */
};

struct look_reading {
    unsigned char digest[DIGEST_SIZE]; /* of the whole file */
    uint64_t messages;
    uint64_t end;    /* behind the last good record */
    uint64_t message_end; /* behind the last good message; 0: there is none */
    int bad;         /* how many stretches do not read as they were written */
    uint64_t bad_at; /* the first: from here */
    uint64_t bad_to; /* up to the next good record, or the end */
    struct look_witness before, after;
};

enum look_read {
    LOOK_READ,
    LOOK_GONE,       /* there is no such file any more */
    LOOK_UNREADABLE, /* `why` */
};
/* Reads all of a segment, and its digest. Of the last one, which may be written to, a bad end that nothing shows to have
 * been durable is no fault. `on_bytes` is told now and then how many bytes more have been read. */
enum look_read journal_look_read(struct journal_look *l, size_t index, void (*on_bytes)(void *self, uint64_t bytes), void *self,
                                 struct look_reading *ret, struct reason *why);

/* The message at a position; good until the next call. `ret_index`: its segment. */
bool journal_look_message(struct journal_look *l, uint64_t position, struct record *ret, size_t *ret_index,
                          struct reason *why);

#endif
