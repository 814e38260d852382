/* decimal: numbers that people and devices write in decimal, kept as near to what they wrote as doubles can.
 */
#ifndef ABATE_DECIMAL_H
#define ABATE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#define DECIMAL_SIZE_MOST 63 /* bytes of one number */

/* A sign, digits with a point among them, an exponent; nothing else that strtod(3) takes. False if it is none, or none
 * that a double can hold. The programs stay in the C locale. */
bool decimal_read(const char *text, size_t size, double *ret);

/* `value` times `scale`, which is not 0, as scale.h has it: 70695 x 0.001 is 70.695. */
double decimal_scaled(double value, double scale);

#endif
