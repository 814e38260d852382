/* conf_key: the manual page and the example are true to the table; what is said of names that are not in it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_key.h"
#include "runner.h"

#define SMALLEST "broker b { host = h }\nfeed f { }\n"

static struct conf *
must_parse(const char *name, const char *text)
{
    struct reason why = {""};
    struct conf *c = conf_parse(name, text, &why);
    if (c == NULL)
        ck_abort_msg("%s: %s", name, why.text);
    return c;
}

static char *
read_shipped(const char *name)
{
    const char *top = getenv("srcdir");
    char path[1024], *text = NULL;
    size_t room = 0;

    snprintf(path, sizeof(path), "%s/%s", top != NULL ? top : ".", name);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL && getdelim(&text, &room, '\0', f) > 0, "cannot read %s", path);
    fclose(f);
    return text;
}

/* The example as it is, and with all that is commented out in its keys. */
START_TEST(the_example_is_taken)
{
    char *text = read_shipped("daemon/abated.conf.example");
    struct conf *defaults = must_parse("defaults", SMALLEST);
    struct conf *c = must_parse("abated.conf.example", text);

    ck_assert_int_eq(c->broker[0].port, defaults->broker[0].port);
    for (char *at = text; (at = strstr(at, "\n")) != NULL; at++) {
        char *mark = at + 1 + strspn(at + 1, " ");
        if (*mark == '#' && mark[1] != ' ')
            *mark = ' ';
    }
    conf_free(c);
    c = must_parse("abated.conf.example, no comments", text);
    ck_assert_uint_eq(c->brokers, 2);
    ck_assert_int_eq(c->broker[0].port, defaults->broker[0].port);
    ck_assert_str_eq(c->instance, defaults->instance);
    ck_assert_int_eq(c->feed[0].window.past_us, defaults->feed[0].window.past_us);
    ck_assert_int_eq(c->feed[0].window.future_us, defaults->feed[0].window.future_us);
    ck_assert_int_eq(c->database.statement_timeout_us, defaults->database.statement_timeout_us);
    ck_assert_int_eq(c->database.batch_messages, defaults->database.batch_messages);
    ck_assert_uint_eq(c->database.batch_bytes, defaults->database.batch_bytes);
    ck_assert_uint_eq(c->journal.segment_bytes, defaults->journal.segment_bytes);
    ck_assert_uint_eq(c->journal.size_bytes, defaults->journal.size_bytes);
    ck_assert_int_eq(c->journal.retention_us, defaults->journal.retention_us);
    ck_assert_uint_eq(c->channels, 7);
    ck_assert_int_eq(c->trouble.after_us, defaults->trouble.after_us);
    ck_assert_int_eq(c->trouble.remind_us, defaults->trouble.remind_us);
    ck_assert_int_eq(c->trouble.backlog, defaults->trouble.backlog);
    conf_free(c);
    conf_free(defaults);
    free(text);
}
END_TEST

/* The section's part of the manual page, up to the next ".Ss" or ".Sh". */
static char *
part_of(const char *text, enum conf_section section)
{
    char head[64];

    if (section == CONF_TOP)
        snprintf(head, sizeof(head), "\n.Ss Outside of sections\n");
    else
        snprintf(head, sizeof(head), "\n.Ss %s%s\n", conf_section_kind[section].name,
                 conf_section_kind[section].has_title ? " Qq Ar name" : "");
    const char *from = strstr(text, head);
    ck_assert_msg(from != NULL, "no part \"%s\"", head + 1);
    const char *to = strstr(from + 1, "\n.S");
    while (to != NULL && to[3] != 's' && to[3] != 'h')
        to = strstr(to + 1, "\n.S");
    return to != NULL ? strndup(from, (size_t)(to - from)) : strdup(from);
}

/* What is said of a key; several keys may share it. NULL if there is none of this name. */
static char *
said_of(const char *part, const char *key)
{
    char head[64];

    snprintf(head, sizeof(head), "\n.It Ic %s Ar ", key);
    const char *from = strstr(part, head);
    if (from == NULL)
        return NULL;
    while (strncmp(from, "\n.It ", 5) == 0)
        from = strchr(from + 1, '\n');
    const char *to = strstr(from, "\n.It ");
    return to != NULL ? strndup(from, (size_t)(to - from)) : strdup(from);
}

