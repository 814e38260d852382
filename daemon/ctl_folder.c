#include "ctl_folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "ctl.h"
#include "ctl_rows.h"
#include "loop.h"
#include "settings.h"

#define FAULTS_SAID 500  /* one by one */
#define CHANGES_SAID 500 /* likewise */

struct telling {
    const struct folder_load_wish *wish;
    int faults;
    int more_changes; /* than are said */
    struct buf told;  /* said when it is true */
};

/* read_folder_change.sql */
enum { CHANGE_FILE, CHANGE_LINE, CHANGE_COLUMN, WAS, BECOMES };

/* take_folder.sql */
enum { PLAN, VERSION, IS_NEW, COMMITMENTS, FILE_NAME, ADDED, CHANGED, SAME, GONE };

/* Of a plan's register the counts are enough. Sets how many are more than that. */
static int
changes_said(struct telling *t, const struct pg_result *r)
{
    int changes = t->wish->kind == FOLDER_REGISTER ? r->rows : 0;
    int said = changes < CHANGES_SAID ? changes : CHANGES_SAID;
    t->more_changes = changes - said;
    return said;
}

static int
more_faults(const struct telling *t)
{
    return t->faults > FAULTS_SAID ? t->faults - FAULTS_SAID : 0;
}

/* ---- in words ---- */

static void
print_fault(void *self, const struct folder_fault *f)
{
    struct telling *t = self;

    if (t->faults++ >= FAULTS_SAID)
        return;
    fprintf(stderr, "%s%s%s: ", f->file, f->line != NULL ? ":" : "", f->line != NULL ? f->line : "");
    if (f->column != NULL)
        fprintf(stderr, "column \"%s\": ", f->column);
    fprintf(stderr, "%s\n", f->words);
}

static void
print_refused(void *self)
{
    const struct telling *t = self;
    if (more_faults(t) > 0)
        fprintf(stderr, "and %d more\n", more_faults(t));
}

static void
tell(struct telling *t, const char *text)
{
    buf_add_text(&t->told, text);
}

static void
tell_quoted(struct telling *t, const char *text)
{
    tell(t, text != NULL ? "\"" : "");
    tell(t, text != NULL ? text : "nothing");
    tell(t, text != NULL ? "\"" : "");
}

static void
tell_changes(void *self, const struct pg_result *r)
{
    struct telling *t = self;
    int said = changes_said(t, r);
    char text[128];

    for (int i = 0; i < said; i++) {
        snprintf(text, sizeof(text), "%s:%s: column \"%s\": ", pg_text(r, i, CHANGE_FILE), pg_text(r, i, CHANGE_LINE),
                 pg_text(r, i, CHANGE_COLUMN));
        tell(t, text);
        tell_quoted(t, pg_text(r, i, WAS));
        tell(t, " becomes ");
        tell_quoted(t, pg_text(r, i, BECOMES));
        tell(t, "\n");
    }
    if (t->more_changes > 0) {
        snprintf(text, sizeof(text), "and %d further cells\n", t->more_changes);
        tell(t, text);
    }
}

static void
tell_count(struct telling *t, const struct pg_result *r, int row, int column, const char *what)
{
    char text[64];
    int64_t count = pg_int(r, row, column);
    if (count == 0)
        return;
    snprintf(text, sizeof(text), "%s%" PRId64 " %s", t->told.at[t->told.size - 1] == ' ' ? "" : ", ", count, what);
    tell(t, text);
}

static void
tell_file(struct telling *t, const struct pg_result *r, int row)
{
    char text[64];
    snprintf(text, sizeof(text), "%-18s ", pg_text(r, row, FILE_NAME));
    tell(t, text);
    tell_count(t, r, row, ADDED, "new");
    tell_count(t, r, row, CHANGED, "changed");
    tell_count(t, r, row, GONE, "gone");
    tell_count(t, r, row, SAME, "as before");
    tell(t, t->told.at[t->told.size - 1] == ' ' ? "no rows\n" : "\n");
}

static bool
has_changed(const struct pg_result *r)
{
    for (int i = 0; i < r->rows; i++) {
        if (pg_int(r, i, ADDED) + pg_int(r, i, CHANGED) + pg_int(r, i, GONE) > 0)
            return true;
    }
    return strcmp(pg_text(r, 0, IS_NEW), "t") == 0;
}

static void
tell_plan(struct telling *t, const struct pg_result *r, bool is_changed)
{
    char text[256];
    bool is_new = strcmp(pg_text(r, 0, IS_NEW), "t") == 0;
    snprintf(text, sizeof(text), "plan %s: version %s %s, %s%s\n", pg_text(r, 0, PLAN), pg_text(r, 0, VERSION),
             is_new ? "is new" : "as before", is_changed ? pg_text(r, 0, COMMITMENTS) : "nothing changed",
             is_changed ? " commitments" : "");
    tell(t, text);
}

static void
tell_register(struct telling *t, const struct pg_result *r, bool is_changed)
{
    char text[128];
    int64_t added = 0, changed = 0;
    for (int i = 0; i < r->rows; i++) {
        added += pg_int(r, i, ADDED);
        changed += pg_int(r, i, CHANGED);
    }
    snprintf(text, sizeof(text), "register: %" PRId64 " new, %" PRId64 " changed\n", added, changed);
    tell(t, is_changed ? text : "register: nothing changed\n");
}

