/* conf_print: the configuration written back, with all that was not written: conf_parse() reads the same out of it. */
#ifndef ABATE_CONF_PRINT_H
#define ABATE_CONF_PRINT_H

#include <stdbool.h>

#include "buf.h"
#include "conf.h"
#include "conf_key.h"

void conf_print(const struct conf *c, struct buf *out);

/* The sections of one kind alone, with those within them. */
void conf_print_sections(const struct conf *c, enum conf_section section, struct buf *out);

/* A value as it may stand behind "key =". False, and nothing added, if there is none. */
bool conf_print_value(const struct conf_key *key, const void *base, struct buf *out);

#endif
