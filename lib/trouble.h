/* trouble: when something that goes wrong with abate itself is told, and when that it is over.
 *
 *     good --bad for `after`--> BEGUN ...every `remind`... LASTS ... --good for `calm`--> OVER
 *
 * What comes and goes within these times is told once, as one trouble.
 */
#ifndef ABATE_TROUBLE_H
#define ABATE_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

struct trouble_rule {
    int64_t after_us, calm_us, remind_us;
};

enum trouble_word {
    TROUBLE_QUIET, /* nothing new to be told */
    TROUBLE_BEGUN,
    TROUBLE_LASTS,
    TROUBLE_OVER,
};

struct trouble {
    bool is_bad;
    bool is_told;
    int64_t changed_us; /* since when it is bad, or good again; ticks */
    int64_t begun_us;   /* of what is told: since when it was bad */
    int64_t told_us;    /* when last */
};

/* Told how it is now. A trouble of zeros is one that was good. */
enum trouble_word trouble_step(struct trouble *t, const struct trouble_rule *rule, bool is_bad, int64_t now_us);

#endif
