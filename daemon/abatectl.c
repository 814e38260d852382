/* abatectl: the control program. What it can do stands in the table. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "log.h"
#include "settings.h"

static const struct ctl *const commands[] = {&ctl_alert, &ctl_check, &ctl_decode, &ctl_evidence, &ctl_journal, &ctl_judge,
                                             &ctl_migrate, &ctl_partitions, &ctl_plan, &ctl_register, &ctl_rejects, &ctl_replay,
                                             &ctl_simulate, &ctl_status};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int
print_usage(FILE *to, int status)
{
    fputs("usage: abatectl [-c FILE] [-d] COMMAND ...\n"
          "  -c FILE  configuration (" SETTINGS_FILE ")\n"
          "  -d       log what is of use to a programmer, too\n"
          "  -v       version\n"
          "  -h       this help\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++) {
        ctl_print_usage(commands[i], "  ", to);
        fprintf(to, "      %s\n", commands[i]->help);
    }
    return status;
}

static int
run(const char *file, int argc, char **argv)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, argv[0]) != 0)
            continue;
        optind = 0; /* glibc: begin anew with another argv */
        return commands[i]->run(file, argc, argv);
    }
    fprintf(stderr, "abatectl: there is no command \"%s\"\n", argv[0]);
    return print_usage(stderr, 2);
}

int
main(int argc, char **argv)
{
    static const struct option names[] = {
        {"version", no_argument, NULL, 'v'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *file = SETTINGS_FILE;
    enum log_level level = LOG_LEVEL_INFO;
    int c;

    while ((c = getopt_long(argc, argv, "+c:dvh", names, NULL)) != -1) {
        if (c == 'c')
            file = optarg;
        else if (c == 'd')
            level = LOG_LEVEL_DEBUG;
        else if (c == 'v')
            return printf("abatectl %s\n", ABATE_VERSION) < 0;
        else
            return print_usage(c == 'h' ? stdout : stderr, c == 'h' ? 0 : 2);
    }
    if (optind == argc)
        return print_usage(stderr, 2);
    log_open("abatectl", level);
    signal(SIGPIPE, SIG_IGN);
    int status = run(file, argc - optind, argv + optind);
    if (fflush(stdout) != 0) {
        log_error("standard output: %s", strerror(errno));
        return 1;
    }
    return status;
}
