#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_option.h"
#include "ctl_rows.h"
#include "instant.h"
#include "progress.h"
#include "settings.h"
#include "sql.h"

#define DAY_US (24 * INSTANT_HOUR_US)
#define LISTED_MOST 50
#define TRIES 120 /* seconds that somebody else may be judging */

enum { IS_BUSY, HOURS, DAYS, EXCEEDED, WITHDRAWN, OPENED, CLOSED, VERDICTS, NUMBERS };

struct judge_again {
    struct loop *loop;
    struct conf conf; /* a copy, with the judge's timeout */
    const char *monitor;
    struct instant from, to, now;
    int32_t zone_s;
    char began[64]; /* by the database's clock */
    bool is_busy;
    int64_t sum[NUMBERS];
};

static void
take_clock(void *self, const struct pg_result *r)
{
    struct judge_again *a = self;
    snprintf(a->began, sizeof(a->began), "%s", pg_text(r, 0, 0));
    a->zone_s = (int32_t)pg_int(r, 0, 1);
}

static void
take_numbers(void *self, const struct pg_result *r)
{
    struct judge_again *a = self;
    a->is_busy = pg_text(r, 0, IS_BUSY)[0] == 't';
    for (int i = HOURS; i < NUMBERS; i++)
        a->sum[i] += pg_int(r, 0, i);
}

/* "2020-11-02", or with a time as RFC 3339 has it. */
static bool
read_instant(const struct judge_again *a, const char *option, const char *text, struct instant *ret, struct reason *why)
{
    char whole[64];
    bool is_day = strlen(text) == 10;

    snprintf(whole, sizeof(whole), "%s%s", text, is_day ? "T00:00:00" : "");
    return instant_parse(whole, strlen(whole), is_day ? a->zone_s : INSTANT_ZONE_NONE, ret, why) ||
           reason_prefix(why, "%s", option);
}

static bool
read_span(struct judge_again *a, const char *from, const char *to, struct reason *why)
{
    if (!read_instant(a, "--from", from, &a->from, why) || !read_instant(a, "--to", to, &a->to, why))
        return false;
    if (a->to.us > a->now.us)
        return reason_set(why, "--to: \"%s\" is in the future", to);
    return a->from.us < a->to.us || reason_set(why, "--from: \"%s\" is not before \"%s\"", from, to);
}

/* By the clock of most monitors, as instant_month() by that of UTC. */
static int
month_of(const struct judge_again *a, int64_t us)
{
    return instant_month((struct instant){us + a->zone_s * INT64_C(1000000)});
}

static bool
judge_span(struct judge_again *a, int64_t from, int64_t to, struct reason *why)
{
    bool is_plan_due = to == a->to.us || month_of(a, to) != month_of(a, from);
    char text[3][24];
    const int64_t us[3] = {from, to, a->now.us};
    for (int i = 0; i < 3; i++)
        snprintf(text[i], sizeof(text[i]), "%" PRId64, us[i]);
    const char *values[] = {text[0], text[1], text[2], a->monitor, is_plan_due ? "true" : "false"};

    for (int tries = 0; tries < TRIES; tries++) {
        if (!ctl_ask(a->loop, &a->conf, sql_judge_again, 5, values, take_numbers, a, why))
            return false;
        if (!a->is_busy)
            return true;
        sleep(1);
    }
    return reason_set(why, "somebody else has been judging for %d s", TRIES);
}

static bool
judge_days(struct judge_again *a, struct reason *why)
{
    struct progress progress;
    bool ok = true;

    progress_begin(&progress, loop_ticks(a->loop));
    for (int64_t from = a->from.us, to; ok && from < a->to.us; from = to) {
        char day[INSTANT_TEXT];
        to = from + DAY_US < a->to.us ? from + DAY_US : a->to.us;
        instant_format((struct instant){from}, day);
        struct progress_state state = {.what = day, .part = (double)(from - a->from.us) / (double)(a->to.us - a->from.us)};
        progress_show(&progress, loop_ticks(a->loop), &state);
        ok = judge_span(a, from, to, why) || reason_prefix(why, "%s", day);
    }
    progress_end(&progress);
    return ok;
}

