/* simulation: the same for the same seed, and good messages all of them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "form_json.h"
#include "often.h"
#include "runner.h"
#include "simulation.h"

struct sent {
    struct buf topic, payload;
};

static void
clear(struct sent *s)
{
    buf_clear(&s->topic);
    buf_clear(&s->payload);
}

static const struct simulation_settings plain = {
    .seed = 7, .start = {SIMULATION_START_US}, .monitors = 3, .plants = 1, .readings = 10, .region = "sim", .plant = "SIM"};

START_TEST(monitors_take_turns)
{
    static const struct {
        const char *topic, *begins;
    } wanted[] = {
        {"plants/sim/SIM/SIM000001",
         "{\"monitor\":\"SIM000001\",\"time\":\"2020-01-01T00:00:00+08:00\",\"period\":\"minute\""},
        {"plants/sim/SIM/SIM000002",
         "{\"monitor\":\"SIM000002\",\"time\":\"2020-01-01T00:00:00+08:00\",\"period\":\"minute\""},
        {"plants/sim/SIM/SIM000003",
         "{\"monitor\":\"SIM000003\",\"time\":\"2020-01-01T00:00:00+08:00\",\"period\":\"minute\""},
        {"plants/sim/SIM/SIM000001",
         "{\"monitor\":\"SIM000001\",\"time\":\"2020-01-01T00:01:00+08:00\",\"period\":\"minute\""},
    };
    struct simulation *s = simulation_new(&plain);
    struct sent sent = {0};

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        ck_assert(!simulation_next(s, &sent.topic, &sent.payload));
        ck_assert_str_eq((char *)sent.topic.at, wanted[i].topic);
        ck_assert_msg(strncmp((char *)sent.payload.at, wanted[i].begins, strlen(wanted[i].begins)) == 0,
                      "%zu: %.*s", i, (int)sent.payload.size, (char *)sent.payload.at);
    }
    clear(&sent);
    simulation_free(s);
}
END_TEST

START_TEST(a_seed_says_all)
{
    struct simulation_settings other = plain;
    other.seed = 8;
    struct simulation *one = simulation_new(&plain), *same = simulation_new(&plain),
                      *another = simulation_new(&other);
    struct sent a = {0}, b = {0}, c = {0};

    for (int i = 0; i < 1000; i++) {
        simulation_next(one, &a.topic, &a.payload);
        simulation_next(same, &b.topic, &b.payload);
        simulation_next(another, &c.topic, &c.payload);
        ck_assert_uint_eq(a.payload.size, b.payload.size);
        ck_assert(memcmp(a.payload.at, b.payload.at, a.payload.size) == 0);
        ck_assert(a.payload.size != c.payload.size ||
                  memcmp(a.payload.at, c.payload.at, a.payload.size) != 0);
    }
    clear(&a);
    clear(&b);
    clear(&c);
    simulation_free(one);
    simulation_free(same);
    simulation_free(another);
}
END_TEST

/* Every value within its bounds; NOx, the third, over 50 in some minutes and not in most. */
START_TEST(values_are_plausible)
{
    struct simulation_settings settings = plain;
    settings.readings = SIMULATION_PARAMETERS;
    struct simulation *s = simulation_new(&settings);
    struct sent sent = {0};
    struct message m = {0};
    struct reason why = {""};
    unsigned over = 0, messages = often(30000, 3000);

    for (unsigned i = 0; i < messages; i++) {
        simulation_next(s, &sent.topic, &sent.payload);
        message_empty(&m);
        ck_assert_msg(form_json_decode(sent.payload.at, sent.payload.size, &m, &why), "%s", why.text);
        ck_assert_uint_eq(m.readings, SIMULATION_PARAMETERS);
        for (size_t k = 0; k < m.readings; k++) {
            const struct simulation_parameter *p = &simulation_parameter[k];
            ck_assert(m.reading[k].name.size == strlen(p->name) &&
                      memcmp(m.reading[k].name.at, p->name, m.reading[k].name.size) == 0);
            ck_assert_msg(m.reading[k].value >= p->low && m.reading[k].value <= p->high, "%s: %g", p->name,
                          m.reading[k].value);
        }
        over += m.reading[2].value > 50;
    }
    ck_assert_msg(over > messages / 600 && over < messages / 10, "%u minutes of NOx over 50", over);
    message_clear(&m);
    clear(&sent);
    simulation_free(s);
}
END_TEST

