#include "scale.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

#define PARTS_MOST 1e5 /* the largest divisor that is looked for beside 1 / factor */
#define WHOLE_MOST 0x1p53
#define DIGITS 15

static bool
is_near(double a, double b)
{
    return fabs(a - b) <= 4 * DBL_EPSILON * fabs(b);
}

/* The whole number that is meant, or 0. */
static double
whole(double value)
{
    double n = nearbyint(value);
    return fabs(n) < WHOLE_MOST && is_near(n, value) ? n : 0;
}

struct scale
scale_of(double factor)
{
    assert(isfinite(factor) && factor != 0);
    if (whole(factor) != 0)
        return (struct scale){whole(factor), 1};
    if (whole(1 / factor) != 0)
        return (struct scale){1, whole(1 / factor)};
    /* The convergents of its continued fraction: divisors grow at least as Fibonacci's numbers. */
    double rest = factor, before = 0, over = 1;
    for (;;) {
        double part = rest - floor(rest);
        if (part == 0)
            break;
        rest = 1 / part;
        double next = floor(rest) * over + before;
        if (next > PARTS_MOST)
            break;
        before = over;
        over = next;
        if (whole(factor * over) != 0)
            return (struct scale){whole(factor * over), over};
    }
    return (struct scale){factor, 1};
}

/* To a decimal number of so many digits, if it is one but for the noise. The powers of ten on the way are exact. */
static double
rounded(double value)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double places = DIGITS - 1 - floor(log10(fabs(value)));

    if (!(places >= 0 && places <= 22))
        return value;
    double decimal = nearbyint(value * ten[(int)places]) / ten[(int)places];
    return is_near(decimal, value) ? decimal : value;
}

double
scale_apply(const struct scale *s, double value)
{
    if (s->times == 1 && s->over == 1)
        return value;
    return rounded(value * s->times / s->over);
}
