#include <getopt.h>
#include <stdio.h>

#include "ctl.h"
#include "settings.h"
#include "sql.h"

/* What read_status.sql has, as a person reads it. */
static const struct {
    int column;
    const char *label;
    const char *none;
} line[] = {
    {1, "journal", "none yet: abated has not been here"},
    {2, "stored up to", "-"},
    {3, "stored last", "-"},
    {6, "newest sample", "none"},
    {7, "months kept", "0"},
    {4, "rejected", "0"},
    {5, "open breaches", "0"},
};

static void
print(void *self, const struct pg_result *r)
{
    (void)self;
    for (size_t i = 0; r->rows > 0 && i < sizeof(line) / sizeof(line[0]); i++) {
        const char *text = pg_text(r, 0, line[i].column);
        printf("%-14s %s\n", line[i].label, text != NULL ? text : line[i].none);
    }
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
has_schema(void *self, const struct pg_result *r)
{
    bool *ret = self;
    *ret = r->rows > 0 && pg_int(r, 0, 0) > 0;
}

static bool
ask(struct loop *loop, const struct conf *conf, struct reason *why)
{
    const char *values[] = {conf->instance};
    bool is_there = false;

    if (!ctl_ask(loop, conf, sql_read_schema, 0, NULL, has_schema, &is_there, why))
        return false;
    if (!is_there)
        return reason_set(why, "database: there is no schema \"abate\"; hint: abatectl migrate");
    printf("%-14s %s\n", "instance", conf->instance);
    return ctl_ask(loop, conf, sql_read_worker, 1, values, print_worker, NULL, why) &&
           ctl_ask(loop, conf, sql_read_status, 1, values, print, NULL, why);
}

static int
status(const char *file)
{
    struct reason why;
    struct conf *conf = settings_read(file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct loop *loop = loop_new();
    bool ok = ask(loop, conf, &why);
    loop_free(loop);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

static int
run(const char *file, int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "c:")) != -1) {
        if (c != 'c')
            return ctl_usage(&ctl_status);
        file = optarg;
    }
    return optind < argc ? ctl_usage(&ctl_status) : status(file);
}

const struct ctl ctl_status = {
    "status",
    "[-c FILE]",
    "what the database says of this instance: stored up to where, rejected, open breaches",
    run,
};
