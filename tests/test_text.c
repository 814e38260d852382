#include <check.h>
#include <string.h>

#include "runner.h"
#include "text.h"

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct utf8_row {
    const char *name;
    const char *bytes;
    size_t size;
    bool good;
} utf8_rows[] = {
    {"nothing", "", 0, true},
    {"nothing, nowhere", NULL, 0, true},
    {"plain", "a21026", 6, true},
    {"two bytes", "\xc3\xa9", 2, true},
    {"Chinese", "\xe7\xa8\x80\xe5\x9c\x9f", 6, true},
    {"four bytes", "\xf0\x9f\x8f\xad", 4, true},
    {"the highest", "\xf4\x8f\xbf\xbf", 4, true},
    {"below the surrogates", "\xed\x9f\xbf", 3, true},
    {"above the surrogates", "\xee\x80\x80", 3, true},
    {"NUL", "a\0b", 3, false},
    {"0xff", "\xff", 1, false},
    {"a continuation alone", "\x80", 1, false},
    {"two bytes, cut", "a\xc3", 2, false},
    {"three bytes, cut", "\xe7\xa8", 2, false},
    {"four bytes, cut", "\xf0\x9f\x8f", 3, false},
    {"no continuation", "\xe7(\x80", 3, false},
    {"overlong NUL", "\xc0\x80", 2, false},
    {"overlong slash", "\xe0\x80\xaf", 3, false},
    {"overlong in four", "\xf0\x80\x80\x80", 4, false},
    {"high surrogate", "\xed\xa0\x80", 3, false},
    {"low surrogate", "\xed\xbf\xbf", 3, false},
    {"past the highest", "\xf4\x90\x80\x80", 4, false},
    {"five bytes", "\xf8\x88\x80\x80\x80", 5, false},
    {"GBK", "\xd6\xa3\xd6\xdd", 4, false},
};

START_TEST(utf8_is_told_from_what_is_not)
{
    const struct utf8_row *row = &utf8_rows[_i];
    ck_assert_msg(text_is_utf8(row->bytes, row->size) == row->good, "%s", row->name);
}
END_TEST

static const struct quote_row {
    const char *name;
    const char *bytes;
    size_t size;
    const char *shown;
} quote_rows[] = {
    {"nothing", "", 0, ""},
    {"nothing, nowhere", NULL, 0, ""},
    {"plain", "a21026-Max", 10, "a21026-Max"},
    {"a blank", "a b", 3, "a b"},
    {"Chinese", "\xe7\xa8\x80\xe5\x9c\x9f", 6, "\xe7\xa8\x80\xe5\x9c\x9f"},
    {"a quotation mark", "a\"b", 3, "a\\x22b"},
    {"a backslash", "a\\b", 3, "a\\x5cb"},
    {"NUL", "a\0b", 3, "a\\x00b"},
    {"end of line", "a\r\nb", 4, "a\\x0d\\x0ab"},
    {"terminal escape", "\x1b[2J", 4, "\\x1b[2J"},
    {"DEL", "\x7f", 1, "\\x7f"},
    {"C1 control", "\xc2\x9b", 2, "\\xc2\\x9b"},
    {"no-break space", "a21026\xc2\xa0", 8, "a21026\\xc2\\xa0"},
    {"soft hyphen", "\xc2\xad", 2, "\\xc2\\xad"},
    {"letter behind them", "\xc2\xb5g", 3, "\xc2\xb5g"},
    {"Chinese blank", "\xe3\x80\x80", 3, "\\xe3\\x80\\x80"},
    {"Chinese full stop", "\xe3\x80\x82", 3, "\xe3\x80\x82"},
    {"zero width space", "\xe2\x80\x8b", 3, "\\xe2\\x80\\x8b"},
    {"dash behind it", "\xe2\x80\x93", 3, "\xe2\x80\x93"},
    {"line separator", "\xe2\x80\xa8", 3, "\\xe2\\x80\\xa8"},
    {"right to left", "\xe2\x80\xae", 3, "\\xe2\\x80\\xae"},
    {"isolate", "\xe2\x81\xa6", 3, "\\xe2\\x81\\xa6"},
    {"Arabic letter mark", "\xd8\x9c", 2, "\\xd8\\x9c"},
    {"byte order mark", "\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf"},
    {"tag", "\xf3\xa0\x80\xa0", 4, "\\xf3\\xa0\\x80\\xa0"},
    {"not UTF-8", "a\xff\xc0\x80z", 5, "a\\xff\\xc0\\x80z"},
    {"cut character", "\xe7\xa8", 2, "\\xe7\\xa8"},
    {"as much as is shown", SIXTY "0123", 64, SIXTY "0123"},
    {"more", SIXTY "01234", 65, SIXTY "0123..."},
    {"a character across the end", SIXTY "012\xe7\xa8\x80", 66, SIXTY "012\xe7\xa8\x80"},
    {"and more behind", SIXTY "012\xe7\xa8\x80x", 67, SIXTY "012\xe7\xa8\x80..."},
};

