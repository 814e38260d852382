/* mqtt_own: what the files of mqtt share. Nobody else includes it. */
#ifndef ABATE_MQTT_OWN_H
#define ABATE_MQTT_OWN_H

#include <mosquitto.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "mqtt.h"
#include "mqtt_bulk.h"
#include "pause.h"
#include "reason.h"
#include "resolve.h"
#include "session.h"

/*      start         looked up           CONNACK            SUBACK
 * DOWN -----> RESOLVING -----> CONNECTING ------> SUBSCRIBING ------> UP
 *  ^              |                |                   |               |
 *  +--------------+----------------+--- any failure ---+---------------+   then a pause, then RESOLVING again
 */
enum mqtt_state {
    MQTT_DOWN,        /* no connection, none wanted */
    MQTT_PAUSING,     /* no connection; the timer will try again */
    MQTT_RESOLVING,   /* the broker's address is being looked up */
    MQTT_CONNECTING,  /* socket, TLS, CONNECT under way */
    MQTT_SUBSCRIBING, /* connected; filters asked for */
    MQTT_UP,          /* messages come */
    MQTT_STOPPING,    /* DISCONNECT is to be written */
};

struct mqtt {
    struct loop *loop;
    struct mosquitto *mosq;
    const struct conf_broker *broker;
    struct mqtt_calls calls;
    void *self;
    struct loop_event *socket;
    struct bulk bulk; /* of the socket */
    struct loop_event *misc;
    struct loop_event *room; /* there is, again, for what was read of the socket */
    struct loop_event *retry;
    struct loop_event *overdue; /* CONNACK and SUBACK must have come by then */
    struct resolve *resolve;
    enum mqtt_state state;
    enum mqtt_kind kind;
    bool is_gated;
    bool is_closed;       /* the gate: something came that is not safe yet */
    bool is_halted;       /* neither read nor connected: mqtt_halt() */
    int held;             /* publishes since the gate closed; at the broker's receive_maximum no more is read */
    int unsent;           /* acknowledgements let through since the socket took all there were */
    bool was_told_down;   /* on_down was called and no on_up since */
    bool has_properties;  /* those of CONNECT were given to the library */
    struct reason said;   /* the library's last word on an error, while it connects */
    uint64_t packets;     /* publishes received, to see whether a read brought one */
    struct pause pause;
    int64_t stands_since; /* ticks; of the state UP */
    struct reason down_why;
    int64_t down_said_at; /* ticks */
    int address;          /* which of the broker's is next */

    /* ---- mqtt_linger.c ---- */
    struct loop_event *rest;
    int linger; /* a second descriptor of the socket; -1: none */
    bool is_lingering;

    /* ---- mqtt_tls.c ---- */
    struct ssl_ctx_st *tls; /* NULL: without */
    int tls_alert;          /* the broker's last one, as OpenSSL has it; 0: none */
    long tls_verified;      /* what came of checking the broker's certificate */
    int tls_error;          /* errno, when a step of the handshake failed: the socket may tell it only once */
    bool is_shaken;         /* the handshake is over */

    /* ---- mqtt_session.c ---- */
    char **filter;
    size_t filters;
    char **old_filter; /* within a change: those before it */
    size_t old_filters;
    bool session_present;
    bool is_foreign;           /* the session is another client's: nothing of it is touched */
    struct session *session;   /* NULL: none is remembered */
    int64_t touched_at;        /* ticks */
    int subscribed;            /* packet id of the SUBSCRIBE under way */
    struct loop_event *ask_again; /* for filters that were not granted */
    struct pause ask_pause;
    bool was_advised;
    int thrown_out;            /* how often in a row the broker ended a connection soon after it was up */
    int64_t dropped;           /* as the broker counts; -1: it has not said */
};

/* ---- mqtt.c ---- */
void mqtt_enter(struct mqtt *m, enum mqtt_state next, const char *why);
void mqtt_fail(struct mqtt *m, const char *why);
void mqtt_up(struct mqtt *m);
void mqtt_write_out(struct mqtt *m);
void mqtt_rearm(struct mqtt *m);
void mqtt_fail_by(struct mqtt *m, int code); /* of the library */

/* ---- mqtt_connect.c ---- */
#define MQTT_MISC_US 1000000 /* how often the library looks at its keepalive */
void mqtt_connect_init(struct mqtt *m);
void mqtt_connect_clear(struct mqtt *m);
void mqtt_connect(struct mqtt *m);     /* begins; what comes of it is a CONNACK or mqtt_fail() */
void mqtt_connect_is_over(struct mqtt *m);
bool mqtt_was_refused(struct mqtt *m); /* the port: the library says nothing of it; mqtt_fail() was called */

/* ---- mqtt_session.c ---- */
void mqtt_session_init(struct mqtt *m, const struct mqtt_settings *settings);
void mqtt_session_clear(struct mqtt *m);
void mqtt_session_taken(struct mqtt *m); /* the broker has thrown us out for another one of our client id */
void mqtt_session_thrown_out(struct mqtt *m); /* without a word, soon after it was up */
void mqtt_session_stands(struct mqtt *m); /* once a second or so, while it is UP */
bool mqtt_session_takes(struct mqtt *m, const struct mosquitto_message *message); /* a message to ourselves */

/* ---- mqtt_linger.c ---- */
void mqtt_linger_init(struct mqtt *m);
void mqtt_linger_clear(struct mqtt *m);
void mqtt_linger_hold(struct mqtt *m);  /* before the DISCONNECT */
bool mqtt_linger_begin(struct mqtt *m); /* the library has closed its own; true if mqtt_fail() will be called once more */
void mqtt_linger_end(struct mqtt *m);

/* ---- mqtt_options.c ---- */
#define MQTT_PACKET_MOST 300000 /* bytes: a payload over the decoder's bound comes in and is rejected with its bytes */

const char *mqtt_words(int code); /* of an error of the library, errno's where it says so */

/* Why the connection failed, with a hint where there is one; `code` of the library. */
void mqtt_explain(const struct mqtt *m, int code, struct reason *ret);

/* Protocol, window, user and password. */
bool mqtt_set_options(struct mosquitto *mosq, const struct conf_broker *b, struct reason *why);
int mqtt_give_properties(struct mosquitto *mosq, const struct conf_broker *b, enum mqtt_kind kind);
int mqtt_say_goodbye(struct mqtt *m); /* queues a DISCONNECT */

/* ---- mqtt_tls.c ---- */
bool mqtt_tls_init(struct mqtt *m, struct reason *why);
void mqtt_tls_clear(struct mqtt *m);
bool mqtt_tls_begin(struct mqtt *m, struct reason *why); /* before each attempt: reads the files */
bool mqtt_tls_failed(const struct mqtt *m, int code, struct reason *why); /* false: it was not TLS that failed */

/* Our certificate has expired. A broker that refuses it says so in an alert, which the reset of the connection may overtake. */
bool mqtt_tls_is_too_old(const struct mqtt *m);

/* What a TLS handshake under way waits for, LOOP_READ or LOOP_WRITE; 0 if there is none. The library is of no help: it does
 * not take its wish to write back, and goes on with the handshake only when it is told to read. */
int mqtt_handshake_wants(struct mosquitto *mosq);

/* TLS has decrypted bytes that nobody has read: for these the socket will not become readable. */
bool mqtt_has_pending(struct mosquitto *mosq);

#endif
