/* mqtt_bulk: SSL_write() here is its own, as it is for the library. */
#include <check.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mqtt_bulk.h"
#include "runner.h"

#define ACK 4 /* bytes of a PUBACK */

static SSL_CTX *context;
static SSL *near, *far; /* the two ends of a connection */
static struct bulk bulk;

/* Without certificates: that is another's matter. */
static SSL *
end_of(int socket, bool is_server)
{
    SSL *ret = SSL_new(context);
    ck_assert_int_eq(SSL_set_fd(ret, socket), 1);
    if (is_server)
        SSL_set_accept_state(ret);
    else
        SSL_set_connect_state(ret);
    return ret;
}

static void
open_both(void)
{
    int pair[2], small = 4096;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    context = SSL_CTX_new(TLS_method());
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    ck_assert_int_eq(SSL_CTX_set_cipher_list(context, "aNULL:@SECLEVEL=0"), 1);
    near = end_of(pair[0], false);
    far = end_of(pair[1], true);
    for (int done = 0; done != 2;)
        done = (SSL_do_handshake(near) == 1) + (SSL_do_handshake(far) == 1);
    bulk_init(&bulk);
}

static void
close_both(void)
{
    bulk_clear(&bulk);
    close(SSL_get_fd(near));
    close(SSL_get_fd(far));
    SSL_free(near);
    SSL_free(far);
    SSL_CTX_free(context);
}

static void
begin(bool is_gathering)
{
    bulk_begin(&bulk, SSL_get_fd(near), is_gathering);
}

/* How many acknowledgements were taken, numbered from `first`. */
static uint32_t
acknowledge(uint32_t first, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++) {
        uint32_t number = first + n;
        int done = SSL_write(near, &number, ACK);
        if (done < 0) {
            ck_assert_int_eq(SSL_get_error(near, done), SSL_ERROR_WANT_WRITE);
            return n;
        }
        ck_assert_int_eq(done, ACK);
    }
    return count;
}

/* What one look brings: of no more than one record. */
static int
arrived(uint32_t *to, int most)
{
    int size = SSL_read(far, to, most);
    return size > 0 ? size : 0;
}

static void
follow(const uint32_t *numbers, int size, uint32_t first)
{
    for (int n = 0; n < size / ACK; n++)
        ck_assert_uint_eq(numbers[n], first + (uint32_t)n);
}

START_TEST(a_burst_is_one_record)
{
    uint32_t numbers[4096];
    begin(true);
    ck_assert_uint_eq(acknowledge(0, 100), 100);
    ck_assert_int_eq(arrived(numbers, sizeof(numbers)), 0);
    ck_assert(bulk_end(&bulk));
    ck_assert_int_eq(arrived(numbers, sizeof(numbers)), 100 * ACK);
    follow(numbers, 100 * ACK, 0);
    ck_assert(!bulk_is_unsent(&bulk));
}
END_TEST

START_TEST(a_record_is_of_a_size)
{
    uint32_t numbers[4096];
    begin(true);
    ck_assert_uint_eq(acknowledge(0, BULK_RECORD / ACK + 1), BULK_RECORD / ACK + 1);
    ck_assert(bulk_end(&bulk));
    ck_assert_int_eq(arrived(numbers, sizeof(numbers)), BULK_RECORD);
    ck_assert_int_eq(arrived(numbers, sizeof(numbers)), ACK);
    ck_assert_uint_eq(numbers[0], BULK_RECORD / ACK);
}
END_TEST

START_TEST(what_is_larger_than_a_record_goes_behind_what_was_gathered)
{
    static char bytes[BULK_RECORD + 1], got[2 * BULK_RECORD];
    memset(bytes, 'x', sizeof(bytes));
    begin(true);
    ck_assert_uint_eq(acknowledge(7, 1), 1);
    ck_assert_int_eq(SSL_write(near, bytes, sizeof(bytes)), sizeof(bytes));
    ck_assert(bulk_end(&bulk));
    ck_assert_int_eq(SSL_read(far, got, sizeof(got)), ACK);
    ck_assert_int_eq(SSL_read(far, got, sizeof(got)), sizeof(bytes));
    ck_assert_mem_eq(got, bytes, sizeof(bytes));
}
END_TEST

START_TEST(what_is_not_gathered_is_a_record_at_once)
{
    uint32_t numbers[16];
    begin(false);
    ck_assert_uint_eq(acknowledge(0, 1), 1);
    ck_assert_int_eq(arrived(numbers, sizeof(numbers)), ACK);
    ck_assert(bulk_end(&bulk));
}
END_TEST

START_TEST(another_connection_is_left_alone)
{
    char bytes[4];
    begin(true);
    ck_assert_int_eq(SSL_write(far, "abcd", 4), 4);
    ck_assert_int_eq(recv(SSL_get_fd(near), bytes, sizeof(bytes), MSG_DONTWAIT), 4);
    ck_assert(bulk_end(&bulk));
}
END_TEST

/* Neither twice nor out of order, wherever the socket takes no more. */
START_TEST(all_arrive_in_order_when_the_socket_is_full)
{
    uint32_t numbers[4096], sent = 0, seen = 0, refused = 0, most = 200000;
    while (seen < most) {
        uint32_t wanted = most - sent < 5000 ? most - sent : 5000, taken = 0;
        if (wanted > 0 || bulk_is_unsent(&bulk)) { /* as the daemon asks */
            begin(true);
            taken = acknowledge(sent, wanted);
            ck_assert(bulk_end(&bulk));
        }
        sent += taken;
        refused += taken < wanted;
        if (taken == wanted && sent < most)
            continue; /* until it is full */
        int size = arrived(numbers, sizeof(numbers));
        follow(numbers, size, seen);
        seen += (uint32_t)size / ACK;
    }
    ck_assert_uint_eq(seen, most);
    ck_assert_uint_gt(refused, 0);
    ck_assert(!bulk_is_unsent(&bulk));
}
END_TEST

START_TEST(a_connection_that_is_gone_is_told)
{
    begin(true);
    ck_assert_uint_eq(acknowledge(0, 1), 1);
    shutdown(SSL_get_fd(near), SHUT_WR);
    ck_assert(!bulk_end(&bulk));
    bulk_forget(&bulk);
    ck_assert(!bulk_is_unsent(&bulk));
}
END_TEST

START_TEST(a_record_that_cannot_be_made_is_told)
{
    begin(true);
    ck_assert_uint_eq(acknowledge(0, 1), 1);
    SSL_set_shutdown(near, SSL_SENT_SHUTDOWN);
    ck_assert(!bulk_end(&bulk));
    ck_assert_int_eq(errno, EPROTO);
    bulk_forget(&bulk);
    ck_assert(!bulk_is_unsent(&bulk));
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("mqtt_bulk_tls");
    TCase *c = tcase_create("bulk_tls");
    tcase_add_checked_fixture(c, open_both, close_both);
    tcase_add_test(c, a_burst_is_one_record);
    tcase_add_test(c, a_record_is_of_a_size);
    tcase_add_test(c, what_is_larger_than_a_record_goes_behind_what_was_gathered);
    tcase_add_test(c, what_is_not_gathered_is_a_record_at_once);
    tcase_add_test(c, another_connection_is_left_alone);
    tcase_add_test(c, all_arrive_in_order_when_the_socket_is_full);
    tcase_add_test(c, a_connection_that_is_gone_is_told);
    tcase_add_test(c, a_record_that_cannot_be_made_is_told);
    suite_add_tcase(s, c);
    return s;
}
