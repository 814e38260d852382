#include "outlet.h"

#include <stdlib.h>

#include "channel.h"

struct outlet *
outlet_new(struct loop *loop, struct conf *conf, struct transfers *transfers, struct reason *why)
{
    struct outlet *o = calloc(1, sizeof(*o));
    if (o == NULL)
        abort();
    *o = (struct outlet){.conf = conf_keep(conf), .channel = calloc(conf->channels + 1, sizeof(struct channel *))};
    if (o->channel == NULL)
        abort();
    for (size_t i = 0; i < conf->channels; i++) {
        o->channel[i] = channel_new(loop, conf, &conf->channel[i], transfers, why);
        if (o->channel[i] == NULL) {
            outlet_free(o);
            return NULL;
        }
    }
    o->notifier = notifier_new(loop, conf, o->channel);
    o->vigil = vigil_new(loop, conf, o->channel);
    return o;
}

void
outlet_free(struct outlet *o)
{
    if (o == NULL)
        return;
    vigil_free(o->vigil);
    notifier_free(o->notifier);
    for (size_t i = 0; i < o->conf->channels; i++)
        channel_free(o->channel[i]);
    free(o->channel);
    conf_free(o->conf);
    free(o);
}

void
outlet_start(struct outlet *o, const struct vigil_sight *sight, const struct outlet *before)
{
    notifier_start(o->notifier);
    if (before != NULL)
        vigil_take_over(o->vigil, before->vigil);
    vigil_start(o->vigil, sight);
}

void
outlet_leave(struct outlet *o)
{
    vigil_stop(o->vigil);
    notifier_stop(o->notifier);
    for (size_t i = 0; i < o->conf->channels; i++)
        channel_leave(o->channel[i]);
}

bool
outlet_is_idle(const struct outlet *o)
{
    return notifier_is_idle(o->notifier) && vigil_is_idle(o->vigil);
}