static void
print_changes(void *self, const struct pg_result *r)
{
    enum { BREACHES_WITHDRAWN, PLAN, COMMITMENT, ON_DAY, OLD, NEW, WHY };
    struct judge_again *a = self;
    bool has_verdicts = !pg_is_null(r, 0, PLAN);

    printf("%" PRId64 " hours and %" PRId64 " days made anew or for the first time\n", a->sum[HOURS], a->sum[DAYS]);
    printf("%" PRId64 " exceedances found, %" PRId64 " withdrawn\n", a->sum[EXCEEDED], a->sum[WITHDRAWN]);
    printf("%" PRId64 " breaches opened, %" PRId64 " closed, %" PRId64 " withdrawn\n", a->sum[OPENED], a->sum[CLOSED],
           pg_int(r, 0, BREACHES_WITHDRAWN));
    printf("%" PRId64 " verdicts new, %d of them another than before\n", a->sum[VERDICTS], has_verdicts ? r->rows : 0);
    for (int i = 0; has_verdicts && i < r->rows && i < LISTED_MOST; i++)
        printf("  %s %s %s: %s -> %s: %s\n", pg_text(r, i, ON_DAY), pg_text(r, i, PLAN), pg_text(r, i, COMMITMENT),
               pg_text(r, i, OLD), pg_text(r, i, NEW), pg_text(r, i, WHY));
    if (has_verdicts && r->rows > LISTED_MOST)
        printf("  and %d more: see abate.verdict\n", r->rows - LISTED_MOST);
}

static void
print_json(void *self, const struct pg_result *r)
{
    static const struct ctl_column change[] = {
        {3, "day", CTL_TEXT, {0}}, {1, "plan", CTL_TEXT, {0}}, {2, "commitment", CTL_TEXT, {0}},
        {4, "old", CTL_TEXT, {0}}, {5, "new", CTL_TEXT, {0}},  {6, "reason", CTL_TEXT, {0}}};
    static const char *const name[] = {[HOURS] = "hours", [DAYS] = "days", [EXCEEDED] = "exceedances",
                                       [WITHDRAWN] = "exceedances_withdrawn", [OPENED] = "breaches_opened",
                                       [CLOSED] = "breaches_closed", [VERDICTS] = "verdicts"};
    const struct judge_again *a = self;
    struct buf out = {0};

    buf_add_text(&out, "{");
    for (int i = HOURS; i < NUMBERS; i++)
        ctl_add_count(&out, name[i], a->sum[i]);
    ctl_add_plain(&out, "breaches_withdrawn", pg_text(r, 0, 0));
    ctl_add_plain(&out, "changed", "[");
    for (int row = 0; row < r->rows && !pg_is_null(r, 0, 1); row++) {
        buf_add_text(&out, row > 0 ? ", {" : "{");
        ctl_add_members(&out, change, sizeof(change) / sizeof(change[0]), r, row);
        buf_add_text(&out, "}");
    }
    buf_add_text(&out, "]}\n");
    ctl_put(&out);
}

struct options {
    const char *file, *from, *to, *monitor;
    bool is_json;
};

static int
judge(const struct options *o)
{
    struct reason why;
    struct conf *conf = settings_read(o->file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct judge_again a = {.loop = loop_new(), .conf = *conf, .monitor = o->monitor};
    a.conf.database.statement_timeout_us = conf->judge.statement_timeout_us;
    a.now = loop_now(a.loop);
    const char *values[] = {a.began};
    bool ok = ctl_ask(a.loop, &a.conf, sql_read_clock, 0, NULL, take_clock, &a, &why) &&
              read_span(&a, o->from, o->to, &why) && judge_days(&a, &why) &&
              ctl_ask(a.loop, &a.conf, sql_read_judged, 1, values, o->is_json ? print_json : print_changes, &a, &why);
    loop_free(a.loop);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"from", 'f', OPTION_WORD, false, .at = offsetof(struct options, from)},
    {"to", 't', OPTION_WORD, false, .at = offsetof(struct options, to)},
    {"monitor", 'm', OPTION_WORD, false, .at = offsetof(struct options, monitor)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {0}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};

    if (ctl_options(option, NULL, argc, argv, &o) != argc || o.from == NULL || o.to == NULL)
        return ctl_usage(&ctl_judge);
    return judge(&o);
}

const struct ctl ctl_judge = {
    "judge",
    "[-c FILE] --from INSTANT|DATE --to INSTANT|DATE [--monitor CODE] [--json]",
    "judges a past span anew and says what is different",
    run,
};
