/* conf_key: the table of the configuration's keys. One row drives how a key is read, what it is without being
 * written, what it must not be, and what is said then. A further key is a further row, and a paragraph in
 * abated.conf(5).
 */
#ifndef ABATE_CONF_KEY_H
#define ABATE_CONF_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "reason.h"

/* In the order they are read: a feed names a broker and a profile, a channel may want links. */
enum conf_section {
    CONF_TOP, /* outside of all sections */
    CONF_BROKER,
    CONF_DATABASE,
    CONF_JOURNAL,
    CONF_JUDGE,
    CONF_PROFILE,
    CONF_READING,
    CONF_FEED,
    CONF_ACK_LINK,
    CONF_CHANNEL,
    CONF_TROUBLE,
    CONF_ASKED, /* "http" */
    CONF_SECTIONS,
};
struct conf_section_kind {
    const char *name;
    bool has_title; /* and may stand more than once */
    enum conf_section within; /* CONF_TOP, or the section it stands in */
};
extern const struct conf_section_kind conf_section_kind[CONF_SECTIONS];

/* What a key takes, and as what it is stored. */
enum conf_type {
    CONF_TEXT,     /* char * */
    CONF_NUMBER,   /* int */
    CONF_SWITCH,   /* bool */
    CONF_DURATION, /* int64_t, microseconds */
    CONF_SECONDS,  /* int: a duration of whole seconds */
    CONF_BYTES,    /* uint64_t */
    CONF_NAME,     /* struct conf_broker *: its name */
    CONF_TOPIC,    /* struct topic */
    CONF_FORM,     /* const struct form * */
    CONF_PROFILED, /* const struct profile *: its name */
    CONF_POINTER,  /* struct pointer */
    CONF_TIME,     /* struct time_form */
    CONF_ZONE,     /* int32_t, seconds east of UTC; INSTANT_ZONE_NONE: "monitor" */
    CONF_DECIMAL,  /* double, not 0 */
    CONF_WORDS,    /* struct profile_words: a list */
    CONF_PAIRS,    /* likewise, each word with what it means */
    CONF_CHOICE,   /* int: which of the words */
};

struct conf_key {
    enum conf_section section;
    const char *name;
    enum conf_type type;
    size_t offset;            /* in the struct of its section: conf_broker, conf_feed, conf_channel, profile, profile_reading; or conf */
    const char *otherwise;    /* its value when it is not written; NULL: none, or conf.c works it out */
    const char *least, *most; /* NULL: no bound; of a choice `least` has the words, with a blank between them */
    bool (*check)(const char *text, struct reason *why); /* NULL: nothing further */
    const char *help; /* what it is, in few words: ends the reason */
};
extern const struct conf_key conf_key[];
extern const size_t conf_keys;

bool conf_key_is_list(const struct conf_key *key); /* it may have several texts */

const struct conf_key *conf_key_find(enum conf_section section, const char *name); /* or NULL */

/* Whether the key is of use to this channel, by its kind, and with the other keys it has. */
bool conf_channel_takes(const struct conf_channel *c, const struct conf_key *key);

/* For texts and switches only: there, or on. */
bool conf_key_is_set(const struct conf_key *key, const void *base);

/* Frees what the keys of a section have stored. */
void conf_key_free(enum conf_section section, void *base);

/* Says that there is no such key, and which one may be meant. Always false. */
bool conf_key_unknown(enum conf_section section, const char *name, struct reason *why);

#endif
