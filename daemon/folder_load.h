/* folder_load: CSV files into the database, whole or not at all: a plan's folder, or files of the register.
 *
 *     begin -> cells -> check -> units -+-> changes -> take -> commit      (a dry run: rollback)
 *                                       +-> faults: each on a line of stderr, rollback
 */
#ifndef ABATE_FOLDER_LOAD_H
#define ABATE_FOLDER_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

#define FOLDER_LOAD_FAULTS 500  /* said one by one */
#define FOLDER_LOAD_CHANGES 500 /* likewise */

enum folder_kind { FOLDER_PLAN, FOLDER_REGISTER };

struct folder_load_wish {
    enum folder_kind kind;
    const char *const *path; /* files and folders */
    size_t paths;
    const char *conninfo; /* NULL: the configuration's */
    bool is_dry;
};

/* Runs the loop until it is done; tells on stdout what is new. */
bool folder_load_run(struct loop *loop, const struct conf *conf, const struct folder_load_wish *wish, struct reason *why);

#endif
