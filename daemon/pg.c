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
#define MARGIN_LEAST_US 2000000
#define MARGIN_MOST_US 15000000

static const char *const state_name[] = {"down", "pausing",   "resolving", "connecting",
                                         "idle", "preparing", "running",   "copying"};

void
pg_enter(struct pg *p, enum pg_state next, const char *why)
{
    if (p->state == next)
        return;
    if (p->state < PG_IDLE || next < PG_IDLE) /* the steps of a statement would fill the log */
        log_debug("database: %s -> %s: %s", state_name[p->state], state_name[next], why);
    p->state = next;
}

static void
hang_up(struct pg *p, const char *why, int64_t pause_us)
{
    loop_event_watch(p->socket, -1, 0);
    loop_event_cancel(p->overdue);
    PQfinish(p->conn);
    p->conn = NULL;
    p->prepared_count = 0;
    pg_enter(p, PG_PAUSING, why);
    loop_event_in(p->retry, pause_us);
}

/* libpq leaves open what to do about it. */
static const char *
hint_of(const char *why)
{
    static const struct {
        const char *words, *hint;
    } row[] = {
        {"certificate verify failed",
         "; hint: the server's certificate may be too old, or sslrootcert lacks the authority that signed it"},
        {"does not match host name", "; hint: host in conninfo must be as the server's certificate says"},
        {"server does not support SSL", "; hint: ssl = on in postgresql.conf"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        if (strstr(why, row[i].words) != NULL)
            return row[i].hint;
    }
    return "";
}

void
pg_lose(struct pg *p, const char *why)
{
    struct reason words, line;
    pg_one_line(&words, why);
    reason_set(&line, "%s%s", words.text, hint_of(words.text));
    bool had_statement = p->state >= PG_PREPARING, is_new = strcmp(line.text, p->said.text) != 0;

    hang_up(p, line.text, pause_next(&p->pause));
    if (had_statement)
        pg_finish_statement(p, true, line.text);
    if (is_new && p->settings.retry_most_us > 0)
        log_warning("database: %s; trying again", line.text);
    p->said = line;
    if (p->was_told_down)
        return;
    p->was_told_down = true;
    p->calls.on_down(p->self, line.text);
}

void
pg_renew(struct pg *p)
{
    if (p->state == PG_IDLE)
        hang_up(p, "anew", RETRY_FIRST_US);
}

void
pg_rearm(struct pg *p, bool wants_write)
{
    loop_event_watch(p->socket, PQsocket(p->conn), LOOP_READ | (wants_write ? LOOP_WRITE : 0));
}

/* Sends what libpq holds. True: all is gone. */
bool
pg_flush(struct pg *p)
{
    int rc = PQflush(p->conn);
    if (rc < 0) {
        pg_lose(p, PQerrorMessage(p->conn));
        return false;
    }
    pg_rearm(p, rc == 1);
    return rc == 0;
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
on_connected(struct pg *p)
{
    pg_enter(p, PG_IDLE, "connected");
    loop_event_cancel(p->overdue);
    PQsetnonblocking(p->conn, 1);
    pause_reset(&p->pause);
    if (p->was_told_down)
        log_notice("database: connected again");
    p->was_told_down = false;
    p->said.text[0] = '\0';
    pg_rearm(p, false);
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
        pg_lose(p, PQerrorMessage(p->conn));
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
            pg_lose(p, PQerrorMessage(p->conn));
            return;
        }
        take_notices(p);
        pg_take_results(p);
    }
    if (p->conn == NULL || !(ready & LOOP_WRITE))
        return;
    if (p->state == PG_COPYING)
        pg_send_copy(p);
    else if (p->state != PG_CONNECTING)
        pg_flush(p);
    if (p->conn != NULL && p->state > PG_CONNECTING)
        pg_take_results(p); /* libpq reads while it sends: the answer may be in, and the socket silent */
}

/* The server ends what takes longer than statement_timeout. If nothing has come a while after that, then it hangs, or
 * its machine does, while its kernel goes on to acknowledge what we send: no keepalive would ever tell. */
static int64_t
answer_within_us(const struct pg *p)
{
    int64_t timeout = p->settings.statement_timeout_us, margin = timeout / 4;
    margin = margin < MARGIN_LEAST_US ? MARGIN_LEAST_US : margin > MARGIN_MOST_US ? MARGIN_MOST_US : margin;
    return timeout + margin;
}

