#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalogue_rows.h"
#include "conf_key.h"
#include "ctl.h"
#include "ctl_option.h"
#include "form.h"
#include "outcome.h"
#include "settings.h"
#include "sql.h"
#include "text.h"
#include "textfile.h"
#include "unit.h"

#define PAYLOAD_MOST (1u << 20) /* bytes read of one: no form takes so many */
#define FILE_MOST (1u << 20)    /* bytes of a file of profiles */

struct options {
    const char *file, *form, *profile, *feed, *topic;
    int32_t zone_s;
    struct instant arrived;
    bool registry, lines, json;
};

/* What is tried, and what came of it. */
struct trial {
    const struct options *o;
    struct conf *conf, *profiles; /* profiles: out of a file of its own */
    struct unit_system *units;
    struct catalogue *catalogue;
    struct outcome_terms terms;
    bool is_nobodys;      /* the topic fits no template: then every payload is refused, */
    struct reason nobody; /* for this */
    struct outcome outcome;
    struct buf out;
    uint64_t payloads, count[OUTCOME_REFUSED + 1], readings, measurements;
};

/* ---- the registry ---- */

static void
take_schema(void *self, const struct pg_result *r)
{
    bool *is_ours = self;
    *is_ours = r->rows > 0 && pg_int(r, 0, 0) == sql_migrations[sql_migrations_count - 1].number;
}

struct loading {
    struct catalogue *catalogue;
    bool ok;
    struct reason why;
};

static void
take_registry(void *self, const struct pg_result *r)
{
    struct loading *l = self;
    l->ok = catalogue_take_registry(l->catalogue, r, &l->why);
}

static void
take_units(void *self, const struct pg_result *r)
{
    struct loading *l = self;
    catalogue_take_units(l->catalogue, r);
}

static void
take_names(void *self, const struct pg_result *r)
{
    struct loading *l = self;
    catalogue_take_names(l->catalogue, r);
}

static bool
load_registry(struct trial *t, struct reason *why)
{
    struct loading l = {.catalogue = t->catalogue = catalogue_new()};
    bool is_ours = false;

    t->units = unit_system_new(why);
    if (t->units == NULL)
        return false;
    registry_use_units(t->catalogue->registry, t->units);
    struct loop *loop = loop_new();
    bool ok = ctl_ask(loop, t->conf, sql_read_schema, 0, NULL, take_schema, &is_ours, why);
    if (ok && !is_ours)
        ok = reason_set(why, "database: its schema is not of this version; hint: abatectl check");
    ok = ok && ctl_ask(loop, t->conf, sql_read_registry, 0, NULL, take_registry, &l, why) &&
         ctl_ask(loop, t->conf, sql_read_units, 0, NULL, take_units, &l, why) &&
         ctl_ask(loop, t->conf, sql_read_names, 0, NULL, take_names, &l, why);
    if (ok && !l.ok) {
        *why = l.why;
        ok = false;
    }
    loop_free(loop);
    t->terms.registry = t->catalogue->registry;
    return ok;
}

/* ---- the terms ---- */

/* The feed that is named, or else, as the writer finds it, the first that takes the topic: of whichever broker, as
 * nobody says from which one it comes. NULL: there is none. */
static const struct conf_feed *
find_feed(const struct trial *t)
{
    const struct conf *c = t->conf;
    const char *topic = t->o->topic;

    for (const struct conf_feed *f = c->feed; f < c->feed + c->feeds; f++) {
        struct topic_names names;
        if (t->o->feed != NULL ? strcmp(f->name, t->o->feed) == 0
                               : topic != NULL && topic_match(&f->topic, topic, strlen(topic), &names))
            return f;
    }
    return NULL;
}

/* A name with a "/" in it is a file, of which the first profile is meant. */
static bool
read_profile(struct trial *t, struct reason *why)
{
    const char *name = t->o->profile;
    size_t size;

    if (strchr(name, '/') == NULL) {
        t->terms.profile = conf_find_profile(t->conf, name);
        return t->terms.profile != NULL || reason_set(why, "%s: there is no profile \"%s\"", t->o->file, name);
    }
    char *text = textfile_read(name, FILE_MOST, &size, why);
    if (text == NULL)
        return false;
    t->profiles = conf_parse_profiles(name, text, why);
    free(text);
    if (t->profiles == NULL)
        return false;
    if (t->profiles->profiles == 0)
        return reason_set(why, "%s: there is no profile in it", name);
    t->terms.profile = t->profiles->profile;
    return true;
}

