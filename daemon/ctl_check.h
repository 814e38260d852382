/* ctl_check: what the parts of `abatectl check` have in common. */
#ifndef ABATE_CTL_CHECK_H
#define ABATE_CTL_CHECK_H

#include <stdbool.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

/* One finding: a line for a person, faults as the log has them; for a machine an object in a line. */
void ctl_check_say(bool is_json, bool is_fault, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Says what stands in the way of alerts in the database, and how many only collect. False: it could not be asked. */
bool ctl_check_channels(struct loop *loop, const struct conf *conf, bool is_json, struct reason *why);

/* Whether the files that channels and links need are there; says which are not. */
bool ctl_check_files(const struct conf *conf, bool is_json);

#endif
