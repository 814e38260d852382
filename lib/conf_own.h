/* conf_own: one file being read; between the parts of conf. */
#ifndef ABATE_CONF_OWN_H
#define ABATE_CONF_OWN_H

#include "conf.h"
#include "conf_tree.h"

struct conf_parse {
    const char *name;
    const struct conf_tree *tree;
    struct conf *conf;
    struct reason *why;
};

void *conf_room(size_t count, size_t size); /* zeroed; at least one */

/* All keys of the section `at` into `base`. */
bool conf_take_keys(const struct conf_parse *p, const struct conf_place *at, void *base);
bool conf_take_title(const struct conf_parse *p, const struct conf_place *at, char **ret);

/* conf_channel.c; behind the brokers */
bool conf_read_channels(const struct conf_parse *p);

/* conf_profile.c */
bool conf_read_profiles(const struct conf_parse *p);
void conf_free_profiles(struct conf *c);

#endif
