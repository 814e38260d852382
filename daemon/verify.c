#include "verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define RECORDED_WITHIN_US 3600000000 /* a closed and stored segment not recorded after so long is no chance */
#define ROW_NAME 80

struct verify {
    struct journal_look *look;
    const struct chain *chain;
    const struct verify_wish *wish;
    const struct verify_calls *calls;
    void *self;
    struct verify_counts counts;
};

static void __attribute__((format(printf, 4, 5)))
fault(struct verify *v, const char *where, uint64_t position, const char *format, ...)
{
    char what[REASON_SIZE];
    va_list ap;

    va_start(ap, format);
    vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    v->counts.faults++;
    v->calls->on_fault(v->self, where, position, what);
}

static const char *
row_name(const struct chain_row *row, char out[ROW_NAME])
{
    snprintf(out, ROW_NAME, "abate.journal_segment %" PRIu64, row->first);
    return out;
}

static uint64_t
last_first(const struct verify *v)
{
    return journal_look_segment(v->look, journal_look_segments(v->look) - 1)->first;
}

/* ---- a file ---- */

static const char *
witness_text(const struct look_witness *w, char out[160])
{
    char at[INSTANT_TEXT];
    snprintf(out, 160, "the message of %s on topic \"%s\"", instant_format(w->arrived, at), w->topic);
    return out;
}

static void
tell_bad(struct verify *v, const struct look_segment *s, const struct look_reading *r)
{
    char before[160] = "the beginning", after[160] = "the end", more[48] = "";

    if (r->before.is_there)
        witness_text(&r->before, before);
    if (r->after.is_there)
        witness_text(&r->after, after);
    if (r->bad > 1)
        snprintf(more, sizeof(more), "; and so do %d further places in it", r->bad - 1);
    fault(v, s->name, r->bad_at, "%" PRIu64 " bytes do not read as they were written (byte %" PRIu64 " on), between %s and %s%s",
          r->bad_to - r->bad_at, LOOK_HEADER + r->bad_at - s->first, before, after, more);
}

/* The file as it is against the row as it is; the chain says which of the two was changed. */
static void
hold_against(struct verify *v, const struct look_segment *s, const struct look_reading *r, const struct chain_row *row,
             bool is_whole)
{
    char name[ROW_NAME];

    if (s->bytes != row->bytes || memcmp(r->digest, row->digest, DIGEST_SIZE) == 0)
        return; /* told by its size; or as it was */
    if (row->state == CHAIN_BROKEN && chain_would_fit(v->chain, row, r->digest))
        fault(v, row_name(row, name), row->first,
              "its digest was altered: with the SHA-256 of \"%s\" as it is now the chain would be whole", s->name);
    else if (is_whole)
        fault(v, s->name, s->first,
              "it has another SHA-256 than when it was recorded, though each record reads well: rewritten with care");
}

static void
check_recorded(struct verify *v, const struct look_segment *s, const struct look_segment *next, const struct look_reading *r,
               bool is_whole)
{
    const struct chain_row *row = chain_find(v->chain, s->first);
    char at[INSTANT_TEXT], name[ROW_NAME];

    if (row != NULL) {
        v->counts.recorded++;
        hold_against(v, s, r, row, is_whole);
        if (next->fault.text[0] == '\0' && row->end == next->first && row->closed.us != next->made.us)
            fault(v, row_name(row, name), row->first, "it says that it was closed at another time than %s, which \"%s\" says",
                  instant_format(next->made, at), next->name);
        return;
    }
    v->counts.unrecorded++;
    if (s->first < chain_end(v->chain))
        fault(v, s->name, s->first, "it has no row in abate.journal_segment, though later ones have: the row was deleted");
    else if (next->first <= v->chain->stored && v->wish->now.us - next->made.us > RECORDED_WITHIN_US)
        fault(v, s->name, s->first, "closed at %s and stored, but never recorded, or its row was deleted",
              instant_format(next->made, at));
}

static bool
check_size(struct verify *v, const struct look_segment *s, const struct look_segment *next)
{
    const struct chain_row *row = v->chain != NULL ? chain_find(v->chain, s->first) : NULL;

    if (next == NULL || s->end == next->first || s->fault.text[0] != '\0')
        return true;
    if (s->end > next->first && next->first == last_first(v) && row == NULL)
        return true; /* a recovery that was interrupted will cut it */
    if (s->end > next->first)
        fault(v, s->name, next->first, "it has grown by %" PRIu64 " bytes since it was closed", s->end - next->first);
    else if (row != NULL && row->end != next->first)
        return true; /* whole, and the one behind it is missing: told by its row */
    else if (row != NULL)
        fault(v, s->name, s->end, "its last %" PRIu64 " bytes are missing", next->first - s->end);
    else
        fault(v, s->name, s->end, "positions %" PRIu64 " to %" PRIu64 " are in no file: its end, or segments behind it, are missing",
              s->end, next->first);
    return false;
}

/* Retired while this was at work: then it was the oldest. */
static bool
is_retired(struct verify *v, size_t index)
{
    return index == 0 || journal_look_segment(v->look, index - 1)->first < v->counts.from;
}

