#include "unit.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <udunits2.h>

#include "text.h"
#include "unit_own.h"

#define FAR 1e6          /* where a conversion is looked at to see that it is a line */
#define ROUNDED 1e9      /* what has an offset is rounded to one over this */

struct unit_system {
    ut_system *system;
    ut_unit *one, *density; /* kg/m3 */
};

static ut_unit *
parse(const struct unit_system *s, const char *text)
{
    for (const struct unit_spelling *p = unit_spelling; p->written != NULL; p++) {
        if (strcmp(p->written, text) == 0) {
            text = p->meaning;
            break;
        }
    }
    return ut_parse(s->system, text, UT_UTF8);
}

static void
add_symbol(struct unit_system *s, const struct unit_symbol *symbol)
{
    ut_unit *unit = symbol->meaning == NULL ? ut_new_base_unit(s->system) : ut_parse(s->system, symbol->meaning, UT_UTF8);

    assert(unit != NULL);
    ut_unmap_symbol_to_unit(s->system, symbol->symbol, UT_UTF8);
    ut_status status = ut_map_symbol_to_unit(symbol->symbol, UT_UTF8, unit);
    assert(status == UT_SUCCESS);
    (void)status;
    ut_free(unit);
}

struct unit_system *
unit_system_new(struct reason *why)
{
    ut_set_error_message_handler(ut_ignore);
    ut_system *system = ut_read_xml(NULL);
    if (system == NULL) {
        reason_set(why, "the definitions of units cannot be read; hint: install udunits2's (Debian: libudunits2-data)");
        return NULL;
    }
    struct unit_system *s = calloc(1, sizeof(*s));
    if (s == NULL)
        abort();
    s->system = system;
    for (const struct unit_symbol *symbol = unit_symbol; symbol->symbol != NULL; symbol++)
        add_symbol(s, symbol);
    s->one = ut_parse(system, "1", UT_UTF8);
    s->density = ut_parse(system, "g/L", UT_UTF8);
    assert(s->one != NULL && s->density != NULL);
    return s;
}

void
unit_system_free(struct unit_system *s)
{
    if (s == NULL)
        return;
    ut_free(s->one);
    ut_free(s->density);
    ut_free_system(s->system);
    free(s);
}

struct line {
    double factor, offset;
};

/* False: another quantity, or no straight line leads there (reciprocals, logarithms). */
static bool
find_line(ut_unit *from, ut_unit *to, struct line *ret)
{
    cv_converter *c = ut_are_convertible(from, to) ? ut_get_converter(from, to) : NULL;
    if (c == NULL)
        return false;
    double offset = cv_convert_double(c, 0);
    double factor = (cv_convert_double(c, FAR) - cv_convert_double(c, -FAR)) / (2 * FAR);
    double third = cv_convert_double(c, FAR / 4) - (factor * FAR / 4 + offset);
    cv_free(c);
    if (!isfinite(offset) || !isfinite(factor) || factor == 0 || !(fabs(third) <= 1e-9 * fabs(factor) * FAR))
        return false;
    *ret = (struct line){factor, offset};
    return true;
}

/* A share of the volume, and not just a number. */
static bool
is_fraction(const struct unit_system *s, ut_unit *unit, struct line *ret)
{
    return find_line(unit, s->one, ret) && ret->factor != 1;
}

/* Between a volume fraction and a mass concentration of a gas; false if it is not that which is asked. */
static bool
find_gas_line(const struct unit_system *s, ut_unit *from, ut_unit *to, double density, struct line *ret)
{
    struct line share, mass;

    if (is_fraction(s, from, &share) && find_line(s->density, to, &mass))
        *ret = (struct line){share.factor * density * mass.factor, 0};
    else if (find_line(from, s->density, &mass) && is_fraction(s, to, &share))
        *ret = (struct line){mass.factor / density / share.factor, 0};
    else
        return false;
    return true;
}

/* NULL, or the words between the units for what cannot be done. */
static const char *
find_conversion(const struct unit_system *s, ut_unit *from, ut_unit *to, double density, struct conversion *ret)
{
    struct line line;

    if (!find_line(from, to, &line)) {
        if (!find_gas_line(s, from, to, isnan(density) ? 1 : density, &line))
            return "cannot become";
        if (!isfinite(line.factor) || line.factor == 0)
            return "cannot become";
        if (isnan(density))
            return "without its molar mass (abate.parameter.molar_mass) cannot become";
    }
    *ret = (struct conversion){scale_of(line.factor), line.offset};
    return NULL;
}

/* What udunits2's parser loses memory over (2.2.28): a zero, or an offset, with a word behind it. No unit needs them. */
static bool
is_parsed_safely(const char *text)
{
    if (strchr(text, '@') != NULL)
        return false;
    while (*(text += strcspn(text, "0123456789")) != '\0') {
        size_t number = strspn(text, "0123456789.");
        if (strspn(text, "0.") == number)
            return false;
        text += number;
    }
    return true;
}

struct written {
    char text[UNIT_MOST + 1];
};

/* Without the blanks about it. */
static bool
take(const char *at, size_t size, struct written *ret)
{
    if (size > UNIT_MOST || !text_is_utf8(at, size))
        return false;
    for (; size > 0 && at[0] == ' '; at++)
        size--;
    while (size > 0 && at[size - 1] == ' ')
        size--;
    memcpy(ret->text, at, size);
    ret->text[size] = '\0';
    return true;
}

bool
unit_convert(const struct unit_system *s, const char *from, size_t from_size, const char *to, size_t to_size,
             double density, struct conversion *ret, struct reason *why)
{
    struct written a, b;

    if (from_size == to_size && memcmp(from, to, to_size) == 0) {
        *ret = (struct conversion){{1, 1}, 0};
        return true;
    }
    ut_unit *is = take(from, from_size, &a) && is_parsed_safely(a.text) ? parse(s, a.text) : NULL;
    ut_unit *wanted = take(to, to_size, &b) && is_parsed_safely(b.text) ? parse(s, b.text) : NULL;
    const char *refusal = NULL;
    if (is == NULL || wanted == NULL)
        reason_set(why, "unit \"%s\" is not known",
                   (is == NULL ? text_quote(from, from_size) : text_quote(to, to_size)).text);
    else if ((refusal = find_conversion(s, is, wanted, density, ret)) != NULL)
        reason_set(why, "unit \"%s\" %s \"%s\"", text_quote(from, from_size).text, refusal, text_quote(to, to_size).text);
    bool ok = is != NULL && wanted != NULL && refusal == NULL;
    ut_free(is);
    ut_free(wanted);
    return ok;
}

double
conversion_apply(const struct conversion *c, double value)
{
    double scaled = scale_apply(&c->scale, value);
    return c->offset == 0 ? scaled : nearbyint((scaled + c->offset) * ROUNDED) / ROUNDED;
}
