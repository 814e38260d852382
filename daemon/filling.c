#include "writer_own.h"

#define SLICE 512         /* records taken before PostgreSQL is given their rows */
#define TURN (4 * SLICE) /* records taken before others get their turn: the brokers' messages of meanwhile are one burst */

static void
take_record(struct writer *w, const struct record *record)
{
    if (w->poison.text[0] != '\0')
        batch_refuse(&w->batch, w->conf, w->journal_id, record, w->poison.text);
    else
        batch_take(&w->batch, w->conf, w->catalogue, w->journal_id, record);
}

static bool
has_room(const struct writer *w)
{
    return w->batch.messages < w->most && w->batch.bytes < w->conf->database.batch_bytes;
}

void
filling_end(struct writer *w)
{
    w->is_filling = false;
    batch_end(&w->batch, w->journal_id);
    w->batch_to = journal_reader_position(w->reader);
    pg_copy_whole(w->pg);
}

/* A slice of records, unless the batch is full before, or the journal has no more. */
static enum journal_next
fill_some(struct writer *w, struct reason *why)
{
    struct record record;
    enum journal_next next = JOURNAL_NONE;

    for (size_t n = 0; n < SLICE; n++) {
        next = has_room(w) ? journal_reader_next(w->reader, &record, why) : JOURNAL_NONE;
        if (next != JOURNAL_RECORD) {
            filling_end(w);
            return next;
        }
        take_record(w, &record);
    }
    return next;
}

void
filling_finish(struct writer *w)
{
    struct reason why;
    while (w->is_filling)
        fill_some(w, &why);
}

/* PostgreSQL writes what there is by now while the rest is decoded. What is good before something rotten is written first. */
static void
fill_slice(struct writer *w)
{
    struct reason why;

    if (w->is_stale)
        filling_end(w); /* what comes now is for the registry as it is now */
    else
        fill_some(w, &why);
    if (w->is_filling)
        pg_copy_grown(w->pg);
}

static void
on_more(void *self)
{
    struct writer *w = self;

    for (size_t n = 0; w->is_filling && n < TURN; n += SLICE)
        fill_slice(w);
    if (w->is_filling)
        loop_event_wake(w->more);
}

bool
filling_begin(struct writer *w, struct reason *why, bool *ret_rotten)
{
    *ret_rotten = false;
    if (w->must_seek && !journal_reader_seek(w->reader, w->position, why)) {
        *ret_rotten = true;
        return false;
    }
    w->must_seek = false;
    batch_begin(&w->batch, w->conf, w->merges_all, writer_later(w, 2));
    w->is_filling = true;
    *ret_rotten = fill_some(w, why) == JOURNAL_ROTTEN && w->batch.messages == 0;
    if (w->is_filling) {
        batch_go_on(&w->batch);
        return true;
    }
    return w->batch_to > w->position; /* marks alone, too: the segment behind them may be let go then */
}

void
filling_init(struct writer *w)
{
    w->more = loop_deferred(w->loop, on_more, w);
}

void
filling_clear(struct writer *w)
{
    loop_event_free(w->more);
}
