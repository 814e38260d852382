#include "scenario.h"

#include <string.h>

#define WELL 0.6  /* of the limit: surely within it */
#define OVER 1.5  /* surely past it */
#define ASKEW 1.4 /* where an analyser that drifts has come to when somebody looks at it */

/* Phases that a limit is held against hour by hour begin and end with one, if the whole does. */
const struct scenario scenarios[SCENARIOS] = {
    {"exceedance",
     "a value is over its limit for an hour, and back",
     false,
     true,
     {{120, SCENARIO_WORKS, WELL, WELL}, {180, SCENARIO_WORKS, OVER, OVER}, {240, SCENARIO_WORKS, WELL, WELL}}},
    {"silent",
     "a monitor sends nothing for three and a half hours, then comes again",
     false,
     false,
     {{120, SCENARIO_WORKS, 0, 0}, {330, SCENARIO_SILENT, 0, 0}, {360, SCENARIO_WORKS, 0, 0}}},
    {"drift",
     "an analyser drifts for four hours, until it reads over the limit, and is set right",
     false,
     true,
     {{60, SCENARIO_WORKS, WELL, WELL}, {300, SCENARIO_WORKS, WELL, ASKEW}, {360, SCENARIO_WORKS, WELL, WELL}}},
    {"restart",
     "a plant stops after an hour, to be closed from then on, works again for an hour after another, and stops",
     true,
     false,
     {{60, SCENARIO_WORKS, 0, 0}, {120, SCENARIO_RESTS, 0, 0}, {180, SCENARIO_WORKS, 0, 0}, {240, SCENARIO_RESTS, 0, 0}}},
    {"storm",
     "every monitor is over its limit at once, for ten minutes",
     true,
     true,
     {{1, SCENARIO_WORKS, WELL, WELL}, {11, SCENARIO_WORKS, OVER, OVER}, {15, SCENARIO_WORKS, WELL, WELL}}},
};

const struct scenario *
scenario_find(const char *name)
{
    for (size_t i = 0; i < SCENARIOS; i++) {
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    }
    return NULL;
}

unsigned
scenario_minutes(const struct scenario *s)
{
    unsigned minutes = 0;
    for (const struct scenario_phase *p = s->phase; p->does != SCENARIO_NOTHING; p++)
        minutes = p->until;
    return minutes;
}

unsigned
scenario_silent(const struct scenario *s)
{
    unsigned silent = 0, since = 0;
    for (const struct scenario_phase *p = s->phase; p->does != SCENARIO_NOTHING; p++) {
        silent += p->does == SCENARIO_SILENT ? p->until - since : 0;
        since = p->until;
    }
    return silent;
}

struct scenario_state
scenario_at(const struct scenario *s, uint64_t minute)
{
    const struct scenario_phase *p = s->phase;
    unsigned since = 0;
    for (; minute >= p->until && p[1].does != SCENARIO_NOTHING; p++)
        since = p->until;
    double part = minute < p->until ? (double)(minute - since) / (double)(p->until - since) : 1;
    return (struct scenario_state){p->does, p->from + (p->to - p->from) * part};
}
