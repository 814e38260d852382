/* resolve: names on a thread. The C library's getaddrinfo() is replaced by one that answers when the test lets it. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "resolve.h"
#include "runner.h"

#define S INT64_C(1000000)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_shut;      /* lookups wait */
static int asked, ended; /* lookups */

static struct addrinfo *
one_address(const char *digits, struct addrinfo *next)
{
    struct {
        struct addrinfo head;
        struct sockaddr_in address;
    } *a = calloc(1, sizeof(*a));
    a->address.sin_family = AF_INET;
    inet_pton(AF_INET, digits, &a->address.sin_addr);
    a->head = (struct addrinfo){.ai_family = AF_INET,
                                .ai_addr = (struct sockaddr *)&a->address,
                                .ai_addrlen = sizeof(a->address),
                                .ai_next = next};
    return &a->head;
}

int
getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
    (void)service;
    (void)hints;
    pthread_mutex_lock(&lock);
    asked++;
    while (is_shut)
        pthread_cond_wait(&changed, &lock);
    ended++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (strcmp(host, "unknown") == 0)
        return EAI_NONAME;
    *ret = one_address("192.0.2.1", one_address("192.0.2.2", NULL));
    return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list);
        list = next;
    }
}

static void
shut(bool is)
{
    pthread_mutex_lock(&lock);
    is_shut = is;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void
await_ended(int count)
{
    pthread_mutex_lock(&lock);
    while (ended < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static struct loop *loop;
static struct resolve *r;
static struct resolve_answer got;
static int answers;
static int ticked;

static void
on_done(void *self, const struct resolve_answer *answer)
{
    ck_assert_ptr_eq(self, &loop);
    got = *answer;
    answers++;
    loop_stop(loop);
}

static void
on_tick(void *self)
{
    (void)self;
    ticked++;
    loop_stop(loop);
}

/* Runs the loop until an answer comes, or for `us`. */
static void
run_for(int64_t us)
{
    struct loop_event *timer = loop_timer(loop, on_tick, NULL);
    loop_event_in(timer, us);
    loop_run(loop);
    loop_event_free(timer);
}

static void
setup(void)
{
    is_shut = false;
    asked = ended = answers = ticked = 0;
    loop = loop_new();
    r = resolve_new(loop, on_done, &loop);
}

static void
teardown(void)
{
    resolve_free(r);
    loop_free(loop);
}

START_TEST(a_name_has_its_addresses_in_order)
{
    resolve_begin(r, "db", 10 * S);
    ck_assert_int_eq(answers, 0);
    run_for(10 * S);
    ck_assert_int_eq(answers, 1);
    ck_assert_int_eq(got.count, 2);
    ck_assert_str_eq(got.address[0], "192.0.2.1");
    ck_assert_str_eq(got.address[1], "192.0.2.2");
}
END_TEST

START_TEST(a_name_nobody_knows_has_a_reason)
{
    resolve_begin(r, "unknown", 10 * S);
    run_for(10 * S);
    ck_assert_int_eq(answers, 1);
    ck_assert_int_eq(got.count, 0);
    ck_assert_str_eq(got.why.text, "host \"unknown\": no address: Name or service not known");
}
END_TEST

START_TEST(the_loop_turns_while_a_name_server_is_silent)
{
    shut(true);
    resolve_begin(r, "db", 10 * S);
    run_for(S / 100);
    ck_assert_int_eq(ticked, 1);
    ck_assert_int_eq(answers, 0);
    shut(false);
    run_for(10 * S);
    ck_assert_int_eq(answers, 1);
    ck_assert_int_eq(got.count, 2);
}
END_TEST

START_TEST(who_waits_is_told_that_it_takes_too_long)
{
    shut(true);
    resolve_begin(r, "db", S / 100);
    run_for(10 * S);
    ck_assert_int_eq(answers, 1);
    ck_assert_int_eq(got.count, 0);
    ck_assert_str_eq(got.why.text, "host \"db\": no name server has answered within 0.01 s");
    shut(false);
}
END_TEST

START_TEST(a_lookup_under_way_is_joined)
{
    shut(true);
    for (int i = 0; i < 5; i++) {
        resolve_begin(r, "db", S / 100);
        run_for(10 * S);
    }
    ck_assert_int_eq(answers, 5);
    resolve_begin(r, "db", 10 * S);
    shut(false);
    run_for(10 * S);
    ck_assert_int_eq(got.count, 2);
    ck_assert_int_eq(asked, 1);
}
END_TEST

START_TEST(an_answer_that_came_late_is_given_to_the_next)
{
    shut(true);
    resolve_begin(r, "db", S / 100);
    run_for(10 * S);
    shut(false);
    await_ended(1);
    run_for(S / 10); /* on its way to the loop */
    ck_assert_int_eq(answers, 1);
    resolve_begin(r, "db", 10 * S);
    ck_assert_int_eq(answers, 1);
    run_for(10 * S);
    ck_assert_int_eq(answers, 2);
    ck_assert_int_eq(got.count, 2);
    ck_assert_int_eq(asked, 1);

    resolve_begin(r, "db", 10 * S); /* once only: what is asked again is looked up again */
    run_for(10 * S);
    ck_assert_int_eq(asked, 2);
}
END_TEST

START_TEST(another_name_is_another_lookup)
{
    shut(true);
    resolve_begin(r, "db", 10 * S);
    resolve_begin(r, "unknown", 10 * S);
    shut(false);
    run_for(10 * S);
    await_ended(2);
    ck_assert_int_eq(answers, 1);
    ck_assert_str_eq(got.why.text, "host \"unknown\": no address: Name or service not known");
}
END_TEST

START_TEST(what_is_cancelled_is_not_answered)
{
    resolve_begin(r, "db", 10 * S);
    resolve_cancel(r);
    await_ended(1);
    run_for(S / 10);
    ck_assert_int_eq(answers, 0);
}
END_TEST

START_TEST(freed_while_a_lookup_is_under_way)
{
    shut(true);
    resolve_begin(r, "db", 10 * S);
    resolve_free(r);
    r = NULL;
    shut(false);
    await_ended(1);
    ck_assert_int_eq(answers, 0);
}
END_TEST

static const struct address_row {
    const char *host;
    bool is_address;
} address_rows[] = {
    {"192.0.2.1", true},   {"::1", true},           {"fe80::1%eth0", true}, {"db", false},
    {"192.0.2", false},    {"192.0.2.1.db", false}, {"", false},            {"db.example%eth0", false},
    {"192.0.2.256", false},
};

START_TEST(digits_are_no_name)
{
    ck_assert_msg(resolve_is_address(address_rows[_i].host) == address_rows[_i].is_address, "%s", address_rows[_i].host);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("resolve");
    TCase *t = tcase_create("lookups");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_name_has_its_addresses_in_order);
    tcase_add_test(t, a_name_nobody_knows_has_a_reason);
    tcase_add_test(t, the_loop_turns_while_a_name_server_is_silent);
    tcase_add_test(t, who_waits_is_told_that_it_takes_too_long);
    tcase_add_test(t, a_lookup_under_way_is_joined);
    tcase_add_test(t, an_answer_that_came_late_is_given_to_the_next);
    tcase_add_test(t, another_name_is_another_lookup);
    tcase_add_test(t, what_is_cancelled_is_not_answered);
    tcase_add_test(t, freed_while_a_lookup_is_under_way);
    tcase_add_loop_test(t, digits_are_no_name, 0, sizeof(address_rows) / sizeof(address_rows[0]));
    suite_add_tcase(s, t);
    return s;
}
