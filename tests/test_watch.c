/* watch: sequences of values and what becomes of them; redelivery, and the list of the touched. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"
#include "watch.h"

#define S 1000000ll
#define NEVER ((struct instant){INT64_MIN})
#define NONE INFINITY
#define STEPS 12
#define EPISODES 4

/* Seconds in the tables; the position of a reading is 100 + its place in the row. */
struct told {
    int64_t at_s;
    double value;
    enum watch_step step;
    enum watch_phase phase;
};

/* step, phase behind it */
#define IS_QUIET WATCH_SAME, WATCH_QUIET
#define IS_PENDING WATCH_SAME, WATCH_PENDING
#define IS_OPEN WATCH_SAME, WATCH_OPEN
#define BEGINS WATCH_ENTERED, WATCH_PENDING
#define FORGETS WATCH_ENTERED, WATCH_QUIET
#define OPENS WATCH_OPENED, WATCH_OPEN
#define CLOSES WATCH_CLOSED, WATCH_QUIET

struct ended {
    int64_t opened_s, closed_s; /* closed 0: still open at the end of the row */
    double worst;
    int64_t worst_s;
    int32_t count;
    uint64_t first, worst_position, last;
};

/* clang-format off */
static const struct story {
    const char *name;
    double lower, upper, lower_clear, upper_clear;
    int64_t hold_s, from_s, to_s; /* to 0: for ever */
    struct told told[STEPS];      /* ends where at_s is 0 */
    struct ended ended[EPISODES]; /* ends where opened_s is 0 */
} stories[] = {
    {"equal to the limit complies", -NONE, 50, -NONE, 50, 0, 0, 0,
     {{10, 50, IS_QUIET}, {20, 49.9, IS_QUIET}}, {{0}}},
    {"no hold: open at once, closed by the first value that complies", -NONE, 50, -NONE, 50, 0, 0, 0,
     {{10, 51, OPENS}, {20, 60, IS_OPEN}, {30, 55, IS_OPEN}, {40, 50, CLOSES}},
     {{10, 40, 60, 20, 3, 100, 101, 102}}},
    {"two episodes", -NONE, 50, -NONE, 50, 0, 0, 0,
     {{10, 51, OPENS}, {20, 1, CLOSES}, {30, 1, IS_QUIET}, {40, 52, OPENS}},
     {{10, 20, 51, 10, 1, 100, 100, 100}, {40, 0, 52, 40, 1, 103, 103, 103}}},
    {"hold: one second short, forgotten", -NONE, 50, -NONE, 50, 60, 0, 0,
     {{10, 51, BEGINS}, {69, 52, IS_PENDING}, {80, 50, FORGETS}},
     {{0}}},
    {"hold: reached to the second; the beginning is the first value over", -NONE, 50, -NONE, 50, 60, 0, 0,
     {{10, 51, BEGINS}, {40, 70, IS_PENDING}, {70, 52, OPENS}, {80, 50, CLOSES}},
     {{10, 80, 70, 40, 3, 100, 101, 102}}},
    {"hold: begins anew after a value that complies", -NONE, 50, -NONE, 50, 60, 0, 0,
     {{10, 51, BEGINS}, {50, 50, FORGETS}, {60, 51, BEGINS}, {70, 51, IS_PENDING}, {120, 51, OPENS}},
     {{60, 0, 51, 60, 3, 102, 102, 104}}},
    {"hold: a gap between two values over counts as over", -NONE, 50, -NONE, 50, 60, 0, 0,
     {{10, 51, BEGINS}, {9999, 51, OPENS}},
     {{10, 0, 51, 10, 2, 100, 100, 101}}},
    {"hysteresis: open down to the clear level, equal to it closes", -NONE, 50, -NONE, 45, 0, 0, 0,
     {{10, 51, OPENS}, {20, 50, IS_OPEN}, {30, 45.1, IS_OPEN}, {40, 53, IS_OPEN}, {50, 45, CLOSES}},
     {{10, 50, 53, 40, 2, 100, 103, 103}}},
    {"hysteresis does not keep a breach that is only pending", -NONE, 50, -NONE, 45, 60, 0, 0,
     {{10, 51, BEGINS}, {20, 49, FORGETS}}, {{0}}},
    {"hysteresis opens nothing by itself", -NONE, 50, -NONE, 45, 0, 0, 0, {{10, 48, IS_QUIET}}, {{0}}},
    {"a lower bound alone", 6, NONE, 6.5, NONE, 0, 0, 0,
     {{10, 6, IS_QUIET}, {20, 5.5, OPENS}, {30, 5, IS_OPEN}, {40, 5.2, IS_OPEN}, {50, 6.2, IS_OPEN}, {60, 6.5, CLOSES}},
     {{20, 60, 5, 30, 3, 101, 102, 103}}},
    {"pH 6 to 9: from over the upper to under the lower bound is one breach", 6, 9, 6, 9, 0, 0, 0,
     {{10, 10, OPENS}, {20, 3, IS_OPEN}, {30, 11, IS_OPEN}, {40, 7, CLOSES}},
     {{10, 40, 3, 20, 3, 100, 101, 102}}},
    {"pH 6 to 9: the hold counts on when the bound changes", 6, 9, 6, 9, 60, 0, 0,
     {{10, 10, BEGINS}, {40, 5, IS_PENDING}, {70, 9.5, OPENS}},
     {{10, 0, 10, 10, 3, 100, 100, 102}}},
    {"pH 6 to 9: past either clear level stays open", 6, 9, 6.5, 8.5, 0, 0, 0,
     {{10, 10, OPENS}, {20, 6.2, IS_OPEN}, {30, 8.7, IS_OPEN}, {40, 8.5, CLOSES}},
     {{10, 40, 10, 10, 1, 100, 100, 100}}},
    {"of two that are equally bad the first is the worst", 6, 9, 6, 9, 0, 0, 0,
     {{10, 10, OPENS}, {20, 5, IS_OPEN}, {30, 10, IS_OPEN}},
     {{10, 0, 10, 10, 3, 100, 100, 102}}},
    {"the same instant again, and an older one, are passed by", -NONE, 50, -NONE, 50, 0, 0, 0,
     {{20, 51, OPENS}, {20, 99, IS_OPEN}, {10, 1, IS_OPEN}, {20, 1, IS_OPEN}, {30, 50, CLOSES}, {25, 99, IS_QUIET}},
     {{20, 30, 51, 20, 1, 100, 100, 100}}},
    {"before the limit is in force nothing is judged; its first instant counts", -NONE, 50, -NONE, 50, 0, 20, 0,
     {{19, 99, IS_QUIET}, {20, 51, OPENS}}, {{20, 0, 51, 20, 1, 101, 101, 101}}},
    {"the limit's last instant is no more in force", -NONE, 50, -NONE, 50, 0, 0, 20,
     {{19, 50, IS_QUIET}, {20, 99, IS_QUIET}}, {{0}}},
    {"an open breach ends with its limit, however late the next reading", -NONE, 50, -NONE, 50, 0, 0, 60,
     {{10, 51, OPENS}, {20, 53, IS_OPEN}, {500, 99, CLOSES}, {510, 99, IS_QUIET}},
     {{10, 60, 53, 20, 2, 100, 101, 101}}},
    {"likewise on its last instant, and though the value complies", -NONE, 50, -NONE, 50, 0, 0, 60,
     {{10, 51, OPENS}, {60, 1, CLOSES}}, {{10, 60, 51, 10, 1, 100, 100, 100}}},
    {"what is pending when its limit runs out is forgotten", -NONE, 50, -NONE, 50, 30, 0, 60,
     {{20, 51, BEGINS}, {70, 51, FORGETS}}, {{0}}},
    {"a value out of force moves the last instant, too", -NONE, 50, -NONE, 50, 0, 0, 60,
     {{90, 51, IS_QUIET}, {50, 51, IS_QUIET}}, {{0}}},
};
/* clang-format on */

