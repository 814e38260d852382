/* verify: the story of a journal read again from end to end, and held against what PostgreSQL has recorded of it.
 *
 *     files --journal_look--> header, size, each record, SHA-256  --.
 *                                                                    +--> faults, each with its place
 *     journal_segment --chain--> digests, chain reckoned anew     --'
 */
#ifndef ABATE_VERIFY_H
#define ABATE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"
#include "instant.h"
#include "journal_look.h"
#include "reason.h"

struct verify_wish {
    uint64_t from;                /* what ends at or before this position is passed over */
    const unsigned char *head;    /* a chain value kept outside, or NULL */
    struct instant now;
    int64_t retention_us;
    uint64_t size_bytes; /* the journal's cap */
};

struct verify_counts {
    uint64_t segments, recorded, unrecorded; /* read; of them recorded; closed and not yet recorded */
    uint64_t messages, bytes;
    uint64_t from, to; /* positions read */
    uint64_t faults;
};

struct verify_calls {
    /* `where` is a file or a row of abate.journal_segment; `position` where in the journal. */
    void (*on_fault)(void *self, const char *where, uint64_t position, const char *what);
    void (*on_bytes)(void *self, uint64_t bytes); /* so many more have been read */
};

/* `chain` NULL: only the files. */
struct verify_counts verify_run(struct journal_look *look, const struct chain *chain, const struct verify_wish *wish,
                                const struct verify_calls *calls, void *self);
uint64_t verify_bytes(const struct journal_look *look, uint64_t from); /* how many will be read */

#endif
