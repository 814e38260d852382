/* abated: the daemon. Reads its configuration, opens the journal, and lets intake, writer, judge and notifier run. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "abated_own.h"
#include "buf.h"
#include "conf_print.h"
#include "crash.h"
#include "log.h"
#include "settings.h"

#define DRAIN_US 20000000     /* the most time a stop waits for PostgreSQL to take what is in the journal */
#define SENDING_US 5000000    /* and for letters under way, which are sent again otherwise; and for the last words */
#define DRAIN_STEP_US 50000
#define STATUS_US 3000000
#define WATCHDOG_US 5000000

static void
die(void *self, const char *why)
{
    struct daemon *d = self;
    log_error("%s; exiting, nothing that is not on disk was acknowledged", why);
    d->exit_status = EXIT_FAILURE;
    reason_set(&d->end, "%s", why);
    loop_stop(d->loop);
}

static void
on_synced(void *self)
{
    struct daemon *d = self;
    writer_wake(d->writer);
}

static bool
has_caught_up(void *self)
{
    struct daemon *d = self;
    return writer_has_caught_up(d->writer);
}

static bool
make_room(void *self)
{
    struct daemon *d = self;
    return writer_make_room(d->writer);
}

static void
on_duty_begun(void *self)
{
    struct daemon *d = self;
    if (d->stop_by != 0)
        return; /* who was on duty went while we go, too */
    writer_renew(d->writer);
    intake_start(d->intake);
}

static void
on_duty_over(void *self, const char *why)
{
    struct daemon *d = self;
    (void)why;
    intake_stand_by(d->intake);
}

static void
on_contested(void *self)
{
    struct daemon *d = self;
    duty_contested(d->duty);
}

/* The brokers have our good-bye and the database what we took: limits are watched in the order of readings, so whoever stands
 * by does not begin before. */
static void
leave_duty(struct daemon *d)
{
    duty_free(d->duty);
    d->duty = NULL;
}

/* SIGTERM: nothing new is taken, what is in the journal goes to PostgreSQL if that is there, then the end. What is left
 * stays in the journal for the next start. */
static void
on_drain(void *self)
{
    struct daemon *d = self;
    int64_t left = d->stop_by - loop_ticks(d->loop);
    bool is_sent = notifier_is_idle(d->outlet->notifier) || left < DRAIN_US - SENDING_US;

    if (d->duty != NULL && writer_is_idle(d->writer) && intake_is_down(d->intake))
        leave_duty(d);
    if (left < 0 || (is_sent && writer_is_idle(d->writer) && intake_is_down(d->intake)))
        loop_stop(d->loop);
    loop_event_in(d->drain, DRAIN_STEP_US);
}

static void
on_stop(void *self)
{
    struct daemon *d = self;
    if (d->stop_by != 0)
        return;
    log_notice("stopping");
    sd_notify(0, "STOPPING=1");
    d->stop_by = loop_ticks(d->loop) + DRAIN_US;
    crash_before("stop");
    service_stop(d->service);
    vigil_stop(d->outlet->vigil);
    notifier_stop(d->outlet->notifier);
    intake_stop(d->intake);
    crash_amid("stop");
    loop_event_in(d->drain, 0);
}

static void
on_reload(void *self)
{
    struct daemon *d = self;
    if (d->stop_by == 0)
        daemon_reload(d);
}

void
daemon_set_log(const struct daemon *d)
{
    static const enum log_level level[] = {
        [CONF_LOG_ERROR] = LOG_LEVEL_ERROR, [CONF_LOG_WARNING] = LOG_LEVEL_WARNING, [CONF_LOG_NOTICE] = LOG_LEVEL_NOTICE,
        [CONF_LOG_INFO] = LOG_LEVEL_INFO,   [CONF_LOG_DEBUG] = LOG_LEVEL_DEBUG};
    log_set(d->options.is_debugging ? LOG_LEVEL_DEBUG : level[d->conf->log]);
}

static void
on_status(void *self)
{
    struct daemon *d = self;
    char line[256];
    if (service_line(d->service, line, sizeof(line)))
        sd_notifyf(0, "STATUS=%s", line);
    daemon_see_off(d, false);
    loop_event_in(d->status, STATUS_US);
}

static void
on_watchdog(void *self)
{
    struct daemon *d = self;
    sd_notify(0, "WATCHDOG=1");
    loop_event_in(d->watchdog, WATCHDOG_US);
}

