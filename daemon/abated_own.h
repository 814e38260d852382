/* abated_own: the daemon's parts, shared by abated.c, which wires them, and abated_reload.c. Nobody else includes it. */
#ifndef ABATE_ABATED_OWN_H
#define ABATE_ABATED_OWN_H

#include <stdbool.h>
#include <stdint.h>

#include "duty.h"
#include "intake.h"
#include "journal.h"
#include "judge.h"
#include "loop.h"
#include "outlet.h"
#include "receipt.h"
#include "service.h"
#include "transfer.h"
#include "unit.h"
#include "writer.h"

struct options {
    const char *file;
    bool is_test, is_told; /* -t, -v */
    bool is_debugging;     /* -d */
};

struct daemon {
    struct options options;
    struct loop *loop;
    struct conf *conf; /* in force */
    struct journal *journal;
    struct receipt *receipt;
    struct intake *intake;
    struct duty *duty; /* NULL: it is alone */
    struct unit_system *units;
    struct writer *writer;
    struct judge *judge;
    struct transfers *transfers;
    struct outlet *outlet;
    struct outlet *leaving; /* those whose place was taken */
    struct service *service;
    struct loop_event *drain;
    struct loop_event *status;
    struct loop_event *watchdog;
    struct loop_event *signal[3];
    int64_t stop_by; /* ticks; 0 while running */
    int exit_status;
    struct reason end; /* why it cannot go on */
};

/* ---- abated.c ---- */
void daemon_set_log(const struct daemon *d); /* how much is logged */
struct service_sight daemon_sight(const struct daemon *d);

/* ---- abated_reload.c ---- */
void daemon_reload(struct daemon *d);
void daemon_see_off(struct daemon *d, bool all); /* outlets that are leaving, once they are idle; or all of them */

#endif
