/* ack_link: made and read again; whatever is altered is refused. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ack_link.h"
#include "runner.h"

#define SECRET "0123456789abcdef"
#define UNTIL 1764590400

static const struct ack_link link = {.number = "2026-000123", .delivery = 4711, .until = {UNTIL * 1000000ll}};

/* The query of the link above, with its signature. */
static void
make(char out[256])
{
    struct buf b = {0};
    ack_link_add(&b, "https://abate.example.org/ack", &link, SECRET);
    buf_add(&b, "", 1);
    snprintf(out, 256, "%s", strchr((char *)b.at, '?') + 1);
    buf_clear(&b);
}

START_TEST(made_and_read)
{
    struct buf b = {0};
    struct ack_link read;
    struct reason why;

    ack_link_add(&b, "https://abate.example.org/ack", &link, SECRET);
    buf_add(&b, "", 1);
    /* echo -n 'n=2026-000123&d=4711&u=1764590400' | openssl dgst -sha256 -hmac 0123456789abcdef | cut -c -32 */
    ck_assert_str_eq((char *)b.at,
                     "https://abate.example.org/ack?n=2026-000123&d=4711&u=1764590400&s=d7ca62ff1351d964c3827164ad516deb");
    ck_assert_msg(ack_link_read(strchr((char *)b.at, '?') + 1, SECRET, (struct instant){UNTIL * 1000000ll - 1}, &read, &why), "%s",
                  why.text);
    ck_assert_str_eq(read.number, "2026-000123");
    ck_assert_int_eq(read.delivery, 4711);
    ck_assert_int_eq(read.until.us, link.until.us);
    buf_clear(&b);
}
END_TEST

/* What is put for what in the query. */
static const struct row {
    const char *name, *from, *to, *why;
} rows[] = {
    {"another alert", "000123", "000124", "the link is not ours, or was altered"},
    {"another delivery", "4711", "4712", "the link is not ours, or was altered"},
    {"longer", "1764590400", "1764590401", "the link is not ours, or was altered"},
    {"leading noughts", "4711", "04711", "the link is not ours, or was altered"},
    {"no number", "n=2026-000123&", "", "the link is not whole"},
    {"an empty number", "2026-000123", "", "the link is not whole"},
    {"a number too long", "2026-000123", "2026-0001230000000000000000000000000", "the link is not whole"},
    {"a number of other letters", "2026-000123", "2026-'000123", "the link is not whole"},
    {"a delivery too long", "4711", "4711471147114711471", "the link is not whole"},
    {"a time too long", "1764590400", "1764590400000", "the link is not whole"},
    {"another order", "n=2026-000123&d=4711", "d=4711&n=2026-000123", "the link is not whole"},
    {"twice", "d=4711", "d=4711&d=4711", "the link is not whole"},
    {"no signature", "&s=", "&t=", "the link is not whole"},
    {"half a signature", "&s=d7ca62ff1351d964", "&s=", "the link is not whole"},
    {"a longer signature", "&s=", "&s=0", "the link is not whole"},
    {"capitals", "&s=", "&s=A", "the link is not whole"},
};

START_TEST(altered)
{
    const struct row *row = &rows[_i];
    char query[256], other[512];
    struct ack_link read = {.delivery = -1};
    struct reason why = {""};

    make(query);
    char *at = strstr(query, row->from);
    ck_assert_msg(at != NULL, "%s: \"%s\" is not in %s", row->name, row->from, query);
    snprintf(other, sizeof(other), "%.*s%s%s", (int)(at - query), query, row->to, at + strlen(row->from));
    ck_assert_msg(!ack_link_read(other, SECRET, (struct instant){0}, &read, &why), "%s", row->name);
    ck_assert_msg(strcmp(why.text, row->why) == 0, "%s: %s", row->name, why.text);
    ck_assert_int_eq(read.delivery, -1);
}
END_TEST

/* Each letter of the signature counts. */
START_TEST(each_letter_of_the_signature)
{
    char query[256];
    struct ack_link read;
    struct reason why;

    make(query);
    for (char *at = strstr(query, "&s=") + 3; *at != '\0'; at++) {
        char was = *at;
        *at = was == '0' ? '1' : '0';
        ck_assert(!ack_link_read(query, SECRET, (struct instant){0}, &read, &why));
        *at = was;
    }
    ck_assert(ack_link_read(query, SECRET, (struct instant){0}, &read, &why));
}
END_TEST

START_TEST(another_secret_and_its_time)
{
    char query[256], longer[300];
    struct ack_link read;
    struct reason why;

    make(query);
    ck_assert(!ack_link_read(query, "0123456789abcdeF", (struct instant){0}, &read, &why));
    ck_assert_str_eq(why.text, "the link is not ours, or was altered");
    ck_assert(!ack_link_read(query, SECRET, link.until, &read, &why));
    ck_assert_str_eq(why.text, "the link is over since 2025-12-01 12:00:00Z");
    snprintf(longer, sizeof(longer), "%s&utm_source=mail", query);
    ck_assert_msg(ack_link_read(longer, SECRET, (struct instant){0}, &read, &why), "what mailers put behind: %s", why.text);
    ck_assert(!ack_link_check_secret("0123456789abcde", &why));
    ck_assert(ack_link_check_secret(SECRET, &why));
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("ack_link");
    TCase *t = tcase_create("ack_link");
    tcase_add_test(t, made_and_read);
    tcase_add_loop_test(t, altered, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, each_letter_of_the_signature);
    tcase_add_test(t, another_secret_and_its_time);
    suite_add_tcase(s, t);
    return s;
}
