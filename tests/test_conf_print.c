/* conf_print: what is printed is read as the same, for every key of the table. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_print.h"
#include "runner.h"

/* Between them these have all keys, most of them with another value than they have by default. */
static const char *const texts[] = {
    "broker b { host = h }\nfeed f { }\n",

    "instance = zz-1\nduty = north\n"
    "broker 'no\"r\\th' { host = '10.0.0.1' tls = on }\n"
    "broker south { host = mqtt.example.org port = 65535 client_id = 'id with ${blanks} $ \\'' username = u password_file = /etc/p\n"
    "    tls = yes ca_file = /etc/ca certificate_file = /etc/c key_file = /etc/k keepalive = 2min receive_maximum = 65535\n"
    "    probe = 0 connect_timeout = 100ms retry_most = 90s }\n"
    "database { conninfo = \"service=abate user='a b'\" password_file = /etc/q statement_timeout = 5min retry_most = 200ms\n"
    "    batch_messages = 1 batch_bytes = 65k }\n"
    "journal { directory = '/srv/日志' segment = 4k size = 8193 retention = 0s }\n"
    "judge { enabled = off interval = 2s statement_timeout = 1h }\n"
    "profile enos { each = '/params/*' monitor = './deviceKey' time = './time' time_form = '%Y-%m-%d %H:%M' zone = '-03:30'\n"
    "    period = './p' periods = { 'a=b=minute', '*=hour' } id = '/id' reissue = './r' readings = './points/*' name = '*'\n"
    "    value = './value' mark = './quality' marks = { '9=N', '*=D' } unit = './u' errors = './e/*' ignore = { x, 'a,b' }\n"
    "    missing = { null, '--', '\"' } quoted_numbers = on\n"
    "    reading a21026 { from = so2 unit = 'mg/m3' scale = 0.1 element = 2 }\n"
    "    reading b { }\n"
    "}\n"
    "profile framed { frame = '/f' id = '/i' }\n"
    "feed hour { broker = south topic = 'a/{monitor}/#' form = senml past = 20y future = 0s receipts = on receipt_topic = abate/r }\n"
    "feed enos { broker = 'no\"r\\th' topic = enos profile = enos }\n"
    "ack_link { url = 'https://abate.example.org/ack' secret_file = /etc/l }\n"
    "channel post { kind = mail host = mx from = a@b username = u password_file = /p ca_file = /c port = 26\n"
    "    encryption = tls from_name = 'A B' reply_to = c@d troubles_to = 'x@y z@y' timeout = 5s in_flight = 2 }\n"
    "channel plain { kind = mail host = mx from = a@b encryption = none }\n"
    "channel sms { kind = http url = 'https://h/s?a={secret}&t={timestamp}&s={sign}' method = PUT\n"
    "    content_type = 'application/x-www-form-urlencoded' body = '{\"c\":\"{text}\\n\"}' header_file = /h\n"
    "    secret_file = /s signature = dingtalk signing_file = /g success_pointer = /errcode success_value = 0 }\n"
    "channel web { kind = http url = 'http://h' }\n"
    "channel hook { kind = exec program = /usr/local/bin/hook }\n"
    "channel bus { kind = mqtt broker = south topic = abate/alerts }\n"
    "channel am { kind = alertmanager url = 'http://127.0.0.1:9093' }\n"
    "trouble { after = 1min remind = 1d backlog = 99 }\n"
    "http { listen = '[::1]:9380' }\n",
};

/* The printed configuration, as text; freed by the caller. */
static char *
print(const struct conf *c)
{
    struct buf out = {0};
    conf_print(c, &out);
    buf_add(&out, "", 1);
    return (char *)out.at;
}

static void
check_round(const char *name, const char *text)
{
    struct reason why = {""};
    struct conf *c = conf_parse(name, text, &why);
    ck_assert_msg(c != NULL, "%s", why.text);
    char *printed = print(c);
    struct conf *again = conf_parse("printed", printed, &why);
    ck_assert_msg(again != NULL, "%s\n%s", why.text, printed);
    char *printed_again = print(again);
    ck_assert_str_eq(printed_again, printed);
    ck_assert_uint_eq(again->brokers, c->brokers);
    ck_assert_uint_eq(again->feeds, c->feeds);
    ck_assert_uint_eq(again->profiles, c->profiles);
    ck_assert_uint_eq(again->channels, c->channels);
    free(printed);
    free(printed_again);
    conf_free(again);
    conf_free(c);
}

