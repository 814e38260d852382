#include "evidence.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proof.h"

struct evidence {
    struct evidence_settings settings;
    struct proof *proof;
    enum evidence_seal *seal; /* by segment; asked once for each */
    struct evidence_counts counts;
};

/* ---- a segment ---- */

static void
on_bytes(void *self, uint64_t bytes)
{
    (void)self, (void)bytes;
}

static enum evidence_seal
find_seal(struct evidence *e, size_t index)
{
    const struct look_segment *s = journal_look_segment(e->settings.look, index);
    const struct chain_row *row = chain_find(e->settings.chain, s->first);
    struct look_reading reading;
    struct reason why;

    if (row == NULL)
        return index + 1 == journal_look_segments(e->settings.look) ? SEAL_OPEN : SEAL_UNRECORDED;
    if (row->state == CHAIN_BROKEN || row->bytes != s->bytes ||
        journal_look_read(e->settings.look, index, on_bytes, NULL, &reading, &why) != LOOK_READ)
        return SEAL_ALTERED;
    return memcmp(reading.digest, row->digest, DIGEST_SIZE) == 0 ? SEAL_WHOLE : SEAL_ALTERED;
}

static enum evidence_seal
seal_of(struct evidence *e, size_t index)
{
    if (e->seal[index] == SEAL_UNASKED) {
        e->seal[index] = find_seal(e, index);
        e->counts.altered += e->seal[index] == SEAL_ALTERED;
    }
    return e->seal[index];
}

/* ---- a message ---- */

static struct proof_reading
reading_at(const struct pg_result *r, int i)
{
    return (struct proof_reading){
        .region = pg_text(r, i, M_REGION),
        .plant = pg_text(r, i, M_PLANT),
        .monitor = pg_text(r, i, M_MONITOR),
        .period = pg_text(r, i, M_PERIOD),
        .name = pg_text(r, i, M_NAME),
        .unit = pg_text(r, i, M_UNIT),
        .sent_unit = pg_text(r, i, M_SENT_UNIT),
        .density = pg_double(r, i, M_DENSITY, NAN),
        .zone_s = (int32_t)pg_int(r, i, M_ZONE),
        .feed_id = (int32_t)pg_int(r, i, M_FEED),
        .slot = (uint16_t)pg_int(r, i, M_SLOT),
        .at.us = pg_int(r, i, M_AT),
        .value = pg_double(r, i, M_VALUE, NAN),
        .mark = pg_text(r, i, M_MARK)[0],
    };
}

/* Whether what the message says is what counts. */
static bool
is_current(const struct pg_result *r, int row)
{
    if (strcmp(pg_text(r, row, M_MARK), pg_text(r, row, M_STORED_MARK)) != 0)
        return false;
    if (pg_is_null(r, row, M_VALUE) || pg_is_null(r, row, M_STORED))
        return pg_is_null(r, row, M_VALUE) && pg_is_null(r, row, M_STORED);
    return strcmp(pg_text(r, row, M_VALUE), pg_text(r, row, M_STORED)) == 0;
}

/* `m` NULL: the message is not there. */
static void
tell_reading(struct evidence *e, const struct record *m, const struct pg_result *r, int row)
{
    struct proof_reading reading = reading_at(r, row);
    struct evidence_reading told = {.from = r, .row = row, .is_held = m != NULL, .is_current = is_current(r, row)};

    told.is_said = m != NULL && proof_says(e->proof, m, &reading, &told.why);
    e->counts.readings++;
    e->counts.unproved += m != NULL && !told.is_said;
    e->settings.calls->on_reading(e->settings.self, &told);
}

static bool
write_raw(struct evidence *e, const struct record *m, struct reason *why)
{
    unsigned char bytes[DIGEST_SIZE];
    char path[4096], text[DIGEST_TEXT];

    int size = snprintf(path, sizeof(path), "%s/%020" PRIu64 ".payload", e->settings.raw, m->position);
    FILE *file = size < (int)sizeof(path) ? fopen(path, "wb") : NULL;
    bool is_written = file != NULL && fwrite(m->payload, 1, m->payload_size, file) == m->payload_size;
    if (file == NULL || fclose(file) != 0 || !is_written)
        return reason_set(why, "cannot write \"%s\": %s", path, strerror(errno));
    struct digest *d = digest_new();
    digest_add(d, m->payload, m->payload_size);
    digest_end(d, bytes);
    digest_free(d);
    fprintf(e->settings.manifest, "%s  %020" PRIu64 ".payload\n", digest_text(bytes, text), m->position);
    return true;
}

