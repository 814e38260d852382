/* scenario: what goes wrong with simulated monitors, in phases of minutes. A table; pure.
 *
 *     exceedance   works at 0.6 of the limit  |  at 1.5  |  at 0.6
 *                  0                         120        180      240 minutes
 *
 * A level is a share of the limit that the simulation is told; limits and closing dates themselves are data
 * of whoever plays it. What the phases do befalls the monitors that are affected; the others stay in the
 * first one.
 */
#ifndef ABATE_SCENARIO_H
#define ABATE_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scenario_does {
    SCENARIO_NOTHING, /* ends the list of phases */
    SCENARIO_WORKS,   /* sends what a plant at work sends */
    SCENARIO_RESTS,   /* sends what one at rest sends: no flow, no heat */
    SCENARIO_SILENT,  /* sends nothing */
};

struct scenario_phase {
    unsigned until; /* minute, exclusive */
    enum scenario_does does;
    double from, to; /* level: goes evenly from one to the other; 0: the limit plays no part */
};

#define SCENARIO_PHASES 5

struct scenario {
    const char *name;
    const char *sentence; /* what it plays */
    bool hits_all;        /* every monitor, if it is not said how many; else one */
    bool needs_limit;
    struct scenario_phase phase[SCENARIO_PHASES];
};

#define SCENARIOS 5
extern const struct scenario scenarios[SCENARIOS];

const struct scenario *scenario_find(const char *name); /* NULL: there is none */

/* Its minutes in all; and of those the ones in which an affected monitor is silent. */
unsigned scenario_minutes(const struct scenario *s);
unsigned scenario_silent(const struct scenario *s);

struct scenario_state {
    enum scenario_does does;
    double level;
};

/* Of an affected monitor in a minute; behind the last phase it stays as it was at its end. */
struct scenario_state scenario_at(const struct scenario *s, uint64_t minute);

#endif
