#include "conf_tree.h"

#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "text.h"

#define OPTIONS 40 /* more than any section has keys */

struct conf_tree {
    const char *name;
    struct conf_text text;
    cfg_t *root;
};

static enum conf_section
section_of(const cfg_t *cfg)
{
    for (enum conf_section s = CONF_TOP + 1; s < CONF_SECTIONS; s++) {
        if (strcmp(cfg->name, conf_section_kind[s].name) == 0)
            return s;
    }
    return CONF_TOP;
}

/* 'broker "north"' before a reason; nothing outside of sections. */
static void
put_section(struct reason *why, enum conf_section section, const char *title)
{
    if (section != CONF_TOP && title != NULL)
        reason_prefix(why, "%s \"%s\"", conf_section_kind[section].name,
                      text_quote(title, strlen(title)).text);
    else if (section != CONF_TOP)
        reason_prefix(why, "%s", conf_section_kind[section].name);
}

/* libConfuse brings nothing of ours here. So the reason stays with the section it came up in, as its comment,
 * which is freed with it; find_said() looks for it there. The first one counts. */
static void on_error(cfg_t *cfg, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

static void
on_error(cfg_t *cfg, const char *format, va_list ap)
{
    struct reason why;

    if (cfg->comment != NULL)
        return;
    if (strcmp(format, "no such option '%s'") == 0) {
        conf_key_unknown(section_of(cfg), va_arg(ap, const char *), &why);
    } else if (strcmp(format, "found duplicate title '%s'") == 0) {
        const char *title = va_arg(ap, const char *);
        reason_set(&why, "\"%s\": a section of this kind and name is there already",
                   text_quote(title, strlen(title)).text);
    } else {
        struct reason words;
        vsnprintf(words.text, sizeof(words.text), format, ap);
        text_line(words.text, why.text, sizeof(why.text));
    }
    put_section(&why, section_of(cfg), cfg->title);
    reason_prefix(&why, "%d", cfg->line);
    cfg->comment = strdup(why.text);
    if (cfg->comment == NULL)
        abort();
}

/* In the section itself, or in one within it. */
static const char *
find_said_in(cfg_t *cfg, enum conf_section section)
{
    if (cfg->comment != NULL)
        return cfg->comment;
    for (enum conf_section s = CONF_TOP + 1; s < CONF_SECTIONS; s++) {
        if (conf_section_kind[s].within != section)
            continue;
        const char *name = conf_section_kind[s].name;
        for (unsigned i = 0; i < cfg_size(cfg, name); i++) {
            const char *said = find_said_in(cfg_getnsec(cfg, name, i), s);
            if (said != NULL)
                return said;
        }
    }
    return NULL;
}

static const char *
find_said(cfg_t *root)
{
    const char *said = find_said_in(root, CONF_TOP);
    return said != NULL ? said : " not a configuration"; /* an empty name before a "=": it fails without a word */
}

/* Each value as it is read. Its line is kept as the key's comment; that also tells a key that is there twice,
 * of which libConfuse would take the last. Of a list each element comes here, the first as its only one. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    const char *first = cfg_opt_getcomment(opt);
    char line[16];

    if (cfg_getopt(cfg, cfg_opt_name(opt)) != opt) /* "journal|size" outside of the section */
        return -1;
    if (first != NULL && cfg_opt_size(opt) > 1) {
        *(const char **)result = value;
        return 0;
    }
    if (first != NULL) {
        cfg_error(cfg, "%s: twice in one section, first in line %s", cfg_opt_name(opt), first);
        return -1;
    }
    snprintf(line, sizeof(line), "%d", cfg->line);
    cfg_opt_setcomment(opt, line);
    *(const char **)result = value;
    return 0;
}

static cfg_opt_t
make_option(const struct conf_key *k)
{
    if (conf_key_is_list(k))
        return (cfg_opt_t)CFG_STR_LIST_CB(k->name, NULL, CFGF_NODEFAULT, on_value);
    return (cfg_opt_t)CFG_STR_CB(k->name, NULL, CFGF_NODEFAULT, on_value);
}

