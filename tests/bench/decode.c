/* What decoding costs, by form: messages, bytes and readings a second on one core, and what a reading costs beside one of
 * abate's own JSON. Beside it jansson alone on the same bytes: less than that no decoder of JSON built on it can take.
 *
 *     decode [ROUNDS [SLICE_MS]]
 *
 * The rows are measured in turns, a slice of processor time each, over so many rounds; the medians count. So what else
 * the machine does meets all alike. Fails if a row is slower a reading than a third of json with as many readings.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "form.h"
#include "form_hj212.h"
#include "instant.h"
#include "message.h"
#include "payload.h"
#include "record.h"
#include "registry.h"
#include "sample.h"

#define MONITOR "88888880000001"
#define ARRIVED_US INT64_C(1604276100000000) /* 2020-11-02 00:15:00Z */
#define VARIANTS 64                          /* payloads of a row, each with other values */
#define ROUNDS_MOST 1000
#define SLOWEST 3.0 /* times json, a reading */

static const int readings[] = {1, 10, 100};
#define SIZES 3

/* ---- payloads ---- */

static double
value_of(int variant, int reading)
{
    return (double)((variant * 7919 + reading * 104729) % 100000) / 100;
}

static void add(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
add(struct buf *b, const char *format, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    buf_add_text(b, text);
}

static void
make_json(struct buf *b, int variant, int count)
{
    struct instant at = {ARRIVED_US};
    payload_begin(b, MONITOR, at, 28800, PERIOD_REALTIME);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "a%05d", 21000 + i);
        payload_add(b, name, value_of(variant, i), NULL);
    }
    payload_end(b);
}

static void
make_json_full(struct buf *b, int variant, int count)
{
    add(b, "{\"monitor\":\"" MONITOR "\",\"time\":\"2020-11-02T08:15:00+08:00\",\"readings\":{");
    for (int i = 0; i < count; i++)
        add(b, "%s\"a%05d\":{\"value\":%.2f,\"unit\":\"mg/m3\",\"mark\":\"N\"}", i > 0 ? "," : "", 21000 + i,
            value_of(variant, i));
    add(b, "}}");
}

static void
make_senml(struct buf *b, int variant, int count)
{
    add(b, "[{\"bn\":\"" MONITOR ":\",\"bt\":1604276100,\"bu\":\"mg/m3\"");
    for (int i = 0; i < count; i++)
        add(b, "%s\"n\":\"a%05d\",\"v\":%.2f}", i > 0 ? ",{" : ",", 21000 + i, value_of(variant, i));
    add(b, "]");
}

static void
make_hj212(struct buf *b, int variant, int count)
{
    struct buf cp = {0};
    add(&cp, "QN=20201102081500000;ST=31;CN=2011;PW=123456;MN=" MONITOR ";Flag=5;CP=&&DataTime=20201102081500");
    for (int i = 0; i < count; i++)
        add(&cp, ";a%05d-Rtd=%.2f,a%05d-Flag=N", 21000 + i, value_of(variant, i), 21000 + i);
    add(&cp, "&&");
    add(b, "##%04zu", cp.size);
    buf_add(b, cp.at, cp.size);
    add(b, "%04X\r\n", form_hj212_crc(cp.at, cp.size));
    buf_clear(&cp);
}

/* ---- the rows ---- */

enum way { DECODE, STORE, JANSSON, WAYS };
static const char *const way_name[WAYS] = {"decode", "and sample_make", "jansson alone"};

