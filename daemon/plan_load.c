#include "plan_load.h"

#include <stdio.h>
#include <string.h>

#include "pg.h"
#include "plan_folder.h"
#include "sql.h"

struct plan_load {
    struct loop *loop;
    struct pg *pg;
    const struct plan_load_wish *wish;
    struct buf cells;
    struct buf told; /* the summary, said when it is true */
    bool is_over;
    bool ok;
    struct reason *why;
};

static void
over(struct plan_load *l, bool ok)
{
    l->is_over = true;
    l->ok = ok;
    loop_stop(l->loop);
}

static bool
good(struct plan_load *l, const struct pg_result *r, const char *what)
{
    if (r->ok)
        return true;
    *l->why = r->why;
    reason_prefix(l->why, "%s: %s", l->wish->folder, what);
    over(l, false);
    return false;
}

static void
on_ended(void *self, const struct pg_result *r)
{
    struct plan_load *l = self;
    if (!good(l, r, l->wish->is_dry ? "rollback" : "commit"))
        return;
    fwrite(l->told.at, 1, l->told.size, stdout);
    over(l, true);
}

static void
tell(struct plan_load *l, const char *text)
{
    buf_add_text(&l->told, text);
}

static void
tell_count(struct plan_load *l, const struct pg_result *r, int row, int column, const char *what)
{
    char text[64];
    int64_t count = pg_int(r, row, column);
    if (count == 0)
        return;
    snprintf(text, sizeof(text), "%s%lld %s", l->told.at[l->told.size - 1] == ' ' ? "" : ", ", (long long)count, what);
    tell(l, text);
}

/* plan_code, version, is_new, commitments, file, added, changed, same, gone */
enum { PLAN, VERSION, IS_NEW, COMMITMENTS, FILE_NAME, ADDED, CHANGED, SAME, GONE };

static void
tell_file(struct plan_load *l, const struct pg_result *r, int row)
{
    char text[64];
    snprintf(text, sizeof(text), "%-18s ", pg_text(r, row, FILE_NAME));
    tell(l, text);
    tell_count(l, r, row, ADDED, "new");
    tell_count(l, r, row, CHANGED, "changed");
    tell_count(l, r, row, GONE, "gone");
    tell_count(l, r, row, SAME, "as before");
    tell(l, l->told.at[l->told.size - 1] == ' ' ? "no rows\n" : "\n");
}

static bool
has_changed(const struct pg_result *r)
{
    for (int i = 0; i < r->rows; i++) {
        if (pg_int(r, i, ADDED) + pg_int(r, i, CHANGED) + pg_int(r, i, GONE) > 0)
            return true;
    }
    return false;
}

static void
tell_plan(struct plan_load *l, const struct pg_result *r)
{
    char text[256];
    bool is_new = strcmp(pg_text(r, 0, IS_NEW), "t") == 0;
    bool is_changed = is_new || has_changed(r);

    for (int i = 0; is_changed && i < r->rows; i++)
        tell_file(l, r, i);
    snprintf(text, sizeof(text), "plan %s: version %s %s, %s%s\n", pg_text(r, 0, PLAN), pg_text(r, 0, VERSION),
             is_new ? "is new" : "as before", is_changed ? pg_text(r, 0, COMMITMENTS) : "nothing changed",
             is_changed ? " commitments" : "");
    tell(l, text);
    if (l->wish->is_dry && is_changed)
        tell(l, "dry run: nothing of this was kept\n");
}

static void
on_taken(void *self, const struct pg_result *r)
{
    struct plan_load *l = self;
    if (!good(l, r, "loading"))
        return;
    if (r->rows > 0)
        tell_plan(l, r);
    pg_exec(l->pg, l->wish->is_dry ? sql_rollback : sql_commit, 0, NULL, on_ended, l);
}

static void
on_checked(void *self, const struct pg_result *r)
{
    struct plan_load *l = self;
    if (!good(l, r, "checking"))
        return;
    if (r->rows == 0) {
        pg_exec(l->pg, sql_take_plan, 0, NULL, on_taken, l);
        return;
    }
    for (int i = 0; i < r->rows; i++)
        fprintf(stderr, "%s\n", pg_text(r, i, 0));
    reason_set(l->why, "%s: %d error%s, nothing was loaded", l->wish->folder, r->rows, r->rows == 1 ? "" : "s");
    over(l, false); /* the connection ends, and with it the transaction */
}

static void
on_copied(void *self, const struct pg_result *r)
{
    struct plan_load *l = self;
    if (good(l, r, "cells"))
        pg_exec(l->pg, sql_check_plan, 0, NULL, on_checked, l);
}

/* What a person can do about the two usual ones. */
static const char *
hint_of(const char *sqlstate)
{
    if (strcmp(sqlstate, "42501") == 0)
        return "; hint: loading wants a member of abate_owner, see --conninfo";
    if (strcmp(sqlstate, "42883") == 0 || strcmp(sqlstate, "3F000") == 0 || strcmp(sqlstate, "22023") == 0)
        return "; hint: the schema is older than this program: abatectl migrate";
    return "";
}

static void
on_begun(void *self, const struct pg_result *r)
{
    struct plan_load *l = self;
    if (r->ok) {
        pg_copy(l->pg, sql_copy_plan_cell, &l->cells, on_copied, l);
        return;
    }
    reason_set(l->why, "database: %s%s", r->why.text, hint_of(r->sqlstate));
    over(l, false);
}

static void
on_up(void *self)
{
    struct plan_load *l = self;
    if (!l->is_over)
        pg_script(l->pg, sql_begin_plan_load, on_begun, l);
}

static void
on_down(void *self, const char *why)
{
    struct plan_load *l = self;
    if (l->is_over)
        return;
    reason_set(l->why, "database: %s", why);
    over(l, false);
}

static void
connect_and_run(struct plan_load *l, const struct conf *conf)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down};
    const char *conninfo = l->wish->conninfo;
    struct pg_settings settings = {
        .conninfo = conninfo != NULL ? conninfo : conf->database.conninfo,
        .password_file = conninfo != NULL ? NULL : conf->database.password_file,
        .application_name = "abatectl plan load",
        .retry_most_us = 1000000,
    };
    l->pg = pg_new(l->loop, &settings, &calls, l);
    pg_start(l->pg);
    if (!l->is_over)
        loop_run(l->loop);
    pg_free(l->pg);
}

bool
plan_load_run(struct loop *loop, const struct conf *conf, const struct plan_load_wish *wish, struct reason *why)
{
    struct plan_load l = {.loop = loop, .wish = wish, .why = why};
    if (plan_folder_read(wish->folder, &l.cells, why))
        connect_and_run(&l, conf);
    buf_clear(&l.cells);
    buf_clear(&l.told);
    return l.ok;
}