static void
check_words(const struct conf_key *k, const char *said)
{
    char words[128], *rest = NULL;
    snprintf(words, sizeof(words), "%s", k->least);
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        char mark[64];
        snprintf(mark, sizeof(mark), ".Cm %s ", word);
        bool is_said = strstr(said, mark) != NULL;
        snprintf(mark, sizeof(mark), ".Cm %s\n", word);
        ck_assert_msg(is_said || strstr(said, mark) != NULL, "%s: the manual page does not have %s", k->name, word);
    }
}

START_TEST(the_manual_page_has_each_key_with_default_and_bounds)
{
    char *text = read_shipped("daemon/abated.conf.5");
    int items = 0, wanted = 0;

    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        char *part = part_of(text, k->section), *said = said_of(part, k->name);
        ck_assert_msg(said != NULL, "%s: not in the manual page", k->name);
        bool is_here =
            k->otherwise == NULL || strstr(k->otherwise, "/journal") != NULL || strstr(said, k->otherwise);
        ck_assert_msg(is_here, "%s: the manual page does not say its default, %s", k->name, k->otherwise);
        ck_assert_msg(k->least == NULL || k->type == CONF_CHOICE || strstr(said, k->least), "%s: at least %s", k->name,
                      k->least);
        if (k->type == CONF_CHOICE)
            check_words(k, said);
        ck_assert_msg(k->most == NULL || strstr(said, k->most), "%s: at most %s", k->name, k->most);
        free(said);
        free(part);
        wanted++;
    }
    for (const char *at = text; (at = strstr(at, "\n.It Ic ")) != NULL; at++)
        items++;
    ck_assert_msg(items == wanted, "%d keys in the manual page, %d in the table", items, wanted);
    free(text);
}
END_TEST

/* ---- names that are none ---- */

static const struct unknown {
    enum conf_section section;
    const char *name, *why;
} unknown_rows[] = {
    {CONF_BROKER, "hots", "\"hots\": unknown key (did you mean \"host\"?)"},
    {CONF_BROKER, "Port", "\"Port\": unknown key (did you mean \"port\"?)"},
    {CONF_BROKER, "user_name", "\"user_name\": unknown key (did you mean \"username\"?)"},
    {CONF_BROKER, "username_x2", "\"username_x2\": unknown key (see abated.conf(5))"},
    {CONF_TOP, "databse", "\"databse\": unknown key (did you mean \"database\"?)"},
    {CONF_TOP, "brokers", "\"brokers\": unknown key (did you mean \"broker\"?)"},
    {CONF_JOURNAL, "segment_", "\"segment_\": unknown key (did you mean \"segment\"?)"},
    {CONF_JOURNAL, "topic", "\"topic\": unknown key here; it belongs in a section \"feed\""},
    {CONF_JOURNAL, "feed", "\"feed\": a section cannot stand within another (is a \"}\" missing?)"},
    {CONF_FEED, "instance", "\"instance\": stands outside of all sections (is a \"}\" missing?)"},
    {CONF_FEED, "otpci", "\"otpci\": unknown key (did you mean \"topic\"?)"},
    {CONF_BROKER, "th", "\"th\": unknown key (see abated.conf(5))"},
    {CONF_FEED, "", "\"\": unknown key (see abated.conf(5))"},
    {CONF_FEED, "p\"\x01", "\"p\\x22\\x01\": unknown key (see abated.conf(5))"},
};

START_TEST(the_name_that_may_be_meant_is_said)
{
    const struct unknown *row = &unknown_rows[_i];
    struct reason why;

    ck_assert(!conf_key_unknown(row->section, row->name, &why));
    ck_assert_str_eq(why.text, row->why);
}
END_TEST

START_TEST(a_key_stands_once_in_the_table_and_is_found)
{
    for (size_t i = 0; i < conf_keys; i++) {
        const struct conf_key *found = conf_key_find(conf_key[i].section, conf_key[i].name);
        ck_assert_msg(found == &conf_key[i], "%s stands twice", conf_key[i].name);
    }
    ck_assert_ptr_null(conf_key_find(CONF_TOP, "host"));
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("conf_key");
    TCase *c = tcase_create("conf_key");

    tcase_add_test(c, the_example_is_taken);
    tcase_add_test(c, the_manual_page_has_each_key_with_default_and_bounds);
    tcase_add_loop_test(c, the_name_that_may_be_meant_is_said, 0,
                        (int)(sizeof(unknown_rows) / sizeof(unknown_rows[0])));
    tcase_add_test(c, a_key_stands_once_in_the_table_and_is_found);
    suite_add_tcase(s, c);
    return s;
}
