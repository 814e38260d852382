#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_key.h"
#include "conf_own.h"
#include "conf_tree.h"
#include "conf_value.h"
#include "form.h"
#include "text.h"

void *
conf_room(size_t count, size_t size)
{
    void *room = calloc(count > 0 ? count : 1, size);
    if (room == NULL)
        abort();
    return room;
}

static struct quoted
quote(const char *text)
{
    return text_quote(text, strlen(text));
}

bool
conf_take_keys(const struct conf_parse *p, const struct conf_place *at, void *base)
{
    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        if (k->section != at->section)
            continue;
        const char *text = conf_place_text(at, k->name, 0);
        if (text == NULL)
            text = k->otherwise;
        for (unsigned i = 1; text != NULL; text = conf_place_text(at, k->name, i++)) {
            if (!conf_value_take(k, text, p->conf, base, p->why))
                return conf_place_blame(at, k->name, p->why);
        }
    }
    return true;
}

/* The title becomes the name. The journal has one byte for the length of a broker's. */
bool
conf_take_title(const struct conf_parse *p, const struct conf_place *at, char **ret)
{
    if (at->title[0] == '\0' || strlen(at->title) > 255) {
        reason_set(p->why, "its name must have 1 to 255 bytes");
        return conf_place_blame(at, NULL, p->why);
    }
    *ret = strdup(at->title);
    if (*ret == NULL)
        abort();
    return true;
}

/* ---- broker ---- */

