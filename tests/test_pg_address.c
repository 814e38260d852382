/* pg_address: what libpq is told of where the server is. The C library's getaddrinfo() is replaced by a table. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "pg_own.h"
#include "runner.h"

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
    if (strcmp(host, "one") == 0)
        *ret = one_address("192.0.2.1", NULL);
    else if (strcmp(host, "two") == 0)
        *ret = one_address("192.0.2.2", one_address("192.0.2.3", NULL));
    else
        return EAI_NONAME;
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

static const struct row {
    const char *conninfo, *pghost;
    const char *host, *hostaddr, *port; /* NULL: as the conninfo has it */
    const char *why;
} rows[] = {
    {"dbname=abate", NULL, NULL, NULL, NULL, NULL},
    {"abate", NULL, NULL, NULL, NULL, NULL},
    {"host=/run/postgresql", NULL, NULL, NULL, NULL, NULL},
    {"host=@abstract", NULL, NULL, NULL, NULL, NULL},
    {"host=192.0.2.9 port=1", NULL, NULL, NULL, NULL, NULL},
    {"host=::1", NULL, NULL, NULL, NULL, NULL},
    {"host=one hostaddr=192.0.2.9", NULL, NULL, NULL, NULL, NULL},
    {"service=abate host=one", NULL, NULL, NULL, NULL, NULL},
    {"host=one", NULL, "one", "192.0.2.1", "5432", NULL},
    {"host=one port=6000 sslmode=verify-full", NULL, "one", "192.0.2.1", "6000", NULL},
    {"postgresql://one:6000/abate", NULL, "one", "192.0.2.1", "6000", NULL},
    {"host=two", NULL, "two,two", "192.0.2.2,192.0.2.3", "5432,5432", NULL},
    {"host=two,one port=1,2", NULL, "two,two,one", "192.0.2.2,192.0.2.3,192.0.2.1", "1,1,2", NULL},
    {"host=two,one port=1", NULL, "two,two,one", "192.0.2.2,192.0.2.3,192.0.2.1", "1,1,1", NULL},
    {"host=/run,one,192.0.2.9 port=1,2,3", NULL, "/run,one,192.0.2.9", ",192.0.2.1,192.0.2.9", "1,2,3", NULL},
    {"host=,one port=1,2", NULL, ",one", ",192.0.2.1", "1,2", NULL},
    {"host=one,none port=1,2", NULL, "one", "192.0.2.1", "1", NULL},
    {"host=none", NULL, NULL, NULL, NULL, "host \"none\": no address: Name or service not known"},
    {"host=one,one,one port=1,2", NULL, NULL, NULL, NULL, NULL},
    {"dbname=abate", "two", "two,two", "192.0.2.2,192.0.2.3", "5432,5432", NULL},
    {"host=one", "two", "one", "192.0.2.1", "5432", NULL},
};

static struct loop *loop;
static int found;

static void
on_found(void *self)
{
    ck_assert_ptr_eq(self, &loop);
    found++;
    loop_stop(loop);
}

static void
ck_word(const char *conninfo, const char *got, const char *wanted)
{
    if (wanted == NULL)
        ck_assert_msg(got == NULL, "%s: \"%s\"", conninfo, got);
    else
        ck_assert_msg(got != NULL && strcmp(got, wanted) == 0, "%s: \"%s\", not \"%s\"", conninfo, got, wanted);
}

START_TEST(libpq_is_told)
{
    const struct row *row = &rows[_i];
    struct pg_address_words told = {NULL, NULL, NULL};
    struct reason why = {""};

    unsetenv("PGPORT");
    unsetenv("PGHOSTADDR");
    unsetenv("PGSERVICE");
    unsetenv("PGHOST");
    if (row->pghost != NULL)
        setenv("PGHOST", row->pghost, 1);
    loop = loop_new();
    struct pg_address *a = pg_address_new(loop, row->conninfo, on_found, &loop);
    for (int again = 1; again <= 2; again++) {
        found = 0;
        if (!pg_address_find(a))
            loop_run(loop);
        ck_assert_msg(found == (row->host != NULL || row->why != NULL), "%s: found %d", row->conninfo, found);
        ck_assert_msg(pg_address_tell(a, &told, &why) == (row->why == NULL), "%s: %s", row->conninfo, why.text);
        ck_word(row->conninfo, told.host, row->host);
        ck_word(row->conninfo, told.hostaddr, row->hostaddr);
        ck_word(row->conninfo, told.port, row->port);
        if (row->why != NULL)
            ck_assert_str_eq(why.text, row->why);
    }
    pg_address_free(a);
    loop_free(loop);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("pg_address");
    TCase *t = tcase_create("conninfo");
    tcase_add_loop_test(t, libpq_is_told, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(s, t);
    return s;
}
