#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"
#include "pg_own.h"
#include "text.h"

const char *
pg_text(const struct pg_result *r, int row, int column)
{
    return pg_is_null(r, row, column) ? NULL : PQgetvalue(r->own, row, column);
}

int64_t
pg_int(const struct pg_result *r, int row, int column)
{
    return pg_is_null(r, row, column) ? 0 : strtoll(PQgetvalue(r->own, row, column), NULL, 10);
}

double
pg_double(const struct pg_result *r, int row, int column, double if_null)
{
    return pg_is_null(r, row, column) ? if_null : strtod(PQgetvalue(r->own, row, column), NULL);
}

bool
pg_is_null(const struct pg_result *r, int row, int column)
{
    return PQgetisnull(r->own, row, column) != 0;
}

void
pg_one_line(struct reason *why, const char *text)
{
    text_line(text, why->text, sizeof(why->text));
}

void
pg_describe_error(const PGresult *res, struct pg_result *ret)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
    char text[REASON_SIZE];

    snprintf(ret->sqlstate, sizeof(ret->sqlstate), "%s", state != NULL ? state : "XX000");
    snprintf(text, sizeof(text), "%s%s%s%s%s", primary != NULL ? primary : PQresultErrorMessage(res),
             detail != NULL ? "; " : "", detail != NULL ? detail : "", hint != NULL ? "; hint: " : "",
             hint != NULL ? hint : "");
    pg_one_line(&ret->why, text);
}

bool
pg_is_error(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY &&
           status != PGRES_COPY_IN;
}
