#include "mapping.h"

#include <confuse.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "text.h"

static void *
zeroed(size_t count, size_t size)
{
    void *at = calloc(count > 0 ? count : 1, size);
    if (at == NULL)
        abort();
    return at;
}

static struct quoted
quote(const char *text)
{
    return text_quote(text, strlen(text));
}

static char *
copy(const char *text)
{
    char *ret = text != NULL ? strdup(text) : NULL;
    if (text != NULL && ret == NULL)
        abort();
    return ret;
}

/* libConfuse hands its words to a function that cannot be told where to put them. */
static _Thread_local struct {
    const char *name;
    struct reason *why;
} parsing;

static void __attribute__((format(printf, 2, 0))) on_error(cfg_t *cfg, const char *format, va_list ap)
{
    struct reason words, line;
    vsnprintf(words.text, sizeof(words.text), format, ap);
    text_line(words.text, line.text, sizeof(line.text));
    reason_set(parsing.why, "%s:%d: %s", parsing.name, cfg->line, line.text);
}

static bool
read_column(const char *text, struct mapping_column *ret, struct reason *why)
{
    if (text == NULL || *text == '\0')
        return reason_set(why, "\"column\" is missing");
    ret->name = copy(text);
    return true;
}

static bool
read_offset(const char *text, int32_t *ret_s, struct reason *why)
{
    return (text != NULL && instant_read_zone(text, ret_s)) ||
           reason_set(why, "time: \"utc_offset\" must be as in \"+08:00\"");
}

static bool
read_step(const char *text, int64_t *ret_us, struct reason *why)
{
    long long us;
    if (!text_duration(text, &us) || us == 0)
        return reason_set(why, "time: \"step\" must be a length of time such as \"15min\", not \"%s\"",
                          quote(text).text);
    *ret_us = us;
    return true;
}

static bool
read_time(struct mapping *m, cfg_t *time, struct reason *why)
{
    const char *format = cfg_getstr(time, "format");
    const char *step = cfg_getstr(time, "step");
    unsigned columns = cfg_size(time, "columns");

    if (!read_offset(cfg_getstr(time, "utc_offset"), &m->zone_s, why))
        return false;
    if ((step != NULL) == (columns > 0))
        return reason_set(why, "time: either \"columns\" or \"step\" must be given");
    if (step != NULL)
        return read_step(step, &m->step_us, why);
    if (columns > 2 || format == NULL)
        return reason_set(why, "time: one or two columns and a \"format\" for strptime(3)");
    m->time_format = copy(format);
    for (unsigned i = 0; i < columns; i++, m->time_columns++) {
        if (!read_column(cfg_getnstr(time, "columns", i), &m->time_column[i], why))
            return reason_prefix(why, "time");
    }
    return true;
}

static bool
read_source(struct mapping *m, cfg_t *section, struct reason *why)
{
    struct mapping_source *s = &m->source[m->sources++];
    const char *start = cfg_getstr(section, "start");

    s->file = copy(cfg_title(section));
    if ((start != NULL) != (m->step_us > 0))
        return reason_set(why, "\"start\" goes with \"step\" in section \"time\": both or none");
    s->has_start = start != NULL;
    return start == NULL || instant_parse(start, strlen(start), m->zone_s, &s->start, why);
}

static bool
read_monitor(struct mapping *m, cfg_t *section, struct reason *why)
{
    struct mapping_monitor *o = &m->monitor[m->monitors++];
    char topic[512];

    o->code = copy(cfg_title(section));
    o->region = copy(cfg_getstr(section, "region"));
    o->plant = copy(cfg_getstr(section, "plant"));
    o->value = copy(cfg_getstr(section, "value"));
    if (o->region == NULL || o->plant == NULL)
        return reason_set(why, "\"region\" and \"plant\" must be given: the topic is made of them");
    const char *const level[] = {o->region, o->plant, o->code};
    for (size_t i = 0; i < 3; i++) {
        if (level[i][0] == '\0' || strpbrk(level[i], "/+#") != NULL ||
            !text_is_utf8(level[i], strlen(level[i])))
            return reason_set(why, "cannot be a level of a topic: \"%s\"",
                              quote(level[i]).text);
    }
    int size = snprintf(topic, sizeof(topic), "plants/%s/%s/%s", o->region, o->plant, o->code);
    if (size >= (int)sizeof(topic))
        return reason_set(why, "its topic is longer than %zu bytes", sizeof(topic) - 1);
    o->topic = copy(topic);
    return true;
}

