/* text: foreign bytes made safe to read, and the test whether they are UTF-8 (RFC 3629) at all. */
#ifndef ABATE_TEXT_H
#define ABATE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* True if the bytes are well-formed UTF-8 without U+0000: what PostgreSQL takes as text. */
bool text_is_utf8(const void *bytes, size_t size);

/* Foreign text for a log line or a reason, at most about 64 bytes of it: control characters, `"`, `\`, marks that
 * turn the direction of writing, line separators, what cannot be seen (but the plain blank) and what is no UTF-8
 * come out as \xHH; a cut end as "...".
 *
 *     reason_set(why, "topic \"%s\"", text_quote(topic, size).text);
 */
struct quoted {
    char text[288];
};
struct quoted text_quote(const void *bytes, size_t size);

/* One line of a text that holds foreign words, for a log or a reason: line ends and tabs become blanks, what text_quote()
 * shows as \xHH is shown so here, but for `"` and `\`. Cut at a whole character to `room` bytes with its end; `text` and
 * `out` must not overlap. */
void text_line(const char *text, char *out, size_t room);

/* A length of time in words a person writes: "90s", "10min", "36h", "30d", "2w", "15y" (365 d); microseconds. */
bool text_duration(const char *text, long long *ret_us);
/* The other way: "90s" in the largest unit that divides it. `us` must not be negative. */
struct quoted text_of_duration(long long us);

/* A number of bytes: "65536", "64k", "8M", "2G" (powers of 1024). */
bool text_bytes(const char *text, unsigned long long *ret_bytes);

/* Whether `word` is one of `words`, which have a blank between them. */
bool text_has_word(const char *words, const char *word);

#endif
