/* mqtt: a connection to one broker, MQTT 5, on the loop. Hides libmosquitto.
 *
 * The gate. libmosquitto would send a PUBACK before on_message is called; told that threads are used it only queues it,
 * and writes the queue in mosquitto_loop_write(). So with `is_gated` nothing is written from the moment a message came
 * until mqtt_release(): the acknowledgement leaves when the caller has the message on disk. This is the library's
 * behaviour, not its promise: tests/system/ack_order.sh holds it to it.
 *
 *     socket readable -> on_message ... on_message -> [gate closed] -> caller syncs -> mqtt_release() -> PUBACK, PUBACK
 *
 * Connects, and connects again for ever with growing pauses; subscribes on every CONNACK. Failures go to the log. What
 * the broker says of itself that could lose messages goes to on_trap, with what to do about it.
 *
 * Names. The broker's name is looked up beside the loop (resolve.h), before each attempt, and the library is given the
 * address; its addresses take turns. With TLS the certificate is held against the name nevertheless.
 *
 * The library holds a lock while it calls: mqtt_stop() and mqtt_cut() are not for inside a callback; wake a deferred event.
 */
#ifndef ABATE_MQTT_H
#define ABATE_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

struct mqtt;

struct mqtt_calls {
    void (*on_message)(void *self, const char *topic, const void *payload, size_t size);
    void (*on_up)(void *self, bool session_present); /* CONNACK; NULL is fine */
    void (*on_down)(void *self, const char *why);    /* connection lost or refused; NULL is fine */
    void (*on_published)(void *self, int id, int reason_code); /* PUBACK to a publish of ours; NULL is fine */
    void (*on_trap)(void *self, const char *words);  /* NULL: it goes to the log */
};

enum mqtt_kind {
    MQTT_LASTING,  /* the broker keeps the session while we are away: for the daemon */
    MQTT_PASSING,  /* clean start, the session ends with the connection: for publishers */
    MQTT_VISITING, /* to look, under a client id of its own. A broker may give all clients of a user one id: a session that
                    * is there already is left as it is, on_down follows, and no other is left behind */
};

struct mqtt_settings {
    const struct conf_broker *broker; /* must outlive the connection */
    bool is_gated;
    enum mqtt_kind kind;
    const char *memory; /* the directory where the session is remembered (session.h); NULL: it is not */
};

/* NULL with `why` if the settings cannot be used (a certificate that cannot be read ...). */
struct mqtt *mqtt_new(struct loop *loop, const struct mqtt_settings *settings, const struct mqtt_calls *calls,
                      void *self, struct reason *why);
void mqtt_free(struct mqtt *m); /* without a DISCONNECT, without an ack */

void mqtt_add_filter(struct mqtt *m, const char *filter); /* before mqtt_start(), or within a change; QoS 1 */
void mqtt_start(struct mqtt *m);

/* While it runs: `broker` takes the place of the settings, from the next attempt on, and the filters added between the two
 * that of those it had. The connection and its session stay; only what came or went is subscribed and unsubscribed. */
void mqtt_begin_change(struct mqtt *m, const struct conf_broker *broker);
void mqtt_end_change(struct mqtt *m);

/* What was received so far is safe: let the acknowledgements go. */
void mqtt_release(struct mqtt *m);
/* There is no room for more: until mqtt_release() nothing further is read, and a connection that ends is not made anew. What
 * is held stays so, and its acknowledgements go if the connection outlasts it. */
void mqtt_halt(struct mqtt *m);
/* Acks that wait are thrown away with the connection; the broker will send again. Stays down until mqtt_start(). */
void mqtt_cut(struct mqtt *m);
/* A clean end: DISCONNECT behind what waits to be written. The gate must be open. on_down follows. */
void mqtt_stop(struct mqtt *m);

bool mqtt_is_up(const struct mqtt *m);
bool mqtt_is_down(const struct mqtt *m); /* no connection, and none will be tried */
/* The broker has ended the last connection soon after it was up: perhaps another client has our id. */
bool mqtt_is_contested(const struct mqtt *m);
const char *mqtt_name(const struct mqtt *m);

/* QoS 1. While the connection is down the library keeps it and sends it later. False if it refuses (no such topic, too
 * large). `ret_id` is what on_published will name. */
bool mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t size, int *ret_id, struct reason *why);

#endif
