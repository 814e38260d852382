/* batch: records in, rows out; what a failed transaction takes back. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "runner.h"

#define MINUTE 60000000ll
#define START 1604275200000000ll /* 2020-11-02 00:00:00Z */

static const char conf_text[] = "broker \"b\" { host = \"127.0.0.1\" }\n"
                                "feed \"f\" { topic = \"plants/{region}/{plant}/{monitor}\" past = \"30d\" future = \"10min\" }\n"
                                "feed \"i\" { topic = \"indicators/{agency}\" form = statement }\n";

struct stage {
    struct conf *conf;
    struct catalogue *catalogue;
    struct batch batch;
    uint64_t position;
};

static void
add_limit(struct stage *s, double upper)
{
    catalogue_make_watches(s->catalogue, 1);
    struct watch *w = &s->catalogue->watch[0];
    w->series_id = 1;
    w->rule = (struct watch_rule){.limit_id = 7,
                                  .lower = -INFINITY,
                                  .upper = upper,
                                  .lower_clear = -INFINITY,
                                  .upper_clear = upper,
                                  .valid_from = {INT64_MIN},
                                  .valid_to = {INT64_MAX}};
    w->now.last = w->kept.last = INSTANT_NEVER;
    ck_assert(catalogue_link(s->catalogue, w, 1, 0));
}

static struct stage
stage_new(void)
{
    struct stage s = {.position = 1000};
    struct reason why;

    s.conf = conf_parse("test", conf_text, &why);
    ck_assert_msg(s.conf != NULL, "%s", why.text);
    s.catalogue = catalogue_new();
    struct registry *r = s.catalogue->registry;
    struct monitor *m = registry_add_monitor(r, "M1", "P1", "north", 28800);
    struct feed *f = registry_add_feed(r, m, 1, PERIOD_MINUTE);
    f->last = INSTANT_NEVER;
    registry_add_slot(r, f, 0, "a21002", "mg/m3");
    registry_add_slot(r, f, 1, "a21026", "mg/m3");
    strcpy(s.catalogue->valid_marks, "N");
    months_add(&s.catalogue->partitions, instant_month((struct instant){START}));
    add_limit(&s, 100);
    batch_begin(&s.batch, s.conf, false, (struct instant){START + 30 * MINUTE});
    return s;
}

static void
stage_free(struct stage *s)
{
    batch_clear(&s->batch);
    catalogue_free(s->catalogue);
    conf_free(s->conf);
}

static void
take(struct stage *s, const char *topic, const char *payload)
{
    struct record r = {
        .position = s->position += 100,
        .arrived = {START + 55 * MINUTE},
        .kind = RECORD_MESSAGE,
        .broker = "b",
        .broker_size = 1,
        .topic = topic,
        .topic_size = strlen(topic),
        .payload = (const unsigned char *)payload,
        .payload_size = strlen(payload),
    };
    batch_take(&s->batch, s->conf, s->catalogue, 3, &r);
}

/* One value of the watched series, so many minutes after the start. */
static void
take_value(struct stage *s, int minute, double value)
{
    char payload[256];
    snprintf(payload, sizeof(payload),
             "{\"monitor\":\"M1\",\"time\":\"2020-11-02T00:%02d:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":%g}}",
             minute, value);
    take(s, "plants/north/P1/M1", payload);
}

static const struct {
    const char *name, *topic, *payload;
    size_t samples, readings, rejects;
    enum fault_kind kind; /* of what was wrong */
} story[] = {
    {"a good message", "plants/north/P1/M1",
     "{\"time\":\"2020-11-02T08:01:00\",\"period\":\"minute\",\"readings\":{\"a21002\":1,\"a21026\":2}}", 1, 2, 0, FAULT_KINDS},
    {"no feed takes the topic", "elsewhere/M1", "{}", 0, 0, 1, FAULT_TOPIC},
    {"no JSON", "plants/north/P1/M1", "{", 0, 0, 1, FAULT_PAYLOAD},
    {"another plant's topic", "plants/north/P2/M1",
     "{\"time\":\"2020-11-02T08:01:00\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}", 0, 0, 1, FAULT_MONITOR},
    {"one reading unknown, the other stored", "plants/north/P1/M1",
     "{\"time\":\"2020-11-02T08:01:00\",\"period\":\"minute\",\"readings\":{\"a21002\":1,\"a99999\":2}}", 1, 1, 1, FAULT_READING},
    {"two instants, one of them too old", "plants/north/P1/M1",
     "[{\"time\":\"2020-11-02T08:01:00\",\"period\":\"minute\",\"readings\":{\"a21002\":1}},"
     "{\"time\":\"1999-11-02T08:01:00\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}]",
     1, 1, 1, FAULT_TIME},
    {"no readings", "plants/north/P1/M1", "{\"time\":\"2020-11-02T08:01:00\",\"period\":\"minute\",\"readings\":{}}", 0, 0, 1,
     FAULT_PAYLOAD},
};

