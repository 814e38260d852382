#include "retry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue_rows.h"
#include "retry_own.h"
#include "sql.h"

#define TRIES 10 /* of one message */

static const struct retry_step asking[];

static void
over(struct retry *t, bool ok)
{
    t->is_over = true;
    t->ok = ok;
    loop_stop(t->loop);
}

static bool
exec(struct retry *t, const char *sql)
{
    pg_exec(t->pg, sql, 0, NULL, retry_on_done, t);
    return true;
}

static void
run_on(struct retry *t)
{
    while (t->step->name != NULL && !t->step->begin(t))
        t->step++;
    if (t->step->name != NULL)
        return;
    t->first = t->step = asking;
    t->step->begin(t);
}

static void
run(struct retry *t, const struct retry_step *first)
{
    t->first = t->step = first;
    run_on(t);
}

/* ---- what is known today ---- */

static bool
begin_schema(struct retry *t)
{
    return exec(t, sql_read_schema);
}

static bool
take_schema(struct retry *t, const struct pg_result *r)
{
    if (r->rows > 0 && pg_int(r, 0, 0) == sql_migrations[sql_migrations_count - 1].number)
        return true;
    return reason_set(t->why, "database: its schema is not of this version; hint: abatectl check");
}

static bool
begin_session(struct retry *t)
{
    pg_script(t->pg, sql_prepare_session, retry_on_done, t);
    return true;
}

static bool
begin_registry(struct retry *t)
{
    return exec(t, sql_read_registry);
}

static bool
take_registry(struct retry *t, const struct pg_result *r)
{
    return catalogue_take_registry(t->catalogue, r, t->why);
}

static bool
begin_units(struct retry *t)
{
    return exec(t, sql_read_units);
}

static bool
take_units(struct retry *t, const struct pg_result *r)
{
    catalogue_take_units(t->catalogue, r);
    return true;
}

static bool
begin_names(struct retry *t)
{
    return exec(t, sql_read_names);
}

static bool
take_names(struct retry *t, const struct pg_result *r)
{
    catalogue_take_names(t->catalogue, r);
    return true;
}

/* Not the partitions: a month may be let go meanwhile, so each message asks for its own. */
static const struct retry_step loading[] = {
    {"schema", begin_schema, take_schema, false},
    {"session", begin_session, NULL, false},
    {"registry", begin_registry, take_registry, false},
    {"units", begin_units, take_units, false},
    {"names", begin_names, take_names, false},
    {NULL, NULL, NULL, false},
};

/* ---- the next message ---- */

/* read_next_reject.sql */
enum { REJECT, JOURNAL, POSITION, ARRIVED, BROKER, TOPIC, PAYLOAD, TIMES };

static bool
begin_next(struct retry *t)
{
    const struct retry_wish *w = t->wish;
    const char *values[] = {w->topic, w->reason, w->since, w->number, t->conf->instance, t->reject_id};
    pg_exec(t->pg, sql_read_next_reject, 6, values, retry_on_done, t);
    return true;
}

