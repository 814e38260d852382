/* scale: a number times a factor, without the noise of doubles wherever there is a way.
 *
 * 70695 x 0.001 is 70.69500000000001 in doubles, 70695 / 1000 is 70.695. So a factor that is a fraction of small whole
 * numbers, within a few units of its last place, multiplies by the one and divides by the other; and what comes out
 * is the decimal number of 15 digits, as many as a double keeps, that is as near. A factor of 1 leaves every bit as it is.
 */
#ifndef ABATE_SCALE_H
#define ABATE_SCALE_H

struct scale {
    double times, over; /* value x times / over */
};

/* `factor` is finite and not 0. */
struct scale scale_of(double factor);
double scale_apply(const struct scale *s, double value);

#endif
