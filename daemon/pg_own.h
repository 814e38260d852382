/* pg_own: what the files of pg share. Nobody else includes it. */
#ifndef ABATE_PG_OWN_H
#define ABATE_PG_OWN_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "pause.h"
#include "pg.h"

#define PREPARED_MOST 64

/*       start           found               ready
 * DOWN -----> RESOLVING ----> CONNECTING ----------> IDLE <----> BUSY (PREPARING, RUNNING, COPYING)
 *                 ^  |              |                 |            |
 *                 |  v              |                 |            |
 *               PAUSING <-----------+-----------------+------------+   lost
 */
enum pg_state {
    PG_DOWN,
    PG_PAUSING,
    PG_RESOLVING, /* the server's name is being looked up */
    PG_CONNECTING,
    PG_IDLE,
    PG_PREPARING, /* the statement under way is being prepared first */
    PG_RUNNING,   /* results are awaited */
    PG_COPYING,   /* data is being sent */
};
#define PARAMETERS_MOST 12

struct pg {
    struct pg_settings settings; /* its texts are our own: */
    char *conninfo, *password_file;
    struct pg_calls calls;
    void *self;
    PGconn *conn;
    struct pg_address *address;
    struct loop_event *socket;
    struct loop_event *retry;
    struct loop_event *overdue; /* the connection is not made in time, or the statement not answered */
    enum pg_state state;
    struct pause pause;
    bool was_told_down;
    struct reason said; /* why there is no connection, as logged: the same is not said twice */
    const char *prepared[PREPARED_MOST]; /* by number: the texts prepared on this connection */
    int prepared_count;

    /* the statement under way */
    const char *sql;
    char *value[PARAMETERS_MOST];
    int values;
    const struct buf *copy;
    size_t copied;
    bool is_growing; /* and more will be added to `copy` */
    PGresult *result; /* the first error, or the last result */
    pg_done *done;
    void *done_self;
};

/* ---- pg.c: the connection ---- */
void pg_enter(struct pg *p, enum pg_state next, const char *why);
void pg_lose(struct pg *p, const char *why);
void pg_rearm(struct pg *p, bool wants_write);
void pg_await(struct pg *p); /* an answer, within the time that a statement may take */
bool pg_flush(struct pg *p); /* sends what libpq holds; true: all is gone */

/* ---- pg_address.c: where the server is, found without libpq's own lookups, which would hold the loop ---- */
struct pg_address;
/* Lists to be told to libpq in place of the conninfo's; NULL: as the conninfo has it. */
struct pg_address_words {
    const char *host, *hostaddr, *port;
};
struct pg_address *pg_address_new(struct loop *loop, const char *conninfo, loop_call *done, void *self);
void pg_address_free(struct pg_address *a);
bool pg_address_find(struct pg_address *a); /* false: `done` is called when the names have been looked up */
bool pg_address_tell(struct pg_address *a, struct pg_address_words *ret, struct reason *why); /* false: no address */

/* ---- pg_statement.c ---- */
void pg_forget_statement(struct pg *p);
void pg_finish_statement(struct pg *p, bool lost, const char *why);
void pg_send_copy(struct pg *p);
void pg_take_results(struct pg *p);

/* ---- pg_result.c ---- */
void pg_one_line(struct reason *why, const char *text); /* one line of what may be several */
void pg_describe_error(const PGresult *res, struct pg_result *ret); /* sqlstate, and the words with detail and hint */
bool pg_is_error(const PGresult *res);

#endif
