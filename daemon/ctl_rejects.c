#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "ctl_option.h"
#include "ctl_rows.h"
#include "instant.h"
#include "payload.h"
#include "retry.h"
#include "settings.h"
#include "sql.h"
#include "table.h"
#include "text.h"
#include "unit.h"

#define PAGE 200 /* rows read_rejects.sql has at most */

struct options {
    const char *file;
    const char *feed, *topic, *reason, *number;
    char since[24]; /* microseconds; "": not said */
    bool is_json, is_all;
    uint64_t limit;
};

/* ---- list ---- */

/* read_rejects.sql */
enum { REJECT, ARRIVED, LAST_ARRIVED, BROKER, TOPIC, SENDER, REASON, FAULTS, KEPT, TIMES, INSTANCE, JOURNAL, POSITION, PAYLOAD,
       OUTCOME, RETRIED, RETRY_REASON };

static const struct ctl_column members[] = {
    {REJECT, "reject", CTL_NUMBER, {0}},
    {ARRIVED, "arrived", CTL_TEXT, {0}},
    {LAST_ARRIVED, "last_arrived", CTL_TEXT, {0}},
    {BROKER, "broker", CTL_TEXT, {0}},
    {TOPIC, "topic", CTL_TEXT, {0}},
    {SENDER, "sender", CTL_TEXT, {0}},
    {REASON, "reason", CTL_TEXT, {0}},
    {FAULTS, "faults", CTL_NUMBER, {0}},
    {KEPT, "kept", CTL_NUMBER, {0}},
    {TIMES, "times", CTL_NUMBER, {0}},
    {INSTANCE, "instance", CTL_TEXT, {0}},
    {JOURNAL, "journal", CTL_TEXT, {0}},
    {POSITION, "position", CTL_NUMBER, {0}},
    {OUTCOME, "outcome", CTL_TEXT, {0}},
    {RETRIED, "retried", CTL_TEXT, {0}},
    {RETRY_REASON, "retry_reason", CTL_TEXT, {0}},
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static const struct table_column heads[] = {
    {"reject", 0, true}, {"arrived", 0, false}, {"topic", 44, false},  {"times", 0, true},
    {"kept", 0, true},   {"retried", 0, false}, {"reason", 90, false}, {"payload", 60, false},
};
#define HEADS (sizeof(heads) / sizeof(heads[0]))

struct listing {
    const struct options *o;
    const struct conf *conf;
    struct table table;
    uint64_t rows;
    int page;        /* rows of the last answer */
    char before[24]; /* the last reject_id seen; "": none */
};

/* NULL: it is no text. */
static char *
payload_text(const char *hex)
{
    size_t size = strlen(hex) / 2;
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    for (size_t i = 0; i < size; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        text[i] = (char)strtoul(pair, NULL, 16);
    }
    text[size] = '\0';
    if (text_is_utf8(text, size))
        return text;
    free(text);
    return NULL;
}

static void
print_object(const struct pg_result *r, int row, const char *text)
{
    struct buf out = {0};

    buf_add_text(&out, "{");
    ctl_add_members(&out, members, MEMBERS, r, row);
    ctl_add_text(&out, "payload", text);
    if (text == NULL)
        ctl_add_text(&out, "payload_hex", pg_text(r, row, PAYLOAD));
    buf_add_text(&out, "}\n");
    ctl_put(&out);
}

static void
add_row(struct listing *l, const struct pg_result *r, int row, const char *text)
{
    const char *cell[HEADS] = {pg_text(r, row, REJECT), pg_text(r, row, ARRIVED), pg_text(r, row, TOPIC),
                               pg_text(r, row, TIMES),  pg_text(r, row, KEPT),    pg_text(r, row, OUTCOME),
                               pg_text(r, row, REASON), text != NULL ? text : pg_text(r, row, PAYLOAD)};
    table_add(&l->table, cell);
}

static bool
is_of_feed(const struct listing *l, const struct pg_result *r, int row)
{
    const char *broker = pg_text(r, row, BROKER), *topic = pg_text(r, row, TOPIC);
    struct topic_names names;

    if (l->o->feed == NULL)
        return true;
    const struct conf_feed *feed = conf_find_feed(l->conf, broker, strlen(broker), topic, strlen(topic), &names);
    return feed != NULL && strcmp(feed->name, l->o->feed) == 0;
}

static void
take_page(void *self, const struct pg_result *r)
{
    struct listing *l = self;

    l->page = r->rows;
    for (int row = 0; row < r->rows && l->rows < l->o->limit; row++) {
        snprintf(l->before, sizeof(l->before), "%s", pg_text(r, row, REJECT));
        if (!is_of_feed(l, r, row))
            continue;
        char *text = payload_text(pg_text(r, row, PAYLOAD));
        if (l->o->is_json)
            print_object(r, row, text);
        else
            add_row(l, r, row, text);
        free(text);
        l->rows++;
    }
}

static bool
list(const struct options *o, const struct conf *conf, struct reason *why)
{
    struct listing l = {.o = o, .conf = conf, .page = PAGE};
    struct loop *loop = loop_new();
    struct buf out = {0};
    bool ok = true;

    table_init(&l.table, heads, HEADS);
    while (ok && l.page == PAGE && l.rows < o->limit) {
        const char *values[] = {o->topic, o->reason, o->since[0] != '\0' ? o->since : NULL, o->is_all ? "true" : "false",
                                l.before[0] != '\0' ? l.before : NULL};
        ok = ctl_ask(loop, conf, sql_read_rejects, 5, values, take_page, &l, why);
    }
    if (ok && !o->is_json) {
        table_write(&l.table, &out);
        ctl_put(&out);
    }
    table_clear(&l.table);
    loop_free(loop);
    return ok;
}

/* ---- retry ---- */

static void
print_json(const struct retried *r)
{
    struct buf out = {0};

    buf_add_text(&out, "{");
    ctl_add_plain(&out, "reject", r->reject_id);
    ctl_add_text(&out, "outcome", retry_outcome_name[r->outcome]);
    ctl_add_count(&out, "stored", r->stored);
    ctl_add_count(&out, "duplicate", r->duplicate);
    ctl_add_count(&out, "differs", r->differs);
    ctl_add_text(&out, "reason", r->reason);
    buf_add_text(&out, "}\n");
    ctl_put(&out);
}

static void
on_retried(void *self, const struct retried *r)
{
    static const char *const words[] = {
        [RETRY_STORED] = "stored now",
        [RETRY_IN_PART] = "stored in part, rejected again",
        [RETRY_DUPLICATE] = "duplicate: all of it was there",
        [RETRY_DIFFERS] = "differs from what is there: waits for a person (abate.accept_revision)",
        [RETRY_OUTDONE] = "outdone",
        [RETRY_REJECTED] = "rejected again",
    };
    const struct options *o = self;

    if (o->is_json)
        print_json(r);
    else
        printf("reject %s: %s%s%s\n", r->reject_id, words[r->outcome], r->reason != NULL ? ": " : "",
               r->reason != NULL ? r->reason : "");
}

static void
print_counts(const struct retry_counts *c)
{
    printf("%" PRIu64 " messages read anew:", c->messages);
    for (size_t i = 0; i < RETRY_OUTCOMES; i++)
        printf("%s %" PRIu64 " %s", i > 0 ? "," : "", c->outcome[i], retry_outcome_name[i]);
    printf("\n");
}

static bool
retry(const struct options *o, const struct conf *conf, struct reason *why)
{
    struct retry_calls calls = {.on_retried = on_retried, .self = (void *)o};
    struct retry_wish wish = {.feed = o->feed,
                              .topic = o->topic,
                              .reason = o->reason,
                              .since = o->since[0] != '\0' ? o->since : NULL,
                              .number = o->number,
                              .limit = o->limit};
    struct unit_system *units = unit_system_new(why);
    struct retry_counts counts;
    if (units == NULL)
        return false;

    struct loop *loop = loop_new();
    bool ok = retry_run(loop, conf, units, &wish, &calls, &counts, why);
    loop_free(loop);
    unit_system_free(units);
    if (ok && o->number != NULL && counts.messages == 0)
        return reason_set(why, "there is no rejected message %s of instance \"%s\"", o->number, conf->instance);
    if (!o->is_json)
        print_counts(&counts);
    return ok;
}

/* ---- the command ---- */

static bool
take_since(void *into, const char *text)
{
    struct options *o = into;
    struct instant at;
    struct reason why;
    char whole[64];

    snprintf(whole, sizeof(whole), "%s%s", text, strlen(text) == 10 ? "T00:00:00Z" : "");
    if (!instant_parse(whole, strlen(whole), INSTANT_ZONE_NONE, &at, &why)) {
        fprintf(stderr, "abatectl: --since: %s\n", why.text);
        return false;
    }
    snprintf(o->since, sizeof(o->since), "%" PRId64, at.us);
    return true;
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"feed", 'f', OPTION_WORD, false, .at = offsetof(struct options, feed)},
    {"topic", 't', OPTION_WORD, false, .at = offsetof(struct options, topic)},
    {"reason", 'r', OPTION_WORD, false, .at = offsetof(struct options, reason)},
    {"since", 's', OPTION_READ, false, .read = take_since},
    {"limit", 'l', OPTION_COUNT, false, .at = offsetof(struct options, limit), .least = 1, .most = 1000000000},
    {"all", 'a', OPTION_FLAG, false, .at = offsetof(struct options, is_all)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {0}};

static bool
has_feed(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->feeds; i++) {
        if (strcmp(conf->feed[i].name, name) == 0)
            return true;
    }
    return false;
}

