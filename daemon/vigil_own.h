/* vigil_own: what the vigil says, between its two files. Nobody else includes it. */
#ifndef ABATE_VIGIL_OWN_H
#define ABATE_VIGIL_OWN_H

#include <stdbool.h>

#include "buf.h"
#include "letter.h"

enum vigil_kind { VIGIL_DATABASE, VIGIL_BROKER, VIGIL_BACKLOG, VIGIL_FULL, VIGIL_ENDED };

/* What is said of each; and of "over", of all but the last. */
struct vigil_word {
    const char *name, *zh, *en, *advice;
};
extern const struct vigil_word vigil_word[];

/* `name` is the broker's, or "". */
void vigil_write_json(struct buf *out, const char *instance, const struct letter *letter, enum vigil_kind kind, const char *name,
                      bool is_over, const char *since, const char *why);
void vigil_write_text(struct buf *out, const char *instance, enum vigil_kind kind, bool is_over, const char *since,
                      const char *why);

#endif
