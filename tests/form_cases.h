/* form_cases: what every payload form is tested with: directories of a payload and of what must come of it.
 *
 * What came of a payload, in lines:
 *
 *     measurement "88888880000001" "2020-11-02T08:15:00+08:00" minute
 *     reading "a21026" 12.31 N
 *     reading "a21002" - D "mg/m3"
 *     faults 1: "readings"."a34013": not a number but null
 *
 * or "refused: empty payload". Behind the period of what corrects stands " reissue". What was not said is a dash. A time the form has read itself stands as
 * "2020-11-02 00:15:00Z", or as "2020-11-02 08:15:00 local" on the monitor's clock.
 */
#ifndef ABATE_FORM_CASES_H
#define ABATE_FORM_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "buf.h"
#include "form.h"
#include "profile.h"
#include "reason.h"

#define CASE_ARRIVED_US INT64_C(1320078429000000) /* every payload came at 2011-10-31 16:27:09Z */

/* Decodes twice with one message, as the daemon does. `out` ends with a NUL. `profile`: NULL, or how the JSON is read. */
void case_decode(const struct form *form, const void *payload, size_t size, bool is_named, struct buf *out);
void case_decode_by(const struct form *form, const struct profile *profile, const void *payload, size_t size, bool is_named,
                    struct buf *out);

/* A reason goes into PostgreSQL and before people: one line of text, without what a payload smuggles in. */
bool case_is_decent(const struct reason *why);

void case_line(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails the test unless all of $ABATE_CASES/<name of the form> come out as expected, and there are at least so many. The topic of a
 * case says whose the payload is, unless the case's name begins with "anonymous-". */
void cases_run(const struct form *form, int least);

/* Likewise those of a folder of cases/, as JSON, each by the profile of its own name before the first ".". */
void cases_run_by(const char *folder, int least, const struct profile *(*find)(const char *name));

/* A file of real messages, which the project does not bring: in $ABATE_DATA, or in shared/data beside the source.
 * NULL when it is not there, which is told on standard output. */
FILE *case_open(const char *name);

#endif
