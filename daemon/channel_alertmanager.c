/* alertmanager: what a letter says of each alert, posted to Alertmanager, also that it is over. */
#include <string.h>

#include "alertmanager.h"
#include "channel_own.h"

static void
send(struct errand *e)
{
    static const char *const none[] = {NULL};
    const char *base = e->channel->settings->url;
    struct buf url = {0};
    struct reason why;

    if (!alertmanager_write(&e->body, e->letter.json, loop_now(e->channel->loop), &why)) {
        errand_end(e, CHANNEL_REFUSED, why.text);
        return;
    }
    size_t size = strlen(base);
    buf_add(&url, base, base[size - 1] == '/' ? size - 1 : size);
    buf_add_text(&url, "/api/v2/alerts");
    buf_add(&url, "", 1);
    channel_post(e, &(struct channel_request){(const char *)url.at, "POST", "application/json", none});
    buf_clear(&url);
}

const struct channel_kind channel_alertmanager = {.send = send, .cancel = channel_cancel_transfer};