START_TEST(rows_of_a_message)
{
    struct stage s = stage_new();
    take(&s, story[_i].topic, story[_i].payload);
    batch_end(&s.batch, 3);
    ck_assert_msg(s.batch.sample_rows == story[_i].samples, "%s: %zu samples", story[_i].name, s.batch.sample_rows);
    ck_assert_msg(s.batch.readings == story[_i].readings, "%s: %zu readings", story[_i].name, s.batch.readings);
    ck_assert_msg(s.batch.reject_rows == story[_i].rejects, "%s: %zu rejects", story[_i].name, s.batch.reject_rows);
    ck_assert_uint_eq(s.batch.merge_rows, 0);
    const struct tally_counts *c = &s.batch.tally.feed[story[_i].kind == FAULT_TOPIC ? s.batch.tally.feeds : 0];
    ck_assert_uint_eq(c->messages, 1);
    ck_assert_uint_eq(c->stored, story[_i].readings > 0);
    ck_assert_uint_eq(c->readings, story[_i].readings);
    for (enum fault_kind kind = 0; kind < FAULT_KINDS; kind++)
        ck_assert_msg(c->rejects[kind] == (kind == story[_i].kind), "%s: \"%s\"", story[_i].name, fault_kind_name[kind]);
    stage_free(&s);
}
END_TEST

START_TEST(what_was_there_already_is_counted_by_feed)
{
    struct stage s = stage_new();
    take_value(&s, 5, 1);
    take_value(&s, 5, 1); /* again */
    take_value(&s, 6, 1);
    take_value(&s, 2, 1); /* late */
    batch_end(&s.batch, 3);
    uint64_t again = s.batch.origins.at[0].position, late = s.batch.origins.at[1].position;
    char positions[64];
    snprintf(positions, sizeof(positions), "%llu %llu 7", (unsigned long long)late, (unsigned long long)again);

    ck_assert_uint_eq(s.batch.origins.count, 2);
    batch_found(&s.batch, positions, "2 1 100");
    ck_assert_uint_eq(s.batch.tally.feed[0].duplicates, 3);
    batch_found(&s.batch, positions, "2 1 100");
    ck_assert_uint_eq(s.batch.tally.feed[0].duplicates, 3);
    batch_found(&s.batch, "", "");
    ck_assert_uint_eq(s.batch.tally.feed[0].duplicates, 0);

    struct reason why;
    struct conf *now = conf_parse("test", "broker \"b\" { host = \"h\" }\nfeed \"x\" { topic = \"x/{monitor}\" }\n"
                                          "feed \"f\" { topic = \"y/{monitor}\" }\n", &why);
    batch_carry(&s.batch, s.conf, now);
    batch_found(&s.batch, positions, "2 1 100");
    ck_assert_uint_eq(s.batch.tally.feed[0].duplicates, 0);
    ck_assert_uint_eq(s.batch.tally.feed[1].duplicates, 3);
    batch_carry(&s.batch, now, s.conf);
    conf_free(now);
    stage_free(&s);
}
END_TEST

START_TEST(what_may_be_there_is_merged)
{
    struct stage s = stage_new();
    take_value(&s, 5, 1);
    take_value(&s, 6, 1);
    take_value(&s, 6, 1); /* again */
    take_value(&s, 2, 1); /* late */
    take_value(&s, 7, 1);
    ck_assert_uint_eq(s.batch.sample_rows, 3);
    ck_assert_uint_eq(s.batch.merge_rows, 2);
    batch_begin(&s.batch, s.conf, true, (struct instant){START + 30 * MINUTE});
    take_value(&s, 8, 1);
    ck_assert_uint_eq(s.batch.sample_rows, 0);
    ck_assert_uint_eq(s.batch.merge_rows, 1);
    stage_free(&s);
}
END_TEST

