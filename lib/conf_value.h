/* conf_value: what the text behind a key means. */
#ifndef ABATE_CONF_VALUE_H
#define ABATE_CONF_VALUE_H

#include <stdbool.h>

#include "conf_key.h"
#include "reason.h"

/* Stores what `text` means at `base`, the struct the key's section is read into; of a list it is one more. `c` is where
 * brokers and profiles are looked up. */
bool conf_value_take(const struct conf_key *key, const char *text, const struct conf *c, void *base,
                     struct reason *why);

#endif
