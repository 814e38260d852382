#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg_own.h"

#define CHUNK (256 * 1024) /* bytes of a COPY handed to libpq at once: it buffers what the socket does not take */

void
pg_forget_statement(struct pg *p)
{
    for (int i = 0; i < p->values; i++)
        free(p->value[i]);
    p->values = 0;
    p->sql = NULL;
    p->copy = NULL;
    p->is_growing = false;
    PQclear(p->result);
    p->result = NULL;
    p->done = NULL;
}

/* Tells the one who asked. He may begin the next statement at once, so all of this one is put away before. */
void
pg_finish_statement(struct pg *p, bool lost, const char *why)
{
    struct pg_result r = {.lost = lost, .ok = !lost && p->result != NULL && !pg_is_error(p->result), .own = p->result};
    if (lost)
        pg_one_line(&r.why, why);
    else if (!r.ok && p->result != NULL)
        pg_describe_error(p->result, &r);
    else if (!r.ok)
        reason_set(&r.why, "no result");
    r.rows = r.ok ? PQntuples(p->result) : 0;

    PGresult *result = p->result;
    pg_done *done = p->done;
    void *self = p->done_self;
    p->result = NULL;
    pg_forget_statement(p);
    if (done != NULL)
        done(self, &r);
    PQclear(result);
}

void
pg_send_copy(struct pg *p)
{
    while (p->state == PG_COPYING && pg_flush(p)) {
        size_t left = p->copy->size - p->copied;
        if (left == 0 && p->is_growing)
            return;
        int chunk = left < CHUNK ? (int)left : CHUNK;
        int rc = left > 0 ? PQputCopyData(p->conn, (const char *)p->copy->at + p->copied, chunk)
                          : PQputCopyEnd(p->conn, NULL);
        if (rc < 0) {
            pg_lose(p, PQerrorMessage(p->conn));
            return;
        }
        if (rc == 0) {
            pg_rearm(p, true);
            return;
        }
        p->copied += (size_t)chunk;
        if (left == 0) {
            pg_enter(p, PG_RUNNING, "all sent");
            pg_flush(p);
        }
    }
}

static void
send_prepared(struct pg *p, int number)
{
    char name[16];
    snprintf(name, sizeof(name), "q%d", number);
    pg_enter(p, PG_RUNNING, name);
    pg_await(p);
    if (!PQsendQueryPrepared(p->conn, name, p->values, (const char *const *)p->value, NULL, NULL, 0))
        pg_lose(p, PQerrorMessage(p->conn));
    else
        pg_flush(p);
}

/* All results of what was sent are in. */
static void
run_done(struct pg *p)
{
    if (p->state == PG_PREPARING && p->result != NULL && !pg_is_error(p->result)) {
        PQclear(p->result);
        p->result = NULL;
        p->prepared[p->prepared_count] = p->sql;
        send_prepared(p, p->prepared_count++);
        return;
    }
    pg_enter(p, PG_IDLE, "done");
    loop_event_cancel(p->overdue);
    pg_finish_statement(p, false, NULL);
}

static void
keep_result(struct pg *p, PGresult *res)
{
    if (p->result != NULL && pg_is_error(p->result)) {
        PQclear(res);
        return;
    }
    PQclear(p->result);
    p->result = res;
}

void
pg_take_results(struct pg *p)
{
    while ((p->state == PG_PREPARING || p->state == PG_RUNNING) && !PQisBusy(p->conn)) {
        PGresult *res = PQgetResult(p->conn);
        if (res == NULL) {
            run_done(p);
            return;
        }
        bool is_copy = PQresultStatus(res) == PGRES_COPY_IN;
        keep_result(p, res);
        if (is_copy && p->copy != NULL && p->copied == 0) {
            pg_enter(p, PG_COPYING, "server is ready");
            pg_send_copy(p);
        }
    }
}

static void
begin_statement(struct pg *p, const char *sql, pg_done *done, void *self)
{
    if (p->state != PG_IDLE)
        abort(); /* our mistake: one statement at a time */
    p->sql = sql;
    p->done = done;
    p->done_self = self;
    p->copied = 0;
    pg_await(p);
}

void
pg_exec(struct pg *p, const char *sql, int n, const char *const *values, pg_done *done, void *self)
{
    begin_statement(p, sql, done, self);
    if (n > PARAMETERS_MOST)
        abort();
    for (p->values = 0; p->values < n; p->values++)
        p->value[p->values] = values[p->values] != NULL ? strdup(values[p->values]) : NULL;
    for (int i = 0; i < p->prepared_count; i++) {
        if (p->prepared[i] == sql) {
            send_prepared(p, i);
            return;
        }
    }
    if (p->prepared_count == PREPARED_MOST)
        abort();
    char name[16];
    snprintf(name, sizeof(name), "q%d", p->prepared_count);
    pg_enter(p, PG_PREPARING, name);
    if (!PQsendPrepare(p->conn, name, sql, n, NULL))
        pg_lose(p, PQerrorMessage(p->conn));
    else
        pg_flush(p);
}

void
pg_script(struct pg *p, const char *sql, pg_done *done, void *self)
{
    begin_statement(p, sql, done, self);
    pg_enter(p, PG_RUNNING, "script");
    if (!PQsendQuery(p->conn, sql))
        pg_lose(p, PQerrorMessage(p->conn));
    else
        pg_flush(p);
}

static void
begin_copy(struct pg *p, const char *sql, const struct buf *bytes, bool is_growing, pg_done *done, void *self)
{
    begin_statement(p, sql, done, self);
    p->copy = bytes;
    p->is_growing = is_growing;
    pg_enter(p, PG_RUNNING, "copy");
    if (!PQsendQuery(p->conn, sql))
        pg_lose(p, PQerrorMessage(p->conn));
    else
        pg_flush(p);
}

void
pg_copy(struct pg *p, const char *sql, const struct buf *bytes, pg_done *done, void *self)
{
    begin_copy(p, sql, bytes, false, done, self);
}

void
pg_copy_growing(struct pg *p, const char *sql, const struct buf *bytes, pg_done *done, void *self)
{
    begin_copy(p, sql, bytes, true, done, self);
}

/* libpq reads while it sends: the answer may be in, and the socket silent. */
static void
send_grown(struct pg *p)
{
    if (p->state != PG_COPYING)
        return;
    pg_send_copy(p);
    pg_take_results(p);
}

void
pg_copy_grown(struct pg *p)
{
    if (p->is_growing)
        send_grown(p);
}

void
pg_copy_whole(struct pg *p)
{
    if (!p->is_growing)
        return;
    p->is_growing = false;
    send_grown(p);
}
