/* csv: texts, and the rows that come of them: fields ended by "|", rows by "/". */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "runner.h"

static const struct good_row {
    const char *name;
    const char *text;
    char separator;
    const char *rows;
} good_rows[] = {
    {"nothing", "", ',', ""},
    {"one field", "a\n", ',', "a|/"},
    {"no end of the last line", "a,b\nc,d", ',', "a|b|/c|d|/"},
    {"lines that end in CRLF", "a,b\r\nc,d\r\n", ',', "a|b|/c|d|/"},
    {"a CR that ends no line", "a\rb,c\n", ',', "a\rb|c|/"},
    {"empty fields", ",,\n", ',', "|||/"},
    {"an empty field at the end", "a,\n", ',', "a||/"},
    {"semicolons", "a;b,c;d\n", ';', "a|b,c|d|/"},
    {"tabs", "a\tb\n", '\t', "a|b|/"},
    {"empty lines", "\n\r\na\n\n\nb\n\n", ',', "a|/b|/"},
    {"a byte order mark",
     "\xef\xbb\xbf"
     "date,kWh\n1,2\n",
     ',', "date|kWh|/1|2|/"},
    {"a byte order mark before a quote", "\xef\xbb\xbf\"a,b\",c\n", ',', "a,b|c|/"},
    {"a byte order mark further down is text",
     "a\n\xef\xbb\xbf"
     "b\n",
     ',',
     "a|/\xef\xbb\xbf"
     "b|/"},
    {"a byte order mark alone", "\xef\xbb\xbf", ',', ""},
    {"quotes", "\"a\",\"\",\"b\"\n", ',', "a||b|/"},
    {"a separator in quotes", "\"a,b\",c\n", ',', "a,b|c|/"},
    {"a line end in quotes", "\"a\nb\",c\r\nd,e\n", ',', "a\nb|c|/d|e|/"},
    {"a quote in quotes", "\"a \"\"b\"\"\",\"\"\"\"\n", ',', "a \"b\"|\"|/"},
    {"quotes in a plain field are text", "5\"\",a\"b\"\nc\n", ',', "5\"\"|a\"b\"|/c|/"},
    {"an odd quote in a plain field", "5\",a\nb\n", ',', "5\"|a|/b|/"},
    {"quotes at the very end", "a,\"b\"", ',', "a|b|/"},
    {"blanks are kept", " a , b\n", ',', " a | b|/"},
};

/* Takes all of `text`, given in pieces of `piece` bytes. */
static void
take_all(const char *text, size_t piece, char separator, char *rows)
{
    struct csv c;
    struct reason why = {"nothing said"};
    char bytes[256];
    size_t size = 0, used = 0, given = 0;
    size_t all = strlen(text);

    *rows = '\0';
    csv_init(&c, separator);
    for (;;) {
        size_t step = 0;
        enum csv_take take = csv_take(&c, bytes + used, size - used, given == all, &step, &why);
        used += step;
        ck_assert_msg(take != CSV_BAD, "%s", why.text);
        for (size_t i = 0; take == CSV_ROW && i < c.fields; i++)
            rows += sprintf(rows, "%.*s|", (int)c.field[i].size, c.field[i].at);
        if (take == CSV_ROW)
            rows += sprintf(rows, "/");
        else if (given == all)
            break;
        else {
            size_t more = all - given < piece ? all - given : piece;
            memcpy(bytes + size, text + given, more);
            size += more;
            given += more;
        }
    }
    csv_clear(&c);
}

START_TEST(a_text_makes_rows)
{
    const struct good_row *row = &good_rows[_i];
    static const size_t pieces[] = {256, 1, 2, 3, 7};
    char rows[512];

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        take_all(row->text, pieces[i], row->separator, rows);
        ck_assert_msg(strcmp(rows, row->rows) == 0, "%s, in pieces of %zu: \"%s\"", row->name, pieces[i],
                      rows);
    }
}
END_TEST

static const struct bad_row {
    const char *name;
    const char *text;
    const char *why;
} bad_rows[] = {
    {"a quote never closed", "a,b\n\"c,d\ne,f\n", "line 2: field 1: a quote that is never closed"},
    {"text behind a quote", "a,b\n\n1,\"c\"d\n", "line 3: field 2: text behind a closing quote: \"d\""},
    {"an odd quote", "\"a\"\"\n", "line 1: field 1: a quote that is never closed"},
};

START_TEST(a_bad_text_is_refused_with_its_line)
{
    const struct bad_row *row = &bad_rows[_i];
    struct csv c;
    struct reason why;
    char text[128];
    size_t used = 0, step;
    enum csv_take take;

    strcpy(text, row->text);
    csv_init(&c, ',');
    while ((take = csv_take(&c, text + used, strlen(row->text) - used, true, &step, &why)) == CSV_ROW)
        used += step;
    ck_assert_msg(take == CSV_BAD, "%s", row->name);
    ck_assert_msg(strcmp(why.text, row->why) == 0, "%s: %s", row->name, why.text);
    csv_clear(&c);
}
END_TEST

START_TEST(lines_are_counted)
{
    static const unsigned long wanted[] = {1, 3, 6};
    char text[] = "a\n\n\"b\nc\",d\n\ne\n";
    struct csv c;
    size_t used = 0, step;

    csv_init(&c, ',');
    for (size_t i = 0; i < 3; i++, used += step) {
        ck_assert_int_eq(csv_take(&c, text + used, strlen(text + used), true, &step, NULL), CSV_ROW);
        ck_assert_uint_eq(c.line, wanted[i]);
    }
    csv_clear(&c);
}
END_TEST

START_TEST(a_row_may_have_many_fields)
{
    char text[2001];
    struct csv c;
    size_t step;

    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 2 * i, i + 1 < 1000 ? "7," : "7\n", 3);
    csv_init(&c, ',');
    ck_assert_int_eq(csv_take(&c, text, 2000, true, &step, NULL), CSV_ROW);
    ck_assert_uint_eq(c.fields, 1000);
    ck_assert_int_eq(*c.field[999].at, '7');
    csv_clear(&c);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("csv");
    TCase *t = tcase_create("csv");
    tcase_add_loop_test(t, a_text_makes_rows, 0, sizeof(good_rows) / sizeof(good_rows[0]));
    tcase_add_loop_test(t, a_bad_text_is_refused_with_its_line, 0, sizeof(bad_rows) / sizeof(bad_rows[0]));
    tcase_add_test(t, lines_are_counted);
    tcase_add_test(t, a_row_may_have_many_fields);
    suite_add_tcase(s, t);
    return s;
}
