/* Whether what is to be told would find a way out. */
#include <string.h>

#include "ack_link.h"
#include "buf.h"
#include "channel.h"
#include "ctl.h"
#include "ctl_check.h"
#include "instant.h"
#include "secret.h"
#include "sql.h"

static void
on_faults(void *self, const struct pg_result *r)
{
    const bool *is_json = self;
    for (int i = 0; i < r->rows; i++)
        ctl_check_say(*is_json, false, "%s", pg_text(r, i, 0));
}

static void
on_waiting(void *self, const struct pg_result *r)
{
    const bool *is_json = self;
    char since[INSTANT_TEXT];

    ctl_check_say(*is_json, false, "channels: none is configured: alerts only collect in the database, and nobody is told "
                                   "(abated.conf(5), channel)");
    if (pg_int(r, 0, 0) > 0)
        ctl_check_say(*is_json, false, "channels: %s alerts wait since %s; once there is a channel, what is over for %s h is not told "
                                       "any more, the rest in few messages",
                      pg_text(r, 0, 0), instant_format((struct instant){pg_int(r, 0, 1)}, since), pg_text(r, 0, 2));
}

bool
ctl_check_channels(struct loop *loop, const struct conf *conf, bool is_json, struct reason *why)
{
    struct buf names = {0};
    const char *values[1];
    bool ok;

    if (conf->channels == 0)
        return ctl_ask(loop, conf, sql_count_waiting_alerts, 0, NULL, on_waiting, &is_json, why);
    conf_list_channels(conf, &names);
    values[0] = (const char *)names.at;
    ok = ctl_ask(loop, conf, sql_read_channel_faults, 1, values, on_faults, &is_json, why);
    buf_clear(&names);
    return ok;
}

static bool
check_link(const struct conf *conf, struct reason *why)
{
    char secret[SECRET_SIZE];
    bool ok = conf->ack_link.secret_file == NULL ||
              (secret_read(conf->ack_link.secret_file, secret, why) && ack_link_check_secret(secret, why)) ||
              reason_prefix(why, "ack_link");
    explicit_bzero(secret, sizeof(secret));
    return ok;
}

bool
ctl_check_files(const struct conf *conf, bool is_json)
{
    struct reason why;
    size_t good = 0;

    for (size_t i = 0; i < conf->channels; i++) {
        if (channel_check_files(&conf->channel[i], &why))
            good++;
        else
            ctl_check_say(is_json, true, "%s (hint: the user abated runs as must be able to read it)", why.text);
    }
    if (conf->channels > 0)
        ctl_check_say(is_json, false, "channels: %zu of %zu have what they need in files", good, conf->channels);
    bool has_link = check_link(conf, &why);
    if (!has_link)
        ctl_check_say(is_json, true, "%s", why.text);
    return has_link && good == conf->channels;
}
