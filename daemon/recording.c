/* recording: closed segments are read again, slice by slice, and PostgreSQL is told what they are known by: what is deleted
 * from the journal was recorded before.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "sql.h"
#include "writer_own.h"

#define LATER_US 10000000
#define PAUSE_US 1000 /* between two slices: at most some 200 MB/s, so that the rest goes on as if nothing were */

/* Nothing can be added to the chain until a person has looked; what the monitors send is stored all the same. */
static void
refused(struct writer *w, const char *why)
{
    if (strcmp(why, w->unrecorded_why.text) != 0)
        log_error("journal: segments are not recorded any more: %s; what is not recorded stays as long as there is room; hint: "
                  "mend it; it is tried again after a restart of abated, or with the next connection", why);
    reason_set(&w->unrecorded_why, "%s", why);
    w->is_unrecorded = true;
    w->has_closed = false;
}

static void
later(struct writer *w, const char *why)
{
    if (strcmp(why, w->unrecorded_why.text) != 0)
        log_warning("journal: segments wait to be recorded: %s; trying again", why);
    reason_set(&w->unrecorded_why, "%s", why);
    loop_event_in(w->slice, LATER_US);
}

/* A timer that is armed has its reason: the pause between two slices, or after a read that failed. */
void
recording_go_on(struct writer *w)
{
    if (!w->is_unrecorded && !w->has_closed && journal_digest_is_behind(w->digest) && !loop_event_is_armed(w->slice))
        loop_event_in(w->slice, 0);
}

static void
on_slice(void *self)
{
    struct writer *w = self;
    struct reason why;

    if (w->is_unrecorded || w->has_closed)
        return;
    switch (journal_digest_step(w->digest, &w->closed, &why)) {
    case JOURNAL_DIGEST_NONE:
        return;
    case JOURNAL_DIGEST_SLICE:
        loop_event_in(w->slice, PAUSE_US);
        return;
    case JOURNAL_DIGEST_CLOSED:
        w->has_closed = true;
        writer_wake(w);
        return;
    case JOURNAL_DIGEST_LATER:
        later(w, why.text);
        return;
    case JOURNAL_DIGEST_FAILED:
        refused(w, why.text);
        return;
    }
}

void
recording_init(struct writer *w)
{
    w->digest = journal_digest_new(w->journal);
    w->slice = loop_timer(w->loop, on_slice, w);
}

void
recording_clear(struct writer *w)
{
    journal_digest_free(w->digest);
    loop_event_free(w->slice);
}

bool
recording_is_idle(const struct writer *w)
{
    return w->is_unrecorded || (!w->has_closed && !journal_digest_is_behind(w->digest));
}

/* ---- where it begins, after each connection ---- */

bool
recording_begin_load(struct writer *w)
{
    char id[16];
    snprintf(id, sizeof(id), "%d", w->journal_id);
    const char *values[] = {id};
    pg_exec(w->pg, sql_read_recorded, 1, values, writer_on_done, w);
    return true;
}

bool
recording_take_load(struct writer *w, const struct pg_result *r, struct reason *why)
{
    uint64_t recorded = r->rows > 0 ? (uint64_t)pg_int(r, 0, 0) : 0;
    bool has_any = r->rows > 0 && !pg_is_null(r, 0, 0);

    w->has_closed = false;
    w->is_unrecorded = false;
    w->recorded = recorded;
    loop_event_cancel(w->slice);
    switch (journal_digest_seek(w->digest, has_any ? &recorded : NULL, why)) {
    case JOURNAL_SEEK_PAST:
        return writer_condemn(w, why->text);
    case JOURNAL_SEEK_ASTRAY:
        refused(w, why->text);
        return true;
    case JOURNAL_SEEK_GAP:
        log_warning("journal: positions %" PRIu64 " to %" PRIu64 " were deleted before they were recorded; the chain goes on "
                    "behind them", recorded, journal_first(w->journal));
        break;
    case JOURNAL_SEEK_FOUND:
        break;
    }
    recording_go_on(w);
    return true;
}

/* ---- a segment ---- */

static bool
begin_segment(struct writer *w)
{
    const struct journal_closed *c = &w->closed;
    char id[16], first[24], end[24], bytes[24], digest[DIGEST_TEXT], closed[24];

    snprintf(id, sizeof(id), "%d", w->journal_id);
    snprintf(first, sizeof(first), "%" PRIu64, c->first);
    snprintf(end, sizeof(end), "%" PRIu64, c->end);
    snprintf(bytes, sizeof(bytes), "%" PRIu64, c->bytes);
    snprintf(closed, sizeof(closed), "%" PRId64, c->closed.us);
    const char *values[] = {id, first, end, bytes, digest_text(c->digest, digest), closed, c->is_after_gap ? "t" : "f"};
    pg_exec(w->pg, sql_record_segment, 7, values, writer_on_done, w);
    return true;
}

static bool
take_segment(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    w->recorded = (uint64_t)pg_int(r, 0, 0);
    w->has_closed = false;
    log_debug("journal: recorded up to position %" PRIu64, w->recorded);
    return true;
}

/* AB005: it does not fit into the chain. Classes 22, 23 and 42 would be the same however often it is tried. */
bool
recording_failed(struct writer *w, const struct pg_result *r)
{
    static const char *const final[] = {"AB005", "22", "23", "42"};
    for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++) {
        if (strncmp(r->sqlstate, final[i], strlen(final[i])) != 0)
            continue;
        refused(w, r->why.text);
        return true;
    }
    return false;
}

const struct step recording_steps[] = {
    {"segment", begin_segment, take_segment, false},
    {NULL, NULL, NULL, false},
};