static void
read_topic(struct trial *t, const struct topic *template)
{
    const char *topic = t->o->topic;

    t->terms.is_named = topic_has(template, TOPIC_MONITOR);
    if (topic == NULL || topic_match(template, topic, strlen(topic), &t->terms.names))
        return;
    t->is_nobodys = true;
    reason_set(&t->nobody, "topic \"%s\" does not fit \"%s\"", text_quote(topic, strlen(topic)).text, template->text);
}

static bool
read_conf(struct trial *t, const struct conf_feed **ret, struct reason *why)
{
    t->conf = settings_read(t->o->file, why);
    if (t->conf == NULL)
        return false;
    *ret = find_feed(t);
    if (*ret == NULL && t->o->feed != NULL)
        return reason_set(why, "%s: there is no feed \"%s\"", t->o->file, t->o->feed);
    return true;
}

static bool
make_terms(struct trial *t, struct reason *why)
{
    const struct options *o = t->o;
    const struct conf_feed *feed = NULL;
    struct topic template;

    bool wants_conf = o->feed != NULL || o->registry || (o->profile != NULL && strchr(o->profile, '/') == NULL);
    if (wants_conf && !read_conf(t, &feed, why))
        return false;
    bool ok = topic_compile(conf_key_find(CONF_FEED, "topic")->otherwise, &template, NULL);
    t->terms.form = form_find(o->form != NULL ? o->form : "json");
    t->terms.zone_s = o->zone_s;
    if (feed != NULL) {
        template = feed->topic;
        t->terms.window = feed->window;
        if (o->form == NULL) {
            t->terms.form = feed->form;
            t->terms.profile = feed->profile;
        }
    } else if (o->registry) {
        t->is_nobodys = true;
        topic_refuse(o->topic, strlen(o->topic), &t->nobody);
        return ok;
    }
    read_topic(t, &template);
    if (o->profile != NULL && !read_profile(t, why))
        return false;
    if (t->terms.profile != NULL && strcmp(t->terms.form->name, "json") != 0)
        return reason_set(why, "a profile is for form \"json\", not for \"%s\"", t->terms.form->name);
    if (o->registry && t->terms.form->is_statement)
        return reason_set(why, "form \"%s\": only the database can try what agencies say", t->terms.form->name);
    return ok && (!o->registry || t->is_nobodys || load_registry(t, why));
}

/* ---- payloads ---- */

static bool
is_written(struct trial *t)
{
    bool ok = fwrite(t->out.at, 1, t->out.size, stdout) == t->out.size;
    buf_empty(&t->out);
    return ok;
}

/* `line` 0: it is the only one. */
static void
try(struct trial *t, const void *payload, size_t size, uint64_t line)
{
    struct record r = {.arrived = t->o->arrived, .payload = payload, .payload_size = size};
    enum outcome_verdict verdict = t->is_nobodys ? outcome_refuse(&t->outcome, &t->terms, &t->nobody)
                                                 : outcome_make(&t->outcome, &t->terms, &r);

    t->payloads++;
    t->count[verdict]++;
    t->readings += t->outcome.readings;
    t->measurements += t->outcome.rows_kept;
    if (t->o->json) {
        outcome_write_json(&t->outcome, line, &t->out);
        buf_add_text(&t->out, "\n");
    } else if (line > 0) {
        outcome_write_lines(&t->outcome, line, &t->out);
    } else {
        outcome_write_text(&t->outcome, &t->out);
    }
}

static bool
try_whole(struct trial *t, FILE *f, const char *name, struct reason *why)
{
    struct buf payload = {0};
    size_t got;

    while (payload.size <= PAYLOAD_MOST && (got = fread(buf_reserve(&payload, 65536), 1, 65536, f)) > 0)
        payload.size += got;
    bool ok = payload.size <= PAYLOAD_MOST || reason_set(why, "%s: too large for one payload (many of them? --lines)", name);
    if (ok && !ferror(f))
        try(t, payload.at != NULL ? (const char *)payload.at : "", payload.size, 0);
    buf_clear(&payload);
    return ok;
}

