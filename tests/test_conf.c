/* conf: what is taken, what is refused and in which words. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "form.h"
#include "runner.h"

#define P "profile p {\n time = '/t' readings = '/v/*'\n"
#define BROKER "broker b { host = h }\n"
#define FEED "feed f { }\n"
#define S 1000000ll
#define DAY (86400 * S)
#define NAME_51 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_255 NAME_51 NAME_51 NAME_51 NAME_51 NAME_51

static struct conf *
must_parse(const char *name, const char *text)
{
    struct reason why = {""};
    struct conf *c = conf_parse(name, text, &why);
    if (c == NULL)
        ck_abort_msg("%s: %s", name, why.text);
    return c;
}

START_TEST(what_is_not_written_has_its_default)
{
    struct conf *c = must_parse("conf", BROKER FEED);

    ck_assert_str_eq(c->instance, "abated");
    ck_assert_uint_eq(c->brokers, 1);
    const struct conf_broker *b = &c->broker[0];
    ck_assert_str_eq(b->name, "b");
    ck_assert_str_eq(b->host, "h");
    ck_assert_int_eq(b->port, 1883);
    ck_assert_str_eq(b->client_id, "abated-abated");
    ck_assert(b->username == NULL && b->password_file == NULL && b->ca_file == NULL);
    ck_assert(b->certificate_file == NULL && b->key_file == NULL && !b->tls);
    ck_assert_int_eq(b->keepalive_s, 60);
    ck_assert_int_eq(b->receive_maximum, 1000);
    ck_assert_int_eq(b->probe, 2000);
    ck_assert_int_eq(b->connect_timeout_us, 10 * S);
    ck_assert_int_eq(b->retry_most_us, 30 * S);

    ck_assert_uint_eq(c->feeds, 1);
    const struct conf_feed *f = &c->feed[0];
    ck_assert_str_eq(f->name, "f");
    ck_assert_ptr_eq(f->broker, b);
    ck_assert_str_eq(f->topic.text, "plants/{region}/{plant}/{monitor}");
    ck_assert_ptr_eq(f->form, form_find("json"));
    ck_assert_int_eq(f->window.past_us, 30 * DAY);
    ck_assert_int_eq(f->window.future_us, 600 * S);
    ck_assert(!f->receipts);
    ck_assert_str_eq(f->receipt_topic, "receipts");

    ck_assert_str_eq(c->database.conninfo, "dbname=abate");
    ck_assert_ptr_null(c->database.password_file);
    ck_assert_int_eq(c->database.statement_timeout_us, 60 * S);
    ck_assert_int_eq(c->database.retry_most_us, 30 * S);
    ck_assert_int_eq(c->database.batch_messages, 20000);
    ck_assert_uint_eq(c->database.batch_bytes, 8 << 20);

    ck_assert_str_eq(c->journal.directory, ABATE_STATEDIR "/journal");
    ck_assert_uint_eq(c->journal.segment_bytes, 64 << 20);
    ck_assert_uint_eq(c->journal.size_bytes, 32ull << 30);
    ck_assert_int_eq(c->journal.retention_us, 30 * DAY);
    ck_assert(c->judge.is_enabled);
    ck_assert_int_eq(c->judge.interval_us, 60 * S);
    ck_assert_int_eq(c->judge.statement_timeout_us, 1800 * S);
    ck_assert_uint_eq(c->channels, 0);
    ck_assert_int_eq(c->trouble.after_us, 300 * S);
    ck_assert_int_eq(c->trouble.remind_us, 4 * 3600 * S);
    ck_assert_int_eq(c->trouble.backlog, 50);
    ck_assert_ptr_null(c->http.listen);
    conf_free(c);
}
END_TEST

/* clang-format off */
static const char all[] = "instance = zz-1\n"
                          "feed \"hour\" { broker = south topic = \"a/{monitor}/#\" form = json past = 20y future = 0s\n"
                          "              receipts = on receipt_topic = abate/receipts }\n"
                          "feed rest { broker = north topic = '#' }\n"
                          "broker north { host = \"10.0.0.1\" tls = on }\n"
                          "broker south {\n"
                          "    host = mqtt.example.org\n"
                          "    port = 65535\n"
                          "    client_id = \"id with blanks\"\n"
                          "    username = u\n"
                          "    password_file = /etc/p\n"
                          "    tls = yes\n"
                          "    ca_file = /etc/ca\n"
                          "    certificate_file = /etc/c\n"
                          "    key_file = /etc/k\n"
                          "    keepalive = 2min\n"
                          "    receive_maximum = 65535\n"
                          "    probe = 0\n"
                          "    connect_timeout = 100ms\n"
                          "    retry_most = 1h\n"
                          "}\n"
                          "database {\n"
                          "    conninfo = \"service=abate user='a b'\"\n"
                          "    password_file = /etc/q\n"
                          "    statement_timeout = 5min\n"
                          "    retry_most = 200ms\n"
                          "    batch_messages = 1\n"
                          "    batch_bytes = 64k\n"
                          "}\n"
                          "journal {\n"
                          "    directory = /srv/journal\n"
                          "    segment = 4k\n"
                          "    size = 8192\n"
                          "    retention = 2w\n"
                          "}\n"
                          "judge { enabled = off interval = 2s statement_timeout = 1h }\n"
                          "profile enos { each = '/params/*' monitor = './deviceKey' time = './time' time_form = ms\n"
                          "    readings = './points/*' value = './value' mark = './quality' marks = { '9=N', '*=D' }\n"
                          "    missing = { null, '--' } quoted_numbers = on zone = '+08:00' ignore = x\n"
                          "    reading a21026 { from = so2 unit = 'mg/m3' scale = 0.1 element = 2 }\n"
                          "    reading b { }\n"
                          "}\n"
                          "feed enos { broker = north topic = enos profile = enos }\n"
                          "channel post { kind = mail host = mx from = a@b username = u password_file = /p ca_file = /c\n"
                          "               encryption = tls from_name = 'A B' reply_to = c@d troubles_to = 'x@y z@y' timeout = 5s in_flight = 2 links = on }\n"
                          "channel sms { kind = http url = 'https://h/s?a={secret}&t={timestamp}&s={sign}' method = PUT\n"
                          "              content_type = 'application/x-www-form-urlencoded' body = 'c={text}' header_file = /h\n"
                          "              secret_file = /s signature = dingtalk signing_file = /g\n"
                          "              success_pointer = /errcode success_value = 0 }\n"
                          "channel hook { kind = exec program = /usr/local/bin/hook }\n"
                          "channel bus { kind = mqtt broker = south topic = abate/alerts }\n"
                          "channel am { kind = alertmanager url = 'http://127.0.0.1:9093' }\n"
                          "ack_link { url = 'https://abate.example.org/ack' secret_file = /etc/l }\n"
                          "trouble { after = 1min remind = 1d backlog = 99 }\n"
                          "http { listen = '[::1]:9380' }\n";
