#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "channel.h"
#include "ctl.h"
#include "ctl_option.h"
#include "settings.h"
#include "sql.h"
#include "text.h"
#include "transfer.h"

struct trial {
    struct loop *loop;
    enum channel_outcome outcome;
    struct reason answer;
};

static void
on_tried(void *self, const struct channel_result *r)
{
    struct trial *t = self;
    t->outcome = r->outcome;
    reason_set(&t->answer, "%s", r->answer);
    if (r->wait_us > 0)
        reason_prefix(&t->answer, "not before %s are over", text_of_duration(r->wait_us).text);
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

/* ---- the long way: through the outbox, by the daemon that has the channel ---- */

static void
print_number(void *self, const struct pg_result *r)
{
    (void)self;
    printf("alert %s, delivery %s: abated sends it; abate.delivery_list says what became of it\n", pg_text(r, 0, 0),
           pg_text(r, 0, 1));
}

static bool
post(const struct conf *conf, const char *name, const char *recipient, struct reason *why)
{
    struct loop *loop = loop_new();
    char at[24];

    snprintf(at, sizeof(at), "%" PRId64, loop_now(loop).us);
    const char *values[] = {name, recipient, "zh", NULL, at};
    bool ok = ctl_ask(loop, conf, sql_test_alert, 5, values, print_number, NULL, why);
    loop_free(loop);
    return ok;
}

struct options {
    const char *file;
    bool is_posted;
};

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"outbox", 'o', OPTION_FLAG, false, .at = offsetof(struct options, is_posted)},
    {0}};

int
ctl_alert_test(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};
    struct reason why;

    int first = ctl_options(option, NULL, argc, argv, &o);
    if (first == 0 || argc - first < 1 || argc - first > 2)
        return ctl_usage(&ctl_alert);
    const char *name = argv[first], *recipient = argc - first > 1 ? argv[first + 1] : NULL;
    struct conf *conf = settings_read(o.file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);
    bool ok = o.is_posted ? post(conf, name, recipient, &why) : test_in(conf, name, recipient, &why);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}
