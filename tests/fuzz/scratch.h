/* scratch: a folder for one run of a target that wants files: in memory where there is /dev/shm. */
#ifndef ABATE_SCRATCH_H
#define ABATE_SCRATCH_H

#include <stddef.h>

#define SCRATCH_PATH 64

void scratch_make(char out[SCRATCH_PATH]);
void scratch_write(const char *folder, const char *name, const void *bytes, size_t size);
void scratch_remove(const char *folder);

#endif
