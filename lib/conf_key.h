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

/* In the order they are read: a feed names a broker. */
enum conf_section {
    CONF_TOP, /* outside of all sections */
    CONF_BROKER,
    CONF_DATABASE,
    CONF_JOURNAL,
    CONF_JUDGE,
    CONF_FEED,
    CONF_SECTIONS,
};
struct conf_section_kind {
    const char *name;
    bool has_title; /* and may stand more than once */
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
};

struct conf_key {
    enum conf_section section;
    const char *name;
    enum conf_type type;
    size_t offset;            /* in struct conf_broker, struct conf_feed; otherwise in struct conf */
    const char *otherwise;    /* its value when it is not written; NULL: none, or conf.c works it out */
    const char *least, *most; /* NULL: no bound */
    bool (*check)(const char *text, struct reason *why); /* NULL: nothing further */
    const char *help; /* what it is, in few words: ends the reason */
};
extern const struct conf_key conf_key[];
extern const size_t conf_keys;

const struct conf_key *conf_key_find(enum conf_section section, const char *name); /* or NULL */

/* For texts and switches only: there, or on. */
bool conf_key_is_set(const struct conf_key *key, const void *base);

/* Frees the texts of a section. */
void conf_key_free(enum conf_section section, void *base);

/* Says that there is no such key, and which one may be meant. Always false. */
bool conf_key_unknown(enum conf_section section, const char *name, struct reason *why);

#endif
