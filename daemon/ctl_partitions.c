#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "ctl_option.h"
#include "ctl_retention.h"
#include "ctl_rows.h"
#include "instant.h"
#include "months.h"
#include "settings.h"
#include "sql.h"

struct options {
    const char *file, *conninfo;
    bool is_json, is_yes;
    const char *argument; /* MONTHS or BEFORE; NULL: none */
    struct conf conf;     /* a copy, to be asked without a timeout by whom was named */
};

static bool
ask(const struct options *o, const char *sql, int n, const char *const *values, ctl_take *take, struct reason *why)
{
    struct loop *loop = loop_new();
    bool ok = ctl_ask(loop, &o->conf, sql, n, values, take, (void *)o, why);
    loop_free(loop);
    return ok;
}

/* ---- list ---- */

/* read_all_partitions.sql */
enum { PARENT, PARTITION, MONTH, BEGINS, ENDS, ROWS, BYTES, STATE, AHEAD, SIZE };

static const struct ctl_column columns[] = {
    {PARENT, "parent", CTL_TEXT, {"of", 0, false}},
    {MONTH, "month", CTL_TEXT, {"month", 0, false}},
    {PARTITION, "partition", CTL_TEXT, {"partition", 0, false}},
    {BEGINS, "begins", CTL_TEXT, {0}},
    {ENDS, "ends", CTL_TEXT, {0}},
    {ROWS, "rows", CTL_NUMBER, {"rows, about", 0, true}},
    {BYTES, "bytes", CTL_NUMBER, {0}},
    {SIZE, NULL, CTL_TEXT, {"size", 0, true}},
    {STATE, "state", CTL_TEXT, {"state", 0, false}},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void
print_partitions(void *self, const struct pg_result *r)
{
    const struct options *o = self;

    ctl_print_rows(columns, COLUMNS, r, o->is_json);
    if (o->is_json)
        return;
    if (r->rows == 0 || pg_is_null(r, 0, AHEAD))
        printf("abate.sample has no partition yet\n");
    else if (pg_int(r, 0, AHEAD) < 0)
        printf("abate.sample has none for this month (UTC): abatectl partitions ahead, or abated when it starts, makes it\n");
    else
        printf("abate.sample reaches %s months past this one (UTC)\n", pg_text(r, 0, AHEAD));
}

static bool
list(struct options *o, struct reason *why)
{
    return ask(o, sql_read_all_partitions, 0, NULL, print_partitions, why);
}

/* ---- ahead ---- */

static void
print_made(void *self, const struct pg_result *r)
{
    static const struct ctl_column made[] = {{0, "made", CTL_TEXT, {0}}};
    const struct options *o = self;

    if (o->is_json) {
        ctl_print_rows(made, 1, r, true);
        return;
    }
    for (int row = 0; row < r->rows; row++)
        printf("made abate.%s\n", pg_text(r, row, 0));
    if (r->rows == 0)
        printf("all of them were there\n");
}

static bool
make_ahead(struct options *o, struct reason *why)
{
    uint64_t months;
    const char *values[] = {o->argument != NULL ? o->argument : "2"};

    if (!ctl_number(values[0], 0, 120, &months))
        return reason_set(why, "\"%s\" is no number of months from 0 to 120", values[0]);
    return ask(o, sql_ensure_partitions_months, 1, values, print_made, why);
}

/* ---- detach, drop ---- */

static bool
let_go(struct options *o, bool is_drop, struct reason *why)
{
    struct instant first;
    char whole[40];

    int size = snprintf(whole, sizeof(whole), "%.7s-01T00:00:00Z", o->argument);
    if (strlen(o->argument) != 7 || !instant_parse(whole, (size_t)size, 0, &first, NULL))
        return reason_set(why, "\"%s\" is no month: write YYYY-MM", o->argument);
    struct ctl_retention wish = {.conf = &o->conf,
                                 .month = o->argument,
                                 .before = instant_month(first),
                                 .is_drop = is_drop,
                                 .is_yes = o->is_yes,
                                 .is_json = o->is_json};
    return ctl_retention(&wish, why);
}

static bool
detach(struct options *o, struct reason *why)
{
    return let_go(o, false, why);
}

static bool
drop(struct options *o, struct reason *why)
{
    return let_go(o, true, why);
}

/* ---- the command ---- */

/* What each takes: options by their letters, and arguments. */
static const struct {
    const char *name, *takes;
    int least, most;
    bool (*run)(struct options *o, struct reason *why);
} verbs[] = {{"list", "cj", 0, 0, list}, {"ahead", "cij", 0, 1, make_ahead}, {"detach", "cijy", 1, 1, detach}, {"drop", "cijy", 1, 1, drop}};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"conninfo", 'i', OPTION_WORD, false, .at = offsetof(struct options, conninfo)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {"yes", 'y', OPTION_FLAG, false, .at = offsetof(struct options, is_yes)},
    {0}};

static int
run_verb(struct options *o, size_t verb)
{
    struct reason why;
    struct conf *conf = settings_read(o->file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    o->conf = *conf;
    o->conf.database.statement_timeout_us = 0; /* counting takes its time */
    if (o->conninfo != NULL) {
        o->conf.database.conninfo = (char *)o->conninfo;
        o->conf.database.password_file = NULL;
    }
    bool ok = verbs[verb].run(o, &why);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};
    bool has_verb = argc > 1 && argv[1][0] != '-';
    size_t verb = 0;

    while (has_verb && verb < VERBS && strcmp(verbs[verb].name, argv[1]) != 0)
        verb++;
    if (verb == VERBS)
        return ctl_usage(&ctl_partitions);
    argc -= has_verb;
    argv += has_verb;
    int first = ctl_options(option, verbs[verb].takes, argc, argv, &o);
    if (first == 0 || argc - first < verbs[verb].least || argc - first > verbs[verb].most)
        return ctl_usage(&ctl_partitions);
    o.argument = argv[first];
    return run_verb(&o, verb);
}

const struct ctl ctl_partitions = {
    "partitions",
    "list [-c FILE] [--json]\n"
    "ahead [-c FILE] [--conninfo CONNINFO] [--json] [MONTHS]\n"
    "detach [-c FILE] [--conninfo CONNINFO] [--yes] [--json] BEFORE\n"
    "drop [-c FILE] [--conninfo CONNINFO] [--yes] [--json] BEFORE",
    "the months samples are kept in: shows them, makes those to come, lets old ones go",
    run,
};
