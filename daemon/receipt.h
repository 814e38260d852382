/* receipt: the story of telling a sender that its message is safe.
 *
 *     receipt_kept() ... receipt_kept() --- the journal is synced: receipt_synced() ---+
 *                                                                                      +--> sheaf, by topic --> broker
 *     receipt_rejected() ... -- the transaction is through: receipt_committed() -------+    at most 64 publishes
 *                            `- or not: receipt_taken_back()                                without their PUBACK
 *
 * For feeds with `receipts = on`, on the broker the message came from: <receipt_topic>/<plant>/<monitor>, as its topic named
 * them, QoS 1, not retained: {"receipts":[{"id":"a1","sha256":"...","status":"kept"}, ...]}.
 *
 *     kept       it is on disk: the sender may forget it
 *     rejected   nothing of it was stored, and why; follows a `kept`
 *     partial    some of it was stored, and why not all
 *
 * Nothing here is durable. A receipt that is lost with the connection, the process, or for want of room (a broker too
 * slow) is made up for by the sender, which sends again what it has no receipt for, and gets one for that.
 *
 * A broker none of whose feeds asks for receipts costs nothing.
 */
#ifndef ABATE_RECEIPT_H
#define ABATE_RECEIPT_H

#include <stddef.h>

#include "conf.h"
#include "loop.h"
#include "mqtt.h"
#include "record.h"

struct receipt;

struct receipt *receipt_new(struct loop *loop, const struct conf *conf);
void receipt_free(struct receipt *r);
void receipt_change(struct receipt *r, const struct conf *conf); /* of the same brokers; what is noted goes out as it is */

/* The connection of conf->broker[broker], and what it has to tell: call both from its calls of the same name. */
void receipt_attach(struct receipt *r, size_t broker, struct mqtt *mqtt);
void receipt_on_up(struct receipt *r, size_t broker);
void receipt_on_published(struct receipt *r, size_t broker, int reason_code);

/* A message came; noted until all that came is on disk. */
void receipt_kept(struct receipt *r, size_t broker, const char *topic, const void *payload, size_t size);
void receipt_synced(struct receipt *r);

/* The batch under way rejects the message, but for `stored` of its readings; noted until the batch is committed or taken
 * back. */
void receipt_rejected(struct receipt *r, const struct record *record, const char *reason, size_t stored);
void receipt_committed(struct receipt *r);
void receipt_taken_back(struct receipt *r);

struct receipt_counts {
    unsigned long long sent, dropped; /* receipts: handed to a broker; not sent for want of room or by its refusal */
};
struct receipt_counts receipt_counts(const struct receipt *r);

#endif
