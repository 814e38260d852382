#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "pg_own.h"
#include "resolve.h"

#define LOOK_UP_US 5000000

/* One of the hosts the conninfo names. */
struct pg_host {
    struct pg_address *of;
    char *host;
    const char *port;        /* in ports; NULL: libpq's default */
    struct resolve *resolve; /* NULL: a Unix socket, digits: nothing to look up */
    struct resolve_answer answer;
};

struct pg_address {
    loop_call *done;
    void *self;
    struct pg_host *place;
    int places;
    int awaited;
    char *hosts, *ports; /* the conninfo's lists, cut at their commas */
    struct buf host, hostaddr, port; /* the lists libpq is told */
    int told;
};

/* What libpq will take: the conninfo's word, or what its environment says. */
static char *
option_of(const PQconninfoOption *given, const PQconninfoOption *defaults, const char *keyword)
{
    for (const PQconninfoOption *o = given; o != NULL && o->keyword != NULL; o++) {
        if (strcmp(o->keyword, keyword) == 0 && o->val != NULL && o->val[0] != '\0')
            return strdup(o->val);
    }
    for (const PQconninfoOption *o = defaults; o != NULL && o->keyword != NULL; o++) {
        if (strcmp(o->keyword, keyword) == 0 && o->val != NULL && o->val[0] != '\0')
            return strdup(o->val);
    }
    return NULL;
}

static int
count_list(const char *list)
{
    int count = 1;
    for (; *list != '\0'; list++)
        count += *list == ',';
    return count;
}

static void
on_answer(void *self, const struct resolve_answer *answer)
{
    struct pg_host *p = self;
    p->answer = *answer;
    if (--p->of->awaited == 0)
        p->of->done(p->of->self);
}

/* One port may do for all hosts; where their numbers differ otherwise libpq has words for it. */
static void
add_places(struct pg_address *a, struct loop *loop)
{
    int hosts = count_list(a->hosts), ports = a->ports != NULL ? count_list(a->ports) : 0;
    char *host = a->hosts, *port = a->ports;

    if (ports > 1 && ports != hosts)
        return;
    a->place = calloc((size_t)hosts, sizeof(*a->place));
    if (a->place == NULL)
        abort();
    for (; a->places < hosts; a->places++) {
        struct pg_host *p = &a->place[a->places];
        *p = (struct pg_host){.of = a, .host = strsep(&host, ",")};
        p->port = ports > 1 || a->places == 0 ? strsep(&port, ",") : a->place[0].port;
        if (p->host[0] != '\0' && p->host[0] != '/' && p->host[0] != '@' && !resolve_is_address(p->host))
            p->resolve = resolve_new(loop, on_answer, p);
    }
}

struct pg_address *
pg_address_new(struct loop *loop, const char *conninfo, loop_call *done, void *self)
{
    struct pg_address *a = calloc(1, sizeof(*a));
    if (a == NULL)
        abort();
    *a = (struct pg_address){.done = done, .self = self};
    PQconninfoOption *given = PQconninfoParse(conninfo, NULL), *defaults = PQconndefaults();
    char *service = option_of(given, NULL, "service"), *hostaddr = option_of(given, defaults, "hostaddr");
    a->hosts = option_of(given, defaults, "host");
    a->ports = option_of(given, defaults, "port");
    if (service == NULL && hostaddr == NULL && a->hosts != NULL)
        add_places(a, loop);
    free(service);
    free(hostaddr);
    PQconninfoFree(given);
    PQconninfoFree(defaults);
    return a;
}

void
pg_address_free(struct pg_address *a)
{
    for (int i = 0; i < a->places; i++)
        resolve_free(a->place[i].resolve);
    free(a->place);
    free(a->hosts);
    free(a->ports);
    buf_clear(&a->host);
    buf_clear(&a->hostaddr);
    buf_clear(&a->port);
    free(a);
}

bool
pg_address_find(struct pg_address *a)
{
    a->awaited = 0;
    for (int i = 0; i < a->places; i++) {
        struct pg_host *p = &a->place[i];
        if (p->resolve == NULL)
            continue;
        a->awaited++;
        resolve_begin(p->resolve, p->host, LOOK_UP_US);
    }
    return a->awaited == 0;
}

static void
add_one(struct pg_address *a, const struct pg_host *p, const char *digits)
{
    const char *comma = a->told > 0 ? "," : "";
    const struct {
        struct buf *list;
        const char *text;
    } row[] = {{&a->host, p->host}, {&a->hostaddr, digits}, {&a->port, p->port != NULL ? p->port : ""}};

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        buf_add_text(row[i].list, comma);
        buf_add_text(row[i].list, row[i].text);
    }
    a->told++;
}

static const char *
text_of(struct buf *list)
{
    buf_add(list, "", 1);
    return (char *)list->at;
}

bool
pg_address_tell(struct pg_address *a, struct pg_address_words *ret, struct reason *why)
{
    bool has_name = false;
    a->told = 0;
    buf_empty(&a->host);
    buf_empty(&a->hostaddr);
    buf_empty(&a->port);
    for (int i = 0; i < a->places; i++) {
        const struct pg_host *p = &a->place[i];
        if (p->resolve == NULL)
            add_one(a, p, resolve_is_address(p->host) ? p->host : "");
        else if (p->answer.count == 0)
            *why = p->answer.why;
        for (int n = 0; p->resolve != NULL && n < p->answer.count; n++)
            add_one(a, p, p->answer.address[n]);
        has_name = has_name || p->resolve != NULL;
    }
    if (has_name && a->told == 0)
        return false;
    *ret = (struct pg_address_words){NULL, NULL, NULL};
    if (has_name)
        *ret = (struct pg_address_words){text_of(&a->host), text_of(&a->hostaddr), text_of(&a->port)};
    return true;
}
