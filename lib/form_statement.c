#include "form_statement.h"

#include <jansson.h>

#include "form_json_tree.h"

bool
form_statement_decode(const void *payload, size_t size, struct message *ret, struct reason *why)
{
    (void)ret;
    json_t *root = form_json_tree(payload, size, why);
    if (root == NULL)
        return false;
    size_t count = json_is_array(root) ? json_array_size(root) : 1;
    json_decref(root);
    if (count == 0)
        return reason_set(why, "empty array");
    if (count > FORM_STATEMENTS_MOST)
        return reason_set(why, "more than %d statements", FORM_STATEMENTS_MOST);
    return true;
}
