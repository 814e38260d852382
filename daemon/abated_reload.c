/* abated_reload: SIGHUP. The configuration is read again; if it is good, what can be changed while abated runs is changed.
 *
 *     file --> conf --> what waits for a restart stays, and is named --> channels opened --> in force, at once and everywhere
 *                \                                                         \
 *                 `-- wrong: said with line and key --------------------------`--> the old one stays in force
 *
 * Journal, sessions and connections stay as they are; nothing is lost by it, and nothing comes twice.
 */
#include <inttypes.h>
#include <systemd/sd-daemon.h>

#include "abated_own.h"
#include "conf_succeed.h"
#include "log.h"
#include "settings.h"

static void
on_held(void *self, const char *what)
{
    (void)self;
    log_warning("reload: %s: waits for a restart", what);
}

/* Another outlet takes the place of this one, if letters go otherwise now. NULL if they do not; false if it cannot be. */
static bool
open_outlet(struct daemon *d, struct conf *next, struct outlet **ret, struct reason *why)
{
    *ret = NULL;
    if (conf_same_letters(d->outlet->conf, next))
        return true;
    *ret = outlet_new(d->loop, next, d->transfers, why);
    return *ret != NULL;
}

static void
change_outlet(struct daemon *d, struct outlet *next)
{
    struct outlet *old = d->outlet;

    outlet_leave(old);
    outlet_start(next, &(struct vigil_sight){d->intake, d->writer, d->journal}, old);
    d->outlet = next;
    old->next = d->leaving;
    d->leaving = old;
    daemon_see_off(d, false);
}

void
daemon_see_off(struct daemon *d, bool all)
{
    struct outlet **at = &d->leaving;
    while (*at != NULL) {
        struct outlet *o = *at;
        if (!all && !outlet_is_idle(o)) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        outlet_free(o);
    }
}

/* In this order: receipts are asked for before messages come that want them. */
static void
put_in_force(struct daemon *d, struct conf *next)
{
    struct conf *old = d->conf;

    d->conf = next;
    journal_bound(d->journal, next->journal.size_bytes, next->journal.retention_us);
    receipt_change(d->receipt, next);
    writer_change(d->writer, next);
    intake_change(d->intake, next);
    judge_change(d->judge, next);
    conf_free(old);
    daemon_set_log(d);
}

static bool
reload(struct daemon *d, struct reason *why)
{
    struct outlet *outlet;
    struct conf *next = settings_read(d->options.file, why);

    if (next == NULL)
        return false;
    if (!conf_succeed(next, d->conf, on_held, d, why) || !open_outlet(d, next, &outlet, why)) {
        conf_free(next);
        return false;
    }
    put_in_force(d, next);
    if (outlet != NULL)
        change_outlet(d, outlet);
    return true;
}

void
daemon_reload(struct daemon *d)
{
    struct reason why;

    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, loop_ticks(d->loop));
    bool ok = reload(d, &why);
    if (ok)
        log_notice("reload: %s is in force", d->options.file);
    else
        log_error("reload: %s; nothing is changed", why.text);
    struct service_sight sight = daemon_sight(d);
    service_reloaded(d->service, &sight, ok ? NULL : why.text);
    sd_notify(0, "READY=1");
}
