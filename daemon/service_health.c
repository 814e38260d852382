/* service_health: whether it does its work, and what ails it, as JSON.
 *
 *     ready      messages are taken from at least one broker and kept: 200
 *     degraded   they are, but something else is not as it should be: 200
 *     standby    another daemon of this one's duty has the brokers: 200
 *     down       nothing is taken: 503
 */
#include <inttypes.h>

#include "payload.h"
#include "service_own.h"

struct health {
    struct service *service;
    struct buf reasons; /* of a JSON array */
    size_t ailments;
    bool is_standing_by;
};

static void
add_member(struct buf *out, const char *before, const char *name, const char *text)
{
    buf_add_text(out, before);
    buf_add_text(out, name);
    buf_add_text(out, "\":");
    payload_add_string(out, text);
}

static void
ails(struct health *h, const char *about, const char *name, const char *why)
{
    add_member(&h->reasons, h->ailments++ > 0 ? ",{\"" : "{\"", "about", about);
    if (name != NULL)
        add_member(&h->reasons, ",\"", "name", name);
    add_member(&h->reasons, ",\"", "reason", why);
    buf_add_text(&h->reasons, "}");
}

/* False: nothing is taken. */
static bool
look_at_intake(struct health *h)
{
    const struct service_sight *sight = &h->service->sight;
    struct reason why;
    size_t up = 0;

    for (size_t i = 0; i < sight->conf->brokers; i++) {
        if (intake_is_up(sight->intake, i, &why))
            up++;
        else
            ails(h, "broker", sight->conf->broker[i].name, why.text);
    }
    if (intake_is_full(sight->intake, &why)) {
        ails(h, "journal", NULL, why.text);
        return false;
    }
    if (h->service->is_stopping) {
        ails(h, "abated", NULL, "stopping");
        return false;
    }
    h->is_standing_by = intake_is_standing_by(sight->intake);
    return up > 0;
}

static void
look_at_backlog(struct health *h)
{
    const struct conf *conf = h->service->sight.conf;
    uint64_t waiting = writer_backlog(h->service->sight.writer), size = conf->journal.size_bytes;
    struct reason why;

    if (waiting <= size / 100 * (uint64_t)conf->trouble.backlog)
        return;
    reason_set(&why, "%" PRIu64 " of %" PRIu64 " bytes are not stored yet", waiting, size);
    ails(h, "backlog", NULL, why.text);
}

static void
look_at_database(struct health *h)
{
    const struct service_sight *sight = &h->service->sight;
    struct reason why;

    if (!writer_is_storing(sight->writer, &why))
        ails(h, "database", NULL, why.text);
    look_at_backlog(h);
    if (!writer_is_recording(sight->writer, &why))
        ails(h, "evidence", NULL, why.text);
    if (!judge_is_judging(sight->judge, &why))
        ails(h, "judge", NULL, why.text);
}

void
service_health(struct service *s, const struct http_request *request, struct http_answer *ret)
{
    (void)request;
    struct health h = {.service = s};
    bool is_ready = look_at_intake(&h);
    look_at_database(&h);
    if (s->stale.text[0] != '\0')
        ails(&h, "configuration", NULL, s->stale.text);
    bool is_degraded = is_ready && h.ailments > 0;

    const char *status = !is_ready ? "down" : is_degraded ? "degraded" : h.is_standing_by ? "standby" : "ready";

    add_member(ret->body, "{\"", "status", status);
    buf_add_text(ret->body, is_ready ? ",\"live\":true,\"ready\":true" : ",\"live\":true,\"ready\":false");
    buf_add_text(ret->body, is_degraded ? ",\"degraded\":true" : ",\"degraded\":false");
    add_member(ret->body, ",\"", "instance", s->sight.conf->instance);
    add_member(ret->body, ",\"", "version", ABATE_VERSION);
    buf_add_text(ret->body, ",\"reasons\":[");
    buf_add(ret->body, h.reasons.at, h.reasons.size);
    buf_add_text(ret->body, "]}\n");
    buf_clear(&h.reasons);
    ret->status = is_ready ? 200 : 503;
    ret->type = "application/json";
}
