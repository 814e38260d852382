/* memory: what malloc keeps and nobody uses, given back to the system; where the C library can. */
#ifndef ABATE_MEMORY_H
#define ABATE_MEMORY_H

void memory_give_back(void);

#endif
