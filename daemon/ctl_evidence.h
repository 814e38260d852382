/* ctl_evidence: in which voice the story of a breach is told: in words, or for a machine, an object a line:
 *
 *     {"breach_id", "rule" ...}                            the columns of read_breach.sql
 *     {"position", "arrived" ... "readings": [{...}]}      each message
 *     {"messages", "readings", ... "proved"}               once, the last
 */
#ifndef ABATE_CTL_EVIDENCE_H
#define ABATE_CTL_EVIDENCE_H

#include "buf.h"
#include "evidence.h"
#include "pg.h"

/* read_breach.sql */
enum { ID, RULE, SEVERITY, PLANT, PLANT_NAME, MONITOR, MONITOR_NAME, PARAMETER, PARAMETER_NAME, PERIOD, OPENED, CLOSED,
       WORST_AT, WORST, BOUND, UNIT, COUNT, STANDARD, CLAUSE, LIMIT, SOURCE, CONFIRMED, PLAN, VERSION, COMMITMENT, REASON,
       WITHDRAWN };

/* What a voice keeps between its words; the `self` of its calls. */
struct ctl_evidence_told {
    struct buf out;
    int readings; /* of the message at hand */
};

struct ctl_evidence_voice {
    void (*breach)(const struct pg_result *r);
    struct evidence_calls calls;
    void (*end)(const struct evidence_counts *counts);
};

extern const struct ctl_evidence_voice ctl_evidence_words, ctl_evidence_json;

#endif
