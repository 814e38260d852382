/* scenario: the table is sound, and what a monitor does in each minute of it. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "runner.h"
#include "scenario.h"

START_TEST(the_table_is_sound)
{
    for (size_t i = 0; i < SCENARIOS; i++) {
        const struct scenario *s = &scenarios[i];
        unsigned since = 0, phases = 0;
        bool has_level = false;
        ck_assert_ptr_eq(scenario_find(s->name), s);
        ck_assert_msg(strlen(s->sentence) > 0 && strlen(s->sentence) < 110, "%s", s->name);
        for (; phases < SCENARIO_PHASES && s->phase[phases].does != SCENARIO_NOTHING; phases++) {
            const struct scenario_phase *p = &s->phase[phases];
            ck_assert_msg(p->until > since, "%s: phase %u", s->name, phases);
            since = p->until;
            has_level = has_level || p->from > 0 || p->to > 0;
        }
        ck_assert_msg(phases > 1 && phases < SCENARIO_PHASES, "%s: no end", s->name);
        ck_assert_msg(s->phase[0].does == SCENARIO_WORKS && s->phase[0].from < 1, "%s: all is well at first", s->name);
        ck_assert_msg(s->phase[phases - 1].does != SCENARIO_SILENT, "%s: would be silent for ever", s->name);
        ck_assert_msg(has_level == s->needs_limit, "%s: the limit", s->name);
    }
    ck_assert_ptr_null(scenario_find("earthquake"));
    ck_assert_ptr_null(scenario_find(""));
}
END_TEST

static const struct length_row {
    const char *name;
    unsigned minutes, silent;
} length_rows[] = {
    {"exceedance", 240, 0}, {"silent", 360, 210}, {"drift", 360, 0}, {"restart", 240, 0}, {"storm", 15, 0},
};

START_TEST(it_lasts)
{
    const struct length_row *row = &length_rows[_i];
    ck_assert_msg(scenario_minutes(scenario_find(row->name)) == row->minutes, "%s", row->name);
    ck_assert_msg(scenario_silent(scenario_find(row->name)) == row->silent, "%s", row->name);
}
END_TEST

static const struct minute_row {
    const char *name;
    uint64_t minute;
    enum scenario_does does;
    double level;
} minute_rows[] = {
    {"exceedance", 0, SCENARIO_WORKS, 0.6},   {"exceedance", 119, SCENARIO_WORKS, 0.6},
    {"exceedance", 120, SCENARIO_WORKS, 1.5}, {"exceedance", 179, SCENARIO_WORKS, 1.5},
    {"exceedance", 180, SCENARIO_WORKS, 0.6}, {"exceedance", 240, SCENARIO_WORKS, 0.6},
    {"silent", 119, SCENARIO_WORKS, 0},       {"silent", 120, SCENARIO_SILENT, 0},
    {"silent", 329, SCENARIO_SILENT, 0},      {"silent", 330, SCENARIO_WORKS, 0},
    {"drift", 59, SCENARIO_WORKS, 0.6},       {"drift", 60, SCENARIO_WORKS, 0.6},
    {"drift", 180, SCENARIO_WORKS, 1},        {"drift", 240, SCENARIO_WORKS, 1.2},
    {"drift", 300, SCENARIO_WORKS, 0.6},      {"restart", 59, SCENARIO_WORKS, 0},
    {"restart", 60, SCENARIO_RESTS, 0},       {"restart", 120, SCENARIO_WORKS, 0},
    {"restart", 180, SCENARIO_RESTS, 0},      {"restart", 1ull << 40, SCENARIO_RESTS, 0},
    {"storm", 0, SCENARIO_WORKS, 0.6},        {"storm", 1, SCENARIO_WORKS, 1.5},
    {"storm", 11, SCENARIO_WORKS, 0.6},
};

START_TEST(a_minute_says_what_is_done)
{
    const struct minute_row *row = &minute_rows[_i];
    struct scenario_state state = scenario_at(scenario_find(row->name), row->minute);
    ck_assert_msg(state.does == row->does && fabs(state.level - row->level) < 1e-9, "%s, minute %llu: does %d at %g",
                  row->name, (unsigned long long)row->minute, (int)state.does, state.level);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("scenario");
    TCase *t = tcase_create("scenario");
    tcase_add_test(t, the_table_is_sound);
    tcase_add_loop_test(t, it_lasts, 0, sizeof(length_rows) / sizeof(length_rows[0]));
    tcase_add_loop_test(t, a_minute_says_what_is_done, 0, sizeof(minute_rows) / sizeof(minute_rows[0]));
    suite_add_tcase(s, t);
    return s;
}