/* Also the newest of its feed: what comes of the same instant behind it finds it in its place. */
START_TEST(a_reissue_is_merged)
{
    struct stage s = stage_new();
    take_value(&s, 5, 1);
    take(&s, "plants/north/P1/M1",
         "{\"time\":\"2020-11-02T08:06:00\",\"period\":\"minute\",\"reissue\":true,\"readings\":{\"a21002\":1}}");
    ck_assert_uint_eq(s.batch.sample_rows, 1);
    ck_assert_uint_eq(s.batch.merge_rows, 1);
    ck_assert_uint_eq(s.batch.merges.at[s.batch.merges.size - 1], 1);
    take_value(&s, 6, 1);
    ck_assert_uint_eq(s.batch.merge_rows, 2);
    ck_assert_uint_eq(s.batch.merges.at[s.batch.merges.size - 1], 0);
    stage_free(&s);
}
END_TEST

START_TEST(a_month_without_partition_is_asked_for)
{
    struct stage s = stage_new();
    take_value(&s, 1, 1);
    ck_assert_int_eq(months_first(&s.batch.missing), -1);
    take(&s, "plants/north/P1/M1", "{\"time\":\"2020-10-30T00:00:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}");
    ck_assert_int_eq(months_first(&s.batch.missing), 2020 * 12 + 9);
    stage_free(&s);
}
END_TEST

static void
take_day(struct stage *s, const char *day)
{
    char payload[128];
    snprintf(payload, sizeof(payload), "{\"time\":\"%sT00:00:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}", day);
    take(s, "plants/north/P1/M1", payload);
}

START_TEST(a_month_asked_for_while_samples_are_written_is_merged)
{
    struct stage s = stage_new();
    batch_go_on(&s.batch);
    take_day(&s, "2020-10-30");
    take_day(&s, "2020-11-01");
    ck_assert_uint_eq(s.batch.merge_rows, 1);
    ck_assert_uint_eq(s.batch.sample_rows, 1);
    ck_assert_int_eq(months_first(&s.batch.missing), 2020 * 12 + 9);
    stage_free(&s);
}
END_TEST

START_TEST(a_month_asked_for_before_has_its_partition_by_then)
{
    struct stage s = stage_new();
    take_day(&s, "2020-10-20");
    batch_go_on(&s.batch);
    months_remove(&s.batch.missing, 2020 * 12 + 9);
    take_day(&s, "2020-10-21");
    ck_assert_uint_eq(s.batch.merge_rows, 0);
    ck_assert_uint_eq(s.batch.sample_rows, 2);
    ck_assert_int_eq(months_first(&s.batch.missing), -1);

    batch_begin(&s.batch, s.conf, false, (struct instant){START + 30 * MINUTE});
    batch_go_on(&s.batch);
    take_day(&s, "2020-10-22");
    ck_assert_uint_eq(s.batch.merge_rows, 1);
    stage_free(&s);
}
END_TEST

START_TEST(a_failed_batch_leaves_no_breach_behind)
{
    struct stage s = stage_new();
    struct watch *w = &s.catalogue->watch[0];

    take_value(&s, 1, 50);
    take_value(&s, 2, 150);
    batch_end(&s.batch, 3);
    ck_assert_int_eq(w->now.phase, WATCH_OPEN);
    ck_assert_uint_eq(s.batch.episode_rows, 1);
    ck_assert_uint_eq(s.batch.state_rows, 1);
    batch_back(&s.batch);
    ck_assert_int_eq(w->now.phase, WATCH_QUIET);

    batch_begin(&s.batch, s.conf, false, (struct instant){START + 30 * MINUTE}); /* the same again */
    take_value(&s, 1, 50);
    take_value(&s, 2, 150);
    take_value(&s, 3, 60);
    batch_end(&s.batch, 3);
    ck_assert_uint_eq(s.batch.episode_rows, 1);
    batch_kept(&s.batch);
    ck_assert_int_eq(w->kept.phase, WATCH_QUIET);

    batch_begin(&s.batch, s.conf, false, (struct instant){START + 30 * MINUTE}); /* redelivered after the commit: no second breach */
    take_value(&s, 2, 150);
    take_value(&s, 3, 60);
    batch_end(&s.batch, 3);
    ck_assert_uint_eq(s.batch.episode_rows, 0);
    stage_free(&s);
}
END_TEST

