/* conf_text: what of a text is blanked out, what is refused before libConfuse sees it, and where sections
 * begin. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_text.h"
#include "runner.h"

/* clang-format off */
static const struct made {
    const char *name, *text, *made;
} made_rows[] = {
    {"nothing", "", ""},
    {"nothing to do", "a = b\nc { d = \"e\" }\n", "a = b\nc { d = \"e\" }\n"},
    {"# to the end of the line", "a = b # c\n#\n##d", "a = b    \n \n   "},
    {"// to the end of the line", "// a\nb = c// d\n", "    \nb = c// d\n"},
    {"// within a word is none", "a = http://b\n", "a = http://b\n"},
    {"# within a word begins one", "a#b\n", "a  \n"},
    {"several lines", "a /* b\n * c\n */ = d\n", "a     \n    \n    = d\n"},
    {"/*/ does not close itself", "/*/ a */ b", "         b"},
    {"none within strings", "a = \"#b\" c = '// /*'\n", "a = \"#b\" c = '// /*'\n"},
    {"quotes within comments", "# \" '\na = b # \"\n", "     \na = b    \n"},
    {"anything within comments", "# ${a} * + \x01 \xb1\n/*\x02\xb1*/", "              \n      "},
    {"escapes", "\"\\\"#\\\\\" # a\n", "\"\\\"#\\\\\"    \n"},
    {"escapes in single quotes", "'\\'#\\\\' # a\n'\\n\\#'", "'\\'#\\\\'    \n'\\n\\#'"},
    {"a byte order mark", "\xef\xbb\xbf" "a = b\n", "   a = b\n"},
    {"carriage returns", "a = b # c\r\nd\r\n", "a = b     \nd\r\n"},
    {"dollars", "\"$a $ \\${b}\" '${c}' $d e$\n", "\"$a $ \\${b}\" '${c}' $d e$\n"},
};

static const struct refused {
    const char *text, *why; /* the beginning of the reason is enough */
} refused_rows[] = {
    {"a\n{\n", "f:2: the section that begins here is not closed: a \"}\" is missing"},
    {"a {\n}\nb {\n c {\n }\n", "f:3: the section that begins here is not closed"},
    {"\n/*\n\n", "f:2: the comment that begins here is not closed"},
    {"/*/", "f:1: the comment that begins here is not closed"},
    {"/* *", "f:1: the comment that begins here is not closed"},
    {"\na = \"b\n\"", "f:2: string without its closing \""},
    {"\na = 'b\n'", "f:2: string without its closing '"},
    {"a = \"", "f:1: string without its closing \""},
    {"a = '\\", "f:1: string without its closing '"},
    {"a = '\\\n'", "f:1: string without its closing '"},
    {"a = '\\'", "f:1: string without its closing '"},
    {"a = \"\\x41\"",
     "f:1: a backslash within \"...\" stands before \", \\ or $ only (write \\\\ for itself)"},
    {"a = \"\\101\"", "f:1: a backslash within \"...\""},
    {"a = \"\\\n\"", "f:1: a backslash within \"...\""},
    {"a = \"\\", "f:1: a backslash within \"...\""},
    {"a = b*c", "f:1: \"*\" must stand within \"...\""},
    {"a = b/*c*/", "f:1: \"*\" must stand within \"...\""},
    {"a += b", "f:1: \"+\" must stand within \"...\""},
    {"a = \"b\x01\"", "f:1: control character \"\\x01\""},
    {"a = 'b\tc'", "f:1: control character \"\\x09\""},
    {"a = \"b\r\"", "f:1: control character \"\\x0d\""},
    {"\na = b\x7f", "f:2: control character \"\\x7f\""},
    {"\n\na = \"\xb1\xb1\"", "f:3: not UTF-8: \"\\x22\\xb1\\xb1\\x22\" (save the file as UTF-8)"},
    {"a = '\xc0\xaf'", "f:1: not UTF-8"},
    {"\xb1 = x", "f:1: not UTF-8"},
    {"a = \"b${USER}\"", "f:1: \"${\": environment variables are not read"},
    {"a = \"\\\\${USER}\"", "f:1: \"${\": environment variables are not read"},
    {"a = ${USER}", "f:1: \"${\": environment variables are not read"},
    {"a = b${USER:-x}", "f:1: \"${\": environment variables are not read"},
};
/* clang-format on */

START_TEST(comments_become_blanks)
{
    const struct made *row = &made_rows[_i];
    struct conf_text t;
    struct reason why = {""};

    bool ok = conf_text_make("f", row->text, &t, &why);
    ck_assert_msg(ok, "%s: %s", row->name, why.text);
    ck_assert_msg(strcmp(t.text, row->made) == 0, "%s: \"%s\"", row->name, t.text);
    conf_text_clear(&t);
    ck_assert_ptr_null(t.text);
}
END_TEST

START_TEST(what_libconfuse_would_let_pass_is_refused)
{
    const struct refused *row = &refused_rows[_i];
    struct conf_text t;
    struct reason why = {""};

    ck_assert_msg(!conf_text_make("f", row->text, &t, &why), "taken: %s", row->text);
    ck_assert_msg(strncmp(why.text, row->why, strlen(row->why)) == 0, "%s", why.text);
}
END_TEST

