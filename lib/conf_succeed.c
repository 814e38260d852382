#include "conf_succeed.h"

#include <stdlib.h>
#include <string.h>

#include "conf_print.h"
#include "text.h"

static const struct {
    enum conf_section section;
    const char *keys; /* with blanks between them */
} waiting[] = {
    {CONF_TOP, "instance duty"},
    {CONF_BROKER, "host port client_id username password_file tls keepalive receive_maximum probe"},
    {CONF_DATABASE, "conninfo password_file statement_timeout retry_most"},
    {CONF_JOURNAL, "directory segment"},
    {CONF_JUDGE, "enabled statement_timeout"},
    {CONF_ASKED, "listen"},
};

bool
conf_key_waits(const struct conf_key *key)
{
    for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
        if (waiting[i].section == key->section && text_has_word(waiting[i].keys, key->name))
            return true;
    }
    return false;
}

/* ---- one key ---- */

struct succession {
    void (*on_held)(void *self, const char *what);
    void *self;
};

static bool
is_same(const struct conf_key *key, const void *a, const void *b)
{
    struct buf left = {0}, right = {0};
    conf_print_value(key, a, &left);
    conf_print_value(key, b, &right);
    bool same = left.size == right.size && (left.size == 0 || memcmp(left.at, right.at, left.size) == 0);
    buf_clear(&left);
    buf_clear(&right);
    return same;
}

static void
copy_text(char **to, const char *from)
{
    free(*to);
    *to = from != NULL ? strdup(from) : NULL;
    if (from != NULL && *to == NULL)
        abort();
}

/* Of the types that keys have which wait. */
static void
copy_value(const struct conf_key *key, void *to, const void *from)
{
    void *at = (char *)to + key->offset;
    const void *was = (const char *)from + key->offset;

    if (key->type == CONF_TEXT)
        copy_text(at, *(char *const *)was);
    else if (key->type == CONF_SWITCH)
        *(bool *)at = *(const bool *)was;
    else if (key->type == CONF_NUMBER || key->type == CONF_SECONDS)
        *(int *)at = *(const int *)was;
    else
        memcpy(at, was, sizeof(int64_t)); /* a duration, or bytes */
}

static void
hold(const struct succession *s, const struct conf_key *key, const char *title, void *next, const void *now)
{
    struct reason what;

    if (is_same(key, next, now))
        return;
    copy_value(key, next, now);
    reason_set(&what, "%s", key->name);
    if (title != NULL)
        reason_prefix(&what, "%s \"%s\"", conf_section_kind[key->section].name, text_quote(title, strlen(title)).text);
    else if (key->section != CONF_TOP)
        reason_prefix(&what, "%s", conf_section_kind[key->section].name);
    s->on_held(s->self, what.text);
}

/* ---- the whole ---- */

static bool
check_brokers(const struct conf *next, const struct conf *now, struct reason *why)
{
    if (next->brokers != now->brokers)
        return reason_set(why, "there were %zu brokers, and now there are %zu: this waits for a restart", now->brokers,
                          next->brokers);
    for (size_t i = 0; i < now->brokers; i++) {
        const char *was = now->broker[i].name, *is = next->broker[i].name;
        if (strcmp(was, is) != 0)
            return reason_set(why, "broker \"%s\" stands where \"%s\" stood: this waits for a restart",
                              text_quote(is, strlen(is)).text, text_quote(was, strlen(was)).text);
    }
    return true;
}

bool
conf_succeed(struct conf *next, const struct conf *now, void (*on_held)(void *self, const char *what), void *self,
             struct reason *why)
{
    const struct succession s = {on_held, self};

    if (!check_brokers(next, now, why))
        return false;
    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        if (!conf_key_waits(k))
            continue;
        if (k->section != CONF_BROKER)
            hold(&s, k, NULL, next, now);
        for (size_t i = 0; k->section == CONF_BROKER && i < now->brokers; i++)
            hold(&s, k, now->broker[i].name, &next->broker[i], &now->broker[i]);
    }
    if (next->journal.size_bytes / 2 < next->journal.segment_bytes) /* the segment that stays may be too large for it */
        hold(&s, conf_key_find(CONF_JOURNAL, "size"), NULL, next, now);
    return true;
}

bool
conf_same_letters(const struct conf *a, const struct conf *b)
{
    static const enum conf_section sections[] = {CONF_CHANNEL, CONF_TROUBLE, CONF_ACK_LINK, CONF_BROKER};
    struct buf left = {0}, right = {0};

    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        conf_print_sections(a, sections[i], &left);
        conf_print_sections(b, sections[i], &right);
    }
    bool same = left.size == right.size && memcmp(left.at, right.at, left.size) == 0;
    buf_clear(&left);
    buf_clear(&right);
    return same;
}
