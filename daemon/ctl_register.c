#include <stddef.h>
#include <string.h>

#include "ctl.h"
#include "ctl_folder.h"
#include "ctl_option.h"

struct options {
    const char *file;
    struct folder_load_wish load;
    bool is_json;
};

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"conninfo", 'i', OPTION_WORD, false, .at = offsetof(struct options, load.conninfo)},
    {"dry-run", 'n', OPTION_FLAG, true, .at = offsetof(struct options, load.is_dry)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {0}};

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
    return ctl_folder_load(o.file, &o.load, o.is_json);
}

const struct ctl ctl_register = {
    "register",
    "import [-c FILE] [--conninfo CONNINFO] [--dry-run] [--json] DIR|FILE...",
    "takes plants, monitors, series, contacts ... from CSV files into the register",
    run,
};
