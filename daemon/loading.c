#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sql.h"
#include "writer_own.h"

static void
load_partitions(struct catalogue *c, const struct pg_result *rows)
{
    for (int i = 0; i < rows->rows; i++) {
        int64_t month = pg_int(rows, i, 0);
        if (month >= MONTHS_FROM && month < MONTHS_TO)
            months_add(&c->partitions, (int)month);
    }
}

static struct instant
instant_at(const struct pg_result *rows, int row, int column, struct instant if_null)
{
    return pg_is_null(rows, row, column) ? if_null : (struct instant){pg_int(rows, row, column)};
}

/* monitor_code, plant_code, region_code, utc_offset_s, feed_id, period, last_us, series_id, name, unit, slot */
static bool
load_registry(struct catalogue *c, const struct pg_result *rows, struct reason *why)
{
    enum { MONITOR, PLANT, REGION, ZONE, FEED, PERIOD, LAST, SERIES, NAME, UNIT, SLOT };

    for (int i = 0; i < rows->rows; i++) {
        const char *period_text = pg_text(rows, i, PERIOD);
        struct monitor *m = registry_add_monitor(c->registry, pg_text(rows, i, MONITOR), pg_text(rows, i, PLANT),
                                                 pg_text(rows, i, REGION), (int32_t)pg_int(rows, i, ZONE));
        if (pg_is_null(rows, i, FEED))
            continue;
        enum period period;
        if (!period_find(period_text, strlen(period_text), &period))
            return reason_set(why, "monitor \"%s\": period \"%s\" is not known", m->code, period_text);
        struct feed *f = registry_add_feed(c->registry, m, (int32_t)pg_int(rows, i, FEED), period);
        f->last = instant_at(rows, i, LAST, INSTANT_NEVER);
        if (pg_is_null(rows, i, SERIES))
            continue;
        int64_t slot = pg_int(rows, i, SLOT);
        if (slot < 1 || slot > REGISTRY_SLOTS)
            return reason_set(why, "monitor \"%s\": slot %lld is out of range", m->code, (long long)slot);
        registry_add_series(c->registry, f, (int32_t)pg_int(rows, i, SERIES), (uint16_t)(slot - 1),
                            pg_text(rows, i, NAME), pg_text(rows, i, UNIT));
    }
    return true;
}

enum {
    LIMIT,
    WATCH_SERIES,
    LOWER,
    UPPER,
    LOWER_CLEAR,
    UPPER_CLEAR,
    HOLD,
    FROM,
    TO,
    NEWEST,
    PHASE,
    STATE_LAST,
    SINCE,
    WORST,
    WORST_AT,
    COUNT,
    FIRST_POSITION,
    WORST_POSITION,
    LAST_POSITION,
};

static struct watch_rule
rule_at(const struct pg_result *rows, int i)
{
    double lower = pg_double(rows, i, LOWER, -INFINITY);
    double upper = pg_double(rows, i, UPPER, INFINITY);
    return (struct watch_rule){
        .limit_id = (int32_t)pg_int(rows, i, LIMIT),
        .lower = lower,
        .upper = upper,
        .lower_clear = pg_double(rows, i, LOWER_CLEAR, lower),
        .upper_clear = pg_double(rows, i, UPPER_CLEAR, upper),
        .hold_us = pg_int(rows, i, HOLD),
        .valid_from = instant_at(rows, i, FROM, (struct instant){INT64_MIN}),
        .valid_to = instant_at(rows, i, TO, (struct instant){INT64_MAX}),
    };
}

static struct watch_state
state_at(const struct pg_result *rows, int i)
{
    struct watch_state s = {.phase = WATCH_QUIET, .last = instant_at(rows, i, NEWEST, INSTANT_NEVER)};
    if (pg_is_null(rows, i, PHASE))
        return s;
    return (struct watch_state){
        .phase = strcmp(pg_text(rows, i, PHASE), watch_phase_name[WATCH_OPEN]) == 0 ? WATCH_OPEN : WATCH_PENDING,
        .last = instant_at(rows, i, STATE_LAST, INSTANT_NEVER),
        .since = instant_at(rows, i, SINCE, INSTANT_NEVER),
        .worst = pg_double(rows, i, WORST, 0),
        .worst_at = instant_at(rows, i, WORST_AT, INSTANT_NEVER),
        .count = (int32_t)pg_int(rows, i, COUNT),
        .first_position = (uint64_t)pg_int(rows, i, FIRST_POSITION),
        .worst_position = (uint64_t)pg_int(rows, i, WORST_POSITION),
        .last_position = (uint64_t)pg_int(rows, i, LAST_POSITION),
    };
}

