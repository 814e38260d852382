/* plant: made-up monitors SIM000001 .. that send numbered messages and send again what nobody acknowledged.
 *
 *     plant --run NAME --file FILE [--host H] [--port P] [--messages N] [--first I] [--monitors M] [--monitor K] [--rate R]
 *           [--again MILLISECONDS] [--keepalive SECONDS] [--receipts] [--split]
 *
 * Message i (from 0) is of monitor K + i mod M (K is 1 if not said), of the minute i div M of 2021-01-01 on, and has
 *
 *     a34013 = i    a21002 = 60 in the minutes 5, 6, 7 of every twenty, else 40
 *
 * but every fiftieth (i mod 50 = 49) is bad, each with bytes of its own, of four kinds in turn: no time; a word for a
 * number; a parameter nobody knows; cut off. All say "id": "NAME-i"; of the cut one it is not to be read.
 *
 * Acknowledged is a message at its PUBACK (of success: one that says "nobody subscribes" is none), with --receipts only at
 * its receipt: receipts/SIM/<monitor>, {"receipts": [{"id": "NAME-i"} or {"sha256": "<hex of the payload>"}, ...]}.
 *
 * With --split the first level of the topic is not "plants" but "odd" or "even", as the monitor's number is.
 *
 * At most WINDOW messages are unacknowledged, whatever N: what is behind the oldest of them by more waits. FILE has what is
 * acknowledged, as ranges "FROM TO", oldest first; FILE.counts what was done. Both are renamed into place twice a second, at
 * the end and at SIGTERM. SIGUSR1: what is made is all. Ends with 0 when all is acknowledged.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WINDOW 4096
#define PAYLOAD_MOST 256
#define SAVE_MS 500
#define RECONNECT_MS 100
#define BEGINNING 1609459200 /* 2021-01-01T00:00:00Z */

struct plant {
    const char *run, *file, *host;
    int port, keepalive;
    uint64_t first, messages, monitors, monitor, rate;
    int64_t again_ms;
    bool receipts;
    bool is_split;

    struct mosquitto *mosquitto;
    bool is_up;
    unsigned char *acknowledged; /* a bit a message, from `first` */
    uint64_t oldest;             /* unacknowledged; from 0 */
    uint64_t next;               /* never sent yet */
    int64_t sent[WINDOW];        /* when, by number; 0: must be sent (again) */
    uint64_t number[65536];      /* of the library's message id, + 1; 0: not out */
    unsigned out;                /* messages the library holds */
    uint64_t done, published, again, connections, refused;
};

static volatile sig_atomic_t must_stop, is_enough;

static void
on_signal(int number)
{
    if (number == SIGUSR1)
        is_enough = 1;
    else
        must_stop = 1;
}

static void
fail(const char *what, const char *why)
{
    fprintf(stderr, "plant: %s: %s\n", what, why);
    exit(1);
}

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- what is acknowledged ---- */

static bool
is_acknowledged(const struct plant *p, uint64_t n)
{
    return (p->acknowledged[n / 8] >> (n % 8) & 1) != 0;
}

static void
acknowledge(struct plant *p, uint64_t n)
{
    if (n >= p->next || is_acknowledged(p, n))
        return;
    p->acknowledged[n / 8] = (unsigned char)(p->acknowledged[n / 8] | 1U << (n % 8));
    p->done++;
    while (p->oldest < p->next && is_acknowledged(p, p->oldest))
        p->oldest++;
}

/* A file appears whole or not at all. */
static FILE *
file_begin(const char *name, char temporary[static 1024])
{
    snprintf(temporary, 1024, "%s.tmp", name);
    FILE *f = fopen(temporary, "we");
    if (f == NULL)
        fail(temporary, strerror(errno));
    return f;
}

static void
file_finish(FILE *f, const char *temporary, const char *name)
{
    if (fclose(f) != 0 || rename(temporary, name) != 0)
        fail(name, strerror(errno));
}