START_TEST(a_section_is_found_by_its_last_line)
{
    struct conf_text t;
    struct reason why;

    ck_assert(
        conf_text_make("f", "a {\n}\n\nb\n{ c { \n} }\nd { }\n} e {\n# }\n} f {\n/*\n\n*/ }", &t, &why));
    static const int wanted[][2] = {{2, 1}, {6, 5}, {7, 7}, {10, 8}, {13, 10}, {3, 3}};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        ck_assert_int_eq(conf_text_first(&t, wanted[i][0]), wanted[i][1]);
    conf_text_clear(&t);
}
END_TEST

START_TEST(past_1_mb_it_is_no_configuration)
{
    char *text = malloc(CONF_TEXT_MOST + 2);
    struct conf_text t;
    struct reason why;

    memset(text, 'a', CONF_TEXT_MOST + 1);
    text[CONF_TEXT_MOST + 1] = '\0';
    ck_assert(!conf_text_make("f", text, &t, &why));
    ck_assert_str_eq(why.text, "f: more than 1048576 bytes: this is no configuration");
    ck_assert(conf_text_make("f", text + 1, &t, &why));
    conf_text_clear(&t);
    free(text);
}
END_TEST

static struct conf *
must_parse(const char *name, const char *text)
{
    struct reason why = {""};
    struct conf *c = conf_parse(name, text, &why);
    if (c == NULL)
        ck_abort_msg("%s: %s", name, why.text);
    return c;
}

/* ---- how values are written; seen at username ---- */

/* clang-format off */
static const struct taken {
    const char *name, *text, *username;
} taken_rows[] = {
    {"a word", "broker b { host = h username = u-1/x:y@z }" "feed f { }\n", "u-1/x:y@z"},
    {"several keys in a line, no blanks", "broker b{host=h username=u}" "feed f { }\n", "u"},
    {"a value on the next line", "broker b { host = h username =\n u }" "feed f { }\n", "u"},
    {"quoted, with what a word may not have", "broker b { host = h username = \"a #{=+*}'\" }" "feed f { }\n", "a #{=+*}'"},
    {"escapes", "broker b { host = h username = \"\\\"\\\\\\${x}\" }" "feed f { }\n", "\"\\${x}"},
    {"single quotes: as it stands", "broker b { host = h username = 'a\\n${HOME}\\'\\\\' }" "feed f { }\n", "a\\n${HOME}'\\"},
    {"a dollar alone", "broker b { host = h username = \"$HOME$\" }" "feed f { }\n", "$HOME$"},
    {"UTF-8", "broker b { host = h username = \xe5\x8c\x97\xe5\x8c\xba }" "feed f { }\n", "\xe5\x8c\x97\xe5\x8c\xba"},
    {"comments, one behind a value and one before", "broker b { host = h # { \"\n username /* = */ = // ' \n u }" "feed f { }\n",
     "u"},
    {"comments in any encoding, with anything in them", "# \xb1\xb1 ${X} \" { \x01\nbroker b { host = h username = u }"
     "/* \xb1\n*\n/**/" "feed f { }\n", "u"},
    {"empty comments at the end", "broker b { host = h username = u }" "feed f { }\n" "#\n//\n/**/#", "u"},
    {"lines that end with CR LF", "broker b {\r\n host = h # c\r\n username = u\r\n}\r\n" "feed f { }\n", "u"},
    {"a byte order mark", "\xef\xbb\xbf" "broker b { host = h username = u }" "feed f { }\n", "u"},
};
/* clang-format on */

START_TEST(a_value_is_read_as_written)
{
    const struct taken *row = &taken_rows[_i];
    struct conf *c = must_parse(row->name, row->text);

    ck_assert_msg(strcmp(c->broker[0].username, row->username) == 0, "%s: \"%s\"", row->name,
                  c->broker[0].username);
    conf_free(c);
}
END_TEST

START_TEST(the_environment_is_not_read)
{
    setenv("ABATE_TEST", "from-the-environment", 1);
    struct reason why;
    ck_assert_ptr_null(conf_parse("f",
                                  "broker b { host = \"${ABATE_TEST}\" }"
                                  "feed f { }\n",
                                  &why));
    ck_assert_ptr_null(conf_parse("f",
                                  "broker b { host = ${ABATE_TEST} }"
                                  "feed f { }\n",
                                  &why));

    struct conf *c =
        must_parse("f", "broker b { host = h username = '${ABATE_TEST}' client_id = \"\\${ABATE_TEST}\" }"
                        "feed f { }\n");
    ck_assert_str_eq(c->broker[0].username, "${ABATE_TEST}");
    ck_assert_str_eq(c->broker[0].client_id, "${ABATE_TEST}");
    conf_free(c);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("conf_text");
    TCase *c = tcase_create("conf_text");

    tcase_add_loop_test(c, comments_become_blanks, 0, (int)(sizeof(made_rows) / sizeof(made_rows[0])));
    tcase_add_loop_test(c, what_libconfuse_would_let_pass_is_refused, 0,
                        (int)(sizeof(refused_rows) / sizeof(refused_rows[0])));
    tcase_add_test(c, a_section_is_found_by_its_last_line);
    tcase_add_test(c, past_1_mb_it_is_no_configuration);
    tcase_add_loop_test(c, a_value_is_read_as_written, 0, (int)(sizeof(taken_rows) / sizeof(taken_rows[0])));
    tcase_add_test(c, the_environment_is_not_read);
    suite_add_tcase(s, c);
    return s;
}
