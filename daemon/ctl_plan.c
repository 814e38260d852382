#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "ctl_folder.h"
#include "ctl_option.h"
#include "ctl_rows.h"
#include "instant.h"
#include "loop.h"
#include "settings.h"
#include "sql.h"
#include "table.h"

struct options {
    const char *file;
    struct folder_load_wish load;
    const char *plan, *day; /* NULL: all, today */
    bool is_json;
};

/* read_plan_status.sql */
enum { PLAN, VERSION, DAY, CODE, VERDICT, SOFT, DEADLINE, ACTUAL, WANTED, UNIT, QUOTATION, REASON };

static const struct table_column columns[] = {
    {"id", 0, false},         {"verdict", 0, false},           {"", 0, false},        {"deadline", 0, false},
    {"actual", 0, true},      {"wanted", 0, true},             {"unit", 12, false},   {"what is promised", 40, false},
    {"why", 0, false},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const struct ctl_column members[] = {
    {PLAN, "plan", CTL_TEXT, {0}},         {VERSION, "version", CTL_NUMBER, {0}},     {DAY, "day", CTL_TEXT, {0}},
    {CODE, "commitment", CTL_TEXT, {0}},   {VERDICT, "verdict", CTL_TEXT, {0}},       {SOFT, "soft", CTL_TEXT, {0}},
    {DEADLINE, "deadline", CTL_TEXT, {0}}, {ACTUAL, "actual", CTL_NUMBER, {0}},       {WANTED, "wanted", CTL_NUMBER, {0}},
    {UNIT, "unit", CTL_TEXT, {0}},         {QUOTATION, "quotation", CTL_TEXT, {0}},   {REASON, "reason", CTL_TEXT, {0}},
};

static const char *
figure(const struct pg_result *r, int row, int column, char out[32])
{
    if (pg_is_null(r, row, column))
        return NULL;
    snprintf(out, 32, "%.6g", pg_double(r, row, column, NAN));
    return out;
}

static void
add_row(struct table *t, const struct pg_result *r, int row)
{
    char actual[32], wanted[32];
    const char *cell[COLUMNS] = {
        pg_text(r, row, CODE),     pg_text(r, row, VERDICT),
        pg_text(r, row, SOFT),     pg_text(r, row, DEADLINE),
        figure(r, row, ACTUAL, actual), figure(r, row, WANTED, wanted),
        pg_text(r, row, UNIT),     pg_text(r, row, QUOTATION),
        pg_text(r, row, REASON),
    };
    table_add(t, cell);
}

/* In the order of their gravity, as the closing line counts them. */
static const char *const verdicts[] = {"met",     "met late", "on track", "behind",
                                       "overdue", "missed",   "unknown",  "not measurable"};

static void
print_counts(const struct pg_result *r, int from, int to)
{
    printf("%d commitments:", to - from);
    const char *comma = "";
    for (size_t v = 0; v < sizeof(verdicts) / sizeof(verdicts[0]); v++) {
        int count = 0;
        for (int i = from; i < to; i++)
            count += strcmp(pg_text(r, i, VERDICT), verdicts[v]) == 0;
        if (count > 0)
            printf("%s %d %s", comma, count, verdicts[v]);
        comma = count > 0 ? "," : comma;
    }
    printf("\n");
}

static void
print_plan(const struct pg_result *r, int from, int to)
{
    struct table t;
    struct buf out = {0};

    table_init(&t, columns, COLUMNS);
    for (int i = from; i < to; i++)
        add_row(&t, r, i);
    table_write(&t, &out);
    printf("plan %s, version %s, on %s\n\n", pg_text(r, from, PLAN), pg_text(r, from, VERSION), pg_text(r, from, DAY));
    fwrite(out.at, 1, out.size, stdout);
    printf("\n");
    print_counts(r, from, to);
    buf_clear(&out);
    table_clear(&t);
}

struct showing {
    bool is_json;
    int rows;
};

static void
print_plans(void *self, const struct pg_result *r)
{
    struct showing *s = self;

    s->rows = r->rows;
    if (s->is_json) {
        ctl_print_rows(members, sizeof(members) / sizeof(members[0]), r, true);
        return;
    }
    for (int from = 0, to; from < r->rows; from = to) {
        for (to = from + 1; to < r->rows; to++) {
            if (strcmp(pg_text(r, to, PLAN), pg_text(r, from, PLAN)) != 0)
                break;
        }
        if (from > 0)
            printf("\n");
        print_plan(r, from, to);
    }
}

static bool
ask(const struct conf *conf, const struct options *o, struct reason *why)
{
    const char *values[] = {o->plan, o->day};
    struct showing s = {.is_json = o->is_json};
    struct loop *loop = loop_new();
    bool ok = ctl_ask(loop, conf, sql_read_plan_status, 2, values, print_plans, &s, why);
    loop_free(loop);
    if (!ok || s.rows > 0)
        return ok;
    if (o->plan != NULL)
        return reason_set(why, "there is no plan \"%s\"", o->plan);
    return reason_set(why, "no plan is loaded; hint: abatectl plan load DIR");
}

static int
show(const struct options *o)
{
    struct reason why;
    struct conf *conf = settings_read(o->file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    bool ok = ask(conf, o, &why);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

static bool
is_day(const char *text)
{
    struct instant midnight;
    char whole[32];
    int size = snprintf(whole, sizeof(whole), "%sT00:00:00Z", text);
    return strlen(text) == 10 && instant_parse(whole, (size_t)size, 0, &midnight, NULL);
}

static bool
take_day(void *into, const char *text)
{
    struct options *o = into;
    o->day = text;
    if (!is_day(text))
        fprintf(stderr, "abatectl: --at: \"%s\" is no day: write YYYY-MM-DD\n", text);
    return is_day(text);
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"conninfo", 'i', OPTION_WORD, false, .at = offsetof(struct options, load.conninfo)},
    {"dry-run", 'n', OPTION_FLAG, true, .at = offsetof(struct options, load.is_dry)},
    {"plan", 'p', OPTION_WORD, false, .at = offsetof(struct options, plan)},
    {"at", 'a', OPTION_READ, false, .read = take_day},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {0}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};
    bool is_load = argc > 1 && strcmp(argv[1], "load") == 0;

    if (!is_load && (argc < 2 || strcmp(argv[1], "show") != 0))
        return ctl_usage(&ctl_plan);
    int first = 1 + ctl_options(option, is_load ? "cinj" : "cpaj", argc - 1, argv + 1, &o);
    if (first == 1 || argc - first != (is_load ? 1 : 0))
        return ctl_usage(&ctl_plan);
    o.load.path = (const char *const *)argv + first;
    o.load.paths = 1;
    return is_load ? ctl_folder_load(o.file, &o.load, o.is_json) : show(&o);
}

const struct ctl ctl_plan = {
    "plan",
    "load [-c FILE] [--conninfo CONNINFO] [--dry-run] [--json] DIR\n"
    "show [-c FILE] [--at YYYY-MM-DD] [--plan CODE] [--json]",
    "loads a plan from the CSV files of a folder; shows how its commitments stand",
    run,
};
