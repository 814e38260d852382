#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "chain.h"
#include "ctl.h"
#include "ctl_evidence.h"
#include "ctl_option.h"
#include "evidence.h"
#include "journal_look.h"
#include "settings.h"
#include "sql.h"

#define MANIFEST "SHA256SUMS"

/* What the answers are told. */
struct inquiry {
    struct conf *conf;
    struct loop *loop;
    struct journal_look *look;
    struct chain chain;
    struct unit_system *units;
    struct evidence *evidence;
    const char *breach, *raw; /* raw: NULL or a directory */
    FILE *manifest;
    const struct ctl_evidence_voice *voice;
    struct ctl_evidence_told told;
    bool is_ok; /* the answer could be used; else `why` */
    struct reason why;
};

/* ---- the answers ---- */

static void
take_breach(void *self, const struct pg_result *r)
{
    struct inquiry *q = self;
    if (r->rows > 0)
        q->voice->breach(r);
    else
        q->is_ok = reason_set(&q->why, "there is no breach %s", q->breach);
}

static void
take_chain(void *self, const struct pg_result *r)
{
    struct inquiry *q = self;
    q->is_ok = chain_take(&q->chain, journal_look_uuid(q->look), r, &q->why);
}

static void
take_names(void *self, const struct pg_result *r)
{
    struct inquiry *q = self;
    evidence_take_names(q->evidence, r);
}

static void
tell_messages(void *self, const struct pg_result *r)
{
    struct inquiry *q = self;
    q->is_ok = evidence_tell(q->evidence, r, &q->why);
}

static bool
ask(struct inquiry *q, const char *sql, const char *value, ctl_take *take, struct reason *why)
{
    const char *values[] = {value};

    q->is_ok = true;
    if (!ctl_ask(q->loop, q->conf, sql, 1, values, take, q, why))
        return false;
    if (!q->is_ok)
        *why = q->why;
    return q->is_ok;
}

/* ---- all of it ---- */

static bool
open_raw(struct inquiry *q, struct reason *why)
{
    char path[4096];

    if (q->raw == NULL)
        return true;
    if (mkdir(q->raw, 0777) != 0 && errno != EEXIST)
        return reason_set(why, "cannot make \"%s\": %s", q->raw, strerror(errno));
    int size = snprintf(path, sizeof(path), "%s/" MANIFEST, q->raw);
    q->manifest = size < (int)sizeof(path) ? fopen(path, "w") : NULL;
    return q->manifest != NULL || reason_set(why, "cannot make \"%s\": %s", path, strerror(errno));
}

static bool
close_raw(struct inquiry *q, struct reason *why)
{
    if (q->manifest == NULL || fclose(q->manifest) == 0)
        return true;
    return reason_set(why, "cannot write \"%s/" MANIFEST "\": %s", q->raw, strerror(errno));
}

static bool
inquire(struct inquiry *q, struct reason *why)
{
    q->units = unit_system_new(why);
    q->look = q->units != NULL ? journal_look_new(q->conf->journal.directory, why) : NULL;
    if (q->look == NULL)
        return false;
    if (journal_look_uuid(q->look)[0] == '\0')
        return reason_set(why, "\"%s\": no segment has a header that can be read", q->conf->journal.directory);
    if (!ask(q, sql_read_segments, journal_look_uuid(q->look), take_chain, why) ||
        !ask(q, sql_read_breach, q->breach, take_breach, why) || !open_raw(q, why))
        return false;
    struct evidence_settings settings = {.conf = q->conf, .look = q->look, .chain = &q->chain, .units = q->units,
                                         .raw = q->raw, .manifest = q->manifest, .calls = &q->voice->calls, .self = &q->told};
    q->evidence = evidence_new(&settings);
    bool ok = ctl_ask(q->loop, q->conf, sql_read_names, 0, NULL, take_names, q, why) &&
              ask(q, sql_read_breach_messages, q->breach, tell_messages, why);
    return close_raw(q, why) && ok;
}

/* The exit status. */
static int
say_end(const struct inquiry *q)
{
    struct evidence_counts counts = evidence_counts(q->evidence);
    q->voice->end(&counts);
    return evidence_is_right(&counts) ? 0 : 1;
}

struct options {
    const char *file, *raw;
    bool is_json;
};

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"raw", 'r', OPTION_WORD, false, .at = offsetof(struct options, raw)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {0}};

static int
tell(const struct options *o, const char *breach)
{
    struct inquiry q = {.breach = breach, .raw = o->raw, .voice = o->is_json ? &ctl_evidence_json : &ctl_evidence_words};
    struct reason why;

    q.conf = settings_read(o->file, &why);
    if (q.conf == NULL)
        return ctl_fail(why.text);
    q.loop = loop_new();
    int status = inquire(&q, &why) ? say_end(&q) : ctl_fail(why.text);
    evidence_free(q.evidence);
    buf_clear(&q.told.out);
    unit_system_free(q.units);
    chain_clear(&q.chain);
    journal_look_free(q.look);
    loop_free(q.loop);
    conf_free(q.conf);
    return status;
}

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};
    uint64_t breach;

    int first = ctl_options(option, NULL, argc, argv, &o);
    if (first == 0 || first + 1 != argc || !ctl_number(argv[first], 1, INT64_MAX, &breach))
        return ctl_usage(&ctl_evidence);
    return tell(&o, argv[first]);
}

const struct ctl ctl_evidence = {
    "evidence",
    "[-c FILE] [--raw DIR] [--json] BREACH",
    "the raw messages behind a breach, and whether they are as they came",
    run,
};
