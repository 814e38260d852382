#include "migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"
#include "sql.h"

#define DEADLOCK_TRIES 20

/*      lock -> schema -> applied -> plan -> [ digest -> begin -> text -> record -> commit ] each -> functions -> done */
struct migrate {
    struct loop *loop;
    struct pg *pg;
    bool is_dry;
    size_t next;           /* the migration at hand */
    char sha256[65];       /* of its text */
    size_t applied;        /* rows of schema_migration */
    char (*digest)[65];    /* theirs, by order */
    int *number;
    const char **pending;  /* names */
    const struct migrate_calls *calls;
    char *functions;       /* all their texts, in one transaction */
    int tries;
    bool is_over;
    bool ok;
    struct reason *why;
};

static void
over(struct migrate *m, bool ok)
{
    m->is_over = true;
    m->ok = ok;
    loop_stop(m->loop);
}

static void begin_migration(struct migrate *m);

static void
on_rolled_back(void *self, const struct pg_result *r)
{
    (void)r; /* if it could not be, the next statement says so */
    begin_migration(self);
}

/* A daemon at work and we held what the other wanted: nothing of it is done, and it is begun again. */
static bool
is_begun_again(struct migrate *m, const struct pg_result *r)
{
    if (strcmp(r->sqlstate, "40P01") != 0 || ++m->tries == DEADLOCK_TRIES)
        return false;
    pg_script(m->pg, sql_rollback, on_rolled_back, m);
    return true;
}

static bool
good(struct migrate *m, const struct pg_result *r, const char *what)
{
    if (r->ok)
        return true;
    if (is_begun_again(m, r))
        return false;
    *m->why = r->why;
    reason_prefix(m->why, "%s", what);
    over(m, false);
    return false;
}

static const struct sql_migration *
at_hand(const struct migrate *m)
{
    return &sql_migrations[m->next];
}

static void
on_functions(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (!good(m, r, "functions"))
        return;
    m->calls->on_applied(m->calls->self, NULL);
    over(m, true);
}

static void
apply_functions(struct migrate *m)
{
    if (m->is_dry) {
        over(m, true);
        return;
    }
    m->calls->on_begun(m->calls->self, NULL);
    size_t size = strlen(sql_begin) + strlen(sql_commit) + 1;
    for (size_t i = 0; i < sql_functions_count; i++)
        size += strlen(sql_functions[i].text);
    free(m->functions);
    m->functions = malloc(size);
    if (m->functions == NULL)
        abort();
    char *at = stpcpy(m->functions, sql_begin);
    for (size_t i = 0; i < sql_functions_count; i++)
        at = stpcpy(at, sql_functions[i].text);
    stpcpy(at, sql_commit);
    pg_script(m->pg, m->functions, on_functions, m);
}

static void
next_migration(struct migrate *m)
{
    m->next++;
    begin_migration(m);
}

static void
on_committed(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (!good(m, r, at_hand(m)->name))
        return;
    m->calls->on_applied(m->calls->self, at_hand(m)->name);
    next_migration(m);
}

static void
on_recorded(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (good(m, r, at_hand(m)->name))
        pg_exec(m->pg, sql_commit, 0, NULL, on_committed, m);
}

static void
on_applied(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (!good(m, r, at_hand(m)->name))
        return;
    char number[16];
    snprintf(number, sizeof(number), "%d", at_hand(m)->number);
    const char *values[] = {number, at_hand(m)->name, m->sha256};
    pg_exec(m->pg, sql_record_migration, 3, values, on_recorded, m);
}

static void
on_begun(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (good(m, r, at_hand(m)->name))
        pg_script(m->pg, at_hand(m)->text, on_applied, m);
}

static void
compare(struct migrate *m, size_t i)
{
    if (strcmp(m->digest[i], m->sha256) == 0) {
        next_migration(m);
        return;
    }
    reason_set(m->why,
               "migration %s is not what was applied to this database (sha256 %.12s there, %.12s here); hint: migrations "
               "are never edited, add a new one",
               at_hand(m)->name, m->digest[i], m->sha256);
    over(m, false);
}

/* Its row of schema_migration; m->applied: it is not there. */
static size_t
find(const struct migrate *m, int number)
{
    size_t i = 0;
    while (i < m->applied && m->number[i] != number)
        i++;
    return i;
}

