/* evidence: the story of a breach told by its raw messages: each as it came, whether its segment is as it was recorded, and
 * whether the message, decoded again, says what is on record.
 */
#ifndef ABATE_EVIDENCE_H
#define ABATE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "chain.h"
#include "conf.h"
#include "journal_look.h"
#include "pg.h"
#include "reason.h"
#include "unit.h"

struct evidence;

struct evidence_settings {
    const struct conf *conf;
    struct journal_look *look;
    const struct chain *chain;
    const struct unit_system *units;
    const char *raw; /* a directory that payloads are written into, as POSITION.payload; or NULL */
    FILE *manifest;  /* their SHA-256, as sha256sum(1) writes it */
};

struct evidence_counts {
    uint64_t messages, readings;
    uint64_t gone;     /* messages that this journal does not hold any more */
    uint64_t lost;     /* that it should hold, and does not */
    uint64_t unproved; /* readings that the message does not say, or that cannot be decoded any more */
    uint64_t altered;  /* segments that are not as they were recorded */
};

struct evidence *evidence_new(const struct evidence_settings *settings);
void evidence_free(struct evidence *e);

/* The rows of read_names.sql; before they are needed. */
void evidence_take_names(struct evidence *e, const struct pg_result *names);

/* The rows of read_breach_messages.sql, to standard output. False: a payload could not be written. */
bool evidence_tell(struct evidence *e, const struct pg_result *messages, struct reason *why);
struct evidence_counts evidence_counts(const struct evidence *e);

#endif
