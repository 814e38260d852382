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

/* `value` times `scale`: 70695 x 0.001 is 70.69500000000001 in doubles, 70695 / 1000 is 70.695: where the factor is one over
 * a whole number, that divides. */
double decimal_scaled(double value, double scale);

#endif