void
pg_await(struct pg *p)
{
    if (p->settings.statement_timeout_us > 0)
        loop_event_in(p->overdue, answer_within_us(p));
}

static void
on_overdue(void *self)
{
    struct pg *p = self;
    struct reason why;

    if (p->state == PG_CONNECTING)
        reason_set(&why, "no connection within %g s", CONNECT_US / 1e6);
    else
        reason_set(&why, "no answer within %g s, though statement_timeout is %g s: the server hangs",
                   (double)answer_within_us(p) / 1e6, (double)p->settings.statement_timeout_us / 1e6);
    pg_lose(p, why.text);
}

static void
on_server_notice(void *self, const PGresult *res)
{
    (void)self;
    struct pg_result r = {0};
    pg_describe_error(res, &r);
    log_debug("database: %s", r.why.text);
}

/* The server, too, is to notice soon that a link is dead: its session holds locks, and keeps the next one from going on.
 *
 * What stands before "dbname" yields to what the conninfo says; what stands behind it does not. */
static PGconn *
connect_start(struct pg *p, const char *password, const struct pg_address_words *server)
{
    char options[384];
    snprintf(options, sizeof(options),
             "-c statement_timeout=%lld -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
             " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=15s"
             " -c TimeZone=UTC -c DateStyle=ISO -c client_min_messages=warning",
             (long long)(p->settings.statement_timeout_us / 1000));
    const char *keywords[] = {"application_name", "client_encoding", "keepalives_idle", "keepalives_interval",
                              "keepalives_count", "tcp_user_timeout", "options",         "password",
                              "dbname",           "host",             "hostaddr",       "port",
                              NULL};
    const char *values[] = {p->settings.application_name, "UTF8", "10", "5", "3", "15000", options, password,
                            p->settings.conninfo,         server->host, server->hostaddr, server->port, NULL};
    return PQconnectStartParams(keywords, values, 1);
}

static void
connect_now(void *self)
{
    struct pg *p = self;
    struct pg_address_words server;
    char password[SECRET_SIZE] = "";
    struct reason why;

    pg_enter(p, PG_CONNECTING, "trying");
    loop_event_in(p->overdue, CONNECT_US);
    if (!pg_address_tell(p->address, &server, &why) ||
        (p->settings.password_file != NULL && !secret_read(p->settings.password_file, password, &why))) {
        pg_lose(p, why.text);
        return;
    }
    p->conn = connect_start(p, password[0] != '\0' ? password : NULL, &server);
    explicit_bzero(password, sizeof(password));
    if (p->conn == NULL)
        abort();
    PQsetNoticeReceiver(p->conn, on_server_notice, p);
    if (PQstatus(p->conn) == CONNECTION_BAD)
        pg_lose(p, PQerrorMessage(p->conn));
    else
        loop_event_watch(p->socket, PQsocket(p->conn), LOOP_WRITE);
}

static void
on_retry(void *self)
{
    struct pg *p = self;
    pg_enter(p, PG_RESOLVING, "trying");
    if (pg_address_find(p->address))
        connect_now(p);
}

static char *
copy(const char *text)
{
    char *own = text != NULL ? strdup(text) : NULL;
    if (text != NULL && own == NULL)
        abort();
    return own;
}

struct pg *
pg_new(struct loop *loop, const struct pg_settings *settings, const struct pg_calls *calls, void *self)
{
    struct pg *p = calloc(1, sizeof(*p));
    if (p == NULL)
        abort();
    *p = (struct pg){.settings = *settings, .calls = *calls, .self = self};
    p->settings.conninfo = p->conninfo = copy(settings->conninfo);
    p->settings.password_file = p->password_file = copy(settings->password_file);
    p->pause = (struct pause){.first_us = RETRY_FIRST_US, .most_us = settings->retry_most_us};
    p->address = pg_address_new(loop, settings->conninfo, connect_now, p);
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
    pg_forget_statement(p);
    pg_address_free(p->address);
    loop_event_free(p->socket);
    loop_event_free(p->retry);
    loop_event_free(p->overdue);
    PQfinish(p->conn);
    free(p->conninfo);
    free(p->password_file);
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