static void
open_journal(struct daemon *d)
{
    struct journal_settings settings = {
        .directory = d->conf->journal.directory,
        .segment_bytes = d->conf->journal.segment_bytes,
        .size_bytes = d->conf->journal.size_bytes,
        .retention_us = d->conf->journal.retention_us,
    };
    struct journal_recovery recovery;
    struct reason why;

    d->journal = journal_open(&settings, loop_now(d->loop), &recovery, &why);
    if (d->journal == NULL)
        log_fatal("%s", why.text);
    if (recovery.torn_bytes > 0)
        log_warning("journal: %llu torn bytes at the end cut off%s; nothing says that any of them was acknowledged",
                    (unsigned long long)recovery.torn_bytes,
                    recovery.is_torn_lost ? ", and for want of room not kept" : " and kept aside");
    if (recovery.rewritten_bytes > 0)
        log_notice("journal: %llu bytes written anew", (unsigned long long)recovery.rewritten_bytes);
    if (recovery.unmoved_bytes > 0)
        log_warning("journal: no room to write %llu bytes anew: they read well on the disk and stay where they are",
                    (unsigned long long)recovery.unmoved_bytes);
}

static void
open_outlet(struct daemon *d)
{
    struct reason why;

    d->transfers = transfers_new(d->loop);
    d->outlet = outlet_new(d->loop, d->conf, d->transfers, &why);
    if (d->outlet == NULL)
        log_fatal("%s", why.text);
    if (d->conf->channels == 0)
        log_notice("no channel is configured: alerts only collect in the database, and nobody is told");
}

static void
close_outlets(struct daemon *d)
{
    daemon_see_off(d, true);
    outlet_free(d->outlet);
    transfers_free(d->transfers);
}

struct service_sight
daemon_sight(const struct daemon *d)
{
    return (struct service_sight){d->conf, d->intake, d->writer, d->journal, d->receipt, d->judge, d->outlet->notifier};
}

static void
open_service(struct daemon *d)
{
    struct service_sight sight = daemon_sight(d);
    struct reason why;

    d->service = service_new(d->loop, &sight, &why);
    if (d->service == NULL)
        log_fatal("%s", why.text);
}

static void
start(struct daemon *d)
{
    static const struct intake_calls intake_calls = {.on_synced = on_synced, .make_room = make_room, .on_broken = die, .on_contested = on_contested};
    static const struct writer_calls writer_calls = {.on_rotten = die};
    static const struct duty_calls duty_calls = {.on_begun = on_duty_begun, .on_over = on_duty_over};
    static const struct judge_calls judge_calls = {.has_caught_up = has_caught_up};
    struct reason why;

    d->units = unit_system_new(&why);
    if (d->units == NULL)
        log_fatal("%s", why.text);
    open_journal(d);
    d->receipt = receipt_new(d->loop, d->conf);
    d->writer = writer_new(d->loop, d->conf, d->journal, d->receipt, d->units, &writer_calls, d);
    d->intake = intake_new(d->loop, d->conf, d->journal, d->receipt, &intake_calls, d, &why);
    if (d->intake == NULL)
        log_fatal("%s", why.text);
    d->duty = duty_new(d->loop, d->conf, &duty_calls, d);
    d->judge = judge_new(d->loop, d->conf, &judge_calls, d);
    open_outlet(d);
    open_service(d);
    d->drain = loop_timer(d->loop, on_drain, d);
    d->status = loop_timer(d->loop, on_status, d);
    d->watchdog = loop_timer(d->loop, on_watchdog, d);
    d->signal[0] = loop_signal(d->loop, SIGTERM, on_stop, d);
    d->signal[1] = loop_signal(d->loop, SIGINT, on_stop, d);
    d->signal[2] = loop_signal(d->loop, SIGHUP, on_reload, d);
    writer_start(d->writer);
    judge_start(d->judge);
    if (d->duty != NULL)
        duty_start(d->duty);
    else
        intake_start(d->intake);
    outlet_start(d->outlet, &(struct vigil_sight){d->intake, d->writer, d->journal}, NULL);
    on_status(d);
    on_watchdog(d);
}

/* The last words of one that cannot go on: when nothing else runs any more. */
static void
on_last_words(void *self)
{
    struct daemon *d = self;
    if (vigil_is_idle(d->outlet->vigil) || loop_ticks(d->loop) > d->stop_by)
        loop_stop(d->loop);
    loop_event_in(d->drain, DRAIN_STEP_US);
}