static void
say_sum(const struct trial *t)
{
    const uint64_t *count = t->count;
    if (t->o->json)
        printf("{\"payloads\":%" PRIu64 ",\"good\":%" PRIu64 ",\"in part\":%" PRIu64 ",\"refused\":%" PRIu64
               ",\"readings\":%" PRIu64 ",\"measurements\":%" PRIu64 "}\n",
               t->payloads, count[OUTCOME_GOOD], count[OUTCOME_IN_PART], count[OUTCOME_REFUSED], t->readings,
               t->measurements);
    else
        printf("%" PRIu64 " payloads: %" PRIu64 " good, %" PRIu64 " in part, %" PRIu64 " refused; %" PRIu64
               " readings of %" PRIu64 " measurements\n",
               t->payloads, count[OUTCOME_GOOD], count[OUTCOME_IN_PART], count[OUTCOME_REFUSED], t->readings,
               t->measurements);
}

static bool
is_blank(const char *line, size_t size)
{
    return size == 0 || (size == 1 && line[0] == '\r');
}

static bool
try_lines(struct trial *t, FILE *f)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    bool ok = true;

    for (uint64_t number = 1; ok && (got = getline(&line, &room, f)) >= 0; number++) {
        size_t size = (size_t)got - (line[got - 1] == '\n');
        if (!is_blank(line, size))
            try(t, line, size, number);
        ok = is_written(t);
    }
    free(line);
    say_sum(t);
    return ok;
}

static bool
read_input(struct trial *t, const char *name, struct reason *why)
{
    bool is_stdin = strcmp(name, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(name, "re");
    if (f == NULL)
        return reason_set(why, "%s: %s", name, strerror(errno));

    bool ok = t->o->lines ? try_lines(t, f) : try_whole(t, f, name, why);
    if (ok && ferror(f))
        ok = reason_set(why, "%s: %s", is_stdin ? "standard input" : name, strerror(errno));
    if (!is_stdin)
        fclose(f);
    return ok && is_written(t);
}

static int
decode(const struct options *o, const char *input)
{
    struct trial t = {.o = o};
    struct reason why = {""};

    bool ok = make_terms(&t, &why) && read_input(&t, input, &why);
    int status = !ok && why.text[0] != '\0' ? ctl_fail(why.text) : ok && t.count[OUTCOME_GOOD] == t.payloads ? 0 : 1;
    outcome_clear(&t.outcome);
    buf_clear(&t.out);
    catalogue_free(t.catalogue);
    unit_system_free(t.units);
    conf_free(t.conf);
    conf_free(t.profiles);
    return status;
}

/* ---- options ---- */

static struct instant
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (struct instant){t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000};
}

static bool
take_form(void *into, const char *text)
{
    struct options *o = into;
    o->form = text;
    if (form_find(text) != NULL)
        return true;
    fprintf(stderr, "abatectl: there is no form \"%s\", but", text);
    for (const struct form *f = form_table; f->name != NULL; f++)
        fprintf(stderr, "%s %s", f == form_table ? "" : ",", f->name);
    fprintf(stderr, "\n");
    return false;
}

static bool
take_zone(void *into, const char *text)
{
    struct options *o = into;
    return instant_read_zone(text, &o->zone_s);
}

static bool
take_arrived(void *into, const char *text)
{
    struct options *o = into;
    return instant_parse(text, strlen(text), INSTANT_ZONE_NONE, &o->arrived, NULL);
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"form", 'f', OPTION_READ, false, .read = take_form},
    {"profile", 'p', OPTION_WORD, false, .at = offsetof(struct options, profile)},
    {"feed", 'F', OPTION_WORD, false, .at = offsetof(struct options, feed)},
    {"topic", 't', OPTION_WORD, false, .at = offsetof(struct options, topic)},
    {"zone", 'z', OPTION_READ, false, .read = take_zone},
    {"arrived", 'a', OPTION_READ, false, .read = take_arrived},
    {"registry", 'r', OPTION_FLAG, false, .at = offsetof(struct options, registry)},
    {"lines", 'l', OPTION_FLAG, false, .at = offsetof(struct options, lines)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, json)},
    {0}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file, .zone_s = 8 * 3600, .arrived = now()};
    int first = ctl_options(option, NULL, argc, argv, &o);
    if (first == 0 || first + 1 != argc || (o.registry && o.topic == NULL))
        return ctl_usage(&ctl_decode);
    return decode(&o, argv[first]);
}

const struct ctl ctl_decode = {
    "decode",
    "[-c FILE] [--form FORM | --profile NAME|FILE] [--feed NAME]\n"
    "[--topic TOPIC] [--registry] [--zone +08:00] [--arrived INSTANT]\n"
    "[--lines] [--json] FILE|-",
    "what a payload would become, or why it would not; stores nothing",
    run,
};
