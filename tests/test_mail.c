/* mail: headers and body as the standards have them, and nothing in a letter that could make one of its own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail.h"
#include "runner.h"

#define DUTY "duty@example.org"
#define LONG_65 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct address_row {
    const char *text;
    bool good;
} address_rows[] = {
    {DUTY, true},
    {"a.b+c_d-e@x-1.example.org", true},
    {"root@localhost", true},
    {"root@[127.0.0.1]", true},
    {"", false},
    {"duty", false},
    {"@example.org", false},
    {"duty@", false},
    {"a@b@c", false},
    {"duty@example.org\r\nRCPT TO:<x@y>", false},
    {"duty@example.org\nBcc: x@y", false},
    {"duty@example.org>", false},
    {"<duty@example.org>", false},
    {"a b@example.org", false},
    {"a,b@example.org", false},
    {"\"a\"@example.org", false},
    {"\xe5\x80\xbc@example.org", false},
    {LONG_65 LONG_65 LONG_65 "@" LONG_65, false},
};

START_TEST(an_address_is_one_and_nothing_else)
{
    const struct address_row *row = &address_rows[_i];
    struct reason why;
    ck_assert_msg(mail_check_address(row->text, &why) == row->good, "%s", row->text);
}
END_TEST

static const struct mail_sender plain = {"abate@example.org", NULL, NULL};

static char *
written(const struct mail_sender *sender, const char *key, const char *subject, const char *text)
{
    struct letter letter = {
        .key = (char *)key,
        .recipient = (char *)DUTY,
        .subject = (char *)subject,
        .text = (char *)text,
        .json = (char *)"{}",
        .at = {1604276100000000}, /* 2020-11-02 00:15:00Z, a Monday */
    };
    struct buf out = {0};
    mail_write(&out, sender, &letter);
    buf_add(&out, "", 1);
    char *ret = strdup((const char *)out.at);
    buf_clear(&out);
    return ret;
}

START_TEST(the_whole_of_it)
{
    static const struct mail_sender sender = {"abate@example.org", "Ecology Bureau", "desk@example.org"};
    char *mail = written(&sender, "12-mail-3", "NOx over the limit", "one\ntwo\r\nthree\rfour");

    ck_assert_str_eq(mail, "Date: Mon, 2 Nov 2020 00:15:00 +0000\r\n"
                           "From: Ecology Bureau\r\n"
                           " <abate@example.org>\r\n"
                           "Reply-To: <desk@example.org>\r\n"
                           "To: <duty@example.org>\r\n"
                           "Subject: NOx over the limit\r\n"
                           "Message-ID: <12-mail-3@example.org>\r\n"
                           "Auto-Submitted: auto-generated\r\n"
                           "MIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: base64\r\n"
                           "\r\n"
                           "b25lDQp0d28NCnRocmVlDQpmb3VyDQo=\r\n");
    free(mail);
}
END_TEST

static const struct subject_row {
    const char *name, *subject, *header;
} subject_rows[] = {
    {"plain", "NOx 1.4 x", "NOx 1.4 x"},
    {"empty", "", ""},
    {"Chinese", "超标", "=?UTF-8?B?6LaF5qCH?="},
    {"a header in it", "a\r\nBcc: x@y", "a  Bcc: x@y"},
    {"a bare line end", "a\nX: y", "a X: y"},
    {"what looks encoded", "=?UTF-8?B?6LaF5qCH?=", "=?UTF-8?B?PT9VVEYtOD9CPzZMYUY1cUNIPz0=?="},
    {"long: between characters", "蓝色超标报警:郑州市某县某企业废水排口化学需氧量日均值超标",
     "=?UTF-8?B?6JOd6Imy6LaF5qCH5oql6K2mOumDkeW3nuW4guafkOWOv+afkOS8geS4mg==?=\r\n"
     " =?UTF-8?B?5bqf5rC05o6S5Y+j5YyW5a2m6ZyA5rCn6YeP5pel5Z2H5YC86LaF5qCH?="},
};

START_TEST(a_subject_is_one_header)
{
    const struct subject_row *row = &subject_rows[_i];
    char *mail = written(&plain, "k", row->subject, ""), wanted[512];

    snprintf(wanted, sizeof(wanted), "\r\nSubject: %s\r\nMessage-ID: ", row->header);
    ck_assert_msg(strstr(mail, wanted) != NULL, "%s: %s", row->name, mail);
    free(mail);
}
END_TEST

/* Whatever a subject or a key holds: the same headers, none longer than a line may be. */
START_TEST(no_letter_makes_a_header)
{
    char subject[300];
    uint32_t random = 1;

    for (int n = 0; n < 2000; n++) {
        for (size_t i = 0; i + 1 < sizeof(subject); i++) {
            random = random * 1664525u + 1013904223u;
            subject[i] = (char)(1 + (random >> 16) % 255);
        }
        subject[random % sizeof(subject)] = '\0';
        subject[sizeof(subject) - 1] = '\0';
        char *mail = written(&plain, subject, subject, "x");
        int headers = 0;
        for (char *line = mail, *end; (end = strstr(line, "\r\n")) != line; line = end + 2) {
            ck_assert_ptr_nonnull(end);
            ck_assert_msg(end - line <= 998, "%s", mail);
            ck_assert_msg(memchr(line, '\n', (size_t)(end - line)) == NULL, "%s", mail);
            headers += *line != ' ';
        }
        ck_assert_int_eq(headers, 9);
        free(mail);
    }
}
END_TEST

START_TEST(a_name_is_a_phrase)
{
    static const struct mail_sender rows[] = {{"a@b", "Bureau, Ltd", NULL}, {"a@b", "生态环境局", NULL}};
    static const char *const wanted[] = {"From: =?UTF-8?B?QnVyZWF1LCBMdGQ=?=\r\n <a@b>\r\n",
                                         "From: =?UTF-8?B?55Sf5oCB546v5aKD5bGA?=\r\n <a@b>\r\n"};
    char *mail = written(&rows[_i], "k", "s", "t");
    ck_assert_msg(strstr(mail, wanted[_i]) != NULL, "%s", mail);
    free(mail);
}
END_TEST

START_TEST(a_key_is_an_identifier)
{
    char *mail = written(&plain, "a b>\r\nX: y", "s", "t");
    ck_assert_msg(strstr(mail, "\r\nMessage-ID: <a-b---X--y@example.org>\r\n") != NULL, "%s", mail);
    free(mail);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table[0]))

Suite *
suite(void)
{
    Suite *s = suite_create("mail");
    TCase *t = tcase_create("mail");
    tcase_add_loop_test(t, an_address_is_one_and_nothing_else, 0, ROWS(address_rows));
    tcase_add_test(t, the_whole_of_it);
    tcase_add_loop_test(t, a_subject_is_one_header, 0, ROWS(subject_rows));
    tcase_add_test(t, no_letter_makes_a_header);
    tcase_add_loop_test(t, a_name_is_a_phrase, 0, 2);
    tcase_add_test(t, a_key_is_an_identifier);
    suite_add_tcase(s, t);
    return s;
}
