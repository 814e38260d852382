/* A journal with a durable part that is known, and behind it whatever the input says. The input is a programme, an order
 * and its bytes:
 *
 *     0 N ........   N bytes as they are
 *     1 N ........   a message of N bytes, right in all
 *     2              a mark that says all before it is durable: what follows it must stay
 *     3 N ........   a message of N bytes whose CRC is wrong
 *     4 A B          bit B % 8 of byte A of what is not durable is flipped, from the end
 *     5 N            N bytes are cut off the end, never of the durable part
 *     6 A B          bit B % 8 of byte A of the durable part is flipped
 *
 * Whatever follows: the journal opens and has all that was durable, in its order, or refuses with a word. Silence about
 * something lost is what must not be. Unless something was forged or flipped it must open. (Where the durable part has rotted and the
 * mark behind it is lost, too, nothing is left that could tell it from a torn tail.)
 */
#include <unistd.h>

#include "buf.h"
#include "crc32c.h"
#include "journal.h"
#include "must.h"
#include "record.h"
#include "scratch.h"

#define HEADER 64
#define MARK 48

struct model {
    struct buf file;       /* the segment */
    uint32_t seed;
    uint64_t durable;      /* the position */
    unsigned messages;     /* made */
    unsigned kept;         /* of them, durable */
    bool is_whole;         /* nothing was damaged since: the next record can follow */
    bool is_rotten;        /* the durable part was flipped */
    bool is_proven;        /* the mark behind it is whole: it says that it was durable */
    bool is_forged;        /* a mark was made behind a damage: it would be proof of rot */
};