static const struct kind {
    const char *name;
    const char *form;
    void (*make)(struct buf *b, int variant, int count);
    bool is_json;   /* jansson reads it, too */
    bool is_judged; /* a form of its own: must not be slower a reading than a third of the first */
} kinds[] = {
    {"json", "json", make_json, true, true},
    {"json, unit and mark", "json", make_json_full, true, false},
    {"senml", "senml", make_senml, true, true},
    {"hj212", "hj212", make_hj212, false, true},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct row {
    const struct kind *kind;
    const struct form *form;
    int readings;
    struct buf payload[VARIANTS];
    double bytes; /* of one, on average */
    double ns[WAYS][ROUNDS_MOST]; /* a message */
    double median[WAYS];
};

static struct row row[KINDS][SIZES];
static struct registry *registry;
static struct message message;
static struct sample sample;

static void
fail(const struct row *r, const char *why)
{
    fprintf(stderr, "decode: %s, %d readings: %s\n", r->kind->name, r->readings, why);
    exit(1);
}

static void
run_decode(const struct row *r, int variant, bool is_stored)
{
    struct record record = {.arrived.us = ARRIVED_US, .payload = r->payload[variant].at, .payload_size = r->payload[variant].size};
    const struct sample_window window = {86400000000, 600000000};
    const struct topic_names names = {.monitor = {MONITOR, sizeof(MONITOR) - 1}};
    struct reason why;
    size_t stored = 0;

    if (!form_read(r->form, &record, true, &message, &why))
        fail(r, why.text);
    for (size_t i = 0; is_stored && i < message.measurements; i++) {
        if (sample_make(registry, &names, &window, record.arrived, &message, i, &sample))
            stored += sample.readings;
    }
    if (message.faults > 0)
        fail(r, message.first_fault.text);
    if (message.readings != (size_t)r->readings || (is_stored && stored != (size_t)r->readings))
        fail(r, "readings are missing");
}

static void
run_jansson(const struct row *r, int variant)
{
    json_error_t error;
    const struct buf *b = &r->payload[variant];
    json_t *root = json_loadb((const char *)b->at, b->size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (root == NULL)
        fail(r, error.text);
    json_decref(root);
}

/* ---- time ---- */

static double
cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds a message, over a slice of time. */
static double
measure(const struct row *r, enum way way, double slice_ns)
{
    double began = cpu_ns(), end = began;
    long count = 0;

    while (end - began < slice_ns) {
        for (int i = 0; i < VARIANTS; i++) {
            if (way == JANSSON)
                run_jansson(r, i);
            else
                run_decode(r, i, way == STORE);
        }
        count += VARIANTS;
        end = cpu_ns();
    }
    return (end - began) / (double)count;
}

static int
compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void
measure_all(int rounds, double slice_ns)
{
    for (int round = 0; round < rounds; round++) {
        for (int way = 0; way < WAYS; way++) {
            for (size_t i = 0; i < KINDS * SIZES; i++) {
                struct row *r = &row[i / SIZES][i % SIZES];
                if (way != JANSSON || r->kind->is_json)
                    r->ns[way][round] = measure(r, (enum way)way, slice_ns);
            }
        }
    }
    for (size_t i = 0; i < KINDS * SIZES; i++) {
        struct row *r = &row[i / SIZES][i % SIZES];
        for (int way = 0; way < WAYS; way++) {
            qsort(r->ns[way], (size_t)rounds, sizeof(double), compare);
            r->median[way] = r->ns[way][rounds / 2];
        }
    }
}

/* ---- telling ---- */

static bool
print_way(enum way way)
{
    bool ok = true;

    printf("%-24s %8s %8s %12s %10s %12s %10s %8s\n", way_name[way], "readings", "bytes", "messages/s", "MB/s", "readings/s",
           "ns/reading", "to json");
    for (size_t i = 0; i < KINDS * SIZES; i++) {
        const struct row *r = &row[i % KINDS][i / KINDS];
        if (r->median[way] <= 0)
            continue;
        double ratio = r->median[way] / row[0][i / KINDS].median[way];
        bool is_slow = r->kind->is_judged && way != JANSSON && ratio > SLOWEST;
        printf("%-24s %8d %8.0f %12.0f %10.1f %12.0f %10.0f %8.2f%s\n", r->kind->name, r->readings, r->bytes, 1e9 / r->median[way],
               r->bytes * 1e3 / r->median[way], 1e9 * r->readings / r->median[way], r->median[way] / r->readings, ratio,
               is_slow ? "  SLOWER than a third" : "");
        ok = ok && !is_slow;
    }
    printf("\n");
    return ok;
}

static void
make_rows(void)
{
    for (size_t i = 0; i < KINDS * SIZES; i++) {
        struct row *r = &row[i / SIZES][i % SIZES];
        r->kind = &kinds[i / SIZES];
        r->form = form_find(r->kind->form);
        r->readings = readings[i % SIZES];
        for (int v = 0; v < VARIANTS; v++) {
            r->kind->make(&r->payload[v], v, r->readings);
            r->bytes += (double)r->payload[v].size / VARIANTS;
        }
    }
}

static void
make_registry(void)
{
    registry = registry_new();
    struct monitor *m = registry_add_monitor(registry, MONITOR, "P1", "410100", 28800);
    struct feed *feed = registry_add_feed(registry, m, 1, PERIOD_REALTIME);
    for (uint16_t i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), "a%05d", 21000 + i);
        registry_add_series(registry, feed, i + 1, i, name, "mg/m3");
    }
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 15;
    double slice_ns = (argc > 2 ? atof(argv[2]) : 20) * 1e6;

    if (rounds < 1 || rounds > ROUNDS_MOST || slice_ns <= 0) {
        fprintf(stderr, "usage: decode [ROUNDS [SLICE_MS]]\n");
        return 2;
    }
    make_registry();
    make_rows();
    measure_all(rounds, slice_ns);
    bool ok = true;
    for (int way = 0; way < WAYS; way++)
        ok = print_way((enum way)way) && ok;
    for (size_t i = 0; i < KINDS * SIZES; i++) {
        for (int v = 0; v < VARIANTS; v++)
            buf_clear(&row[i / SIZES][i % SIZES].payload[v]);
    }
    message_clear(&message);
    registry_free(registry);
    return ok ? 0 : 1;
}
