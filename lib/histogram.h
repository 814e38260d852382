/* histogram: how long something took, counted in fixed ranges: from 100 us to a minute. No allocation. */
#ifndef ABATE_HISTOGRAM_H
#define ABATE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS 18

struct histogram {
    uint64_t count[HISTOGRAM_BOUNDS + 1]; /* of each range; the last one has no upper bound */
    uint64_t sum_us;
};

extern const int64_t histogram_bound_us[HISTOGRAM_BOUNDS]; /* the upper bound of each range belongs to it */

void histogram_add(struct histogram *h, int64_t us); /* a clock that went back counts as 0 */

#endif
