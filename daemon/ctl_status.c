#include <stdio.h>

#include "ctl.h"
#include "ctl_option.h"
#include "ctl_rows.h"
#include "settings.h"
#include "sql.h"

/* What read_status.sql has, for a person and for a machine. */
static const struct {
    struct ctl_column column;
    const char *label, *none;
} line[] = {
    {{1, "journal", CTL_TEXT, {0}}, "journal", "none yet: abated has not been here"},
    {{2, "position", CTL_NUMBER, {0}}, "stored up to", "-"},
    {{3, "stored", CTL_TEXT, {0}}, "stored last", "-"},
    {{6, "newest_sample", CTL_TEXT, {0}}, "newest sample", "none"},
    {{7, "months", CTL_NUMBER, {0}}, "months kept", "0"},
    {{4, "rejected", CTL_NUMBER, {0}}, "rejected", "0"},
    {{5, "open_breaches", CTL_NUMBER, {0}}, "open breaches", "0"},
};

static void
print(void *self, const struct pg_result *r)
{
    (void)self;
    for (size_t i = 0; r->rows > 0 && i < sizeof(line) / sizeof(line[0]); i++) {
        const char *text = pg_text(r, 0, line[i].column.from);
        printf("%-14s %s\n", line[i].label, text != NULL ? text : line[i].none);
    }
}

static void
add(void *self, const struct pg_result *r)
{
    for (size_t i = 0; r->rows > 0 && i < sizeof(line) / sizeof(line[0]); i++)
        ctl_add_members(self, &line[i].column, 1, r, 0);
}

static void
print_worker(void *self, const struct pg_result *r)
{
    (void)self;
    if (r->rows > 0)
        printf("%-14s yes, PostgreSQL's process %s\n", "at work", pg_text(r, 0, 0));
    else
        printf("%-14s no\n", "at work");
}

static void
add_worker(void *self, const struct pg_result *r)
{
    ctl_add_plain(self, "at_work", r->rows > 0 ? "true" : "false");
    ctl_add_plain(self, "process", r->rows > 0 ? pg_text(r, 0, 0) : NULL);
}

static void
has_schema(void *self, const struct pg_result *r)
{
    bool *ret = self;
    *ret = r->rows > 0 && pg_int(r, 0, 0) > 0;
}

static bool
ask(struct loop *loop, const struct conf *conf, bool is_json, struct reason *why)
{
    const char *values[] = {conf->instance};
    struct buf out = {0};
    bool is_there = false;

    if (!ctl_ask(loop, conf, sql_read_schema, 0, NULL, has_schema, &is_there, why))
        return false;
    if (!is_there)
        return reason_set(why, "database: there is no schema \"abate\"; hint: abatectl migrate");
    if (!is_json) {
        printf("%-14s %s\n", "instance", conf->instance);
        return ctl_ask(loop, conf, sql_read_worker, 1, values, print_worker, NULL, why) &&
               ctl_ask(loop, conf, sql_read_status, 1, values, print, NULL, why);
    }
    buf_add_text(&out, "{");
    ctl_add_text(&out, "instance", conf->instance);
    bool ok = ctl_ask(loop, conf, sql_read_worker, 1, values, add_worker, &out, why) &&
              ctl_ask(loop, conf, sql_read_status, 1, values, add, &out, why);
    buf_add_text(&out, "}\n");
    if (ok)
        ctl_put(&out);
    buf_clear(&out);
    return ok;
}

static int
status(const char *file, bool is_json)
{
    struct reason why;
    struct conf *conf = settings_read(file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct loop *loop = loop_new();
    bool ok = ask(loop, conf, is_json, &why);
    loop_free(loop);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

struct options {
    const char *file;
    bool is_json;
};

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {0}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};
    return ctl_options(option, NULL, argc, argv, &o) != argc ? ctl_usage(&ctl_status) : status(o.file, o.is_json);
}

const struct ctl ctl_status = {
    "status",
    "[-c FILE] [--json]",
    "what the database says of this instance: stored up to where, rejected, open breaches",
    run,
};
