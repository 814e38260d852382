#include "channel.h"

#include <stdlib.h>

#include "channel_own.h"
#include "text.h"

static const struct channel_kind *const kinds[CONF_KINDS] = {
    [CONF_MAIL] = &channel_mail, [CONF_HTTP] = &channel_http,
    [CONF_EXEC] = &channel_exec, [CONF_MQTT] = &channel_mqtt,
    [CONF_ALERTMANAGER] = &channel_alertmanager,
};

/* ---- errands ---- */

static void
forget(struct errand *e)
{
    struct errand **at = &e->channel->first;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    e->channel->under_way--;
    loop_event_free(e->late);
    letter_clear(&e->letter);
    buf_clear(&e->body);
    free(e);
}

void
errand_end(struct errand *e, enum channel_outcome outcome, const char *answer)
{
    e->is_over = true;
    e->outcome = outcome;
    reason_set(&e->answer, "%s", answer);
    loop_event_cancel(e->late);
    loop_event_wake(e->channel->over);
}

static void
on_late(void *self)
{
    struct errand *e = self;
    struct reason why;

    e->channel->kind->cancel(e);
    reason_set(&why, "no answer within %s", text_of_duration(e->channel->settings->timeout_us).text);
    errand_end(e, CHANNEL_LATER, why.text);
}

static struct errand *
find_over(struct channel *c)
{
    for (struct errand *e = c->first; e != NULL; e = e->next) {
        if (e->is_over)
            return e;
    }
    return NULL;
}

/* Whoever is told may send the next letter. */
static void
on_over(void *self)
{
    struct channel *c = self;
    struct errand *e;

    while ((e = find_over(c)) != NULL) {
        channel_done *done = e->done;
        void *who = e->self;
        struct reason answer = e->answer;
        const struct channel_result result = {.outcome = e->outcome, .answer = answer.text, .wait_us = e->wait_us};
        forget(e);
        done(who, &result);
    }
}

void
channel_send(struct channel *c, const struct letter *letter, channel_done *done, void *self)
{
    struct errand *e = calloc(1, sizeof(*e));
    if (e == NULL)
        abort();
    *e = (struct errand){.channel = c, .next = c->first, .done = done, .self = self};
    letter_copy(&e->letter, letter);
    e->late = loop_timer(c->loop, on_late, e);
    c->first = e;
    c->under_way++;
    loop_event_in(e->late, c->settings->timeout_us);
    c->kind->send(e);
}

/* ---- its life ---- */

struct channel *
channel_new(struct loop *loop, const struct conf *conf, const struct conf_channel *settings, struct transfers *transfers,
            struct reason *why)
{
    struct channel *c = calloc(1, sizeof(*c));
    if (c == NULL)
        abort();
    *c = (struct channel){.loop = loop, .conf = conf, .settings = settings, .kind = kinds[settings->kind], .transfers = transfers};
    c->over = loop_deferred(loop, on_over, c);
    if (c->kind->open == NULL || c->kind->open(c, why))
        return c;
    reason_prefix(why, "channel \"%s\"", settings->name);
    loop_event_free(c->over);
    free(c);
    return NULL;
}

void
channel_free(struct channel *c)
{
    if (c == NULL)
        return;
    while (c->first != NULL) {
        if (!c->first->is_over)
            c->kind->cancel(c->first);
        forget(c->first);
    }
    if (c->kind->close != NULL)
        c->kind->close(c);
    loop_event_free(c->over);
    free(c);
}

void
channel_leave(struct channel *c)
{
    if (c->kind->leave != NULL)
        c->kind->leave(c);
}

const char *
channel_name(const struct channel *c)
{
    return c->settings->name;
}

size_t
channel_room(const struct channel *c)
{
    return (size_t)c->settings->in_flight - c->under_way;
}
