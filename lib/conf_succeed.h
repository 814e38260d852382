/* conf_succeed: a configuration that takes the place of another one while abated runs.
 *
 *     next, as written --> what can only be taken at a start stays as in `now`, each such key named --> next, as in force
 *
 * Sessions and connections stay as they are: what a broker, the database and the journal are known by waits for a start.
 */
#ifndef ABATE_CONF_SUCCEED_H
#define ABATE_CONF_SUCCEED_H

#include <stdbool.h>

#include "conf.h"
#include "conf_key.h"
#include "reason.h"

bool conf_key_waits(const struct conf_key *key); /* for a start */

/* False with `why`, and nothing in force: brokers came or went. `on_held` is told each key that differs and waits, such as
 * 'broker "north": host'. */
bool conf_succeed(struct conf *next, const struct conf *now, void (*on_held)(void *self, const char *what), void *self,
                  struct reason *why);

/* Whether two say the same of letters: channels, troubles, links, and the brokers that channels may use. */
bool conf_same_letters(const struct conf *a, const struct conf *b);

#endif