static struct watch_rule
rule_of(const struct story *s)
{
    return (struct watch_rule){
        .limit_id = 7,
        .lower = s->lower,
        .upper = s->upper,
        .lower_clear = s->lower_clear,
        .upper_clear = s->upper_clear,
        .hold_us = s->hold_s * S,
        .valid_from = {s->from_s == 0 ? INT64_MIN : s->from_s * S},
        .valid_to = {s->to_s == 0 ? INT64_MAX : s->to_s * S},
    };
}

static struct watch
watch_of(const struct watch_rule *rule)
{
    struct watch w = {.rule = *rule, .series_id = 3};
    w.now.last = w.kept.last = NEVER;
    return w;
}

/* What a run of values left behind: the breaches closed, in order. */
struct past {
    struct episode episode[64];
    size_t episodes;
};

static enum watch_step
tell(struct watch *w, struct watch_list *touched, double value, int64_t at_us, uint64_t position,
     struct past *past)
{
    if (past->episodes == 64)
        ck_abort_msg("more breaches than this test has room for");
    enum watch_step step =
        watch_value(w, touched, value, (struct instant){at_us}, position, &past->episode[past->episodes]);
    past->episodes += step == WATCH_CLOSED;
    return step;
}

static void
tell_row(struct watch *w, struct watch_list *touched, const struct story *row, size_t first, size_t count,
         struct past *past)
{
    for (size_t i = first; i < first + count; i++)
        tell(w, touched, row->told[i].value, row->told[i].at_s * S, 100 + i, past);
}

