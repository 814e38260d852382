/* sample: one measurement that may be stored: whose it is, when, and its values by slot.
 *
 * Here topic, sender and registry must agree (no plant speaks for another), the parameters be known by code or name, the
 * units become those they are stored in, the time be near the arrival.
 */
#ifndef ABATE_SAMPLE_H
#define ABATE_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "instant.h"
#include "message.h"
#include "reason.h"
#include "registry.h"
#include "topic.h"

struct sample {
    struct feed *feed;
    struct instant at;
    uint16_t slots;               /* one past the last slot used */
    uint16_t readings;            /* values that are there */
    bool is_marked;               /* some mark is not N */
    bool is_reissue;              /* as the measurement has it */
    double value[REGISTRY_SLOTS]; /* NAN: no value in this slot */
    char mark[REGISTRY_SLOTS];    /* 'N' where nothing was said */
};

/* How far from its arrival a message's time may be. */
struct sample_window {
    int64_t past_us, future_us;
};

/* Makes a sample of m->measurement[index]. Readings that do not fit are left out, each a message_fault(). False if
 * nothing of it can be stored, which is a fault of the measurement unless each of its readings was one already;
 * `ret` is then undefined. Only the first `ret->slots` values and marks are of use. No reason names the arrival:
 * the same bytes sent again are refused with the same words. */
bool sample_make(struct registry *registry, const struct topic_names *names, const struct sample_window *window,
                 struct instant arrived, struct message *m, size_t index, struct sample *ret);

#endif
