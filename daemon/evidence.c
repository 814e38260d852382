#include "evidence.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proof.h"
#include "text.h"

/* Whether a segment is as it was recorded; asked once for each. */
enum seal { SEAL_UNASKED, SEAL_WHOLE, SEAL_OPEN, SEAL_UNRECORDED, SEAL_ALTERED };

static const char *const seal_words[] = {"", "its SHA-256 is the one recorded", "still open, to be recorded when it is closed",
                                         "not recorded", "ALTERED since it was recorded: abatectl journal verify says where"};

struct evidence {
    struct evidence_settings settings;
    struct proof *proof;
    enum seal *seal; /* by segment */
    struct evidence_counts counts;
};

/* ---- a segment ---- */

static void
on_bytes(void *self, uint64_t bytes)
{
    (void)self, (void)bytes;
}

static enum seal
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

static enum seal
seal_of(struct evidence *e, size_t index)
{
    if (e->seal[index] == SEAL_UNASKED) {
        e->seal[index] = find_seal(e, index);
        e->counts.altered += e->seal[index] == SEAL_ALTERED;
    }
    return e->seal[index];
}

/* ---- a message ---- */

/* read_breach_messages.sql */
enum { M_JOURNAL, M_POSITION, M_REGION, M_PLANT, M_MONITOR, M_ZONE, M_FEED, M_PERIOD, M_AT, M_SLOT, M_NAME, M_UNIT,
       M_VALUE, M_MARK, M_STORED, M_STORED_MARK, M_SENT_UNIT, M_DENSITY };

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

static bool
is_printable(const unsigned char *at, size_t size)
{
    if (!text_is_utf8(at, size))
        return false;
    for (size_t i = 0; i < size; i++) {
        bool is_blank = at[i] == '\n' || at[i] == '\r' || at[i] == '\t';
        if ((at[i] < 0x20 && !is_blank) || at[i] == 0x7f || (at[i] == 0xc2 && at[i + 1] < 0xa0))
            return false;
    }
    return true;
}

static void
print_payload(const struct record *m)
{
    if (is_printable(m->payload, m->payload_size)) {
        printf("  payload    %.*s\n", (int)m->payload_size, (const char *)m->payload);
        return;
    }
    printf("  payload    %zu bytes that are no text, in hexadecimal ", m->payload_size);
    for (size_t i = 0; i < m->payload_size; i++)
        printf("%02x", m->payload[i]);
    printf("\n");
}

static void
print_value(const struct pg_result *r, int row, int value, int mark)
{
    if (pg_is_null(r, row, value))
        printf("no value");
    else
        printf("%s %s", pg_text(r, row, value), pg_text(r, row, M_UNIT));
    if (strcmp(pg_text(r, row, mark), "N") != 0)
        printf(" (mark %s)", pg_text(r, row, mark));
}

static void
print_reading(struct evidence *e, const struct record *m, const struct pg_result *r, int i)
{
    struct proof_reading reading = reading_at(r, i);
    char at[INSTANT_TEXT];
    struct reason why;

    printf("  on record  %s %s %s ", reading.monitor, instant_format(reading.at, at), reading.name);
    print_value(r, i, M_VALUE, M_MARK);
    e->counts.readings++;
    if (m == NULL) {
        printf("\n");
    } else if (proof_says(e->proof, m, &reading, &why)) {
        printf(": decoded again, the message says the same\n");
    } else {
        e->counts.unproved++;
        printf(": DIFFERS: %s\n", why.text);
    }
    if (strcmp(pg_text(r, i, M_MARK), pg_text(r, i, M_STORED_MARK)) == 0 &&
        (pg_is_null(r, i, M_VALUE) ? pg_is_null(r, i, M_STORED)
                                   : !pg_is_null(r, i, M_STORED) && strcmp(pg_text(r, i, M_VALUE), pg_text(r, i, M_STORED)) == 0))
        return;
    printf("             what counts now is ");
    print_value(r, i, M_STORED, M_STORED_MARK);
    printf(", of another message\n");
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

static void
print_message(struct evidence *e, const struct record *m, size_t index)
{
    struct quoted topic = text_quote(m->topic, m->topic_size);
    char at[INSTANT_TEXT];

    e->counts.messages++;
    printf("  arrived    %s\n", instant_format(m->arrived, at));
    printf("  broker     %.*s\n", (int)m->broker_size, m->broker);
    printf("  topic      %s\n", topic.text);
    print_payload(m);
    printf("  file       %s: %s\n", journal_look_segment(e->settings.look, index)->name, seal_words[e->seal[index]]);
}

/* The message with its segment weighed: that reads all of the segment, so the message is sought once more. */
static bool
find_message(struct evidence *e, const char *journal, uint64_t position, struct record *ret, size_t *ret_index)
{
    struct journal_look *look = e->settings.look;
    struct reason why;

    if (journal == NULL || strcmp(journal, journal_look_uuid(look)) != 0) {
        printf("  in the journal %s, which is not in \"%s\"\n", journal != NULL ? journal : "?",
               e->settings.conf->journal.directory);
        e->counts.gone++;
        return false;
    }
    bool is_found = journal_look_message(look, position, ret, ret_index, &why);
    if (is_found) {
        seal_of(e, *ret_index);
        is_found = journal_look_message(look, position, ret, ret_index, &why);
    }
    if (is_found)
        return true;
    printf("  %s\n", why.text);
    if (position < journal_look_segment(look, 0)->first)
        e->counts.gone++;
    else
        e->counts.lost++;
    return false;
}

/* The rows from .. to - 1 are of one message. */
static bool
tell_message(struct evidence *e, const struct pg_result *r, int from, int to, struct reason *why)
{
    uint64_t position = (uint64_t)pg_int(r, from, M_POSITION);
    struct record message;
    size_t index;

    printf("message at position %" PRIu64 "\n", position);
    bool is_kept = find_message(e, pg_text(r, from, M_JOURNAL), position, &message, &index);
    if (is_kept)
        print_message(e, &message, index);
    for (int i = from; i < to; i++)
        print_reading(e, is_kept ? &message : NULL, r, i);
    printf("\n");
    return !is_kept || e->settings.raw == NULL || write_raw(e, &message, why);
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
