/* ctl_check: what the parts of `abatectl check` have in common. */
#ifndef ABATE_CTL_CHECK_H
#define ABATE_CTL_CHECK_H

#include <stdbool.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

/* Says what stands in the way of alerts in the database, and how many only collect. False: it could not be asked. */
bool ctl_check_channels(struct loop *loop, const struct conf *conf, struct reason *why);

/* Whether the files that channels and links need are there; says which are not. */
bool ctl_check_files(const struct conf *conf);

#endif
