#include <getopt.h>
#include <stdio.h>

#include "ctl.h"
#include "loop.h"
#include "migrate.h"
#include "settings.h"

static int
migrate(const char *file, const char *conninfo, bool is_dry)
{
    struct reason why;
    struct conf *conf = settings_read(file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct loop *loop = loop_new();
    bool ok = migrate_run(loop, conf, conninfo, is_dry, &why);
    loop_free(loop);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

static int
run(const char *file, int argc, char **argv)
{
    static const struct option names[] = {
        {"conninfo", required_argument, NULL, 'i'}, {"dry-run", no_argument, NULL, 'n'}, {0}};
    const char *conninfo = NULL;
    bool is_dry = false;
    int c;

    while ((c = getopt_long(argc, argv, "c:n", names, NULL)) != -1) {
        if (c == 'c')
            file = optarg;
        else if (c == 'i')
            conninfo = optarg;
        else if (c == 'n')
            is_dry = true;
        else
            return ctl_usage(&ctl_migrate);
    }
    return optind < argc ? ctl_usage(&ctl_migrate) : migrate(file, conninfo, is_dry);
}

const struct ctl ctl_migrate = {
    "migrate",
    "[-c FILE] [--conninfo CONNINFO] [--dry-run]",
    "brings the schema of the database to what this version wants",
    run,
};