START_TEST(foreign_bytes_are_made_safe)
{
    const struct quote_row *row = &quote_rows[_i];
    struct quoted q = text_quote(row->bytes, row->size);
    ck_assert_msg(strcmp(q.text, row->shown) == 0, "%s: got \"%s\"", row->name, q.text);
}
END_TEST

static const struct line_row {
    const char *name, *text, *line;
} line_rows[] = {
    {"nothing", "", ""},
    {"plain", "cannot open \"a\\b\": No such file", "cannot open \"a\\b\": No such file"},
    {"Chinese", "\xe7\xa8\x80\xe5\x9c\x9f", "\xe7\xa8\x80\xe5\x9c\x9f"},
    {"line ends at the end", "gone\r\n\n", "gone"},
    {"line ends and tabs", "a\nb\tc\r\nd", "a b c  d"},
    {"a line that is not ours", "x\nabated: ready", "x abated: ready"},
    {"terminal escape", "\x1b[2J", "\\x1b[2J"},
    {"C1 control", "\xc2\x9b", "\\xc2\\x9b"},
    {"line separator", "a\xe2\x80\xa8z", "a\\xe2\\x80\\xa8z"},
    {"right to left", "\xe2\x80\xae", "\\xe2\\x80\\xae"},
    {"isolate", "\xe2\x81\xa9", "\\xe2\\x81\\xa9"},
    {"not UTF-8", "a\xff\xd6\xd0", "a\\xff\\xd6\\xd0"},
};

START_TEST(a_line_stays_one)
{
    const struct line_row *row = &line_rows[_i];
    char line[64];
    text_line(row->text, line, sizeof(line));
    ck_assert_msg(strcmp(line, row->line) == 0, "%s: got \"%s\"", row->name, line);
}
END_TEST

START_TEST(a_line_is_cut_between_characters)
{
    char line[8];
    text_line("abcd\xe7\xa8\x80z", line, sizeof(line));
    ck_assert_str_eq(line, "abcd\xe7\xa8\x80");
    text_line("abcde\xe7\xa8\x80z", line, sizeof(line));
    ck_assert_str_eq(line, "abcde");
    text_line("abcde\x1b", line, sizeof(line));
    ck_assert_str_eq(line, "abcde");
}
END_TEST

START_TEST(the_worst_fits)
{
    unsigned char bytes[256];

    memset(bytes, 0xff, sizeof(bytes));
    struct quoted q = text_quote(bytes, sizeof(bytes));
    ck_assert_uint_eq(strlen(q.text), 64 * 4 + 3);

    /* 63 bytes, then one of four bytes that is not shown as it is */
    memcpy(bytes + 63, "\xf3\xa0\x80\xa0", 4);
    q = text_quote(bytes, sizeof(bytes));
    ck_assert_uint_eq(strlen(q.text), 67 * 4 + 3);
}
END_TEST

START_TEST(whatever_comes_the_quotation_is_utf8)
{
    unsigned char bytes[40];
    unsigned seed = 1;

    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1103515245u + 12345u;
            bytes[i] = (unsigned char)(seed >> 16);
        }
        struct quoted q = text_quote(bytes, sizeof(bytes));
        ck_assert_msg(text_is_utf8(q.text, strlen(q.text)), "round %d", round);
        ck_assert_ptr_null(strpbrk(q.text, "\"\r\n\t\x1b\x7f"));
    }
}
END_TEST

