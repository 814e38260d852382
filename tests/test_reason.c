#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "reason.h"
#include "runner.h"
#include "text.h"

START_TEST(both_are_false_and_say_why)
{
    struct reason why;
    ck_assert(!reason_set(&why, "not a number: \"%s\"", "12,5"));
    ck_assert_str_eq(why.text, "not a number: \"12,5\"");
    ck_assert(!reason_prefix(&why, "\"readings\".\"%s\"", "a21026"));
    ck_assert_str_eq(why.text, "\"readings\".\"a21026\": not a number: \"12,5\"");
}
END_TEST

START_TEST(nobody_needs_to_ask)
{
    ck_assert(!reason_set(NULL, "%s", "x"));
    ck_assert(!reason_prefix(NULL, "%s", "x"));
}
END_TEST

START_TEST(a_prefix_may_quote_the_reason_itself)
{
    struct reason why;
    reason_set(&why, "b");
    reason_prefix(&why, "a (%s)", why.text);
    ck_assert_str_eq(why.text, "a (b): b");
}
END_TEST

START_TEST(a_long_text_is_cut)
{
    char text[REASON_SIZE * 2];
    struct reason why;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    reason_set(&why, "%s", text);
    ck_assert_uint_eq(strlen(why.text), REASON_SIZE - 1);
    reason_prefix(&why, "%s", "in front");
    ck_assert_uint_eq(strlen(why.text), REASON_SIZE - 1);
    ck_assert(strncmp(why.text, "in front: xxx", 13) == 0);
    reason_prefix(&why, "%s", text);
    ck_assert_uint_eq(strlen(why.text), REASON_SIZE - 1);
    ck_assert(strchr(why.text, ':') == NULL);
}
END_TEST

/* PostgreSQL takes no half characters: wherever the cut falls, what is left must be UTF-8, and not much less.
 */
START_TEST(a_cut_goes_around_characters)
{
    static const char *const character[] = {"x", "\xc3\xa9", "\xe7\xa8\x80", "\xf0\x9f\x8f\xad"};
    char text[REASON_SIZE * 2];
    struct reason why;

    for (size_t c = 0; c < 4; c++) {
        for (size_t shift = 0; shift < 4; shift++) {
            size_t each = strlen(character[c]);
            memset(text, 'x', shift);
            text[shift] = '\0';
            while (strlen(text) < REASON_SIZE + 8)
                strcat(text, character[c]);
            reason_set(&why, "%s", text);
            ck_assert_msg(text_is_utf8(why.text, strlen(why.text)), "%zu bytes, shifted by %zu", each, shift);
            ck_assert_uint_ge(strlen(why.text), REASON_SIZE - each);
            ck_assert(strncmp(why.text, text, strlen(why.text)) == 0);
            reason_prefix(&why, "y");
            ck_assert_msg(text_is_utf8(why.text, strlen(why.text)), "%zu bytes, shifted by %zu", each, shift);
        }
    }
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("reason");
    TCase *t = tcase_create("reason");
    tcase_add_test(t, both_are_false_and_say_why);
    tcase_add_test(t, nobody_needs_to_ask);
    tcase_add_test(t, a_prefix_may_quote_the_reason_itself);
    tcase_add_test(t, a_long_text_is_cut);
    tcase_add_test(t, a_cut_goes_around_characters);
    suite_add_tcase(s, t);
    return s;
}
