// profile: how the JSON of a vendor's device is read: where in it monitor, times and readings stand, what its names, marks
// and periods mean. Made once, from a section of the configuration (abated.conf(5) describes each key); form_profile
// decodes by it.
//
//     profile "enos" {
//         each     = "/params/*"             measurements: one, or one for each * of a list or map
//         monitor  = "./deviceKey"           "./" from the measurement, "/" from the top, "*" the name of the member
//         time     = "./time"
//         time_form = ms
//         readings = "./measurepoints/*"     a reading for each *
//         value    = "./value"               "./" from the reading, if it is an object
//         mark     = "./quality"
//         marks    = { "9=N", "*=D" }
//         reading "x_power" { from = "Power" unit = "kW" }
//     }
//
// What is not named in a `reading` keeps its own name; the registry says whether there is such a series. A member that
// another key points at or into is no reading.
#ifndef ABATE_PROFILE_H
#define ABATE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "pointer.h"
#include "reason.h"
#include "scale.h"
#include "time_form.h"

/* Values a device sends, and what each of them means: "HL=T". "*" is any other. */
struct profile_word {
    char *text;
    const char *means; /* behind the last "="; NULL: nothing is said */
    bool is_number;    /* it is this number, too */
    double number;
};
struct profile_words {
    struct profile_word *word;
    size_t count;
};

/* One parameter of ours. */
struct profile_reading {
    char *name;          /* code, or code and statistic */
    struct pointer from; /* a word: its name in the payload; otherwise where its value stands, from the measurement */
    char *unit;          /* of the payload's values; NULL: as it says, or as registered */
    double factor;       /* times which the payload's value counts, */
    struct scale scale;  /* and likewise, made by profile_complete() */
    int element;         /* of an array; -1: it is none */
};

/* A name in the payload: which reading it is, or (NULL) that it is none. */
struct profile_name {
    const char *text;
    const struct profile_reading *reading;
};

struct profile {
    char *name;
    struct pointer each;
    struct pointer monitor, time, period, reissue; /* of a measurement */
    struct pointer id;                             /* of the payload */
    struct pointer readings, errors;               /* stars of them are readings, and marks of readings */
    struct pointer name_at, value, mark, unit;     /* of a reading */
    struct pointer frame;                          /* an HJ 212 frame, and nothing of the above */
    struct time_form time_form;
    int32_t zone_s; /* INSTANT_ZONE_NONE: the monitor's */
    bool quoted_numbers;
    struct profile_words periods, marks, ignore, missing;
    struct profile_reading *reading;
    size_t readings_named;
    /* what profile_complete() makes of it */
    enum period fixed_period;
    bool ignores_others;
    struct profile_name *known; /* ordered by their text; one text may stand for several readings */
    size_t knowns;
};

/* Adds "text", or with `is_pair` "text=means". */
bool profile_words_add(struct profile_words *w, const char *text, bool is_pair, struct reason *why);
void profile_words_clear(struct profile_words *w);

/* The word that is the text or the number, or else "*"; NULL: there is none. */
const struct profile_word *profile_words_find(const struct profile_words *w, const char *text);
const struct profile_word *profile_words_find_number(const struct profile_words *w, double number);

/* Once all keys are read: what they must not be together, and what follows from them. On failure `ret_key` is the key to
 * blame, and `ret_reading` the reading it is of; or NULL, the profile. */
bool profile_complete(struct profile *p, const char **ret_key, const struct profile_reading **ret_reading,
                      struct reason *why);
void profile_clear(struct profile *p); /* what profile_complete() made */

/* The first of `ret_count` entries of this text; NULL if there is none. */
const struct profile_name *profile_find(const struct profile *p, const char *text, size_t *ret_count);

#endif
