/* mqtt_bulk: read() and write() here are its own, as they are for the library. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mqtt_bulk.h"
#include "runner.h"

static int near, far; /* the two ends of a socket */
static struct bulk bulk;

static void
open_both(void)
{
    int pair[2], small = 4096;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    near = pair[0];
    far = pair[1];
    setsockopt(near, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    bulk_init(&bulk);
}

static void
close_both(void)
{
    bulk_clear(&bulk);
    close(near);
    close(far);
}

/* What the other end can read by now. */
static size_t
arrived(char *to, size_t most)
{
    ssize_t size = recv(far, to, most, MSG_DONTWAIT);
    return size > 0 ? (size_t)size : 0;
}

START_TEST(bytes_come_one_by_one_and_are_read_at_once)
{
    char one;
    ck_assert_int_eq(write(far, "abcdef", 6), 6);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(read(near, &one, 1), 1);
    ck_assert_int_eq(one, 'a');
    ck_assert_int_eq(recv(near, &one, 1, MSG_DONTWAIT), -1);
    ck_assert(bulk_has_read(&bulk));
    for (const char *next = "bcdef"; *next != '\0'; next++) {
        ck_assert_int_eq(read(near, &one, 1), 1);
        ck_assert_int_eq(one, *next);
    }
    ck_assert(!bulk_has_read(&bulk));
    ck_assert_int_eq(read(near, &one, 1), -1);
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert(bulk_end(&bulk));
}
END_TEST

START_TEST(what_is_left_over_is_read_the_next_time)
{
    char bytes[8];
    ck_assert_int_eq(write(far, "abcdef", 6), 6);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(read(near, bytes, 2), 2);
    ck_assert(bulk_end(&bulk));
    ck_assert_int_eq(write(far, "gh", 2), 2);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(read(near, bytes, 8), 4);
    ck_assert_mem_eq(bytes, "cdef", 4);
    ck_assert_int_eq(read(near, bytes, 8), 2);
    ck_assert_mem_eq(bytes, "gh", 2);
    ck_assert(bulk_end(&bulk));
}
END_TEST

START_TEST(the_end_of_a_connection_is_seen_behind_its_last_bytes)
{
    char bytes[8];
    ck_assert_int_eq(write(far, "ab", 2), 2);
    shutdown(far, SHUT_WR);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(read(near, bytes, 1), 1);
    ck_assert_int_eq(read(near, bytes, 1), 1);
    ck_assert_int_eq(read(near, bytes, 1), 0);
    ck_assert(bulk_end(&bulk));
}
END_TEST

START_TEST(writes_are_gathered)
{
    char bytes[16];
    bulk_begin(&bulk, near, true);
    ck_assert_int_eq(write(near, "abc", 3), 3);
    ck_assert_int_eq(send(near, "def", 3, 0), 3);
    ck_assert_uint_eq(arrived(bytes, sizeof(bytes)), 0);
    ck_assert(bulk_end(&bulk));
    ck_assert_uint_eq(arrived(bytes, sizeof(bytes)), 6);
    ck_assert_mem_eq(bytes, "abcdef", 6);
    ck_assert(!bulk_is_unsent(&bulk));
}
END_TEST

START_TEST(what_is_not_gathered_leaves_at_once)
{
    char bytes[16];
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(write(near, "abc", 3), 3);
    ck_assert_uint_eq(arrived(bytes, sizeof(bytes)), 3);
    ck_assert(bulk_end(&bulk));
}
END_TEST

static void
fill_near(unsigned char next, size_t count)
{
    bulk_begin(&bulk, near, true);
    for (size_t i = 0; i < count; i++, next++)
        ck_assert_int_eq(write(near, &next, 1), 1);
    ck_assert(bulk_end(&bulk));
}

/* A socket that takes no more keeps the rest here, and nothing goes before it. */
START_TEST(order_is_kept_when_the_socket_is_full)
{
    static unsigned char bytes[2 * BULK_SIZE];
    size_t size = 0, got;

    fill_near(0, BULK_SIZE);
    ck_assert(bulk_is_unsent(&bulk));
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(write(near, "x", 1), -1);
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert(bulk_end(&bulk));
    while (bulk_is_unsent(&bulk) || size < BULK_SIZE) {
        while ((got = arrived((char *)bytes + size, sizeof(bytes) - size)) > 0)
            size += got;
        bulk_begin(&bulk, near, false);
        ck_assert(bulk_end(&bulk));
    }
    ck_assert_uint_eq(size, BULK_SIZE);
    for (size_t i = 0; i < size; i++)
        ck_assert_int_eq(bytes[i], i % 256);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(write(near, "x", 1), 1);
    ck_assert(bulk_end(&bulk));
}
END_TEST

START_TEST(more_than_the_buffer_takes_goes_in_order)
{
    static unsigned char bytes[2 * BULK_SIZE];
    ck_assert_int_eq(fcntl(far, F_SETFL, 0), 0);
    fill_near(0, 100);
    bulk_begin(&bulk, near, true);
    ck_assert_int_eq(write(near, "abc", 3), 3);
    ck_assert_int_gt(write(near, bytes, sizeof(bytes)), 0);
    ck_assert(bulk_end(&bulk));
    ck_assert_uint_gt(arrived((char *)bytes, 104), 103);
    ck_assert_mem_eq(bytes + 100, "abc\0", 4);
}
END_TEST

START_TEST(a_connection_that_is_gone_is_told)
{
    bulk_begin(&bulk, near, true);
    ck_assert_int_eq(write(near, "abc", 3), 3);
    close(far);
    far = dup(near);
    ck_assert(!bulk_end(&bulk));
    ck_assert_int_eq(errno, EPIPE);
    bulk_forget(&bulk);
    ck_assert(!bulk_is_unsent(&bulk));
}
END_TEST

START_TEST(nothing_is_left_for_the_next_connection)
{
    char bytes[8];
    ck_assert_int_eq(write(far, "abcdef", 6), 6);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(read(near, bytes, 1), 1);
    ck_assert(bulk_end(&bulk));
    bulk_forget(&bulk);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(read(near, bytes, 1), -1);
    ck_assert(bulk_end(&bulk));
}
END_TEST

/* The library's thread is woken by a zero byte: within, and only such a one. */
START_TEST(the_wake_up_is_left_out)
{
    int ends[2];
    char bytes[8];
    ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
    bulk_begin(&bulk, near, false);
    ck_assert_int_eq(write(ends[1], "\0", 1), 1);
    ck_assert_int_eq(write(ends[1], "a", 1), 1);
    ck_assert(bulk_end(&bulk));
    ck_assert_int_eq(write(ends[1], "\0", 1), 1);
    ck_assert_int_eq(read(ends[0], bytes, sizeof(bytes)), 2);
    ck_assert_mem_eq(bytes, "a\0", 2);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

static void *
write_elsewhere(void *self)
{
    (void)self;
    return write(near, "abc", 3) == 3 ? &near : NULL;
}

START_TEST(another_thread_is_left_alone)
{
    pthread_t thread;
    void *ok;
    char bytes[8];
    bulk_begin(&bulk, near, true);
    ck_assert_int_eq(pthread_create(&thread, NULL, write_elsewhere, NULL), 0);
    pthread_join(thread, &ok);
    ck_assert_ptr_nonnull(ok);
    ck_assert_uint_eq(arrived(bytes, sizeof(bytes)), 3);
    ck_assert(bulk_end(&bulk));
}
END_TEST

/* A call back of one connection may write to another. */
START_TEST(one_within_another)
{
    struct bulk inner;
    int pair[2];
    char bytes[8];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    bulk_init(&inner);
    bulk_begin(&bulk, near, true);
    bulk_begin(&inner, pair[0], true);
    ck_assert_int_eq(write(pair[0], "in", 2), 2);
    ck_assert(bulk_end(&inner));
    ck_assert_int_eq(recv(pair[1], bytes, sizeof(bytes), 0), 2);
    ck_assert_int_eq(write(near, "out", 3), 3);
    ck_assert_uint_eq(arrived(bytes, sizeof(bytes)), 0);
    ck_assert(bulk_end(&bulk));
    ck_assert_uint_eq(arrived(bytes, sizeof(bytes)), 3);
    bulk_clear(&inner);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("mqtt_bulk");
    TCase *c = tcase_create("bulk");
    tcase_add_checked_fixture(c, open_both, close_both);
    tcase_add_test(c, bytes_come_one_by_one_and_are_read_at_once);
    tcase_add_test(c, what_is_left_over_is_read_the_next_time);
    tcase_add_test(c, the_end_of_a_connection_is_seen_behind_its_last_bytes);
    tcase_add_test(c, writes_are_gathered);
    tcase_add_test(c, what_is_not_gathered_leaves_at_once);
    tcase_add_test(c, order_is_kept_when_the_socket_is_full);
    tcase_add_test(c, more_than_the_buffer_takes_goes_in_order);
    tcase_add_test(c, a_connection_that_is_gone_is_told);
    tcase_add_test(c, nothing_is_left_for_the_next_connection);
    tcase_add_test(c, the_wake_up_is_left_out);
    tcase_add_test(c, another_thread_is_left_alone);
    tcase_add_test(c, one_within_another);
    suite_add_tcase(s, c);
    return s;
}
