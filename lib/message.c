#include "message.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const period_name[PERIODS] = {"realtime", "minute", "hour", "day"};

const char *const fault_kind_name[FAULT_KINDS] = {
    [FAULT_TOPIC] = "topic", [FAULT_PAYLOAD] = "payload", [FAULT_MONITOR] = "monitor",
    [FAULT_TIME] = "time",   [FAULT_READING] = "reading", [FAULT_DATABASE] = "database",
};

bool
period_find(const char *name, size_t size, enum period *ret)
{
    for (int i = 0; i < PERIODS; i++) {
        if (strlen(period_name[i]) == size && memcmp(period_name[i], name, size) == 0) {
            *ret = (enum period)i;
            return true;
        }
    }
    return false;
}

void
message_empty(struct message *m)
{
    if (m->release != NULL)
        m->release(m->tree);
    m->tree = NULL;
    m->release = NULL;
    m->measurements = 0;
    m->readings = 0;
    m->faults = 0;
    m->is_by_arrival = false;
    m->first_fault.text[0] = '\0';
}

void
message_clear(struct message *m)
{
    message_empty(m);
    free(m->measurement);
    free(m->reading);
    *m = (struct message){0};
}

/* Room for one more of `each` bytes. Out of memory aborts, as in buf. */
static void *
grow(void *rows, size_t used, size_t *room, size_t each)
{
    if (used < *room)
        return rows;

    *room = *room == 0 ? 16 : *room * 2;
    rows = reallocarray(rows, *room, each);
    if (rows == NULL)
        abort();
    return rows;
}

struct measurement *
message_add_measurement(struct message *m)
{
    m->measurement = grow(m->measurement, m->measurements, &m->measurement_room, sizeof(*m->measurement));
    struct measurement *added = &m->measurement[m->measurements++];
    *added = (struct measurement){.first = m->readings};
    return added;
}

struct reading *
message_add_reading(struct message *m)
{
    assert(m->measurements > 0);
    m->reading = grow(m->reading, m->readings, &m->reading_room, sizeof(*m->reading));
    struct reading *added = &m->reading[m->readings++];
    *added = (struct reading){.mark = 'N'};
    m->measurement[m->measurements - 1].count++;
    return added;
}

void
message_keep_readings(struct message *m, size_t readings)
{
    struct measurement *last = &m->measurement[m->measurements - 1];
    assert(m->measurements > 0 && readings >= last->first && readings <= m->readings);
    last->count = readings - last->first;
    m->readings = readings;
}

void
message_drop_measurement(struct message *m)
{
    assert(m->measurements > 0);
    m->measurements--;
    m->readings = m->measurement[m->measurements].first;
}

void
message_fault(struct message *m, enum fault_kind kind, const struct reason *why)
{
    if (m->faults++ == 0) {
        m->first_fault = *why;
        m->first_kind = kind;
    }
    if (m->on_fault != NULL)
        m->on_fault(m->self, why);
}

struct place
measurement_place(const struct measurement *m)
{
    struct place p = {""};
    if (m->is_listed)
        snprintf(p.text, sizeof(p.text), "[%zu].", m->index);
    return p;
}
