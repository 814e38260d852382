/* html: nothing of a text is markup. */
#include <check.h>

#include "html.h"
#include "runner.h"

static const struct {
    const char *text, *html;
} rows[] = {
    {"", ""},
    {"李 Li, 03:00", "李 Li, 03:00"},
    {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"\" onclick='x' a=\"&", "&quot; onclick=&#39;x&#39; a=&quot;&amp;"},
    {"&amp;", "&amp;amp;"},
};

START_TEST(no_text_is_markup)
{
    struct buf out = {0};
    html_add(&out, rows[_i].text);
    buf_add(&out, "", 1);
    ck_assert_str_eq((const char *)out.at, rows[_i].html);
    buf_clear(&out);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("html");
    TCase *t = tcase_create("html");
    tcase_add_loop_test(t, no_text_is_markup, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(s, t);
    return s;
}
