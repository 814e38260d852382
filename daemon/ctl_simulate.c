#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_option.h"
#include "decimal.h"
#include "loop.h"
#include "progress.h"
#include "publisher.h"
#include "simulation.h"
#include "sql.h"

#define MONITORS_MOST 999999

struct simulate {
    const char *what; /* it plays */
    struct simulation *simulation;
    uint64_t messages; /* wanted, repeats not counted */
    double expected;   /* repeats counted: as many as chance will have */
    uint64_t made;
    uint64_t repeated;
    uint64_t rate; /* a second; 0: as fast as they are taken */
    int64_t began; /* ticks of the first */
    struct buf topic, payload;
    struct progress progress;
};

struct options {
    struct simulation_settings simulation;
    const char *broker, *id, *file;
    const char *scenario, *parameter;
    bool is_registry, is_list;
    uint64_t messages, rate, window, affected; /* 0: not said */
};

static enum publisher_made
make(void *self, int64_t ticks, struct publication *ret, int64_t *ret_due, struct reason *why)
{
    (void)why;
    struct simulate *s = self;

    if (s->began == 0)
        s->began = ticks;
    if (s->rate > 0) {
        *ret_due = s->began + (int64_t)((double)(s->made + s->repeated) * 1e6 / (double)s->rate);
        if (*ret_due > ticks)
            return PUBLISHER_LATER;
    }
    /* A repeat may still follow the last one. */
    bool is_repeat = simulation_next(s->simulation, &s->topic, &s->payload);
    if (!is_repeat && s->made == s->messages)
        return PUBLISHER_END;
    s->made += !is_repeat;
    s->repeated += is_repeat;
    *ret = (struct publication){(const char *)s->topic.at, s->payload.at, s->payload.size};
    return PUBLISHER_MESSAGE;
}

static void
show(void *self, int64_t ticks, const struct publisher_counts *counts)
{
    struct simulate *s = self;
    struct progress_state state = {
        .what = s->what,
        .part = (double)counts->acknowledged / s->expected,
        .messages = counts->acknowledged,
    };
    progress_show(&s->progress, ticks, &state);
}

static int
publish(const struct options *o)
{
    struct ctl_broker broker;
    struct reason why;
    char id[64];
    snprintf(id, sizeof(id), "abatectl-simulate-%d", (int)getpid());
    if (!ctl_broker_open(&broker, o->file, o->broker, o->id != NULL ? o->id : id, &why))
        return ctl_fail(why.text);

    struct simulate s = {
        .what = o->scenario != NULL ? o->scenario : "simulate",
        .simulation = simulation_new(&o->simulation),
        .messages = o->messages,
        .expected = (double)o->messages * (1 + o->simulation.duplicate_percent / 100.0),
        .rate = o->rate,
    };
    struct publisher_settings settings = {.broker = &broker.broker, .window = (size_t)o->window};
    struct publisher_source source = {.make = make, .show = show, .self = &s};
    struct publisher_counts counts;
    struct loop *loop = loop_new();

    progress_begin(&s.progress, loop_ticks(loop));
    bool ok = publisher_run(loop, &settings, &source, &counts, &why);
    progress_end(&s.progress);

    double seconds = (double)(counts.ended - counts.began) / 1e6;
    printf("published %llu acknowledged %llu (%llu of them a second time), %.0f messages/s\n",
           (unsigned long long)counts.published, (unsigned long long)counts.acknowledged,
           (unsigned long long)s.repeated, seconds > 0 ? (double)counts.acknowledged / seconds : 0);
    loop_free(loop);
    simulation_free(s.simulation);
    buf_clear(&s.topic);
    buf_clear(&s.payload);
    ctl_broker_close(&broker);
    return ok ? 0 : ctl_fail(why.text);
}

/* What psql needs to register the monitors: settings, and the query that reads them. */
static int
print_registry(const struct simulation_settings *s)
{
    printf("set abate.simulation_region = '%s';\nset abate.simulation_plant = '%s';\n"
           "set abate.simulation_monitors = '%u';\nset abate.simulation_plants = '%u';\nset abate.simulation_series = '",
           s->region, s->plant, s->monitors, s->plants);
    for (unsigned i = 0; i < s->readings; i++)
        printf("%s%s=%s", i > 0 ? "," : "", simulation_parameter[i].name, simulation_parameter[i].unit);
    printf("';\n%s", sql_register_simulation);
    return 0;
}

/* Names that may stand in a topic and in SQL alike. */
static bool
is_name(const char *text)
{
    size_t size = 0;
    for (; text[size] != '\0'; size++) {
        char c = text[size];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '_';
        if (!good)
            return false;
    }
    return size > 0 && size <= SIMULATION_NAME_MOST;
}

static bool
take_limit(void *into, const char *text)
{
    double *limit = &((struct options *)into)->simulation.limit;
    return decimal_read(text, strlen(text), limit) && *limit > 0;
}

