#include "conf_key.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mail.h"
#include "template.h"
#include "text.h"

const struct conf_section_kind conf_section_kind[CONF_SECTIONS] = {
    [CONF_TOP] = {"", false, CONF_TOP},
    [CONF_BROKER] = {"broker", true, CONF_TOP},
    [CONF_DATABASE] = {"database", false, CONF_TOP},
    [CONF_JOURNAL] = {"journal", false, CONF_TOP},
    [CONF_JUDGE] = {"judge", false, CONF_TOP},
    [CONF_PROFILE] = {"profile", true, CONF_TOP},
    [CONF_READING] = {"reading", true, CONF_PROFILE},
    [CONF_FEED] = {"feed", true, CONF_TOP},
    [CONF_ACK_LINK] = {"ack_link", false, CONF_TOP},
    [CONF_CHANNEL] = {"channel", true, CONF_TOP},
    [CONF_TROUBLE] = {"trouble", false, CONF_TOP},
    [CONF_ASKED] = {"http", false, CONF_TOP},
};

/* ---- checks of texts ---- */

static bool
check_instance(const char *text, struct reason *why)
{
    size_t size = strlen(text);
    if (size > 0 && size < 64 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == size)
        return true;
    return reason_set(why, "\"%s\" is not 1 to 63 of a-z, 0-9, _ and -", text_quote(text, size).text);
}

static bool
check_filled(const char *text, struct reason *why)
{
    return text[0] != '\0' || reason_set(why, "empty");
}

static bool
check_host(const char *text, struct reason *why)
{
    if (text[0] != '\0' && strpbrk(text, "/ @") == NULL)
        return true;
    return reason_set(why, "\"%s\" is no name or address alone, without \"mqtt://\", user or path",
                      text_quote(text, strlen(text)).text);
}

static bool
check_path(const char *text, struct reason *why)
{
    if (text[0] == '/')
        return true;
    return reason_set(why, "\"%s\" does not begin with \"/\": a daemon has no directory to start from",
                      text_quote(text, strlen(text)).text);
}

/* What plain levels may stand in a topic that is published to; "$" is the broker's own. */
static bool
check_levels(const char *text, struct reason *why)
{
    size_t size = strlen(text);
    if (size > 0 && size < 256 && text[0] != '$' && strpbrk(text, "+#{}") == NULL && text[0] != '/' &&
        text[size - 1] != '/' && strstr(text, "//") == NULL)
        return true;
    return reason_set(why, "\"%s\" is not 1 to 255 bytes of plain levels, like receipts or abate/receipts",
                      text_quote(text, size).text);
}

/* What the templates of a letter may name. */
static const char *const letter_names[] = {"key",    "recipient", "subject", "text", "json",
                                           "secret", "timestamp", "sign",    NULL};

static bool
check_letter(const char *text, struct reason *why)
{
    return template_check(text, letter_names, why);
}

static bool
check_url(const char *text, struct reason *why)
{
    const char *host = strstr(text, "://");
    bool is_web = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;

    if (!is_web || strpbrk(text, " \t") != NULL || host[3] == '\0')
        return reason_set(why, "\"%s\" is no address such as https://example.org/send", text_quote(text, strlen(text)).text);
    if (host[3 + strcspn(host + 3, "@/?#")] == '@')
        return reason_set(why, "a password does not belong here: name \"username\" and \"password_file\"");
    return check_letter(text, why);
}

/* What "?" and the rest of a link are put behind. */
static bool
check_link(const char *text, struct reason *why)
{
    bool is_web = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
    return (is_web && strpbrk(text, " ?#&{}<>\"") == NULL && text[8] != '\0') ||
           reason_set(why, "\"%s\" is no address such as https://example.org/ack", text_quote(text, strlen(text)).text);
}

/* A header's value: one line. conf_text lets no control character through. */
static bool
check_method(const char *text, struct reason *why)
{
    size_t size = strlen(text);
    if (size > 0 && size < 16 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == size)
        return true;
    return reason_set(why, "\"%s\" is no method such as POST", text_quote(text, size).text);
}

