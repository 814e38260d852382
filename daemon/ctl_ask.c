#include "ctl.h"

struct ask {
    struct loop *loop;
    struct pg *pg;
    const char *sql;
    int n;
    const char *const *values;
    ctl_take *take;
    void *self;
    struct reason *why;
    bool ok, is_over;
};

static void
over(struct ask *a, bool ok)
{
    a->ok = ok;
    a->is_over = true;
    loop_stop(a->loop);
}

static void
on_done(void *self, const struct pg_result *r)
{
    struct ask *a = self;
    if (r->ok)
        a->take(a->self, r);
    else
        reason_set(a->why, "database: %s", r->why.text);
    over(a, r->ok);
}

static void
on_up(void *self)
{
    struct ask *a = self;
    pg_exec(a->pg, a->sql, a->n, a->values, on_done, a);
}

static void
on_down(void *self, const char *why)
{
    struct ask *a = self;
    if (a->is_over)
        return;
    reason_set(a->why, "database: %s", why);
    over(a, false);
}

bool
ctl_ask(struct loop *loop, const struct conf *conf, const char *sql, int n, const char *const *values,
        ctl_take *take, void *self, struct reason *why)
{
    static const struct pg_calls calls = {.on_up = on_up, .on_down = on_down};
    struct pg_settings settings = {
        .conninfo = conf->database.conninfo,
        .password_file = conf->database.password_file,
        .application_name = "abatectl",
        .statement_timeout_us = conf->database.statement_timeout_us,
    };
    struct ask a = {
        .loop = loop, .sql = sql, .n = n, .values = values, .take = take, .self = self, .why = why};

    a.pg = pg_new(loop, &settings, &calls, &a);
    pg_start(a.pg);
    if (!a.is_over)
        loop_run(loop);
    pg_free(a.pg);
    return a.ok;
}