static void
tell_taken(void *self, const struct pg_result *r)
{
    struct telling *t = self;

    if (r->rows == 0)
        return;
    bool is_changed = has_changed(r);
    for (int i = 0; is_changed && i < r->rows; i++)
        tell_file(t, r, i);
    if (t->wish->kind == FOLDER_PLAN)
        tell_plan(t, r, is_changed);
    else
        tell_register(t, r, is_changed);
    if (t->wish->is_dry && is_changed)
        tell(t, "dry run: nothing of this was kept\n");
}

static const struct folder_load_calls words = {
    .on_fault = print_fault, .on_refused = print_refused, .on_changes = tell_changes, .on_taken = tell_taken};

/* ---- for a machine ---- */

static const struct ctl_column change_members[] = {
    {CHANGE_FILE, "file", CTL_TEXT, {0}}, {CHANGE_LINE, "line", CTL_NUMBER, {0}}, {CHANGE_COLUMN, "column", CTL_TEXT, {0}},
    {WAS, "was", CTL_TEXT, {0}},          {BECOMES, "becomes", CTL_TEXT, {0}},
};
static const struct ctl_column plan_members[] = {
    {PLAN, "plan", CTL_TEXT, {0}},
    {VERSION, "version", CTL_NUMBER, {0}},
    {IS_NEW, "new_version", CTL_TRUTH, {0}},
    {COMMITMENTS, "commitments", CTL_NUMBER, {0}},
};
static const struct ctl_column file_members[] = {
    {FILE_NAME, "file", CTL_TEXT, {0}}, {ADDED, "new", CTL_NUMBER, {0}},  {CHANGED, "changed", CTL_NUMBER, {0}},
    {GONE, "gone", CTL_NUMBER, {0}},    {SAME, "same", CTL_NUMBER, {0}},
};
#define COLUMNS(table) (sizeof(table) / sizeof((table)[0]))

static void
put_fault(void *self, const struct folder_fault *f)
{
    struct telling *t = self;
    struct buf out = {0};

    if (t->faults++ >= FAULTS_SAID)
        return;
    buf_add_text(&out, "{");
    ctl_add_plain(&out, "fault", "true");
    ctl_add_text(&out, "file", f->file);
    ctl_add_plain(&out, "line", f->line);
    ctl_add_text(&out, "column", f->column);
    ctl_add_text(&out, "words", f->words);
    buf_add_text(&out, "}\n");
    ctl_put(&out);
}

static void
add_changes(void *self, const struct pg_result *r)
{
    struct telling *t = self;
    int said = changes_said(t, r);

    for (int i = 0; i < said; i++) {
        tell(t, "{");
        ctl_add_plain(&t->told, "change", "true");
        ctl_add_members(&t->told, change_members, COLUMNS(change_members), r, i);
        tell(t, "}\n");
    }
}

/* NULL: no plan, or which is not known. */
static void
add_plan(struct telling *t, const struct pg_result *r)
{
    if (r != NULL && r->rows > 0) {
        ctl_add_members(&t->told, plan_members, COLUMNS(plan_members), r, 0);
        return;
    }
    for (size_t i = 0; i < COLUMNS(plan_members); i++)
        ctl_add_plain(&t->told, plan_members[i].member, NULL);
}

/* NULL: nothing was taken. */
static void
add_whole(struct telling *t, const struct pg_result *r)
{
    tell(t, "{");
    ctl_add_text(&t->told, "kind", folder_kind_name[t->wish->kind]);
    add_plan(t, t->wish->kind == FOLDER_PLAN ? r : NULL);
    ctl_add_plain(&t->told, "files", "[");
    for (int i = 0; r != NULL && i < r->rows; i++) {
        tell(t, i > 0 ? ", {" : "{");
        ctl_add_members(&t->told, file_members, COLUMNS(file_members), r, i);
        tell(t, "}");
    }
    tell(t, "]");
    ctl_add_count(&t->told, "faults", t->faults);
    ctl_add_count(&t->told, "more_faults", more_faults(t));
    ctl_add_count(&t->told, "more_changes", t->more_changes);
    ctl_add_plain(&t->told, "dry", t->wish->is_dry ? "true" : "false");
    tell(t, "}\n");
}

static void
put_refused(void *self)
{
    struct telling *t = self;
    add_whole(t, NULL);
    ctl_put(&t->told);
}

static void
add_taken(void *self, const struct pg_result *r)
{
    add_whole(self, r);
}

static const struct folder_load_calls json = {
    .on_fault = put_fault, .on_refused = put_refused, .on_changes = add_changes, .on_taken = add_taken};

/* ---- the loading ---- */

int
ctl_folder_load(const char *file, const struct folder_load_wish *wish, bool is_json)
{
    struct telling t = {.wish = wish};
    struct folder_load_calls calls = is_json ? json : words;
    struct reason why;
    struct conf *conf = settings_read(file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    calls.self = &t;
    struct loop *loop = loop_new();
    bool ok = folder_load_run(loop, conf, wish, &calls, &why);
    loop_free(loop);
    conf_free(conf);
    if (ok)
        ctl_put(&t.told);
    buf_clear(&t.told);
    return ok ? 0 : ctl_fail(why.text);
}