/* The message with its segment weighed: that reads all of the segment, so the message is sought once more. */
static bool
find_message(struct evidence *e, struct evidence_message *m, struct record *ret)
{
    struct journal_look *look = e->settings.look;
    size_t index;

    if (m->journal == NULL || strcmp(m->journal, journal_look_uuid(look)) != 0) {
        e->counts.gone++;
        return reason_set(&m->why, "in the journal %s, which is not in \"%s\"", m->journal != NULL ? m->journal : "?",
                          e->settings.conf->journal.directory);
    }
    bool is_found = journal_look_message(look, m->position, ret, &index, &m->why);
    if (is_found) {
        m->seal = seal_of(e, index);
        is_found = journal_look_message(look, m->position, ret, &index, &m->why);
    }
    if (is_found) {
        m->segment = journal_look_segment(look, index)->name;
        m->record = ret;
        e->counts.messages++;
    } else if (m->position < journal_look_segment(look, 0)->first) {
        e->counts.gone++;
    } else {
        e->counts.lost++;
    }
    return is_found;
}

/* The rows from .. to - 1 are of one message. */
static bool
tell_message(struct evidence *e, const struct pg_result *r, int from, int to, struct reason *why)
{
    struct evidence_message message = {.position = (uint64_t)pg_int(r, from, M_POSITION), .journal = pg_text(r, from, M_JOURNAL)};
    struct record record;

    bool is_kept = find_message(e, &message, &record);
    e->settings.calls->on_message(e->settings.self, &message);
    for (int i = from; i < to; i++)
        tell_reading(e, message.record, r, i);
    e->settings.calls->on_message_end(e->settings.self);
    return !is_kept || e->settings.raw == NULL || write_raw(e, &record, why);
}

static bool
is_same_message(const struct pg_result *r, int a, int b)
{
    const char *left = pg_text(r, a, M_JOURNAL), *right = pg_text(r, b, M_JOURNAL);
    return pg_int(r, a, M_POSITION) == pg_int(r, b, M_POSITION) && left != NULL && right != NULL && strcmp(left, right) == 0;
}

void
evidence_take_names(struct evidence *e, const struct pg_result *names)
{
    for (int i = 0; i < names->rows; i++)
        proof_know_name(e->proof, pg_text(names, i, 0), pg_text(names, i, 1));
}

bool
evidence_tell(struct evidence *e, const struct pg_result *messages, struct reason *why)
{
    for (int i = 0; i < messages->rows; i++) {
        struct proof_reading reading = reading_at(messages, i);
        if (!proof_learn(e->proof, &reading, why))
            return false;
    }
    for (int from = 0, to; from < messages->rows; from = to) {
        for (to = from + 1; to < messages->rows && is_same_message(messages, from, to); to++)
            ;
        if (!tell_message(e, messages, from, to, why))
            return false;
    }
    return true;
}

struct evidence *
evidence_new(const struct evidence_settings *settings)
{
    struct evidence *e = calloc(1, sizeof(*e));
    if (e == NULL)
        abort();
    e->settings = *settings;
    e->proof = proof_new(settings->conf, settings->units);
    e->seal = calloc(journal_look_segments(settings->look), sizeof(*e->seal));
    if (e->seal == NULL)
        abort();
    return e;
}

void
evidence_free(struct evidence *e)
{
    if (e == NULL)
        return;
    proof_free(e->proof);
    free(e->seal);
    free(e);
}

struct evidence_counts
evidence_counts(const struct evidence *e)
{
    return e->counts;
}

bool
evidence_is_right(const struct evidence_counts *counts)
{
    return counts->lost + counts->unproved + counts->altered == 0;
}
