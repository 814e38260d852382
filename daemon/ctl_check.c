#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_check.h"
#include "ctl_option.h"
#include "ctl_rows.h"
#include "log.h"
#include "mqtt.h"
#include "probe.h"
#include "settings.h"
#include "sql.h"
#include "unit.h"

#define UNITS_SAID 20 /* faults of units that are said one by one */

struct check {
    struct loop *loop;
    const struct conf *conf;
    const struct unit_system *units;
    bool is_json;
    bool ok;
    bool is_at_work; /* abated, by the database */
    bool has_schema; /* of this version */
    bool is_writer;
};

void
ctl_check_say(bool is_json, bool is_fault, const char *format, ...)
{
    struct reason words;
    struct buf out = {0};
    va_list ap;

    va_start(ap, format);
    vsnprintf(words.text, sizeof(words.text), format, ap);
    va_end(ap);
    if (is_json) {
        buf_add_text(&out, "{");
        ctl_add_plain(&out, "fault", is_fault ? "true" : "false");
        ctl_add_text(&out, "words", words.text);
        buf_add_text(&out, "}\n");
        ctl_put(&out);
    } else if (is_fault) {
        log_error("%s", words.text);
    } else {
        printf("%s\n", words.text);
    }
}

static void
fault(struct check *k, const char *words)
{
    ctl_check_say(k->is_json, true, "%s", words);
    k->ok = false;
}

/* ---- the database ---- */

static void
on_schema(void *self, const struct pg_result *r)
{
    struct check *k = self;
    int have = r->rows > 0 ? (int)pg_int(r, 0, 0) : 0;
    int want = sql_migrations[sql_migrations_count - 1].number;
    struct reason words;

    k->has_schema = have == want;
    if (k->has_schema) {
        ctl_check_say(k->is_json, false, "database: schema %d, as this version wants it", have);
        return;
    }
    if (have < want)
        reason_set(&words, "database: schema %d, this version wants %d; hint: abatectl migrate", have, want);
    else
        reason_set(&words,
                   "database: schema %d is newer than this version, which knows %d; hint: install a newer abate", have,
                   want);
    fault(k, words.text);
}

static void
on_role(void *self, const struct pg_result *r)
{
    struct check *k = self;
    const char *role = pg_text(r, 0, 0);
    struct reason words;

    k->is_writer = strcmp(pg_text(r, 0, 1), "t") == 0;
    if (k->is_writer) {
        ctl_check_say(k->is_json, false, "database: role \"%s\" may do the daemon's work", role);
        return;
    }
    reason_set(&words,
               "database: role \"%s\" has not the rights of abate_writer; hint: grant abate_writer to %s",
               role, role);
    fault(k, words.text);
}

static void
on_status(void *self, const struct pg_result *r)
{
    struct check *k = self;
    const char *uuid = r->rows > 0 ? pg_text(r, 0, 1) : NULL;
    if (uuid == NULL)
        ctl_check_say(k->is_json, false, "database: instance \"%s\" is new here", k->conf->instance);
    else
        ctl_check_say(k->is_json, false, "database: instance \"%s\" has journal %s, stored up to %s", k->conf->instance, uuid,
               pg_text(r, 0, 2));
}

static void
on_worker(void *self, const struct pg_result *r)
{
    struct check *k = self;
    if (r->rows > 0)
        ctl_check_say(k->is_json, false, "database: instance \"%s\" is at work (PostgreSQL's process %s): another abated of this name "
                                         "would be refused", k->conf->instance, pg_text(r, 0, 0));
    k->is_at_work = r->rows > 0;
}

/* read_units.sql */
enum { FEED, SLOT, MONITOR, PERIOD, NAME, UNIT, SENT, DENSITY };

