/* conf_succeed: what is taken over at once, what waits, and how that is said. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_print.h"
#include "conf_succeed.h"
#include "runner.h"

#define REST "feed f { topic = 'a/{monitor}' }\n"
#define WAS "broker b { host = h ca_file = /old tls = on }\n" REST "journal { size = 1G }\n"

static const struct row {
    const char *name, *next;
    const char *held; /* each with a "; " behind it; NULL: refused */
    const char *in_force; /* a line of what is printed then */
} rows[] = {
    {"nothing", WAS, "", "host = \"h\""},
    {"a host waits", "broker b { host = other ca_file = /old tls = on }\n" REST "journal { size = 1G }\n", "broker \"b\": host; ", "host = \"h\""},
    {"a file of TLS does not", "broker b { host = h ca_file = /new tls = on }\n" REST "journal { size = 1G }\n", "", "ca_file = \"/new\""},
    {"a password's file waits, taken away or put there", "broker b { host = h ca_file = /old tls = on username = u password_file = /p }\n" REST "journal { size = 1G }\n",
     "broker \"b\": username; broker \"b\": password_file; ", "ca_file = \"/old\""},
    {"a feed", "broker b { host = h ca_file = /old tls = on }\nfeed g { topic = 'b/{monitor}' past = 2d }\n" "journal { size = 1G }\n", "", "past = \"2d\""},
    {"another journal", WAS "database { conninfo = 'dbname=x' batch_messages = 7 }\n", "database: conninfo; ", "batch_messages = 7"},
    {"segment and size", "broker b { host = h ca_file = /old tls = on }\n" REST "journal { size = 2G segment = 1M retention = 9d }\n", "journal: segment; ", "size = \"2G\""},
    {"a size for another segment", "broker b { host = h ca_file = /old tls = on }\n" REST "journal { size = 4M segment = 1M }\n", "journal: segment; journal: size; ", "size = \"1G\""},
    {"an instance brings its client id", "instance = x\n" WAS, "instance; broker \"b\": client_id; ", "client_id = \"abated-abated\""},
    {"a duty brings its client id, too", "duty = x\n" WAS, "duty; broker \"b\": client_id; ", "client_id = \"abated-abated\""},
    {"a judge", WAS "judge { enabled = off interval = 5s }\n", "judge: enabled; ", "interval = \"5s\""},
    {"asked elsewhere", WAS "http { listen = '127.0.0.1:1' }\n", "http: listen; ", "host = \"h\""},
    {"a broker more", "broker b { host = h }\nbroker c { host = i }\nfeed f { broker = b }\n", NULL, NULL},
    {"another broker", "broker c { host = h ca_file = /old tls = on }\n" REST, NULL, NULL},
};

static struct conf *
conf_of(const char *text)
{
    struct reason why;
    struct conf *c = conf_parse("test", text, &why);
    if (c == NULL)
        ck_abort_msg("%s", why.text);
    return c;
}

static void
on_held(void *self, const char *what)
{
    strcat(self, what);
    strcat(self, "; ");
}

START_TEST(what_waits_is_named_and_stays)
{
    const struct row *row = &rows[_i];
    char held[1024] = "";
    struct reason why = {""};
    struct buf out = {0};
    struct conf *now = conf_of(WAS), *next = conf_of(row->next);

    bool ok = conf_succeed(next, now, on_held, held, &why);
    ck_assert_msg(ok == (row->held != NULL), "%s: %s", row->name, why.text);
    if (ok) {
        ck_assert_msg(strcmp(held, row->held) == 0, "%s: \"%s\"", row->name, held);
        conf_print(next, &out);
        buf_add(&out, "", 1);
        ck_assert_msg(strstr((const char *)out.at, row->in_force) != NULL, "%s: %s", row->name, out.at);
    } else {
        ck_assert_msg(strstr(why.text, "waits for a restart") != NULL, "%s: %s", row->name, why.text);
    }
    buf_clear(&out);
    conf_free(now);
    conf_free(next);
}
END_TEST

START_TEST(letters_are_the_same_or_not)
{
    struct conf *now = conf_of(WAS "channel am { kind = alertmanager url = 'http://h' }\n");
    struct conf *feed = conf_of("broker b { host = h ca_file = /old tls = on }\nfeed other { topic = x }\njournal { size = 1G }\n"
                                "channel am { kind = alertmanager url = 'http://h' }\n");
    struct conf *url = conf_of(WAS "channel am { kind = alertmanager url = 'http://i' }\n");
    struct conf *trouble = conf_of(WAS "channel am { kind = alertmanager url = 'http://h' }\ntrouble { after = 1s }\n");

    ck_assert(conf_same_letters(now, feed));
    ck_assert(!conf_same_letters(now, url));
    ck_assert(!conf_same_letters(now, trouble));
    conf_free(now);
    conf_free(feed);
    conf_free(url);
    conf_free(trouble);
}
END_TEST

/* A name in the table of what waits that is no key would be of no effect. */
START_TEST(all_that_wait_are_keys)
{
    int waits = 0;
    for (size_t i = 0; i < conf_keys; i++)
        waits += conf_key_waits(&conf_key[i]);
    ck_assert_int_eq(waits, 2 + 9 + 4 + 2 + 2 + 1);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("conf_succeed");
    TCase *t = tcase_create("conf_succeed");
    tcase_add_loop_test(t, what_waits_is_named_and_stays, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, letters_are_the_same_or_not);
    tcase_add_test(t, all_that_wait_are_keys);
    suite_add_tcase(s, t);
    return s;
}