static size_t
length_of(const struct story *row)
{
    size_t n = 0;
    while (n < STEPS && row->told[n].at_s != 0)
        n++;
    return n;
}

static void
check_episode(const struct story *row, const struct ended *wanted, const struct episode *e)
{
    const char *n = row->name;

    ck_assert_msg(e->is_closed == (wanted->closed_s != 0), "%s: closed %d", n, e->is_closed);
    if (e->is_closed)
        ck_assert_msg(e->closed.us == wanted->closed_s * S, "%s: closed at %lld s", n,
                      (long long)(e->closed.us / S));
    ck_assert_msg(e->limit_id == 7 && e->series_id == 3, "%s: of limit %d, series %d", n, e->limit_id,
                  e->series_id);
    ck_assert_msg(e->state.since.us == wanted->opened_s * S, "%s: opened %lld us", n,
                  (long long)e->state.since.us);
    ck_assert_msg(e->state.worst == wanted->worst, "%s: worst %g", n, e->state.worst);
    ck_assert_msg(e->state.worst_at.us == wanted->worst_s * S, "%s: worst at %lld us", n,
                  (long long)e->state.worst_at.us);
    ck_assert_msg(e->state.count == wanted->count, "%s: count %d", n, e->state.count);
    ck_assert_msg(e->state.first_position == wanted->first &&
                      e->state.worst_position == wanted->worst_position &&
                      e->state.last_position == wanted->last,
                  "%s: positions %llu %llu %llu", n, (unsigned long long)e->state.first_position,
                  (unsigned long long)e->state.worst_position, (unsigned long long)e->state.last_position);
}

/* The closed ones, then what is still open. */
static void
check_past(const struct story *row, const struct past *past, const struct watch *w)
{
    struct past all = *past;
    size_t wanted = 0;

    if (w->now.phase == WATCH_OPEN)
        all.episode[all.episodes++] =
            (struct episode){.limit_id = w->rule.limit_id, .series_id = w->series_id, .state = w->now};
    while (wanted < EPISODES && row->ended[wanted].opened_s != 0)
        wanted++;
    ck_assert_msg(all.episodes == wanted, "%s: %zu episodes, not %zu", row->name, all.episodes, wanted);
    for (size_t i = 0; i < wanted; i++)
        check_episode(row, &row->ended[i], &all.episode[i]);
}

START_TEST(values_make_phases_and_episodes)
{
    const struct story *row = &stories[_i];
    struct watch_rule rule = rule_of(row);
    struct watch w = watch_of(&rule);
    struct watch_list touched = {NULL};
    struct past past = {.episodes = 0};
    int64_t newest = INT64_MIN;

    for (size_t i = 0; i < length_of(row); i++) {
        const struct told *t = &row->told[i];
        enum watch_step step = tell(&w, &touched, t->value, t->at_s * S, 100 + i, &past);
        newest = t->at_s * S > newest ? t->at_s * S : newest;
        ck_assert_msg(step == t->step, "%s: value %zu: step %d, not %d", row->name, i, step, t->step);
        ck_assert_msg(w.now.phase == t->phase, "%s: value %zu: %s, not %s", row->name, i,
                      watch_phase_name[w.now.phase], watch_phase_name[t->phase]);
        ck_assert_msg(w.now.last.us == newest, "%s: value %zu: the last instant is not the newest", row->name,
                      i);
    }
    check_past(row, &past, &w);
}
END_TEST

