#include "pg.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pg_own.h"
#include "secret.h"

#define RETRY_FIRST_US 200000
#define CONNECT_US 10000000 /* libpq's connect_timeout does not count for asynchronous connects */
#define CHUNK (256 * 1024)  /* bytes of a COPY handed to libpq at once: it buffers what the socket does not take */
#define PREPARED_MOST 64

/*       start                  ready
 * DOWN -----> CONNECTING ------------> IDLE <----> BUSY (PREPARING, RUNNING, COPYING)
 *  ^               |                    |            |
 *  +-- PAUSING <---+--------------------+------------+   lost
 */
enum pg_state {
    PG_DOWN,
    PG_PAUSING,
    PG_CONNECTING,
    PG_IDLE,
    PG_PREPARING, /* the statement under way is being prepared first */
    PG_RUNNING,   /* results are awaited */
    PG_COPYING,   /* data is being sent */
};
static const char *const state_name[] = {"down", "pausing", "connecting", "idle", "preparing", "running", "copying"};

#define PARAMETERS_MOST 8

struct pg {
    struct loop *loop;
    struct pg_settings settings;
    struct pg_calls calls;
    void *self;
    PGconn *conn;
    struct loop_event *socket;
    struct loop_event *retry;
    struct loop_event *overdue;
    enum pg_state state;
    int64_t pause_us;
    bool was_told_down;
    const char *prepared[PREPARED_MOST]; /* by number: the texts prepared on this connection */
    int prepared_count;

    /* the statement under way */
    const char *sql;
    char *value[PARAMETERS_MOST];
    int values;
    const struct buf *copy;
    size_t copied;
    PGresult *result; /* the first error, or the last result */
    pg_done *done;
    void *done_self;
};

static void
enter(struct pg *p, enum pg_state next, const char *why)
{
    if (p->state == next)
        return;
    if (p->state < PG_IDLE || next < PG_IDLE) /* the steps of a statement would fill the log */
        log_debug("database: %s -> %s: %s", state_name[p->state], state_name[next], why);
    p->state = next;
}

/* ---- the end of a statement ---- */

static void
forget_statement(struct pg *p)
{
    for (int i = 0; i < p->values; i++)
        free(p->value[i]);
    p->values = 0;
    p->sql = NULL;
    p->copy = NULL;
    PQclear(p->result);
    p->result = NULL;
    p->done = NULL;
}

/* Tells the one who asked. He may begin the next statement at once, so all of this one is put away before. */
static void
finish(struct pg *p, bool lost, const char *why)
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
    forget_statement(p);
    if (done != NULL)
        done(self, &r);
    PQclear(result);
}

/* ---- the connection ---- */

static void
lose(struct pg *p, const char *why)
{
    struct reason line;
    pg_one_line(&line, why);
    bool had_statement = p->state >= PG_PREPARING;

    loop_event_watch(p->socket, -1, 0);
    loop_event_cancel(p->overdue);
    PQfinish(p->conn);
    p->conn = NULL;
    p->prepared_count = 0;
    enter(p, PG_PAUSING, line.text);
    loop_event_in(p->retry, p->pause_us);
    p->pause_us = p->pause_us * 2 < p->settings.retry_most_us ? p->pause_us * 2 : p->settings.retry_most_us;
    if (had_statement)
        finish(p, true, line.text);
    if (p->was_told_down)
        return;
    p->was_told_down = true;
    log_warning("database: %s; trying again", line.text);
    p->calls.on_down(p->self, line.text);
}

static void
rearm(struct pg *p, bool wants_write)
{
    loop_event_watch(p->socket, PQsocket(p->conn), LOOP_READ | (wants_write ? LOOP_WRITE : 0));
}

/* Sends what libpq holds. True: all is gone. */
static bool
flush(struct pg *p)
{
    int rc = PQflush(p->conn);
    if (rc < 0) {
        lose(p, PQerrorMessage(p->conn));
        return false;
    }
    rearm(p, rc == 1);
    return rc == 0;
}

