#include "ctl_option.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "ctl.h"

#define OPTIONS_MOST 32

static bool
take(const struct ctl_option *o, const char *text, void *into)
{
    void *at = (char *)into + o->at;
    uint64_t number;

    switch (o->kind) {
    case OPTION_FLAG:
        return *(bool *)at = true;
    case OPTION_WORD:
        *(const char **)at = text;
        return true;
    case OPTION_COUNT:
        return ctl_number(text, o->least, o->most, at);
    case OPTION_SMALL:
        if (!ctl_number(text, o->least, o->most, &number))
            return false;
        *(unsigned *)at = (unsigned)number;
        return true;
    case OPTION_READ:
        return o->read(into, text);
    }
    return false;
}

/* As getopt wants them. */
static void
name_options(const struct ctl_option *o, struct option *names, char *letters)
{
    for (int i = 0; o->name != NULL; i++, o++) {
        assert(i < OPTIONS_MOST);
        int has_value = o->kind == OPTION_FLAG ? no_argument : required_argument;
        if (o->name[0] != '\0')
            *names++ = (struct option){o->name, has_value, NULL, o->letter};
        if (!o->is_short)
            continue;
        *letters++ = (char)o->letter;
        if (has_value == required_argument)
            *letters++ = ':';
    }
}

int
ctl_options(const struct ctl_option *option, const char *takes, int argc, char **argv, void *into)
{
    struct option names[OPTIONS_MOST + 1] = {{0}};
    char letters[2 * OPTIONS_MOST + 1] = "";
    int c;

    name_options(option, names, letters);
    while ((c = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        const struct ctl_option *o = option;
        while (o->name != NULL && o->letter != c)
            o++;
        if (o->name == NULL || (takes != NULL && strchr(takes, c) == NULL) || !take(o, optarg, into))
            return 0;
    }
    return optind;
}