START_TEST(what_is_printed_is_read_as_the_same)
{
    check_round("text", texts[_i]);
}
END_TEST

/* What was written is what is printed, whatever stands in it. */
START_TEST(texts_come_back_as_they_were)
{
    struct reason why = {""};
    struct conf *c = conf_parse("text", texts[1], &why);
    ck_assert_msg(c != NULL, "%s", why.text);
    char *printed = print(c);
    struct conf *again = conf_parse("printed", printed, &why);
    ck_assert_msg(again != NULL, "%s\n%s", why.text, printed);

    ck_assert_str_eq(again->broker[0].name, "no\"r\\th");
    ck_assert_str_eq(again->broker[1].client_id, "id with ${blanks} $ '");
    ck_assert_str_eq(again->channel[2].body, "{\"c\":\"{text}\\n\"}");
    ck_assert_str_eq(again->journal.directory, "/srv/日志");
    ck_assert_uint_eq(again->journal.size_bytes, 8193);
    ck_assert_int_eq(again->journal.retention_us, 0);
    ck_assert_int_eq(again->broker[1].connect_timeout_us, 100000);
    ck_assert_int_eq(again->profile[0].zone_s, -12600);
    ck_assert_str_eq(again->profile[0].time_form.format, "%Y-%m-%d %H:%M");
    ck_assert_double_eq(again->profile[0].reading[0].factor, 0.1);
    ck_assert_int_eq(again->profile[0].reading[0].element, 2);
    ck_assert_str_eq(again->profile[0].periods.word[0].text, "a=b");
    ck_assert_str_eq(again->profile[0].ignore.word[1].text, "a,b");
    free(printed);
    conf_free(again);
    conf_free(c);
}
END_TEST

START_TEST(every_key_is_printed)
{
    struct buf all = {0};
    struct reason why;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct conf *c = conf_parse("text", texts[i], &why);
        ck_assert_msg(c != NULL, "%s", why.text);
        conf_print(c, &all);
        conf_free(c);
    }
    buf_add(&all, "", 1);
    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        char line[128], inner[128];
        snprintf(line, sizeof(line), "\n%s%s = ", k->section == CONF_TOP ? "" : "    ", k->name);
        snprintf(inner, sizeof(inner), "\n        %s = ", k->name);
        bool is_there = strstr((const char *)all.at, k->section == CONF_READING ? inner : line) != NULL ||
                        strncmp((const char *)all.at, line + 1, strlen(line + 1)) == 0;
        ck_assert_msg(is_there, "%s: not printed", k->name);
    }
    buf_clear(&all);
}
END_TEST

START_TEST(shipped_profiles_come_back)
{
    const char *top = getenv("srcdir");
    char folder[1024], path[2048], *text = NULL;
    int files = 0;

    snprintf(folder, sizeof(folder), "%s/daemon/profiles", top != NULL ? top : ".");
    DIR *d = opendir(folder);
    ck_assert_msg(d != NULL, "%s", folder);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        struct buf whole = {0};
        size_t room = 0;
        if (strstr(e->d_name, ".example") == NULL)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        FILE *f = fopen(path, "r");
        ck_assert_msg(f != NULL && getdelim(&text, &room, '\0', f) > 0, "%s", path);
        fclose(f);
        buf_add_text(&whole, "broker only { host = h }\n");
        buf_add_text(&whole, text);
        if (strstr(text, "\nfeed ") == NULL)
            buf_add_text(&whole, "feed only { }\n");
        buf_add(&whole, "", 1);
        check_round(path, (const char *)whole.at);
        buf_clear(&whole);
        free(text);
        text = NULL;
        files++;
    }
    closedir(d);
    ck_assert_int_gt(files, 10);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("conf_print");
    TCase *t = tcase_create("conf_print");
    tcase_add_loop_test(t, what_is_printed_is_read_as_the_same, 0, sizeof(texts) / sizeof(texts[0]));
    tcase_add_test(t, texts_come_back_as_they_were);
    tcase_add_test(t, every_key_is_printed);
    tcase_add_test(t, shipped_profiles_come_back);
    suite_add_tcase(s, t);
    return s;
}
