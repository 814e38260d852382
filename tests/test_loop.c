#include <check.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "runner.h"

#define MANY 1000

static struct loop *loop;
static struct loop_event *deferred, *other;
static int pair[2];
static int runs, reads, runs_at_read;

static void
begin(void)
{
    loop = loop_new();
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    runs = reads = runs_at_read = 0;
    deferred = other = NULL;
}

static void
end(void)
{
    loop_event_free(deferred);
    loop_event_free(other);
    loop_free(loop);
    close(pair[0]);
    close(pair[1]);
}

static void
on_readable(void *self, int ready)
{
    (void)self;
    (void)ready;
    char byte;
    reads++;
    runs_at_read = runs;
    ck_assert_int_eq(read(pair[0], &byte, 1), 1);
}

static void
watch(void)
{
    other = loop_socket(loop, on_readable, NULL);
    loop_event_watch(other, pair[0], LOOP_READ);
}

static void
send_byte(void)
{
    ck_assert_int_eq(write(pair[1], "x", 1), 1);
}

static void
stop(void *self)
{
    (void)self;
    runs++;
    loop_stop(loop);
}

START_TEST(what_is_deferred_runs_once_however_often_it_was_woken)
{
    deferred = loop_deferred(loop, stop, NULL);
    for (int i = 0; i < MANY; i++)
        loop_event_wake(deferred);
    loop_run(loop);
    ck_assert_int_eq(runs, 1);
}
END_TEST

START_TEST(sockets_come_before_what_is_deferred)
{
    watch();
    deferred = loop_deferred(loop, stop, NULL);
    loop_event_wake(deferred);
    for (int i = 0; i < 3; i++)
        send_byte();
    loop_run(loop);
    ck_assert_int_eq(reads, 3);
    ck_assert_int_eq(runs_at_read, 0);
}
END_TEST

/* What goes on for long gives way each time. */
static void
go_on(void *self)
{
    (void)self;
    if (++runs == 10)
        send_byte();
    if (runs < MANY)
        loop_event_wake(deferred);
    else
        loop_stop(loop);
}

START_TEST(what_wakes_itself_lets_sockets_go_first)
{
    watch();
    deferred = loop_deferred(loop, go_on, NULL);
    loop_event_wake(deferred);
    loop_run(loop);
    ck_assert_int_eq(runs, MANY);
    ck_assert_int_eq(reads, 1);
    ck_assert_int_eq(runs_at_read, 10);
}
END_TEST

static void
never(void *self)
{
    (void)self;
    ck_abort_msg("it was cancelled");
}

START_TEST(what_is_cancelled_does_not_run)
{
    other = loop_deferred(loop, never, NULL);
    deferred = loop_deferred(loop, stop, NULL);
    loop_event_wake(other);
    loop_event_cancel(other);
    loop_event_wake(deferred);
    loop_run(loop);
    ck_assert_int_eq(runs, 1);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("loop");
    TCase *c = tcase_create("deferred");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, what_is_deferred_runs_once_however_often_it_was_woken);
    tcase_add_test(c, sockets_come_before_what_is_deferred);
    tcase_add_test(c, what_wakes_itself_lets_sockets_go_first);
    tcase_add_test(c, what_is_cancelled_does_not_run);
    suite_add_tcase(s, c);
    return s;
}