/* clang-format on */

static void
check_south(const struct conf_broker *b)
{
    ck_assert_str_eq(b->name, "south");
    ck_assert_str_eq(b->host, "mqtt.example.org");
    ck_assert_int_eq(b->port, 65535);
    ck_assert_str_eq(b->client_id, "id with blanks");
    ck_assert_str_eq(b->username, "u");
    ck_assert_str_eq(b->password_file, "/etc/p");
    ck_assert(b->tls);
    ck_assert_str_eq(b->ca_file, "/etc/ca");
    ck_assert_str_eq(b->certificate_file, "/etc/c");
    ck_assert_str_eq(b->key_file, "/etc/k");
    ck_assert_int_eq(b->keepalive_s, 120);
    ck_assert_int_eq(b->receive_maximum, 65535);
    ck_assert_int_eq(b->probe, 0);
    ck_assert_int_eq(b->connect_timeout_us, 100000);
    ck_assert_int_eq(b->retry_most_us, 3600 * S);
}

static void
check_enos(const struct conf *c)
{
    const struct profile *p = conf_find_profile(c, "enos");
    ck_assert_ptr_eq(c->feed[2].profile, p);
    ck_assert_ptr_null(conf_find_profile(c, "eno"));
    ck_assert_str_eq(p->each.text, "/params/*");
    ck_assert_int_eq(p->monitor.from, POINTER_HERE);
    ck_assert_int_eq(p->time_form.kind, TIME_MILLISECONDS);
    ck_assert_int_eq(p->zone_s, 28800);
    ck_assert_uint_eq(p->marks.count, 2);
    ck_assert_str_eq(p->marks.word[1].means, "D");
    ck_assert_uint_eq(p->missing.count, 2);
    ck_assert(p->quoted_numbers && !p->ignores_others);
    ck_assert_uint_eq(p->readings_named, 2);
    ck_assert_str_eq(p->reading[0].name, "a21026");
    ck_assert_str_eq(p->reading[0].from.text, "so2");
    ck_assert_double_eq(p->reading[0].factor, 0.1);
    ck_assert_int_eq(p->reading[0].element, 2);
    ck_assert_str_eq(p->reading[1].from.text, "b");
    ck_assert_int_eq(p->reading[1].element, -1);
}

static void
check_channels(const struct conf *c)
{
    ck_assert_uint_eq(c->channels, 5);
    const struct conf_channel *post = &c->channel[0], *sms = &c->channel[1], *bus = &c->channel[3];
    ck_assert_str_eq(post->name, "post");
    ck_assert_int_eq(post->kind, CONF_MAIL);
    ck_assert_int_eq(post->encryption, CONF_TLS);
    ck_assert_int_eq(post->port, 465);
    ck_assert_str_eq(post->from_name, "A B");
    ck_assert_str_eq(post->troubles_to, "x@y z@y");
    ck_assert(post->links && !sms->links);
    ck_assert_int_eq(c->trouble.after_us, 60 * S);
    ck_assert_int_eq(c->trouble.remind_us, DAY);
    ck_assert_int_eq(c->trouble.backlog, 99);
    ck_assert_str_eq(c->http.listen, "[::1]:9380");
    ck_assert_int_eq(post->timeout_us, 5 * S);
    ck_assert_int_eq(post->in_flight, 2);
    ck_assert_int_eq(sms->kind, CONF_HTTP);
    ck_assert_str_eq(sms->method, "PUT");
    ck_assert_str_eq(sms->body, "c={text}");
    ck_assert_int_eq(sms->signature, CONF_DINGTALK);
    ck_assert_str_eq(sms->success_value, "0");
    ck_assert_int_eq(sms->timeout_us, 30 * S);
    ck_assert_str_eq(c->channel[2].program, "/usr/local/bin/hook");
    ck_assert_ptr_eq(bus->broker, &c->broker[1]);
    ck_assert_str_eq(bus->topic, "abate/alerts");
    ck_assert_str_eq(c->channel[4].url, "http://127.0.0.1:9093");
    struct buf names = {0};
    conf_list_channels(c, &names);
    ck_assert_str_eq((const char *)names.at, "{post,sms,hook,bus,am}");
    buf_clear(&names);
    ck_assert_str_eq(c->ack_link.url, "https://abate.example.org/ack");
    ck_assert_str_eq(c->ack_link.secret_file, "/etc/l");
}

