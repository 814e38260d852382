#include "service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "service_own.h"

#define BEAT_US 1000000

static const struct route {
    const char *path;
    enum http_method method;
    void (*answer)(struct service *s, const struct http_request *request, struct http_answer *ret);
} route[] = {
    {"/metrics", HTTP_GET, service_metrics},
    {"/health", HTTP_GET, service_health},
    {"/ack", HTTP_GET, service_ack_page},
    {"/ack", HTTP_POST, service_ack_take},
};

static void
on_request(void *self, const struct http_request *request, struct http_answer *ret)
{
    struct service *s = self;
    const char *allow = NULL;

    for (size_t i = 0; i < sizeof(route) / sizeof(route[0]); i++) {
        if (strcmp(request->path, route[i].path) != 0)
            continue;
        if (route[i].method == request->method) {
            route[i].answer(s, request, ret);
            return;
        }
        allow = allow != NULL ? "GET, HEAD, POST" : "GET, HEAD";
    }
    ret->status = allow != NULL ? 405 : 404;
    ret->allow = allow;
    buf_add_text(ret->body, allow != NULL ? "method not allowed\n" : "not found; there are /metrics and /health\n");
}

static void
on_beat(void *self)
{
    struct service *s = self;
    histogram_add(&s->lag, loop_ticks(s->loop) - s->beat_due);
    s->beat_due = loop_ticks(s->loop) + BEAT_US;
    loop_event_in(s->beat, BEAT_US);
}

struct service *
service_new(struct loop *loop, const struct service_sight *sight, struct reason *why)
{
    struct service *s = calloc(1, sizeof(*s));
    const char *listen = sight->conf->http.listen;
    if (s == NULL)
        abort();
    *s = (struct service){.loop = loop, .sight = *sight, .started = loop_now(loop), .reloaded = loop_now(loop)};
    s->acks = acks_new(loop);
    s->beat = loop_timer(loop, on_beat, s);
    s->beat_due = loop_ticks(loop) + BEAT_US;
    loop_event_in(s->beat, BEAT_US);
    if (listen == NULL)
        return s;
    s->http = http_new(loop, listen, on_request, s, why);
    if (s->http == NULL) {
        service_free(s);
        return NULL;
    }
    log_info("http: /metrics and /health at %s", listen);
    return s;
}

void
service_free(struct service *s)
{
    if (s == NULL)
        return;
    http_free(s->http);
    acks_free(s->acks);
    loop_event_free(s->beat);
    free(s);
}

void
service_reloaded(struct service *s, const struct service_sight *sight, const char *why_not)
{
    s->sight = *sight;
    reason_set(&s->stale, "%s", why_not != NULL ? why_not : "");
    if (why_not == NULL)
        s->reloaded = loop_now(s->loop);
}

void
service_stop(struct service *s)
{
    s->is_stopping = true;
}

int64_t
service_behind_us(struct service *s)
{
    struct instant oldest;
    int64_t us = writer_oldest(s->sight.writer, &oldest) ? loop_now(s->loop).us - oldest.us : 0;
    return us > 0 ? us : 0;
}

/* 42,120 */
static const char *
grouped(unsigned long long number, char out[32])
{
    char digits[24];
    int size = snprintf(digits, sizeof(digits), "%llu", number);
    char *to = out;

    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

bool
service_line(struct service *s, char *out, size_t room)
{
    struct reason why;
    int64_t behind_s = service_behind_us(s) / 1000000;
    char line[sizeof(s->line)], behind[64] = "database up to date", taken[32], doing[48] = "standing by";

    if (behind_s > 0)
        snprintf(behind, sizeof(behind), "database %" PRId64 " s behind", behind_s);
    if (!intake_is_standing_by(s->sight.intake))
        snprintf(doing, sizeof(doing), "%s messages", grouped(intake_messages(s->sight.intake), taken));
    if (intake_is_full(s->sight.intake, &why))
        snprintf(line, sizeof(line), "nothing is taken: %.150s", why.text);
    else
        snprintf(line, sizeof(line), "%s, %" PRId64 " breaches open, %s", doing, judge_figure_sum(s->sight.judge, "breaches_open"), behind);
    if (strcmp(line, s->line) == 0)
        return false;
    snprintf(s->line, sizeof(s->line), "%s", line);
    snprintf(out, room, "%s", line);
    return true;
}