/* An address in digits and a port: a name would have to be looked up. */
static bool
check_listen(const char *text, struct reason *why)
{
    const char *colon = strrchr(text, ':');
    size_t host = colon != NULL ? (size_t)(colon - text) : 0;
    size_t digits = colon != NULL ? strspn(colon + 1, "0123456789") : 0;
    bool is_v6 = host > 2 && text[0] == '[' && strspn(text + 1, "0123456789abcdefABCDEF:.") == host - 2 && text[host - 1] == ']';
    bool is_v4 = host > 0 && strspn(text, "0123456789.") == host;

    if (host < 48 && (is_v6 || is_v4) && digits > 0 && digits < 6 && colon[1 + digits] == '\0' && atoi(colon + 1) > 0 &&
        atoi(colon + 1) < 65536)
        return true;
    return reason_set(why, "\"%s\" is no address and port in digits such as 127.0.0.1:9380 or [::1]:9380",
                      text_quote(text, strlen(text)).text);
}

/* A file that many may read is no place for a password. */
static bool
check_conninfo(const char *text, struct reason *why)
{
    static const char word[] = "password";

    for (const char *at = text; (at = strstr(at, word)) != NULL;) {
        at += strlen(word);
        at += strspn(at, " ");
        if (*at == '=')
            return reason_set(why, "a password does not belong here: name its file as \"password_file\"");
    }
    const char *user = strstr(text, "://");
    if (user != NULL) {
        const char *end = user + 3 + strcspn(user + 3, "@/?");
        if (*end == '@' && memchr(user + 3, ':', (size_t)(end - user - 3)) != NULL)
            return reason_set(why, "a password does not belong here: name its file as \"password_file\"");
    }
    return check_filled(text, why);
}

/* ---- the table ---- */

#define IN_CONF(member) offsetof(struct conf, member)
#define IN_BROKER(member) offsetof(struct conf_broker, member)
#define IN_FEED(member) offsetof(struct conf_feed, member)
#define IN_PROFILE(member) offsetof(struct profile, member)
#define IN_READING(member) offsetof(struct profile_reading, member)
#define A_POINTER(name, member) CONF_PROFILE, name, CONF_POINTER, IN_PROFILE(member), NULL, NULL, NULL, NULL
#define IN_CHANNEL(member) offsetof(struct conf_channel, member)

