/* mqtt_linger: the end of a connection whose last words must be heard.
 *
 * The library closes the socket behind its DISCONNECT. Had the broker sent something meanwhile that nobody read, the
 * system would answer that with a reset, and the broker drops with it what it has not read yet: the acknowledgements. So a
 * second descriptor keeps the connection: only our side is closed, and what still comes is thrown away until the broker
 * closes its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mqtt_own.h"

#define LINGER_US 5000000 /* a broker may be busy */

static void
on_rest(void *self, int ready)
{
    (void)ready;
    struct mqtt *m = self;
    char bytes[16384];
    ssize_t size;

    do
        size = recv(m->linger, bytes, sizeof(bytes), MSG_DONTWAIT);
    while (size > 0 || (size < 0 && errno == EINTR));
    if (size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        mqtt_fail(m, "disconnected");
}

void
mqtt_linger_init(struct mqtt *m)
{
    m->linger = -1;
    m->rest = loop_socket(m->loop, on_rest, m);
}

void
mqtt_linger_clear(struct mqtt *m)
{
    mqtt_linger_end(m);
    loop_event_free(m->rest);
}

void
mqtt_linger_hold(struct mqtt *m)
{
    mqtt_linger_end(m);
    m->linger = fcntl(mosquitto_socket(m->mosq), F_DUPFD_CLOEXEC, 0); /* without one it is as it was */
}

bool
mqtt_linger_begin(struct mqtt *m)
{
    if (m->linger < 0 || m->is_lingering || shutdown(m->linger, SHUT_WR) != 0)
        return false;
    m->is_lingering = true;
    loop_event_watch(m->rest, m->linger, LOOP_READ);
    loop_event_in(m->overdue, LINGER_US);
    return true;
}

void
mqtt_linger_end(struct mqtt *m)
{
    loop_event_watch(m->rest, -1, 0);
    if (m->linger >= 0)
        close(m->linger);
    m->linger = -1;
    m->is_lingering = false;
}
