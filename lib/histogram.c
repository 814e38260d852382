#include "histogram.h"

const int64_t histogram_bound_us[HISTOGRAM_BOUNDS] = {
    100,    250,    500,     1000,    2500,    5000,     10000,    25000,    50000,
    100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000,
};

void
histogram_add(struct histogram *h, int64_t us)
{
    int range = 0;

    if (us < 0)
        us = 0;
    while (range < HISTOGRAM_BOUNDS && us > histogram_bound_us[range])
        range++;
    h->count[range]++;
    h->sum_us += (uint64_t)us;
}
