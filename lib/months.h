/* months: a set of months, as sample is partitioned by them. A month is instant_month()'s number. */
#ifndef ABATE_MONTHS_H
#define ABATE_MONTHS_H

#include <stdbool.h>
#include <stdint.h>

#define MONTHS_FROM (1900 * 12)
#define MONTHS_TO (2200 * 12) /* exclusive: instants are bounded likewise */

struct months {
    uint64_t bits[(MONTHS_TO - MONTHS_FROM + 63) / 64];
};

void months_add(struct months *m, int month);
void months_remove(struct months *m, int month);
void months_join(struct months *m, const struct months *others); /* adds all of them */
bool months_has(const struct months *m, int month);
int months_first(const struct months *m); /* -1 if the set is empty */

#endif
