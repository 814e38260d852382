/* unit: what a number in one unit is in another, by udunits2 and by how units are written in the field.
 *
 *     "μg/m³" -> "mg/m3"    value / 1000
 *     "ppm"   -> "mg/m3"    value x density, if the substance has one
 *     "kWh"   -> "mg/m3"    refused: another quantity
 *
 * Names are those of RFC 8428 and RFC 8798 (SenML), else what stations write, else any expression of udunits2 (udunits2lib(3)).
 * What has the dimension of another quantity and is none is a quantity of its own here: var and VA are no watts, NTU and dB no
 * numbers. A coal equivalent (tce, kgce) is the heat in it, 29.3076 MJ a kilogram.
 */
#ifndef ABATE_UNIT_H
#define ABATE_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "reason.h"
#include "scale.h"

#define UNIT_MOST 40 /* bytes; a longer one is none */

struct conversion {
    struct scale scale;
    double offset; /* added to what was scaled; such a result is rounded to a thousand-millionth */
};

/* Reads udunits2's own definitions of units; false if they are not installed. udunits2 is told, for the whole process, to
 * say nothing on stderr. */
struct unit_system *unit_system_new(struct reason *why);
void unit_system_free(struct unit_system *s);

/* `density`: of the pure gas, in g/L, in the state concentrations are referred to; NAN if there is none. Takes about as
 * long as printing a number ten times: what it says is to be kept. */
bool unit_convert(const struct unit_system *s, const char *from, size_t from_size, const char *to, size_t to_size,
                  double density, struct conversion *ret, struct reason *why);

double conversion_apply(const struct conversion *c, double value);

#endif