static bool
read_reading(struct mapping_message *message, cfg_t *section, struct reason *why)
{
    struct mapping_reading *r = &message->reading[message->readings++];

    r->name = copy(cfg_title(section));
    r->unit = copy(cfg_getstr(section, "unit"));
    r->scale = cfg_getfloat(section, "scale");
    if (r->scale == 0 || !isfinite(r->scale))
        return reason_set(why, "\"scale\" must be a number other than 0");
    return read_column(cfg_getstr(section, "column"), &r->column, why);
}

static const struct mapping_monitor *
find_monitor(const struct mapping *m, const char *code)
{
    for (size_t i = 0; i < m->monitors; i++) {
        if (strcmp(m->monitor[i].code, code) == 0)
            return &m->monitor[i];
    }
    return NULL;
}

static bool
read_message(struct mapping *m, cfg_t *section, struct reason *why)
{
    struct mapping_message *message = &m->message[m->messages++];
    const char *code = cfg_getstr(section, "monitor");
    const char *column = cfg_getstr(section, "monitor_column");
    const char *period = cfg_getstr(section, "period");
    unsigned readings = cfg_size(section, "reading");

    if ((code != NULL) == (column != NULL))
        return reason_set(why, "either \"monitor\" or \"monitor_column\" must be given");
    if (code != NULL && (message->monitor = find_monitor(m, code)) == NULL)
        return reason_set(why, "there is no section monitor \"%s\"", quote(code).text);
    if (column != NULL && !read_column(column, &message->column, why))
        return false;
    if (!period_find(period, strlen(period), &message->period))
        return reason_set(why, "\"period\" must be realtime, minute, hour or day, not \"%s\"", quote(period).text);
    if (readings == 0)
        return reason_set(why, "it has no section \"reading\"");

    message->reading = zeroed(readings, sizeof(*message->reading));
    for (unsigned i = 0; i < readings; i++) {
        cfg_t *reading = cfg_getnsec(section, "reading", i);
        if (!read_reading(message, reading, why))
            return reason_prefix(why, "reading \"%s\"", quote(cfg_title(reading)).text);
    }
    return true;
}

/* All sections of one kind. Those without a title are named by their number. */
static bool
read_each(struct mapping *m, cfg_t *cfg, const char *kind,
          bool (*read)(struct mapping *m, cfg_t *section, struct reason *why), struct reason *why)
{
    if (cfg_size(cfg, kind) == 0)
        return reason_set(why, "there is no section \"%s\"", kind);
    for (unsigned i = 0; i < cfg_size(cfg, kind); i++) {
        cfg_t *section = cfg_getnsec(cfg, kind, i);
        if (read(m, section, why))
            continue;
        if (cfg_title(section) != NULL)
            return reason_prefix(why, "%s \"%s\"", kind, quote(cfg_title(section)).text);
        return reason_prefix(why, "%s %u", kind, i + 1);
    }
    return true;
}

static bool
read_all(struct mapping *m, cfg_t *cfg, struct reason *why)
{
    const char *separator = cfg_getstr(cfg, "separator");
    if (strlen(separator) != 1 || *separator == '"' || *separator == '\n' || *separator == '\r')
        return reason_set(why, "\"separator\" must be one character and neither a quote nor a line end");
    m->separator = *separator;
    m->has_header = cfg_getbool(cfg, "header");

    m->missing = zeroed(cfg_size(cfg, "missing"), sizeof(*m->missing));
    for (; m->missings < cfg_size(cfg, "missing"); m->missings++)
        m->missing[m->missings] = copy(cfg_getnstr(cfg, "missing", (unsigned)m->missings));

    m->source = zeroed(cfg_size(cfg, "source"), sizeof(*m->source));
    m->monitor = zeroed(cfg_size(cfg, "monitor"), sizeof(*m->monitor));
    m->message = zeroed(cfg_size(cfg, "message"), sizeof(*m->message));
    return read_time(m, cfg_getsec(cfg, "time"), why) && read_each(m, cfg, "source", read_source, why) &&
           read_each(m, cfg, "monitor", read_monitor, why) && read_each(m, cfg, "message", read_message, why);
}

