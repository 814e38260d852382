/* channel_own: what the files of channel share. Nobody else includes it. */
#ifndef ABATE_CHANNEL_OWN_H
#define ABATE_CHANNEL_OWN_H

#include "buf.h"
#include "channel.h"

/* A letter under way.
 *
 *     channel_send() -> kind's send ...... errand_end() -> done
 *                           `--- too late: kind's cancel --^
 */
struct errand {
    struct channel *channel;
    struct errand *next;
    struct letter letter;
    channel_done *done;
    void *self;
    struct loop_event *late;
    bool is_over; /* `done` is due */
    enum channel_outcome outcome;
    struct reason answer;
    int64_t wait_us; /* set before errand_end(), where the other side has said it */

    /* the kind's own */
    struct buf body;
    void *work; /* a transfer, a program; NULL: none */
    int id;     /* a publish */
};

struct channel_kind {
    bool (*open)(struct channel *c, struct reason *why); /* NULL: nothing to do */
    void (*close)(struct channel *c);                    /* NULL: likewise */
    void (*leave)(struct channel *c);                    /* NULL: likewise */
    void (*send)(struct errand *e);                      /* errand_end() follows, at once or later */
    void (*cancel)(struct errand *e);                    /* it does not follow any more */
};
extern const struct channel_kind channel_mail, channel_http, channel_exec, channel_mqtt, channel_alertmanager;

struct channel {
    struct loop *loop;
    const struct conf *conf;
    const struct conf_channel *settings;
    const struct channel_kind *kind;
    struct transfers *transfers;
    struct errand *first; /* under way */
    size_t under_way;
    struct loop_event *over; /* deferred: some have ended */
    void *own;               /* the kind's */
};

/* Once for each errand. */
void errand_end(struct errand *e, enum channel_outcome outcome, const char *answer);

/* ---- channel_http.c: what alertmanager has in common with it ---- */
struct channel_request {
    const char *url, *method, *content_type;
    const char *const *further; /* headers, ended by NULL */
};
void channel_post(struct errand *e, const struct channel_request *request); /* e->body */
void channel_cancel_transfer(struct errand *e);

#endif