static int
run_verb(const struct options *o, bool is_retry)
{
    struct reason why;
    struct conf *conf = settings_read(o->file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    bool ok = (o->feed == NULL || has_feed(conf, o->feed) || reason_set(&why, "%s: there is no feed \"%s\"", o->file, o->feed)) &&
              (is_retry ? retry : list)(o, conf, &why);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

/* Which are to be read anew must be said: a number, what is common to them, or all. */
static bool
is_said(const struct options *o)
{
    bool is_chosen = o->feed != NULL || o->topic != NULL || o->reason != NULL || o->since[0] != '\0';
    return is_chosen + o->is_all + (o->number != NULL) == 1;
}

static int
run(const char *file, int argc, char **argv)
{
    bool is_retry = argc > 1 && strcmp(argv[1], "retry") == 0;
    struct options o = {.file = file, .limit = is_retry ? UINT64_MAX : 50};
    uint64_t number;

    if (!is_retry && (argc < 2 || strcmp(argv[1], "list") != 0))
        return ctl_usage(&ctl_rejects);
    int first = 1 + ctl_options(option, NULL, argc - 1, argv + 1, &o);
    o.number = argv[first];
    if (first == 1 || argc - first > is_retry || (o.number != NULL && !ctl_number(o.number, 1, INT64_MAX, &number)) ||
        (is_retry && !is_said(&o)))
        return ctl_usage(&ctl_rejects);
    return run_verb(&o, is_retry);
}

const struct ctl ctl_rejects = {
    "rejects",
    "list [-c FILE] [--feed NAME] [--topic TEXT] [--reason TEXT] [--since INSTANT|DATE]\n"
    "     [--limit N] [--all] [--json]\n"
    "retry [-c FILE] [--feed NAME] [--topic TEXT] [--reason TEXT] [--since INSTANT|DATE]\n"
    "      [--limit N] [--all] [--json] [NUMBER]",
    "what was rejected, and why; reads it anew with the registry and configuration of today",
    run,
};
