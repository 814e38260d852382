/* watch: random sequences, the same each time. A restart anywhere, and a transaction taken back and told
 * again, give the same episodes as no such thing. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "runner.h"
#include "watch.h"

#define S 1000000ll
#define NEVER ((struct instant){INT64_MIN})
#define NONE INFINITY

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

struct random {
    uint64_t state;
};

static uint32_t
draw(struct random *r, uint32_t below)
{
    r->state = r->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(r->state >> 33) % below;
}

#define LENGTH 300
struct reading_at {
    int64_t at_us;
    double value;
};

static struct watch_rule
draw_rule(struct random *r)
{
    double lower = draw(r, 2) == 0 ? -NONE : 6, upper = lower == 6 && draw(r, 3) == 0 ? NONE : 9;
    double margin = draw(r, 3) * 0.5;
    int64_t to = draw(r, 2) == 0 ? INT64_MAX : (int64_t)draw(r, LENGTH * 60) * S;
    return (struct watch_rule){
        .limit_id = 7,
        .lower = lower,
        .upper = upper,
        .lower_clear = lower + margin,
        .upper_clear = upper - margin,
        .hold_us = draw(r, 4) * 60 * S,
        .valid_from = {draw(r, 2) == 0 ? INT64_MIN : (int64_t)draw(r, LENGTH * 30) * S},
        .valid_to = {to},
    };
}

/* pH that wanders; now and then a reading comes again or late. */
static void
draw_readings(struct random *r, struct reading_at out[LENGTH])
{
    int64_t at = 0;
    double value = 7.5;
    for (size_t i = 0; i < LENGTH; i++) {
        at += (30 + draw(r, 60)) * S;
        value += ((double)draw(r, 101) - 50) / 50 + (7.5 - value) * 0.1;
        out[i] = (struct reading_at){at, value};
        if (i > 0 && draw(r, 10) == 0)
            out[i].at_us = out[i - 1].at_us - draw(r, 2) * S;
    }
}

static void
check_same_past(const struct past *a, const struct past *b, uint64_t seed, size_t cut)
{
    ck_assert_msg(a->episodes == b->episodes, "seed %llu, cut at %zu: %zu episodes, not %zu",
                  (unsigned long long)seed, cut, b->episodes, a->episodes);
    for (size_t i = 0; i < a->episodes; i++) {
        const struct episode *x = &a->episode[i], *y = &b->episode[i];
        bool same = x->closed.us == y->closed.us && x->state.since.us == y->state.since.us &&
                    x->state.worst == y->state.worst && x->state.worst_at.us == y->state.worst_at.us &&
                    x->state.count == y->state.count && x->state.first_position == y->state.first_position &&
                    x->state.worst_position == y->state.worst_position &&
                    x->state.last_position == y->state.last_position && x->state.last.us == y->state.last.us;
        if (!same)
            ck_abort_msg("seed %llu, cut at %zu: episode %zu differs", (unsigned long long)seed, cut, i);
    }
}

/* What a restart finds: the row in watch_state, or none and the newest sample's time. */
static struct watch
restart(const struct watch *before)
{
    struct watch w = watch_of(&before->rule);

    w.now = before->now;
    if (!watch_must_store(before))
        w.now = (struct watch_state){.phase = WATCH_QUIET, .last = before->now.last};
    w.kept = w.now;
    return w;
}

static struct past
run(const struct watch_rule *rule, const struct reading_at *readings, size_t cut, struct watch *ret_end)
{
    struct watch w = watch_of(rule);
    struct watch_list touched = {NULL};
    struct past past = {.episodes = 0};

    for (size_t i = 0; i < LENGTH; i++) {
        if (i == cut) {
            w = restart(&w);
            touched.first = NULL;
        }
        tell(&w, &touched, readings[i].value, readings[i].at_us, i, &past);
    }
    *ret_end = w;
    return past;
}

START_TEST(a_restart_anywhere_gives_the_same_episodes)
{
    size_t closed = 0, open = 0;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random random = {seed};
        struct watch_rule rule = draw_rule(&random);
        struct reading_at readings[LENGTH];
        struct watch end, cut_end;
        draw_readings(&random, readings);
        struct past whole = run(&rule, readings, LENGTH, &end);
        for (size_t cut = 0; cut < LENGTH; cut += 1 + draw(&random, 4)) {
            struct past parted = run(&rule, readings, cut, &cut_end);
            check_same_past(&whole, &parted, seed, cut);
            ck_assert_int_eq(end.now.phase, cut_end.now.phase);
            ck_assert_int_eq(end.now.since.us, cut_end.now.since.us);
        }
        closed += whole.episodes;
        open += end.now.phase == WATCH_OPEN;
    }
    ck_assert_msg(closed > 100 && open > 1, "%zu closed, %zu open: these sequences prove nothing", closed,
                  open);
}
END_TEST

/* A transaction that fails now and then is taken back and its values told again. */
START_TEST(taken_back_and_told_again_gives_the_same_episodes)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random random = {seed};
        struct watch_rule rule = draw_rule(&random);
        struct reading_at readings[LENGTH];
        struct watch end, w = watch_of(&rule);
        struct watch_list touched = {NULL};
        draw_readings(&random, readings);
        struct past whole = run(&rule, readings, LENGTH, &end), past = {.episodes = 0};
        for (size_t first = 0, size; first < LENGTH;) {
            size_t kept = past.episodes;
            size = 1 + draw(&random, 20);
            for (size_t i = first; i < first + size && i < LENGTH; i++)
                tell(&w, &touched, readings[i].value, readings[i].at_us, i, &past);
            if (draw(&random, 3) == 0) {
                watch_back(&touched);
                past.episodes = kept;
            } else {
                watch_keep(&touched);
                first += size;
            }
        }
        check_same_past(&whole, &past, seed, 0);
        ck_assert_int_eq(end.now.phase, w.now.phase);
    }
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("watch_restart");
    TCase *c = tcase_create("watch_restart");

    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_restart_anywhere_gives_the_same_episodes);
    tcase_add_test(c, taken_back_and_told_again_gives_the_same_episodes);
    suite_add_tcase(s, c);
    return s;
}