START_TEST(an_invalid_mark_is_stored_and_not_judged)
{
    struct stage s = stage_new();
    take(&s, "plants/north/P1/M1",
         "{\"time\":\"2020-11-02T00:01:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":{\"value\":500,\"mark\":\"C\"}}}");
    batch_end(&s.batch, 3);
    ck_assert_uint_eq(s.batch.sample_rows, 1);
    ck_assert_uint_eq(s.batch.episode_rows, 0);
    stage_free(&s);
}
END_TEST

/* The touched hours of the batch, as "feed hour-of-the-story" each. The frame's head has 19 bytes, a row 33: it
 * ends with the journal and the broker, "b". */
static const char *
touches(struct stage *s)
{
    static char text[256];
    size_t used = 0;

    batch_end(&s->batch, 3);
    ck_assert_uint_eq(s->batch.touches.size, 19 + 33 * s->batch.touch_rows + 2);
    text[0] = '\0';
    for (size_t i = 0; i < s->batch.touch_rows; i++) {
        const unsigned char *row = s->batch.touches.at + 19 + 33 * i;
        int64_t us = 0;
        ck_assert_mem_eq(row + 22, "\0\0\0\2\0\3\0\0\0\1b", 11);
        for (int byte = 14; byte < 22; byte++)
            us = us * 256 + row[byte];
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d %g", i > 0 ? ", " : "", row[9],
                                 (double)(us + 946684800000000 - START) / (60.0 * MINUTE));
    }
    return text;
}

/* What a batch committed at such a minute writes of values at these minutes. */
static const char *
touched_by(struct stage *s, int by, int a, int b)
{
    batch_begin(&s->batch, s->conf, false, (struct instant){START + by * MINUTE});
    take_value(s, a, 1);
    if (b >= 0)
        take_value(s, b, 1);
    return touches(s);
}

START_TEST(an_hour_is_told_once_while_it_runs)
{
    struct stage s = stage_new();
    ck_assert_str_eq(touched_by(&s, 20, 1, 2), "1 0");
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 59, 3, 58), "");
    ck_assert(!batch_is_late(&s.batch, (struct instant){START + 60 * MINUTE - 1}));
    ck_assert(batch_is_late(&s.batch, (struct instant){START + 60 * MINUTE})); /* it relied on the row of the first */
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 60, 59, -1), "1 0"); /* it may be judged before this batch is committed */
    ck_assert(!batch_is_late(&s.batch, (struct instant){INT64_MAX - 1}));
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 60, 58, -1), "1 0"); /* and again for each */
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 61, 57, -1), "1 0");
    stage_free(&s);
}
END_TEST

START_TEST(a_backlog_is_told_hour_by_hour)
{
    struct stage s = stage_new();
    batch_begin(&s.batch, s.conf, false, (struct instant){START + 600 * MINUTE});
    take_value(&s, 1, 1);
    take_value(&s, 59, 1);
    take(&s, "plants/north/P1/M1", "{\"time\":\"2020-11-01T22:59:59Z\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}");
    take(&s, "plants/north/P1/M1", "{\"time\":\"2020-11-01T22:00:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}");
    ck_assert_str_eq(touches(&s), "1 0, 1 -2");
    batch_kept(&s.batch);
    stage_free(&s);
}
END_TEST

START_TEST(a_backlog_between_live_messages_is_told_once)
{
    struct stage s = stage_new();
    batch_begin(&s.batch, s.conf, false, (struct instant){START + 10 * MINUTE});
    for (int i = 1; i < 9; i++) {
        take_value(&s, i, 1);
        take(&s, "plants/north/P1/M1", "{\"time\":\"2020-11-01T20:00:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}");
    }
    ck_assert_str_eq(touches(&s), "1 0, 1 -4");
    stage_free(&s);
}
END_TEST

