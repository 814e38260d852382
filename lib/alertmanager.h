/* alertmanager: what a letter says, as Alertmanager's POST /api/v2/alerts takes it.
 *
 *     {"status":"firing","subject":S,"alerts":[{"rule":"hour","breach_id":7,"opened":T, ...}, ...]}
 *     --> [{"labels":{"alertname":"abate_hour","breach_id":"7", ...},"annotations":{"summary":S, ...},
 *           "startsAt":T,"endsAt":...}, ...]
 *
 * By its labels Alertmanager knows an alert again: they are what does not change from the first word to the last, codes and
 * numbers of the thing itself. All else, the severity too, is annotations. One that lasts ends in 30 days for it, as it
 * would otherwise call it over after some minutes; one that is over ended when it says so.
 */
#ifndef ABATE_ALERTMANAGER_H
#define ABATE_ALERTMANAGER_H

#include <stdbool.h>

#include "buf.h"
#include "instant.h"
#include "reason.h"

/* `json`: a letter's. False with `why` if it is none. */
bool alertmanager_write(struct buf *out, const char *json, struct instant now, struct reason *why);

#endif
