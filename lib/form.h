/* form: the table of payload forms: name -> decoder. A further form is a further row and a file form_<name>.c. */
#ifndef ABATE_FORM_H
#define ABATE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "message.h"
#include "reason.h"
#include "record.h"

#define FORM_PAYLOAD_MOST 65536 /* bytes; a larger payload is refused before anything is parsed */
#define FORM_DEPTH_MOST 8       /* nested arrays and objects; likewise */

struct form {
    const char *name;
    /* Fills `ret`, which the caller has emptied and told what is known beforehand. False: the payload as a whole is
     * refused, `ret` holds nothing. True with ret->faults > 0: parts were left out. */
    bool (*decode)(const void *payload, size_t size, struct message *ret, struct reason *why);
    bool is_statement; /* an agency's words and no measurements: the payload as it is goes to the database */
    /* Adds what the message calls itself as members of a JSON object: `"id":"a1"`, `"ids":["a1","a2"]` of a list. Adds
     * nothing if it does not, or not so that it can be said again. NULL: in this form a message has no name. Cheap: what
     * else the payload says, and whether it is any good, is not asked. */
    void (*identify)(const void *payload, size_t size, struct buf *out);
};

#define FORM_ID_MOST 64    /* bytes of one id; a longer one is none */
#define FORM_IDS_MOST 4096 /* bytes of all that identify() adds */

/* NULL if there is no such form. */
const struct form *form_find(const char *name);

/* What a record says: `m` is emptied, told what is known beforehand, and filled. False as decode() has it. `is_named`:
 * the record's topic says whose it is. How its JSON is read m->profile says before. */
bool form_read(const struct form *f, const struct record *r, bool is_named, struct message *m, struct reason *why);

/* identify() of the form, or by its profile if there is one. */
void form_identify(const struct form *f, const struct profile *profile, const void *payload, size_t size, struct buf *out);

/* The rows, ended by one with name NULL. */
extern const struct form form_table[];

#endif
