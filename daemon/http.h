/* http: a small server for machines and their keepers, HTTP/1.1, on the loop. Hides libevent's evhttp.
 *
 *     connection --> request, whole --> call(request) --> answer, at once
 *
 * Everything is bounded: connections, the size of headers and bodies, and the time a connection may take from its first
 * byte to its last. What is over the bounds is cut off; it costs nobody anything. Without TLS and passwords: whoever may
 * connect may ask. Its events have the lower priority of the loop: messages come first.
 */
#ifndef ABATE_HTTP_H
#define ABATE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "loop.h"
#include "reason.h"

#define HTTP_CONNECTIONS_MOST 32
#define HTTP_HEAD_MOST 8192 /* bytes: request line and headers */
#define HTTP_BODY_MOST 4096

enum http_method { HTTP_GET, HTTP_POST, HTTP_OTHER }; /* HEAD is a GET whose body nobody sees */

struct http_request { /* good until the call returns */
    enum http_method method;
    const char *path;  /* as sent, without what stands behind "?" */
    const char *query; /* "" if there is none */
    const char *body;  /* ends with a NUL, and has none before */
    const char *from;  /* the address it came from */
};

struct http_answer {
    int status;        /* 200, 404 ... */
    const char *type;  /* Content-Type */
    const char *allow; /* the methods, of a 405; NULL */
    char location[256]; /* where to look, of a 303; "": nowhere */
    struct buf *body;  /* empty at first */
};

struct http;
typedef void http_call(void *self, const struct http_request *request, struct http_answer *ret);

/* `listen`: "127.0.0.1:9380", "[::1]:9380". NULL with `why`. */
struct http *http_new(struct loop *loop, const char *listen, http_call *call, void *self, struct reason *why);
void http_free(struct http *h); /* NULL is fine */

#endif
