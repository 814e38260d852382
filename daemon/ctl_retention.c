#include "ctl_retention.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "ctl.h"
#include "ctl_rows.h"
#include "instant.h"
#include "journal_look.h"
#include "log.h"
#include "payload.h"
#include "progress.h"
#include "sql.h"

#define CATCH_UP_TRIES 10 /* seconds a daemon at work has to store what the journal holds */

struct retention {
    const struct ctl_retention *wish;
    struct loop *loop;
    char before[24]; /* microseconds since 1970 */
    int months;
    int64_t rows, bytes;
    struct instant first, last;
    bool has_rows;
    struct buf json; /* of the months; of the warnings */
    struct buf warnings;
    int obstacles; /* that are final */
    struct journal_look *look;
    uint64_t stored;
    bool is_known; /* the database knows the journal */
};

/* read_retention_months.sql, let_months_go.sql */
enum { PARTITION, ROWS, FIRST, LAST, BYTES };

static const struct ctl_column columns[] = {
    {PARTITION, "partition", CTL_TEXT, {0}}, {ROWS, "rows", CTL_NUMBER, {0}}, {FIRST, "first_us", CTL_NUMBER, {0}},
    {LAST, "last_us", CTL_NUMBER, {0}},      {BYTES, "bytes", CTL_NUMBER, {0}}};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *
verb(const struct retention *t)
{
    return t->wish->is_drop ? "drop" : "detach";
}

/* ---- what is there ---- */

static void
count_month(struct retention *t, const struct pg_result *r, int row)
{
    struct instant first = {pg_int(r, row, FIRST)}, last = {pg_int(r, row, LAST)};

    t->months++;
    t->rows += pg_int(r, row, ROWS);
    t->bytes += pg_int(r, row, BYTES);
    if (pg_is_null(r, row, FIRST))
        return;
    if (!t->has_rows || first.us < t->first.us)
        t->first = first;
    if (!t->has_rows || last.us > t->last.us)
        t->last = last;
    t->has_rows = true;
}

static void
take_months(void *self, const struct pg_result *r)
{
    struct retention *t = self;

    t->months = 0;
    t->rows = t->bytes = 0;
    t->has_rows = false;
    buf_empty(&t->json);
    for (int row = 0; row < r->rows; row++) {
        count_month(t, r, row);
        buf_add_text(&t->json, row > 0 ? ", {" : "{");
        ctl_add_members(&t->json, columns, COLUMNS, r, row);
        buf_add_text(&t->json, "}");
    }
}

static void
print_months(void *self, const struct pg_result *r)
{
    char first[INSTANT_TEXT], last[INSTANT_TEXT], count[PROGRESS_COUNT];

    take_months(self, r);
    for (int row = 0; row < r->rows; row++) {
        printf("  %-26s %15s rows", pg_text(r, row, PARTITION), progress_count((uint64_t)pg_int(r, row, ROWS), count));
        if (!pg_is_null(r, row, FIRST))
            printf("  %s to %s", instant_format((struct instant){pg_int(r, row, FIRST)}, first),
                   instant_format((struct instant){pg_int(r, row, LAST)}, last));
        printf("\n");
    }
}

static void
print_sum(const struct retention *t, const char *what)
{
    char first[INSTANT_TEXT], last[INSTANT_TEXT], rows[PROGRESS_COUNT], bytes[PROGRESS_COUNT];

    printf("%s: %d partitions of abate.sample, %s rows", what, t->months, progress_count((uint64_t)t->rows, rows));
    if (t->has_rows)
        printf(" from %s to %s", instant_format(t->first, first), instant_format(t->last, last));
    printf(", %s bytes\n", progress_count((uint64_t)t->bytes, bytes));
}

/* ---- what stands against it ---- */

static void
warn(struct retention *t, const char *words)
{
    buf_add_text(&t->warnings, t->warnings.size > 0 ? ", " : "");
    payload_add_string(&t->warnings, words);
    log_warning("%s", words);
}

static void
oppose(struct retention *t, const char *words)
{
    log_error("%s", words);
    t->obstacles++;
}

static void
take_obstacles(void *self, const struct pg_result *r)
{
    struct retention *t = self;
    for (int row = 0; row < r->rows; row++) {
        if (pg_text(r, row, 0)[0] == 't')
            oppose(t, pg_text(r, row, 1));
        else
            warn(t, pg_text(r, row, 1));
    }
}

static void
take_stored(void *self, const struct pg_result *r)
{
    struct retention *t = self;
    t->is_known = r->rows > 0;
    t->stored = t->is_known ? (uint64_t)pg_int(r, 0, 1) : 0;
}

static void
on_bytes(void *self, uint64_t bytes)
{
    (void)self, (void)bytes;
}

/* Behind the last message there is; 0: there is none. */
static bool
find_end(struct journal_look *look, uint64_t *ret, struct reason *why)
{
    struct look_reading reading = {0};

    for (size_t i = journal_look_segments(look); i-- > 0 && reading.message_end == 0;) {
        if (journal_look_read(look, i, on_bytes, NULL, &reading, why) != LOOK_READ)
            return false;
    }
    *ret = reading.message_end;
    return true;
}

