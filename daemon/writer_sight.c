/* What others see of the writer. */
#include "writer_own.h"

bool
writer_is_idle(const struct writer *w)
{
    if (w->state == WRITER_AWAY || w->state == WRITER_RESTING)
        return true;
    return w->state == WRITER_READY && !w->must_seek && recording_is_idle(w) &&
           journal_reader_position(w->reader) >= journal_durable(w->journal);
}

struct writer_counts
writer_counts(const struct writer *w)
{
    return w->counts;
}

bool
writer_is_storing(const struct writer *w, struct reason *why)
{
    if (w->state == WRITER_READY || w->state == WRITER_WRITING || w->state == WRITER_RECORDING)
        return true;
    return reason_set(why, "%s", w->obstacle.text[0] != '\0' ? w->obstacle.text : "no connection yet");
}

uint64_t
writer_backlog(const struct writer *w)
{
    uint64_t from = journal_first(w->journal);
    if (from < w->position)
        from = w->position;
    return journal_durable(w->journal) - from;
}
