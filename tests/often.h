/* often: how many times where each is dear. bootstrap sets ABATE_FEWER for the builds that look after memory (sanitizers,
 * valgrind), where a step takes up to fifty times as long: that all of them pass is for the plain build. */
#ifndef ABATE_TESTS_OFTEN_H
#define ABATE_TESTS_OFTEN_H

#include <stdlib.h>

static inline unsigned
often(unsigned times, unsigned fewer)
{
    return getenv("ABATE_FEWER") == NULL ? times : fewer;
}

#endif
