/* journal_digest: what a closed segment is known by: the SHA-256 of its file as it lies on disk.
 *
 *     segment   |  recorded  |  recorded  |  being read  |  closed  |  the last one, open  |
 *                                         next ..offset
 *
 * Read again from disk, oldest first, a slice a call: nobody waits for it, and a message costs nothing.
 */
#ifndef ABATE_JOURNAL_DIGEST_H
#define ABATE_JOURNAL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "instant.h"
#include "journal.h"
#include "reason.h"

struct journal_digest;

struct journal_closed {
    uint64_t first, end;
    uint64_t bytes; /* of the file */
    struct instant closed;
    unsigned char digest[DIGEST_SIZE];
    bool is_after_gap; /* what was before it was deleted and never recorded */
};

struct journal_digest *journal_digest_new(struct journal *j); /* at nothing; until it is told where to begin */
void journal_digest_free(struct journal_digest *d);

enum journal_seek {
    JOURNAL_SEEK_FOUND,  /* goes on there; without anything recorded, at the oldest kept */
    JOURNAL_SEEK_GAP,    /* that is not kept any more: goes on at the oldest kept, which will say so */
    JOURNAL_SEEK_ASTRAY, /* no segment ends there: `why` */
    JOURNAL_SEEK_PAST,   /* the journal never came so far, as far as is known: `why` as of journal_covers() */
};
/* Up to where the database has segments recorded; NULL: it has none. */
enum journal_seek journal_digest_seek(struct journal_digest *d, const uint64_t *recorded, struct reason *why);

enum journal_digested {
    JOURNAL_DIGEST_NONE,   /* no closed segment is left */
    JOURNAL_DIGEST_SLICE,  /* more of the same */
    JOURNAL_DIGEST_CLOSED, /* `ret` is whole; the next call begins the next one */
    JOURNAL_DIGEST_LATER,  /* it cannot be read now, no descriptor being left or so: `why`. The next call begins it again. */
    JOURNAL_DIGEST_FAILED, /* the file is not as it was closed: `why`. At nothing again. */
};
enum journal_digested journal_digest_step(struct journal_digest *d, struct journal_closed *ret, struct reason *why);

bool journal_digest_is_behind(const struct journal_digest *d); /* a closed segment is left */

#endif
