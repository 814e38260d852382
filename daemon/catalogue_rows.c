#include "catalogue_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void
catalogue_take_partitions(struct catalogue *c, const struct pg_result *rows)
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

/* monitor_code, plant_code, region_code, utc_offset_s, feed_id, period, last_us, slot, name, unit */
bool
catalogue_take_registry(struct catalogue *c, const struct pg_result *rows, struct reason *why)
{
    enum { MONITOR, PLANT, REGION, ZONE, FEED, PERIOD, LAST, SLOT, NAME, UNIT };

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
        if (pg_is_null(rows, i, SLOT))
            continue;
        int64_t slot = pg_int(rows, i, SLOT);
        if (slot < 1 || slot > REGISTRY_SLOTS)
            return reason_set(why, "monitor \"%s\": slot %lld is out of range", m->code, (long long)slot);
        registry_add_slot(c->registry, f, (uint16_t)(slot - 1), pg_text(rows, i, NAME), pg_text(rows, i, UNIT));
    }
    return true;
}

/* read_units.sql */
void
catalogue_take_units(struct catalogue *c, const struct pg_result *rows)
{
    enum { FEED, SLOT, MONITOR, PERIOD, NAME, UNIT, SENT, DENSITY };

    for (int i = 0; i < rows->rows; i++) {
        struct feed *f = registry_find_feed(c->registry, (int32_t)pg_int(rows, i, FEED));
        const struct slot *s = f != NULL ? feed_slot(f, pg_int(rows, i, SLOT) - 1) : NULL;
        struct reason why;
        if (s == NULL ||
            registry_set_sent(c->registry, f, s->number, pg_text(rows, i, SENT), pg_double(rows, i, DENSITY, NAN), &why))
            continue; /* one that has come since is read anew, as we are told of it */
        if (c->unconverted++ == 0) {
            reason_prefix(&why, "monitor \"%s\": \"%s\"", pg_text(rows, i, MONITOR), pg_text(rows, i, NAME));
            c->unconverted_why = why;
        }
    }
}

void
catalogue_take_names(struct catalogue *c, const struct pg_result *rows)
{
    for (int i = 0; i < rows->rows; i++)
        registry_add_name(c->registry, pg_text(rows, i, 0), pg_text(rows, i, 1));
}

enum {
    LIMIT,
    WATCH_SERIES,
    WATCH_FEED,
    WATCH_SLOT,
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

void
catalogue_take_watches(struct catalogue *c, const struct pg_result *rows)
{
    catalogue_make_watches(c, (size_t)rows->rows);
    for (int i = 0; i < rows->rows; i++) {
        struct watch *w = &c->watch[i];
        w->series_id = (int32_t)pg_int(rows, i, WATCH_SERIES);
        w->rule = rule_at(rows, i);
        w->now = w->kept = state_at(rows, i);
        catalogue_link(c, w, (int32_t)pg_int(rows, i, WATCH_FEED), pg_int(rows, i, WATCH_SLOT) - 1);
    }
}

void
catalogue_take_marks(struct catalogue *c, const struct pg_result *rows)
{
    const char *marks = rows->rows > 0 ? pg_text(rows, 0, 0) : NULL;
    snprintf(c->valid_marks, sizeof(c->valid_marks), "%s", marks != NULL ? marks : "");
}
