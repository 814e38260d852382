/* Publishes made-up messages as fast as the broker takes them, or at a rate; and, when asked, how long it takes from the
 * publish of a message until a query sees it.
 *
 *     load PORT [--messages N] [--monitors N] [--readings N] [--seed N] [--rate N] [--window N] [--id ID] [--minute N]
 *               [--collectd VALUES] [--probe MS --see CONNINFO QUERY [--over PARAMETER]]
 *
 * PORT 0: to nobody, for what the program itself can do. All packets are made before the first is sent. The first message
 * is of minute N since 2020.
 *
 * With --collectd, in the only form it reads: VALUES to a message (1, or as many as there are readings).
 *
 * With --probe, each MS milliseconds a message of its own goes between the others: of monitor MONITORS + 1, a minute later
 * each time; with --over, of one monitor after the other from there, PARAMETER far over its limit. QUERY tells how many of
 * them can be seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "buf.h"
#include "instant.h"
#include "payload.h"
#include "sight.h"
#include "simulation.h"
#include "wire.h"

#define ZONE_S (8 * 3600)
#define MINUTE_US 60000000
#define ENOUGH_S 60 /* for the last probe to be seen */

struct load {
    struct simulation_settings simulation;
    struct wire wire;
    struct sight sight;
    const char *id, *over;
    int port;
    size_t messages;
    unsigned values; /* to a message of collectd's form; 0: abate's */
    double rate; /* a second; 0: as fast as they are taken */
    double probe_s;
    double began;
    struct buf topic, payload;
};

static double
processor_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* ---- making ---- */

static void
add_message(struct load *l, struct simulation *simulation)
{
    simulation_next(simulation, &l->topic, &l->payload);
    wire_add(&l->wire, (const char *)l->topic.at, l->payload.at, l->payload.size);
}

/* "seconds:value:value ..." to collectd/HOST/PLUGIN/TYPE-INSTANCE */
static void
add_list(struct load *l, size_t number)
{
    char topic[128], text[64];
    size_t lists = l->simulation.readings / l->values, round = number / lists;
    size_t monitor = round % l->simulation.monitors, minute = round / l->simulation.monitors;

    snprintf(topic, sizeof(topic), "collectd/SIM%06zu/abate/readings%u-%zu", monitor + 1, l->values, number % lists);
    buf_empty(&l->payload);
    snprintf(text, sizeof(text), "%zu", 1577808000 + minute * 60);
    buf_add_text(&l->payload, text);
    for (unsigned i = 0; i < l->values; i++) {
        snprintf(text, sizeof(text), ":%.2f", simulation_parameter[i].mean + (double)((number * 7919 + i) % 1000) / 100);
        buf_add_text(&l->payload, text);
    }
    wire_add(&l->wire, topic, l->payload.at, l->payload.size);
}

static void
add_probe(struct load *l, size_t number)
{
    struct instant at = {l->simulation.start.us + (int64_t)(l->over != NULL ? 0 : number) * MINUTE_US};
    char monitor[32], topic[64];

    snprintf(monitor, sizeof(monitor), "SIM%06zu", l->simulation.monitors + 1 + (l->over != NULL ? number : 0));
    snprintf(topic, sizeof(topic), "plants/sim/SIM/%s", monitor);
    payload_begin(&l->payload, monitor, at, ZONE_S, PERIOD_MINUTE);
    payload_add(&l->payload, l->over != NULL ? l->over : simulation_parameter[0].name, l->over != NULL ? 2e6 : 1, NULL);
    payload_end(&l->payload);
    wire_add(&l->wire, topic, l->payload.at, l->payload.size);
}

/* When the packet is due, in seconds from the first. */
static double
due_s(const struct load *l, size_t packet)
{
    return l->rate > 0 ? (double)packet / l->rate : 0;
}

static void
make_all(struct load *l)
{
    struct simulation *simulation = simulation_new(&l->simulation);
    double next_probe_s = l->probe_s > 0 ? 1 : 1e300; /* the first second is for warming up */

    while (l->wire.count < l->messages) {
        if (due_s(l, l->wire.count) >= next_probe_s) {
            sight_expect(&l->sight, l->wire.count);
            add_probe(l, l->sight.expected - 1);
            next_probe_s += l->probe_s;
        } else if (l->values > 0) {
            add_list(l, l->wire.count);
        } else {
            add_message(l, simulation);
        }
    }
    simulation_free(simulation);
}