static void
put(unsigned char *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

static void
begin(struct model *m)
{
    unsigned char head[HEADER] = "abateseg";
    put(head + 8, 1, 4);
    for (unsigned i = 0; i < 16; i++)
        head[16 + i] = (unsigned char)(0x10 + i);
    put(head + 40, 1604275200000000, 8);
    put(head + 60, crc32c(0, head, 60), 4);
    m->seed = crc32c(0, head + 16, 16);
    m->is_whole = true;
    buf_add(&m->file, head, HEADER);
}

static uint64_t
end_of(const struct model *m)
{
    return m->file.size - HEADER;
}

static void
add_record(struct model *m, enum record_kind kind, const void *payload, size_t size)
{
    struct record r = {.position = end_of(m), .durable = m->durable, .arrived = {1604275200000000 + m->messages},
                       .kind = kind, .broker = "", .topic = "", .payload = payload, .payload_size = size};
    if (kind == RECORD_MESSAGE) {
        r.topic = "plants/a/b/c";
        r.topic_size = 12;
    }
    size_t whole = record_size(&r);
    record_write(&r, m->seed, buf_reserve(&m->file, whole));
    m->file.size += whole;
}

/* A message's payload begins with its number. */
static void
add_message(struct model *m, const uint8_t *bytes, size_t size)
{
    uint8_t payload[4 + 255];
    put(payload, m->messages++, 4);
    memcpy(payload + 4, bytes, size);
    add_record(m, RECORD_MESSAGE, payload, 4 + size);
}

static void
add_mark(struct model *m)
{
    if (end_of(m) % 8 != 0)
        return;
    m->is_forged = m->is_forged || !m->is_whole;
    if (m->is_whole) {
        m->durable = end_of(m);
        m->kept = m->messages;
        m->is_proven = true;
    }
    struct record r = {.position = end_of(m), .durable = end_of(m), .kind = RECORD_MARK, .broker = "", .topic = "",
                       .payload = (const unsigned char *)""};
    size_t whole = record_size(&r);
    record_write(&r, m->seed, buf_reserve(&m->file, whole));
    m->file.size += whole;
}

static void
flip(struct model *m, uint8_t a, uint8_t b, bool of_durable)
{
    size_t from = of_durable ? 0 : HEADER + (size_t)m->durable;
    size_t to = of_durable ? HEADER + (size_t)m->durable : m->file.size;
    if (to == from)
        return;
    size_t at = of_durable ? a * 37u % to : to - 1 - a % (to - from);
    m->file.at[at] ^= (unsigned char)(1u << (b & 7));
    m->is_proven = m->is_proven && (of_durable || at >= HEADER + m->durable + MARK);
    m->is_rotten = m->is_rotten || of_durable;
    m->is_whole = false;
}

static void
cut(struct model *m, size_t size)
{
    size_t most = (size_t)(end_of(m) - m->durable);
    m->file.size -= size < most ? size : most;
    m->is_proven = m->is_proven && end_of(m) >= m->durable + MARK;
    m->is_whole = m->is_whole && end_of(m) == m->durable;
    if (m->is_whole)
        m->messages = m->kept;
}

static size_t
step(struct model *m, const uint8_t *bytes, size_t size)
{
    uint8_t a = size > 1 ? bytes[1] : 0, b = size > 2 ? bytes[2] : 0;
    size_t count = size > 2 ? (a < size - 2 ? a : size - 2) : 0;

    switch (bytes[0] % 7) {
    case 0:
        buf_add(&m->file, bytes + 2, count);
        m->is_whole = m->is_whole && count == 0;
        return 2 + count;
    case 1:
        add_message(m, bytes + 2, count);
        m->is_whole = m->is_whole && end_of(m) % 8 == 0;
        return 2 + count;
    case 2:
        add_mark(m);
        return 1;
    case 3:
        add_message(m, bytes + 2, count);
        m->file.at[m->file.size - 1] ^= 1;
        m->is_whole = false;
        return 2 + count;
    case 4:
    case 6:
        flip(m, a, b, bytes[0] % 7 == 6);
        return 3;
    }
    cut(m, a);
    return 2;
}

/* -1: it says that it is rotten. All that was durable comes first; what came behind may have gaps, where something was cut
 * off and more written. */
static long
count_kept(const struct model *m, struct journal *j)
{
    struct journal_reader *reader = journal_reader_new(j);
    struct record r;
    struct reason why;
    long count = 0, last = -1;
    enum journal_next next;

    while ((next = journal_reader_next(reader, &r, &why)) == JOURNAL_RECORD) {
        must(r.payload_size >= 4, "a message that was never sent");
        long number = r.payload[0] + 256l * r.payload[1];
        must(number > last && (number == count || count >= (long)m->kept), "message %ld behind %ld", number, last);
        last = number;
        count++;
    }
    if (next == JOURNAL_ROTTEN)
        must_be_decent(why.text);
    journal_reader_free(reader);
    return next == JOURNAL_ROTTEN ? -1 : count;
}

static void
check_open(const struct model *m, struct journal *j)
{
    long count = count_kept(m, j);
    must(count >= (long)m->kept || (m->is_rotten && (count == -1 || !m->is_proven)), "%ld of %u durable messages", count, m->kept);
    must(count <= (long)m->messages, "%ld of %u messages", count, m->messages);
}

static void
check_journal(const struct model *m, const char *folder)
{
    struct journal_settings settings = {folder, 1 << 20, 1 << 30, 86400000000};
    struct journal_recovery recovery;
    struct instant now = {1604275300000000};
    struct reason why = {""};

    for (int round = 0; round < 2; round++) { /* what a recovery leaves is whole */
        struct journal *j = journal_open(&settings, now, &recovery, &why);
        if (j == NULL) {
            must_be_decent(why.text);
            must(m->is_rotten || m->is_forged, "refused: %s", why.text);
            return;
        }
        must(round == 0 || recovery.torn_bytes == 0, "torn again");
        check_open(m, j);
        journal_append(j, now, "b", "t", "more", 4);
        must(journal_sync(j, now, &why) == JOURNAL_SYNCED || m->is_rotten, "%s", why.text);
        journal_close(j);
        if (round == 0)
            return;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct model m = {.seed = 0};
    char folder[SCRATCH_PATH], journal[SCRATCH_PATH + 8];

    if (size > 4096)
        return 0;
    begin(&m);
    add_message(&m, (const uint8_t *)"first", 5);
    add_message(&m, (const uint8_t *)"second", 6);
    add_mark(&m);
    for (size_t at = 0; at < size && m.messages < 60000;)
        at += step(&m, bytes + at, size - at);

    scratch_make(folder);
    scratch_write(folder, "00000000000000000000.seg", m.file.at, m.file.size);
    snprintf(journal, sizeof(journal), "%s", folder);
    check_journal(&m, journal);
    scratch_remove(folder);
    buf_clear(&m.file);
    return 0;
}
