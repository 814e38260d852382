/* service_own: the service's inside, shared by its files: service.c, its life; service_metrics.c, service_health.c and
 * service_ack.c, what it answers. Nobody else includes it.
 */
#ifndef ABATE_SERVICE_OWN_H
#define ABATE_SERVICE_OWN_H

#include "acks.h"
#include "histogram.h"
#include "http.h"
#include "service.h"

struct service {
    struct loop *loop;
    struct service_sight sight;
    struct http *http; /* NULL: nobody can ask */
    struct instant started;
    struct loop_event *beat; /* timer */
    int64_t beat_due;        /* ticks */
    struct histogram lag;    /* how late the beats were */
    struct acks *acks;
    int64_t asked_until; /* ticks: the requests for links so far are paid for until then */
    bool is_stopping;
    struct instant reloaded; /* when the configuration in force was read */
    struct reason stale;     /* why a newer one is not in force; "" if there is none */
    char line[256]; /* as last told */
};

void service_metrics(struct service *s, const struct http_request *request, struct http_answer *ret);
void service_ack_page(struct service *s, const struct http_request *request, struct http_answer *ret);
void service_ack_take(struct service *s, const struct http_request *request, struct http_answer *ret);
void service_health(struct service *s, const struct http_request *request, struct http_answer *ret);

int64_t service_behind_us(struct service *s); /* how old the oldest message is that is not stored; 0: there is none */

#endif
