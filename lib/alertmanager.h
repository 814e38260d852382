/* alertmanager: what a letter says, as Alertmanager's POST /api/v2/alerts takes it.
 *
 *     {"status":"firing","subject":S,"alerts":[{"rule":"hour","severity":"hour","plant_code":"P1","breach_id":7,"opened":T,
 *      "value":60, ...}, ...]}
 *     --> [{"labels":{"alertname":"abate_hour","severity":"hour","plant":"P1","breach_id":"7", ...},
 *           "annotations":{"summary":S,"value":"60", ...},"startsAt":T,"endsAt":...}, ...]
 *
 * By its labels Alertmanager knows an alert again, and routes it: codes and numbers of the thing itself, which stay the same
 * from the first word to the last, and the severity. All else is annotations. One whose severity has changed is another one
 * to it: those it was told of before ("earlier_severities") are over for it, and at the end all of them are. One that lasts
 * ends in 30 days for it, as it would otherwise call it over after some minutes; one that is over ended when it says so.
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