START_TEST(what_is_written_counts)
{
    struct conf *c = must_parse("conf", all);

    ck_assert_str_eq(c->instance, "zz-1");
    ck_assert_uint_eq(c->brokers, 2);
    ck_assert_str_eq(c->broker[0].host, "10.0.0.1");
    ck_assert_int_eq(c->broker[0].port, 8883);
    ck_assert_str_eq(c->broker[0].client_id, "abated-zz-1");
    check_south(&c->broker[1]);

    ck_assert_uint_eq(c->feeds, 3);
    ck_assert_ptr_null(c->feed[0].profile);
    check_enos(c);
    ck_assert_str_eq(c->feed[0].name, "hour");
    ck_assert_ptr_eq(c->feed[0].broker, &c->broker[1]);
    ck_assert_str_eq(c->feed[0].topic.text, "a/{monitor}/#");
    ck_assert_int_eq(c->feed[0].window.past_us, 20 * 365 * DAY);
    ck_assert_int_eq(c->feed[0].window.future_us, 0);
    ck_assert(c->feed[0].receipts);
    ck_assert_str_eq(c->feed[0].receipt_topic, "abate/receipts");
    ck_assert_ptr_eq(c->feed[1].broker, &c->broker[0]);
    ck_assert_int_eq(c->feed[1].window.past_us, 30 * DAY);

    ck_assert_str_eq(c->database.conninfo, "service=abate user='a b'");
    ck_assert_str_eq(c->database.password_file, "/etc/q");
    ck_assert_int_eq(c->database.statement_timeout_us, 300 * S);
    ck_assert_int_eq(c->database.retry_most_us, 200000);
    ck_assert_int_eq(c->database.batch_messages, 1);
    ck_assert_uint_eq(c->database.batch_bytes, 65536);
    ck_assert_str_eq(c->journal.directory, "/srv/journal");
    ck_assert_uint_eq(c->journal.segment_bytes, 4096);
    ck_assert_uint_eq(c->journal.size_bytes, 8192);
    ck_assert_int_eq(c->journal.retention_us, 14 * DAY);
    ck_assert(!c->judge.is_enabled);
    ck_assert_int_eq(c->judge.interval_us, 2 * S);
    ck_assert_int_eq(c->judge.statement_timeout_us, 3600 * S);
    check_channels(c);
    conf_free(c);
}
END_TEST

/* What is like a thing that is refused, but is none. */
START_TEST(brokers_and_feeds_may_have_much_in_common)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"one host, two ports", BROKER "broker c { host = h port = 1884 }\nfeed f { broker = b }\n"},
        {"one host, two client ids", BROKER "broker c { host = h client_id = c }\nfeed f { broker = b }\n"},
        {"two hosts, one client id", BROKER "broker c { host = i }\nfeed f { broker = b }\n"},
        {"one topic on two brokers",
         BROKER "broker c { host = i }\nfeed f { broker = b }\nfeed g { broker = c }\n"},
        {"one broker, two topics", BROKER FEED "feed g { topic = '{monitor}' }\n"},
        {"broker and feed of one name", BROKER "feed b { }\n"},
        {"a name of 255 bytes", "feed f { }\nbroker " NAME_255 " { host = h }\n"},
        {"exactly two segments", BROKER FEED "journal { size = 1M segment = 512k }\n"},
        {"statements", BROKER FEED "feed g { topic = 'indicators/{agency}' form = statement }\n"},
        {"receipts past a feed that takes all, of another broker",
         BROKER "broker c { host = i }\nfeed f { broker = b receipts = on }\nfeed g { broker = c topic = '#' }\n"},
        {"receipts for agencies",
         BROKER "feed g { topic = 'indicators/{agency}' form = statement receipts = on }\n"},
        {"a profile nobody names", BROKER FEED P "}\n"},
        {"one profile of two feeds", BROKER P "}\nfeed f { profile = p }\nfeed g { topic = x profile = p }\n"},
        {"two elements of one array", BROKER FEED P "reading a { from = x element = 0 } reading b { from = x element = 1 } }\n"},
        {"a list of one, and one of none", BROKER FEED P "ignore = x missing = {} }\n"},
        {"readings by their places alone", BROKER FEED "profile p { time = arrival reading a { from = '/x' } }\n"},
        {"a frame with an id", BROKER FEED "profile p { frame = '/f' id = '/i' }\n"},
        {"empty sections", BROKER FEED "journal { }\njudge { }\ndatabase { }\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        conf_free(must_parse(rows[i].name, rows[i].text));
}
END_TEST

/* ---- what is refused ---- */

