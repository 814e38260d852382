#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "ctl_option.h"
#include "ctl_rows.h"
#include "instant.h"
#include "settings.h"
#include "sql.h"
#include "text.h"

struct options {
    const char *file, *conninfo;
    const char *plant, *monitor, *parameter, *rule, *region; /* matchers */
    bool is_open, is_maintenance, is_json;
    uint64_t most, lift;
    const char *who, *note, *reason;
    const char *from, *until;
    long long for_us;
};

/* Who is at the keyboard. */
static const char *
user(void)
{
    const char *name = getenv("SUDO_USER");
    if (name == NULL)
        name = getenv("USER");
    return name;
}

static bool
ask(const struct options *o, const char *sql, int n, const char *const *values, ctl_take *take, void *self, struct reason *why)
{
    struct conf *conf = settings_read(o->file, why);
    if (conf == NULL)
        return false;
    struct conf asked = *conf;
    if (o->conninfo != NULL)
        asked.database.conninfo = (char *)o->conninfo;
    struct loop *loop = loop_new();
    bool ok = ctl_ask(loop, &asked, sql, n, values, take, self, why);
    loop_free(loop);
    conf_free(conf);
    return ok;
}

static const char *
now(char out[24])
{
    struct loop *loop = loop_new();
    snprintf(out, 24, "%" PRId64, loop_now(loop).us);
    loop_free(loop);
    return out;
}

/* ---- list ---- */

/* read_alerts.sql */
enum { NUMBER, MADE, KIND, SEVERITY, RULE, WHOSE, MONITOR, PARAMETER, VALUE, UNIT, LIMIT, MULTIPLE, OUTCOME, OUTCOME_WHY, SENT,
       WAITING, ACKNOWLEDGED, REASON };

static const struct ctl_column columns[] = {
    {NUMBER, "number", CTL_TEXT, {"number", 0, false}},
    {MADE, "made", CTL_TEXT, {"made", 0, false}},
    {KIND, "kind", CTL_TEXT, {"what", 0, false}},
    {SEVERITY, "severity", CTL_TEXT, {"severity", 0, false}},
    {RULE, "rule", CTL_TEXT, {"rule", 0, false}},
    {WHOSE, "whose", CTL_TEXT, {"of whom", 24, false}},
    {MONITOR, "monitor", CTL_TEXT, {"monitor", 0, false}},
    {PARAMETER, "parameter", CTL_TEXT, {"parameter", 16, false}},
    {VALUE, "value", CTL_TEXT, {"value", 0, true}},
    {LIMIT, "limit", CTL_TEXT, {"limit", 0, true}},
    {UNIT, "unit", CTL_TEXT, {"unit", 10, false}},
    {MULTIPLE, "multiple", CTL_TEXT, {0}},
    {OUTCOME, "outcome", CTL_TEXT, {"became", 0, false}},
    {OUTCOME_WHY, "outcome_why", CTL_TEXT, {0}},
    {SENT, "sent", CTL_NUMBER, {"sent", 0, true}},
    {WAITING, "waiting", CTL_NUMBER, {"waiting", 0, true}},
    {ACKNOWLEDGED, "acknowledged", CTL_TEXT, {"acknowledged", 16, false}},
    {REASON, "reason", CTL_TEXT, {0}},
};

static void
print_alerts(void *self, const struct pg_result *r)
{
    const struct options *o = self;
    ctl_print_rows(columns, sizeof(columns) / sizeof(columns[0]), r, o->is_json);
}

static int
list(struct options *o, int argc, char **argv)
{
    char most[24];
    struct reason why;
    (void)argv;

    if (argc != 0)
        return ctl_usage(&ctl_alert);
    snprintf(most, sizeof(most), "%" PRIu64, o->most);
    const char *values[] = {o->plant, o->is_open ? "true" : "false", most};
    return ask(o, sql_read_alerts, 3, values, print_alerts, o, &why) ? 0 : ctl_fail(why.text);
}

/* ---- ack ---- */

static void
print_acknowledged(void *self, const struct pg_result *r)
{
    const struct options *o = self;
    printf("acknowledged by %s: %s breaches; no reminders and no steps up any more, unless it gets worse\n", o->who,
           pg_text(r, 0, 0));
}

static int
acknowledge(struct options *o, int argc, char **argv)
{
    char at[24];
    struct reason why;

    if (argc != 1)
        return ctl_usage(&ctl_alert);
    if (o->who == NULL)
        return ctl_fail("nobody knows who you are: say it with --who");
    const char *values[] = {argv[0], o->who, o->note, now(at)};
    return ask(o, sql_acknowledge_alert, 4, values, print_acknowledged, o, &why) ? 0 : ctl_fail(why.text);
}

/* ---- silence ---- */

static void
print_silence(void *self, const struct pg_result *r)
{
    (void)self;
    printf("silence %s; abatectl alert silence --lift %s ends it\n", pg_text(r, 0, 0), pg_text(r, 0, 0));
}

