/* conf_tree: what stands in the text, each key with its line, and nothing yet of what it means. Hides
 * libConfuse.
 *
 *     tree --* section (place) --* key: text (of a list several), line
 *                              `--* section within
 *
 * A key nobody knows, a key twice, a section of the same name twice and a syntax that is none end here.
 */
#ifndef ABATE_CONF_TREE_H
#define ABATE_CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf_key.h"
#include "reason.h"

struct conf_tree;

/* NULL with "NAME:LINE: ...". `name` must live as long as the tree. */
struct conf_tree *conf_tree_new(const char *name, const char *text, struct reason *why);
void conf_tree_free(struct conf_tree *t);

/* One section. Its texts live as long as the tree. */
struct conf_place {
    const char *file;
    enum conf_section section;
    const char *title;    /* NULL if its kind has none */
    int line;             /* of its "{" */
    struct cfg_t *parsed; /* NULL if it is not written */
    const struct conf_place *within; /* NULL: it stands in no other */
};

unsigned conf_tree_count(const struct conf_tree *t, enum conf_section section);
struct conf_place conf_tree_place(const struct conf_tree *t, enum conf_section section, unsigned index);

/* The sections within one that is written. `at` must live as long as the place. */
unsigned conf_place_count(const struct conf_place *at, enum conf_section section);
struct conf_place conf_place_within(const struct conf_tree *t, const struct conf_place *at, enum conf_section section,
                                    unsigned index);

/* Its text; of a list, that of each index. NULL if the key is not written, or past the list's end. */
const char *conf_place_text(const struct conf_place *at, const char *key, unsigned index);

/* Puts file, line, section and key before the reason: 'abated.conf:12: broker "north": port: ...'. The line is
 * the key's, or the section's if the key is not written or NULL. Always false. */
bool conf_place_blame(const struct conf_place *at, const char *key, struct reason *why);

#endif
