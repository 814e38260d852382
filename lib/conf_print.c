#include "conf_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "form.h"
#include "text.h"

/* In quotes, as conf_text reads it. */
static void
add_quoted(struct buf *out, const char *text)
{
    buf_add_text(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\' || (text[0] == '$' && text[1] == '{'))
            buf_add_text(out, "\\");
        buf_add(out, text, 1);
    }
    buf_add_text(out, "\"");
}

static bool
add_text(struct buf *out, const char *text)
{
    if (text == NULL)
        return false;
    add_quoted(out, text);
    return true;
}

static bool
add_number(struct buf *out, long long number)
{
    char text[32];
    snprintf(text, sizeof(text), "%lld", number);
    buf_add_text(out, text);
    return true;
}

/* In the largest unit that divides it. */
static bool
add_bytes(struct buf *out, uint64_t bytes)
{
    static const char units[] = {'\0', 'k', 'M', 'G', 'T'};
    char text[32];
    int unit = 0;
    while (bytes > 0 && bytes % 1024 == 0 && unit < 4) {
        bytes /= 1024;
        unit++;
    }
    snprintf(text, sizeof(text), "%" PRIu64 "%.1s", bytes, &units[unit]);
    return add_text(out, text);
}

static bool
add_zone(struct buf *out, int32_t zone_s)
{
    char text[INSTANT_ZONE_TEXT];
    return add_text(out, zone_s == INSTANT_ZONE_NONE ? "monitor" : instant_format_zone(zone_s, text));
}

static bool
add_decimal(struct buf *out, double number)
{
    char text[40];
    snprintf(text, sizeof(text), "%.17g", number);
    return add_text(out, text);
}

static bool
add_words(struct buf *out, const struct profile_words *w)
{
    struct buf pair = {0};

    buf_add_text(out, "{");
    for (size_t i = 0; i < w->count; i++) {
        buf_empty(&pair);
        buf_add_text(&pair, w->word[i].text);
        if (w->word[i].means != NULL) {
            buf_add_text(&pair, "=");
            buf_add_text(&pair, w->word[i].means);
        }
        buf_add(&pair, "", 1);
        buf_add_text(out, i > 0 ? ", " : " ");
        add_quoted(out, (const char *)pair.at);
    }
    buf_add_text(out, " }");
    buf_clear(&pair);
    return true;
}

static bool
add_choice(struct buf *out, const char *words, int choice)
{
    char word[64];
    for (; choice > 0; choice--)
        words = strchr(words, ' ') + 1;
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(words, " "), words);
    return add_text(out, word);
}

/* What is nowhere, at no place, or of no number is not said. */
bool
conf_print_value(const struct conf_key *key, const void *base, struct buf *out)
{
    const void *at = (const char *)base + key->offset;

    switch (key->type) {
    case CONF_TEXT:
        return add_text(out, *(char *const *)at);
    case CONF_NUMBER:
        return *(const int *)at >= 0 && add_number(out, *(const int *)at);
    case CONF_SWITCH:
        return add_text(out, *(const bool *)at ? "on" : "off");
    case CONF_DURATION:
        return add_text(out, text_of_duration(*(const int64_t *)at).text);
    case CONF_SECONDS:
        return add_text(out, text_of_duration(*(const int *)at * INT64_C(1000000)).text);
    case CONF_BYTES:
        return add_bytes(out, *(const uint64_t *)at);
    case CONF_NAME:
        return add_text(out, (*(struct conf_broker *const *)at)->name);
    case CONF_TOPIC:
        return add_text(out, ((const struct topic *)at)->text);
    case CONF_FORM:
        return add_text(out, (*(const struct form *const *)at)->name);
    case CONF_PROFILED:
        return *(const struct profile *const *)at != NULL && add_text(out, (*(const struct profile *const *)at)->name);
    case CONF_POINTER:
        return ((const struct pointer *)at)->from != POINTER_NOWHERE && add_text(out, ((const struct pointer *)at)->text);
    case CONF_TIME:
        return add_text(out, time_form_text(at));
    case CONF_ZONE:
        return add_zone(out, *(const int32_t *)at);
    case CONF_DECIMAL:
        return add_decimal(out, *(const double *)at);
    case CONF_WORDS:
    case CONF_PAIRS:
        return ((const struct profile_words *)at)->count > 0 && add_words(out, at);
    case CONF_CHOICE:
        return add_choice(out, key->least, *(const int *)at);
    }
    return false;
}

/* ---- sections ---- */

/* Of a channel only what its kind takes may be said. */
static bool
may_be_said(const struct conf_key *key, const void *base)
{
    return key->section != CONF_CHANNEL || conf_channel_takes(base, key);
}

static void
add_keys(struct buf *out, enum conf_section section, const void *base, const char *margin)
{
    struct buf value = {0};

    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++) {
        buf_empty(&value);
        if (k->section != section || !may_be_said(k, base) || !conf_print_value(k, base, &value))
            continue;
        buf_add_text(out, margin);
        buf_add_text(out, k->name);
        buf_add_text(out, " = ");
        buf_add(out, value.at, value.size);
        buf_add_text(out, "\n");
    }
    buf_clear(&value);
}

static void
open_section(struct buf *out, enum conf_section section, const char *title, const char *margin)
{
    buf_add_text(out, margin);
    buf_add_text(out, conf_section_kind[section].name);
    buf_add_text(out, " ");
    if (title != NULL) {
        add_quoted(out, title);
        buf_add_text(out, " ");
    }
    buf_add_text(out, "{\n");
}

static void
add_profile(struct buf *out, const struct profile *p)
{
    open_section(out, CONF_PROFILE, p->name, "");
    add_keys(out, CONF_PROFILE, p, "    ");
    for (size_t i = 0; i < p->readings_named; i++) {
        open_section(out, CONF_READING, p->reading[i].name, "    ");
        add_keys(out, CONF_READING, &p->reading[i], "        ");
        buf_add_text(out, "    }\n");
    }
    buf_add_text(out, "}\n");
}

static void
add_section(struct buf *out, enum conf_section section, const char *title, const void *base)
{
    open_section(out, section, title, "");
    add_keys(out, section, base, "    ");
    buf_add_text(out, "}\n");
}

void
conf_print_sections(const struct conf *c, enum conf_section section, struct buf *out)
{
    switch (section) {
    case CONF_TOP:
        add_keys(out, section, c, "");
        return;
    case CONF_BROKER:
        for (size_t i = 0; i < c->brokers; i++)
            add_section(out, section, c->broker[i].name, &c->broker[i]);
        return;
    case CONF_PROFILE:
        for (size_t i = 0; i < c->profiles; i++)
            add_profile(out, &c->profile[i]);
        return;
    case CONF_FEED:
        for (size_t i = 0; i < c->feeds; i++)
            add_section(out, section, c->feed[i].name, &c->feed[i]);
        return;
    case CONF_CHANNEL:
        for (size_t i = 0; i < c->channels; i++)
            add_section(out, section, c->channel[i].name, &c->channel[i]);
        return;
    case CONF_DATABASE:
    case CONF_JOURNAL:
    case CONF_JUDGE:
    case CONF_ACK_LINK:
    case CONF_TROUBLE:
    case CONF_ASKED:
        add_section(out, section, NULL, c);
        return;
    case CONF_READING:
    case CONF_SECTIONS:
        return; /* stands within a profile; is none */
    }
}

void
conf_print(const struct conf *c, struct buf *out)
{
    for (enum conf_section s = CONF_TOP; s < CONF_SECTIONS; s++)
        conf_print_sections(c, s, out);
}
