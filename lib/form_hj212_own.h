/* form_hj212_own: the inside of form_hj212, shared by its files; nobody else includes it.
 *
 *     form_hj212.c          the whole
 *     form_hj212_frame.c    length and CRC; where header and content are
 *     form_hj212_field.c    words: fields, names, numbers
 *     form_hj212_head.c     whose it is, of which period, when, and whether it is a reissue
 *     form_hj212_content.c  readings and their marks
 *     form_hj212_dialect.c  tables: what is known of commands, names and endings, and what becomes of each
 *     form_hj212_id.c       what a frame calls itself
 */
#ifndef ABATE_FORM_HJ212_OWN_H
#define ABATE_FORM_HJ212_OWN_H

#include <stdbool.h>
#include <stddef.h>

#include "form_hj212.h"
#include "message.h"
#include "reason.h"
#include "text.h"

#define HJ212_HEAD 6 /* "##" and the length */
#define HJ212_TAIL 4 /* the CRC */

/* ---- form_hj212_frame.c ---- */

struct hj212_frame {
    struct span header;  /* up to "CP=&&", */
    struct span content; /* from there up to the last "&&" */
};
bool hj212_frame_open(struct span payload, struct hj212_frame *ret, struct reason *why);

/* ---- form_hj212_field.c ---- */

struct quoted hj212_quote(struct span s);
bool hj212_is(struct span s, const char *name); /* in large letters or small */

/* Takes what stands before the next of the separators off the front; false at the end. */
bool hj212_take(struct span *rest, const char *separators, struct span *ret);
/* "name=value", without the blanks around either; false if it is none. */
bool hj212_split(struct span field, struct span *ret_name, struct span *ret_value);
/* "factor-ending" */
bool hj212_split_name(struct span name, struct span *ret_factor, struct span *ret_ending);
/* The value of the field of that name; `at` NULL if there is none. False if it stands there with two values: which of
 * them is meant nobody can say. */
bool hj212_find(struct span fields, const char *name, struct span *ret, struct reason *why);

bool hj212_digits(const char *at, size_t size, int base, int *ret); /* exactly so many of base 10 or 16 */
/* Sign, digits, digits behind a point, and an exponent: less than strtod() takes. The programs stay in the C locale. */
bool hj212_number(struct span text, double *ret);

/* ---- form_hj212_head.c ---- */

struct hj212_head {
    struct measurement measurement; /* without its readings */
    const char *main;               /* the ending of a factor's main value */
    struct span reissue;            /* RF, as sent */
};
bool hj212_head_read(const struct hj212_frame *frame, struct hj212_head *ret, struct reason *why);

/* ---- form_hj212_content.c ---- */

/* Into the measurement added last; what cannot be read is a fault. False if it is to be refused as a whole. */
bool hj212_content_read(struct span content, const char *main, struct message *m, struct reason *why);

/* ---- form_hj212_dialect.c ---- */

struct span hj212_strip(struct span payload); /* the frame without what may stand around it */

struct hj212_command {
    const char *first, *last; /* the codes it stands for */
    const char *main;         /* the ending of a factor's main value; NULL if it brings no readings */
    enum period period;       /* if it does */
    const char *what;         /* if it does not: what it is, and what to do about it */
};
const struct hj212_command *hj212_command_find(struct span code); /* NULL: nothing is known of it */

bool hj212_is_left_name(struct span name);     /* a field of CP that is of no factor and brings no reading */
bool hj212_is_left_ending(struct span ending); /* of a factor's field that brings no reading */

#endif