static bool
can_become(const struct check *k, const struct pg_result *r, int row, struct reason *why)
{
    const char *sent = pg_text(r, row, SENT), *unit = pg_text(r, row, UNIT);
    struct conversion conversion;

    return unit_convert(k->units, sent, strlen(sent), unit, strlen(unit), pg_double(r, row, DENSITY, NAN), &conversion, why) ||
           reason_prefix(why, "monitor \"%s\", feed \"%s\": \"%s\"", pg_text(r, row, MONITOR), pg_text(r, row, PERIOD),
                         pg_text(r, row, NAME));
}

static void
on_units(void *self, const struct pg_result *r)
{
    struct check *k = self;
    struct reason why;
    int sent = 0, refused = 0;

    for (int i = 0; i < r->rows; i++) {
        if (pg_is_null(r, i, SENT))
            continue;
        sent++;
        if (!can_become(k, r, i, &why) && refused++ < UNITS_SAID)
            fault(k, why.text);
    }
    if (refused > UNITS_SAID)
        ctl_check_say(k->is_json, false, "units: and %d further series", refused - UNITS_SAID);
    ctl_check_say(k->is_json, false, "units: %d series are sent in another unit than is stored, %d of them cannot be converted", sent, refused);
}

static void
check_database(struct check *k)
{
    const char *instance[] = {k->conf->instance};
    struct reason why;

    bool ok = ctl_ask(k->loop, k->conf, sql_read_schema, 0, NULL, on_schema, k, &why) &&
              ctl_ask(k->loop, k->conf, sql_read_role, 0, NULL, on_role, k, &why);
    if (ok && k->has_schema && k->is_writer)
        ok = ctl_ask(k->loop, k->conf, sql_read_status, 1, instance, on_status, k, &why) &&
             ctl_ask(k->loop, k->conf, sql_read_worker, 1, instance, on_worker, k, &why) &&
             ctl_ask(k->loop, k->conf, sql_read_units, 0, NULL, on_units, k, &why) &&
             ctl_check_channels(k->loop, k->conf, k->is_json, &why);
    if (!ok)
        fault(k, why.text);
}

/* ---- the brokers ---- */

struct visit {
    struct check *check;
    struct loop *loop;
    struct mqtt *mqtt;
    struct loop_event *leave;
    bool was_up, is_trapped, is_over;
};

static void
leave(void *self)
{
    struct visit *v = self;
    mqtt_stop(v->mqtt);
}

/* The library must be out of its callback before it may be told to disconnect: it holds a lock there. */
static void
on_up(void *self, bool session_present)
{
    (void)session_present;
    struct visit *v = self;
    v->was_up = true;
    loop_event_wake(v->leave);
}

static void
on_down(void *self, const char *why)
{
    (void)why; /* said in the log */
    struct visit *v = self;
    v->is_over = true;
    loop_stop(v->loop);
}

static void
on_message(void *self, const char *topic, const void *payload, size_t size)
{
    (void)self, (void)topic, (void)payload, (void)size; /* the daemon's own session gets it, too */
}

static void
on_trap(void *self, const char *words)
{
    struct visit *v = self;
    v->is_trapped = true;
    fault(v->check, words);
}

static size_t
add_filters(struct visit *v, const struct conf *conf, const struct conf_broker *broker)
{
    char filter[256];
    size_t filters = 0;
    for (size_t i = 0; i < conf->feeds; i++) {
        if (conf->feed[i].broker != broker)
            continue;
        topic_filter(&conf->feed[i].topic, filter, sizeof(filter));
        mqtt_add_filter(v->mqtt, filter);
        filters++;
    }
    return filters;
}

static void
on_probe_said(void *self, enum probe_word kind, const char *words)
{
    struct visit *v = self;
    if (kind == PROBE_FAULT)
        fault(v->check, words);
    else
        ctl_check_say(v->check->is_json, false, "%s", words);
}

static void
on_probe_over(void *self)
{
    struct visit *v = self;
    loop_stop(v->loop);
}

static void
check_probe(struct visit *v, const struct conf_broker *broker)
{
    static const struct probe_calls calls = {.on_said = on_probe_said, .on_over = on_probe_over};
    if (broker->probe == 0 || !v->was_up)
        return;
    struct probe *probe = probe_new(v->loop, broker, &calls, v);
    probe_start(probe);
    loop_run(v->loop);
    probe_free(probe);
}

