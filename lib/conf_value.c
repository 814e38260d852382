#include "conf_value.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "form.h"
#include "text.h"

static bool
read_number(const char *text, long long *ret)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret = number;
    return true;
}

static bool
read_bytes(const char *text, long long *ret)
{
    unsigned long long bytes;

    if (!text_bytes(text, &bytes))
        return false;
    *ret = (long long)bytes; /* text_bytes() has a signed product */
    return true;
}

/* The types that are numbers of something, and how such a number is written. */
static const struct measure {
    bool (*read)(const char *text, long long *ret);
    const char *words;
} measure[] = {
    [CONF_NUMBER] = {read_number, "a whole number"},
    [CONF_DURATION] = {text_duration, "a length of time such as \"90s\", \"10min\" or \"30d\""},
    [CONF_SECONDS] = {text_duration, "a length of time such as \"90s\" or \"10min\""},
    [CONF_BYTES] = {read_bytes, "a number of bytes such as \"64k\", \"8M\" or \"32G\""},
};

static bool
is_within(const struct conf_key *key, long long value)
{
    long long least = 0, most = INT64_MAX;
    bool ok = key->least == NULL || measure[key->type].read(key->least, &least);
    assert(ok);
    ok = key->most == NULL || measure[key->type].read(key->most, &most);
    assert(ok);
    return value >= least && value <= most;
}

static bool
take_amount(const struct conf_key *key, const char *text, void *to, struct reason *why)
{
    const struct measure *m = &measure[key->type];
    struct quoted quoted = text_quote(text, strlen(text));
    long long value;

    if (!m->read(text, &value))
        return reason_set(why, "\"%s\" is not %s", quoted.text, m->words);
    if (!is_within(key, value) && key->least != NULL)
        return reason_set(why, "\"%s\" is not within %s and %s", quoted.text, key->least, key->most);
    if (!is_within(key, value))
        return reason_set(why, "\"%s\" is more than %s", quoted.text, key->most);
    if (key->type == CONF_SECONDS && value % 1000000 != 0)
        return reason_set(why, "\"%s\" is not a number of whole seconds", quoted.text);

    if (key->type == CONF_NUMBER)
        *(int *)to = (int)value;
    else if (key->type == CONF_SECONDS)
        *(int *)to = (int)(value / 1000000);
    else if (key->type == CONF_DURATION)
        *(int64_t *)to = value;
    else
        *(uint64_t *)to = (uint64_t)value;
    return true;
}

static bool
take_text(const struct conf_key *key, const char *text, char **to, struct reason *why)
{
    if (key->check != NULL && !key->check(text, why))
        return false;
    char *copy = strdup(text);
    if (copy == NULL)
        abort();
    free(*to);
    *to = copy;
    return true;
}

static bool
take_switch(const char *text, bool *to, struct reason *why)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"on", true},   {"yes", true}, {"true", true},
                 {"off", false}, {"no", false}, {"false", false}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i].word) == 0) {
            *to = words[i].value;
            return true;
        }
    }
    return reason_set(why, "\"%s\" is neither \"on\" nor \"off\"", text_quote(text, strlen(text)).text);
}

static bool
take_name(const char *text, const struct conf *c, struct conf_broker **to, struct reason *why)
{
    for (size_t i = 0; i < c->brokers; i++) {
        if (strcmp(c->broker[i].name, text) == 0) {
            *to = &c->broker[i];
            return true;
        }
    }
    return reason_set(why, "there is no broker \"%s\"", text_quote(text, strlen(text)).text);
}

static bool
take_form(const char *text, const struct form **to, struct reason *why)
{
    const struct form *form = form_find(text);
    if (form != NULL) {
        *to = form;
        return true;
    }

    char names[128] = "";
    size_t used = 0;
    for (const struct form *f = form_table; f->name != NULL && used < sizeof(names); f++)
        used +=
            (size_t)snprintf(names + used, sizeof(names) - used, "%s\"%s\"", used > 0 ? ", " : "", f->name);
    return reason_set(why, "there is no form \"%s\", but %s", text_quote(text, strlen(text)).text, names);
}

static bool
take_profile(const char *text, const struct conf *c, const struct profile **to, struct reason *why)
{
    *to = conf_find_profile(c, text);
    return *to != NULL || reason_set(why, "there is no profile \"%s\"", text_quote(text, strlen(text)).text);
}

static bool
take_zone(const char *text, int32_t *to, struct reason *why)
{
    if (strcmp(text, "monitor") == 0)
        *to = INSTANT_ZONE_NONE;
    else if (!instant_read_zone(text, to))
        return reason_set(why, "\"%s\" is no zone as in \"+08:00\"", text_quote(text, strlen(text)).text);
    return true;
}

static bool
take_decimal(const char *text, double *to, struct reason *why)
{
    if (!decimal_read(text, strlen(text), to) || *to == 0)
        return reason_set(why, "\"%s\" is no number such as 0.1, or it is 0", text_quote(text, strlen(text)).text);
    return true;
}

static bool
take_choice(const struct conf_key *key, const char *text, int *to, struct reason *why)
{
    size_t size = strlen(text), n;
    int index = 0;

    for (const char *at = key->least; size > 0 && *at != '\0'; at += n + (at[n] == ' '), index++) {
        n = strcspn(at, " ");
        if (n == size && memcmp(at, text, n) == 0) {
            *to = index;
            return true;
        }
    }
    return reason_set(why, "\"%s\" is none of: %s", text_quote(text, size).text, key->least);
}

static bool
take(const struct conf_key *key, const char *text, const struct conf *c, void *to, struct reason *why)
{
    switch (key->type) {
    case CONF_TEXT:
        return take_text(key, text, to, why);
    case CONF_SWITCH:
        return take_switch(text, to, why);
    case CONF_NUMBER:
    case CONF_DURATION:
    case CONF_SECONDS:
    case CONF_BYTES:
        return take_amount(key, text, to, why);
    case CONF_NAME:
        return take_name(text, c, to, why);
    case CONF_TOPIC:
        return topic_compile(text, to, why);
    case CONF_FORM:
        return take_form(text, to, why);
    case CONF_PROFILED:
        return take_profile(text, c, to, why);
    case CONF_POINTER:
        return pointer_parse(text, to, why);
    case CONF_TIME:
        return time_form_parse(text, to, why);
    case CONF_ZONE:
        return take_zone(text, to, why);
    case CONF_DECIMAL:
        return take_decimal(text, to, why);
    case CONF_WORDS:
    case CONF_PAIRS:
        return profile_words_add(to, text, key->type == CONF_PAIRS, why);
    case CONF_CHOICE:
        return take_choice(key, text, to, why);
    }
    return false;
}

bool
conf_value_take(const struct conf_key *key, const char *text, const struct conf *c, void *base,
                struct reason *why)
{
    struct reason reason;

    if (take(key, text, c, (char *)base + key->offset, &reason))
        return true;
    return reason_set(why, "%s (%s)", reason.text, key->help);
}
