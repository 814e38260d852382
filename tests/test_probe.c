/* probe: what it does without a broker. With one: tests/system. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "runner.h"

static struct loop *loop;
static int said;
static char words[1024];

static void
on_said(void *self, enum probe_word kind, const char *text)
{
    (void)self;
    ck_assert_int_eq(kind, PROBE_ADVICE);
    snprintf(words, sizeof(words), "%s", text);
    said++;
}

static void
on_over(void *self)
{
    (void)self;
    loop_stop(loop);
}

/* It begins seconds after the daemon has read the same file: it may be gone, or not ours to read any more. */
START_TEST(a_password_that_cannot_be_read_is_said_and_nothing_more)
{
    static const struct probe_calls calls = {.on_said = on_said, .on_over = on_over};
    static char name[] = "b", host[] = "127.0.0.1", id[] = "abated", user[] = "abate", file[] = "/nowhere/password";
    struct conf_broker broker = {.name = name,
                                 .host = host,
                                 .port = 1,
                                 .client_id = id,
                                 .username = user,
                                 .password_file = file,
                                 .receive_maximum = 10,
                                 .probe = 10};

    loop = loop_new();
    struct probe *p = probe_new(loop, &broker, &calls, NULL);
    probe_start(p);
    ck_assert_int_eq(said, 1);
    loop_run(loop);
    ck_assert_int_eq(said, 1);
    ck_assert_ptr_nonnull(strstr(words, "/nowhere/password"));
    probe_free(p);
    loop_free(loop);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("probe");
    TCase *t = tcase_create("probe");

    tcase_add_test(t, a_password_that_cannot_be_read_is_said_and_nothing_more);
    suite_add_tcase(s, t);
    return s;
}
