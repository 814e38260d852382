/* ctl: the commands of abatectl, one a file. A further command is a further ctl_<name>.c and a row in
 * abatectl.c.
 *
 * Exit status of a command: 0, 1 for a failure, 2 for wrong usage.
 */
#ifndef ABATE_CTL_H
#define ABATE_CTL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "conf.h"
#include "loop.h"
#include "pg.h"
#include "reason.h"

struct ctl {
    const char *name;
    const char *usage; /* what may stand behind the name; in lines ended by \n but for the last */
    const char *help;
    /* `file`: the configuration named before the command, or the usual one. argv[0] is the command. */
    int (*run)(const char *file, int argc, char **argv);
};

extern const struct ctl ctl_alert, ctl_check, ctl_decode, ctl_evidence, ctl_journal, ctl_judge, ctl_migrate, ctl_partitions, ctl_plan,
    ctl_register, ctl_rejects, ctl_replay, ctl_simulate, ctl_status;

int ctl_alert_test(const char *file, int argc, char **argv); /* of ctl_alert */

void ctl_print_usage(const struct ctl *c, const char *before, FILE *to);
int ctl_usage(const struct ctl *c); /* prints it to stderr, returns 2 */
int ctl_fail(const char *why);      /* logs it, returns 1 */

/* The whole of `text` as a number between the two. */
bool ctl_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret);

/* The broker a command publishes to: of the configuration, or HOST:PORT. */
struct ctl_broker {
    struct conf *conf; /* NULL: not asked */
    struct conf_broker broker;
    char *host, *id;
};

/* `address` is HOST:PORT, or the name of a broker in the configuration `file`; NULL: the only one there. The
 * daemon's client id is never used: a second client of that name would throw the daemon out. */
bool ctl_broker_open(struct ctl_broker *b, const char *file, const char *address, const char *client_id,
                     struct reason *why);
void ctl_broker_close(struct ctl_broker *b);

/* One embedded query to the configuration's database, on a connection of its own; `take` is told the rows.
 * Runs the loop. False if it could not be asked or was answered with an error. */
typedef void ctl_take(void *self, const struct pg_result *result);
bool ctl_ask(struct loop *loop, const struct conf *conf, const char *sql, int n, const char *const *values,
             ctl_take *take, void *self, struct reason *why);

#endif
