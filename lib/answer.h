/* answer: what a gateway's answer means: sent, try again, or refused for good.
 *
 *     HTTP 200-299   sent, if the body is as the rule says; else refused for now, and tried again
 *     HTTP 408, 429  tried again: the server asks for it
 *     HTTP 400-499   refused for good
 *     the rest       tried again: 5xx, and 3xx, which is not followed
 *
 * Many gateways answer 200 to everything and say in the body whether it was good: {"errcode":0}. Of 429 (RFC 6585) and 503
 * (RFC 9110) a Retry-After counts: until then they do not want to be asked again.
 */
#ifndef ABATE_ANSWER_H
#define ABATE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pointer.h"
#include "reason.h"

enum answer_verdict {
    ANSWER_SENT,
    ANSWER_LATER,   /* it may go another time */
    ANSWER_REFUSED, /* it never will */
};

struct answer_rule {
    const struct pointer *pointer; /* into the body's JSON; from nowhere: the status alone counts */
    const char *value;   /* what stands there: a string, or a number, true, false or null as JSON writes it */
};

/* `ret_words` says what came back, in one line: the status and the beginning of the body. */
enum answer_verdict answer_judge(const struct answer_rule *rule, long status, const char *body, size_t size,
                                 struct reason *ret_words);

/* How long not to ask again, of what Retry-After says (0: nothing, or now): microseconds, up to a thousand years. */
int64_t answer_wait_us(long status, int64_t retry_after_s);

#endif
