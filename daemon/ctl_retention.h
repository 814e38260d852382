/* ctl_retention: what `abatectl partitions` lets go: the months of sample wholly before one.
 *
 *     what is there, counted --> what stands against it --> asked --> gone, in one transaction
 *
 * The functions behind it are in sql/functions/82_retention.sql, and refuse by themselves what the database can know. What it
 * cannot know is whether the journal holds messages that are not stored yet: that is looked at here.
 */
#ifndef ABATE_CTL_RETENTION_H
#define ABATE_CTL_RETENTION_H

#include <stdbool.h>

#include "conf.h"
#include "reason.h"

struct ctl_retention {
    const struct conf *conf;
    const char *month; /* as typed: YYYY-MM */
    int before;        /* the same, as instant_month() has it */
    bool is_drop;      /* else detached */
    bool is_yes;       /* not asked */
    bool is_json;
};

/* True if what was wanted is done, or there was nothing to do. */
bool ctl_retention(const struct ctl_retention *wish, struct reason *why);

#endif
