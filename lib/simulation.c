#include "simulation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "payload.h"

#define ZONE_S (8 * 3600)
#define MINUTE_US 60000000
#define PULL 0.2            /* share of the way back to the mean in one step */
#define SURGE_CHANCE 0.0005 /* that one begins, each minute */
#define SURGE_LEAST 3       /* minutes */
#define SURGE_MORE 30
#define LEVEL_NOISE 0.04 /* of a level: either way */

const struct simulation_parameter simulation_parameter[SIMULATION_PARAMETERS] = {
    {"a34013", "mg/m3", 5, 0.4, 0.2, 200, 100, 0, 0.3},      {"a21026", "mg/m3", 18, 1.5, 0.2, 500, 100, 0, 0.4},
    {"a21002", "mg/m3", 34, 2, 0.5, 500, 10, 45, 0.6},       {"a21005", "mg/m3", 60, 8, 1, 900, 10, 0, 1.5},
    {"a19001", "%", 8, 0.4, 1, 21, 100, 0, 20.9},            {"a01011", "m/s", 12, 0.5, 0.5, 40, 100, 0, 0},
    {"a01012", "degC", 130, 2, 20, 400, 10, 0, 18},          {"a01013", "kPa", -0.35, 0.05, -3, 3, 1000, 0, 0},
    {"a01014", "%", 9, 0.3, 0.5, 40, 100, 0, 1.2},           {"a00000", "m3/s", 42, 1.5, 0.5, 400, 10, 0, 0},
    {"a21003", "mg/m3", 20, 1.5, 0.2, 400, 10, 0, 0.4},      {"a21004", "mg/m3", 3, 0.3, 0.1, 100, 100, 0, 0.1},
    {"a21018", "mg/m3", 0.8, 0.05, 0.05, 20, 100, 0, 0.05},  {"a21024", "mg/m3", 2.5, 0.2, 0.1, 100, 100, 0, 0.1},
    {"a21001", "mg/m3", 1.5, 0.2, 0.05, 50, 100, 0, 0.05},   {"a01015", "degC", 4, 0.1, 1, 12, 10, 0, 4},
    {"a01017", "kPa", 0.12, 0.01, 0, 2, 1000, 0, 0},         {"a20057", "mg/m3", 0.004, 0.0004, 0, 1, 10000, 0, 0},
};

struct simulation {
    struct simulation_settings settings;
    uint64_t random;
    uint64_t turn;   /* monitors take turns, minute for minute; silent ones let theirs pass */
    unsigned *surge; /* minutes left, by monitor */
    double *value;   /* by monitor and reading */
    bool may_repeat; /* there is one before, and it was no repeat */
};

/* splitmix64 (Steele, Lea, Flood 2014): small, and the same on every machine. */
static uint64_t
draw(struct simulation *s)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* In [0, 1). */
static double
chance(struct simulation *s)
{
    return (double)(draw(s) >> 11) * 0x1p-53;
}

static void *
zeroed(size_t count, size_t size)
{
    void *at = calloc(count, size);
    if (at == NULL)
        abort();
    return at;
}

struct simulation *
simulation_new(const struct simulation_settings *settings)
{
    struct simulation *s = zeroed(1, sizeof(*s));
    s->settings = *settings;
    s->random = settings->seed;
    s->surge = zeroed(settings->monitors, sizeof(*s->surge));
    s->value = zeroed((size_t)settings->monitors * settings->readings, sizeof(*s->value));
    for (size_t i = 0; i < (size_t)settings->monitors * settings->readings; i++)
        s->value[i] = simulation_parameter[i % settings->readings].mean;
    return s;
}

void
simulation_free(struct simulation *s)
{
    if (s == NULL)
        return;
    free(s->surge);
    free(s->value);
    free(s);
}