/* clang-format off */
const struct conf_key conf_key[] = {
    {CONF_TOP, "instance", CONF_TEXT, IN_CONF(instance), "abated", NULL, NULL, check_instance,
     "the name of this daemon among those that share the database"},
    {CONF_TOP, "duty", CONF_TEXT, IN_CONF(duty), NULL, NULL, NULL, check_instance,
     "what several daemons share, of which one at a time is connected to the brokers"},
    {CONF_TOP, "log", CONF_CHOICE, IN_CONF(log), "info", "error warning notice info debug", NULL, NULL,
     "what is logged, and what is graver"},

    {CONF_BROKER, "host", CONF_TEXT, IN_BROKER(host), NULL, NULL, NULL, check_host,
     "the broker's name or address"},
    {CONF_BROKER, "port", CONF_NUMBER, IN_BROKER(port), NULL, "1", "65535", NULL,
     "the broker's TCP port, 1883 or with TLS 8883 if not said"},
    {CONF_BROKER, "client_id", CONF_TEXT, IN_BROKER(client_id), NULL, NULL, NULL, check_filled,
     "under which the broker keeps the session"},
    {CONF_BROKER, "username", CONF_TEXT, IN_BROKER(username), NULL, NULL, NULL, check_filled,
     "the user the broker knows"},
    {CONF_BROKER, "password_file", CONF_TEXT, IN_BROKER(password_file), NULL, NULL, NULL, check_path,
     "the file whose first line is the user's password"},
    {CONF_BROKER, "tls", CONF_SWITCH, IN_BROKER(tls), "off", NULL, NULL, NULL,
     "whether the connection is encrypted"},
    {CONF_BROKER, "ca_file", CONF_TEXT, IN_BROKER(ca_file), NULL, NULL, NULL, check_path,
     "the certificates the broker's is held against, the system's if not said"},
    {CONF_BROKER, "certificate_file", CONF_TEXT, IN_BROKER(certificate_file), NULL, NULL, NULL, check_path,
     "the client's certificate"},
    {CONF_BROKER, "key_file", CONF_TEXT, IN_BROKER(key_file), NULL, NULL, NULL, check_path,
     "the client's private key"},
    {CONF_BROKER, "keepalive", CONF_SECONDS, IN_BROKER(keepalive_s), "60s", "5s", "1h", NULL,
     "after which silence the connection is tried"},
    {CONF_BROKER, "receive_maximum", CONF_NUMBER, IN_BROKER(receive_maximum), "1000", "1", "65535", NULL,
     "how many messages the broker may send ahead of their acknowledgement"},
    {CONF_BROKER, "probe", CONF_NUMBER, IN_BROKER(probe), "2000", "0", "100000", NULL,
     "with how many messages of our own it is tried whether the broker keeps them all"},
    {CONF_BROKER, "connect_timeout", CONF_DURATION, IN_BROKER(connect_timeout_us),
     "10s", "100ms", "10min", NULL,
     "how long an attempt to connect may take"},
    {CONF_BROKER, "retry_most", CONF_DURATION, IN_BROKER(retry_most_us), "30s", "100ms", "1d", NULL,
     "the longest pause between two attempts"},

    {CONF_DATABASE, "conninfo", CONF_TEXT, IN_CONF(database.conninfo),
     "dbname=abate", NULL, NULL, check_conninfo,
     "libpq's connection string"},
    {CONF_DATABASE, "password_file", CONF_TEXT, IN_CONF(database.password_file), NULL, NULL, NULL, check_path,
     "the file whose first line is the password"},
    {CONF_DATABASE, "statement_timeout", CONF_DURATION, IN_CONF(database.statement_timeout_us),
     "60s", "1s", "1d", NULL,
     "how long a statement may take"},
    {CONF_DATABASE, "retry_most", CONF_DURATION, IN_CONF(database.retry_most_us), "30s", "100ms", "1d", NULL,
     "the longest pause between two attempts"},
    {CONF_DATABASE, "batch_messages", CONF_NUMBER, IN_CONF(database.batch_messages),
     "20000", "1", "1000000", NULL,
     "the most messages in one transaction"},
    {CONF_DATABASE, "batch_bytes", CONF_BYTES, IN_CONF(database.batch_bytes), "8M", "4k", "256M", NULL,
     "the most bytes of the journal in one transaction"},

    {CONF_JOURNAL, "directory", CONF_TEXT, IN_CONF(journal.directory),
     ABATE_STATEDIR "/journal", NULL, NULL, check_path,
     "where the journal is kept"},
    {CONF_JOURNAL, "segment", CONF_BYTES, IN_CONF(journal.segment_bytes), "64M", "4k", "16G", NULL,
     "the size of one of the journal's files"},
    {CONF_JOURNAL, "size", CONF_BYTES, IN_CONF(journal.size_bytes), "32G", NULL, NULL, NULL,
     "the most the journal may take of the disk"},
    {CONF_JOURNAL, "retention", CONF_DURATION, IN_CONF(journal.retention_us), "30d", NULL, NULL, NULL,
     "how long messages stay in the journal after they are stored"},

    {CONF_JUDGE, "enabled", CONF_SWITCH, IN_CONF(judge.is_enabled), "on", NULL, NULL, NULL,
     "whether this daemon has the database judge"},
    {CONF_JUDGE, "interval", CONF_DURATION, IN_CONF(judge.interval_us), "1min", "100ms", "1d", NULL,
     "the pause between two judgements"},
    {CONF_JUDGE, "statement_timeout", CONF_DURATION, IN_CONF(judge.statement_timeout_us),
     "30min", "1s", "1d", NULL,
     "how long one judgement may take"},

    {A_POINTER("each", each), "where its measurements stand; the payload is one if not said"},
    {A_POINTER("monitor", monitor), "whose a measurement is; the topic says if not said"},
    {A_POINTER("time", time), "when a measurement was made"},
    {CONF_PROFILE, "time_form", CONF_TIME, IN_PROFILE(time_form), "rfc3339", NULL, NULL, NULL,
     "rfc3339, s, ms, us, digits, or a format as strptime(3) has it"},
    {CONF_PROFILE, "zone", CONF_ZONE, IN_PROFILE(zone_s), "monitor", NULL, NULL, NULL,
     "of times that do not say theirs, the monitor's own if not said"},
    {A_POINTER("period", period), "what a measurement is about, realtime if not said"},
    {CONF_PROFILE, "periods", CONF_PAIRS, IN_PROFILE(periods), NULL, NULL, NULL, NULL,
     "which period the device means by what it sends"},
    {A_POINTER("id", id), "what the message calls itself, for its receipt"},
    {A_POINTER("reissue", reissue), "whether it corrects what was sent before"},
    {A_POINTER("readings", readings), "where the readings of a measurement stand"},
    {A_POINTER("name", name_at), "what a reading is called, by its member's name if not said"},
    {A_POINTER("value", value), "where its value stands, if it is an object"},
    {A_POINTER("mark", mark), "where its mark stands"},
    {CONF_PROFILE, "marks", CONF_PAIRS, IN_PROFILE(marks), NULL, NULL, NULL, NULL,
     "which mark the device means by what it sends"},
    {A_POINTER("unit", unit), "where its unit stands"},
    {A_POINTER("errors", errors), "marks that stand apart, under the name of their reading"},
    {CONF_PROFILE, "ignore", CONF_WORDS, IN_PROFILE(ignore), NULL, NULL, NULL, NULL,
     "names that are no readings; \"*\": all that no \"reading\" names"},
    {CONF_PROFILE, "missing", CONF_WORDS, IN_PROFILE(missing), NULL, NULL, NULL, NULL,
     "values that say there is none"},
    {CONF_PROFILE, "quoted_numbers", CONF_SWITCH, IN_PROFILE(quoted_numbers), "off", NULL, NULL, NULL,
     "whether a value may stand in quotes"},
    {A_POINTER("frame", frame), "a text that is an HJ 212 frame"},

    {CONF_READING, "from", CONF_POINTER, IN_READING(from), NULL, NULL, NULL, NULL,
     "what the device calls it, or a pointer to its value"},
    {CONF_READING, "unit", CONF_TEXT, IN_READING(unit), NULL, NULL, NULL, check_filled,
     "the unit of the device's values"},
    {CONF_READING, "scale", CONF_DECIMAL, IN_READING(factor), "1", NULL, NULL, NULL,
     "times which the device's values count"},
    {CONF_READING, "element", CONF_NUMBER, IN_READING(element), NULL, "0", "1023", NULL,
     "which element of an array it is, the first is 0"},

    {CONF_FEED, "broker", CONF_NAME, IN_FEED(broker), NULL, NULL, NULL, NULL,
     "the name of the broker section it is for"},
    {CONF_FEED, "topic", CONF_TOPIC, IN_FEED(topic), "plants/{region}/{plant}/{monitor}", NULL, NULL, NULL,
     "which topics, and where in them the names stand"},
    {CONF_FEED, "form", CONF_FORM, IN_FEED(form), "json", NULL, NULL, NULL,
     "what the payloads are"},
    {CONF_FEED, "profile", CONF_PROFILED, IN_FEED(profile), NULL, NULL, NULL, NULL,
     "how the JSON is read"},
    {CONF_FEED, "past", CONF_DURATION, IN_FEED(window.past_us), "30d", NULL, "200y", NULL,
     "how much older than its arrival a message may be"},
    {CONF_FEED, "future", CONF_DURATION, IN_FEED(window.future_us), "10min", NULL, "200y", NULL,
     "how far a message may be ahead of its arrival"},
    {CONF_FEED, "receipts", CONF_SWITCH, IN_FEED(receipts), "off", NULL, NULL, NULL,
     "whether senders are told what is on disk"},
    {CONF_FEED, "receipt_topic", CONF_TEXT, IN_FEED(receipt_topic), "receipts", NULL, NULL, check_levels,
     "what the topics of receipts begin with"},

    {CONF_ACK_LINK, "url", CONF_TEXT, IN_CONF(ack_link.url), NULL, NULL, NULL, check_link,
     "what links to acknowledge an alert by begin with"},
    {CONF_ACK_LINK, "secret_file", CONF_TEXT, IN_CONF(ack_link.secret_file), NULL, NULL, NULL, check_path,
     "the file whose first line they are signed with"},

    {CONF_CHANNEL, "kind", CONF_CHOICE, IN_CHANNEL(kind), NULL,
     "mail http exec mqtt alertmanager", NULL, NULL, "how it sends"},
    {CONF_CHANNEL, "timeout", CONF_DURATION, IN_CHANNEL(timeout_us), "30s", "100ms", "90s", NULL,
     "how long one sending may take"},
    {CONF_CHANNEL, "in_flight", CONF_NUMBER, IN_CHANNEL(in_flight), "4", "1", "64", NULL,
     "how many may be under way at once"},
    {CONF_CHANNEL, "troubles_to", CONF_TEXT, IN_CHANNEL(troubles_to), NULL, NULL, NULL, check_filled,
     "who hears of the daemon's own troubles by it"},
    {CONF_CHANNEL, "links", CONF_SWITCH, IN_CHANNEL(links), "off", NULL, NULL, NULL,
     "whether its letters have a link to acknowledge by"},
    {CONF_CHANNEL, "host", CONF_TEXT, IN_CHANNEL(host), NULL, NULL, NULL, check_host,
     "the mail server's name or address"},
    {CONF_CHANNEL, "port", CONF_NUMBER, IN_CHANNEL(port), NULL, "1", "65535", NULL,
     "the mail server's TCP port, if not said 587, by encryption 465 or 25"},
    {CONF_CHANNEL, "encryption", CONF_CHOICE, IN_CHANNEL(encryption), "starttls",
     "starttls tls if_offered none", NULL, NULL, "how the way to the mail server is encrypted"},
    {CONF_CHANNEL, "from", CONF_TEXT, IN_CHANNEL(from), NULL, NULL, NULL, mail_check_address,
     "the sender's address"},
    {CONF_CHANNEL, "from_name", CONF_TEXT, IN_CHANNEL(from_name), NULL, NULL, NULL, check_filled,
     "the sender's name, for people"},
    {CONF_CHANNEL, "reply_to", CONF_TEXT, IN_CHANNEL(reply_to), NULL, NULL, NULL, mail_check_address,
     "where replies go"},
    {CONF_CHANNEL, "username", CONF_TEXT, IN_CHANNEL(username), NULL, NULL, NULL, check_filled,
     "the user the server knows"},
    {CONF_CHANNEL, "password_file", CONF_TEXT, IN_CHANNEL(password_file), NULL, NULL, NULL, check_path,
     "the file whose first line is the user's password"},
    {CONF_CHANNEL, "ca_file", CONF_TEXT, IN_CHANNEL(ca_file), NULL, NULL, NULL, check_path,
     "the certificates the server's is held against, the system's if not said"},
    {CONF_CHANNEL, "url", CONF_TEXT, IN_CHANNEL(url), NULL, NULL, NULL, check_url,
     "where it is sent"},
    {CONF_CHANNEL, "header_file", CONF_TEXT, IN_CHANNEL(header_file), NULL, NULL, NULL, check_path,
     "the file whose lines are further headers"},
    {CONF_CHANNEL, "method", CONF_TEXT, IN_CHANNEL(method), "POST", NULL, NULL, check_method,
     "the method of the request"},
    {CONF_CHANNEL, "content_type", CONF_TEXT, IN_CHANNEL(content_type), "application/json; charset=utf-8", NULL, NULL,
     check_filled, "what the body is"},
    {CONF_CHANNEL, "body", CONF_TEXT, IN_CHANNEL(body), "{json}", NULL, NULL, check_letter,
     "the template of the body"},
    {CONF_CHANNEL, "secret_file", CONF_TEXT, IN_CHANNEL(secret_file), NULL, NULL, NULL, check_path,
     "the file whose first line {secret} stands for"},
    {CONF_CHANNEL, "signature", CONF_CHOICE, IN_CHANNEL(signature), "none",
     "none dingtalk header", NULL, NULL, "how it is signed"},
    {CONF_CHANNEL, "signing_file", CONF_TEXT, IN_CHANNEL(signing_file), NULL, NULL, NULL, check_path,
     "the file whose first line it is signed with"},
    {CONF_CHANNEL, "success_pointer", CONF_POINTER, IN_CHANNEL(success_pointer), NULL, NULL, NULL, NULL,
     "where in the answer's JSON it stands whether it was taken"},
    {CONF_CHANNEL, "success_value", CONF_TEXT, IN_CHANNEL(success_value), NULL, NULL, NULL, check_filled,
     "what stands there if it was"},
    {CONF_CHANNEL, "program", CONF_TEXT, IN_CHANNEL(program), NULL, NULL, NULL, check_path,
     "the program that is run"},
    {CONF_CHANNEL, "broker", CONF_NAME, IN_CHANNEL(broker), NULL, NULL, NULL, NULL,
     "the name of the broker section it publishes to"},
    {CONF_CHANNEL, "topic", CONF_TEXT, IN_CHANNEL(topic), "alerts", NULL, NULL, check_levels,
     "the topic it publishes to"},

    {CONF_TROUBLE, "after", CONF_DURATION, IN_CONF(trouble.after_us), "5min", "1s", "1d", NULL,
     "how long the database or a broker must be away before it is told"},
    {CONF_TROUBLE, "remind", CONF_DURATION, IN_CONF(trouble.remind_us), "4h", "1s", "30d", NULL,
     "after how long a trouble that lasts is told again"},
    {CONF_TROUBLE, "backlog", CONF_NUMBER, IN_CONF(trouble.backlog), "50", "1", "99", NULL,
     "how many percent of the journal's size may wait for the database"},

    {CONF_ASKED, "listen", CONF_TEXT, IN_CONF(http.listen), NULL, NULL, NULL, check_listen,
     "where /metrics and /health are answered"},
};
/* clang-format on */
const size_t conf_keys = sizeof(conf_key) / sizeof(conf_key[0]);

const struct conf_key *
conf_key_find(enum conf_section section, const char *name)
{
    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        if (k->section == section && strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

bool
conf_key_is_set(const struct conf_key *key, const void *base)
{
    const void *at = (const char *)base + key->offset;

    assert(key->type == CONF_TEXT || key->type == CONF_SWITCH);
    return key->type == CONF_SWITCH ? *(const bool *)at : *(char *const *)at != NULL;
}

bool
conf_key_is_list(const struct conf_key *key)
{
    return key->type == CONF_WORDS || key->type == CONF_PAIRS;
}

static void
free_value(const struct conf_key *key, void *at)
{
    if (key->type == CONF_TEXT)
        free(*(char **)at);
    else if (key->type == CONF_POINTER)
        pointer_clear(at);
    else if (key->type == CONF_TIME)
        time_form_clear(at);
    else if (conf_key_is_list(key))
        profile_words_clear(at);
}

void
conf_key_free(enum conf_section section, void *base)
{
    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        if (k->section == section)
            free_value(k, (char *)base + k->offset);
    }
}
