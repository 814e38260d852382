/* unit_own: the tables of unit, between its files alone. */
#ifndef ABATE_UNIT_OWN_H
#define ABATE_UNIT_OWN_H

/* What udunits2 lacks or takes for something else; prefixes go before it. A NULL meaning is a quantity of its own. */
struct unit_symbol {
    const char *symbol, *meaning;
};
extern const struct unit_symbol unit_symbol[]; /* ended by a NULL symbol */

/* Whole units that are written otherwise than udunits2 does. */
struct unit_spelling {
    const char *written, *meaning;
};
extern const struct unit_spelling unit_spelling[]; /* ended by NULL */

#endif
