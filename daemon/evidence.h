/* evidence: the story of a breach told by its raw messages: each as it came, whether its segment is as it was recorded, and
 * whether the message, decoded again, says what is on record.
 *
 *     on_message  on_reading on_reading ...  on_message_end        each message
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

/* read_breach_messages.sql */
enum { M_JOURNAL, M_POSITION, M_REGION, M_PLANT, M_MONITOR, M_ZONE, M_FEED, M_PERIOD, M_AT, M_SLOT, M_NAME, M_UNIT,
       M_VALUE, M_MARK, M_STORED, M_STORED_MARK, M_SENT_UNIT, M_DENSITY };

/* Whether a segment is as it was recorded. */
enum evidence_seal { SEAL_UNASKED, SEAL_WHOLE, SEAL_OPEN, SEAL_UNRECORDED, SEAL_ALTERED };

struct evidence_message {
    uint64_t position;
    const char *journal;         /* its uuid; NULL: not known */
    const struct record *record; /* NULL: it is not there */
    struct reason why;           /* and this is why */
    const char *segment;         /* of a record: the file */
    enum evidence_seal seal;
};

struct evidence_reading {
    const struct pg_result *from; /* read_breach_messages.sql */
    int row;
    bool is_held, is_said; /* held against its message, which says this */
    struct reason why;     /* it does not */
    bool is_current;       /* it is what counts now; else another message's is (stored, stored_mark) */
};

struct evidence_calls {
    void (*on_message)(void *self, const struct evidence_message *message);
    void (*on_reading)(void *self, const struct evidence_reading *reading);
    void (*on_message_end)(void *self);
};

struct evidence_settings {
    const struct conf *conf;
    struct journal_look *look;
    const struct chain *chain;
    const struct unit_system *units;
    const char *raw; /* a directory that payloads are written into, as POSITION.payload; or NULL */
    FILE *manifest;  /* their SHA-256, as sha256sum(1) writes it */
    const struct evidence_calls *calls;
    void *self;
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

/* The rows of read_breach_messages.sql. False: a payload could not be written. */
bool evidence_tell(struct evidence *e, const struct pg_result *messages, struct reason *why);
struct evidence_counts evidence_counts(const struct evidence *e);
bool evidence_is_right(const struct evidence_counts *counts); /* nothing is lost, unproved or altered */

#endif
