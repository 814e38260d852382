/* conf: the configuration as written, checked whole. lib is told: the caller reads the file.
 *
 *     instance = "abated"
 *     broker "NAME" { ... }   database { ... }   journal { ... }   judge { ... }   profile "NAME" { ... }   feed "NAME" { ... }
 *     ack_link { ... }   channel "NAME" { ... }   trouble { ... }   http { ... }
 *
 *     text --> conf_text --> conf_tree --> conf_value --> struct conf
 *              blanks       libConfuse     conf_key's
 *              comments                    table
 *
 * Every key is a row of one table (section, name, type, default, check, help): conf_key.h. An error names
 * file, line and key and says what to do. Passwords are read from files named here, never written here.
 */
#ifndef ABATE_CONF_H
#define ABATE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "profile.h"
#include "reason.h"
#include "sample.h"
#include "topic.h"

struct form;

struct conf_broker {
    char *name;          /* 1 to 255 bytes */
    char *host;          /* must be there */
    int port;            /* default 1883, 8883 with TLS */
    char *client_id;     /* default "abated-<duty>", or without one "abated-<instance>" */
    char *username;      /* NULL: none */
    char *password_file; /* NULL: none; the first line of the file */
    bool tls;
    char *ca_file;                     /* NULL with TLS: the system's certificates */
    char *certificate_file, *key_file; /* both or none */
    int keepalive_s;                   /* 5 .. 3600; default 60 */
    int receive_maximum;               /* messages in flight unacknowledged; 1 .. 65535; default 1000 */
    int probe;                         /* messages to try the broker with; 0: not at all; .. 100000; default 2000 */
    int64_t connect_timeout_us;        /* default 10s */
    int64_t retry_most_us;             /* the longest pause between attempts; default 30s */
};

struct conf_feed {
    char *name;
    struct conf_broker *broker;  /* named by broker = "..."; may be left out if there is only one */
    struct topic topic;          /* default plants/{region}/{plant}/{monitor} */
    const struct form *form;     /* default json */
    const struct profile *profile; /* named by profile = "..."; NULL: abate's own JSON, or another form */
    struct sample_window window; /* past = "30d", future = "10min" */
    bool receipts;               /* default off: nobody is told what was taken */
    char *receipt_topic;         /* what receipts' topics begin with; default "receipts" */
};

/* The ways an alert may go. */
enum conf_kind { CONF_MAIL, CONF_HTTP, CONF_EXEC, CONF_MQTT, CONF_ALERTMANAGER, CONF_KINDS };
enum conf_encryption { CONF_STARTTLS, CONF_TLS, CONF_IF_OFFERED, CONF_NO_TLS };
enum conf_signature { CONF_UNSIGNED, CONF_DINGTALK, CONF_HEADER };

struct conf_channel {
    char *name;
    int kind;           /* enum conf_kind; must be there */
    int64_t timeout_us; /* default 30s */
    int in_flight;      /* letters under way at once; 1 .. 64; default 4 */
    char *troubles_to;  /* recipients, with blanks between them, of the daemon's own troubles; NULL: none */

    bool links;         /* default off; on: ack_link is there */

    /* mail */
    char *host;             /* must be there */
    int port;               /* default 587, with CONF_TLS 465, without any 25 */
    int encryption;         /* enum conf_encryption; default starttls */
    char *from, *from_name; /* from must be there */
    char *reply_to;

    /* mail, http, alertmanager */
    char *username, *password_file; /* both or none */
    char *ca_file;                  /* NULL: the system's certificates */

    /* http, alertmanager */
    char *url; /* must be there */
    char *header_file;

    /* http: templates of letters */
    char *method;       /* default POST */
    char *content_type; /* default application/json; charset=utf-8 */
    char *body;         /* default {json} */
    char *secret_file;
    int signature; /* enum conf_signature; default none */
    char *signing_file;
    struct pointer success_pointer; /* to where success_value stands; both or none */
    char *success_value;

    char *program; /* exec; must be there */

    /* mqtt */
    struct conf_broker *broker; /* may be left out if there is only one */
    char *topic;                /* default alerts */
};

enum conf_log { CONF_LOG_ERROR, CONF_LOG_WARNING, CONF_LOG_NOTICE, CONF_LOG_INFO, CONF_LOG_DEBUG };

struct conf {
    unsigned keepers; /* conf_keep() and conf_free() count them */
    char *instance; /* default "abated"; [a-z0-9_-] */
    char *duty;     /* what it shares with other daemons, of which one at a time is connected; NULL: nothing */
    struct conf_broker *broker;
    size_t brokers;
    struct profile *profile;
    size_t profiles;
    struct conf_feed *feed;
    size_t feeds;
    struct conf_channel *channel;
    size_t channels;
    int log; /* enum conf_log: what is logged, and what is graver; default info */
    struct {
        char *conninfo; /* libpq's: "service=abate" ...; default "dbname=abate" */
        char *password_file;
        int64_t statement_timeout_us; /* default 60s */
        int64_t retry_most_us;        /* default 30s */
        int batch_messages;           /* most messages in one transaction; default 20000 */
        uint64_t batch_bytes;         /* and journal bytes; default 8M */
    } database;
    struct {
        char *directory;        /* default ABATE_STATEDIR/journal */
        uint64_t segment_bytes; /* default 64M */
        uint64_t size_bytes;    /* default 32G; at least two segments */
        int64_t retention_us;   /* default 30d */
    } journal;
    struct {
        bool is_enabled;              /* default on */
        int64_t interval_us;          /* default 1min */
        int64_t statement_timeout_us; /* default 30min */
    } judge;
    struct {
        char *url;         /* what links begin with: ack_link.h */
        char *secret_file; /* both or none */
    } ack_link;
    struct {
        int64_t after_us;  /* default 5min */
        int64_t remind_us; /* default 4h */
        int backlog;       /* percent of the journal's size; default 50 */
    } trouble;
    struct {
        char *listen; /* "127.0.0.1:9380"; NULL: nobody can ask */
    } http;
};

/* `text` as read from the file `name`. NULL with `why`: "NAME:LINE: KEY: what is wrong", KEY with its section
 * before it:
 *
 *     abated.conf:12: broker "north": port: "88830" is not within 1 and 65535 (the broker's TCP port, ...)
 *
 * The text ends at its first NUL: who has read more than that has no text. Past 1 MB it is refused. No
 * includes, and no environment: "${" is refused but in '...'. */
struct conf *conf_parse(const char *name, const char *text, struct reason *why);
struct conf *conf_keep(struct conf *c); /* there is one more who will conf_free() it */
void conf_free(struct conf *c);

/* The profiles of `text` and nothing else of it, which must be whole all the same but may lack brokers and feeds. */
struct conf *conf_parse_profiles(const char *name, const char *text, struct reason *why);

/* NULL if there is none of this name. */
const struct profile *conf_find_profile(const struct conf *c, const char *name);

/* Adds the channels' names as a PostgreSQL array, with its NUL. */
void conf_list_channels(const struct conf *c, struct buf *out);

/* The first feed of this broker whose template matches the topic, or NULL. */
const struct conf_feed *conf_find_feed(const struct conf *c, const char *broker, size_t broker_size,
                                       const char *topic, size_t topic_size, struct topic_names *ret);

#endif