static bool
take_start(void *into, const char *text)
{
    struct options *o = into;
    struct reason why;
    return instant_parse(text, strlen(text), INSTANT_ZONE_NONE, &o->simulation.start, &why);
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"broker", 'b', OPTION_WORD, false, .at = offsetof(struct options, broker)},
    {"seed", 's', OPTION_COUNT, false, .at = offsetof(struct options, simulation.seed), .most = UINT64_MAX},
    {"monitors", 'm', OPTION_SMALL, false, .at = offsetof(struct options, simulation.monitors), .least = 1, .most = MONITORS_MOST},
    {"plants", 'n', OPTION_SMALL, false, .at = offsetof(struct options, simulation.plants), .least = 1, .most = MONITORS_MOST},
    {"messages", 'k', OPTION_COUNT, false, .at = offsetof(struct options, messages), .least = 1, .most = UINT64_MAX},
    {"readings", 'r', OPTION_SMALL, false, .at = offsetof(struct options, simulation.readings), .least = 1, .most = SIMULATION_PARAMETERS},
    {"rate", 't', OPTION_COUNT, false, .at = offsetof(struct options, rate), .least = 1, .most = 10000000},
    {"duplicate", 'd', OPTION_SMALL, false, .at = offsetof(struct options, simulation.duplicate_percent), .most = 100},
    {"id", 'i', OPTION_WORD, false, .at = offsetof(struct options, id)},
    {"window", 'w', OPTION_COUNT, false, .at = offsetof(struct options, window), .least = 1, .most = 1000000},
    {"region", 'g', OPTION_WORD, false, .at = offsetof(struct options, simulation.region)},
    {"plant", 'p', OPTION_WORD, false, .at = offsetof(struct options, simulation.plant)},
    {"start", 'T', OPTION_READ, false, .read = take_start},
    {"scenario", 'o', OPTION_WORD, false, .at = offsetof(struct options, scenario)},
    {"affected", 'a', OPTION_COUNT, false, .at = offsetof(struct options, affected), .least = 1, .most = MONITORS_MOST},
    {"limit", 'l', OPTION_READ, false, .read = take_limit},
    {"parameter", 'P', OPTION_WORD, false, .at = offsetof(struct options, parameter)},
    {"registry", 'R', OPTION_FLAG, false, .at = offsetof(struct options, is_registry)},
    {"scenarios", 'S', OPTION_FLAG, false, .at = offsetof(struct options, is_list)},
    {0}};

/* The reading that has the limit: of those that are sent. */
static bool
find_parameter(const char *name, struct simulation_settings *s, struct reason *why)
{
    for (unsigned i = 0; i < s->readings; i++) {
        if (strcmp(simulation_parameter[i].name, name) == 0) {
            s->parameter = i;
            return true;
        }
    }
    return reason_set(why, "--parameter: \"%s\" is none of the %u that are sent", name, s->readings);
}

static bool
take_scenario(struct options *o, struct reason *why)
{
    struct simulation_settings *s = &o->simulation;
    const struct scenario *scenario = scenario_find(o->scenario);
    if (scenario == NULL)
        return reason_set(why, "there is no scenario \"%s\"; hint: --scenarios lists them", o->scenario);
    if (scenario->needs_limit && s->limit == 0)
        return reason_set(why, "scenario \"%s\": --limit is missing; hint: what holds stands in abate.emission_limit",
                          o->scenario);
    if (o->affected > s->monitors)
        return reason_set(why, "--affected: there are %u monitors, not %llu", s->monitors,
                          (unsigned long long)o->affected);
    if (scenario->needs_limit && !find_parameter(o->parameter, s, why))
        return false;
    s->scenario = scenario;
    s->affected = o->affected > 0 ? (unsigned)o->affected : scenario->hits_all ? s->monitors : 1;
    if (o->messages == 0)
        o->messages = simulation_messages(s);
    return true;
}

static int
print_scenarios(void)
{
    for (size_t i = 0; i < SCENARIOS; i++)
        printf("%-10s  %s\n", scenarios[i].name, scenarios[i].sentence);
    return 0;
}

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {
        .simulation = {.seed = 1,
                       .start = {SIMULATION_START_US},
                       .monitors = 1,
                       .plants = 1,
                       .readings = 10,
                       .region = "sim",
                       .plant = "SIM"},
        .file = file,
        .parameter = "a21002",
        .window = 500,
    };
    struct reason why;
    int first = ctl_options(option, NULL, argc, argv, &o);
    bool is_named = is_name(o.simulation.region) && is_name(o.simulation.plant) && (o.id == NULL || o.id[0] != '\0');
    if (first == 0 || first < argc || !is_named)
        return ctl_usage(&ctl_simulate);
    if (o.is_list)
        return print_scenarios();
    if (o.is_registry)
        return print_registry(&o.simulation);
    if (o.scenario != NULL && !take_scenario(&o, &why))
        return ctl_fail(why.text);
    return o.messages == 0 ? ctl_usage(&ctl_simulate) : publish(&o);
}

const struct ctl ctl_simulate = {
    "simulate",
    "[-c FILE] [--broker HOST:PORT|NAME] --messages K [--seed N] [--monitors M] [--plants N] [--readings R]\n"
    "[--start TIME] [--rate N] [--duplicate PERCENT] [--id CLIENTID] [--window N] [--region R] [--plant P]\n"
    "[--scenario SCENARIO] [--limit VALUE] [--parameter CODE] [--affected N]\n"
    "--registry [--monitors M] [--plants N] [--readings R] [--region R] [--plant P]\n"
    "--scenarios",
    "publishes made-up messages, the same for the same seed, of plants with which all is well, or something goes wrong; or\n"
    "      prints the SQL that registers their monitors; or lists what may go wrong",
    run,
};
