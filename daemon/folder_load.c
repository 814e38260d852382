#include "folder_load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "pg.h"
#include "sql.h"
#include "unit.h"

/* What the kinds are called: in the database, and to it. */
static const struct {
    const char *name, *application;
} kinds[] = {
    [FOLDER_PLAN] = {"plan", "abatectl plan load"},
    [FOLDER_REGISTER] = {"register", "abatectl register import"},
};

struct folder_load {
    struct loop *loop;
    struct pg *pg;
    struct unit_system *units;
    const struct folder_load_wish *wish;
    const char *what; /* what reasons begin with */
    struct buf cells;
    struct buf told; /* the summary, said when it is true */
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
    if (!good(l, r, l->wish->is_dry ? "rollback" : "commit"))
        return;
    fwrite(l->told.at, 1, l->told.size, stdout);
    over(l, true);
}

static void
tell(struct folder_load *l, const char *text)
{
    buf_add_text(&l->told, text);
}

static void
tell_count(struct folder_load *l, const struct pg_result *r, int row, int column, const char *what)
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
tell_file(struct folder_load *l, const struct pg_result *r, int row)
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
tell_plan(struct folder_load *l, const struct pg_result *r, bool is_changed)
{
    char text[256];
    bool is_new = strcmp(pg_text(r, 0, IS_NEW), "t") == 0;
    snprintf(text, sizeof(text), "plan %s: version %s %s, %s%s\n", pg_text(r, 0, PLAN), pg_text(r, 0, VERSION),
             is_new ? "is new" : "as before", is_changed ? pg_text(r, 0, COMMITMENTS) : "nothing changed",
             is_changed ? " commitments" : "");
    tell(l, text);
}

static void
tell_register(struct folder_load *l, const struct pg_result *r, bool is_changed)
{
    char text[128];
    int64_t added = 0, changed = 0;
    for (int i = 0; i < r->rows; i++) {
        added += pg_int(r, i, ADDED);
        changed += pg_int(r, i, CHANGED);
    }
    snprintf(text, sizeof(text), "register: %lld new, %lld changed\n", (long long)added, (long long)changed);
    tell(l, is_changed ? text : "register: nothing changed\n");
}

static void
tell_all(struct folder_load *l, const struct pg_result *r)
{
    bool is_changed = has_changed(r) || strcmp(pg_text(r, 0, IS_NEW), "t") == 0;

    for (int i = 0; is_changed && i < r->rows; i++)
        tell_file(l, r, i);
    if (l->wish->kind == FOLDER_PLAN)
        tell_plan(l, r, is_changed);
    else
        tell_register(l, r, is_changed);
    if (l->wish->is_dry && is_changed)
        tell(l, "dry run: nothing of this was kept\n");
}

static void
on_taken(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (!good(l, r, "loading"))
        return;
    if (r->rows > 0)
        tell_all(l, r);
    pg_exec(l->pg, l->wish->is_dry ? sql_rollback : sql_commit, 0, NULL, on_ended, l);
}

/* read_folder_change.sql */
enum { CHANGE_FILE, CHANGE_LINE, CHANGE_COLUMN, WAS, BECOMES };

static void
add_quoted(struct folder_load *l, const struct pg_result *r, int row, int column)
{
    bool is_null = pg_is_null(r, row, column);
    tell(l, is_null ? "" : "\"");
    tell(l, is_null ? "nothing" : pg_text(r, row, column));
    tell(l, is_null ? "" : "\"");
}

static void
on_changes(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    char text[128];
    if (!good(l, r, "comparing"))
        return;
    for (int i = 0; l->wish->kind == FOLDER_REGISTER && i < r->rows && i < FOLDER_LOAD_CHANGES; i++) {
        snprintf(text, sizeof(text), "%s:%s: column \"%s\": ", pg_text(r, i, CHANGE_FILE), pg_text(r, i, CHANGE_LINE),
                 pg_text(r, i, CHANGE_COLUMN));
        tell(l, text);
        add_quoted(l, r, i, WAS);
        tell(l, " becomes ");
        add_quoted(l, r, i, BECOMES);
        tell(l, "\n");
    }
    if (l->wish->kind == FOLDER_REGISTER && r->rows > FOLDER_LOAD_CHANGES) {
        snprintf(text, sizeof(text), "and %d further cells\n", r->rows - FOLDER_LOAD_CHANGES);
        tell(l, text);
    }
    pg_exec(l->pg, sql_take_folder, 0, NULL, on_taken, l);
}

static void
say_fault(struct folder_load *l, const char *fault)
{
    if (l->faults++ < FOLDER_LOAD_FAULTS)
        fprintf(stderr, "%s\n", fault);
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
    reason_prefix(&why, "series.csv:%s: column \"unit\"", pg_text(r, row, UNIT_LINE));
    say_fault(l, why.text);
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
    if (l->faults > FOLDER_LOAD_FAULTS)
        fprintf(stderr, "and %d more\n", l->faults - FOLDER_LOAD_FAULTS);
    reason_set(l->why, "%s: %d error%s, nothing was loaded", l->what, l->faults, l->faults == 1 ? "" : "s");
    over(l, false); /* the connection ends, and with it the transaction */
}

static void
on_checked(void *self, const struct pg_result *r)
{
    struct folder_load *l = self;
    if (!good(l, r, "checking"))
        return;
    for (int i = 0; i < r->rows; i++)
        say_fault(l, pg_text(r, i, 0));
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
        pg_exec(l->pg, sql_prepare_folder, 1, &kinds[l->wish->kind].name, on_prepared, l);
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
        .application_name = kinds[l->wish->kind].application,
    };
    l->pg = pg_new(l->loop, &settings, &calls, l);
    pg_start(l->pg);
    if (!l->is_over)
        loop_run(l->loop);
    pg_free(l->pg);
}

bool
folder_load_run(struct loop *loop, const struct conf *conf, const struct folder_load_wish *wish, struct reason *why)
{
    struct folder_load l = {
        .loop = loop,
        .wish = wish,
        .what = wish->paths == 1 ? wish->path[0] : kinds[wish->kind].name,
        .why = why,
    };
    if (folder_read(wish->path, wish->paths, &l.cells, why) && (l.units = unit_system_new(why)) != NULL)
        connect_and_run(&l, conf);
    unit_system_free(l.units);
    buf_clear(&l.cells);
    buf_clear(&l.told);
    return l.ok;
}