static unsigned char
nibble(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void
take_payload(struct retry *t, const char *hex)
{
    size_t size = strlen(hex) / 2;
    unsigned char *to = buf_reserve(&t->payload, size + 1);

    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    t->payload.size = size;
}

static void
take_message(struct retry *t, const struct pg_result *r)
{
    size_t broker = strlen(pg_text(r, 0, BROKER)), topic = strlen(pg_text(r, 0, TOPIC));

    buf_empty(&t->text);
    buf_empty(&t->payload);
    buf_add_text(&t->text, pg_text(r, 0, BROKER));
    buf_add_text(&t->text, pg_text(r, 0, TOPIC));
    take_payload(t, pg_text(r, 0, PAYLOAD));
    snprintf(t->reject_id, sizeof(t->reject_id), "%s", pg_text(r, 0, REJECT));
    t->journal_id = (int16_t)pg_int(r, 0, JOURNAL);
    t->times = pg_int(r, 0, TIMES);
    t->is_poison = false;
    t->tries = 0;
    t->record = (struct record){
        .position = (uint64_t)pg_int(r, 0, POSITION),
        .arrived.us = pg_int(r, 0, ARRIVED),
        .kind = RECORD_MESSAGE,
        .broker = (const char *)t->text.at,
        .broker_size = broker,
        .topic = (const char *)t->text.at + broker,
        .topic_size = topic,
        .payload = t->payload.at,
        .payload_size = t->payload.size,
    };
}

static bool
is_of_feed(const struct retry *t)
{
    struct topic_names names;
    const struct record *r = &t->record;
    const struct conf_feed *feed = conf_find_feed(t->conf, r->broker, r->broker_size, r->topic, r->topic_size, &names);
    return t->wish->feed == NULL || (feed != NULL && strcmp(feed->name, t->wish->feed) == 0);
}

static bool
take_next(struct retry *t, const struct pg_result *r)
{
    if (r->rows == 0 || t->counts->messages == t->wish->limit) {
        over(t, true);
        return true;
    }
    take_message(t, r);
    bool is_wanted = is_of_feed(t);
    if (is_wanted)
        retry_decode(t);
    run(t, is_wanted ? retry_storing : asking);
    return true;
}

static const struct retry_step asking[] = {
    {"next", begin_next, take_next, true},
    {NULL, NULL, NULL, false},
};

/* ---- what goes wrong ---- */

static void
on_rolled_back(void *self, const struct pg_result *r)
{
    struct retry *t = self;
    if (!r->ok) {
        *t->why = r->why;
        over(t, false);
        return;
    }
    if (t->after == retry_storing && !t->is_poison)
        retry_decode(t);
    run(t, t->after);
}

static bool
is_state(const struct pg_result *r, const char *state)
{
    return strcmp(r->sqlstate, state) == 0;
}

static void
refuse(struct retry *t, const struct pg_result *r)
{
    t->is_poison = true;
    t->is_folded = t->is_outdone = false;
    t->stored = t->duplicate = t->differs = 0;
    reason_set(&t->refused, "PostgreSQL refuses it: %s (SQLSTATE %s)", r->why.text, r->sqlstate);
}

/* What follows when the transaction is rolled back; NULL: the end.
 *
 *     40001, 40P01   the daemon stores the same at the same time: once more
 *     P0002          it was trimmed meanwhile: the next one
 *     22..., 23...   the rows are at fault, which is recorded */
static const struct retry_step *
after(struct retry *t, const struct pg_result *r)
{
    if (r->lost || t->first != retry_storing)
        return NULL;
    if (is_state(r, "40001") || is_state(r, "40P01"))
        return t->tries++ < TRIES ? retry_storing : NULL;
    if (is_state(r, "P0002"))
        return asking;
    if (r->sqlstate[0] != '2' || (r->sqlstate[1] != '2' && r->sqlstate[1] != '3') || t->is_poison)
        return NULL;
    refuse(t, r);
    return retry_storing;
}

static void
failed(struct retry *t, const struct pg_result *r)
{
    t->after = after(t, r);
    if (t->after != NULL) {
        pg_script(t->pg, sql_rollback, on_rolled_back, t);
        return;
    }
    *t->why = r->why;
    reason_prefix(t->why, "database: %s", t->step->name);
    over(t, false);
}

/* ---- the machine ---- */

void
retry_on_done(void *self, const struct pg_result *r)
{
    struct retry *t = self;
    const struct retry_step *step = t->step;

    if (!r->ok) {
        failed(t, r);
        return;
    }
    if (step->take != NULL && !step->take(t, r)) {
        over(t, false);
        return;
    }
    if (step == asking) /* it has gone on by itself */
        return;
    if (!step->is_repeated)
        t->step++;
    run_on(t);
}

static void
on_up(void *self)
{
    run(self, loading);
}

static void
on_down(void *self, const char *why)
{
    struct retry *t = self;
    if (t->is_over)
        return;
    reason_set(t->why, "database: %s", why);
    over(t, false);
}

static void
go(struct retry *t)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down};
    const struct conf *conf = t->conf;
    struct pg_settings settings = {
        .conninfo = conf->database.conninfo,
        .password_file = conf->database.password_file,
        .application_name = "abatectl",
        .statement_timeout_us = conf->database.statement_timeout_us,
    };

    t->pg = pg_new(t->loop, &settings, &calls, t);
    pg_start(t->pg);
    if (!t->is_over)
        loop_run(t->loop);
    pg_free(t->pg);
}

bool
retry_run(struct loop *loop, const struct conf *conf, const struct unit_system *units, const struct retry_wish *wish,
          const struct retry_calls *calls, struct retry_counts *ret, struct reason *why)
{
    struct retry t = {.loop = loop, .conf = conf, .wish = wish, .calls = calls, .reject_id = "0", .counts = ret, .why = why};

    *ret = (struct retry_counts){0};
    t.batch.on_reject = retry_on_reject;
    t.batch.self = &t;
    t.catalogue = catalogue_new();
    registry_use_units(t.catalogue->registry, units);
    go(&t);
    catalogue_free(t.catalogue);
    batch_clear(&t.batch);
    buf_clear(&t.text);
    buf_clear(&t.payload);
    return t.ok;
}
