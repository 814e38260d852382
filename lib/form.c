#include "form.h"

#include <string.h>

#include "form_hj212.h"
#include "form_json.h"
#include "form_profile.h"
#include "form_senml.h"
#include "form_statement.h"

const struct form form_table[] = {
    {"json", form_json_decode, false, form_json_identify},
    {"senml", form_senml_decode, false, NULL},
    {"hj212", form_hj212_decode, false, form_hj212_identify},
    {"statement", form_statement_decode, true, form_json_identify},
    {NULL, NULL, false, NULL},
};

const struct form *
form_find(const char *name)
{
    for (const struct form *f = form_table; f->name != NULL; f++) {
        if (strcmp(f->name, name) == 0)
            return f;
    }
    return NULL;
}

bool
form_read(const struct form *f, const struct record *r, bool is_named, struct message *m, struct reason *why)
{
    message_empty(m);
    m->arrived = r->arrived;
    m->is_named = is_named;
    return f->decode(r->payload, r->payload_size, m, why);
}

void
form_identify(const struct form *f, const struct profile *profile, const void *payload, size_t size, struct buf *out)
{
    if (profile != NULL)
        form_profile_identify(profile, payload, size, out);
    else if (f->identify != NULL)
        f->identify(payload, size, out);
}