static void
check_file(struct verify *v, size_t index)
{
    const struct look_segment *s = journal_look_segment(v->look, index);
    bool is_last = index + 1 == journal_look_segments(v->look);
    const struct look_segment *next = is_last ? NULL : journal_look_segment(v->look, index + 1);
    uint64_t before = v->counts.faults;
    struct look_reading r;
    struct reason why;

    enum look_read done = journal_look_read(v->look, index, v->calls->on_bytes, v->self, &r, &why);
    if (done == LOOK_GONE && is_retired(v, index)) {
        v->counts.from = s->end;
        return;
    }
    if (done != LOOK_READ) {
        fault(v, s->name, s->first, "%s", why.text);
        return;
    }
    v->counts.segments++;
    v->counts.messages += r.messages;
    v->counts.bytes += s->bytes;
    v->counts.to = r.end;
    if (s->fault.text[0] != '\0')
        fault(v, s->name, s->first, "%s", s->fault.text);
    else if (r.bad > 0)
        tell_bad(v, s, &r);
    check_size(v, s, next);
    if (v->chain != NULL && next != NULL)
        check_recorded(v, s, next, &r, v->counts.faults == before);
}

/* ---- the rows ---- */

static void
check_row(struct verify *v, const struct chain_row *row)
{
    char name[ROW_NAME];

    row_name(row, name);
    if (row->state == CHAIN_AFTER_GAP)
        fault(v, name, row[-1].end, "positions %" PRIu64 " to %" PRIu64 " were deleted before they were recorded", row[-1].end,
              row->first);
    if (row->state != CHAIN_BROKEN && row->bytes != row->end - row->first + LOOK_HEADER)
        fault(v, name, row->first, "altered: its bytes are not what its positions make");
    if (row->state != CHAIN_BROKEN)
        return;
    if (row > v->chain->row && row->first > row[-1].end)
        fault(v, name, row[-1].end, "rows before it were deleted: the one before ends at position %" PRIu64 ", and its chain value "
              "does not follow from that", row[-1].end);
    else if (row == v->chain->row)
        fault(v, name, row->first, "altered, or rows before it were deleted: its chain value is not that of a first row");
    else
        fault(v, name, row->first, "altered: its chain value does not follow from the row before it and its own position, end and digest");
}

/* What is kept from this row on, if it were there: what presses for room deletes only above three quarters of the cap. */
static bool
may_have_gone(const struct verify *v, const struct chain_row *row)
{
    const struct look_segment *oldest = journal_look_segment(v->look, 0);
    uint64_t kept = 0;

    for (size_t i = 0; i < journal_look_segments(v->look); i++)
        kept += journal_look_segment(v->look, i)->bytes;
    for (const struct chain_row *r = row; r < v->chain->row + v->chain->rows && r->first < oldest->first; r++)
        kept += r->bytes;
    return v->wish->now.us - row->closed.us > v->wish->retention_us || kept > v->wish->size_bytes / 4 * 3;
}

static bool
has_file(const struct verify *v, uint64_t first)
{
    for (size_t i = 0; i < journal_look_segments(v->look); i++)
        if (journal_look_segment(v->look, i)->first == first)
            return true;
    return false;
}

static void
check_missing(struct verify *v, const struct chain_row *row)
{
    char file[LOOK_NAME], at[INSTANT_TEXT];

    if (has_file(v, row->first))
        return;
    snprintf(file, sizeof(file), "%020" PRIu64 ".seg", row->first);
    instant_format(row->closed, at);
    if (row->first > journal_look_segment(v->look, 0)->first)
        fault(v, file, row->first, "missing: recorded up to position %" PRIu64 ", closed at %s, and older ones are kept", row->end, at);
    else if (!may_have_gone(v, row))
        fault(v, file, row->first, "missing: closed at %s, within the retention of %s; if the disk was full abated's log says that "
              "it went for want of room", at, text_of_duration(v->wish->retention_us).text);
}

static void
check_rows(struct verify *v)
{
    if (!v->chain->is_known) {
        fault(v, "abate.journal_position", 0, "the database does not know the journal %s", journal_look_uuid(v->look));
        return;
    }
    if (v->wish->head != NULL && !chain_has(v->chain, v->wish->head))
        fault(v, "abate.journal_segment", 0, "no row has the chain value that was kept outside: the rows were rewritten since");
    for (size_t i = 0; i < v->chain->rows; i++) {
        if (v->chain->row[i].end <= v->wish->from)
            continue;
        check_row(v, &v->chain->row[i]);
        check_missing(v, &v->chain->row[i]);
    }
}

/* ---- all of it ---- */

static bool
is_wanted(const struct verify *v, size_t index)
{
    size_t segments = journal_look_segments(v->look);
    return index + 1 == segments || journal_look_segment(v->look, index + 1)->first > v->wish->from;
}

uint64_t
verify_bytes(const struct journal_look *look, uint64_t from)
{
    struct verify_wish wish = {.from = from};
    struct verify v = {.look = (struct journal_look *)look, .wish = &wish};
    uint64_t bytes = 0;

    for (size_t i = 0; i < journal_look_segments(look); i++)
        bytes += is_wanted(&v, i) ? journal_look_segment(look, i)->bytes : 0;
    return bytes;
}

struct verify_counts
verify_run(struct journal_look *look, const struct chain *chain, const struct verify_wish *wish,
           const struct verify_calls *calls, void *self)
{
    struct verify v = {.look = look, .chain = chain, .wish = wish, .calls = calls, .self = self};
    bool is_first = true;

    if (chain != NULL)
        check_rows(&v);
    for (size_t i = 0; i < journal_look_segments(look); i++) {
        if (!is_wanted(&v, i))
            continue;
        if (is_first)
            v.counts.from = v.counts.to = journal_look_segment(look, i)->first;
        is_first = false;
        check_file(&v, i);
    }
    return v.counts;
}
