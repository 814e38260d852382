/* What decoding costs, by form and by profile: messages, bytes and readings a second on one core, and what a reading costs
 * beside one of abate's own JSON with as many readings. Beside it jansson alone on the same bytes: less than that no
 * decoder built on it can take.
 *
 *     decode PROFILES [ROUNDS [SLICE_MS]]        PROFILES: where those are that are shipped as examples
 *
 * The rows are measured in turns, a slice of processor time each, over so many rounds; the medians count. So what else
 * the machine does meets all alike. Fails if a row is slower a reading than a third of json with as many readings,
 * unless jansson alone is, too: devices send many members a reading.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "conf.h"
#include "form.h"
#include "form_hj212.h"
#include "instant.h"
#include "message.h"
#include "payload.h"
#include "record.h"
#include "registry.h"
#include "sample.h"
#include "unit.h"

#define MONITOR "88888880000001"
#define ARRIVED_US INT64_C(1604276100000000) /* 2020-11-02 00:15:00Z */
#define NAME "参数"                          /* with the digits of a code behind it: another name of it */
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

/* Names and units as a person would write them. */
static void
make_json_named(struct buf *b, int variant, int count)
{
    add(b, "{\"monitor\":\"" MONITOR "\",\"time\":\"2020-11-02T08:15:00+08:00\",\"readings\":{");
    for (int i = 0; i < count; i++)
        add(b, "%s\"" NAME "%05d\":{\"value\":%.2f,\"unit\":\"μg/m³\"}", i > 0 ? "," : "", 21000 + i, value_of(variant, i));
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

/* How a vendor's payload is put together: @N is the reading's name, @n its number, @V its value. Without an item it is
 * always the same, but for its values. */
struct shape {
    const char *head, *item, *between, *tail;
};

/* Judged are those that must not be slower a reading than a third of the first. */
static const struct kind {
    const char *name, *form;
    void (*make)(struct buf *b, int variant, int count); /* or NULL, and a shape, read by the profile of that name */
    bool is_json, is_judged;
    struct shape shape;
} kinds[] = {
    {"json", "json", make_json, true, false, {0}},
    {"json, unit and mark", "json", make_json_full, true, false, {0}},
    {"json, name and unit", "json", make_json_named, true, false, {0}},
    {"senml", "senml", make_senml, true, true, {0}},
    {"hj212", "hj212", make_hj212, false, true, {0}},
    {"alink", "json", NULL, true, true,
     {"{\"id\":\"11\",\"version\":\"1.0\",\"method\":\"thing.event.property.post\",\"params\":{\"report_sensor\":{",
      "\"@N\":@V", ",", "}}}"}},
    {"cems-http", "json", NULL, true, true,
     {"{\"ts\":\"2020-11-02 08:15:00\",\"resend\":false,\"data\":{", "\"@N\":@V", ",", "}}"}},
    {"enos", "json", NULL, true, true,
     {"{\"id\":\"123\",\"version\":\"1.0\",\"params\":[{\"deviceKey\":\"" MONITOR "\",\"measurepoints\":{",
      "\"@N\":{\"value\":@V,\"quality\":9}", ",", "},\"time\":1604276100000}]}"}},
    {"grm", "json", NULL, true, true,
     {"{\"time\":\"2020-11-2 08:15:00\",\"Data\":[", "{\"name\":\"@N\",\"value\":\"@V\"}", ",", "]}"}},
    {"hj212-json", "json", NULL, true, true,
     {"{\"ST\":\"31\",\"CN\":\"2011\",\"MN\":\"" MONITOR "\",\"data\":[", "{\"commNumber\":\"@N\",\"value\":\"@V\"}", ",",
      "],\"DataTime\":\"20201102081500\"}"}},
    {"kepware", "json", NULL, true, true,
     {"{\"timestamp\":1604276100123,\"values\":[", "{\"id\":\"@N\",\"v\":@V,\"q\":true,\"t\":1604276100000}", ",", "]}"}},
    {"neuron-tags", "json", NULL, true, true,
     {"{\"timestamp\":1604276100000,\"node\":\"modbus\",\"group\":\"grp\",\"tags\":[", "{\"name\":\"@N\",\"value\":@V}", ",",
      "]}"}},
    {"neuron-values", "json", NULL, true, true,
     {"{\"timestamp\":1604276100000,\"node\":\"modbus\",\"group\":\"grp\",\"values\":{", "\"@N\":@V", ",",
      "},\"errors\":{},\"metas\":{}}"}},
    {"shineblink", "json", NULL, true, true, {"{\"Uid\":\"" MONITOR "\"", ",\"@N\":@V", "", "}"}},
    {"thingsboard", "json", NULL, true, true,
     {"{\"" MONITOR "\":[{", "\"@N\":\"@V\",", "", "\"DataTime\":\"2020-11-02 08:15:00\"}]}"}},
    {"cet", "json", NULL, true, true,
     {"{\"version\":\"1.0\",\"location_code\":\"" MONITOR "\",\"dynamic_location_code\":\"d\",\"ts \":1604276105,\"properties\":["
      "{\"type\":\"AI\",\"key\":\"A相电流\",\"value\":@V,\"unit\":\"A\",\"timestamp\":1604276100},"
      "{\"type\":\"AI\",\"key\":\"B相电流\",\"value\":@V,\"unit\":\"A\",\"timestamp\":1604276100},"
      "{\"type\":\"AI\",\"key\":\"C相电流\",\"value\":@V,\"unit\":\"A\",\"timestamp\":1604276100}]}",
      NULL, NULL, NULL}},
    {"edgelogger", "json", NULL, true, true,
     {"{\"msgType\":\"up\",\"msgId\":\"d0e6\",\"msgCreateTime\":\"20201102081505105\",\"source\":{},\"batch\":[{\"timestamp\":"
      "\"20201102081500000\",\"device_type\":\"three_phase_meter\",\"device_id\":\"" MONITOR "\",\"metrics\":{\"energy\":{\"active\":"
      "{\"value\":{\"forward\":@V,\"reverse\":@V}}}}}]}",
      NULL, NULL, NULL}},
    {"kepware-tag", "json", NULL, true, true,
     {"{\"id\":\"271dc4b5-2b06-46d8-a7df-5171bae9b95d\",\"v\":@V,\"q\":true,\"t\":1604276100000}", NULL, NULL, NULL}},
    {"meter-snapshot", "json", NULL, true, true,
     {"{\"cmd\":\"SnapshotData\",\"ts\":1604276100,\"group\":1,\"data\":{\"recTime\":1604276100,\"Ua\":@V,\"P\":@V,\"Eptp\":@V}}",
      NULL, NULL, NULL}},
    {"tasmota", "json", NULL, true, true,
     {"{\"Time\":\"2020-11-02T08:15:00\",\"ENERGY\":{\"TotalStartTime\":\"2020-01-05T12:41:22\",\"Total\":@V,\"Power\":@V}}", NULL,
      NULL, NULL}},
    {"wincc", "json", NULL, true, true,
     {"{\"code\":0,\"data\":{\"AT_02F12R11/1.COD#Value\":{\"Value\":@V,\"Quality\":192,\"Timestamp\":\"2020-11-02T00:15:00Z\"}},"
      "\"msg\":\"success\"}",
      NULL, NULL, NULL}},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct row {
    const struct kind *kind;
    int readings; /* 0: there is no such row */
    const struct form *form;
    const struct profile *profile;
    bool is_topical; /* the topic says whose it is */
    struct registry *registry;
    struct buf payload[VARIANTS];
    double bytes; /* of one, on average */
    double ns[WAYS][ROUNDS_MOST]; /* a message */
    double median[WAYS];
    double ratio[WAYS];
};

static struct row row[KINDS][SIZES], plain[KINDS]; /* json with as many readings as those of a fixed shape */
static struct message message;
static struct sample sample;
static const char *folder;
static struct unit_system *units;

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
    const struct topic_names names = r->is_topical ? (struct topic_names){.monitor = {MONITOR, sizeof(MONITOR) - 1}} : (struct topic_names){0};
    struct reason why;
    size_t stored = 0;

    message.profile = r->profile;
    if (!form_read(r->form, &record, true, &message, &why))
        fail(r, why.text);
    for (size_t i = 0; is_stored && i < message.measurements; i++) {
        if (sample_make(r->registry, &names, &window, record.arrived, &message, i, &sample))
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

/* Every row once, in a slice of each way. */
static void
measure_row(struct row *r, enum way way, int round, double slice_ns)
{
    if (r->readings > 0 && (way != JANSSON || r->kind->is_json))
        r->ns[way][round] = measure(r, way, slice_ns);
}

static void
take_median(struct row *r, int rounds)
{
    for (int way = 0; way < WAYS; way++) {
        qsort(r->ns[way], (size_t)rounds, sizeof(double), compare);
        r->median[way] = r->ns[way][rounds / 2];
    }
}

static void
measure_all(int rounds, double slice_ns)
{
    for (int round = 0; round < rounds; round++) {
        for (int way = 0; way < WAYS; way++) {
            for (size_t i = 0; i < KINDS; i++) {
                for (int size = 0; size < SIZES; size++)
                    measure_row(&row[i][size], (enum way)way, round, slice_ns);
                measure_row(&plain[i], (enum way)way, round, slice_ns);
            }
        }
    }
    for (size_t i = 0; i < KINDS; i++) {
        for (int size = 0; size < SIZES; size++)
            take_median(&row[i][size], rounds);
        take_median(&plain[i], rounds);
    }
}

/* ---- telling ---- */

static bool
print_row(const struct row *r, const struct row *json, enum way way)
{
    if (r->median[way] <= 0)
        return true;
    double ratio = r->median[way] / json->median[way];
    bool is_slow = r->kind->is_judged && way != JANSSON && ratio > SLOWEST;
    bool is_janssons = is_slow && r->median[JANSSON] / json->median[JANSSON] > SLOWEST;
    printf("%-24s %8d %8.0f %12.0f %10.1f %12.0f %10.0f %8.2f%s\n", r->kind->name, r->readings, r->bytes, 1e9 / r->median[way],
           r->bytes * 1e3 / r->median[way], 1e9 * r->readings / r->median[way], r->median[way] / r->readings, ratio,
           is_janssons ? "  so is jansson alone" : is_slow ? "  SLOWER than a third" : "");
    return !is_slow || is_janssons;
}

static bool
print_way(enum way way)
{
    bool ok = true;

    printf("%-24s %8s %8s %12s %10s %12s %10s %8s\n", way_name[way], "readings", "bytes", "messages/s", "MB/s", "readings/s",
           "ns/reading", "to json");
    for (int size = 0; size < SIZES; size++) {
        for (size_t i = 0; i < KINDS; i++) {
            if (kinds[i].shape.head == NULL || kinds[i].shape.item != NULL)
                ok = print_row(&row[i][size], &row[0][size], way) && ok;
        }
    }
    for (size_t i = 0; i < KINDS; i++) {
        if (plain[i].readings > 0)
            ok = print_row(&row[i][0], &plain[i], way) && ok;
    }
    printf("\n");
    return ok;
}

/* ---- making ---- */

static void
fill_in(struct buf *b, const char *text, int variant, int reading)
{
    for (; *text != '\0'; text++) {
        if (text[0] == '@' && text[1] == 'N')
            add(b, "a%05d", 21000 + reading);
        else if (text[0] == '@' && text[1] == 'V')
            add(b, "%.2f", value_of(variant, reading));
        else
            buf_add(b, text, 1);
        text += text[0] == '@';
    }
}

static void
make_shape(struct buf *b, const struct shape *s, int variant, int count)
{
    fill_in(b, s->head, variant, 0);
    for (int i = 0; s->item != NULL && i < count; i++) {
        fill_in(b, i > 0 ? s->between : "", variant, i);
        fill_in(b, s->item, variant, i);
    }
    fill_in(b, s->tail != NULL ? s->tail : "", variant, 0);
}

static const struct profile *
read_profile(const char *name)
{
    struct buf text = {0};
    struct reason why;
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s.example", folder, name);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        fprintf(stderr, "decode: no file \"%s\"\n", path);
        exit(1);
    }
    text.size = fread(buf_reserve(&text, 65536), 1, 65535, f);
    fclose(f);
    buf_add(&text, "", 1);
    struct conf *conf = conf_parse_profiles(path, (const char *)text.at, &why); /* kept to the end */
    buf_clear(&text);
    if (conf == NULL || conf->profiles == 0) {
        fprintf(stderr, "decode: %s\n", conf == NULL ? why.text : "no profile");
        exit(1);
    }
    return conf->profile;
}

/* What a reading says is registered: its name is another one of a code, and micrograms are stored as milligrams. */
static void
register_reading(struct row *r, struct feed *feed, const struct reading *reading)
{
    char name[64], unit[64], code[64];
    snprintf(name, sizeof(name), "%.*s", (int)reading->name.size, reading->name.at);
    snprintf(unit, sizeof(unit), "%.*s", (int)reading->unit.size, reading->unit.at != NULL ? reading->unit.at : "mg/m3");
    snprintf(code, sizeof(code), "%s", name);
    if (strncmp(name, NAME, strlen(NAME)) == 0) {
        snprintf(code, sizeof(code), "a%s", name + strlen(NAME));
        registry_add_name(r->registry, name, code);
    }
    registry_add_slot(r->registry, feed, feed->slots, code, strcmp(unit, "μg/m³") == 0 ? "mg/m3" : unit);
}

/* Just what the row's messages say is registered, and that is how many readings they have. */
static void
learn(struct row *r)
{
    struct record record = {.arrived.us = ARRIVED_US, .payload = r->payload[0].at, .payload_size = r->payload[0].size};
    struct reason why;

    message.profile = r->profile;
    if (!form_read(r->form, &record, true, &message, &why))
        fail(r, why.text);
    r->registry = registry_new();
    registry_use_units(r->registry, units);
    for (size_t i = 0; i < message.measurements; i++) {
        struct measurement *me = &message.measurement[i];
        char code[64];
        r->is_topical = me->monitor.at == NULL;
        snprintf(code, sizeof(code), "%.*s", (int)(me->monitor.at != NULL ? me->monitor.size : strlen(MONITOR)),
                 me->monitor.at != NULL ? me->monitor.at : MONITOR);
        struct monitor *m = registry_add_monitor(r->registry, code, "P1", "410100", 28800);
        struct feed *feed = registry_add_feed(r->registry, m, (int32_t)i + 1, me->period);
        for (size_t n = me->first; n < me->first + me->count; n++)
            register_reading(r, feed, &message.reading[n]);
    }
    if (r->readings == 0)
        r->readings = (int)message.readings;
}

static void
make_row(struct row *r, const struct kind *kind, int count)
{
    r->kind = kind;
    r->readings = count;
    r->form = form_find(kind->form);
    r->profile = kind->make == NULL ? read_profile(kind->name) : NULL;
    for (int v = 0; v < VARIANTS; v++) {
        if (kind->make != NULL)
            kind->make(&r->payload[v], v, count);
        else
            make_shape(&r->payload[v], &kind->shape, v, count);
        r->bytes += (double)r->payload[v].size / VARIANTS;
    }
    learn(r);
}

static void
make_rows(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        bool is_fixed = kinds[i].make == NULL && kinds[i].shape.item == NULL;
        for (int size = 0; size < (is_fixed ? 1 : SIZES); size++)
            make_row(&row[i][size], &kinds[i], is_fixed ? 0 : readings[size]);
        if (is_fixed)
            make_row(&plain[i], &kinds[0], row[i][0].readings);
    }
}

int
main(int argc, char **argv)
{
    int rounds = argc > 2 ? atoi(argv[2]) : 15;
    double slice_ns = (argc > 3 ? atof(argv[3]) : 20) * 1e6;

    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MOST || slice_ns <= 0) {
        fprintf(stderr, "usage: decode PROFILES [ROUNDS [SLICE_MS]]\n");
        return 2;
    }
    struct reason why;
    units = unit_system_new(&why);
    if (units == NULL) {
        fprintf(stderr, "decode: %s\n", why.text);
        return 1;
    }
    folder = argv[1];
    make_rows();
    measure_all(rounds, slice_ns);
    bool ok = true;
    for (int way = 0; way < WAYS; way++)
        ok = print_way((enum way)way) && ok;
    return ok ? 0 : 1;
}
