/* letter_link: what a letter is with a link in it, and without a secret. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "letter_link.h"
#include "runner.h"

static char file[256];

static void
write_secret(const char *secret)
{
    const char *folder = getenv("TMPDIR");
    snprintf(file, sizeof(file), "%s/link.XXXXXX", folder != NULL ? folder : "/tmp");
    int fd = mkstemp(file);
    ck_assert(fd >= 0 && write(fd, secret, strlen(secret)) == (ssize_t)strlen(secret) && close(fd) == 0);
}

static const struct row {
    const char *name, *secret, *text, *json;
    const char *text_then, *json_then; /* the link as L; NULL: refused */
} rows[] = {
    {"a mail", "0123456789abcdef\n", "a\nb", "{\"key\": 1}", "a\nb\n点此确认:L", "{\"ack_link\":\"L\",\"key\": 1}"},
    {"a line end", "0123456789abcdef\n", "a\n", "{}", "a\n点此确认:L", "{\"ack_link\":\"L\"}"},
    {"no text, no object", "0123456789abcdef", "", "", "点此确认:L", ""},
    {"braces stay", "0123456789abcdef", "{link} {x}", "{\"a\":\"{link}\"}", "{link} {x}\n点此确认:L", "{\"ack_link\":\"L\",\"a\":\"{link}\"}"},
    {"a short secret", "0123456789abcde\n", "a", "{}", NULL, NULL},
    {"an empty one", "\n", "a", "{}", NULL, NULL},
};

/* The text with its link, up to the end of it, as L. */
static void
shorten(const char *text, char out[512])
{
    const char *link = strstr(text, "https://");
    if (link == NULL) {
        snprintf(out, 512, "%s", text);
        return;
    }
    ck_assert(strncmp(link, "https://h/ack?n=2026-000123&d=7&u=1764590400&s=", 47) == 0);
    snprintf(out, 512, "%.*sL%s", (int)(link - text), text, link + strcspn(link, "\""));
}

START_TEST(linked)
{
    const struct row *row = &rows[_i];
    struct letter letter = {.text = (char *)row->text, .json = (char *)row->json};
    const struct ack_link link = {.number = "2026-000123", .delivery = 7, .until = {1764590400000000}};
    struct letter_link l = {0};
    struct reason why = {""};
    char text[512], json[512];

    write_secret(row->secret);
    const struct conf conf = {.ack_link = {.url = (char *)"https://h/ack", .secret_file = file}};
    bool ok = letter_link_add(&l, &conf, &link, "点此确认:{link}", &letter, &why);
    unlink(file);
    if (row->text_then == NULL) {
        ck_assert_msg(!ok && strncmp(why.text, "ack_link: ", 10) == 0, "%s: %s", row->name, why.text);
        ck_assert_ptr_eq(letter.text, row->text);
        ck_assert_ptr_eq(letter.json, row->json);
    } else {
        ck_assert_msg(ok, "%s: %s", row->name, why.text);
        shorten(letter.text, text);
        shorten(letter.json, json);
        ck_assert_msg(strcmp(text, row->text_then) == 0, "%s: %s", row->name, text);
        ck_assert_msg(strcmp(json, row->json_then) == 0, "%s: %s", row->name, json);
    }
    letter_link_clear(&l);
}
END_TEST

START_TEST(no_file)
{
    struct letter letter = {.text = (char *)"a", .json = (char *)"{}"};
    const struct conf conf = {.ack_link = {.url = (char *)"https://h/ack", .secret_file = (char *)"/nonexistent/secret"}};
    struct letter_link l = {0};
    struct reason why;

    ck_assert(!letter_link_add(&l, &conf, &(struct ack_link){.number = "1"}, "{link}", &letter, &why));
    ck_assert_msg(strstr(why.text, "/nonexistent/secret") != NULL, "%s", why.text);
    ck_assert_str_eq(letter.text, "a");
    letter_link_clear(&l);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("letter_link");
    TCase *t = tcase_create("letter_link");
    tcase_add_loop_test(t, linked, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, no_file);
    suite_add_tcase(s, t);
    return s;
}
