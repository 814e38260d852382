/* base64: the vectors of RFC 4648 section 10, and lines. */
#include <check.h>
#include <string.h>

#include "base64.h"
#include "runner.h"

static const struct row {
    const char *bytes;
    size_t line;
    const char *letters;
} rows[] = {
    {"", 0, ""},
    {"f", 0, "Zg=="},
    {"fo", 0, "Zm8="},
    {"foo", 0, "Zm9v"},
    {"foob", 0, "Zm9vYg=="},
    {"fooba", 0, "Zm9vYmE="},
    {"foobar", 0, "Zm9vYmFy"},
    {"\xfb\xef\xff", 0, "++//"},
    {"", 4, ""},
    {"foo", 4, "Zm9v\r\n"},
    {"foob", 4, "Zm9v\r\nYg==\r\n"},
    {"foobarfoobar", 8, "Zm9vYmFy\r\nZm9vYmFy\r\n"},
};

START_TEST(bytes_become_letters)
{
    const struct row *row = &rows[_i];
    struct buf out = {0};

    base64_add(&out, row->bytes, strlen(row->bytes), row->line);
    buf_add(&out, "", 1);
    ck_assert_str_eq((const char *)out.at, row->letters);
    buf_clear(&out);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("base64");
    TCase *t = tcase_create("base64");
    tcase_add_loop_test(t, bytes_become_letters, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(s, t);
    return s;
}
