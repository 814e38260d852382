#include <stdlib.h>
#include <string.h>

#include "conf_key.h"
#include "conf_own.h"

static bool
read_readings(const struct conf_parse *p, const struct conf_place *at, struct profile *profile)
{
    unsigned count = conf_place_count(at, CONF_READING);

    profile->reading = conf_room(count, sizeof(*profile->reading));
    for (unsigned i = 0; i < count; i++) {
        struct conf_place place = conf_place_within(p->tree, at, CONF_READING, i);
        struct profile_reading *r = &profile->reading[profile->readings_named++];
        r->element = -1;
        if (!conf_take_title(p, &place, &r->name) || !conf_take_keys(p, &place, r))
            return false;
    }
    return true;
}

static bool
complete(const struct conf_parse *p, const struct conf_place *at, struct profile *profile)
{
    const struct profile_reading *reading;
    const char *key;

    if (profile_complete(profile, &key, &reading, p->why))
        return true;
    if (reading == NULL)
        return conf_place_blame(at, key, p->why);
    struct conf_place place = conf_place_within(p->tree, at, CONF_READING, (unsigned)(reading - profile->reading));
    return conf_place_blame(&place, key, p->why);
}

bool
conf_read_profiles(const struct conf_parse *p)
{
    struct conf *c = p->conf;
    unsigned count = conf_tree_count(p->tree, CONF_PROFILE);

    c->profile = conf_room(count, sizeof(*c->profile));
    for (unsigned i = 0; i < count; i++) {
        struct conf_place at = conf_tree_place(p->tree, CONF_PROFILE, i);
        struct profile *profile = &c->profile[c->profiles++];
        if (!conf_take_title(p, &at, &profile->name) || !conf_take_keys(p, &at, profile) ||
            !read_readings(p, &at, profile) || !complete(p, &at, profile))
            return false;
    }
    return true;
}

static void
free_profile(struct profile *profile)
{
    for (size_t i = 0; i < profile->readings_named; i++) {
        free(profile->reading[i].name);
        conf_key_free(CONF_READING, &profile->reading[i]);
    }
    free(profile->reading);
    free(profile->name);
    profile_clear(profile);
    conf_key_free(CONF_PROFILE, profile);
}

void
conf_free_profiles(struct conf *c)
{
    for (size_t i = 0; i < c->profiles; i++)
        free_profile(&c->profile[i]);
    free(c->profile);
}

const struct profile *
conf_find_profile(const struct conf *c, const char *name)
{
    for (size_t i = 0; i < c->profiles; i++) {
        if (strcmp(c->profile[i].name, name) == 0)
            return &c->profile[i];
    }
    return NULL;
}