START_TEST(what_was_told_by_a_failed_batch_is_told_again)
{
    struct stage s = stage_new();
    ck_assert_str_eq(touched_by(&s, 20, 1, -1), "1 0");
    batch_back(&s.batch);
    ck_assert_str_eq(touched_by(&s, 20, 1, -1), "1 0");
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 20, 2, -1), "");
    batch_back(&s.batch); /* whatever the reason, such as that it was late: the next try relies on nothing */
    ck_assert_str_eq(touched_by(&s, 20, 2, -1), "1 0");
    batch_kept(&s.batch);
    batch_begin(&s.batch, s.conf, false, s.batch.by);
    batch_end(&s.batch, 3);
    batch_back(&s.batch); /* nothing was in it */
    ck_assert_str_eq(touched_by(&s, 20, 3, -1), "");
    stage_free(&s);
}
END_TEST

START_TEST(a_clock_set_back_is_not_trusted)
{
    struct stage s = stage_new();
    ck_assert_str_eq(touched_by(&s, 20, 1, -1), "1 0");
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 90, 2, -1), "1 0"); /* a clock too fast, by which the hour was judged */
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 30, 3, -1), "1 0");
    batch_kept(&s.batch);
    ck_assert_str_eq(touched_by(&s, 31, 4, -1), "");
    stage_free(&s);
}
END_TEST

START_TEST(a_new_catalogue_knows_nothing_of_it)
{
    struct stage s = stage_new(), other = stage_new();
    ck_assert_str_eq(touched_by(&s, 20, 1, -1), "1 0");
    batch_kept(&s.batch);
    struct catalogue *old = s.catalogue;
    s.catalogue = other.catalogue;
    ck_assert_str_eq(touched_by(&s, 20, 2, -1), "1 0");
    s.catalogue = old;
    stage_free(&s);
    stage_free(&other);
}
END_TEST

START_TEST(a_statement_goes_on_as_it_is)
{
    struct stage s = stage_new();
    take(&s, "indicators/stats", "[{\"indicator\":\"energy\"}]");
    take(&s, "indicators/stats", "[]");
    take(&s, "indicators/stats", "{\"a\":1,\"a\":2}");
    batch_end(&s.batch, 3);
    ck_assert_uint_eq(s.batch.statement_rows, 1);
    ck_assert_uint_eq(s.batch.reject_rows, 2);
    ck_assert_uint_eq(s.batch.sample_rows, 0);
    ck_assert_uint_eq(s.batch.statements.size,
                      19 + 2 + 6 + 12 + 12 + (4 + 1) + (4 + 16) + (4 + 5) + (4 + 24) + 2);
    stage_free(&s);
}
END_TEST

START_TEST(a_refused_message_touches_nothing)
{
    struct stage s = stage_new();
    take(&s, "plants/north/P2/M1", "{\"time\":\"2020-11-02T08:01:00\",\"period\":\"minute\",\"readings\":{\"a21002\":1}}");
    ck_assert_str_eq(touches(&s), "");
    stage_free(&s);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("batch");
    TCase *t = tcase_create("batch");
    tcase_add_loop_test(t, rows_of_a_message, 0, sizeof(story) / sizeof(story[0]));
    tcase_add_test(t, what_was_there_already_is_counted_by_feed);
    tcase_add_test(t, what_may_be_there_is_merged);
    tcase_add_test(t, a_reissue_is_merged);
    tcase_add_test(t, a_month_without_partition_is_asked_for);
    tcase_add_test(t, a_month_asked_for_while_samples_are_written_is_merged);
    tcase_add_test(t, a_month_asked_for_before_has_its_partition_by_then);
    tcase_add_test(t, a_failed_batch_leaves_no_breach_behind);
    tcase_add_test(t, an_invalid_mark_is_stored_and_not_judged);
    tcase_add_test(t, an_hour_is_told_once_while_it_runs);
    tcase_add_test(t, a_backlog_is_told_hour_by_hour);
    tcase_add_test(t, a_backlog_between_live_messages_is_told_once);
    tcase_add_test(t, what_was_told_by_a_failed_batch_is_told_again);
    tcase_add_test(t, a_clock_set_back_is_not_trusted);
    tcase_add_test(t, a_new_catalogue_knows_nothing_of_it);
    tcase_add_test(t, a_refused_message_touches_nothing);
    tcase_add_test(t, a_statement_goes_on_as_it_is);
    suite_add_tcase(s, t);
    return s;
}
