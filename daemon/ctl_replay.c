#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_option.h"
#include "loop.h"
#include "progress.h"
#include "publisher.h"
#include "replay.h"

struct options {
    struct replay_settings replay;
    const char *file, *broker;
    uint64_t window;
};

/* What `show` is told. */
struct shown {
    struct replay *replay;
    struct progress progress;
};

static enum publisher_made
make(void *self, int64_t ticks, struct publication *ret, int64_t *ret_due, struct reason *why)
{
    struct shown *s = self;
    return replay_make(s->replay, ticks, ret, ret_due, why);
}

static void
show(void *self, int64_t ticks, const struct publisher_counts *counts)
{
    struct shown *s = self;
    struct progress_state state = {
        .what = replay_file(s->replay),
        .part = replay_part(s->replay),
        .rows = replay_counts(s->replay)->rows,
        .messages = counts->acknowledged,
    };
    progress_show(&s->progress, ticks, &state);
}

static void
report(const struct replay_counts *made, const struct publisher_counts *sent)
{
    double seconds = (double)(sent->ended - sent->began) / 1e6;

    printf("published %llu messages, %llu readings, acknowledged %llu, skipped rows %llu",
           (unsigned long long)sent->published, (unsigned long long)made->readings,
           (unsigned long long)sent->acknowledged, (unsigned long long)(made->empty + made->wrong));
    if (made->wrong > 0)
        printf(" (%llu without a reading, %llu wrong: %s)", (unsigned long long)made->empty,
               (unsigned long long)made->wrong, made->first_wrong.text);
    else if (made->empty > 0)
        printf(" (without a reading)");
    printf("\nin %.1f s, %.0f messages/s\n", seconds, seconds > 0 ? (double)sent->acknowledged / seconds : 0);
}

static bool
publish(struct replay *r, const struct options *o, struct reason *why)
{
    struct ctl_broker broker;
    char id[64];
    snprintf(id, sizeof(id), "abatectl-replay-%d", (int)getpid());
    if (!ctl_broker_open(&broker, o->file, o->broker, id, why))
        return false;

    struct shown shown = {.replay = r};
    struct publisher_settings settings = {.broker = &broker.broker, .window = (size_t)o->window};
    struct publisher_source source = {.make = make, .show = show, .self = &shown};
    struct publisher_counts counts;
    struct loop *loop = loop_new();

    progress_begin(&shown.progress, loop_ticks(loop));
    bool ok = publisher_run(loop, &settings, &source, &counts, why);
    progress_end(&shown.progress);
    report(replay_counts(r), &counts);
    loop_free(loop);
    ctl_broker_close(&broker);
    return ok;
}

static int
replay(const struct options *o, char *const *mapping, int mappings)
{
    struct replay *r = replay_new(&o->replay);
    struct reason why;

    bool ok = true;
    for (int i = 0; ok && i < mappings; i++)
        ok = replay_add(r, mapping[i], &why);
    ok = ok && publish(r, o, &why);
    replay_free(r);
    return ok ? 0 : ctl_fail(why.text);
}

static bool
take_speed(void *into, const char *text)
{
    struct options *o = into;
    double *speed = &o->replay.speed;
    char *rest;
    if (strcmp(text, "max") == 0) {
        *speed = 0;
        return true;
    }
    *speed = strtod(text, &rest);
    return *rest == '\0' && *speed >= 1e-3 && *speed <= 1e9;
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"broker", 'b', OPTION_WORD, false, .at = offsetof(struct options, broker)},
    {"data", 'd', OPTION_WORD, false, .at = offsetof(struct options, replay.data)},
    {"speed", 's', OPTION_READ, false, .read = take_speed},
    {"limit", 'l', OPTION_COUNT, false, .at = offsetof(struct options, replay.limit), .least = 1, .most = UINT64_MAX},
    {"window", 'w', OPTION_COUNT, false, .at = offsetof(struct options, window), .least = 1, .most = 1000000},
    {0}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file, .replay.limit = UINT64_MAX, .window = 500};
    int first = ctl_options(option, NULL, argc, argv, &o);
    if (first == 0 || first == argc)
        return ctl_usage(&ctl_replay);
    return replay(&o, argv + first, argc - first);
}

const struct ctl ctl_replay = {
    "replay",
    "[-c FILE] [--broker HOST:PORT|NAME] [--speed N|max] [--data DIR] [--limit ROWS]\n"
    "[--window N] MAPPING...",
    "publishes the rows of CSV files, as mapping files say, with their times kept",
    run,
};
