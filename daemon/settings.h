/* settings: the configuration out of its file, for all programs alike. */
#ifndef ABATE_SETTINGS_H
#define ABATE_SETTINGS_H

#include "conf.h"
#include "reason.h"

#define SETTINGS_FILE ABATE_SYSCONFDIR "/abate/abated.conf"

struct conf *settings_read(const char *file, struct reason *why); /* NULL with `why`: file, line, key */

#endif