static bool
parse(struct mapping *m, const char *name, const char *text, struct reason *why)
{
    char missing[] = "{\"\"}"; /* the library wants to be able to write here */
    cfg_opt_t time[] = {CFG_STR_LIST("columns", NULL, CFGF_NONE), CFG_STR("format", NULL, CFGF_NONE),
                        CFG_STR("step", NULL, CFGF_NONE), CFG_STR("utc_offset", NULL, CFGF_NONE), CFG_END()};
    cfg_opt_t source[] = {CFG_STR("start", NULL, CFGF_NONE), CFG_END()};
    cfg_opt_t monitor[] = {CFG_STR("region", NULL, CFGF_NONE), CFG_STR("plant", NULL, CFGF_NONE),
                           CFG_STR("value", NULL, CFGF_NONE), CFG_END()};
    cfg_opt_t reading[] = {CFG_STR("column", NULL, CFGF_NONE), CFG_STR("unit", NULL, CFGF_NONE),
                           CFG_FLOAT("scale", 1, CFGF_NONE), CFG_END()};
    cfg_opt_t message[] = {CFG_STR("monitor", NULL, CFGF_NONE), CFG_STR("monitor_column", NULL, CFGF_NONE),
                           CFG_STR("period", "realtime", CFGF_NONE),
                           CFG_SEC("reading", reading, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
                           CFG_END()};
    cfg_opt_t root[] = {CFG_STR("separator", ",", CFGF_NONE),
                        CFG_BOOL("header", cfg_true, CFGF_NONE),
                        CFG_STR_LIST("missing", missing, CFGF_NONE),
                        CFG_SEC("time", time, CFGF_NONE),
                        CFG_SEC("source", source, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
                        CFG_SEC("monitor", monitor, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
                        CFG_SEC("message", message, CFGF_MULTI),
                        CFG_END()};

    cfg_t *cfg = cfg_init(root, CFGF_NONE);
    if (cfg == NULL)
        abort();
    cfg_set_error_function(cfg, on_error);
    parsing.name = name;
    parsing.why = why;
    reason_set(why, "%s: a key is wanted where \"\" stands", name); /* the one thing the library has no words for */
    bool ok = cfg_parse_buf(cfg, text) == CFG_SUCCESS;
    if (ok && !read_all(m, cfg, why))
        ok = reason_prefix(why, "%s", name);
    cfg_free(cfg);
    return ok;
}

struct mapping *
mapping_parse(const char *name, const char *text, struct reason *why)
{
    struct conf_text ready;
    if (!conf_text_make(name, text, &ready, why))
        return NULL;
    struct mapping *m = zeroed(1, sizeof(*m));
    bool ok = parse(m, name, ready.text, why);
    conf_text_clear(&ready);
    if (ok)
        return m;
    mapping_free(m);
    return NULL;
}

static void
free_message(struct mapping_message *message)
{
    for (size_t i = 0; i < message->readings; i++) {
        free(message->reading[i].name);
        free(message->reading[i].unit);
        free(message->reading[i].column.name);
    }
    free(message->reading);
    free(message->column.name);
}

static void
free_monitor(struct mapping_monitor *o)
{
    free(o->code);
    free(o->plant);
    free(o->region);
    free(o->value);
    free(o->topic);
}

void
mapping_free(struct mapping *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->sources; i++)
        free(m->source[i].file);
    for (size_t i = 0; i < m->monitors; i++)
        free_monitor(&m->monitor[i]);
    for (size_t i = 0; i < m->messages; i++)
        free_message(&m->message[i]);
    for (size_t i = 0; i < m->missings; i++)
        free(m->missing[i]);
    for (size_t i = 0; i < 2; i++)
        free(m->time_column[i].name);
    free(m->missing);
    free(m->time_format);
    free(m->source);
    free(m->monitor);
    free(m->message);
    free(m);
}
