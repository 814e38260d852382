/* form_json_tree: a payload as jansson's tree, or why it is none.
 *
 * What would cost too much is refused before it is parsed: see form.h. A refusal says line and column, what
 * is wrong, and where it can what to do about it: what devices send instead of JSON is known by its looks.
 */
#ifndef ABATE_FORM_JSON_TREE_H
#define ABATE_FORM_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"
#include "reason.h"

struct json_t;

/* An object or an array; each name once in its object; all numbers finite doubles. For json_decref().
 * NULL with `why`. */
struct json_t *form_json_tree(const void *payload, size_t size, struct reason *why);

/* "an object", "a text", "null" ...: for reasons. */
const char *form_json_kind(const struct json_t *json);

/* A member that must be a text if it is there; without it `ret` is left alone. */
bool form_json_text(const struct json_t *object, const char *name, struct span *ret, struct reason *why);

#endif
