#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl_evidence.h"
#include "instant.h"
#include "text.h"

static const char *const seal_words[] = {"", "its SHA-256 is the one recorded", "still open, to be recorded when it is closed",
                                         "not recorded", "ALTERED since it was recorded: abatectl journal verify says where"};

/* ---- the breach ---- */

/* "label  a b" of what is there of the columns, nothing if none is. */
static void
print_columns(const struct pg_result *r, const char *label, const char *words, const int *column, size_t columns)
{
    bool is_begun = false;
    for (size_t i = 0; i < columns; i++) {
        if (pg_is_null(r, 0, column[i]))
            continue;
        if (!is_begun)
            printf("  %-11s", label);
        printf("%s%s%s", is_begun ? " " : "", !is_begun ? words : "", pg_text(r, 0, column[i]));
        is_begun = true;
    }
    if (is_begun)
        printf("\n");
}
#define PRINT_COLUMNS(r, label, words, ...) \
    print_columns(r, label, words, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void
print_breach(const struct pg_result *r)
{
    printf("breach %s: %s, %s\n", pg_text(r, 0, ID), pg_text(r, 0, RULE), pg_text(r, 0, SEVERITY));
    PRINT_COLUMNS(r, "plant", "", PLANT, PLANT_NAME);
    PRINT_COLUMNS(r, "point", "", MONITOR, MONITOR_NAME);
    PRINT_COLUMNS(r, "parameter", "", PARAMETER, PARAMETER_NAME, PERIOD);
    PRINT_COLUMNS(r, "value", "", WORST, UNIT);
    PRINT_COLUMNS(r, "at", "", WORST_AT);
    PRINT_COLUMNS(r, "limit", "", BOUND, UNIT);
    PRINT_COLUMNS(r, "", "no. ", LIMIT, STANDARD, CLAUSE);
    PRINT_COLUMNS(r, "", "source ", SOURCE);
    PRINT_COLUMNS(r, "", "confirmed by ", CONFIRMED);
    PRINT_COLUMNS(r, "plan", "", PLAN, VERSION, COMMITMENT);
    PRINT_COLUMNS(r, "opened", "", OPENED);
    PRINT_COLUMNS(r, "closed", "", CLOSED);
    PRINT_COLUMNS(r, "past it", "", COUNT);
    PRINT_COLUMNS(r, "finding", "", REASON);
    PRINT_COLUMNS(r, "withdrawn", "", WITHDRAWN);
    printf("\n");
}

/* ---- a message ---- */

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
print_message(void *self, const struct evidence_message *message)
{
    const struct record *m = message->record;
    char at[INSTANT_TEXT];

    (void)self;
    printf("message at position %" PRIu64 "\n", message->position);
    if (m == NULL) {
        printf("  %s\n", message->why.text);
        return;
    }
    struct quoted topic = text_quote(m->topic, m->topic_size);
    printf("  arrived    %s\n", instant_format(m->arrived, at));
    printf("  broker     %.*s\n", (int)m->broker_size, m->broker);
    printf("  topic      %s\n", topic.text);
    print_payload(m);
    printf("  file       %s: %s\n", message->segment, seal_words[message->seal]);
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
print_reading(void *self, const struct evidence_reading *reading)
{
    const struct pg_result *r = reading->from;
    char at[INSTANT_TEXT];
    int i = reading->row;

    (void)self;
    printf("  on record  %s %s %s ", pg_text(r, i, M_MONITOR), instant_format((struct instant){pg_int(r, i, M_AT)}, at),
           pg_text(r, i, M_NAME));
    print_value(r, i, M_VALUE, M_MARK);
    if (!reading->is_held)
        printf("\n");
    else if (reading->is_said)
        printf(": decoded again, the message says the same\n");
    else
        printf(": DIFFERS: %s\n", reading->why.text);
    if (reading->is_current)
        return;
    printf("             what counts now is ");
    print_value(r, i, M_STORED, M_STORED_MARK);
    printf(", of another message\n");
}

static void
print_message_end(void *self)
{
    (void)self;
    printf("\n");
}

/* ---- the end ---- */

static void
print_end(const struct evidence_counts *c)
{
    if (c->readings == 0) {
        printf("no message stands behind it\n");
        return;
    }
    printf("%" PRIu64 " messages, %" PRIu64 " readings", c->messages, c->readings);
    if (c->gone > 0)
        printf("; %" PRIu64 " further messages are not in this journal any more", c->gone);
    if (c->lost > 0)
        printf("; %" PRIu64 " messages that should be there are not", c->lost);
    if (c->unproved > 0)
        printf("; %" PRIu64 " readings are not what their message says", c->unproved);
    if (c->altered > 0)
        printf("; %" PRIu64 " segments were altered", c->altered);
    printf("%s\n", evidence_is_right(c) && c->messages > 0 ? "; each says what is on record" : "");
}

const struct ctl_evidence_voice ctl_evidence_words = {
    print_breach, {.on_message = print_message, .on_reading = print_reading, .on_message_end = print_message_end}, print_end};