static const struct repeat_row {
    const char *name;
    unsigned percent;
    int least, most; /* repeats among 10,000 calls */
} repeat_rows[] = {
    {"never", 0, 0, 0},
    {"one in a hundred", 1, 50, 150},
    {"every second one", 50, 3100, 3500},
    {"always, and once", 100, 5000, 5000},
};

START_TEST(a_repeat_is_the_one_before)
{
    const struct repeat_row *row = &repeat_rows[_i];
    struct simulation_settings settings = plain;
    settings.duplicate_percent = row->percent;
    struct simulation *s = simulation_new(&settings);
    struct sent sent = {0}, last = {0};
    int repeats = 0;
    bool was_repeat = true;

    for (int i = 0; i < 10000; i++) {
        bool is_repeat = simulation_next(s, &sent.topic, &sent.payload);
        if (is_repeat)
            ck_assert_msg(!was_repeat && sent.payload.size == last.payload.size &&
                              memcmp(sent.payload.at, last.payload.at, last.payload.size) == 0,
                          "%s: call %d", row->name, i);
        repeats += is_repeat;
        was_repeat = is_repeat;
        buf_empty(&last.payload);
        buf_add(&last.payload, sent.payload.at, sent.payload.size);
    }
    ck_assert_msg(repeats >= row->least && repeats <= row->most, "%s: %d", row->name, repeats);
    clear(&sent);
    clear(&last);
    simulation_free(s);
}
END_TEST

/* What a scenario makes of its monitors, a letter for so many minutes: "w" within the limit of 100 in the mean, "O" over it,
 * "-" at rest, "." silent. */
static const struct play_row {
    const char *name;
    unsigned minutes, monitors, affected;
    const char *hit, *spared;
} play_rows[] = {
    {"exceedance", 60, 3, 1, "wwOw", "wwww"},
    {"exceedance", 60, 3, 2, "wwOw", "wwww"},
    {"silent", 30, 2, 1, "wwww.......w", "wwwwwwwwwwww"},
    {"silent", 30, 2, 2, "wwww.......w", ""},
    {"drift", 60, 2, 1, "wwwOOw", "wwwwww"},
    {"restart", 60, 2, 2, "w-w-", ""},
    {"restart", 60, 2, 1, "w-w-", "wwww"},
    {"storm", 1, 4, 4, "wOOOOOOOOOOwwww", ""},
};

struct stretch {
    double sum;
    unsigned messages, rests;
};

static void
note(struct stretch *span, const struct message *m)
{
    bool flows = m->reading[9].value > 0, is_hot = m->reading[6].value > 60;
    ck_assert_msg(flows == is_hot, "flow %g at %g degC", m->reading[9].value, m->reading[6].value);
    span->sum += m->reading[2].value;
    span->messages++;
    span->rests += !flows;
}

/* "?": neither wholly the one nor wholly the other. */
static char
letter(const struct stretch *span, unsigned minutes)
{
    if (span->messages == 0)
        return '.';
    if (span->messages != minutes || (span->rests > 0 && span->rests != minutes))
        return '?';
    return span->rests > 0 ? '-' : span->sum / minutes > 100 ? 'O' : 'w';
}

static void
play(const struct simulation_settings *settings, unsigned minutes, struct stretch span[4][16])
{
    struct simulation *s = simulation_new(settings);
    struct sent sent = {0};
    struct message m = {0};
    struct reason why = {""};
    struct instant at;

    for (uint64_t i = 0; i < simulation_messages(settings); i++) {
        simulation_next(s, &sent.topic, &sent.payload);
        message_empty(&m);
        ck_assert(form_json_decode(sent.payload.at, sent.payload.size, &m, &why));
        const struct measurement *one = &m.measurement[0];
        ck_assert(instant_parse(one->time.at, one->time.size, INSTANT_ZONE_NONE, &at, &why));
        int64_t minute = (at.us - SIMULATION_START_US) / 60000000;
        int monitor = sent.topic.at[sent.topic.size - 2] - '1';
        ck_assert(minute >= 0 && minute < scenario_minutes(settings->scenario) && monitor >= 0 && monitor < 4);
        note(&span[monitor][minute / minutes], &m);
    }
    message_clear(&m);
    clear(&sent);
    simulation_free(s);
}

