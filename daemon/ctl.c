#include "ctl.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "settings.h"

void
ctl_print_usage(const struct ctl *c, const char *before, FILE *to)
{
    int indent = fprintf(to, "%s%s", before, c->name);
    for (const char *line = c->usage;; line++) {
        size_t size = strcspn(line, "\n");
        fprintf(to, " %.*s\n", (int)size, line);
        line += size;
        if (*line == '\0')
            return;
        fprintf(to, "%*s", indent, "");
    }
}

int
ctl_usage(const struct ctl *c)
{
    ctl_print_usage(c, "usage: abatectl ", stderr);
    return 2;
}

int
ctl_fail(const char *why)
{
    log_error("%s", why);
    return 1;
}

bool
ctl_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
    char *rest;
    errno = 0;
    unsigned long long number = strtoull(text, &rest, 10);
    if (!isdigit((unsigned char)text[0]) || *rest != '\0' || errno != 0 || number < least || number > most)
        return false;
    *ret = number;
    return true;
}

static char *
copy(const char *text)
{
    char *ret = strdup(text);
    if (ret == NULL)
        abort();
    return ret;
}

/* "host:1883", "[::1]:1883" */
static bool
take_address(struct ctl_broker *b, const char *address, struct reason *why)
{
    uint64_t port = 0;
    const char *colon = strrchr(address, ':');
    if (colon == address || !ctl_number(colon + 1, 1, 65535, &port))
        return reason_set(why, "a broker's address is HOST:PORT, not \"%s\"", address);

    b->host = copy(address);
    b->host[colon - address] = '\0';
    if (b->host[0] == '[' && colon[-1] == ']') {
        size_t size = (size_t)(colon - address) - 2;
        memmove(b->host, b->host + 1, size);
        b->host[size] = '\0';
    }
    b->broker = (struct conf_broker){
        .name = b->host,
        .host = b->host,
        .port = (int)port,
        .keepalive_s = 60,
        .receive_maximum = 1000,
        .connect_timeout_us = 10000000,
        .retry_most_us = 5000000,
    };
    return true;
}

static bool
take_configured(struct ctl_broker *b, const char *file, const char *name, struct reason *why)
{
    b->conf = settings_read(file, why);
    if (b->conf == NULL)
        return false;
    for (size_t i = 0; i < b->conf->brokers; i++) {
        if (name != NULL ? strcmp(b->conf->broker[i].name, name) != 0 : b->conf->brokers > 1)
            continue;
        b->broker = b->conf->broker[i];
        return true;
    }
    if (name != NULL)
        return reason_set(why, "%s: there is no broker \"%s\"", file, name);
    return reason_set(why, "%s: there are %zu brokers; say which: --broker NAME", file, b->conf->brokers);
}

bool
ctl_broker_open(struct ctl_broker *b, const char *file, const char *address, const char *client_id,
                struct reason *why)
{
    *b = (struct ctl_broker){0};
    bool is_address = address != NULL && strchr(address, ':') != NULL;
    if (!(is_address ? take_address(b, address, why) : take_configured(b, file, address, why))) {
        ctl_broker_close(b);
        return false;
    }
    b->id = copy(client_id);
    b->broker.client_id = b->id;
    return true;
}

void
ctl_broker_close(struct ctl_broker *b)
{
    conf_free(b->conf);
    free(b->host);
    free(b->id);
    *b = (struct ctl_broker){0};
}
