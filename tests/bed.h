/* bed: for the tests of the journal: a journal in a directory of its own, messages that are known by their number. */
#ifndef ABATE_BED_H
#define ABATE_BED_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "disk.h"
#include "journal.h"

/* ---- the place ---- */

#define BED_PATH 256
#define BED_HEADER 64 /* bytes of a segment before its first record */
#define BED_MARK 48   /* bytes of a mark */

/* Runs the suite in a directory below the present one, which is removed with everything in it. For main() to return. */
int bed_run(Suite *suite);

void bed_place(const char *name, char out[BED_PATH]); /* the path of a journal to be; what was there is removed */
void bed_remove(const char *path);                    /* with everything in it */
void bed_copy(const char *from, const char *to);      /* all files, without the lock */
int bed_files(const char *path, const char *ending);
void bed_segment(const char *path, int index, char out[BED_PATH]); /* from 0 in order, or from -1 back */
uint64_t bed_first(const char *segment);              /* the position in a segment's name */

unsigned char *bed_read(const char *file, size_t *ret_size); /* free() it */
void bed_write(const char *file, const void *bytes, size_t size);
void bed_flip(const char *file, size_t byte, unsigned bit);
bool bed_exists(const char *path, const char *name);

/* ---- the journal ---- */

/* Segments of 4096 bytes, no cap to speak of, retention a day. */
struct journal_settings bed_settings(const char *path);
struct journal *bed_open(const char *path); /* fails the test if it is refused */
struct journal *bed_try(const char *path, struct journal_recovery *ret, struct reason *why);

extern const struct instant bed_now;

/* Messages `from` to `to` - 1: each has its own text, of a size of its own, as its payload. */
void bed_append(struct journal *j, unsigned from, unsigned to);
void bed_sync(struct journal *j); /* fails the test if it is not synced */

bool bed_is_message(const struct record *r, unsigned number);

/* Reads from `from`, where message number `number` must be and its successors behind it. Returns the number behind the
 * last; or -1 with `why` if it is rotten. Any other content fails the test. */
int bed_numbers(struct journal *j, uint64_t from, unsigned number, struct reason *why);
unsigned bed_count_messages(struct journal *j); /* all of it; rot fails the test */

/* `bursts` of five messages, each synced; returns the number of messages. */
unsigned bed_fill(struct journal *j, unsigned bursts);

/* A journal of which messages before `synced` are durable, those up to `all` written but not synced: as it stands when
 * a process dies in fdatasync. Returns the durable position. */
uint64_t bed_die_in_sync(const char *path, unsigned synced, unsigned all);

/* Opens it after something has happened to it; `name` says what if it is refused. */
struct journal *bed_recover(const char *path, struct journal_recovery *ret, const char *name);

/* It can be written and, after closing, opened again; returns how many messages there were. */
unsigned bed_check_alive(struct journal *j, const char *path);

/* ---- chance ---- */

/* The same every time. */
struct bed_dice {
    uint64_t state;
};
unsigned bed_roll(struct bed_dice *dice, unsigned below);

#endif
