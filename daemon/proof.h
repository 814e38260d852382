/* proof: a raw message decoded again, and held against what is stored of it.
 *
 * With the feeds of the configuration, units and names as they are today; of the registry it is told no more than the readings to be proved.
 */
#ifndef ABATE_PROOF_H
#define ABATE_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "instant.h"
#include "reason.h"
#include "record.h"
#include "unit.h"

struct proof;

struct proof_reading {
    const char *region, *plant, *monitor, *period, *name, *unit;
    const char *sent_unit; /* or NULL, as registry_set_sent() has it, */
    double density;        /* and this */
    int32_t zone_s, feed_id;
    uint16_t slot; /* from 1, as PostgreSQL has it */
    struct instant at;
    double value; /* what the message is on record to have said; NAN: that there is no reading */
    char mark;
};

/* `conf` and `units` are kept as long as it. */
struct proof *proof_new(const struct conf *conf, const struct unit_system *units);
void proof_free(struct proof *p);

void proof_know_name(struct proof *p, const char *name, const char *code); /* as registry_add_name() */

/* Before any of them is proved. False: a period or slot that is none. */
bool proof_learn(struct proof *p, const struct proof_reading *r, struct reason *why);

/* Whether the message says just this. False: it does not, or cannot be decoded. */
bool proof_says(struct proof *p, const struct record *message, const struct proof_reading *r, struct reason *why);

#endif