static const struct word_row {
    const char *text;
    bool good;
    long long worth;
    const char *back; /* text_of_duration(), if not the same */
} durations[] = {
    {"0s", true, 0, NULL},
    {"1us", true, 1, NULL},
    {"250ms", true, 250000, NULL},
    {"90s", true, 90000000, NULL},
    {"10min", true, 600000000, NULL},
    {"60min", true, 3600000000, "1h"},
    {"36h", true, 129600000000, NULL},
    {"30d", true, 2592000000000, NULL},
    {"2w", true, 1209600000000, NULL},
    {"15y", true, 15 * 365 * 86400000000, NULL},
    {"0y", true, 0, "0s"},
    {"9223372036854775807us", true, 9223372036854775807, NULL},
    {"292471y", true, 292471 * 365 * 86400000000, NULL},
    {"292472y", false, 0, NULL},
    {"9223372036854775808us", false, 0, NULL},
    {"", false, 0, NULL},
    {"10", false, 0, NULL},
    {"s", false, 0, NULL},
    {"-10s", false, 0, NULL},
    {"+10s", false, 0, NULL},
    {" 10s", false, 0, NULL},
    {"10 s", false, 0, NULL},
    {"10s ", false, 0, NULL},
    {"1.5h", false, 0, NULL},
    {"10m", false, 0, NULL},
    {"10S", false, 0, NULL},
    {"10sec", false, 0, NULL},
    {"0x10s", false, 0, NULL},
};

START_TEST(a_length_of_time)
{
    const struct word_row *row = &durations[_i];
    long long us = -7;

    ck_assert_msg(text_duration(row->text, &us) == row->good, "\"%s\"", row->text);
    ck_assert_msg(us == (row->good ? row->worth : -7), "\"%s\": got %lld", row->text, us);
    if (row->good) {
        struct quoted back = text_of_duration(us);
        ck_assert_msg(strcmp(back.text, row->back != NULL ? row->back : row->text) == 0,
                      "\"%s\": back \"%s\"", row->text, back.text);
    }
}
END_TEST

static const struct word_row sizes[] = {
    {"0", true, 0, NULL},
    {"65536", true, 65536, NULL},
    {"64k", true, 65536, NULL},
    {"8M", true, 8388608, NULL},
    {"2G", true, 2147483648, NULL},
    {"3T", true, 3298534883328, NULL},
    {"8388607T", true, 9223370937343148032, NULL},
    {"8388608T", false, 0, NULL},
    {"", false, 0, NULL},
    {"k", false, 0, NULL},
    {"-1", false, 0, NULL},
    {"64K", false, 0, NULL},
    {"64kB", false, 0, NULL},
    {"1e6", false, 0, NULL},
};

START_TEST(a_number_of_bytes)
{
    const struct word_row *row = &sizes[_i];
    unsigned long long bytes = 7;

    ck_assert_msg(text_bytes(row->text, &bytes) == row->good, "\"%s\"", row->text);
    ck_assert_msg(bytes == (row->good ? (unsigned long long)row->worth : 7), "\"%s\": got %llu", row->text,
                  bytes);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table[0]))

Suite *
suite(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");
    tcase_add_loop_test(t, utf8_is_told_from_what_is_not, 0, ROWS(utf8_rows));
    tcase_add_loop_test(t, foreign_bytes_are_made_safe, 0, ROWS(quote_rows));
    tcase_add_loop_test(t, a_line_stays_one, 0, sizeof(line_rows) / sizeof(line_rows[0]));
    tcase_add_test(t, a_line_is_cut_between_characters);
    tcase_add_test(t, the_worst_fits);
    tcase_add_test(t, whatever_comes_the_quotation_is_utf8);
    tcase_add_loop_test(t, a_length_of_time, 0, ROWS(durations));
    tcase_add_loop_test(t, a_number_of_bytes, 0, ROWS(sizes));
    suite_add_tcase(s, t);
    return s;
}