static double
wander(struct simulation *s, const struct simulation_parameter *p, double *value, bool is_surging)
{
    double target = p->mean + (is_surging ? p->surge : 0);
    *value += (target - *value) * PULL + (chance(s) * 2 - 1) * p->step;
    *value = fmin(fmax(*value, p->low), p->high);
    return nearbyint(*value * p->resolution) / p->resolution;
}

static bool
is_surging(struct simulation *s, size_t monitor)
{
    unsigned *left = &s->surge[monitor];
    if (*left > 0)
        (*left)--;
    else if (chance(s) < SURGE_CHANCE)
        *left = SURGE_LEAST + (unsigned)(draw(s) % SURGE_MORE);
    return *left > 0;
}

/* What a monitor does this turn. */
static struct scenario_state
state_of(const struct simulation *s)
{
    const struct scenario *scenario = s->settings.scenario;
    uint64_t monitor = s->turn % s->settings.monitors, minute = s->turn / s->settings.monitors;

    if (scenario == NULL)
        return (struct scenario_state){SCENARIO_WORKS, 0};
    return scenario_at(scenario, monitor < s->settings.affected ? minute : 0);
}

static double
near_limit(struct simulation *s, const struct simulation_parameter *p, double level)
{
    double value = s->settings.limit * level * (1 + LEVEL_NOISE * (chance(s) * 2 - 1));
    return nearbyint(value * p->resolution) / p->resolution;
}

static void
write_topic(const struct simulation *s, size_t monitor, const char *code, struct buf *topic)
{
    char number[16];

    snprintf(number, sizeof(number), "%06zu", monitor % s->settings.plants + 1);
    buf_empty(topic);
    buf_add_text(topic, "plants/");
    buf_add_text(topic, s->settings.region);
    buf_add_text(topic, "/");
    buf_add_text(topic, s->settings.plant);
    if (s->settings.plants > 1)
        buf_add_text(topic, number);
    buf_add_text(topic, "/");
    buf_add(topic, code, strlen(code) + 1);
}

static void
write_readings(struct simulation *s, size_t monitor, struct scenario_state state, struct buf *payload)
{
    bool surging = is_surging(s, monitor) && s->settings.scenario == NULL;
    double *value = s->value + monitor * s->settings.readings;

    for (unsigned i = 0; i < s->settings.readings; i++) {
        const struct simulation_parameter *p = &simulation_parameter[i];
        double now = wander(s, p, &value[i], surging);
        if (state.does == SCENARIO_RESTS)
            now = p->rest;
        else if (state.level > 0 && i == s->settings.parameter)
            now = near_limit(s, p, state.level);
        payload_add(payload, p->name, now, NULL);
    }
}

static void
write_message(struct simulation *s, struct buf *topic, struct buf *payload)
{
    struct scenario_state state;
    char code[SIMULATION_NAME_MOST + 16];

    while ((state = state_of(s)).does == SCENARIO_SILENT)
        s->turn++;
    size_t monitor = s->turn % s->settings.monitors;
    struct instant at = {s->settings.start.us + (int64_t)(s->turn / s->settings.monitors) * MINUTE_US};
    snprintf(code, sizeof(code), "%s%06zu", s->settings.plant, monitor + 1);
    write_topic(s, monitor, code, topic);
    payload_begin(payload, code, at, ZONE_S, PERIOD_MINUTE);
    write_readings(s, monitor, state, payload);
    payload_end(payload);
    s->turn++;
}

uint64_t
simulation_messages(const struct simulation_settings *settings)
{
    const struct scenario *s = settings->scenario;
    return (uint64_t)scenario_minutes(s) * settings->monitors - (uint64_t)scenario_silent(s) * settings->affected;
}

bool
simulation_next(struct simulation *s, struct buf *topic, struct buf *payload)
{
    if (s->may_repeat && s->settings.duplicate_percent > 0 &&
        chance(s) * 100 < s->settings.duplicate_percent) {
        s->may_repeat = false;
        return true;
    }
    write_message(s, topic, payload);
    s->may_repeat = true;
    return false;
}
