#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "folder_load.h"
#include "loop.h"
#include "settings.h"

static int
import(const char *file, const struct folder_load_wish *wish)
{
    struct reason why;
    struct conf *conf = settings_read(file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct loop *loop = loop_new();
    bool ok = folder_load_run(loop, conf, wish, &why);
    loop_free(loop);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

static int
run(const char *file, int argc, char **argv)
{
    static const struct option names[] = {
        {"conninfo", required_argument, NULL, 'i'}, {"dry-run", no_argument, NULL, 'n'}, {0}};
    struct folder_load_wish wish = {.kind = FOLDER_REGISTER};
    int c;

    if (argc < 2 || strcmp(argv[1], "import") != 0)
        return ctl_usage(&ctl_register);
    while ((c = getopt_long(argc - 1, argv + 1, "c:n", names, NULL)) != -1) {
        if (c == 'c')
            file = optarg;
        else if (c == 'i')
            wish.conninfo = optarg;
        else if (c == 'n')
            wish.is_dry = true;
        else
            return ctl_usage(&ctl_register);
    }
    wish.path = (const char *const *)argv + 1 + optind;
    wish.paths = (size_t)(argc - 1 - optind);
    return wish.paths > 0 ? import(file, &wish) : ctl_usage(&ctl_register);
}

const struct ctl ctl_register = {
    "register",
    "import [-c FILE] [--conninfo CONNINFO] [--dry-run] DIR|FILE...",
    "takes plants, monitors, series, contacts ... from CSV files into the register",
    run,
};
