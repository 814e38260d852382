/* pause: how long to wait before the next try of what failed. Each pause is twice the last, up to a bound.
 *
 *     struct pause p = {.first_us = 200000, .most_us = 30000000};
 *     pause_next(&p)  -> 200 ms, 400 ms, 800 ms ... 30 s, 30 s ... until pause_reset(&p)
 */
#ifndef ABATE_PAUSE_H
#define ABATE_PAUSE_H

#include <stdint.h>

struct pause {
    int64_t first_us; /* > 0 */
    int64_t most_us;
    int64_t last_us;  /* 0: none yet */
};

int64_t pause_next(struct pause *p); /* microseconds to wait now */
void pause_reset(struct pause *p);   /* it went well: the next pause is the first again */

#endif