static void
save(const struct plant *p)
{
    char temporary[1024], counts[1000];
    FILE *f = file_begin(p->file, temporary);
    for (uint64_t i = 0, from; i < p->next; i++) {
        if (!is_acknowledged(p, i))
            continue;
        for (from = i; i + 1 < p->next && is_acknowledged(p, i + 1);)
            i++;
        fprintf(f, "%" PRIu64 " %" PRIu64 "\n", p->first + from, p->first + i);
    }
    file_finish(f, temporary, p->file);

    snprintf(counts, sizeof(counts), "%s.counts", p->file);
    f = file_begin(counts, temporary);
    fprintf(f,
            "next=%" PRIu64 "\nacknowledged=%" PRIu64 "\npublished=%" PRIu64 "\nagain=%" PRIu64 "\nconnections=%" PRIu64
            "\nrefused=%" PRIu64 "\n",
            p->first + p->next, p->done, p->published, p->again, p->connections, p->refused);
    file_finish(f, temporary, counts);
}

/* ---- messages ---- */

static void
write_message(const struct plant *p, uint64_t i, char topic[static 64], char payload[static PAYLOAD_MOST])
{
    uint64_t minute = i / p->monitors;
    time_t at = (time_t)(BEGINNING + minute * 60);
    char time[32], id[64];
    struct tm tm;

    uint64_t monitor = p->monitor + i % p->monitors;
    const char *first = !p->is_split ? "plants" : monitor % 2 == 1 ? "odd" : "even";
    snprintf(topic, 64, "%s/sim/SIM/SIM%06" PRIu64, first, monitor);
    snprintf(id, sizeof(id), "\"id\":\"%.32s-%" PRIu64 "\"", p->run, i);
    strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
    if (i % 50 != 49) {
        int other = minute % 20 >= 5 && minute % 20 <= 7 ? 60 : 40;
        snprintf(payload, PAYLOAD_MOST,
                 "{%s,\"time\":\"%s\",\"period\":\"minute\",\"readings\":{\"a34013\":%" PRIu64 ",\"a21002\":%d}}", id, time,
                 i, other);
        return;
    }
    switch (i / 50 % 4) {
    case 0:
        snprintf(payload, PAYLOAD_MOST, "{%s,\"period\":\"minute\",\"readings\":{\"a34013\":%" PRIu64 "}}", id, i);
        return;
    case 1:
        snprintf(payload, PAYLOAD_MOST, "{%s,\"time\":\"%s\",\"period\":\"minute\",\"readings\":{\"a34013\":\"high\"}}", id,
                 time);
        return;
    case 2:
        snprintf(payload, PAYLOAD_MOST, "{%s,\"time\":\"%s\",\"period\":\"minute\",\"readings\":{\"z99999\":1}}", id, time);
        return;
    default:
        snprintf(payload, PAYLOAD_MOST, "{%s,\"time\":\"%s\",\"period\":\"minute\",\"readi", id, time);
    }
}

/* False: the library does not take it now. */
static bool
send_message(struct plant *p, uint64_t n)
{
    char topic[64], payload[PAYLOAD_MOST];
    int id;

    write_message(p, p->first + n, topic, payload);
    int result = mosquitto_publish(p->mosquitto, &id, topic, (int)strlen(payload), payload, 1, false);
    if (result == MOSQ_ERR_NO_CONN || result == MOSQ_ERR_CONN_LOST || result == MOSQ_ERR_ERRNO) /* a broken pipe */
        return false;
    if (result != MOSQ_ERR_SUCCESS)
        fail(topic, mosquitto_strerror(result));
    p->out += p->number[id] == 0;
    p->number[id] = n + 1;
    p->sent[n % WINDOW] = now_ms();
    p->published++;
    return true;
}

