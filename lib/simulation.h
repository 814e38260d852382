/* simulation: made-up monitors of made-up plants, the same again for the same seed. Pure.
 *
 *     SIM000001 00:00, SIM000002 00:00, ... , SIM000001 00:01, SIM000002 00:01, ...
 *
 * Each value wanders about its mean; NOx now and then stays far above it for some minutes. A share of the
 * messages is sent twice, as monitors do that saw no acknowledgement.
 *
 * With a scenario nothing goes wrong but what that has in its phases (scenario.h).
 */
#ifndef ABATE_SIMULATION_H
#define ABATE_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "instant.h"
#include "scenario.h"

#define SIMULATION_PARAMETERS 18

struct simulation_parameter {
    const char *name;
    const char *unit;
    double mean, step; /* it wanders by about so much */
    double low, high;  /* and never past these */
    double resolution; /* steps in one unit: 10 for one decimal */
    double surge;      /* added while it is far above; 0: it never is */
    double rest;       /* of a plant that does not work */
};
extern const struct simulation_parameter simulation_parameter[SIMULATION_PARAMETERS];

#define SIMULATION_START_US 1577808000000000 /* 2020-01-01T00:00:00+08:00 */
#define SIMULATION_NAME_MOST 64              /* bytes of region and plant */

struct simulation_settings {
    uint64_t seed;
    struct instant start;
    unsigned monitors; /* 1 .. 999999; they are called as the plant is, with their number behind */
    unsigned plants;   /* 1 .. 999999: each monitor is the next one's; more than one have their number, too */
    unsigned readings; /* 1 .. SIMULATION_PARAMETERS: the first of the table */
    unsigned duplicate_percent;
    const char *region, *plant; /* must outlive the simulation, as does the scenario */

    const struct scenario *scenario; /* NULL: none, and what follows plays no part */
    unsigned affected;               /* 0 .. monitors: the first ones */
    unsigned parameter;              /* 0 .. readings - 1: which has the limit, */
    double limit;                    /* and what it is; more than 0 */
};

/* Messages of the whole scenario, repeats not counted. */
uint64_t simulation_messages(const struct simulation_settings *settings);

struct simulation;
struct simulation *simulation_new(const struct simulation_settings *settings);
void simulation_free(struct simulation *s);

/* The next message; `topic` ends in a NUL. True: it is the one before once more, which both buffers must
 * still hold. */
bool simulation_next(struct simulation *s, struct buf *topic, struct buf *payload);

#endif
