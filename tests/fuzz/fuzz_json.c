#include "form_target.h"
#include "must.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    form_target("json", bytes, size);
    return 0;
}
