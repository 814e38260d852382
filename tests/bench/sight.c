#include "sight.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_NS 1000000 /* between two looks */

double
sight_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void
sight_look(struct sight *s, const char *conninfo, const char *query)
{
    s->conninfo = conninfo;
    s->query = query;
}

void
sight_expect(struct sight *s, size_t packet)
{
    if (s->expected == s->room) {
        s->room = s->room * 2 + 1024;
        s->packet = realloc(s->packet, s->room * sizeof(*s->packet));
        s->sent_at = realloc(s->sent_at, s->room * sizeof(*s->sent_at));
        s->seen_at = realloc(s->seen_at, s->room * sizeof(*s->seen_at));
        if (s->packet == NULL || s->sent_at == NULL || s->seen_at == NULL)
            abort();
    }
    s->packet[s->expected++] = packet;
}

void
sight_sent(struct sight *s, size_t from, size_t to)
{
    if (from == to || s->query == NULL)
        return;
    while (s->sent < s->expected && s->packet[s->sent] < to)
        s->sent_at[s->sent++] = sight_now();
}

static void
look(struct sight *s, PGconn *conn)
{
    double begun = sight_now();
    PGresult *result = PQexecPrepared(conn, "look", 0, NULL, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fprintf(stderr, "sight: %s", PQerrorMessage(conn));
        exit(1);
    }
    size_t count = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    double now = sight_now();
    s->busy_s += now - begun;
    s->asked++;
    for (size_t seen = s->seen; seen < count && seen < s->expected; seen++)
        s->seen_at[seen] = now;
    s->seen = count < s->expected ? count : s->expected;
}

static void *
run(void *self)
{
    struct sight *s = self;
    PGconn *conn = PQconnectdb(s->conninfo);
    PQclear(PQprepare(conn, "look", s->query, 0, NULL));
    while (!s->is_over) {
        look(s, conn);
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
    PQfinish(conn);
    return NULL;
}

void
sight_begin(struct sight *s)
{
    if (s->query != NULL && pthread_create(&s->thread, NULL, run, s) != 0)
        abort();
}

static int
by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double
part(const double *took, size_t count, double of)
{
    size_t at = (size_t)((double)count * of);
    return took[at < count ? at : count - 1] * 1e3;
}

bool
sight_end(struct sight *s, int most_s)
{
    if (s->query == NULL)
        return true;
    for (double end = sight_now() + most_s; s->seen < s->expected && sight_now() < end;)
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    s->is_over = true;
    pthread_join(s->thread, NULL);

    size_t count = s->seen;
    double *took = calloc(count + 1, sizeof(*took));
    for (size_t i = 0; i < count; i++)
        took[i] = s->seen_at[i] - s->sent_at[i];
    qsort(took, count, sizeof(*took), by_size);
    printf("sight %zu of %zu p50 %.1f p99 %.1f p99.9 %.1f most %.1f ms, a look %.2f ms\n", count, s->expected,
           part(took, count, .5), part(took, count, .99), part(took, count, .999), count > 0 ? took[count - 1] * 1e3 : 0,
           s->busy_s * 1e3 / (double)s->asked);
    free(took);
    return count == s->expected;
}
