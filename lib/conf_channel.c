#include <string.h>

#include "conf_key.h"
#include "conf_own.h"
#include "conf_value.h"
#include "pointer.h"
#include "text.h"

/* What a kind needs, and what else is of use to it; the keys named for no kind are of use to all. */
static const struct {
    const char *needs, *takes;
} keys_of[CONF_KINDS] = {
    [CONF_MAIL] = {"host from", "port encryption from_name reply_to username password_file ca_file"},
    [CONF_HTTP] = {"url", "method content_type body header_file username password_file ca_file secret_file signature "
                          "signing_file success_pointer success_value"},
    [CONF_EXEC] = {"program", ""},
    [CONF_MQTT] = {"", "broker topic"},
    [CONF_ALERTMANAGER] = {"url", "header_file username password_file ca_file"},
};

static bool
is_of(enum conf_kind kind, const char *key)
{
    return text_has_word(keys_of[kind].needs, key) || text_has_word(keys_of[kind].takes, key);
}

/* What one kind takes is of no use to those that do not. */
static bool
is_foreign(enum conf_kind kind, const char *key)
{
    bool is_named = false;
    for (enum conf_kind k = 0; k < CONF_KINDS; k++)
        is_named |= is_of(k, key);
    return is_named && !is_of(kind, key);
}

/* The signature is of no use without what it signs with. */
bool
conf_channel_takes(const struct conf_channel *c, const struct conf_key *key)
{
    if (strcmp(key->name, "signature") == 0 && c->signing_file == NULL)
        return false;
    return !is_foreign((enum conf_kind)c->kind, key->name);
}

static enum conf_kind
kind_of(const struct conf_parse *p, const struct conf_place *at)
{
    const struct conf_key *key = conf_key_find(CONF_CHANNEL, "kind");
    struct conf_channel c = {.kind = CONF_KINDS};
    const char *text = conf_place_text(at, "kind", 0);
    if (text == NULL)
        reason_set(p->why, "missing (%s: %s)", key->help, key->least);
    else
        conf_value_take(key, text, p->conf, &c, p->why);
    return (enum conf_kind)c.kind;
}

/* The database knows it by its name. */
static bool
check_name(const struct conf_parse *p, const struct conf_place *at)
{
    size_t size = strlen(at->title);
    if (size > 0 && size < 64 && strspn(at->title, "abcdefghijklmnopqrstuvwxyz0123456789_-") == size)
        return true;
    reason_set(p->why, "its name must be 1 to 63 of a-z, 0-9, _ and -");
    return conf_place_blame(at, NULL, p->why);
}

/* All it needs is written, and nothing that is of use to another kind only. */
static bool
check_kind(const struct conf_parse *p, const struct conf_place *at, enum conf_kind kind)
{
    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        if (k->section != CONF_CHANNEL)
            continue;
        bool is_written = conf_place_text(at, k->name, 0) != NULL;
        if (is_written && is_foreign(kind, k->name))
            reason_set(p->why, "of no use with kind \"%s\" (%s)", conf_place_text(at, "kind", 0), k->help);
        else if (!is_written && text_has_word(keys_of[kind].needs, k->name))
            reason_set(p->why, "missing (%s)", k->help);
        else
            continue;
        return conf_place_blame(at, k->name, p->why);
    }
    return true;
}

