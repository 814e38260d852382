/* simulation: made-up monitors of a made-up plant, the same again for the same seed. Pure.
 *
 *     SIM000001 00:00, SIM000002 00:00, ... , SIM000001 00:01, SIM000002 00:01, ...
 *
 * Each value wanders about its mean; NOx now and then stays far above it for some minutes. Times begin at
 * 2020-01-01T00:00:00+08:00. A share of the messages is sent twice, as monitors do that saw no
 * acknowledgement.
 */
#ifndef ABATE_SIMULATION_H
#define ABATE_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define SIMULATION_PARAMETERS 18

struct simulation_parameter {
    const char *name;
    const char *unit;
    double mean, step; /* it wanders by about so much */
    double low, high;  /* and never past these */
    double resolution; /* steps in one unit: 10 for one decimal */
    double surge;      /* added while it is far above; 0: it never is */
};
extern const struct simulation_parameter simulation_parameter[SIMULATION_PARAMETERS];

struct simulation_settings {
    uint64_t seed;
    unsigned monitors; /* 1 .. 999999 */
    unsigned readings; /* 1 .. SIMULATION_PARAMETERS: the first of the table */
    unsigned duplicate_percent;
    const char *region, *plant; /* must outlive the simulation */
};

struct simulation;
struct simulation *simulation_new(const struct simulation_settings *settings);
void simulation_free(struct simulation *s);

/* The next message; `topic` ends in a NUL. True: it is the one before once more, which both buffers must
 * still hold. */
bool simulation_next(struct simulation *s, struct buf *topic, struct buf *payload);

#endif
