/* metrics, histogram: what Prometheus reads, to the byte. */
#include <check.h>
#include <stdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "metrics.h"
#include "runner.h"

static const struct metric counter = {"abate_messages_total", METRIC_COUNTER, "Messages."};
static const struct metric gauge = {"abate_lag_seconds", METRIC_GAUGE, "How late."};
static const struct metric histogram = {"abate_commit_seconds", METRIC_HISTOGRAM, "How long."};

static void
expect(struct buf *out, const char *wanted)
{
    buf_add(out, "", 1);
    ck_assert_str_eq((const char *)out->at, wanted);
    buf_clear(out);
}

START_TEST(a_metric_begins_with_help_and_type)
{
    struct buf out = {0};
    metrics_begin(&out, &counter);
    expect(&out, "# HELP abate_messages_total Messages.\n# TYPE abate_messages_total counter\n");
    metrics_begin(&out, &gauge);
    expect(&out, "# HELP abate_lag_seconds How late.\n# TYPE abate_lag_seconds gauge\n");
}
END_TEST

START_TEST(labels_are_escaped)
{
    struct buf out = {0};
    metrics_count(&out, &counter, (const struct metric_label[]){{"feed", "a\"b\\c\nd 郑"}, {"reason", ""}, {NULL, NULL}}, 7);
    expect(&out, "abate_messages_total{feed=\"a\\\"b\\\\c\\nd 郑\",reason=\"\"} 7\n");
    metrics_count(&out, &counter, NULL, UINT64_MAX);
    expect(&out, "abate_messages_total 18446744073709551615\n");
}
END_TEST

static const struct {
    double value;
    const char *text;
} values[] = {{0, "0"}, {-1.5, "-1.5"}, {NAN, "NaN"}, {INFINITY, "+Inf"}, {-INFINITY, "-Inf"}};

START_TEST(values_are_as_prometheus_writes_them)
{
    struct buf out = {0};
    char wanted[64];
    metrics_value(&out, &gauge, NULL, values[_i].value);
    snprintf(wanted, sizeof(wanted), "abate_lag_seconds %s\n", values[_i].text);
    expect(&out, wanted);
}
END_TEST

START_TEST(microseconds_become_seconds)
{
    struct buf out = {0};
    metrics_seconds(&out, &gauge, NULL, 1700000000123456);
    expect(&out, "abate_lag_seconds 1700000000.123456\n");
    metrics_seconds(&out, &gauge, NULL, -5);
    expect(&out, "abate_lag_seconds 0.000000\n");
}
END_TEST

/* A bound belongs to its range; each bucket counts those below it, too. */
START_TEST(a_histogram_adds_up)
{
    static const int64_t us[] = {-1, 0, 100, 101, 1000000, 60000000, 60000001};
    struct histogram h = {{0}, 0};
    struct buf out = {0};
    for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++)
        histogram_add(&h, us[i]);
    metrics_histogram(&out, &histogram, &h);
    buf_add(&out, "", 1);
    const char *text = (const char *)out.at;
    ck_assert_ptr_nonnull(strstr(text, "abate_commit_seconds_bucket{le=\"0.0001\"} 3\n"));
    ck_assert_ptr_nonnull(strstr(text, "abate_commit_seconds_bucket{le=\"0.00025\"} 4\n"));
    ck_assert_ptr_nonnull(strstr(text, "abate_commit_seconds_bucket{le=\"0.5\"} 4\n"));
    ck_assert_ptr_nonnull(strstr(text, "abate_commit_seconds_bucket{le=\"1\"} 5\n"));
    ck_assert_ptr_nonnull(strstr(text, "abate_commit_seconds_bucket{le=\"60\"} 6\n"));
    ck_assert_ptr_nonnull(strstr(text, "abate_commit_seconds_bucket{le=\"+Inf\"} 7\n"));
    ck_assert_ptr_nonnull(strstr(text, "abate_commit_seconds_sum 121.000202\nabate_commit_seconds_count 7\n"));
    buf_clear(&out);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("metrics");
    TCase *t = tcase_create("metrics");
    tcase_add_test(t, a_metric_begins_with_help_and_type);
    tcase_add_test(t, labels_are_escaped);
    tcase_add_loop_test(t, values_are_as_prometheus_writes_them, 0, sizeof(values) / sizeof(values[0]));
    tcase_add_test(t, microseconds_become_seconds);
    tcase_add_test(t, a_histogram_adds_up);
    suite_add_tcase(s, t);
    return s;
}
