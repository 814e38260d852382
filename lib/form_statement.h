/* form_statement: what agencies say: figures of indicators and milestones of commitments, as JSON, one object or an array
 * of them. It stays text here: whether it is true to the register is for the database to say (abate.take_statements()).
 */
#ifndef ABATE_FORM_STATEMENT_H
#define ABATE_FORM_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"
#include "reason.h"

#define FORM_STATEMENTS_MOST 1000 /* in one message */

/* As struct form has it: only whether it is JSON within bounds. `ret` stays empty. */
bool form_statement_decode(const void *payload, size_t size, struct message *ret, struct reason *why);

#endif
