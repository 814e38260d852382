/* folder_load: CSV files into the database, whole or not at all: a plan's folder, or files of the register.
 *
 *     begin -> cells -> check -> units -+-> on_changes -> take -> on_taken -> commit      (a dry run: rollback)
 *                                       +-> on_fault each, on_refused; the connection ends, and with it the transaction
 */
#ifndef ABATE_FOLDER_LOAD_H
#define ABATE_FOLDER_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "loop.h"
#include "pg.h"
#include "reason.h"

enum folder_kind { FOLDER_PLAN, FOLDER_REGISTER };

extern const char *const folder_kind_name[];

struct folder_load_wish {
    enum folder_kind kind;
    const char *const *path; /* files and folders */
    size_t paths;
    const char *conninfo; /* NULL: the configuration's */
    bool is_dry;
};

struct folder_fault {
    const char *file;
    const char *line;   /* NULL: it is of the whole file */
    const char *column; /* NULL: of the whole row */
    const char *words;
};

/* What is told on the way. Of changes and what was taken only folder_load_run() says that it is true. */
struct folder_load_calls {
    void (*on_fault)(void *self, const struct folder_fault *fault);
    void (*on_refused)(void *self);                             /* behind the last fault */
    void (*on_changes)(void *self, const struct pg_result *r);  /* read_folder_change.sql */
    void (*on_taken)(void *self, const struct pg_result *r);    /* take_folder.sql: a row a file */
    void *self;
};

/* Runs the loop until it is done. */
bool folder_load_run(struct loop *loop, const struct conf *conf, const struct folder_load_wish *wish,
                     const struct folder_load_calls *calls, struct reason *why);

#endif