static void
on_digest(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (!good(m, r, at_hand(m)->name))
        return;
    snprintf(m->sha256, sizeof(m->sha256), "%s", pg_text(r, 0, 0));
    size_t i = find(m, at_hand(m)->number);
    if (i < m->applied) {
        compare(m, i);
        return;
    }
    if (m->is_dry) {
        next_migration(m);
        return;
    }
    m->calls->on_begun(m->calls->self, at_hand(m)->name);
    pg_exec(m->pg, sql_begin, 0, NULL, on_begun, m);
}

static void
begin_migration(struct migrate *m)
{
    if (m->next == sql_migrations_count) {
        apply_functions(m);
        return;
    }
    const char *values[] = {at_hand(m)->text};
    pg_exec(m->pg, sql_digest_text, 1, values, on_digest, m);
}

/* What is to be done is told before anything is; a schema of another program's time is left alone. */
static void
plan(struct migrate *m)
{
    struct migrate_plan plan = {.want = sql_migrations[sql_migrations_count - 1].number,
                                .applied = m->applied,
                                .functions = sql_functions_count};

    m->pending = calloc(sql_migrations_count, sizeof(*m->pending));
    if (m->pending == NULL)
        abort();
    for (size_t i = 0; i < m->applied; i++)
        plan.have = m->number[i] > plan.have ? m->number[i] : plan.have;
    if (plan.have > plan.want) {
        reason_set(m->why, "schema is at %d, this program knows it up to %d; hint: it is older than the database: upgrade it",
                   plan.have, plan.want);
        over(m, false);
        return;
    }
    for (size_t i = 0; i < sql_migrations_count; i++) {
        if (find(m, sql_migrations[i].number) == m->applied)
            m->pending[plan.names++] = sql_migrations[i].name;
    }
    plan.name = m->pending;
    m->calls->on_plan(m->calls->self, &plan);
    begin_migration(m);
}

static void
on_read(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (!good(m, r, "schema"))
        return;
    m->applied = (size_t)r->rows;
    m->digest = calloc(m->applied + 1, sizeof(*m->digest));
    m->number = calloc(m->applied + 1, sizeof(*m->number));
    if (m->digest == NULL || m->number == NULL)
        abort();
    for (int i = 0; i < r->rows; i++) {
        m->number[i] = (int)pg_int(r, i, 0);
        snprintf(m->digest[i], sizeof(m->digest[i]), "%s", pg_text(r, i, 2));
    }
    plan(m);
}

static void
on_schema(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (!good(m, r, "schema"))
        return;
    if (r->rows > 0 && pg_int(r, 0, 0) > 0)
        pg_exec(m->pg, sql_read_migrations, 0, NULL, on_read, m);
    else
        plan(m);
}

static void
on_locked(void *self, const struct pg_result *r)
{
    struct migrate *m = self;
    if (good(m, r, "lock"))
        pg_exec(m->pg, sql_read_schema, 0, NULL, on_schema, m);
}

static void
on_up(void *self)
{
    struct migrate *m = self;
    pg_exec(m->pg, sql_lock_migrations, 0, NULL, on_locked, m);
}

static void
on_down(void *self, const char *why)
{
    struct migrate *m = self;
    if (m->is_over)
        return;
    reason_set(m->why, "database: %s", why);
    over(m, false);
}

bool
migrate_run(struct loop *loop, const struct conf *conf, const char *conninfo, bool is_dry, const struct migrate_calls *migrate_calls,
            struct reason *why)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down};
    struct pg_settings settings = {
        .conninfo = conninfo != NULL ? conninfo : conf->database.conninfo,
        .password_file = conninfo != NULL ? NULL : conf->database.password_file,
        .application_name = "abatectl migrate",
    };
    struct migrate m = {.loop = loop, .is_dry = is_dry, .calls = migrate_calls, .why = why};

    m.pg = pg_new(loop, &settings, &calls, &m);
    pg_start(m.pg);
    if (!m.is_over)
        loop_run(loop);
    pg_free(m.pg);
    free(m.functions);
    free(m.pending);
    free(m.digest);
    free(m.number);
    return m.ok;
}
