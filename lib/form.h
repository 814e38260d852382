/* form: the table of payload forms: name -> decoder. A further form is a further row and a file form_<name>.c. */
#ifndef ABATE_FORM_H
#define ABATE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"
#include "reason.h"

#define FORM_PAYLOAD_MOST 65536 /* bytes; a larger payload is refused before anything is parsed */
#define FORM_DEPTH_MOST 8       /* nested arrays and objects; likewise */

struct form {
    const char *name;
    /* Fills `ret`, which the caller has emptied and told what is known beforehand. False: the payload as a whole is
     * refused, `ret` holds nothing. True with ret->faults > 0: parts were left out. */
    bool (*decode)(const void *payload, size_t size, struct message *ret, struct reason *why);
    bool is_statement; /* an agency's words and no measurements: the payload as it is goes to the database */
};

/* NULL if there is no such form. */
const struct form *form_find(const char *name);

/* The rows, ended by one with name NULL. */
extern const struct form form_table[];

#endif
