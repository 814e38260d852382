#include "http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define IDLE_S 3            /* without a byte */
#define LASTS_US 5000000    /* a connection, however busy */
#define SWEEP_US 100000
#define METHODS (EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | \
                 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH)

struct guest { /* a connection; bev NULL: a free place */
    struct bufferevent *bev;
    int64_t came; /* ticks */
};

struct http {
    struct loop *loop;
    struct evhttp *evhttp;
    struct evconnlistener *listener;
    http_call *call;
    void *self;
    struct buf body;
    struct loop_event *sweep; /* timer, while there are guests */
    struct guest guest[HTTP_CONNECTIONS_MOST];
    size_t guests;
};

/* ---- guests ---- */

/* libevent 2.1 bounds neither the number of connections nor how long one lasts, and does not say when one is over. So each
 * is held once more here: when its callbacks are gone libevent has let go of it. Its socket must stay open as long as it is
 * held: libevent still has it in its tables, and would take another one of the same number for it. */
static bool
is_gone(const struct guest *g)
{
    bufferevent_data_cb read, write;
    bufferevent_event_cb event;
    void *context;

    bufferevent_getcb(g->bev, &read, &write, &event, &context);
    return event == NULL;
}

static void
sweep(struct http *h)
{
    int64_t now = loop_ticks(h->loop);
    for (struct guest *g = h->guest; g < h->guest + HTTP_CONNECTIONS_MOST; g++) {
        if (g->bev == NULL)
            continue;
        if (is_gone(g)) {
            bufferevent_decref(g->bev);
            g->bev = NULL;
            h->guests--;
        } else if (now - g->came > LASTS_US) {
            shutdown(bufferevent_getfd(g->bev), SHUT_RDWR); /* libevent sees its end */
        }
    }
    if (h->guests < HTTP_CONNECTIONS_MOST)
        evconnlistener_enable(h->listener);
    if (h->guests > 0)
        loop_event_in(h->sweep, SWEEP_US);
}

static void
on_sweep(void *self)
{
    sweep(self);
}

static struct bufferevent *
on_guest(struct event_base *base, void *self)
{
    struct http *h = self;
    struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    struct guest *g = h->guest;

    if (bev == NULL)
        abort();
    while (g->bev != NULL) /* there is room: with the last one the listener is told to wait */
        g++;
    bufferevent_incref(bev);
    bufferevent_setwatermark(bev, EV_READ, 0, 2 * (HTTP_HEAD_MOST + HTTP_BODY_MOST)); /* also when nobody takes it any more */
    *g = (struct guest){bev, loop_ticks(h->loop)};
    if (++h->guests == HTTP_CONNECTIONS_MOST)
        evconnlistener_disable(h->listener);
    loop_event_in(h->sweep, SWEEP_US);
    return bev;
}

/* ---- requests ---- */

static enum http_method
method_of(struct evhttp_request *request)
{
    switch (evhttp_request_get_command(request)) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_HEAD:
        return HTTP_GET;
    case EVHTTP_REQ_POST:
        return HTTP_POST;
    default:
        return HTTP_OTHER;
    }
}

static const char *
phrase_of(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } row[] = {{200, "OK"},        {303, "See Other"}, {400, "Bad Request"}, {403, "Forbidden"},           {404, "Not Found"}, {405, "Method Not Allowed"},
               {410, "Gone"}, {429, "Too Many Requests"}, {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        if (row[i].status == status)
            return row[i].phrase;
    }
    return "-";
}

static void
send_answer(struct evhttp_request *request, const struct http_answer *a)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    struct evbuffer *body = evbuffer_new();

    if (body == NULL || evbuffer_add(body, a->body->at, a->body->size) != 0)
        abort();
    evhttp_add_header(headers, "Content-Type", a->type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Connection", "close");
    evhttp_add_header(headers, "Referrer-Policy", "no-referrer"); /* an address may be a secret */
    evhttp_add_header(headers, "Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'");
    if (a->location[0] != '\0')
        evhttp_add_header(headers, "Location", a->location);
    if (a->allow != NULL)
        evhttp_add_header(headers, "Allow", a->allow);
    evhttp_send_reply(request, a->status, phrase_of(a->status), body);
    evbuffer_free(body);
}

static bool
take_body(struct evhttp_request *request, char *text, size_t room)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(request);
    size_t size = evbuffer_get_length(in);

    if (size >= room)
        return false;
    evbuffer_copyout(in, text, size);
    text[size] = '\0';
    return strlen(text) == size;
}

static void
on_request(struct evhttp_request *request, void *self)
{
    struct http *h = self;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    char text[HTTP_BODY_MOST + 1], *from = NULL;
    ev_uint16_t port;

    buf_empty(&h->body);
    struct http_answer answer = {.status = 400, .type = "text/plain; charset=utf-8", .body = &h->body};
    evhttp_connection_get_peer(evhttp_request_get_connection(request), &from, &port);
    if (uri == NULL || evhttp_uri_get_path(uri) == NULL || !take_body(request, text, sizeof(text))) {
        buf_add_text(&h->body, "bad request\n");
    } else {
        const char *query = evhttp_uri_get_query(uri);
        struct http_request asked = {.method = method_of(request), .path = evhttp_uri_get_path(uri),
                                     .query = query != NULL ? query : "", .body = text, .from = from != NULL ? from : ""};
        h->call(h->self, &asked, &answer);
    }
    send_answer(request, &answer);
}

/* ---- its life ---- */

/* "[::1]:9380" in its two parts; conf_key has seen that it is one. */
static int
split(const char *listen, char *host, size_t room)
{
    const char *colon = strrchr(listen, ':');
    bool is_bracketed = listen[0] == '[';

    snprintf(host, room, "%.*s", (int)(colon - listen) - 2 * is_bracketed, listen + is_bracketed);
    return atoi(colon + 1);
}

struct http *
http_new(struct loop *loop, const char *listen, http_call *call, void *self, struct reason *why)
{
    char host[64];
    int port = split(listen, host, sizeof(host));
    struct http *h = calloc(1, sizeof(*h));
    if (h == NULL)
        abort();
    *h = (struct http){.loop = loop, .call = call, .self = self};
    h->evhttp = evhttp_new(loop_base(loop));
    if (h->evhttp == NULL)
        abort();
    h->sweep = loop_timer(loop, on_sweep, h);
    evhttp_set_max_headers_size(h->evhttp, HTTP_HEAD_MOST);
    evhttp_set_max_body_size(h->evhttp, HTTP_BODY_MOST);
    evhttp_set_timeout(h->evhttp, IDLE_S);
    evhttp_set_allowed_methods(h->evhttp, METHODS);
    evhttp_set_bevcb(h->evhttp, on_guest, h);
    evhttp_set_gencb(h->evhttp, on_request, h);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(h->evhttp, host, (ev_uint16_t)port);
    if (bound == NULL) {
        reason_set(why, "http: cannot listen at %s: %s", listen, strerror(errno));
        http_free(h);
        return NULL;
    }
    h->listener = evhttp_bound_socket_get_listener(bound);
    return h;
}

void
http_free(struct http *h)
{
    if (h == NULL)
        return;
    evhttp_free(h->evhttp);
    for (struct guest *g = h->guest; g < h->guest + HTTP_CONNECTIONS_MOST; g++) {
        if (g->bev != NULL)
            bufferevent_decref(g->bev);
    }
    loop_event_free(h->sweep);
    buf_clear(&h->body);
    free(h);
}