static void
say_last_words(struct daemon *d)
{
    loop_event_cancel(d->status);
    loop_event_free(d->drain);
    d->drain = loop_timer(d->loop, on_last_words, d);
    d->stop_by = loop_ticks(d->loop) + SENDING_US;
    vigil_tell_end(d->outlet->vigil, d->end.text);
    loop_event_in(d->drain, 0);
    loop_run(d->loop);
}

static void
end(struct daemon *d)
{
    struct writer_counts c = writer_counts(d->writer);
    log_notice("stopped: %llu messages taken; %llu messages with %llu readings stored, %llu rejected, in %llu transactions",
               intake_messages(d->intake), c.messages, c.readings, c.rejects, c.transactions);
    struct receipt_counts r = receipt_counts(d->receipt);
    if (r.sent + r.dropped > 0)
        log_notice("stopped: %llu receipts sent, %llu dropped", r.sent, r.dropped);
    struct tries_counts n = notifier_counts(d->outlet->notifier);
    if (d->outlet->notifier != NULL)
        log_notice("stopped: %llu letters sent, %llu not", n.sent, n.failed);
    service_free(d->service);
    vigil_stop(d->outlet->vigil);
    notifier_stop(d->outlet->notifier);
    leave_duty(d);
    intake_free(d->intake);
    judge_free(d->judge);
    writer_free(d->writer);
    unit_system_free(d->units);
    receipt_free(d->receipt);
    journal_close(d->journal);
    if (d->end.text[0] != '\0')
        say_last_words(d);
    close_outlets(d);
    crash_after("stop");
    loop_event_free(d->drain);
    loop_event_free(d->status);
    loop_event_free(d->watchdog);
    loop_event_free(d->signal[0]);
    loop_event_free(d->signal[1]);
    loop_event_free(d->signal[2]);
    loop_free(d->loop);
    conf_free(d->conf);
}

static const char usage[] = "usage: abated [-c FILE] [-t [-v]] [-d]\n"
                            "  -c FILE  configuration (" SETTINGS_FILE ")\n"
                            "  -t       check the configuration and exit; with -v: and print it, with all that was not written\n"
                            "  -d       log what is of use to a programmer, too\n"
                            "  -v       version\n"
                            "  -h       this help\n";

static void __attribute__((noreturn))
print_and_exit(FILE *to, const char *text, int status)
{
    fputs(text, to);
    exit(status);
}

static struct options
options_of(int argc, char **argv)
{
    struct options o = {.file = SETTINGS_FILE};
    static const struct option names[] = {{"version", no_argument, NULL, 'v'}, {"help", no_argument, NULL, 'h'}, {0}};
    int c;
    while ((c = getopt_long(argc, argv, "c:tdvh", names, NULL)) != -1) {
        if (c == 'c')
            o.file = optarg;
        else if (c == 't')
            o.is_test = true;
        else if (c == 'd')
            o.is_debugging = true;
        else if (c == 'v')
            o.is_told = true;
        else
            print_and_exit(c == 'h' ? stdout : stderr, usage, c == 'h' ? 0 : 2);
    }
    if (optind < argc)
        print_and_exit(stderr, usage, 2);
    if (o.is_told && !o.is_test)
        print_and_exit(stdout, "abated " ABATE_VERSION "\n", 0);
    return o;
}

/* What it prints is a configuration, too. */
static bool
tell_good(const struct options *o, const struct conf *conf)
{
    struct buf text = {0};

    printf("%s%s: good\n", o->is_told ? "# " : "", o->file);
    if (o->is_told)
        conf_print(conf, &text);
    fwrite(text.at, 1, text.size, stdout);
    buf_clear(&text);
    return fflush(stdout) == 0;
}

int
main(int argc, char **argv)
{
    struct daemon d = {.options = options_of(argc, argv), .exit_status = EXIT_SUCCESS};
    struct reason why;

    log_open("abated", d.options.is_debugging ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);  /* until all stands: what has changed by then is read anyhow */
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is a full disk, not an end */
    d.conf = settings_read(d.options.file, &why);
    if (d.conf == NULL)
        log_fatal("%s", why.text);
    if (d.options.is_test) {
        bool is_told = tell_good(&d.options, d.conf);
        conf_free(d.conf);
        return is_told ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    daemon_set_log(&d);
    d.loop = loop_new();
    start(&d);
    sd_notify(0, "READY=1");
    log_notice("ready");
    loop_run(d.loop);
    end(&d);
    return d.exit_status;
}