static void
run_copy(struct pg *p)
{
    while (p->state == PG_COPYING && flush(p)) {
        size_t left = p->copy->size - p->copied;
        int chunk = left < CHUNK ? (int)left : CHUNK;
        int rc = left > 0 ? PQputCopyData(p->conn, (const char *)p->copy->at + p->copied, chunk)
                          : PQputCopyEnd(p->conn, NULL);
        if (rc < 0) {
            lose(p, PQerrorMessage(p->conn));
            return;
        }
        if (rc == 0) {
            rearm(p, true);
            return;
        }
        p->copied += (size_t)chunk;
        if (left == 0) {
            enter(p, PG_RUNNING, "all sent");
            flush(p);
        }
    }
}

static void
send_prepared(struct pg *p, int number)
{
    char name[16];
    snprintf(name, sizeof(name), "q%d", number);
    enter(p, PG_RUNNING, name);
    if (!PQsendQueryPrepared(p->conn, name, p->values, (const char *const *)p->value, NULL, NULL, 0))
        lose(p, PQerrorMessage(p->conn));
    else
        flush(p);
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
    enter(p, PG_IDLE, "done");
    finish(p, false, NULL);
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

static void
take_notices(struct pg *p)
{
    PGnotify *n;
    while ((n = PQnotifies(p->conn)) != NULL) {
        if (p->calls.on_notice != NULL)
            p->calls.on_notice(p->self, n->relname, n->extra);
        PQfreemem(n);
    }
}

static void
take_results(struct pg *p)
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
            enter(p, PG_COPYING, "server is ready");
            run_copy(p);
        }
    }
}

static void
on_connected(struct pg *p)
{
    enter(p, PG_IDLE, "connected");
    loop_event_cancel(p->overdue);
    PQsetnonblocking(p->conn, 1);
    p->pause_us = RETRY_FIRST_US;
    if (p->was_told_down)
        log_notice("database: connected again");
    p->was_told_down = false;
    rearm(p, false);
    p->calls.on_up(p->self);
}

static void
poll_connect(struct pg *p)
{
    switch (PQconnectPoll(p->conn)) {
    case PGRES_POLLING_OK:
        on_connected(p);
        return;
    case PGRES_POLLING_FAILED:
        lose(p, PQerrorMessage(p->conn));
        return;
    case PGRES_POLLING_READING:
        loop_event_watch(p->socket, -1, 0); /* the socket may be another one with the same number */
        loop_event_watch(p->socket, PQsocket(p->conn), LOOP_READ);
        return;
    case PGRES_POLLING_WRITING:
    case PGRES_POLLING_ACTIVE:
        loop_event_watch(p->socket, -1, 0);
        loop_event_watch(p->socket, PQsocket(p->conn), LOOP_WRITE);
        return;
    }
}

static void
on_socket(void *self, int ready)
{
    struct pg *p = self;

    if (p->state == PG_CONNECTING) {
        poll_connect(p);
        return;
    }
    if (ready & LOOP_READ) {
        if (!PQconsumeInput(p->conn)) {
            lose(p, PQerrorMessage(p->conn));
            return;
        }
        take_notices(p);
        take_results(p);
    }
    if (p->conn == NULL || !(ready & LOOP_WRITE))
        return;
    if (p->state == PG_COPYING)
        run_copy(p);
    else if (p->state != PG_CONNECTING)
        flush(p);
}

static void
on_overdue(void *self)
{
    lose(self, "no connection in time");
}

static void
on_server_notice(void *self, const PGresult *res)
{
    (void)self;
    struct pg_result r = {0};
    pg_describe_error(res, &r);
    log_debug("database: %s", r.why.text);
}

