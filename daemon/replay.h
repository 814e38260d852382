/* replay: rows of CSV files made into messages, file after file, as mappings say. A source for the publisher.
 *
 * A row that does not fit its mapping is counted and passed by; a file that cannot be read ends it.
 */
#ifndef ABATE_REPLAY_H
#define ABATE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "publisher.h"
#include "reason.h"

struct replay;

struct replay_settings {
    const char *data; /* directory the mappings' files are in; NULL: the current one */
    uint64_t limit;   /* rows of each file */
    double speed;     /* of real time, by the rows' times; 0: as fast as they are taken */
};

struct replay_counts {
    uint64_t rows;     /* read */
    uint64_t readings; /* in the messages made */
    uint64_t empty;    /* rows in which every reading is missing */
    uint64_t wrong;    /* rows, or messages of a row, that do not fit the mapping */
    struct reason first_wrong;
};

struct replay *replay_new(const struct replay_settings *settings);
void replay_free(struct replay *r);

/* Reads a mapping file and opens the files it names. All of them before the first message, so that what is
 * wrong with one is found at once. */
bool replay_add(struct replay *r, const char *mapping_file, struct reason *why);

/* publisher_source's `make`; `self` is the replay. */
enum publisher_made replay_make(void *self, int64_t ticks, struct publication *ret, int64_t *ret_due,
                                struct reason *why);

const struct replay_counts *replay_counts(const struct replay *r);
double replay_part(const struct replay *r);      /* of all bytes, 0 .. 1 */
const char *replay_file(const struct replay *r); /* under way, without its directory */

#endif
