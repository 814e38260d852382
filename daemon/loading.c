#include <inttypes.h>
#include <string.h>

#include "catalogue_rows.h"
#include "log.h"
#include "memory.h"
#include "sql.h"
#include "writer_own.h"

static bool
begin_schema(struct writer *w)
{
    return writer_exec(w, sql_read_schema);
}

static bool
take_schema(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)w;
    int64_t wanted = sql_migrations[sql_migrations_count - 1].number;
    int64_t found = r->rows > 0 ? pg_int(r, 0, 0) : 0;
    if (found < wanted)
        return reason_set(why, "schema is at %" PRId64 ", this program wants %" PRId64 "; hint: run abatectl migrate",
                          found, wanted);
    if (found > wanted)
        return reason_set(why, "schema is at %" PRId64 ", this program knows it up to %" PRId64
                               "; hint: it is older than the database: upgrade it",
                          found, wanted);
    return true;
}

static bool
begin_session(struct writer *w)
{
    pg_script(w->pg, sql_prepare_session, writer_on_done, w);
    return true;
}

static bool
begin_claim(struct writer *w)
{
    const char *values[] = {w->conf->instance, journal_uuid(w->journal)};
    pg_exec(w->pg, sql_claim_journal, 2, values, writer_on_done, w);
    return true;
}

static bool
take_claim(struct writer *w, const struct pg_result *r, struct reason *why)
{
    if (r->rows != 1)
        return reason_set(why, "no journal position");
    uint64_t position = (uint64_t)pg_int(r, 0, 1);
    if (!journal_covers(w->journal, position, why)) {
        return writer_condemn(w, why->text);
    }
    w->journal_id = (int16_t)pg_int(r, 0, 0);
    w->position = position;
    w->must_seek = true;
    return true;
}

/* A journal this start has made, and the database knows another one of this instance: that one's directory was emptied, or
 * the database is not ours. Nothing may be acknowledged on the strength of it. */
void
loading_refused(struct writer *w, const struct pg_result *r)
{
    struct reason why = r->why;

    if (strcmp(r->sqlstate, "AB001") != 0 || !journal_is_new(w->journal))
        return;
    reason_prefix(&why, "the journal has just been made, nothing was in its directory");
    writer_condemn(w, why.text);
}

static bool
begin_partitions_ahead(struct writer *w)
{
    return writer_exec(w, sql_ensure_partitions_ahead);
}

static bool
begin_partitions(struct writer *w)
{
    catalogue_free(w->next_catalogue);
    w->next_catalogue = catalogue_new();
    registry_use_units(w->next_catalogue->registry, w->units);
    w->is_stale = false;
    w->poison.text[0] = '\0'; /* what is loaded may judge it otherwise, and the position may be another message's */
    return writer_exec(w, sql_read_partitions);
}

static bool
take_partitions(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    catalogue_take_partitions(w->next_catalogue, r);
    return true;
}

static bool
begin_registry(struct writer *w)
{
    return writer_exec(w, sql_read_registry);
}

static bool
take_registry(struct writer *w, const struct pg_result *r, struct reason *why)
{
    return catalogue_take_registry(w->next_catalogue, r, why);
}

/* Once, and again when it is another. */
static void
say_unconverted(struct writer *w, const struct catalogue *c)
{
    struct reason words = {""};

    if (c->unconverted > 0)
        reason_set(&words, "%zu series are sent in a unit that cannot become theirs, and will be refused: %s%s", c->unconverted,
                   c->unconverted_why.text, c->unconverted > 1 ? ", ...; hint: abatectl check names them all" : "");
    if (c->unconverted > 0 && strcmp(words.text, w->unconverted.text) != 0)
        log_warning("writer: %s", words.text);
    w->unconverted = words;
}

static bool
begin_units(struct writer *w)
{
    return writer_exec(w, sql_read_units);
}

static bool
take_units(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    catalogue_take_units(w->next_catalogue, r);
    say_unconverted(w, w->next_catalogue);
    return true;
}

static bool
begin_names(struct writer *w)
{
    return writer_exec(w, sql_read_names);
}

static bool
take_names(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    catalogue_take_names(w->next_catalogue, r);
    return true;
}

static bool
begin_watches(struct writer *w)
{
    return writer_exec(w, sql_read_watches);
}

static bool
take_watches(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    catalogue_take_watches(w->next_catalogue, r);
    return true;
}

static bool
begin_marks(struct writer *w)
{
    return writer_exec(w, sql_read_valid_marks);
}

static bool
take_marks(struct writer *w, const struct pg_result *r, struct reason *why)
{
    (void)why;
    catalogue_take_marks(w->next_catalogue, r);
    catalogue_free(w->catalogue);
    w->catalogue = w->next_catalogue;
    w->next_catalogue = NULL;
    memory_give_back(); /* the rows and the registry before leave holes that nothing here will ever fill */
    return true;
}

const struct step loading_steps[] = {
    {"rollback", writer_begin_rollback, NULL, false},
    {"schema", begin_schema, take_schema, false},
    {"session", begin_session, NULL, false},
    {"journal position", begin_claim, take_claim, false},
    {"recorded segments", recording_begin_load, recording_take_load, false},
    {"partitions ahead", begin_partitions_ahead, NULL, false},
    {"partitions", begin_partitions, take_partitions, false},
    {"registry", begin_registry, take_registry, false},
    {"units", begin_units, take_units, false},
    {"names", begin_names, take_names, false},
    {"limits", begin_watches, take_watches, false},
    {"marks", begin_marks, take_marks, false},
    {NULL, NULL, NULL, false},
};
const struct step *const loading_again = &loading_steps[6];

void
writer_renew(struct writer *w)
{
    w->is_stale = true;
    w->has_loaded = false;
    writer_wake(w);
}
