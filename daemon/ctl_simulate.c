#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl.h"
#include "loop.h"
#include "progress.h"
#include "publisher.h"
#include "simulation.h"
#include "sql.h"

struct simulate {
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
    bool is_registry;
    uint64_t messages, rate, window;
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
        .what = "simulate",
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
           "set abate.simulation_monitors = '%u';\nset abate.simulation_series = '",
           s->region, s->plant, s->monitors);
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
    return size > 0 && size <= 64;
}

static bool
take_option(struct options *o, int c, const char *text)
{
    uint64_t n = 0;
    bool ok = true;

    switch (c) {
    case 'c':
        o->file = text;
        return true;
    case 'b':
        o->broker = text;
        return true;
    case 'i':
        o->id = text;
        return *text != '\0';
    case 'R':
        o->is_registry = true;
        return true;
    case 'g':
        o->simulation.region = text;
        return is_name(text);
    case 'p':
        o->simulation.plant = text;
        return is_name(text);
    case 's':
        return ctl_number(text, 0, UINT64_MAX, &o->simulation.seed);
    case 'k':
        return ctl_number(text, 1, UINT64_MAX, &o->messages);
    case 't':
        return ctl_number(text, 1, 10000000, &o->rate);
    case 'w':
        return ctl_number(text, 1, 1000000, &o->window);
    case 'm':
        ok = ctl_number(text, 1, 999999, &n);
        o->simulation.monitors = (unsigned)n;
        return ok;
    case 'r':
        ok = ctl_number(text, 1, SIMULATION_PARAMETERS, &n);
        o->simulation.readings = (unsigned)n;
        return ok;
    case 'd':
        ok = ctl_number(text, 0, 100, &n);
        o->simulation.duplicate_percent = (unsigned)n;
        return ok;
    default:
        return false;
    }
}

static int
run(const char *file, int argc, char **argv)
{
    static const struct option names[] = {{"broker", required_argument, NULL, 'b'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"monitors", required_argument, NULL, 'm'},
                                          {"messages", required_argument, NULL, 'k'},
                                          {"readings", required_argument, NULL, 'r'},
                                          {"rate", required_argument, NULL, 't'},
                                          {"duplicate", required_argument, NULL, 'd'},
                                          {"id", required_argument, NULL, 'i'},
                                          {"window", required_argument, NULL, 'w'},
                                          {"region", required_argument, NULL, 'g'},
                                          {"plant", required_argument, NULL, 'p'},
                                          {"registry", no_argument, NULL, 'R'},
                                          {0}};
    struct options o = {
        .simulation = {.seed = 1, .monitors = 1, .readings = 10, .region = "sim", .plant = "SIM"},
        .file = file,
        .window = 500,
    };
    int c;
    while ((c = getopt_long(argc, argv, "c:", names, NULL)) != -1) {
        if (!take_option(&o, c, optarg))
            return ctl_usage(&ctl_simulate);
    }
    if (optind < argc)
        return ctl_usage(&ctl_simulate);
    if (o.is_registry)
        return print_registry(&o.simulation);
    return o.messages == 0 ? ctl_usage(&ctl_simulate) : publish(&o);
}

const struct ctl ctl_simulate = {
    "simulate",
    "[-c FILE] [--broker HOST:PORT|NAME] --messages K [--seed N] [--monitors M] [--readings R]\n"
    "[--rate N] [--duplicate PERCENT] [--id CLIENTID] [--window N] [--region R] [--plant P]\n"
    "--registry [--monitors M] [--readings R] [--region R] [--plant P]",
    "publishes made-up messages, the same for the same seed; or prints the SQL that registers their monitors",
    run,
};