/* clang-format off */
static const struct refused {
    const char *text, *why; /* the beginning of the reason is enough */
} refused_rows[] = {
    /* the whole */
    {"", "f: broker: no such section: "},
    {"# nothing\n", "f: broker: no such section: "},
    {FEED, "f: broker: no such section: "},
    {BROKER, "f: feed: no such section: "},

    /* syntax */
    {"instance\n", "f:2: premature end of file"},
    {"instance abated\n", "f:1: missing equal sign after option 'instance'"},
    {"instance = = x\n", "f:1: unexpected token '='"},
    {"\ninstance = {\n}\n", "f:2: unexpected token '{'"},
    {"}\n", "f:1: unexpected closing brace"},
    {"broker { host = h }\n", "f:1: missing title for section 'broker'"},
    {"journal \"j\" { }\n", "f:1: missing opening brace for section 'journal'"},
    {"journal = 3\n", "f:1: missing opening brace for section 'journal'"},
    {"\"\" = 3\n", "f: not a configuration"},

    {"include(\"/etc/passwd\")", "f:1: \"include\": unknown key (see abated.conf(5))"},

    {BROKER "feed f {\n form = statement }", "f:2: feed \"f\": topic: form \"statement\" wants {agency} in it"},
    {BROKER "feed f {\n topic = 'x/{agency}' }", "f:3: feed \"f\": topic: {agency} is of use with form \"statement\" only"},
    {BROKER FEED "channel c { kind = exec program = /p\n links = on }", "f:4: channel \"c\": links: of no use without a section"},
    {BROKER FEED "ack_link {\n url = 'https://h/a' }", "f:4: ack_link: url: of no use without \"secret_file\""},
    {BROKER FEED "ack_link {\n secret_file = /s }", "f:4: ack_link: secret_file: of no use without \"url\""},
    {BROKER FEED "ack_link {\n url = 'https://h/a?b=c' secret_file = /s }",
     "f:4: ack_link: url: \"https://h/a?b=c\" is no address such as https://example.org/ack"},
    {BROKER FEED "ack_link {\n url = 'h/a' secret_file = /s }", "f:4: ack_link: url: \"h/a\" is no address"},
    /* keys and sections */
    {"\n# comment\n/* and\n another */ instanze = x\n",
     "f:4: \"instanze\": unknown key (did you mean \"instance\"?)"},
    {"feet \"a\" { }\n", "f:1: \"feet\": unknown key (did you mean \"feed\"?)"},
    {"broker b {\n  prot = 1\n}\n", "f:2: broker \"b\": \"prot\": unknown key (did you mean \"port\"?)"},
    {"broker b {\n  recieve_maximum = 1\n}\n",
     "f:2: broker \"b\": \"recieve_maximum\": unknown key (did you mean \"receive_maximum\"?)"},
    {"broker b {\n  colour = red\n}\n", "f:2: broker \"b\": \"colour\": unknown key (see abated.conf(5))"},
    {"broker b {\n  tl = on\n}\n", "f:2: broker \"b\": \"tl\": unknown key (did you mean \"tls\"?)"},
    {"broker b {\n  x = on\n}\n", "f:2: broker \"b\": \"x\": unknown key (see abated.conf(5))"},
    {"broker b {\n  segment = 1M\n}\n",
     "f:2: broker \"b\": \"segment\": unknown key here; it belongs in a section \"journal\""},
    {"host = h\n", "f:1: \"host\": unknown key here; it belongs in a section \"broker\""},
    {"broker b {\n  instance = x\n}\n", "f:2: broker \"b\": \"instance\": stands outside of all sections"},
    {"broker b {\n  host = h\n  feed f { }\n}\n",
     "f:3: broker \"b\": \"feed\": a section cannot stand within another"},
    {NAME_255 " = x",
     "f:1: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\": unknown key"},
    {"journal { }\n'journal|size' = 1G\n",
     "f:2: \"size\": unknown key here; it belongs in a section \"journal\""},
    {"instance = a\ninstance = a\n", "f:2: instance: twice in one section, first in line 1"},
    {"broker b {\n  host = h\n\n  host = h\n}\n",
     "f:4: broker \"b\": host: twice in one section, first in line 2"},
    {BROKER "\n" BROKER, "f:3: \"b\": a section of this kind and name is there already"},
    {BROKER FEED "feed f { topic = x }", "f:3: \"f\": a section of this kind and name is there already"},
    {BROKER "journal { }\n\njournal {\n}\n", "f:4: journal: a second one: the first is in line 2"},
    {BROKER "database { }\ndatabase { conninfo = x }\n",
     "f:3: database: a second one: the first is in line 2"},
    {"\nbroker \"\"\n{\n host = h\n}\n", "f:3: broker \"\": its name must have 1 to 255 bytes"},
    {"broker " NAME_255 "a { host = h }\n",
     "f:1: broker \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\": its name must have 1 to 255"},
    {BROKER "feed '' { }\n", "f:2: feed \"\": its name must have 1 to 255 bytes"},

    /* texts */
    {"instance = \"\"\n", "f:1: instance: \"\" is not 1 to 63 of a-z, 0-9, _ and - (the name of this daemon"},
    {"instance = Abated\n", "f:1: instance: \"Abated\" is not 1 to 63 of"},
    {"broker b {\n}\n", "f:1: broker \"b\": host: missing (the broker's name or address)"},
    {"broker b\n{\n host = \"\"\n}\n", "f:3: broker \"b\": host: \"\" is no name or address alone"},
    {"broker b { host = mqtt://h }\n", "f:1: broker \"b\": host: \"mqtt://h\" is no name or address alone"},
    {"broker b { host = u@h }\n", "f:1: broker \"b\": host: \"u@h\" is no name or address alone"},
    {"broker b { host = h client_id = '' }\n", "f:1: broker \"b\": client_id: empty"},
    {"broker b { host = h username = u password_file = p }\n",
     "f:1: broker \"b\": password_file: \"p\" does not begin with \"/\""},
    {BROKER "database {\n conninfo = '' }\n", "f:3: database: conninfo: empty"},
    {BROKER "database { conninfo = 'user=x password = y' }\n",
     "f:2: database: conninfo: a password does not belong here"},
    {BROKER "database { conninfo = 'postgresql://u:p@h/d' }\n",
     "f:2: database: conninfo: a password does not belong here"},
    {BROKER "journal { directory = journal }\n",
     "f:2: journal: directory: \"journal\" does not begin with \"/\""},
    {"broker b { host = h tls = perhaps }\n",
     "f:1: broker \"b\": tls: \"perhaps\" is neither \"on\" nor \"off\" (whether"},

    /* numbers, lengths of time, bytes */
    {"broker b { host = h\n port = mqtt }\n",
     "f:2: broker \"b\": port: \"mqtt\" is not a whole number (the broker's TCP"},
    {"broker b { host = h port = 0 }\n", "f:1: broker \"b\": port: \"0\" is not within 1 and 65535"},
    {"broker b { host = h port = 65536 }\n", "f:1: broker \"b\": port: \"65536\" is not within 1 and 65535"},
    {"broker b { host = h port = -1 }\n", "f:1: broker \"b\": port: \"-1\" is not a whole number"},
    {"broker b { host = h port = 1883x }\n", "f:1: broker \"b\": port: \"1883x\" is not a whole number"},
    {"broker b { host = h port = 0x75b }\n", "f:1: broker \"b\": port: \"0x75b\" is not a whole number"},
    {"broker b { host = h port = 99999999999999999999 }\n",
     "f:1: broker \"b\": port: \"99999999999999999999\" is not a whole number"},
    {"broker b { host = h receive_maximum = 0 }\n",
     "f:1: broker \"b\": receive_maximum: \"0\" is not within 1 and 65535"},
    {"broker b { host = h probe = 100001 }\n",
     "f:1: broker \"b\": probe: \"100001\" is not within 0 and 100000"},
    {"broker b { host = h receive_maximum = 65536 }\n",
     "f:1: broker \"b\": receive_maximum: \"65536\" is not within"},
    {"broker b { host = h keepalive = 60 }\n",
     "f:1: broker \"b\": keepalive: \"60\" is not a length of time such as \"90s\" or \"10min\""},
    {"broker b { host = h keepalive = 4s }\n",
     "f:1: broker \"b\": keepalive: \"4s\" is not within 5s and 1h"},
    {"broker b { host = h keepalive = 2h }\n",
     "f:1: broker \"b\": keepalive: \"2h\" is not within 5s and 1h"},
    {"broker b { host = h keepalive = 5500ms }\n",
     "f:1: broker \"b\": keepalive: \"5500ms\" is not a number of whole seconds"},
    {"broker b { host = h retry_most = '1 h' }\n",
     "f:1: broker \"b\": retry_most: \"1 h\" is not a length of time"},
    {"broker b { host = h connect_timeout = 99ms }\n",
     "f:1: broker \"b\": connect_timeout: \"99ms\" is not within 100ms and 10min"},
    {BROKER "feed f { past = 201y }\n", "f:2: feed \"f\": past: \"201y\" is more than 200y"},
    {BROKER "feed f { future = soon }\n", "f:2: feed \"f\": future: \"soon\" is not a length of time"},
    {BROKER "database { batch_messages = 0 }\n",
     "f:2: database: batch_messages: \"0\" is not within 1 and 1000000"},
    {BROKER "database { batch_bytes = 8MB }\n",
     "f:2: database: batch_bytes: \"8MB\" is not a number of bytes such as \"64k\", \"8M\" or \"32G\""},
    {BROKER "journal { segment = 17G }\n", "f:2: journal: segment: \"17G\" is not within 4k and 16G"},
    {BROKER "journal { retention = for ever }\n", "f:2: journal: \"ever\": unknown key"},

    /* one key and another */
    {"broker b { host = h\n password_file = /p }\n",
     "f:2: broker \"b\": password_file: a password without a \"username\""},
    {"broker b { host = h tls = on\n certificate_file = /c }\n",
     "f:2: broker \"b\": certificate_file: a certificate without its \"key_file\""},
    {"broker b { host = h tls = on\n key_file = /c }\n",
     "f:2: broker \"b\": key_file: a private key without its \"certificate_file\""},
    {"broker b { host = h key_file = /k\n certificate_file = /c }\n",
     "f:2: broker \"b\": certificate_file: of no use without \"tls = on\""},
    {"broker b { host = h tls = off\n ca_file = /c }\n",
     "f:2: broker \"b\": ca_file: of no use without \"tls = on\""},
    {BROKER "broker c {\n host = h\n}\n",
     "f:2: broker \"c\": client_id: \"abated-abated\" is broker \"b\"'s on the same"},
    {BROKER "broker c { host = h\n client_id = abated-abated }\n",
     "f:3: broker \"c\": client_id: \"abated-abated\" is broker \"b\"'s"},
    {BROKER "feed f { broker = c }\n", "f:2: feed \"f\": broker: there is no broker \"c\" (the name of"},
    {BROKER "broker c { host = i }\n\nfeed f\n{\n\n}\n",
     "f:5: feed \"f\": broker: missing: there are 2 brokers"},
    {BROKER "feed f {\n topic = \"a/b+\"\n}\n",
     "f:3: feed \"f\": topic: topic \"a/b+\": \"b+\": + and # must be levels"},
    {BROKER "feed f { form = xml }\n", "f:2: feed \"f\": form: there is no form \"xml\", but \"json\", \"senml\""},
    {BROKER FEED "feed g {\n}\n",
     "f:3: feed \"g\": topic: the same topics as of feed \"f\", which takes them all"},
    {BROKER "feed f { topic = 'x/{monitor}' }\nfeed g {\n topic = 'x/+' }\n",
     "f:4: feed \"g\": topic: the same topics"},
    {BROKER "feed f { topic = 'x/#'\n receipts = on }\n",
     "f:3: feed \"f\": receipts: there is nobody to send them to: \"topic\" has neither {plant}"},
    {BROKER "feed f { topic = '{plant}/#'\n receipts = on }\n",
     "f:3: feed \"f\": receipts: the receipts of this feed would come back as messages of this feed: give them"},
    {BROKER "feed g { topic = 'receipts/{plant}/{monitor}' }\nfeed f { receipts = on }\n",
     "f:3: feed \"f\": receipts: the receipts of this feed would come back as messages of feed \"g\": give"},
    {BROKER "feed f { receipts = on }\nfeed g { topic = '#' }\n",
     "f:3: feed \"g\": topic: the receipts of feed \"f\" would come back as messages of this feed: give"},
    {BROKER "feed f { receipts = on receipt_topic = 'plants/x' topic = 'plants/{region}/{plant}/{monitor}' }\n",
     "f:2: feed \"f\": receipts: the receipts of this feed would come back"},
    {BROKER "feed f { receipt_topic = 'a/+' }\n",
     "f:2: feed \"f\": receipt_topic: \"a/+\" is not 1 to 255 bytes of plain levels"},
    {BROKER "feed f { receipt_topic = '$SYS' }\n", "f:2: feed \"f\": receipt_topic: \"$SYS\" is not 1 to"},
    {BROKER "feed f { receipt_topic = 'a/' }\n", "f:2: feed \"f\": receipt_topic: \"a/\" is not 1 to"},
    {BROKER "feed f { receipts = 1 }\n", "f:2: feed \"f\": receipts: \"1\" is neither \"on\" nor \"off\""},
    {BROKER "journal {\n size = 127M\n}\n",
     "f:3: journal: size: 133169152 bytes are less than two segments of 67108864"},
    {BROKER "journal {\n size = 1M\n segment = 1M\n}\n",
     "f:3: journal: size: 1048576 bytes are less than two segments"},
    {BROKER "\njournal {\n segment = 16385M\n}\n",
     "f:4: journal: segment: \"16385M\" is not within 4k and 16G"},
    /* profiles */
    {BROKER "feed f { profile = p }\n", "f:2: feed \"f\": profile: there is no profile \"p\" (how the JSON is read)"},
    {BROKER P "}\nfeed f {\n form = senml profile = p }\n",
     "f:6: feed \"f\": profile: of use with form \"json\" only"},
    {"reading a { }\n", "f:1: \"reading\": such a section stands within a \"profile\""},
    {BROKER "profile p {\n feed f { }\n}\n", "f:3: profile \"p\": \"feed\": a section cannot stand within another"},
    {BROKER P "redaing a { }\n}\n", "f:4: profile \"p\": \"redaing\": unknown key (did you mean \"reading\"?)"},
    {BROKER P "reading a {\n form = x\n}\n}\n", "f:5: reading \"a\": \"form\": unknown key (did you mean \"from\"?)"},
    {BROKER P "reading a { }\nreading a { }\n}\n", "f:5: profile \"p\": \"a\": a section of this kind and name is there already"},
    {BROKER P "reading '' { }\n}\n", "f:4: profile \"p\": reading \"\": its name must have 1 to 255 bytes"},
    {BROKER P "reading ''\n{\n\n}\n}\n", "f:5: profile \"p\": reading \"\": its name must have 1 to 255 bytes"},
    {BROKER P "reading a {\n from = '/a~b' }\n}\n",
     "f:5: profile \"p\": reading \"a\": from: \"/a~b\": \"~\" in a name is written \"~0\""},
    {BROKER P "reading a {\n scale = 0 } }\n", "f:5: profile \"p\": reading \"a\": scale: \"0\" is no number such as 0.1"},
    {BROKER P "reading a { scale = '1,5' } }\n", "f:4: profile \"p\": reading \"a\": scale: \"1,5\" is no number such as"},
    {BROKER P "reading a { element = 1024 } }\n", "f:4: profile \"p\": reading \"a\": element: \"1024\" is not within 0 and"},
    {BROKER P "reading a { unit = '' } }\n", "f:4: profile \"p\": reading \"a\": unit: empty"},
    {BROKER P "reading a { from = '*' } }\n", "f:4: profile \"p\": reading \"a\": from: \"*\" is neither a name nor"},
    {BROKER P "reading a { from = '/x/*' } }\n", "f:4: profile \"p\": reading \"a\": from: \"/x/*\" is neither a name nor"},
    {BROKER P "reading a { from = x }\nreading b {\n from = x }\n}\n",
     "f:6: profile \"p\": reading \"b\": from: \"x\" is reading \"a\" already"},
    {BROKER P "reading a { from = x }\n ignore = { y,\n x }\n}\n",
     "f:5: profile \"p\": ignore: \"x\" is reading \"a\" already"},
    {BROKER "profile p { }\n", "f:2: profile \"p\": time: missing: a pointer to the time of the measurement, or \"arrival\""},
    {BROKER "profile p { time = now readings = '/v/*' }\n", "f:2: profile \"p\": time: \"now\" is neither a pointer nor"},
    {BROKER "profile p { time = '/t' }\n", "f:2: profile \"p\": readings: missing: a pointer to the readings"},
    {BROKER "profile p {\n time = '/t'\n readings = '/v' }\n",
     "f:4: profile \"p\": readings: \"/v\" is not a pointer with a * for each reading, like \"/values/*\""},
    {BROKER P "each = '/batch' }\n", "f:4: profile \"p\": each: \"/batch\" is not a pointer with a * for each measurement"},
    {BROKER P "each = '/batch/*' }\n", "f:3: profile \"p\": readings: with \"each\" it begins with \"./\""},
    {BROKER P "time_form = seconds }\n", "f:4: profile \"p\": time_form: \"seconds\" is no form of a time"},
    {BROKER P "time_form = '%Y-%m-%d %H:%M:%Q' }\n", "f:4: profile \"p\": time_form: \"%Y-%m-%d %H:%M:%Q\": \"%Q\" cannot be read"},
    {BROKER P "time_form = '%Y-%m-%d %H:%\u4e8c' }\n", "f:4: profile \"p\": time_form: \"%Y-%m-%d %H:%\u4e8c\": \"%\\xe4\" cannot be read"},
    {BROKER P "time_form = '%Y-%m-%d %H:%' }\n", "f:4: profile \"p\": time_form: \"%Y-%m-%d %H:%\": \"%\" cannot be read"},
    {BROKER P "zone = '+8' }\n", "f:4: profile \"p\": zone: \"+8\" is no zone as in \"+08:00\""},
    {BROKER P "monitor = '*' }\n", "f:4: profile \"p\": monitor: \"*\" is the name of a member of \"each\", which is missing"},
    {BROKER P "monitor = '/a/*' }\n", "f:4: profile \"p\": monitor: \"/a/*\" is not a pointer, \"*\" for"},
    {BROKER P "period = week }\n", "f:4: profile \"p\": period: \"week\" is neither a pointer nor one of realtime"},
    {BROKER P "period = '/p' periods = { '2011=realtime',\n '2061=week' } }\n",
     "f:4: profile \"p\": periods: \"2061=week\": none of realtime, minute, hour, day"},
    {BROKER P "periods = '2011=hour' }\n", "f:4: profile \"p\": periods: of no use without a pointer in \"period\""},
    {BROKER P "marks = 'HL=T' }\n", "f:4: profile \"p\": marks: of no use without \"mark\" or \"errors\""},
    {BROKER P "mark = './m' marks = 'HL=TT' }\n", "f:4: profile \"p\": marks: \"HL=TT\": a mark is one letter or digit"},
    {BROKER P "mark = './m' marks = HL }\n", "f:4: profile \"p\": marks: \"HL\" is no pair as in \"HL=T\" (which mark"},
    {BROKER P "mark = './m' marks = {'HL=T', 'HL=N'} }\n", "f:4: profile \"p\": marks: \"HL\" stands twice"},
    {BROKER P "ignore = {a}\n ignore = {b, c}\n}\n", "f:5: profile \"p\": ignore: twice in one section, first in line 4"},
    {BROKER P "id = './id' }\n", "f:4: profile \"p\": id: \"./id\" is not a pointer from the top"},
    {BROKER P "value = v }\n", "f:4: profile \"p\": value: \"v\" is not a pointer, like \"./value\""},
    {BROKER P "frame = '/f' }\n", "f:3: profile \"p\": time: of no use with \"frame\": the HJ 212 frame says it"},
    {BROKER "profile p { frame = '/f' reading a { } }\n", "f:2: profile \"p\": frame: of no use with a \"reading\""},
    {BROKER P "quoted_numbers = perhaps }\n", "f:4: profile \"p\": quoted_numbers: \"perhaps\" is neither"},

    /* channels */
    {BROKER FEED "channel c {\n}\n", "f:3: channel \"c\": kind: missing (how it sends: mail http exec"},
    {BROKER FEED "channel c {\n kind = fax\n}\n", "f:4: channel \"c\": kind: \"fax\" is none of: mail http exec mqtt"},
    {BROKER FEED "channel c {\n kind = mail\n from = a@b }\n",
     "f:3: channel \"c\": host: missing (the mail server's name"},
    {BROKER FEED "channel c { kind = mail host = h }\n", "f:3: channel \"c\": from: missing (the sender's address)"},
    {BROKER FEED "channel 'C d' {\n kind = exec program = /x }\n", "f:3: channel \"C d\": its name must be 1 to 63 of a-z"},
    {BROKER FEED "channel c { kind = http }\n", "f:3: channel \"c\": url: missing"},
    {BROKER FEED "channel c { kind = exec }\n", "f:3: channel \"c\": program: missing"},
    {BROKER FEED "channel c { kind = alertmanager }\n", "f:3: channel \"c\": url: missing"},
    {BROKER FEED "channel c { kind = exec program = /x\n url = 'http://h' }\n",
     "f:4: channel \"c\": url: of no use with kind \"exec\" (where it is sent)"},
    {BROKER FEED "channel c { kind = mail host = h from = 'A <a@b>' }\n",
     "f:3: channel \"c\": from: \"A <a@b>\" is no address such as"},
    {BROKER FEED "channel c { kind = mail host = h from = a@b username = u }\n",
     "f:3: channel \"c\": username: of no use without \"password_file\""},
    {BROKER FEED "channel c { kind = mail host = h from = a@b username = u password_file = /p\n encryption = if_offered }\n",
     "f:4: channel \"c\": encryption: the password would go unencrypted"},
    {BROKER FEED "channel c { kind = http url = h }\n", "f:3: channel \"c\": url: \"h\" is no address such as https:"},
    {BROKER FEED "channel c { kind = http url = 'https://u:p@h/' }\n", "f:3: channel \"c\": url: a password does not"},
    {BROKER FEED "channel c { kind = http url = 'http://h/{phone}' }\n",
     "f:3: channel \"c\": url: {phone} stands for nothing here; there are {key} {recipient}"},
    {BROKER FEED "channel c { kind = http url = 'http://h/{secret}' }\n",
     "f:3: channel \"c\": url: {secret} stands for nothing without \"secret_file\""},
    {BROKER FEED "channel c { kind = http url = 'http://h/'\n body = '{sign}' }\n",
     "f:4: channel \"c\": body: {sign} stands for nothing without \"signature = dingtalk\""},
    {BROKER FEED "channel c { kind = http url = 'http://h/' success_pointer = errcode success_value = 0 }\n",
     "f:3: channel \"c\": success_pointer: \"errcode\" is not a pointer from the top"},
    {BROKER FEED "channel c { kind = http url = 'http://h/' success_pointer = '/a/*' success_value = 0 }\n",
     "f:3: channel \"c\": success_pointer: \"/a/*\" is not a pointer from the top"},
    {BROKER FEED "channel c { kind = http url = 'http://h/' success_value = 0 }\n",
     "f:3: channel \"c\": success_value: of no use without \"success_pointer\""},
    {BROKER FEED "channel c { kind = http url = 'http://h/' signature = header }\n",
     "f:3: channel \"c\": signature: of no use without \"signing_file\""},
    {BROKER FEED "channel c { kind = http url = 'http://h/' method = post }\n",
     "f:3: channel \"c\": method: \"post\" is no method"},
    {BROKER "broker d { host = i }\nfeed f { broker = b }\nchannel c { kind = mqtt }\n",
     "f:4: channel \"c\": broker: missing: there are 2 brokers"},
    {BROKER FEED "channel c { kind = mqtt topic = 'a/#' }\n", "f:3: channel \"c\": topic: \"a/#\" is not 1 to 255"},
};
/* clang-format on */

