#include "metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const char *const kind_name[] = {"counter", "gauge", "histogram"};

static void
add_head(struct buf *out, const char *word, const char *name, const char *text)
{
    buf_add_text(out, word);
    buf_add_text(out, name);
    buf_add_text(out, " ");
    buf_add_text(out, text);
    buf_add_text(out, "\n");
}

void
metrics_begin(struct buf *out, const struct metric *m)
{
    add_head(out, "# HELP ", m->name, m->help);
    add_head(out, "# TYPE ", m->name, kind_name[m->kind]);
}

/* Within quotes: what would end them or the line. */
static void
add_escaped(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            buf_add_text(out, "\\n");
        else if (*text == '"' || *text == '\\')
            buf_add(out, (char[]){'\\', *text}, 2);
        else
            buf_add(out, text, 1);
    }
}

static void
add_name(struct buf *out, const char *name, const char *suffix, const struct metric_label *label)
{
    const char *before = "{";

    buf_add_text(out, name);
    buf_add_text(out, suffix);
    for (; label != NULL && label->name != NULL; label++, before = ",") {
        buf_add_text(out, before);
        buf_add_text(out, label->name);
        buf_add_text(out, "=\"");
        add_escaped(out, label->value);
        buf_add_text(out, "\"");
    }
    buf_add_text(out, before[0] == '{' ? " " : "} ");
}

static void
add_count(struct buf *out, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
    buf_add_text(out, text);
}

static void
add_value(struct buf *out, double value)
{
    char text[40];
    if (isnan(value))
        snprintf(text, sizeof(text), "NaN\n");
    else if (isinf(value))
        snprintf(text, sizeof(text), "%cInf\n", value > 0 ? '+' : '-');
    else
        snprintf(text, sizeof(text), "%.17g\n", value);
    buf_add_text(out, text);
}

/* Microseconds as seconds, exactly. */
static void
add_seconds(struct buf *out, uint64_t us)
{
    char text[40];
    snprintf(text, sizeof(text), "%" PRIu64 ".%06" PRIu64 "\n", us / 1000000, us % 1000000);
    buf_add_text(out, text);
}

void
metrics_count(struct buf *out, const struct metric *m, const struct metric_label *label, uint64_t value)
{
    add_name(out, m->name, "", label);
    add_count(out, value);
}

void
metrics_value(struct buf *out, const struct metric *m, const struct metric_label *label, double value)
{
    add_name(out, m->name, "", label);
    add_value(out, value);
}

void
metrics_seconds(struct buf *out, const struct metric *m, const struct metric_label *label, int64_t us)
{
    add_name(out, m->name, "", label);
    add_seconds(out, us > 0 ? (uint64_t)us : 0);
}

void
metrics_histogram(struct buf *out, const struct metric *m, const struct histogram *h)
{
    uint64_t count = 0;
    char bound[32];

    for (int i = 0; i < HISTOGRAM_BOUNDS; i++) {
        count += h->count[i];
        snprintf(bound, sizeof(bound), "%g", (double)histogram_bound_us[i] / 1e6);
        add_name(out, m->name, "_bucket", (const struct metric_label[]){{"le", bound}, {NULL, NULL}});
        add_count(out, count);
    }
    count += h->count[HISTOGRAM_BOUNDS];
    add_name(out, m->name, "_bucket", (const struct metric_label[]){{"le", "+Inf"}, {NULL, NULL}});
    add_count(out, count);
    add_name(out, m->name, "_sum", NULL);
    add_seconds(out, h->sum_us);
    add_name(out, m->name, "_count", NULL);
    add_count(out, count);
}
