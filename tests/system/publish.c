/* publish: sends what it reads to a broker, at QoS 1.
 *
 *     publish HOST PORT [WINDOW] < LINES         a line: KIND <TAB> TOPIC <TAB> PAYLOAD IN HEX
 *
 * At most WINDOW messages (default 500) are unacknowledged; a lost broker is sought again, and the library sends once
 * more what it had no PUBACK for. Prints "published N acknowledged N"; fails if 60 s bring no PUBACK.
 */
#include <mosquitto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUIET_MOST_S 60

static unsigned long acknowledged;

static void
on_publish(struct mosquitto *m, void *self, int id)
{
    (void)m;
    (void)self;
    (void)id;
    acknowledged++;
}

static void
fail(const char *what, const char *why)
{
    fprintf(stderr, "publish: %s: %s\n", what, why);
    exit(1);
}

/* The payload in place; its size. */
static size_t
unhex(char *text)
{
    size_t size = strcspn(text, "\r\n") / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            fail("not hex", text + 2 * i);
        text[i] = (char)byte;
    }
    return size;
}

/* Lets the library work until no more than `most` messages are out. */
static void
drain(struct mosquitto *m, unsigned long published, unsigned long most)
{
    unsigned long before = acknowledged;
    time_t since = time(NULL);

    while (published - acknowledged > most) {
        if (mosquitto_loop(m, 100, 1) != MOSQ_ERR_SUCCESS) {
            usleep(100000);
            mosquitto_reconnect(m);
        }
        if (acknowledged != before) {
            before = acknowledged;
            since = time(NULL);
        } else if (time(NULL) - since > QUIET_MOST_S) {
            fail("no PUBACK", "for a minute");
        }
    }
}

static void
publish_line(struct mosquitto *m, char *line)
{
    char *topic = strchr(line, '\t');
    char *payload = topic != NULL ? strchr(topic + 1, '\t') : NULL;
    if (payload == NULL)
        fail("no line of three", line);
    *payload++ = '\0';
    size_t size = unhex(payload);

    int result = mosquitto_publish(m, NULL, topic + 1, (int)size, payload, 1, false);
    /* While the broker is away the message waits in the library and counts like any other. */
    if (result != MOSQ_ERR_SUCCESS && result != MOSQ_ERR_NO_CONN && result != MOSQ_ERR_CONN_LOST)
        fail(topic + 1, mosquitto_strerror(result));
}

int
main(int argc, char **argv)
{
    if (argc < 3)
        fail("usage", "publish HOST PORT [WINDOW]");
    unsigned long window = argc > 3 ? strtoul(argv[3], NULL, 10) : 500;
    unsigned long published = 0;
    char *line = NULL;
    size_t room = 0;

    mosquitto_lib_init();
    struct mosquitto *m = mosquitto_new(NULL, true, NULL);
    if (m == NULL)
        fail("mosquitto_new", "no memory");
    mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_publish_callback_set(m, on_publish);
    mosquitto_max_inflight_messages_set(m, 0);
    int result = mosquitto_connect(m, argv[1], (int)strtol(argv[2], NULL, 10), 60);
    if (result != MOSQ_ERR_SUCCESS)
        fail("connect", mosquitto_strerror(result));

    while (getline(&line, &room, stdin) > 0) {
        publish_line(m, line);
        drain(m, ++published, window);
    }
    drain(m, published, 0);
    printf("published %lu acknowledged %lu\n", published, acknowledged);
    free(line);
    mosquitto_disconnect(m);
    mosquitto_destroy(m);
    mosquitto_lib_cleanup();
    return 0;
}