START_TEST(redelivery_of_any_prefix_makes_no_second_episode)
{
    const struct story *row = &stories[_i];
    struct watch_rule rule = rule_of(row);
    size_t length = length_of(row);

    for (size_t told = 1; told <= length; told++) {
        struct watch w = watch_of(&rule);
        struct watch_list touched = {NULL};
        struct past past = {.episodes = 0};
        tell_row(&w, &touched, row, 0, told, &past);
        for (size_t again = 1; again <= told; again++)
            tell_row(&w, &touched, row, 0, again, &past);
        tell_row(&w, &touched, row, told, length - told, &past);
        check_past(row, &past, &w);
    }
}
END_TEST

START_TEST(the_machine_alone_passes_by_what_is_not_newer)
{
    struct watch_rule rule = {.lower = -NONE, .upper = 50, .upper_clear = 50, .valid_to = {INT64_MAX}};
    struct watch_state s = {.phase = WATCH_OPEN, .last = {S}, .count = 1, .worst = 60}, closed;

    ck_assert_int_eq(watch_step(&rule, &s, 99, (struct instant){S}, 1, &closed), WATCH_SAME);
    ck_assert_int_eq(watch_step(&rule, &s, 1, (struct instant){S - 1}, 1, &closed), WATCH_SAME);
    ck_assert_int_eq(s.phase, WATCH_OPEN);
    ck_assert_int_eq(s.count, 1);
}
END_TEST

/* A limit changed while its breach was open: the end is never before what was judged already. */
START_TEST(a_limit_shortened_afterwards_closes_at_the_last_instant_judged)
{
    static const struct change {
        const char *name;
        int64_t from_s, to_s;
    } changes[] = {{"ends before what was judged", 0, 15}, {"begins after it", 1000, 2000}};

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct watch_rule rule = {.lower = -NONE, .upper = 50, .upper_clear = 50, .valid_to = {INT64_MAX}};
        struct watch w = watch_of(&rule);
        struct watch_list touched = {NULL};
        struct past past = {.episodes = 0};
        tell(&w, &touched, 51, 10 * S, 1, &past);
        tell(&w, &touched, 52, 20 * S, 2, &past);
        w.rule.valid_from.us = changes[i].from_s * S;
        w.rule.valid_to.us = changes[i].to_s * S;
        ck_assert_msg(tell(&w, &touched, 53, 30 * S, 3, &past) == WATCH_CLOSED, "%s", changes[i].name);
        ck_assert_msg(past.episode[0].closed.us == 20 * S, "%s: closed at %lld us", changes[i].name,
                      (long long)past.episode[0].closed.us);
    }
}
END_TEST

/* ---- the list ---- */

static bool
same_state(const struct watch_state *a, const struct watch_state *b)
{
    return a->phase == b->phase && a->last.us == b->last.us && a->since.us == b->since.us &&
           a->worst == b->worst && a->worst_at.us == b->worst_at.us && a->count == b->count &&
           a->first_position == b->first_position && a->worst_position == b->worst_position &&
           a->last_position == b->last_position;
}

START_TEST(each_touched_watch_stands_in_the_list_once)
{
    struct watch_rule rule = {.lower = -NONE, .upper = 50, .upper_clear = 50, .valid_to = {INT64_MAX}};
    struct watch a = watch_of(&rule), b = watch_of(&rule), c = watch_of(&rule);
    struct watch_list touched = {NULL};
    struct past past = {.episodes = 0};
    size_t count = 0;

    c.now.last = c.kept.last = (struct instant){100 * S};
    tell(&a, &touched, 1, 10 * S, 1, &past);
    tell(&b, &touched, 99, 10 * S, 1, &past);
    tell(&a, &touched, 99, 20 * S, 2, &past);
    tell(&c, &touched, 99, 10 * S, 1, &past); /* passed by */
    for (struct watch *w = touched.first; w != NULL; w = w->touched)
        count++;
    ck_assert_uint_eq(count, 2);
    ck_assert(a.is_touched && b.is_touched && !c.is_touched);

    watch_keep(&touched);
    ck_assert_ptr_null(touched.first);
    ck_assert(!a.is_touched && !b.is_touched && a.touched == NULL && b.touched == NULL);
    ck_assert(same_state(&a.kept, &a.now) && same_state(&b.kept, &b.now));
    ck_assert_int_eq(a.kept.phase, WATCH_OPEN);

    tell(&a, &touched, 99, 20 * S, 2, &past); /* again */
    ck_assert_ptr_null(touched.first);
}
END_TEST

