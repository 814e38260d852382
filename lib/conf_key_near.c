/* Names that are no keys, and which one may be meant. */
#include <string.h>

#include "conf_key.h"
#include "text.h"

#define NAME_MOST 32

static int
least_of(int a, int b)
{
    return a < b ? a : b;
}

/* Letters to put in, take out, change or exchange with their neighbour to make `b` of `a`. */
static int
distance(const char *a, const char *b)
{
    int d[NAME_MOST + 1][NAME_MOST + 1];
    int a_size = (int)strnlen(a, NAME_MOST + 1), b_size = (int)strnlen(b, NAME_MOST + 1);

    if (a_size > NAME_MOST || b_size > NAME_MOST)
        return NAME_MOST;
    for (int i = 0; i <= a_size; i++) {
        for (int j = 0; j <= b_size; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            int change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least_of(change, least_of(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least_of(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a_size][b_size];
}

/* The nearest name that may stand in this section, if it is near enough to be meant. */
static const char *
nearest(enum conf_section section, const char *name)
{
    const char *best = NULL;
    int best_distance = 3;

    for (size_t i = 0; i < conf_keys; i++) {
        int d = distance(name, conf_key[i].name);
        if (conf_key[i].section == section && d < best_distance) {
            best = conf_key[i].name;
            best_distance = d;
        }
    }
    for (int i = CONF_TOP + 1; i < CONF_SECTIONS; i++) {
        int d = distance(name, conf_section_kind[i].name);
        if (conf_section_kind[i].within == section && d < best_distance) {
            best = conf_section_kind[i].name;
            best_distance = d;
        }
    }
    return best != NULL && best_distance < (int)strlen(name) ? best : NULL;
}

bool
conf_key_unknown(enum conf_section section, const char *name, struct reason *why)
{
    struct quoted quoted = text_quote(name, strlen(name));

    for (int i = CONF_TOP + 1; i < CONF_SECTIONS; i++) {
        if (strcmp(name, conf_section_kind[i].name) != 0 || conf_key_find(section, name) != NULL)
            continue;
        enum conf_section within = conf_section_kind[i].within;
        if (within != CONF_TOP)
            return reason_set(why, "\"%s\": such a section stands within a \"%s\"", quoted.text,
                              conf_section_kind[within].name);
        return reason_set(why, "\"%s\": a section cannot stand within another (is a \"}\" missing?)",
                          quoted.text);
    }
    const char *near = nearest(section, name);
    if (near != NULL)
        return reason_set(why, "\"%s\": unknown key (did you mean \"%s\"?)", quoted.text, near);
    for (size_t i = 0; i < conf_keys; i++) {
        if (strcmp(name, conf_key[i].name) != 0)
            continue;
        if (conf_key[i].section == CONF_TOP)
            return reason_set(why, "\"%s\": stands outside of all sections (is a \"}\" missing?)",
                              quoted.text);
        return reason_set(why, "\"%s\": unknown key here; it belongs in a section \"%s\"", quoted.text,
                          conf_section_kind[conf_key[i].section].name);
    }
    return reason_set(why, "\"%s\": unknown key (see abated.conf(5))", quoted.text);
}
