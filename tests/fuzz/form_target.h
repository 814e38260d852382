/* form_target: what is done with every input of a payload form: it is decoded, and it is taken into a batch, as the writer
 * does it, under a topic that says whose it is and under one that does not.
 */
#ifndef ABATE_FORM_TARGET_H
#define ABATE_FORM_TARGET_H

#include <stddef.h>
#include <stdint.h>

void form_target(const char *form, const uint8_t *bytes, size_t size);

/* Likewise JSON, read by the profile `name` of the configuration's part `text`. Both are kept: each time the same. */
void form_target_by(const char *text, const char *name, const uint8_t *bytes, size_t size);

#endif
