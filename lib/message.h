/* message: what a payload says, before anyone asked whether it may. A form fills it; sample_make() judges it.
 *
 *     message --* measurement (one monitor at one time) --* reading (one parameter's value)
 *
 * Texts point into the payload or into the form's own tree and are good until message_empty(). One message is reused
 * for all: its arrays only grow.
 *
 * A fault spoils the smallest thing it can: a reading, a measurement, or the whole payload. What is spoiled is left
 * out; the first fault's reason and the count of all go with the message into abate.rejected_message.
 */
#ifndef ABATE_MESSAGE_H
#define ABATE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"
#include "reason.h"

#define MESSAGE_READINGS_MOST 1024 /* readings in one payload: more is refused, as no monitor has so many */

/* HJ 212: 2011 real time, 2051 minute, 2061 hour, 2031 day. */
enum period {
    PERIOD_REALTIME,
    PERIOD_MINUTE,
    PERIOD_HOUR,
    PERIOD_DAY,
    PERIODS,
};
extern const char *const period_name[PERIODS]; /* "realtime", "minute", "hour", "day" */
bool period_find(const char *name, size_t size, enum period *ret);

/* Text that is part of something else: not terminated. `at` is NULL when the payload did not say. */
struct span {
    const char *at;
    size_t size;
};

struct reading {
    struct span name;  /* parameter code, as sent */
    struct span unit;  /* as declared */
    double value;      /* finite; NAN if the payload gave a mark and no value: "no reading" */
    char mark;         /* HJ 212 mark as sent; 'N' if none */
};

/* What is wrong with a message: the first thing, if there are several. */
enum fault_kind {
    FAULT_TOPIC,    /* no feed takes its topic */
    FAULT_PAYLOAD,  /* it does not read as what its form says */
    FAULT_MONITOR,  /* topic, payload and registry do not agree whose it is */
    FAULT_TIME,     /* no time, or one outside of its feed's window */
    FAULT_READING,  /* parameter, unit, mark or value */
    FAULT_DATABASE, /* PostgreSQL has refused it */
    FAULT_KINDS,
};
extern const char *const fault_kind_name[FAULT_KINDS]; /* "topic", "payload" ... */

struct measurement {
    struct span monitor; /* as sent; `at` NULL: the topic says */
    struct span time;    /* RFC 3339, with or without zone; `at` NULL: the form has read it, into */
    struct instant at;   /* this instant, */
    bool is_local;       /* as the monitor's clock shows it: the zone is still to be taken off */
    enum period period;
    bool is_reissue;     /* its sender says so: it corrects what it said of this time before */
    size_t first;        /* its readings: message.reading[first .. first + count) */
    size_t count;
    bool is_listed;      /* the payload is a list of measurements, */
    size_t index;        /* and this is the one at [index]: where reasons say it stands */
};

struct profile;

struct message {
    struct instant arrived; /* told before a form decodes, and left alone by message_empty(): when it came, */
    bool is_named;          /* that its topic says whose it is, */
    const struct profile *profile; /* and how its JSON is read; NULL: it is abate's own */
    struct measurement *measurement;
    size_t measurements;
    struct reading *reading;
    size_t readings;
    size_t measurement_room, reading_room;
    size_t faults;             /* how many things were left out */
    struct reason first_fault; /* why the first of them was, */
    enum fault_kind first_kind; /* and of which kind */
    bool is_by_arrival; /* a time in it is reckoned from its arrival: the same bytes, come again, are of another */
    void (*on_fault)(void *self, const struct reason *why); /* told of each; NULL is fine. Set by the owner. */
    void *self;
    void *tree;                /* the form's own; freed by `release` */
    void (*release)(void *tree);
};

void message_empty(struct message *m); /* ready for the next payload */
void message_clear(struct message *m); /* frees all */

struct measurement *message_add_measurement(struct message *m); /* zeroed, first = readings so far */
struct reading *message_add_reading(struct message *m);         /* zeroed, mark 'N'; counted to the last measurement */
void message_keep_readings(struct message *m, size_t readings); /* so many, in all: the last measurement's go first */
void message_drop_measurement(struct message *m);               /* takes the last measurement and its readings back */
void message_fault(struct message *m, enum fault_kind kind, const struct reason *why);

/* What a reason about a part of the measurement begins with: "[3]." in a list, "" if it stands alone. */
struct place {
    char text[24];
};
struct place measurement_place(const struct measurement *m);

#endif
