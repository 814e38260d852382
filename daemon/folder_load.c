#include "folder_load.h"

#include <math.h>
#include <string.h>

#include "folder.h"
#include "pg.h"
#include "sql.h"
#include "unit.h"

const char *const folder_kind_name[] = {[FOLDER_PLAN] = "plan", [FOLDER_REGISTER] = "register"};

static const char *const application[] = {
    [FOLDER_PLAN] = "abatectl plan load",
    [FOLDER_REGISTER] = "abatectl register import",
};

struct folder_load {
    struct loop *loop;
    struct pg *pg;
    struct unit_system *units;
    const struct folder_load_wish *wish;
    const struct folder_load_calls *calls;
    const char *what; /* what reasons begin with */
    struct buf cells;
    int faults;
    bool is_over;
    bool ok;
    struct reason *why;
};

static void
over(struct folder_load *l, bool ok)
{
    l->is_over = true;
    l->ok = ok;
    loop_stop(l->loop);
}

static bool
good(struct folder_load *l, const struct pg_result *r, const char *what)
{
    if (r->ok)
        return true;
    *l->why = r->why;
    reason_prefix(l->why, "%s: %s", l->what, what);
    over(l, false);
    return false;
}

static void
on_ended(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (good(l, r, l->wish->is_dry ? "rollback" : "commit"))
        over(l, true);
}

static void
on_taken(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (!good(l, r, "loading"))
        return;
    l->calls->on_taken(l->calls->self, r);
    pg_exec(l->pg, l->wish->is_dry ? sql_rollback : sql_commit, 0, NULL, on_ended, l);
}

static void
on_changes(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (!good(l, r, "comparing"))
        return;
    l->calls->on_changes(l->calls->self, r);
    pg_exec(l->pg, sql_take_folder, 0, NULL, on_taken, l);
}

static void
say_fault(struct folder_load *l, const struct folder_fault *fault)
{
    l->faults++;
    l->calls->on_fault(l->calls->self, fault);
}

/* read_given_unit.sql */
enum { UNIT_LINE, SENT, UNIT, DENSITY };

static void
check_unit(struct folder_load *l, const struct pg_result *r, int row)
{
    const char *sent = pg_text(r, row, SENT), *unit = pg_text(r, row, UNIT);
    struct conversion conversion;
    struct reason why;
    if (unit_convert(l->units, sent, strlen(sent), unit, strlen(unit), pg_double(r, row, DENSITY, NAN), &conversion, &why))
        return;
    struct folder_fault fault = {.file = "series.csv", .line = pg_text(r, row, UNIT_LINE), .column = "unit", .words = why.text};
    say_fault(l, &fault);
}

static void
on_units(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (!good(l, r, "units"))
        return;
    for (int i = 0; i < r->rows; i++)
        check_unit(l, r, i);
    if (l->faults == 0) {
        pg_exec(l->pg, sql_read_folder_change, 0, NULL, on_changes, l);
        return;
    }
    l->calls->on_refused(l->calls->self);
    reason_set(l->why, "%s: %d error%s, nothing was loaded", l->what, l->faults, l->faults == 1 ? "" : "s");
    over(l, false); /* the connection ends, and with it the transaction */
}

/* check_folder.sql */
enum { FAULT_FILE, FAULT_LINE, FAULT_COLUMN, MESSAGE };

static void
on_checked(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (!good(l, r, "checking"))
        return;
    for (int i = 0; i < r->rows; i++) {
        struct folder_fault fault = {.file = pg_text(r, i, FAULT_FILE),
                                     .line = pg_text(r, i, FAULT_LINE),
                                     .column = pg_text(r, i, FAULT_COLUMN),
                                     .words = pg_text(r, i, MESSAGE)};
        say_fault(l, &fault);
    }
    pg_exec(l->pg, sql_read_given_unit, 0, NULL, on_units, l);
}

static void
on_copied(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (good(l, r, "cells"))
        pg_exec(l->pg, sql_check_folder, 0, NULL, on_checked, l);
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

static bool
is_ready(struct folder_load *l, const struct pg_result *r)
{
    if (r->ok)
        return true;
    reason_set(l->why, "database: %s%s", r->why.text, hint_of(r->sqlstate));
    over(l, false);
    return false;
}

static void
on_prepared(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (is_ready(l, r))
        pg_copy(l->pg, sql_copy_folder_cell, &l->cells, on_copied, l);
}

static void
on_begun(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (is_ready(l, r))
        pg_exec(l->pg, sql_prepare_folder, 1, &folder_kind_name[l->wish->kind], on_prepared, l);
}

static void
on_up(void *self)
{
    struct folder_load *l = self;
    if (!l->is_over)
        pg_script(l->pg, sql_begin_folder, on_begun, l);
}

static void
on_down(void *self, const char *why)
{
    struct folder_load *l = self;
    if (l->is_over)
        return;
    reason_set(l->why, "database: %s", why);
    over(l, false);
}

static void
connect_and_run(struct folder_load *l, const struct conf *conf)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down};
    const char *conninfo = l->wish->conninfo;
    struct pg_settings settings = {
        .conninfo = conninfo != NULL ? conninfo : conf->database.conninfo,
        .password_file = conninfo != NULL ? NULL : conf->database.password_file,
        .application_name = application[l->wish->kind],
    };
    l->pg = pg_new(l->loop, &settings, &calls, l);
    pg_start(l->pg);
    if (!l->is_over)
        loop_run(l->loop);
    pg_free(l->pg);
}

bool
folder_load_run(struct loop *loop, const struct conf *conf, const struct folder_load_wish *wish,
                const struct folder_load_calls *calls, struct reason *why)
{
    struct folder_load l = {
        .loop = loop,
        .wish = wish,
        .calls = calls,
        .what = wish->paths == 1 ? wish->path[0] : folder_kind_name[wish->kind],
        .why = why,
    };
    if (folder_read(wish->path, wish->paths, &l.cells, why) && (l.units = unit_system_new(why)) != NULL)
        connect_and_run(&l, conf);
    unit_system_free(l.units);
    buf_clear(&l.cells);
    return l.ok;
}