START_TEST(a_scenario_is_played)
{
    const struct play_row *row = &play_rows[_i];
    struct simulation_settings settings = plain;
    settings.scenario = scenario_find(row->name);
    settings.monitors = row->monitors;
    settings.affected = row->affected;
    settings.parameter = 2;
    settings.limit = 100;

    for (settings.seed = 1; settings.seed <= often(5, 1); settings.seed++) {
        struct stretch span[4][16] = {0};
        play(&settings, row->minutes, span);
        for (unsigned k = 0; k < row->monitors; k++) {
            const char *wanted = k < row->affected ? row->hit : row->spared;
            char drawn[17] = "";
            for (size_t i = 0; i < strlen(row->hit); i++)
                drawn[i] = letter(&span[k][i], row->minutes);
            ck_assert_msg(strcmp(drawn, wanted) == 0, "%s, seed %d, monitor %u: %s", row->name, (int)settings.seed, k + 1, drawn);
        }
    }
}
END_TEST

/* Nothing but what the phases say: no minute of one that is spared, or of the time before, is past the limit. */
START_TEST(nothing_else_goes_wrong)
{
    struct simulation_settings settings = plain;
    struct sent sent = {0};
    struct message m = {0};
    struct reason why = {""};
    settings.scenario = scenario_find("storm");
    settings.parameter = 1;
    settings.limit = 0.5;

    struct simulation *s = simulation_new(&settings);
    for (unsigned i = 0; i < often(60000, 6000); i++) {
        simulation_next(s, &sent.topic, &sent.payload);
        message_empty(&m);
        ck_assert(form_json_decode(sent.payload.at, sent.payload.size, &m, &why));
        ck_assert_msg(m.reading[1].value < 0.5, "%u: %g", i, m.reading[1].value);
        ck_assert_msg(m.reading[2].value < 50, "%u: NOx %g", i, m.reading[2].value);
    }
    message_clear(&m);
    clear(&sent);
    simulation_free(s);
}
END_TEST

static const struct topic_row {
    unsigned plants, call;
    const char *topic;
} topic_rows[] = {
    {1, 1, "plants/sim/SIM/SIM000001"},       {1, 3, "plants/sim/SIM/SIM000003"},
    {2, 1, "plants/sim/SIM000001/SIM000001"}, {2, 2, "plants/sim/SIM000002/SIM000002"},
    {2, 3, "plants/sim/SIM000001/SIM000003"}, {2, 4, "plants/sim/SIM000001/SIM000001"},
};

START_TEST(monitors_are_of_the_plants_in_turn)
{
    const struct topic_row *row = &topic_rows[_i];
    struct simulation_settings settings = plain;
    struct sent sent = {0};
    settings.plants = row->plants;
    struct simulation *s = simulation_new(&settings);
    for (unsigned i = 0; i < row->call; i++)
        simulation_next(s, &sent.topic, &sent.payload);
    ck_assert_str_eq((char *)sent.topic.at, row->topic);
    clear(&sent);
    simulation_free(s);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("simulation");
    TCase *t = tcase_create("simulation");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, monitors_take_turns);
    tcase_add_test(t, a_seed_says_all);
    tcase_add_test(t, values_are_plausible);
    tcase_add_loop_test(t, a_repeat_is_the_one_before, 0, sizeof(repeat_rows) / sizeof(repeat_rows[0]));
    tcase_add_loop_test(t, a_scenario_is_played, 0, sizeof(play_rows) / sizeof(play_rows[0]));
    tcase_add_test(t, nothing_else_goes_wrong);
    tcase_add_loop_test(t, monitors_are_of_the_plants_in_turn, 0, sizeof(topic_rows) / sizeof(topic_rows[0]));
    suite_add_tcase(s, t);
    return s;
}