/* Also: libConfuse says nothing of its own, and what comes after a refusal is read as if there had been none.
 */
START_TEST(what_is_wrong_is_refused_with_file_line_and_key)
{
    const struct refused *row = &refused_rows[_i];
    struct reason why = {""};
    FILE *said = tmpfile();
    int stderr_fd = dup(2);

    ck_assert_ptr_nonnull(said);
    dup2(fileno(said), 2);
    struct conf *c = conf_parse("f", row->text, &why);
    dup2(stderr_fd, 2);
    ck_assert_msg(c == NULL, "taken: %s", row->text);
    ck_assert_msg(strncmp(why.text, row->why, strlen(row->why)) == 0, "%s", why.text);
    ck_assert_msg(lseek(fileno(said), 0, SEEK_END) == 0, "something was written for: %s", row->text);
    fclose(said);
    close(stderr_fd);
    conf_free(must_parse("after", all));
}
END_TEST

/* Cut anywhere, and with bytes changed at random: it is taken or refused, and nothing else happens. */
START_TEST(no_text_does_harm)
{
    struct reason why;
    char text[sizeof(all)];
    uint32_t random = 1;

    for (size_t size = 0; size < sizeof(all); size++) {
        memcpy(text, all, size);
        text[size] = '\0';
        conf_free(conf_parse("f", text, &why));
    }
    for (int i = 0; i < 3000; i++) {
        memcpy(text, all, sizeof(all));
        for (int n = 0; n < 3; n++) {
            static const char bytes[] = "\"'{}=\\#/*\n\t $+,(|\x01\xff"
                                        "a0";
            random = random * 1664525u + 1013904223u;
            text[(random >> 8) % (sizeof(all) - 1)] = bytes[(random >> 4) % (sizeof(bytes) - 1)];
        }
        conf_free(conf_parse("f", text, &why));
    }
}
END_TEST

