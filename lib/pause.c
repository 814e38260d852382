#include "pause.h"

#include <assert.h>

int64_t
pause_next(struct pause *p)
{
    assert(p->first_us > 0);
    int64_t us = p->last_us == 0 ? p->first_us : p->last_us <= p->most_us / 2 ? p->last_us * 2 : p->most_us;
    p->last_us = us < p->most_us ? us : p->most_us;
    return p->last_us;
}

void
pause_reset(struct pause *p)
{
    p->last_us = 0;
}
