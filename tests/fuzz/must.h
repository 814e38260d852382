/* must: for the fuzz targets: what has to be true of every input. If it is not, the target says so and aborts, which
 * libFuzzer takes for a find.
 */
#ifndef ABATE_MUST_H
#define ABATE_MUST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reason.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define must(truth, ...)                                                                                     \
    do {                                                                                                     \
        if (!(truth)) {                                                                                      \
            fprintf(stderr, "%s:%d: not true: %s: ", __FILE__, __LINE__, #truth);                            \
            fprintf(stderr, __VA_ARGS__);                                                                    \
            fputc('\n', stderr);                                                                             \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* One line of UTF-8 that says something. */
static inline void
must_be_decent(const char *words)
{
    must(words[0] != '\0' && text_is_utf8(words, strlen(words)), "\"%s\"", words);
    for (const unsigned char *s = (const unsigned char *)words; *s != '\0'; s++)
        must(*s >= 0x20 && *s != 0x7f, "a control character in \"%s\"", words);
    for (const char *turn = "\x80\x81\x82\x83\x84\x8e\x8f\xa8\xa9\xaa\xab\xac\xad\xae"; *turn != '\0'; turn++) {
        const char mark[] = {'\xe2', '\x80', *turn, '\0'}; /* U+2000 ... U+202E */
        must(strstr(words, mark) == NULL, "a mark nobody sees in \"%s\"", words);
    }
}

/* Every byte can be read: so a sanitizer sees what points nowhere. Returns their sum, to be used. */
static inline unsigned
must_be_readable(const char *at, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (unsigned char)at[i];
    return sum;
}

#endif
