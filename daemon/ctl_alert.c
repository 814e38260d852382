#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "channel.h"
#include "ctl.h"
#include "settings.h"
#include "transfer.h"

struct trial {
    struct loop *loop;
    enum channel_outcome outcome;
    struct reason answer;
};

static void
on_tried(void *self, enum channel_outcome outcome, const char *answer)
{
    struct trial *t = self;
    t->outcome = outcome;
    reason_set(&t->answer, "%s", answer);
    loop_stop(t->loop);
}

static void
try_channel(struct trial *t, struct channel *c, const char *recipient)
{
    struct instant now = loop_now(t->loop);
    char key[64], json[256];

    snprintf(key, sizeof(key), "test-%" PRId64, now.us);
    snprintf(json, sizeof(json), "{\"status\":\"test\",\"key\":\"%s\",\"subject\":\"abate: test, 测试\"}", key);
    struct letter letter = {
        .key = key,
        .recipient = (char *)recipient,
        .subject = (char *)"abate: test, 测试",
        .text = (char *)"abate: a test of this channel, no alert. 这是通道测试,不是告警。\n",
        .json = json,
        .at = now,
    };
    channel_send(c, &letter, on_tried, t);
    loop_run(t->loop);
}

static bool
test_with(struct trial *t, const struct conf *conf, const struct conf_channel *settings, const char *recipient,
          struct reason *why)
{
    struct transfers *transfers = transfers_new(t->loop);
    struct channel *c = channel_new(t->loop, conf, settings, transfers, why);
    if (c != NULL)
        try_channel(t, c, recipient);
    channel_free(c);
    transfers_free(transfers);
    return c != NULL;
}

static const struct conf_channel *
find_channel(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->channels; i++) {
        if (strcmp(conf->channel[i].name, name) == 0)
            return &conf->channel[i];
    }
    return NULL;
}

static bool
test_in(const struct conf *conf, const char *name, const char *recipient, struct reason *why)
{
    static const char *const words[] = {
        [CHANNEL_SENT] = "sent", [CHANNEL_LATER] = "not sent, it would be tried again", [CHANNEL_REFUSED] = "refused for good"};
    const struct conf_channel *settings = find_channel(conf, name);
    struct trial t = {.loop = loop_new()};

    bool ok = settings != NULL || reason_set(why, "there is no channel \"%s\" in the configuration", name);
    if (ok && settings->kind == CONF_MAIL && recipient == NULL)
        ok = reason_set(why, "channel \"%s\" needs a recipient: an address", name);
    ok = ok && test_with(&t, conf, settings, recipient != NULL ? recipient : name, why);
    loop_free(t.loop);
    if (ok && t.outcome != CHANNEL_SENT)
        return reason_set(why, "channel \"%s\": %s: %s", name, words[t.outcome], t.answer.text);
    if (ok)
        printf("%s: %s\n", words[t.outcome], t.answer.text);
    return ok;
}

static int
run(const char *file, int argc, char **argv)
{
    struct reason why;
    int c;

    if (argc < 2 || strcmp(argv[1], "test") != 0)
        return ctl_usage(&ctl_alert);
    while ((c = getopt(argc - 1, argv + 1, "c:")) != -1) {
        if (c != 'c')
            return ctl_usage(&ctl_alert);
        file = optarg;
    }
    argc -= 1 + optind;
    argv += 1 + optind;
    if (argc < 1 || argc > 2)
        return ctl_usage(&ctl_alert);
    struct conf *conf = settings_read(file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);
    bool ok = test_in(conf, argv[0], argc > 1 ? argv[1] : NULL, &why);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

const struct ctl ctl_alert = {
    "alert",
    "test [-c FILE] CHANNEL [RECIPIENT]",
    "sends a test by a channel and says what came back",
    run,
};