/* A key that is of no use without another one. */
static bool
check_needs(const struct conf_parse *p, const struct conf_place *at, const struct conf_broker *b)
{
    static const struct {
        const char *key, *needs, *words;
    } rows[] = {
        {"password_file", "username", "a password without a \"username\""},
        {"certificate_file", "key_file", "a certificate without its \"key_file\""},
        {"key_file", "certificate_file", "a private key without its \"certificate_file\""},
        {"certificate_file", "tls", "of no use without \"tls = on\""},
        {"ca_file", "tls", "of no use without \"tls = on\""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (conf_place_text(at, rows[i].key, 0) == NULL ||
            conf_key_is_set(conf_key_find(CONF_BROKER, rows[i].needs), b))
            continue;
        reason_set(p->why, "%s", rows[i].words);
        return conf_place_blame(at, rows[i].key, p->why);
    }
    return true;
}

/* Two of the same client_id on one broker: it ends the session of the one when the other comes. */
static bool
check_alone(const struct conf_parse *p, const struct conf_place *at, const struct conf_broker *b)
{
    for (const struct conf_broker *other = p->conf->broker; other < b; other++) {
        if (strcmp(other->host, b->host) != 0 || other->port != b->port ||
            strcmp(other->client_id, b->client_id) != 0)
            continue;
        reason_set(p->why,
                   "\"%s\" is broker \"%s\"'s on the same host and port: one would end the other's session",
                   quote(b->client_id).text, quote(other->name).text);
        return conf_place_blame(at, "client_id", p->why);
    }
    return true;
}

/* What is not in the table. */
static bool
complete_broker(const struct conf_parse *p, const struct conf_place *at, struct conf_broker *b)
{
    if (b->host == NULL) {
        reason_set(p->why, "missing (the broker's name or address)");
        return conf_place_blame(at, "host", p->why);
    }
    if (b->port == 0)
        b->port = b->tls ? 8883 : 1883;
    if (b->client_id == NULL && asprintf(&b->client_id, "abated-%s", p->conf->duty != NULL ? p->conf->duty : p->conf->instance) < 0)
        abort();
    return check_needs(p, at, b) && check_alone(p, at, b);
}

static bool
read_brokers(const struct conf_parse *p)
{
    struct conf *c = p->conf;
    unsigned count = conf_tree_count(p->tree, CONF_BROKER);

    if (count == 0)
        return reason_set(p->why,
                          "%s: broker: no such section: messages come from broker \"NAME\" { host = ... }",
                          p->name);
    c->broker = conf_room(count, sizeof(*c->broker));
    for (unsigned i = 0; i < count; i++) {
        struct conf_place at = conf_tree_place(p->tree, CONF_BROKER, i);
        struct conf_broker *b = &c->broker[c->brokers++];
        if (!conf_take_title(p, &at, &b->name) || !conf_take_keys(p, &at, b) || !complete_broker(p, &at, b))
            return false;
    }
    return true;
}

/* ---- feed ---- */

/* A feed of the same topics on the same broker would never be asked. */
static bool
check_topics(const struct conf_parse *p, const struct conf_place *at, const struct conf_feed *f)
{
    char filter[256], others[256];

    topic_filter(&f->topic, filter, sizeof(filter));
    for (const struct conf_feed *other = p->conf->feed; other < f; other++) {
        topic_filter(&other->topic, others, sizeof(others));
        if (other->broker != f->broker || strcmp(filter, others) != 0)
            continue;
        reason_set(p->why, "the same topics as of feed \"%s\", which takes them all",
                   quote(other->name).text);
        return conf_place_blame(at, "topic", p->why);
    }
    return true;
}

/* An agency speaks for itself: the topic says who it is, never the payload. */
static bool
check_speaker(const struct conf_parse *p, const struct conf_place *at, const struct conf_feed *f)
{
    bool has_agency = topic_has(&f->topic, TOPIC_AGENCY);

    if (has_agency == f->form->is_statement)
        return true;
    if (has_agency)
        reason_set(p->why, "{agency} is of use with form \"statement\" only");
    else
        reason_set(p->why, "form \"statement\" wants {agency} in it, such as indicators/{agency}");
    return conf_place_blame(at, "topic", p->why);
}

/* Levels behind receipt_topic: who is told. */
static size_t
receipt_levels(const struct conf_feed *f)
{
    return (size_t)topic_has(&f->topic, TOPIC_PLANT) + (size_t)topic_has(&f->topic, TOPIC_MONITOR) +
           (size_t)topic_has(&f->topic, TOPIC_AGENCY);
}

static bool
would_return(const struct conf_feed *f, const struct conf_feed *to)
{
    return f->receipts && f->broker == to->broker && topic_may_match(&to->topic, f->receipt_topic, receipt_levels(f));
}

/* Receipts need somebody to go to, and must not come back as messages. */
static bool
check_receipts(const struct conf_parse *p, const struct conf_place *at, const struct conf_feed *f)
{
    if (f->receipts && receipt_levels(f) == 0) {
        reason_set(p->why, "there is nobody to send them to: \"topic\" has neither {plant} nor {monitor} nor {agency}");
        return conf_place_blame(at, "receipts", p->why);
    }
    for (const struct conf_feed *other = p->conf->feed; other <= f; other++) {
        bool is_ours = would_return(f, other);
        if (!is_ours && !would_return(other, f))
            continue;
        reason_set(p->why, "the receipts of %s%s%s would come back as messages of %s%s%s: give them another \"receipt_topic\"",
                   is_ours ? "this feed" : "feed \"", is_ours ? "" : quote(other->name).text, is_ours ? "" : "\"",
                   is_ours && other != f ? "feed \"" : "this feed", is_ours && other != f ? quote(other->name).text : "",
                   is_ours && other != f ? "\"" : "");
        return conf_place_blame(at, is_ours ? "receipts" : "topic", p->why);
    }
    return true;
}

static bool
check_profile(const struct conf_parse *p, const struct conf_place *at, const struct conf_feed *f)
{
    if (f->profile == NULL || f->form == form_find("json"))
        return true;
    reason_set(p->why, "of use with form \"json\" only");
    return conf_place_blame(at, "profile", p->why);
}

static bool
complete_feed(const struct conf_parse *p, const struct conf_place *at, struct conf_feed *f)
{
    if (f->broker == NULL && p->conf->brokers > 1) {
        reason_set(p->why, "missing: there are %zu brokers, name the one it is for", p->conf->brokers);
        return conf_place_blame(at, "broker", p->why);
    }
    if (f->broker == NULL)
        f->broker = &p->conf->broker[0];
    return check_profile(p, at, f) && check_speaker(p, at, f) && check_topics(p, at, f) && check_receipts(p, at, f);
}

static bool
read_feeds(const struct conf_parse *p)
{
    struct conf *c = p->conf;
    unsigned count = conf_tree_count(p->tree, CONF_FEED);

    if (count == 0)
        return reason_set(p->why,
                          "%s: feed: no such section: without feed \"NAME\" { topic = ... } nothing is taken",
                          p->name);
    c->feed = conf_room(count, sizeof(*c->feed));
    for (unsigned i = 0; i < count; i++) {
        struct conf_place at = conf_tree_place(p->tree, CONF_FEED, i);
        struct conf_feed *f = &c->feed[c->feeds++];
        if (!conf_take_title(p, &at, &f->name) || !conf_take_keys(p, &at, f) || !complete_feed(p, &at, f))
            return false;
    }
    return true;
}

/* ---- sections without a title: once or not at all ---- */

static bool
read_single(const struct conf_parse *p, enum conf_section section)
{
    struct conf_place at = conf_tree_place(p->tree, section, 0);

    if (conf_tree_count(p->tree, section) > 1) {
        struct conf_place again = conf_tree_place(p->tree, section, 1);
        reason_set(p->why, "a second one: the first is in line %d", at.line);
        return conf_place_blame(&again, NULL, p->why);
    }
    return conf_take_keys(p, &at, p->conf);
}

static bool
check_journal(const struct conf_parse *p)
{
    struct conf_place at = conf_tree_place(p->tree, CONF_JOURNAL, 0);
    unsigned long long segment = p->conf->journal.segment_bytes, size = p->conf->journal.size_bytes;

    if (size / 2 >= segment)
        return true;
    if (conf_place_text(&at, "size", 0) != NULL) {
        reason_set(p->why, "%llu bytes are less than two segments of %llu", size, segment);
        return conf_place_blame(&at, "size", p->why);
    }
    reason_set(p->why, "two segments of %llu bytes are more than the journal's size, %llu", segment, size);
    return conf_place_blame(&at, "segment", p->why);
}

/* Each is of no use without the other. */
static bool
check_ack_link(const struct conf_parse *p)
{
    struct conf_place at = conf_tree_place(p->tree, CONF_ACK_LINK, 0);
    bool has_url = p->conf->ack_link.url != NULL, has_secret = p->conf->ack_link.secret_file != NULL;

    if (has_url == has_secret)
        return true;
    reason_set(p->why, "of no use without \"%s\"", has_url ? "secret_file" : "url");
    return conf_place_blame(&at, has_url ? "url" : "secret_file", p->why);
}

/* ---- the whole ---- */

static bool
read_all(const struct conf_parse *p)
{
    return read_single(p, CONF_TOP) && read_brokers(p) && read_single(p, CONF_DATABASE) &&
           read_single(p, CONF_JOURNAL) && check_journal(p) &&
           read_single(p, CONF_JUDGE) && conf_read_profiles(p) && read_feeds(p) &&
           read_single(p, CONF_ACK_LINK) && check_ack_link(p) && conf_read_channels(p) && read_single(p, CONF_TROUBLE) &&
           read_single(p, CONF_ASKED);
}

static struct conf *
parse(const char *name, const char *text, bool (*read)(const struct conf_parse *p), struct reason *why)
{
    struct conf_tree *tree = conf_tree_new(name, text, why);
    if (tree == NULL)
        return NULL;

    struct conf *c = conf_keep(conf_room(1, sizeof(*c)));
    struct conf_parse p = {name, tree, c, why};
    bool ok = read(&p);
    conf_tree_free(tree);
    if (ok)
        return c;
    conf_free(c);
    return NULL;
}

struct conf *
conf_parse(const char *name, const char *text, struct reason *why)
{
    return parse(name, text, read_all, why);
}

struct conf *
conf_parse_profiles(const char *name, const char *text, struct reason *why)
{
    return parse(name, text, conf_read_profiles, why);
}

struct conf *
conf_keep(struct conf *c)
{
    c->keepers++;
    return c;
}

void
conf_free(struct conf *c)
{
    if (c == NULL || --c->keepers > 0)
        return;
    for (size_t i = 0; i < c->brokers; i++) {
        free(c->broker[i].name);
        conf_key_free(CONF_BROKER, &c->broker[i]);
    }
    for (size_t i = 0; i < c->feeds; i++) {
        free(c->feed[i].name);
        conf_key_free(CONF_FEED, &c->feed[i]);
    }
    for (size_t i = 0; i < c->channels; i++) {
        free(c->channel[i].name);
        conf_key_free(CONF_CHANNEL, &c->channel[i]);
    }
    conf_free_profiles(c);
    free(c->broker);
    free(c->feed);
    free(c->channel);
    conf_key_free(CONF_TOP, c);
    conf_key_free(CONF_DATABASE, c);
    conf_key_free(CONF_JOURNAL, c);
    conf_key_free(CONF_JUDGE, c);
    conf_key_free(CONF_ACK_LINK, c);
    conf_key_free(CONF_ASKED, c);
    free(c);
}

const struct conf_feed *
conf_find_feed(const struct conf *c, const char *broker, size_t broker_size, const char *topic,
               size_t topic_size, struct topic_names *ret)
{
    for (const struct conf_feed *f = c->feed; f < c->feed + c->feeds; f++) {
        const char *name = f->broker->name;
        if (strlen(name) == broker_size && memcmp(name, broker, broker_size) == 0 &&
            topic_match(&f->topic, topic, topic_size, ret))
            return f;
    }
    return NULL;
}