/* All values are texts to libConfuse: what they mean, and whether they may, is conf_value's. All sections may
 * stand more than once to it: of one that may not, it would quietly join the parts. */
static void
make_options(cfg_opt_t options[CONF_SECTIONS][OPTIONS])
{
    size_t count[CONF_SECTIONS] = {0};

    for (const struct conf_key *k = conf_key; k < conf_key + conf_keys; k++)
        options[k->section][count[k->section]++] = make_option(k);
    for (int s = CONF_TOP + 1; s < CONF_SECTIONS; s++) {
        cfg_flag_t title = conf_section_kind[s].has_title ? CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;
        enum conf_section within = conf_section_kind[s].within;
        options[within][count[within]++] =
            (cfg_opt_t)CFG_SEC(conf_section_kind[s].name, options[s], CFGF_MULTI | title);
    }
    for (int s = CONF_TOP; s < CONF_SECTIONS; s++)
        options[s][count[s]] = (cfg_opt_t)CFG_END();
}

struct conf_tree *
conf_tree_new(const char *name, const char *text, struct reason *why)
{
    cfg_opt_t options[CONF_SECTIONS][OPTIONS];
    struct conf_tree tree = {.name = name};

    if (!conf_text_make(name, text, &tree.text, why))
        return NULL;
    make_options(options);
    struct conf_tree *t = malloc(sizeof(*t));
    tree.root = cfg_init(options[CONF_TOP], CFGF_NONE);
    if (t == NULL || tree.root == NULL)
        abort();
    *t = tree;
    cfg_set_error_function(t->root, on_error);
    if (cfg_parse_buf(t->root, t->text.text) == CFG_SUCCESS)
        return t;
    reason_set(why, "%s:%s", name, find_said(t->root));
    conf_tree_free(t);
    return NULL;
}

void
conf_tree_free(struct conf_tree *t)
{
    conf_text_clear(&t->text);
    cfg_free(t->root);
    free(t);
}

unsigned
conf_tree_count(const struct conf_tree *t, enum conf_section section)
{
    return section == CONF_TOP ? 1 : cfg_size(t->root, conf_section_kind[section].name);
}

static struct conf_place
place_in(const struct conf_tree *t, cfg_t *outer, enum conf_section section, unsigned index)
{
    cfg_t *cfg = cfg_getnsec(outer, conf_section_kind[section].name, index);
    return (struct conf_place){t->name, section, cfg_title(cfg), conf_text_first(&t->text, cfg->line), cfg, NULL};
}

struct conf_place
conf_tree_place(const struct conf_tree *t, enum conf_section section, unsigned index)
{
    if (section == CONF_TOP)
        return (struct conf_place){t->name, section, NULL, 1, t->root, NULL};
    if (index >= conf_tree_count(t, section))
        return (struct conf_place){t->name, section, NULL, 1, NULL, NULL};
    return place_in(t, t->root, section, index);
}

unsigned
conf_place_count(const struct conf_place *at, enum conf_section section)
{
    return cfg_size(at->parsed, conf_section_kind[section].name);
}

struct conf_place
conf_place_within(const struct conf_tree *t, const struct conf_place *at, enum conf_section section, unsigned index)
{
    struct conf_place place = place_in(t, at->parsed, section, index);
    place.within = at;
    return place;
}

const char *
conf_place_text(const struct conf_place *at, const char *key, unsigned index)
{
    if (at->parsed == NULL || cfg_size(at->parsed, key) <= index)
        return NULL;
    return cfg_getnstr(at->parsed, key, index);
}

bool
conf_place_blame(const struct conf_place *at, const char *key, struct reason *why)
{
    const char *line = NULL;

    if (key != NULL) {
        reason_prefix(why, "%s", key);
        if (at->parsed != NULL)
            line = cfg_opt_getcomment(cfg_getopt(at->parsed, key));
    }
    put_section(why, at->section, at->title);
    if (at->within != NULL)
        put_section(why, at->within->section, at->within->title);
    return reason_prefix(why, "%s:%d", at->file, line != NULL ? atoi(line) : at->line);
}
