/* The most a client on libmosquitto can take that holds its acknowledgements back as abated does, and throws all away.
 *
 *     bare PORT ID FILTER COUNT [WINDOW]       COUNT 0: only makes the session
 *
 * Acknowledgements of a burst leave when the socket has no more or the window is full. No disk, no look at a payload.
 */
#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

struct bare {
    const char *filter;
    size_t taken, count, held, window;
    double first, last;
    bool is_ready;
};

static double
now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
on_message(struct mosquitto *mosq, void *self, const struct mosquitto_message *message, const mosquitto_property *properties)
{
    (void)mosq, (void)message, (void)properties;
    struct bare *b = self;
    if (b->taken++ == 0)
        b->first = now_s();
    b->held++;
    if (b->taken == b->count)
        b->last = now_s();
}

static void
on_connect(struct mosquitto *mosq, void *self, int code, int flags, const mosquitto_property *properties)
{
    (void)flags, (void)properties;
    struct bare *b = self;
    if (code != 0) {
        fprintf(stderr, "bare: %s\n", mosquitto_reason_string(code));
        exit(1);
    }
    mosquitto_subscribe(mosq, NULL, b->filter, 1);
}

static void
on_subscribe(struct mosquitto *mosq, void *self, int id, int count, const int *granted)
{
    (void)mosq, (void)id, (void)count, (void)granted;
    struct bare *b = self;
    b->is_ready = true;
    puts("ready");
    fflush(stdout);
}

static void
read_burst(struct mosquitto *mosq, struct bare *b)
{
    size_t before;
    do {
        before = b->taken;
        errno = 0;
        if (mosquitto_loop_read(mosq, 1) != MOSQ_ERR_SUCCESS)
            exit(1);
    } while (b->taken > before && b->held < b->window);
    b->held = 0;
}

static void
run(struct mosquitto *mosq, struct bare *b)
{
    while (b->count > 0 ? b->taken < b->count : !b->is_ready) {
        struct pollfd on = {.fd = mosquitto_socket(mosq), .events = POLLIN};
        poll(&on, 1, 1000);
        read_burst(mosq, b);
        mosquitto_loop_write(mosq, 1);
        mosquitto_loop_misc(mosq);
    }
}

/* A broker that is behind with them takes the last acknowledgements slowly. */
static void
say_goodbye(struct mosquitto *mosq)
{
    mosquitto_disconnect(mosq);
    while (mosquitto_socket(mosq) >= 0 && mosquitto_want_write(mosq)) {
        struct pollfd on = {.fd = mosquitto_socket(mosq), .events = POLLOUT};
        poll(&on, 1, 1000);
        mosquitto_loop_write(mosq, 1);
    }
}

int
main(int argc, char **argv)
{
    mosquitto_property *properties = NULL;
    struct bare b = {.window = 1000};
    struct rusage used;

    if (argc < 5)
        return 2;
    b.filter = argv[3];
    b.count = strtoull(argv[4], NULL, 10);
    if (argc > 5)
        b.window = strtoull(argv[5], NULL, 10);
    mosquitto_lib_init();
    struct mosquitto *mosq = mosquitto_new(argv[2], false, &b);
    mosquitto_threaded_set(mosq, true);
    mosquitto_int_option(mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(mosq, MOSQ_OPT_RECEIVE_MAXIMUM, (int)b.window);
    mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, UINT32_MAX);
    mosquitto_connect_v5_callback_set(mosq, on_connect);
    mosquitto_subscribe_callback_set(mosq, on_subscribe);
    mosquitto_message_v5_callback_set(mosq, on_message);
    if (mosquitto_connect_bind_v5(mosq, "127.0.0.1", atoi(argv[1]), 60, NULL, properties) != MOSQ_ERR_SUCCESS)
        return 1;
    mosquitto_loop_write(mosq, 1);
    run(mosq, &b);
    say_goodbye(mosq);
    if (b.count > 0) {
        getrusage(RUSAGE_SELF, &used);
        double processor = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
        printf("bare %zu messages %.3f s %.0f messages/s, %.2f us a message of its own\n", b.taken, b.last - b.first,
               (double)b.taken / (b.last - b.first), processor * 1e6 / (double)b.taken);
    }
    return 0;
}
