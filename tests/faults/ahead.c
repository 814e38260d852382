/* ahead: asks a database one question again and again, over every end of the server and of the link to it.
 *
 *     ahead CONNINFO FILE < QUESTION
 *
 * Five times a second. Each row that comes is a line of FILE, its first column. "asked" on stdout when it was answered first.
 * Before that a question that is refused ends it with status 1; afterwards it is asked again on a new connection. Planned
 * once a connection: to plan it anew, over all partitions, takes twenty times what it takes to ask.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <libpq-fe.h>

static bool is_asked;

static void
pause_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* False: there is no connection any more, or it was refused. */
static bool
take(PGconn *db, PGresult *result, FILE *file)
{
    ExecStatusType status = PQresultStatus(result);
    for (int i = 0; i < PQntuples(result); i++)
        fprintf(file, "%s\n", PQgetvalue(result, i, 0));
    fflush(file);
    PQclear(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return true;
    if (!is_asked) {
        fprintf(stderr, "ahead: %s", PQerrorMessage(db));
        exit(1);
    }
    return false;
}

static void
ask(PGconn *db, const char *question, FILE *file)
{
    if (!take(db, PQexec(db, "set plan_cache_mode = force_generic_plan"), file) ||
        !take(db, PQprepare(db, "ahead", question, 0, NULL), file))
        return;
    while (take(db, PQexecPrepared(db, "ahead", 0, NULL, NULL, NULL, 0), file)) {
        if (!is_asked)
            puts("asked");
        is_asked = true;
        pause_ms(200);
    }
}

int
main(int argc, char **argv)
{
    static char question[65536];
    setlinebuf(stdout);
    FILE *file = argc == 3 ? fopen(argv[2], "ae") : NULL;
    if (file == NULL || fread(question, 1, sizeof(question) - 1, stdin) == 0) {
        fputs("ahead: usage: ahead CONNINFO FILE < QUESTION\n", stderr);
        return 2;
    }
    for (;;) {
        PGconn *db = PQconnectdb(argv[1]);
        if (PQstatus(db) == CONNECTION_OK)
            ask(db, question, file);
        PQfinish(db);
        pause_ms(100);
    }
}
