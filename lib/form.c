#include "form.h"

#include <string.h>

#include "form_hj212.h"
#include "form_json.h"
#include "form_senml.h"

const struct form form_table[] = {
    {"json", form_json_decode},
    {"senml", form_senml_decode},
    {"hj212", form_hj212_decode},
    {NULL, NULL},
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