/* What was sent and not acknowledged for too long, oldest first. */
static void
send_again(struct plant *p)
{
    int64_t now = now_ms();
    for (uint64_t n = p->oldest; n < p->next && p->is_up && p->out < WINDOW; n++) {
        if (is_acknowledged(p, n) || (p->sent[n % WINDOW] != 0 && now - p->sent[n % WINDOW] < p->again_ms))
            continue;
        if (!send_message(p, n))
            return;
        p->again++;
    }
}

static void
send_new(struct plant *p, int64_t since)
{
    uint64_t due = p->messages;
    if (p->rate > 0)
        due = (uint64_t)(now_ms() - since) * p->rate / 1000 + 1;
    while (p->next < p->messages && p->next < due && p->next - p->oldest < WINDOW && p->out < WINDOW && p->is_up) {
        if (!send_message(p, p->next))
            return;
        p->next++;
    }
}

/* ---- receipts ---- */

static void
take_id(struct plant *p, const char *id)
{
    size_t size = strlen(p->run);
    if (strncmp(id, p->run, size) != 0 || id[size] != '-')
        return;
    uint64_t i = strtoull(id + size + 1, NULL, 10);
    if (i >= p->first)
        acknowledge(p, i - p->first);
}

static void
hash(const char *text, char hex[static 65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text, strlen(text), digest, &size, EVP_sha256(), NULL);
    for (unsigned i = 0; i < size && i < 32; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
}

static void
take_hash(struct plant *p, const char *wanted)
{
    char topic[64], payload[PAYLOAD_MOST], hex[65];
    for (uint64_t n = p->oldest; n < p->next; n++) {
        if ((p->first + n) % 50 != 49 || is_acknowledged(p, n))
            continue;
        write_message(p, p->first + n, topic, payload);
        hash(payload, hex);
        if (strcmp(hex, wanted) == 0)
            acknowledge(p, n);
    }
}

static void
on_message(struct mosquitto *m, void *self, const struct mosquitto_message *message)
{
    (void)m;
    struct plant *p = self;
    json_error_t error;
    size_t i;
    json_t *one, *root = json_loadb(message->payload, (size_t)message->payloadlen, 0, &error);
    if (root == NULL)
        fail(message->topic, error.text);
    json_array_foreach(json_object_get(root, "receipts"), i, one)
    {
        const char *id = json_string_value(json_object_get(one, "id"));
        const char *hex = json_string_value(json_object_get(one, "sha256"));
        if (id != NULL)
            take_id(p, id);
        else if (hex != NULL)
            take_hash(p, hex);
    }
    json_decref(root);
}

/* ---- the connection ---- */

static void
on_connect(struct mosquitto *m, void *self, int code)
{
    struct plant *p = self;
    if (code != 0)
        return;
    p->is_up = true;
    p->connections++;
    if (p->receipts)
        mosquitto_subscribe(m, NULL, "receipts/SIM/#", 1);
}

static void
on_disconnect(struct mosquitto *m, void *self, int code)
{
    (void)m;
    (void)code;
    struct plant *p = self;
    p->is_up = false;
}

static void
on_publish(struct mosquitto *m, void *self, int id, int code, const mosquitto_property *properties)
{
    (void)m;
    (void)properties;
    struct plant *p = self;
    uint64_t number = p->number[id];
    if (number == 0)
        return;
    p->number[id] = 0;
    p->out--;
    if (code != 0)
        p->refused++; /* it is sent again in its time */
    else if (!p->receipts)
        acknowledge(p, number - 1);
}

static void
connect_to(struct plant *p)
{
    p->mosquitto = mosquitto_new(NULL, true, p);
    if (p->mosquitto == NULL)
        fail("mosquitto_new", "no memory");
    mosquitto_int_option(p->mosquitto, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(p->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_max_inflight_messages_set(p->mosquitto, 500);
    mosquitto_connect_callback_set(p->mosquitto, on_connect);
    mosquitto_disconnect_callback_set(p->mosquitto, on_disconnect);
    mosquitto_publish_v5_callback_set(p->mosquitto, on_publish);
    mosquitto_message_callback_set(p->mosquitto, on_message);
    mosquitto_connect(p->mosquitto, p->host, p->port, p->keepalive); /* or later */
}

/* The library sends again what it holds, when it has a connection again. */
static void
turn(struct plant *p)
{
    if (mosquitto_loop(p->mosquitto, p->rate > 0 ? 5 : 1, 1) == MOSQ_ERR_SUCCESS)
        return;
    p->is_up = false;
    nanosleep(&(struct timespec){0, RECONNECT_MS * 1000000}, NULL);
    mosquitto_reconnect(p->mosquitto);
}

static void
run(struct plant *p)
{
    int64_t since = 0, saved = 0, looked = 0;

    connect_to(p);
    while (p->done < p->messages && !must_stop) {
        turn(p);
        if (is_enough)
            p->messages = p->next;
        int64_t now = now_ms();
        if (since == 0 && p->is_up)
            since = now;
        if (since != 0 && now - looked >= 50) {
            send_again(p);
            looked = now;
        }
        if (since != 0)
            send_new(p, since);
        if (now - saved >= SAVE_MS) {
            save(p);
            saved = now;
        }
    }
    save(p);
    mosquitto_disconnect(p->mosquitto);
    mosquitto_destroy(p->mosquitto);
}

static void
take_options(struct plant *p, int argc, char **argv)
{
    static const struct option names[] = {
        {"run", required_argument, NULL, 'r'},      {"file", required_argument, NULL, 'f'},
        {"host", required_argument, NULL, 'h'},     {"port", required_argument, NULL, 'p'},
        {"messages", required_argument, NULL, 'n'}, {"first", required_argument, NULL, 'i'},
        {"monitors", required_argument, NULL, 'm'}, {"monitor", required_argument, NULL, 'o'}, {"rate", required_argument, NULL, 't'},
        {"again", required_argument, NULL, 'a'},    {"keepalive", required_argument, NULL, 'k'},
        {"receipts", no_argument, NULL, 'R'},       {"split", no_argument, NULL, 's'}, {0}};
    int c;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        unsigned long long n = optarg != NULL ? strtoull(optarg, NULL, 10) : 0;
        switch (c) {
        case 'r': p->run = optarg; break;
        case 'f': p->file = optarg; break;
        case 'h': p->host = optarg; break;
        case 'p': p->port = (int)n; break;
        case 'n': p->messages = n; break;
        case 'i': p->first = n; break;
        case 'm': p->monitors = n; break;
        case 'o': p->monitor = n; break;
        case 't': p->rate = n; break;
        case 'a': p->again_ms = (int64_t)n; break;
        case 'k': p->keepalive = (int)n; break;
        case 'R': p->receipts = true; break;
        case 's': p->is_split = true; break;
        default: exit(2);
        }
    }
    if (p->run == NULL || p->file == NULL || p->monitors == 0 || optind < argc)
        fail("usage", "plant --run NAME --file FILE ...");
}

int
main(int argc, char **argv)
{
    static struct plant p = {
        .host = "127.0.0.1", .port = 1883, .messages = 1000, .monitors = 10, .monitor = 1, .again_ms = 5000, .keepalive = 5};

    take_options(&p, argc, argv);
    p.acknowledged = calloc(p.messages / 8 + 1, 1);
    if (p.acknowledged == NULL)
        fail("memory", strerror(errno));
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    signal(SIGUSR1, on_signal);
    mosquitto_lib_init();
    run(&p);
    printf("plant: published %" PRIu64 ", %" PRIu64 " of them again, over %" PRIu64 " connections; acknowledged %" PRIu64
           "\n",
           p.published, p.again, p.connections, p.done);
    free(p.acknowledged);
    mosquitto_lib_cleanup();
    return p.done == p.messages ? 0 : 1;
}
