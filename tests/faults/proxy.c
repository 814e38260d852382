/* proxy: a link between a client and a server that fails when told to.
 *
 *     proxy LISTEN SERVER [FIFO [CERTIFICATE KEY]]
 *
 * LISTEN and SERVER are each a path (Unix socket), PORT or HOST:PORT; LISTEN on 127.0.0.1. With a certificate the client's
 * TLS ends here, and what arrives at once is one TLS record; traps for what the server sends do not serve then.
 *
 *     client ---> LISTEN [proxy] ---> SERVER
 *
 * Commands are lines of FIFO, or of stdin. "ready" is printed when connections are taken, "done COMMAND" when one is in
 * force, "fired TEXT" when an armed cut has come.
 *
 *     pass                 from now on all goes through at once; also what was held
 *     hold                 nothing is read any more from either side; connections are still taken
 *     blackhole            all is read and nothing passed on, nobody is told; `pass` resets these links
 *     refuse               nobody listens, all links are cut
 *     delay MS             each piece arrives so much later
 *     coalesce MS          pieces are gathered for so long and arrive as one
 *     lose PERCENT         of the packets: each comes 200 ms late, sent again, and what follows waits for it
 *     crumble BYTES        all arrives in pieces of so many bytes, each sent by itself
 *     cut                  all links are closed, once
 *     reset                likewise, with RST
 *     cut-when-client-sends "TEXT"    armed once: TEXT and what follows do not arrive, and both sides are closed
 *     cut-when-server-sends "TEXT"
 *     cut-after-client-sends "TEXT"   armed once: TEXT arrives, and as soon as the other side answers (the answer does
 *     cut-after-server-sends "TEXT"   not arrive) both sides are closed
 *     disarm
 *
 * In TEXT \0 \n \\ \" \xHH stand for bytes.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "proxy.h"

void
fail(const char *what, const char *why)
{
    fprintf(stderr, "proxy: %s: %s\n", what, why);
    exit(1);
}

void
say(const char *word, const char *text)
{
    printf("%s %s\n", word, text);
    fflush(stdout);
}

static struct address
address_of(const char *text)
{
    struct address a = {.size = sizeof(struct sockaddr_un)};
    if (text[0] == '/') {
        struct sockaddr_un *path = (struct sockaddr_un *)&a.at;
        path->sun_family = AF_UNIX;
        if (strlen(text) >= sizeof(path->sun_path))
            fail("path too long", text);
        strcpy(path->sun_path, text);
        return a;
    }
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    char host[256] = "127.0.0.1";
    const char *colon = strrchr(text, ':');
    if (colon != NULL)
        snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    int rc = getaddrinfo(host, colon != NULL ? colon + 1 : text, &hints, &found);
    if (rc != 0)
        fail(text, gai_strerror(rc));
    memcpy(&a.at, found->ai_addr, found->ai_addrlen);
    a.size = found->ai_addrlen;
    freeaddrinfo(found);
    return a;
}

static void
on_command(struct bufferevent *from, void *self)
{
    (void)self;
    char *line;
    while ((line = evbuffer_readln(bufferevent_get_input(from), NULL, EVBUFFER_EOL_LF)) != NULL) {
        command_obey(line);
        free(line);
    }
}

static void
on_commands_end(struct bufferevent *from, short what, void *self)
{
    (void)what;
    (void)self;
    bufferevent_disable(from, EV_READ);
}

/* From a FIFO, or from stdin. */
static void
read_commands(struct event_base *base, const char *fifo)
{
    int fd = fifo != NULL ? open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC) : STDIN_FILENO; /* RDWR: it never ends */
    if (fd < 0)
        fail(fifo, strerror(errno));
    evutil_make_socket_nonblocking(fd);
    struct bufferevent *commands = bufferevent_socket_new(base, fd, 0);
    bufferevent_setcb(commands, on_command, NULL, on_commands_end, NULL);
    bufferevent_enable(commands, EV_READ);
}

static struct event_base *
base_new(void)
{
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    event_config_avoid_method(config, "epoll"); /* which takes no files for commands */
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

int
main(int argc, char **argv)
{
    if (argc < 3 || argc == 5 || argc > 6) {
        fprintf(stderr, "usage: proxy LISTEN SERVER [FIFO [CERTIFICATE KEY]]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct event_base *base = base_new();
    struct address listen_at = address_of(argv[1]), server_at = address_of(argv[2]);
    read_commands(base, argc > 3 ? argv[3] : NULL);
    if (argc == 6)
        tls_begin(argv[4], argv[5]);
    links_begin(base, &listen_at, &server_at);
    say("ready", argv[1]);
    event_base_dispatch(base);
    return 0;
}