/* Keys of which each is of no use without the other. */
static bool
check_pairs(const struct conf_parse *p, const struct conf_place *at)
{
    static const char *const rows[][2] = {
        {"password_file", "username"}, {"username", "password_file"},        {"signing_file", "signature"},
        {"signature", "signing_file"}, {"success_pointer", "success_value"}, {"success_value", "success_pointer"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (conf_place_text(at, rows[i][0], 0) == NULL || conf_place_text(at, rows[i][1], 0) != NULL)
            continue;
        reason_set(p->why, "of no use without \"%s\"", rows[i][1]);
        return conf_place_blame(at, rows[i][0], p->why);
    }
    return true;
}

/* {secret}, {timestamp} and {sign} must have something to stand for. */
static bool
check_marks(const struct conf_parse *p, const struct conf_place *at, const struct conf_channel *c)
{
    const struct {
        const char *mark, *key;
        bool is_there;
    } rows[] = {{"{secret}", "secret_file", c->secret_file != NULL},
                {"{sign}", "signature = dingtalk", c->signature == CONF_DINGTALK},
                {"{timestamp}", "signature = dingtalk", c->signature == CONF_DINGTALK}};

    for (size_t i = 0; c->url != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_in_url = strstr(c->url, rows[i].mark) != NULL;
        if (rows[i].is_there || (!is_in_url && strstr(c->body, rows[i].mark) == NULL))
            continue;
        reason_set(p->why, "%s stands for nothing without \"%s\"", rows[i].mark, rows[i].key);
        return conf_place_blame(at, is_in_url ? "url" : "body", p->why);
    }
    return true;
}

/* One place, counted from the top of the answer. */
static bool
check_pointer(const struct conf_parse *p, const struct conf_place *at, const struct conf_channel *c)
{
    const struct pointer *place = &c->success_pointer;
    if (place->from == POINTER_NOWHERE || (place->from == POINTER_TOP && pointer_stars(place) == 0))
        return true;
    reason_set(p->why, "\"%s\" is not a pointer from the top, like /errcode", text_quote(place->text, strlen(place->text)).text);
    return conf_place_blame(at, "success_pointer", p->why);
}

static bool
complete_channel(const struct conf_parse *p, const struct conf_place *at, struct conf_channel *c)
{
    if (c->kind == CONF_MQTT && c->broker == NULL && p->conf->brokers > 1) {
        reason_set(p->why, "missing: there are %zu brokers, name the one it is for", p->conf->brokers);
        return conf_place_blame(at, "broker", p->why);
    }
    if (c->broker == NULL)
        c->broker = &p->conf->broker[0];
    if (c->port == 0)
        c->port = c->encryption == CONF_TLS ? 465 : c->encryption == CONF_NO_TLS ? 25 : 587;
    if (c->username != NULL && (c->encryption == CONF_NO_TLS || c->encryption == CONF_IF_OFFERED)) {
        reason_set(p->why, "the password would go unencrypted: encryption must be starttls or tls");
        return conf_place_blame(at, "encryption", p->why);
    }
    if (c->links && p->conf->ack_link.url == NULL) {
        reason_set(p->why, "of no use without a section \"ack_link\"");
        return conf_place_blame(at, "links", p->why);
    }
    return check_pairs(p, at) && check_marks(p, at, c) && check_pointer(p, at, c);
}

bool
conf_read_channels(const struct conf_parse *p)
{
    struct conf *c = p->conf;
    unsigned count = conf_tree_count(p->tree, CONF_CHANNEL);

    c->channel = conf_room(count, sizeof(*c->channel));
    for (unsigned i = 0; i < count; i++) {
        struct conf_place at = conf_tree_place(p->tree, CONF_CHANNEL, i);
        struct conf_channel *ch = &c->channel[c->channels++];
        enum conf_kind kind = kind_of(p, &at);
        if (kind == CONF_KINDS)
            return conf_place_blame(&at, "kind", p->why);
        if (!check_name(p, &at) || !conf_take_title(p, &at, &ch->name) || !check_kind(p, &at, kind) ||
            !conf_take_keys(p, &at, ch) || !complete_channel(p, &at, ch))
            return false;
    }
    return true;
}

void
conf_list_channels(const struct conf *c, struct buf *out)
{
    buf_add_text(out, "{");
    for (size_t i = 0; i < c->channels; i++) {
        buf_add_text(out, i > 0 ? "," : "");
        buf_add_text(out, c->channel[i].name); /* of letters that need no quotes: check_name() */
    }
    buf_add(out, "}", 2);
}
