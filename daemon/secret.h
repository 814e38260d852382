/* secret: a password out of a file (a systemd credential, say): its first line. Never from the configuration. */
#ifndef ABATE_SECRET_H
#define ABATE_SECRET_H

#include <stdbool.h>

#include "reason.h"

#define SECRET_SIZE 512

/* `out` has SECRET_SIZE bytes. False if the file cannot be read, is empty or its first line too long. */
bool secret_read(const char *file, char *out, struct reason *why);

#endif