START_TEST(back_restores_everything_even_of_a_quiet_watch)
{
    struct watch_rule rule = {.lower = -NONE, .upper = 50, .upper_clear = 50, .valid_to = {INT64_MAX}};
    struct watch a = watch_of(&rule), b = watch_of(&rule);
    struct watch_list touched = {NULL};
    struct past past = {.episodes = 0};

    tell(&a, &touched, 1, 10 * S, 1, &past);
    tell(&b, &touched, 60, 10 * S, 1, &past);
    watch_keep(&touched);
    struct watch_state a_kept = a.now, b_kept = b.now;
    tell(&a, &touched, 2, 20 * S, 2, &past);
    tell(&b, &touched, 70, 20 * S, 2, &past);
    tell(&b, &touched, 3, 30 * S, 3, &past);
    ck_assert_uint_eq(past.episodes, 1);
    watch_back(&touched);
    ck_assert_ptr_null(touched.first);
    ck_assert(same_state(&a.now, &a_kept) && same_state(&b.now, &b_kept));
    ck_assert(!a.is_touched && !b.is_touched);

    tell(&b, &touched, 70, 20 * S, 2, &past);
    tell(&b, &touched, 3, 30 * S, 3, &past);
    ck_assert_uint_eq(past.episodes, 2);
    ck_assert(same_state(&past.episode[0].state, &past.episode[1].state));
    ck_assert_int_eq(past.episode[1].closed.us, 30 * S);
}
END_TEST

START_TEST(a_row_is_wanted_where_a_phase_is_not_quiet)
{
    static const struct store {
        const char *name;
        enum watch_phase kept, now;
        bool must;
    } rows[] = {
        {"stayed quiet", WATCH_QUIET, WATCH_QUIET, false},
        {"began", WATCH_QUIET, WATCH_PENDING, true},
        {"opened", WATCH_QUIET, WATCH_OPEN, true},
        {"forgotten", WATCH_PENDING, WATCH_QUIET, true},
        {"still pending", WATCH_PENDING, WATCH_PENDING, true},
        {"held", WATCH_PENDING, WATCH_OPEN, true},
        {"closed", WATCH_OPEN, WATCH_QUIET, true},
        {"still open", WATCH_OPEN, WATCH_OPEN, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct watch w = {.now = {.phase = rows[i].now}, .kept = {.phase = rows[i].kept}};
        ck_assert_msg(watch_must_store(&w) == rows[i].must, "%s", rows[i].name);
    }
}
END_TEST

START_TEST(a_count_at_its_end_stays_there)
{
    struct watch_rule rule = {.lower = -NONE, .upper = 50, .upper_clear = 50, .valid_to = {INT64_MAX}};
    struct watch_state s = {.phase = WATCH_OPEN, .count = INT32_MAX, .worst = 60}, closed;

    ck_assert_int_eq(watch_step(&rule, &s, 51, (struct instant){S}, 1, &closed), WATCH_SAME);
    ck_assert_int_eq(s.count, INT32_MAX);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("watch");
    TCase *c = tcase_create("watch");
    int count = (int)(sizeof(stories) / sizeof(stories[0]));

    tcase_add_loop_test(c, values_make_phases_and_episodes, 0, count);
    tcase_add_loop_test(c, redelivery_of_any_prefix_makes_no_second_episode, 0, count);
    tcase_add_test(c, the_machine_alone_passes_by_what_is_not_newer);
    tcase_add_test(c, a_limit_shortened_afterwards_closes_at_the_last_instant_judged);
    tcase_add_test(c, each_touched_watch_stands_in_the_list_once);
    tcase_add_test(c, back_restores_everything_even_of_a_quiet_watch);
    tcase_add_test(c, a_row_is_wanted_where_a_phase_is_not_quiet);
    tcase_add_test(c, a_count_at_its_end_stays_there);
    suite_add_tcase(s, c);
    return s;
}
