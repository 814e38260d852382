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

const struct tally *
writer_tally(const struct writer *w)
{
    return &w->tally;
}

const struct histogram *
writer_commits(const struct writer *w)
{
    return &w->commits;
}

bool
writer_oldest(struct writer *w, struct instant *ret)
{
    uint64_t from = journal_first(w->journal);
    struct record record;
    struct reason why;

    if (from < w->position)
        from = w->position;
    if (w->foremost == NULL)
        w->foremost = journal_reader_new(w->journal);
    if (!journal_reader_seek(w->foremost, from, &why) ||
        journal_reader_next(w->foremost, &record, &why) != JOURNAL_RECORD)
        return false;
    *ret = record.arrived;
    return true;
}

bool
writer_is_recording(const struct writer *w, struct reason *why)
{
    return !w->is_unrecorded || reason_set(why, "%s", w->unrecorded_why.text);
}

bool
writer_has_caught_up(const struct writer *w)
{
    return writer_is_storing(w, NULL) && w->position >= w->target;
}

uint64_t
writer_backlog(const struct writer *w)
{
    uint64_t from = journal_first(w->journal);
    if (from < w->position)
        from = w->position;
    return journal_durable(w->journal) - from;
}
