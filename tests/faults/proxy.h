/* proxy: what its files share. What it is for, and its commands: proxy.c.
 *
 *     client <--> side[CLIENT] -- link -- side[SERVER] <--> server
 */
#ifndef ABATE_PROXY_H
#define ABATE_PROXY_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>

struct bufferevent;
struct evbuffer;

enum { CLIENT, SERVER, SIDES };

struct address {
    struct sockaddr_storage at;
    socklen_t size;
};

/* ---- proxy.c ---- */
void fail(const char *what, const char *why) __attribute__((noreturn));
void say(const char *word, const char *text); /* a line on stdout */

/* ---- proxy_link.c: links, and when what comes on one side arrives on the other ---- */
enum mode { PASS, HOLD, BLACKHOLE, REFUSE };

struct way {
    enum mode mode;
    bool is_delayed, is_gathered;
    struct timeval delay;
    size_t crumb; /* bytes; 0: pieces stay as they are */
    long lost;    /* of 100 pieces */
};

void links_begin(struct event_base *base, const struct address *listen, const struct address *server);
void links_go(const struct way *next); /* from now on, those that stand, too */
void links_end(bool is_reset);

/* ---- proxy_trap.c: a text that cuts the link it comes by ---- */
#define TRAP_TEXT_MOST 200

/* What a side remembers of what came from it: the text may come in pieces. */
struct trap_tail {
    int armed; /* of which trap it is */
    char bytes[TRAP_TEXT_MOST];
    size_t size;
};

enum trap_fall { TRAP_MISSED, TRAP_BEFORE /* it arrives */, TRAP_NOW };

void trap_arm(int side, bool is_after, const char *quoted); /* once; "TEXT" stands in its quotes */
void trap_disarm(void);

/* `bytes` came from that side. TRAP_NOW: the first *before of them are to arrive. */
enum trap_fall trap_falls(int side, struct trap_tail *tail, struct evbuffer *bytes, size_t *before);

/* ---- proxy_tls.c: where the client's TLS ends ---- */
void tls_begin(const char *certificate, const char *key); /* files in PEM; not called: there is no TLS */
struct bufferevent *tls_socket(struct event_base *base, evutil_socket_t fd, int options); /* NULL without */

/* As many packets as there are in `bytes` become one TLS record, up to its 16 KiB. */
void tls_join(struct evbuffer *bytes);

/* ---- proxy_command.c ---- */
void command_obey(const char *line);

#endif