/* Where a broker names its clients by their user, our visit would take the place of an abated that is at work: that a broker
 * does is not seen before. But then probe must be 0 (abated.conf(5)), and where that is so we stay away. */
static bool
would_throw_out(struct check *k, const struct conf_broker *broker)
{
    bool has_name = broker->username != NULL || broker->certificate_file != NULL;
    if (!k->is_at_work || !has_name || broker->probe > 0)
        return false;
    ctl_check_say(k->is_json, false, "broker \"%s\" (%s:%d): not asked: abated is at work, and with probe = 0 the broker may name "
                                     "clients by their user: a visit would throw abated out; hint: /health says whether it is connected, "
                                     "or stop it, or set probe where each client keeps an id of its own",
                  broker->name, broker->host, broker->port);
    return true;
}

static void
say_visit(struct check *k, const struct visit *v, const struct conf_broker *broker, size_t filters)
{
    if (v->was_up && !v->is_trapped)
        ctl_check_say(k->is_json, false, "broker \"%s\" (%s:%d): connected, %zu filter%s granted at QoS 1", broker->name, broker->host,
                      broker->port, filters, filters == 1 ? "" : "s");
    else
        k->ok = false;
    if (k->is_at_work && v->is_trapped && !v->was_up)
        ctl_check_say(k->is_json, false, "broker \"%s\": if it was that, abated was thrown out for a moment and has come back; hint: with "
                                         "probe = 0 check leaves this broker alone while abated is at work", broker->name);
}

/* A client id of its own: the daemon's session is not touched. */
static void
check_broker(struct check *k, const struct conf_broker *configured)
{
    static const struct mqtt_calls calls = {
        .on_message = on_message, .on_up = on_up, .on_down = on_down, .on_trap = on_trap};
    char id[64];
    struct conf_broker broker = *configured;
    struct mqtt_settings settings = {.broker = &broker, .kind = MQTT_VISITING};
    struct visit v = {.check = k, .loop = k->loop};
    struct reason why;

    snprintf(id, sizeof(id), "abatectl-check-%d", (int)getpid());
    broker.client_id = id;
    v.mqtt = mqtt_new(k->loop, &settings, &calls, &v, &why);
    if (v.mqtt == NULL) {
        fault(k, why.text);
        return;
    }
    v.leave = loop_deferred(k->loop, leave, &v);
    size_t filters = add_filters(&v, k->conf, configured);
    mqtt_start(v.mqtt);
    if (!v.is_over)
        loop_run(k->loop);
    say_visit(k, &v, &broker, filters);
    loop_event_free(v.leave);
    mqtt_free(v.mqtt);
    check_probe(&v, configured);
}

static int
check(const char *file, bool is_json)
{
    struct reason why;
    struct conf *conf = settings_read(file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct unit_system *units = unit_system_new(&why);
    if (units == NULL) {
        conf_free(conf);
        return ctl_fail(why.text);
    }
    struct check k = {.loop = loop_new(), .conf = conf, .units = units, .is_json = is_json, .ok = true};
    ctl_check_say(is_json, false, "%s: good", file);
    check_database(&k);
    k.ok &= ctl_check_files(conf, is_json);
    for (size_t i = 0; i < conf->brokers; i++) {
        if (!would_throw_out(&k, &conf->broker[i]))
            check_broker(&k, &conf->broker[i]);
    }
    loop_free(k.loop);
    unit_system_free(units);
    conf_free(conf);
    return k.ok ? 0 : 1;
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
    return ctl_options(option, NULL, argc, argv, &o) != argc ? ctl_usage(&ctl_check) : check(o.file, o.is_json);
}

const struct ctl ctl_check = {
    "check",
    "[-c FILE] [--json]",
    "asks the database and every broker whether abated could work with this configuration",
    run,
};