/* What stands before "dbname" yields to what the conninfo says. */
static PGconn *
connect_start(struct pg *p, const char *password)
{
    char options[256];
    snprintf(options, sizeof(options),
             "-c statement_timeout=%lld -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
             " -c TimeZone=UTC -c DateStyle=ISO -c client_min_messages=warning",
             (long long)(p->settings.statement_timeout_us / 1000));
    const char *keywords[] = {"application_name", "client_encoding", "keepalives_idle", "keepalives_interval",
                              "keepalives_count", "tcp_user_timeout", "options",         "password",
                              "dbname",           NULL};
    const char *values[] = {p->settings.application_name, "UTF8", "10", "5", "3", "15000", options, password,
                            p->settings.conninfo,         NULL};
    return PQconnectStartParams(keywords, values, 1);
}

static void
on_retry(void *self)
{
    struct pg *p = self;
    char password[SECRET_SIZE] = "";
    struct reason why;

    enter(p, PG_CONNECTING, "trying");
    loop_event_in(p->overdue, CONNECT_US);
    if (p->settings.password_file != NULL && !secret_read(p->settings.password_file, password, &why)) {
        lose(p, why.text);
        return;
    }
    p->conn = connect_start(p, password[0] != '\0' ? password : NULL);
    explicit_bzero(password, sizeof(password));
    if (p->conn == NULL)
        abort();
    PQsetNoticeReceiver(p->conn, on_server_notice, p);
    if (PQstatus(p->conn) == CONNECTION_BAD)
        lose(p, PQerrorMessage(p->conn));
    else
        loop_event_watch(p->socket, PQsocket(p->conn), LOOP_WRITE);
}

struct pg *
pg_new(struct loop *loop, const struct pg_settings *settings, const struct pg_calls *calls, void *self)
{
    struct pg *p = calloc(1, sizeof(*p));
    if (p == NULL)
        abort();
    *p = (struct pg){.loop = loop, .settings = *settings, .calls = *calls, .self = self, .pause_us = RETRY_FIRST_US};
    p->socket = loop_socket(loop, on_socket, p);
    p->retry = loop_timer(loop, on_retry, p);
    p->overdue = loop_timer(loop, on_overdue, p);
    return p;
}

void
pg_free(struct pg *p)
{
    if (p == NULL)
        return;
    forget_statement(p);
    loop_event_free(p->socket);
    loop_event_free(p->retry);
    loop_event_free(p->overdue);
    PQfinish(p->conn);
    free(p);
}

void
pg_start(struct pg *p)
{
    if (p->state == PG_DOWN)
        on_retry(p);
}

bool
pg_is_up(const struct pg *p)
{
    return p->state >= PG_IDLE;
}

bool
pg_is_busy(const struct pg *p)
{
    return p->state > PG_IDLE;
}

void
pg_reset(struct pg *p, const char *why)
{
    if (p->conn != NULL)
        lose(p, why);
}

/* ---- statements ---- */

static void
begin_statement(struct pg *p, const char *sql, pg_done *done, void *self)
{
    if (p->state != PG_IDLE)
        abort(); /* our mistake: one statement at a time */
    p->sql = sql;
    p->done = done;
    p->done_self = self;
    p->copied = 0;
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
    enter(p, PG_PREPARING, name);
    if (!PQsendPrepare(p->conn, name, sql, n, NULL))
        lose(p, PQerrorMessage(p->conn));
    else
        flush(p);
}

void
pg_script(struct pg *p, const char *sql, pg_done *done, void *self)
{
    begin_statement(p, sql, done, self);
    enter(p, PG_RUNNING, "script");
    if (!PQsendQuery(p->conn, sql))
        lose(p, PQerrorMessage(p->conn));
    else
        flush(p);
}

void
pg_copy(struct pg *p, const char *sql, const struct buf *bytes, pg_done *done, void *self)
{
    begin_statement(p, sql, done, self);
    p->copy = bytes;
    enter(p, PG_RUNNING, "copy");
    if (!PQsendQuery(p->conn, sql))
        lose(p, PQerrorMessage(p->conn));
    else
        flush(p);
}
