/* pg: a connection to PostgreSQL on the loop, one statement at a time, never blocking. Hides libpq.
 *
 * Connects, and connects again for ever with growing pauses. Whoever has a statement under way when the connection is
 * lost is told so by its on_done with `lost` set; then on_down; then some time later on_up.
 *
 * The names in the conninfo are looked up aside from the loop. A statement that is not answered for longer than the
 * server lets it run is given up with the connection.
 */
#ifndef ABATE_PG_H
#define ABATE_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "conf.h"
#include "loop.h"
#include "reason.h"

struct pg;

/* What came of a statement; good until on_done returns. */
struct pg_result {
    bool ok;
    bool lost;           /* the connection went; whether the statement took effect is not known */
    char sqlstate[6];    /* "" if ok or lost */
    struct reason why;   /* the server's words, with detail and hint */
    int rows;
    void *own;           /* libpq's */
};
const char *pg_text(const struct pg_result *r, int row, int column); /* NULL if null */
int64_t pg_int(const struct pg_result *r, int row, int column);      /* 0 if null */
double pg_double(const struct pg_result *r, int row, int column, double if_null);
bool pg_is_null(const struct pg_result *r, int row, int column);

typedef void pg_done(void *self, const struct pg_result *result);

struct pg_calls {
    void (*on_up)(void *self);
    void (*on_down)(void *self, const char *why); /* once each time it goes or cannot be had, not for each attempt */
    void (*on_notice)(void *self, const char *channel, const char *payload); /* NOTIFY; NULL is fine */
};

struct pg_settings {
    const char *conninfo;
    const char *password_file;    /* or NULL */
    const char *application_name;
    int64_t statement_timeout_us; /* of each statement, and of a script as a whole; 0: none */
    int64_t retry_most_us;        /* 0: who asks gives up at on_down, and says why himself */
};

struct pg *pg_new(struct loop *loop, const struct pg_settings *settings, const struct pg_calls *calls, void *self);
void pg_free(struct pg *p);
void pg_start(struct pg *p);
bool pg_is_up(const struct pg *p);

/* With no statement under way: another session in place of this one, which may be at fault itself (begun read-only, on
 * what is a standby now, with plans of tables that have changed). on_up follows, or on_down. */
void pg_renew(struct pg *p);

/* One statement with text parameters $1 .. $n (NULL: null). Prepared once a connection under its text's address: `sql`
 * must be one of the embedded queries, or otherwise live as long as `p`. */
void pg_exec(struct pg *p, const char *sql, int n, const char *const *values, pg_done *done, void *self);

/* Several statements without parameters (simple protocol), such as a migration. Results but the last are dropped. */
void pg_script(struct pg *p, const char *sql, pg_done *done, void *self);

/* COPY ... FROM STDIN with `bytes` as its data; `bytes` must stay as they are until on_done. */
void pg_copy(struct pg *p, const char *sql, const struct buf *bytes, pg_done *done, void *self);
/* Likewise while they are still being made: until pg_copy_whole(), which stands for the last of them, more may be added, and
 * pg_copy_grown() has it sent. Neither does anything once `done` was called, by an error. */
void pg_copy_growing(struct pg *p, const char *sql, const struct buf *bytes, pg_done *done, void *self);
void pg_copy_grown(struct pg *p);
void pg_copy_whole(struct pg *p);

#endif
