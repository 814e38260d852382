#include "decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scale.h"

bool
decimal_read(const char *text, size_t size, double *ret)
{
    char number[DECIMAL_SIZE_MOST + 1];
    char *rest;

    if (size == 0 || size > DECIMAL_SIZE_MOST)
        return false;
    memcpy(number, text, size);
    number[size] = '\0';
    double value = strtod(number, &rest);
    /* strtod takes "nan", "inf" and hexadecimal as well */
    if (rest != number + size || strspn(number, "0123456789+-.eE") != size || !isfinite(value))
        return false;
    *ret = value;
    return true;
}

double
decimal_scaled(double value, double scale)
{
    const struct scale s = scale_of(scale);
    return scale_apply(&s, value);
}
