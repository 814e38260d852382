/* outcome: what would become of one payload, the whole way of the writer but for the storing, told to a person or a machine.
 *
 *     payload --> form --> message --> sample_make() --> rows, and reasons for what is left out
 *
 * Without a registry one is made up in which just what the message says is registered: then only the payload itself, and
 * its topic, can be at fault.
 */
#ifndef ABATE_OUTCOME_H
#define ABATE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "form.h"
#include "message.h"
#include "record.h"
#include "registry.h"
#include "sample.h"
#include "topic.h"

/* By what it is tried. */
struct outcome_terms {
    const struct form *form;
    const struct profile *profile; /* NULL: none */
    struct topic_names names;
    bool is_named;                   /* the topic says whose it is; then names.monitor.at NULL: but it is not known */
    struct registry *registry; /* NULL: none at hand; then */
    int32_t zone_s;                  /* times without a zone are of this one, seconds east of UTC, */
    struct sample_window window;     /* and this is not looked at */
};

struct outcome_row {
    bool is_kept; /* something of the measurement may be stored: */
    struct sample sample; /* as this; its feed is NULL where the registry was made up */
};

struct outcome {
    const struct outcome_terms *terms;
    struct message message;
    bool is_refused;         /* as a whole; `message` is empty, and the one reason says why */
    struct outcome_row *row; /* one a measurement */
    size_t rows_kept;
    size_t room;
    size_t readings;         /* that may be stored */
    struct buf reasons;      /* each ended by NUL: of all that was left out, the first as the writer would write it */
    size_t reason_count;
    struct span unit[MESSAGE_READINGS_MOST]; /* set aside while a registry is made up */
};

enum outcome_verdict {
    OUTCOME_GOOD,
    OUTCOME_IN_PART, /* something was left out */
    OUTCOME_REFUSED, /* nothing of it may be stored */
};
extern const char *const outcome_verdict_name[]; /* "good", "in part", "refused" */

/* `o` is zeroed at first, and may be used again. It points into `terms` and the record's payload. */
enum outcome_verdict outcome_make(struct outcome *o, const struct outcome_terms *terms, const struct record *r);
/* Refused before its form was asked, as its topic is nobody's. */
enum outcome_verdict outcome_refuse(struct outcome *o, const struct outcome_terms *terms, const struct reason *why);
void outcome_clear(struct outcome *o); /* frees */

enum outcome_verdict outcome_verdict(const struct outcome *o);

/* When a measurement was made, as far as that is known. */
struct outcome_time {
    bool is_known;
    struct instant at;
    bool is_local; /* its time names no zone: it is taken to be of this one */
    int32_t zone_s;
};
struct outcome_time outcome_time(const struct outcome *o, const struct measurement *me);

/* For a terminal: all of it, in lines. */
void outcome_write_text(const struct outcome *o, struct buf *out);
/* In a line for each measurement, and one for each reason; `line` is the payload's number. */
void outcome_write_lines(const struct outcome *o, uint64_t line, struct buf *out);
/* As one JSON object in one line, without the line's end; `line` 0: it has no number. */
void outcome_write_json(const struct outcome *o, uint64_t line, struct buf *out);

#endif
