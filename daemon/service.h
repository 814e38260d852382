/* service: the story of abated being asked how it is: /metrics for Prometheus, /health for whoever watches it, and a line for
 * the service manager; and /ack, where people say that they see to an alert.
 *
 *     request --> a row of routes --> counters and states, looked up in those that own them --> answer
 *
 * Nothing is counted here but how late the loop is, and nothing is asked of the database: its figures are those the judge
 * has had with its last judgement.
 */
#ifndef ABATE_SERVICE_H
#define ABATE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "intake.h"
#include "journal.h"
#include "judge.h"
#include "loop.h"
#include "notifier.h"
#include "reason.h"
#include "receipt.h"
#include "writer.h"

struct service;

struct service_sight { /* what is looked at; all outlive the service */
    const struct conf *conf;
    const struct intake *intake;
    struct writer *writer;
    const struct journal *journal;
    const struct receipt *receipt;
    const struct judge *judge;
    const struct notifier *notifier;
};

/* NULL with `why` if it cannot listen. Without http in the configuration nobody can ask. */
struct service *service_new(struct loop *loop, const struct service_sight *sight, struct reason *why);
void service_free(struct service *s); /* NULL is fine */
/* Other parts, another configuration; or, with why not, the old ones still. */
void service_reloaded(struct service *s, const struct service_sight *sight, const char *why_not);
void service_stop(struct service *s); /* abated is stopping: /health says so */

/* "42,120 messages, 3 breaches open, database 2 s behind". True if it is another one than the last time. */
bool service_line(struct service *s, char *out, size_t room);

#endif