/* ---- sending ---- */

/* How many of the packets are due by now, and how long until the next is. */
static size_t
due_by(const struct load *l, double now, int *ret_wait_ms)
{
    *ret_wait_ms = 1;
    if (l->rate <= 0)
        return l->wire.count;
    size_t due = (size_t)((now - l->began) * l->rate) + 1;
    return due < l->wire.count ? due : l->wire.count;
}

static void
send_all(struct load *l)
{
    struct wire *w = &l->wire;
    int wait_ms;

    l->began = sight_now();
    while (w->acknowledged < w->count) {
        size_t before = w->sent;
        size_t due = due_by(l, sight_now(), &wait_ms);
        if (due > w->sent || w->sent > w->acknowledged)
            wire_go(w, due, wait_ms);
        else
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        sight_sent(&l->sight, before, w->sent);
    }
}

/* ---- */

static void
read_option(struct load *l, const char *name, const char *value)
{
    if (strcmp(name, "--messages") == 0)
        l->messages = strtoull(value, NULL, 10);
    else if (strcmp(name, "--monitors") == 0)
        l->simulation.monitors = (unsigned)atoi(value);
    else if (strcmp(name, "--readings") == 0)
        l->simulation.readings = (unsigned)atoi(value);
    else if (strcmp(name, "--collectd") == 0)
        l->values = (unsigned)atoi(value);
    else if (strcmp(name, "--seed") == 0)
        l->simulation.seed = strtoull(value, NULL, 10);
    else if (strcmp(name, "--rate") == 0)
        l->rate = atof(value);
    else if (strcmp(name, "--window") == 0)
        l->wire.window = strtoull(value, NULL, 10);
    else if (strcmp(name, "--id") == 0)
        l->id = value;
    else if (strcmp(name, "--minute") == 0)
        l->simulation.start.us += strtoll(value, NULL, 10) * MINUTE_US;
    else if (strcmp(name, "--probe") == 0)
        l->probe_s = atof(value) / 1000;
    else if (strcmp(name, "--over") == 0)
        l->over = value;
    else {
        fprintf(stderr, "load: no option \"%s\"\n", name);
        exit(2);
    }
}

static void
read_options(struct load *l, int argc, char **argv)
{
    l->port = atoi(argv[1]);
    for (int i = 2; i < argc; i += 2) {
        if (strcmp(argv[i], "--see") == 0 && i + 2 < argc) {
            sight_look(&l->sight, argv[i + 1], argv[i + 2]);
            i++;
        } else if (i + 1 < argc) {
            read_option(l, argv[i], argv[i + 1]);
        }
    }
}

int
main(int argc, char **argv)
{
    struct load l = {
        .simulation = {.seed = 1, .monitors = 100, .plants = 1, .readings = 10, .region = "sim", .plant = "SIM"},
        .wire = {.window = 1000},
        .id = "load",
        .messages = 300000,
    };
    if (argc < 2) {
        fprintf(stderr, "usage: load PORT [OPTION VALUE ...]\n");
        return 2;
    }
    instant_civil(2020, 1, 1, 0, 0, 0, ZONE_S, &l.simulation.start);
    read_options(&l, argc, argv);
    make_all(&l);
    if (l.port > 0)
        wire_connect(&l.wire, l.port, l.id);
    else
        wire_connect_to_nobody(&l.wire);
    sight_begin(&l.sight);
    double processor = processor_s();
    send_all(&l);
    double took = sight_now() - l.began;
    processor = processor_s() - processor;
    printf("load %zu messages %.3f s %.0f messages/s, %.2f us a message of its own, %.0f bytes each\n", l.wire.count, took,
           (double)l.wire.count / took, processor * 1e6 / (double)l.wire.count, (double)l.wire.bytes.size / (double)l.wire.count);
    wire_close(&l.wire);
    return sight_end(&l.sight, ENOUGH_S) ? 0 : 1;
}
