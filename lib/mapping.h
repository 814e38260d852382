/* mapping: how the rows of a CSV file become messages. Pure: the caller reads the mapping and the rows.
 *
 *     source "gt_2011.csv.gz" { start = "2011-01-01 00:00:00" }   files; and when their first row was,
 *     source "gt_2012.csv.gz" { start = "2012-01-01 00:00:00" }   if they have no times of their own
 *     separator = ","                                             default ","
 *     header = true                                               default true; false: columns as "#1"
 *     missing = {"", "?"}                                         fields that say "no value"; default ""
 *     time {
 *         columns = {"Date", "Time"}                              joined by a blank,
 *         format = "%d/%m/%Y %H:%M:%S"                            read by strptime(3); or else
 *         step = "1h"                                             start + step x row
 *         utc_offset = "+03:00"                                   of the times as written
 *     }
 *     monitor "GT-TR-STACK" { region = "TR" plant = "GT-TR" value = "stack" }
 *     message {                                                   one or more: each row makes one of each
 *         monitor = "GT-TR-STACK"                                 or else, to pick it by its `value`:
 *         monitor_column = "unit"
 *         period = "hour"                                         default "realtime"
 *         reading "a21002" { column = "NOX" unit = "mg/m3" scale = 1 }   unit and scale may be left out
 *     }
 */
#ifndef ABATE_MAPPING_H
#define ABATE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "csv.h"
#include "instant.h"
#include "message.h"
#include "reason.h"

struct mapping_column {
    char *name;
    size_t index; /* once bound */
};

struct mapping_source {
    char *file;
    bool has_start;
    struct instant start;
};

struct mapping_monitor {
    char *code, *plant, *region;
    char *value; /* NULL: not picked by a column */
    char *topic; /* plants/<region>/<plant>/<code> */
};

struct mapping_reading {
    char *name;
    char *unit; /* or NULL */
    struct mapping_column column;
    double scale;
};

struct mapping_message {
    const struct mapping_monitor *monitor; /* NULL: by the column */
    struct mapping_column column;
    enum period period;
    struct mapping_reading *reading;
    size_t readings;
};

struct mapping {
    char separator;
    bool has_header;
    char **missing;
    size_t missings;
    struct mapping_column time_column[2];
    size_t time_columns; /* 0: start + step x row */
    char *time_format;
    int64_t step_us;
    int32_t zone_s;
    struct mapping_source *source;
    size_t sources;
    struct mapping_monitor *monitor;
    size_t monitors;
    struct mapping_message *message;
    size_t messages;
    size_t columns; /* a row must have so many: one past the highest used */
};

/* `text` as read from the file `name`. NULL with `why`: "NAME:LINE: what is wrong", or NAME and section. What conf_text.h
 * refuses is refused here, too. */
struct mapping *mapping_parse(const char *name, const char *text, struct reason *why);
void mapping_free(struct mapping *m);

/* Looks the columns up in a file's first row; `header` is not used (NULL) where the mapping says there is
 * none. False names the column that is not there, and those that are. */
bool mapping_bind(struct mapping *m, const struct csv *header, struct reason *why);

/* When the row was; `number` counts a file's rows from 0. */
bool mapping_time(const struct mapping *m, const struct mapping_source *source, const struct csv *row,
                  uint64_t number, struct instant *ret, struct reason *why);

enum mapping_made {
    MAPPING_MADE,
    MAPPING_EMPTY, /* every reading is missing */
    MAPPING_WRONG, /* the row does not fit: `why` */
};

/* m->message[index] of the row, as JSON into `payload`; `ret` is its monitor, for the topic. */
enum mapping_made mapping_make(const struct mapping *m, size_t index, const struct csv *row,
                               struct instant at, struct buf *payload, const struct mapping_monitor **ret,
                               size_t *ret_readings, struct reason *why);

#endif