static void
print_lifted(void *self, const struct pg_result *r)
{
    (void)r;
    const struct options *o = self;
    printf("silence %" PRIu64 " is over\n", o->lift);
}

static int
lift(struct options *o)
{
    char number[24], at[24];
    struct reason why;

    snprintf(number, sizeof(number), "%" PRIu64, o->lift);
    const char *values[] = {number, now(at)};
    return ask(o, sql_lift_silence, 2, values, print_lifted, o, &why) ? 0 : ctl_fail(why.text);
}

static int
silence(struct options *o, int argc, char **argv)
{
    char ends[INSTANT_TEXT], at[24];
    struct reason why;
    (void)argv;

    if (argc != 0)
        return ctl_usage(&ctl_alert);
    if (o->lift > 0)
        return lift(o);
    if (o->who == NULL)
        return ctl_fail("nobody knows who you are: say it with --who");
    if ((o->until == NULL) == (o->for_us == 0) || o->reason == NULL)
        return ctl_usage(&ctl_alert);
    instant_format((struct instant){strtoll(now(at), NULL, 10) + o->for_us}, ends);
    const char *values[] = {o->from != NULL ? o->from : "now", o->until != NULL ? o->until : ends, o->who, o->reason, o->plant,
                            o->monitor, o->parameter, o->rule, o->region, o->is_maintenance ? "maintenance" : "silence"};
    return ask(o, sql_silence_alerts, 10, values, print_silence, o, &why) ? 0 : ctl_fail(why.text);
}

/* ---- the command ---- */

static bool
take_duration(void *into, const char *text)
{
    struct options *o = into;
    return text_duration(text, &o->for_us) && o->for_us > 0;
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"conninfo", 'i', OPTION_WORD, false, .at = offsetof(struct options, conninfo)},
    {"plant", 'p', OPTION_WORD, false, .at = offsetof(struct options, plant)},
    {"monitor", 'm', OPTION_WORD, false, .at = offsetof(struct options, monitor)},
    {"parameter", 'q', OPTION_WORD, false, .at = offsetof(struct options, parameter)},
    {"rule", 'r', OPTION_WORD, false, .at = offsetof(struct options, rule)},
    {"region", 'g', OPTION_WORD, false, .at = offsetof(struct options, region)},
    {"who", 'w', OPTION_WORD, false, .at = offsetof(struct options, who)},
    {"note", 'n', OPTION_WORD, false, .at = offsetof(struct options, note)},
    {"reason", 'y', OPTION_WORD, false, .at = offsetof(struct options, reason)},
    {"from", 'f', OPTION_WORD, false, .at = offsetof(struct options, from)},
    {"until", 'u', OPTION_WORD, false, .at = offsetof(struct options, until)},
    {"for", 'd', OPTION_READ, false, .read = take_duration},
    {"lift", 'l', OPTION_COUNT, false, .at = offsetof(struct options, lift), .least = 1, .most = INT32_MAX},
    {"most", 'M', OPTION_COUNT, false, .at = offsetof(struct options, most), .least = 1, .most = 100000},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {"open", 'o', OPTION_FLAG, false, .at = offsetof(struct options, is_open)},
    {"maintenance", 'x', OPTION_FLAG, false, .at = offsetof(struct options, is_maintenance)},
    {0}};

/* Which of them each takes, by their letters. */
static const struct {
    const char *name, *takes;
    int (*run)(struct options *o, int argc, char **argv);
} verbs[] = {{"list", "cpoMj", list}, {"ack", "cwn", acknowledge}, {"silence", "cipmqrgwyfudlx", silence}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file, .who = user(), .most = 50};
    size_t verb = 0;

    if (argc > 1 && strcmp(argv[1], "test") == 0)
        return ctl_alert_test(file, argc - 1, argv + 1);
    while (argc > 1 && verb < sizeof(verbs) / sizeof(verbs[0]) && strcmp(verbs[verb].name, argv[1]) != 0)
        verb++;
    if (argc < 2 || verb == sizeof(verbs) / sizeof(verbs[0]))
        return ctl_usage(&ctl_alert);
    int first = 1 + ctl_options(option, verbs[verb].takes, argc - 1, argv + 1, &o);
    return first == 1 ? ctl_usage(&ctl_alert) : verbs[verb].run(&o, argc - first, argv + first);
}

const struct ctl ctl_alert = {
    "alert",
    "test [-c FILE] [--outbox] CHANNEL [RECIPIENT]\n"
    "list [-c FILE] [--plant CODE] [--open] [--most N] [--json]\n"
    "ack [-c FILE] [--who WHO] [--note NOTE] NUMBER\n"
    "silence [-c FILE] [--conninfo CONNINFO] --for DURATION|--until INSTANT --reason WHY [--who WHO]\n"
    "        [--from INSTANT] [--maintenance] [--plant CODE] [--monitor CODE] [--parameter CODE]\n"
    "        [--rule RULE] [--region CODE]\n"
    "silence [-c FILE] [--conninfo CONNINFO] --lift NUMBER",
    "tries a channel; lists alerts; says that somebody sees to one; silences some for a time",
    run,
};
