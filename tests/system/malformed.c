/* malformed: messages none of which may be stored, each for its reason, by chance but always the same.
 *
 *     malformed [--region R] [--plant P] [--monitor M] [--period NAME] [--time RFC3339] COUNT SEED
 *
 * One line a message: kind <TAB> topic <TAB> payload in hexadecimal (empty if the payload is). All kinds come
 * equally often; all payloads but the empty ones differ. The options say whom the messages claim to be from:
 * with a monitor that is registered each kind fails at what it is made for, and not before.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static const char *region = "410100";
static const char *plant = "plant-1";
static const char *monitor = "88888880000001";
static const char *period = "realtime";
static const char *at = "2020-11-02T08:15:00+08:00";

/* xorshift64*, by G. Marsaglia and S. Vigna: small, and the same on every machine. */
struct draw {
    uint64_t state;
    uint64_t serial; /* of the message being made */
};

static uint64_t
draw(struct draw *d, uint64_t below)
{
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return (d->state * UINT64_C(2685821657736338717) >> 32) % below;
}

static void add(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
add(struct buf *out, const char *format, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    buf_add_text(out, text);
}

static void
add_many(struct buf *out, const char *each, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        buf_add_text(out, each);
}

/* The serial number comes first, so that what is cut behind it differs as well. */
static void
add_head(struct draw *d, struct buf *out, const char *whose, const char *when)
{
    add(out, "{\"id\":%" PRIu64 ",\"monitor\":\"%s\",\"time\":%s,\"period\":\"%s\",\"readings\":", d->serial,
        whose, when, period);
}

static void
add_front(struct draw *d, struct buf *out)
{
    char when[64];
    snprintf(when, sizeof(when), "\"%s\"", at);
    add_head(d, out, monitor, when);
}

/* A reading as good as any. */
static void
add_reading(struct draw *d, struct buf *out)
{
    add(out, "\"a21026\":%.2f", (double)draw(d, 10000) / 100);
}

static void
add_good(struct draw *d, struct buf *out)
{
    add_front(d, out);
    add(out, "{");
    add_reading(d, out);
    add(out, "}}");
}

static void
make_truncated(struct draw *d, struct buf *out)
{
    add_good(d, out);
    out->size -= 1 + draw(d, out->size - 40);
}

static void
make_deep(struct draw *d, struct buf *out)
{
    bool objects = draw(d, 2) == 0;
    uint64_t depth = 9 + draw(d, 1000);
    add(out, "{\"id\":%" PRIu64 ",\"x\":", d->serial);
    add_many(out, objects ? "{\"x\":" : "[", depth);
    if (draw(d, 2) == 0) {
        add(out, "0");
        add_many(out, objects ? "}" : "]", depth);
        add(out, "}");
    }
}

static void
make_huge(struct draw *d, struct buf *out)
{
    add_front(d, out);
    add(out, "{\"a21026\":\"");
    add_many(out, "huge ", draw(d, 64) == 0 ? 13500 : 400 + draw(d, 800)); /* now and then past 64 KiB */
    add(out, "\"}}");
}

static void
make_many(struct draw *d, struct buf *out)
{
    add_front(d, out);
    add(out, "{\"x\":0");
    for (uint64_t i = 0, count = 1024 + draw(d, 200); i < count; i++)
        add(out, ",\"%" PRIx64 "\":0", i);
    add(out, "}}");
}

static void
make_invalid_utf8(struct draw *d, struct buf *out)
{
    static const char *const bad[] = {"\xff",     "\xc0\x80",         "\xed\xa0\x80",
                                      "\xe7\xa8", "\xf4\x90\x80\x80", "\xd6\x5b"};
    add_front(d, out);
    add(out, "{");
    add_reading(d, out);
    add(out, ",\"%s\":1}}", bad[draw(d, 6)]);
}

static void
make_token(struct draw *d, struct buf *out)
{
    static const char *const bad[] = {"NaN", "Infinity", "-Infinity", "nan",  "None", "01",
                                      "+1",  ".5",       "1.",        "0x1F", "1,5,"};
    add_front(d, out);
    add(out, "{\"a21026\":%s}}", bad[draw(d, 11)]);
}

static void
make_overflow(struct draw *d, struct buf *out)
{
    const char *sign = draw(d, 2) == 0 ? "-" : "";
    uint64_t exponent = 309 + draw(d, 9000);
    add_front(d, out);
    add(out, "{\"a21026\":%s1e%" PRIu64 "}}", sign, exponent);
}

static void
make_duplicate(struct draw *d, struct buf *out)
{
    add_front(d, out);
    add(out, "{");
    add_reading(d, out);
    add(out, ",");
    add_reading(d, out);
    add(out, "}}");
}

static void
make_type(struct draw *d, struct buf *out)
{
    static const char *const bad[] = {"\"12.5\"",          "true",        "null", "[1]", "{}",
                                      "{\"value\":\"1\"}", "{\"mark\":7}"};
    add_front(d, out);
    add(out, "{\"a21026\":%s}}", bad[draw(d, 7)]);
}

static void
make_shape(struct draw *d, struct buf *out)
{
    static const char *const bad[] = {"[]", "null", "3", "{}", "\"a21026\""};
    add_front(d, out);
    add(out, "%s}", bad[draw(d, 5)]);
}

static void
make_other_monitor(struct draw *d, struct buf *out)
{
    char other[64], when[64];
    snprintf(other, sizeof(other), "other-%" PRIu64, draw(d, 1000));
    snprintf(when, sizeof(when), "\"%s\"", at);
    add_head(d, out, other, when);
    add(out, "{");
    add_reading(d, out);
    add(out, "}}");
}

static void
make_unknown_parameter(struct draw *d, struct buf *out)
{
    add_front(d, out);
    add(out, "{\"zz%" PRIu64 "\":1,\"\":2,\"a\\r\\nBcc: x\":3,\"'; drop table sample; --\":4}}",
        draw(d, 100000));
}

static void
make_unit(struct draw *d, struct buf *out)
{
    static const char *const bad[] = {"ug/m2", "kWh", "MG/M3", "", "kg", "\\u0000", "mg m3"};
    add_front(d, out);
    add(out, "{\"a21026\":{\"value\":1,\"unit\":\"%s\"}}}", bad[draw(d, 7)]);
}

static void
make_mark(struct draw *d, struct buf *out)
{
    static const char *const bad[] = {"", "HL", " ", "\\u6545", "\\\"", "-"};
    add_front(d, out);
    add(out, "{\"a21026\":{\"value\":1,\"mark\":\"%s\"}}}", bad[draw(d, 6)]);
}

static void
make_time(struct draw *d, struct buf *out)
{
    static const char *const bad[] = {
        "\"2099-01-01T00:00:00Z\"", "\"1970-01-01T00:00:00Z\"",
        "\"2026-02-30T00:00:00Z\"", "1604276100",
        "\"20201102081500\"",       "null",
        "\"2020/11/02 08:15\"",     "\"9999-12-31T23:59:59Z\"",
    };
    add_head(d, out, monitor, bad[draw(d, 8)]);
    add(out, "{");
    add_reading(d, out);
    add(out, "}}");
}

static void
make_frame(struct draw *d, struct buf *out)
{
    add(out,
        "##%04" PRIu64 "QN=%017" PRIu64
        ";ST=31;CN=2011;PW=123456;MN=%s;Flag=4;CP=&&a21026-Rtd=12.31&&C0DE\r\n",
        draw(d, 1000), d->serial, monitor);
}

/* The first byte is one that no JSON begins with. */
static void
make_binary(struct draw *d, struct buf *out)
{
    static const unsigned char first[] = {0x1f, 0x8b, 0xa2, 0xff, 0x08, 0x00};
    buf_add(out, &first[draw(d, sizeof(first))], 1);
    buf_add_u64(out, d->serial);
    for (uint64_t i = 0, size = draw(d, 300); i < size; i++) {
        unsigned char byte = (unsigned char)draw(d, 256);
        buf_add(out, &byte, 1);
    }
}

static void
make_empty(struct draw *d, struct buf *out)
{
    for (uint64_t i = 0, size = draw(d, 20); i < size; i++)
        buf_add(out, &" \t\r\n"[draw(d, 4)], 1);
}

static void
make_behind(struct draw *d, struct buf *out)
{
    static const char *const tail[] = {"x", "}", ",", "{}", "\n{\"a\":1}"};
    add_good(d, out);
    if (draw(d, 4) == 0)
        buf_add(out, "", 1); /* the NUL of a string in C */
    else
        add(out, "%s", tail[draw(d, 5)]);
}

static void
make_scalar(struct draw *d, struct buf *out)
{
    static const char *const front[] = {"", "-", "\"", "online ", "[", "<a>"};
    const char *f = front[draw(d, 6)];
    add(out, "%s%" PRIu64 "%s", f, d->serial, f[0] == '"' ? "\"" : f[0] == '[' ? "]" : "");
}

/* The topic is the one of the options but for what a row says. */
static const struct kind {
    const char *name;
    void (*make)(struct draw *d, struct buf *out);
    const char *plant, *monitor; /* NULL: as in the options */
} kinds[] = {
    {"truncated", make_truncated, NULL, NULL},
    {"deep", make_deep, NULL, NULL},
    {"huge", make_huge, NULL, NULL},
    {"many-readings", make_many, NULL, NULL},
    {"invalid-utf8", make_invalid_utf8, NULL, NULL},
    {"no-number", make_token, NULL, NULL},
    {"overflow", make_overflow, NULL, NULL},
    {"duplicate", make_duplicate, NULL, NULL},
    {"type", make_type, NULL, NULL},
    {"shape", make_shape, NULL, NULL},
    {"other-monitor", make_other_monitor, NULL, NULL},
    {"other-plant", add_good, "nobodys", NULL},
    {"unknown-monitor", add_good, NULL, "nobody"},
    {"unknown-parameter", make_unknown_parameter, NULL, NULL},
    {"unit", make_unit, NULL, NULL},
    {"mark", make_mark, NULL, NULL},
    {"time", make_time, NULL, NULL},
    {"frame", make_frame, NULL, NULL},
    {"binary", make_binary, NULL, NULL},
    {"empty", make_empty, NULL, NULL},
    {"behind", make_behind, NULL, NULL},
    {"scalar", make_scalar, NULL, NULL},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void
print_message(struct draw *d, struct buf *payload)
{
    const struct kind *k = &kinds[draw(d, KINDS)];
    const char *claimed = monitor;

    if (k->monitor != NULL)
        monitor = k->monitor;
    buf_empty(payload);
    k->make(d, payload);
    printf("%s\tplants/%s/%s/%s\t", k->name, region, k->plant != NULL ? k->plant : plant, monitor);
    for (size_t i = 0; i < payload->size; i++) {
        static const char digit[] = "0123456789abcdef";
        putchar(digit[payload->at[i] >> 4]);
        putchar(digit[payload->at[i] & 15]);
    }
    putchar('\n');
    monitor = claimed;
}

static int
usage(void)
{
    fprintf(stderr, "usage: malformed [--region R] [--plant P] [--monitor M] [--period NAME] [--time "
                    "RFC3339] COUNT SEED\n");
    return 2;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        {"region", required_argument, NULL, 0},  {"plant", required_argument, NULL, 0},
        {"monitor", required_argument, NULL, 0}, {"period", required_argument, NULL, 0},
        {"time", required_argument, NULL, 0},    {NULL, 0, NULL, 0},
    };
    const char **const settings[] = {&region, &plant, &monitor, &period, &at};
    int option, which = 0;
    while ((option = getopt_long(argc, argv, "", options, &which)) == 0)
        *settings[which] = optarg;
    if (option != -1)
        return usage();
    if (argc - optind != 2)
        return usage();

    uint64_t count = strtoull(argv[optind], NULL, 10);
    struct draw d = {.state = strtoull(argv[optind + 1], NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1};
    struct buf payload = {0};
    for (; d.serial < count; d.serial++)
        print_message(&d, &payload);
    buf_clear(&payload);
    return fflush(stdout) != 0;
}
