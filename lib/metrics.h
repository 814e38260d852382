/* metrics: Prometheus's text format, version 0.0.4.
 *
 *     # HELP abate_feed_messages_total Messages decoded and committed.
 *     # TYPE abate_feed_messages_total counter
 *     abate_feed_messages_total{feed="north"} 42120
 *
 * One metrics_begin() for each metric, its values behind it.
 */
#ifndef ABATE_METRICS_H
#define ABATE_METRICS_H

#include <stdint.h>

#include "buf.h"
#include "histogram.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
    const char *name; /* [a-z_]; a counter ends with _total, its unit stands before */
    enum metric_kind kind;
    const char *help; /* one line */
};

struct metric_label {
    const char *name, *value; /* any text */
};

void metrics_begin(struct buf *out, const struct metric *m);

/* `label` ends with a name that is NULL; NULL: it has none. */
void metrics_count(struct buf *out, const struct metric *m, const struct metric_label *label, uint64_t value);
void metrics_value(struct buf *out, const struct metric *m, const struct metric_label *label, double value);
void metrics_seconds(struct buf *out, const struct metric *m, const struct metric_label *label, int64_t us);
void metrics_histogram(struct buf *out, const struct metric *m, const struct histogram *h); /* in seconds */

#endif