START_TEST(a_topic_finds_its_feed)
{
    static const char text[] = "broker b { host = h }\nbroker c { host = i }\n"
                               "feed one { broker = b topic = 'x/{plant}/{monitor}' }\n"
                               "feed two { broker = b topic = 'x/{monitor}/last' }\n"
                               "feed three { broker = c topic = 'x/#' }\n";
    static const struct {
        const char *broker, *topic, *feed, *monitor;
    } rows[] = {
        {"b", "x/p/m", "one", "m"},      {"b", "x/m/last", "one", "last"}, {"c", "x/p/m", "three", NULL},
        {"b", "y/p/m", NULL, NULL},      {"c", "y", NULL, NULL},           {"d", "x/p/m", NULL, NULL},
        {"b", "x/p/m/more", NULL, NULL}, {"bb", "x/p/m", NULL, NULL},      {"", "x/p/m", NULL, NULL},
    };
    struct conf *c = must_parse("conf", text);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct topic_names names = {0};
        const struct conf_feed *f = conf_find_feed(c, rows[i].broker, strlen(rows[i].broker), rows[i].topic,
                                                   strlen(rows[i].topic), &names);
        const char *found = f != NULL ? f->name : "none",
                   *wanted = rows[i].feed != NULL ? rows[i].feed : "none";
        ck_assert_msg(strcmp(found, wanted) == 0, "%s on %s: %s", rows[i].topic, rows[i].broker, found);
        if (rows[i].monitor != NULL)
            ck_assert_mem_eq(names.monitor.at, rows[i].monitor, strlen(rows[i].monitor));
    }
    conf_free(c);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("conf");
    TCase *c = tcase_create("conf");

    tcase_set_timeout(c, 60);
    tcase_add_test(c, what_is_not_written_has_its_default);
    tcase_add_test(c, what_is_written_counts);
    tcase_add_test(c, brokers_and_feeds_may_have_much_in_common);
    tcase_add_loop_test(c, what_is_wrong_is_refused_with_file_line_and_key, 0,
                        (int)(sizeof(refused_rows) / sizeof(refused_rows[0])));
    tcase_add_test(c, no_text_does_harm);
    tcase_add_test(c, a_topic_finds_its_feed);
    suite_add_tcase(s, c);
    return s;
}