static void
load_watches(struct catalogue *c, const struct pg_result *rows)
{
    catalogue_make_watches(c, (size_t)rows->rows);
    for (int i = 0; i < rows->rows; i++) {
        struct watch *w = &c->watch[i];
        w->series_id = (int32_t)pg_int(rows, i, WATCH_SERIES);
        w->rule = rule_at(rows, i);
        w->now = w->kept = state_at(rows, i);
        catalogue_link(c, w);
    }
}

static void
load_marks(struct catalogue *c, const struct pg_result *rows)
{
    const char *marks = rows->rows > 0 ? pg_text(rows, 0, 0) : NULL;
    snprintf(c->valid_marks, sizeof(c->valid_marks), "%s", marks != NULL ? marks : "");
}

/* ---- the steps ---- */

static bool
begin_schema(struct writer *w)
{
    return writer_exec(w, sql_read_schema);
}

static bool
take_schema(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)w;
    int64_t wanted = sql_migrations[sql_migrations_count - 1].number;
    int64_t found = r->rows > 0 ? pg_int(r, 0, 0) : 0;
    if (found < wanted)
        return reason_set(why, "schema is at %" PRId64 ", this program wants %" PRId64 "; hint: run abatectl migrate",
                          found, wanted);
    if (found > wanted)
        return reason_set(why, "schema is at %" PRId64 ", this program knows it up to %" PRId64
                               "; hint: it is older than the database: upgrade it",
                          found, wanted);
    return true;
}

static bool
begin_session(struct writer *w)
{
    pg_script(w->pg, sql_prepare_session, writer_on_done, w);
    return true;
}

static bool
begin_claim(struct writer *w)
{
    const char *values[] = {w->conf->instance, journal_uuid(w->journal)};
    pg_exec(w->pg, sql_claim_journal, 2, values, writer_on_done, w);
    return true;
}

static bool
take_claim(struct writer *w, const struct pg_result *r, struct reason *why)
{
    if (r->rows != 1)
        return reason_set(why, "no journal position");
    uint64_t position = (uint64_t)pg_int(r, 0, 1);
    if (!journal_covers(w->journal, position, why)) {
        return writer_condemn(w, why->text);
    }
    w->journal_id = (int16_t)pg_int(r, 0, 0);
    w->position = position;
    w->must_seek = true;
    return true;
}

/* A journal this start has made, and the database knows another one of this instance: that one's directory was emptied, or
 * the database is not ours. Nothing may be acknowledged on the strength of it. */
void
loading_refused(struct writer *w, const struct pg_result *r)
{
    struct reason why = r->why;

    if (strcmp(r->sqlstate, "AB001") != 0 || !journal_is_new(w->journal))
        return;
    reason_prefix(&why, "the journal has just been made, nothing was in its directory");
    writer_condemn(w, why.text);
}

static bool
begin_partitions_ahead(struct writer *w)
{
    return writer_exec(w, sql_ensure_partitions_ahead);
}

static bool
begin_partitions(struct writer *w)
{
    catalogue_free(w->next_catalogue);
    w->next_catalogue = catalogue_new();
    w->is_stale = false;
    w->poison.text[0] = '\0'; /* what is loaded may judge it otherwise, and the position may be another message's */
    return writer_exec(w, sql_read_partitions);
}

static bool
take_partitions(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    load_partitions(w->next_catalogue, r);
    return true;
}

static bool
begin_registry(struct writer *w)
{
    return writer_exec(w, sql_read_registry);
}

static bool
take_registry(struct writer *w, const struct pg_result *r, struct reason *why)
{
    return load_registry(w->next_catalogue, r, why);
}

static bool
begin_watches(struct writer *w)
{
    return writer_exec(w, sql_read_watches);
}

static bool
take_watches(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    load_watches(w->next_catalogue, r);
    return true;
}

static bool
begin_marks(struct writer *w)
{
    return writer_exec(w, sql_read_valid_marks);
}

static bool
take_marks(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    load_marks(w->next_catalogue, r);
    catalogue_free(w->catalogue);
    w->catalogue = w->next_catalogue;
    w->next_catalogue = NULL;
    return true;
}

const struct step loading_steps[] = {
    {"rollback", writer_begin_rollback, NULL, false},
    {"schema", begin_schema, take_schema, false},
    {"session", begin_session, NULL, false},
    {"journal position", begin_claim, take_claim, false},
    {"recorded segments", recording_begin_load, recording_take_load, false},
    {"partitions ahead", begin_partitions_ahead, NULL, false},
    {"partitions", begin_partitions, take_partitions, false},
    {"registry", begin_registry, take_registry, false},
    {"limits", begin_watches, take_watches, false},
    {"marks", begin_marks, take_marks, false},
    {NULL, NULL, NULL, false},
};
const struct step *const loading_again = &loading_steps[6];