/* What is in the journal and not stored may be of those months: a correction, a part of an instant, the same once more. */
static bool
look_at_journal(struct retention *t, struct reason *why)
{
    const struct conf *conf = t->wish->conf;
    struct reason words;
    uint64_t end;

    t->look = journal_look_new(conf->journal.directory, &words);
    if (t->look == NULL || !find_end(t->look, &end, &words)) {
        reason_prefix(&words, "the journal \"%s\" cannot be read, and may hold messages that are not stored yet", conf->journal.directory);
        oppose(t, words.text);
        return true;
    }
    const char *values[] = {journal_look_uuid(t->look)};
    for (int tries = 0; end > 0; tries++) {
        if (!ctl_ask(t->loop, conf, sql_read_segments, 1, values, take_stored, t, why))
            return false;
        if (t->stored >= end)
            return true;
        if (tries == CATCH_UP_TRIES || !t->is_known)
            break;
        sleep(1);
    }
    if (end > 0) {
        reason_set(&words, "the journal holds messages up to position %" PRIu64 ", stored are those up to %" PRIu64
                           ": the others may be of those months; hint: let abated store them first", end, t->stored);
        oppose(t, words.text);
    }
    return true;
}

/* A message that comes late for a month that is gone is stored alone, and its hour is judged by it alone. */
static void
look_at_feeds(struct retention *t)
{
    const struct conf *conf = t->wish->conf;
    int64_t before = strtoll(t->before, NULL, 10);
    struct reason words;

    for (size_t i = 0; i < conf->feeds; i++) {
        if (loop_now(t->loop).us - conf->feed[i].window.past_us >= before)
            continue;
        reason_set(&words, "feed \"%s\" takes messages of that time still (past): one that comes late is stored alone, and its hour "
                           "is judged by it alone", conf->feed[i].name);
        warn(t, words.text);
    }
}

static bool
weigh(struct retention *t, struct reason *why)
{
    if (!look_at_journal(t, why))
        return false;
    const char *uuid = t->look != NULL ? journal_look_uuid(t->look) : "";
    const char *values[] = {t->before, uuid[0] != '\0' ? uuid : NULL};
    look_at_feeds(t);
    if (!ctl_ask(t->loop, t->wish->conf, sql_read_retention_obstacles, 2, values, take_obstacles, t, why))
        return false;
    return t->obstacles == 0 || reason_set(why, "nothing was %s: %d reasons stand against it", t->wish->is_drop ? "dropped" : "detached",
                                           t->obstacles);
}

/* ---- asked, and done ---- */

static bool
is_agreed(const struct retention *t, struct reason *why)
{
    char answer[64];

    if (t->wish->is_yes)
        return true;
    if (!isatty(STDIN_FILENO))
        return reason_set(why, "nothing was %s: there is no terminal to ask at; hint: --yes", t->wish->is_drop ? "dropped" : "detached");
    fprintf(stderr, "type %s to %s them: ", t->wish->month, verb(t));
    fflush(stderr);
    if (fgets(answer, sizeof(answer), stdin) == NULL)
        answer[0] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    return strcmp(answer, t->wish->month) == 0 ||
           reason_set(why, "nothing was %s: the answer was \"%s\"", t->wish->is_drop ? "dropped" : "detached", answer);
}

static bool
act(struct retention *t, struct reason *why)
{
    char rows[24];
    snprintf(rows, sizeof(rows), "%" PRId64, t->rows);
    const char *values[] = {t->before, t->wish->is_drop ? "true" : "false", rows};

    if (!ctl_ask(t->loop, t->wish->conf, sql_let_months_go, 3, values, take_months, t, why))
        return false;
    if (t->wish->is_json)
        printf("{\"verb\": \"%s\", \"before\": \"%s\", \"rows\": %" PRId64 ", \"bytes\": %" PRId64
               ", \"warnings\": [%.*s], \"partitions\": [%.*s]}\n", verb(t), t->wish->month, t->rows, t->bytes,
               (int)t->warnings.size, (const char *)t->warnings.at, (int)t->json.size, (const char *)t->json.at);
    else
        print_sum(t, t->wish->is_drop ? "dropped" : "detached, and kept as abate.detached_sample_*");
    return true;
}

static bool
run(struct retention *t, struct reason *why)
{
    const char *values[] = {t->before, t->wish->is_drop ? "true" : "false"};
    bool is_json = t->wish->is_json;

    if (!ctl_ask(t->loop, t->wish->conf, sql_read_retention_months, 2, values, is_json ? take_months : print_months, t, why))
        return false;
    if (!is_json && t->months > 0)
        print_sum(t, t->wish->is_drop ? "to be dropped" : "to be detached");
    fflush(stdout);
    if (t->months == 0 && !is_json) {
        printf("no partition of abate.sample is wholly before %s\n", t->wish->month);
        return true;
    }
    return (t->months == 0 || (weigh(t, why) && is_agreed(t, why))) && act(t, why);
}

bool
ctl_retention(const struct ctl_retention *wish, struct reason *why)
{
    struct retention t = {.wish = wish, .loop = loop_new()};
    struct instant before;

    instant_civil(wish->before / 12, wish->before % 12 + 1, 1, 0, 0, 0, 0, &before);
    snprintf(t.before, sizeof(t.before), "%" PRId64, before.us);
    bool ok = run(&t, why);
    journal_look_free(t.look);
    buf_clear(&t.json);
    buf_clear(&t.warnings);
    loop_free(t.loop);
    return ok;
}
