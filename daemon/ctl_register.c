#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "ctl_option.h"
#include "folder_load.h"
#include "loop.h"
#include "settings.h"

struct options {
    const char *file;
    struct folder_load_wish load;
};

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"conninfo", 'i', OPTION_WORD, false, .at = offsetof(struct options, load.conninfo)},
    {"dry-run", 'n', OPTION_FLAG, true, .at = offsetof(struct options, load.is_dry)},
    {0}};

static int
import(const struct options *o)
{
    struct reason why;
    struct conf *conf = settings_read(o->file, &why);
    if (conf == NULL)
        return ctl_fail(why.text);

    struct loop *loop = loop_new();
    bool ok = folder_load_run(loop, conf, &o->load, &why);
    loop_free(loop);
    conf_free(conf);
    return ok ? 0 : ctl_fail(why.text);
}

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file, .load = {.kind = FOLDER_REGISTER}};

    if (argc < 2 || strcmp(argv[1], "import") != 0)
        return ctl_usage(&ctl_register);
    int first = 1 + ctl_options(option, NULL, argc - 1, argv + 1, &o);
    if (first == 1 || first == argc)
        return ctl_usage(&ctl_register);
    o.load.path = (const char *const *)argv + first;
    o.load.paths = (size_t)(argc - first);
    return import(&o);
}

const struct ctl ctl_register = {
    "register",
    "import [-c FILE] [--conninfo CONNINFO] [--dry-run] DIR|FILE...",
    "takes plants, monitors, series, contacts ... from CSV files into the register",
    run,
};
