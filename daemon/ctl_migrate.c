#include <stdio.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_option.h"
#include "ctl_rows.h"
#include "log.h"
#include "loop.h"
#include "migrate.h"
#include "payload.h"
#include "settings.h"

/* What is told, and where: at a terminal the list before, and each step as it goes; else a line of the log for each. For a
 * machine one object, when it is true. */
struct telling {
    struct loop *loop;
    bool is_dry, is_terminal, is_json;
    bool is_open; /* the terminal's line is to be ended */
    size_t before, done; /* migrations */
    int64_t begun;       /* ticks */
    struct buf object;
};

static void
print_plan(const struct telling *t, const struct migrate_plan *plan)
{
    if (plan->have == 0)
        printf("there is no schema yet; this version wants %d\n", plan->want);
    else
        printf("schema %d; this version wants %d\n", plan->have, plan->want);
    for (size_t i = 0; i < plan->names; i++)
        printf("  %s\n", plan->name[i]);
    printf("%zu migrations %s; then the functions and views of this version (%zu files), anew\n", plan->names,
           t->is_dry ? "would be applied" : "to apply", plan->functions);
    fflush(stdout);
}

static void
add_plan(struct telling *t, const struct migrate_plan *plan)
{
    buf_add_text(&t->object, "{");
    ctl_add_count(&t->object, "have", plan->have);
    ctl_add_count(&t->object, "want", plan->want);
    ctl_add_plain(&t->object, "migrations", "[");
    for (size_t i = 0; i < plan->names; i++) {
        buf_add_text(&t->object, i > 0 ? ", " : "");
        payload_add_string(&t->object, plan->name[i]);
    }
    buf_add_text(&t->object, "]");
    ctl_add_count(&t->object, "functions", (int64_t)plan->functions);
    ctl_add_plain(&t->object, "dry", t->is_dry ? "true" : "false");
    buf_add_text(&t->object, "}\n");
}

static void
on_plan(void *self, const struct migrate_plan *plan)
{
    struct telling *t = self;
    t->before = plan->applied;
    if (t->is_json)
        add_plan(t, plan);
    else if (t->is_dry || t->is_terminal)
        print_plan(t, plan);
}

static void
on_begun(void *self, const char *name)
{
    struct telling *t = self;
    t->begun = loop_ticks(t->loop);
    if (!t->is_terminal)
        return;
    printf("%s%s ...", t->is_open ? " again\n" : "", name != NULL ? name : "functions and views");
    fflush(stdout);
    t->is_open = true;
}

static void
on_applied(void *self, const char *name)
{
    struct telling *t = self;

    t->done += name != NULL;
    t->is_open = false;
    if (t->is_terminal)
        printf(" %.1f s\n", (double)(loop_ticks(t->loop) - t->begun) / 1e6);
    else if (name != NULL)
        log_notice("schema: %s applied", name);
    if (name == NULL)
        log_notice("schema: %zu migrations applied, %zu were there; functions and views are those of this program", t->done, t->before);
}

struct options {
    const char *file, *conninfo;
    bool is_dry, is_json;
};

static int
migrate(const struct options *o)
{
    struct reason why;
    struct conf *conf = settings_read(o->file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct telling t = {.loop = loop_new(), .is_dry = o->is_dry, .is_json = o->is_json,
                        .is_terminal = !o->is_json && isatty(STDOUT_FILENO) == 1};
    const struct migrate_calls calls = {.on_plan = on_plan, .on_begun = on_begun, .on_applied = on_applied, .self = &t};
    bool ok = migrate_run(t.loop, conf, o->conninfo, o->is_dry, &calls, &why);
    loop_free(t.loop);
    conf_free(conf);
    if (t.is_open)
        printf("\n");
    if (ok)
        ctl_put(&t.object);
    buf_clear(&t.object);
    return ok ? 0 : ctl_fail(why.text);
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"conninfo", 'i', OPTION_WORD, false, .at = offsetof(struct options, conninfo)},
    {"dry-run", 'n', OPTION_FLAG, true, .at = offsetof(struct options, is_dry)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {0}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};
    return ctl_options(option, NULL, argc, argv, &o) != argc ? ctl_usage(&ctl_migrate) : migrate(&o);
}

const struct ctl ctl_migrate = {
    "migrate",
    "[-c FILE] [--conninfo CONNINFO] [--dry-run] [--json]",
    "brings the schema of the database to what this version wants",
    run,
};
