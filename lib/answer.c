#include "answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define SHOWN_MOST 200 /* bytes of a body */
#define WAIT_MOST_S (INT64_C(1000) * 365 * 86400) /* longer than any policy, and a number that can be added to */

static const json_t *
follow(const json_t *at, const struct pointer *pointer)
{
    for (size_t i = 0; i < pointer->steps && at != NULL; i++) {
        const struct pointer_step *step = &pointer->step[i];
        if (!json_is_array(at))
            at = json_object_get(at, step->name);
        else
            at = step->is_index ? json_array_get(at, step->index) : NULL;
    }
    return at;
}

static bool
is_value(const json_t *at, const char *value)
{
    if (at == NULL)
        return false;
    if (json_is_string(at))
        return strcmp(json_string_value(at), value) == 0;
    char *text = json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    bool is_same = text != NULL && strcmp(text, value) == 0;
    free(text);
    return is_same;
}

static bool
is_as_said(const struct answer_rule *rule, const char *body, size_t size)
{
    json_t *root = json_loadb(body, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    bool is_so = root != NULL && is_value(follow(root, rule->pointer), rule->value);
    json_decref(root);
    return is_so;
}

static void
say(long status, const char *body, size_t size, struct reason *ret)
{
    char shown[SHOWN_MOST + 1], line[SHOWN_MOST * 4 + 1];
    size_t n = size < SHOWN_MOST ? size : SHOWN_MOST;

    memcpy(shown, body, n);
    shown[n] = '\0';
    text_line(shown, line, sizeof(line));
    reason_set(ret, "HTTP %ld%s%s", status, line[0] != '\0' ? ": " : "", line);
}

enum answer_verdict
answer_judge(const struct answer_rule *rule, long status, const char *body, size_t size, struct reason *ret_words)
{
    say(status, body, size, ret_words);
    if (status >= 200 && status < 300) {
        if (rule->pointer->from == POINTER_NOWHERE || is_as_said(rule, body, size))
            return ANSWER_SENT;
        reason_prefix(ret_words, "no %s of \"%s\"", text_quote(rule->pointer->text, strlen(rule->pointer->text)).text,
                      text_quote(rule->value, strlen(rule->value)).text);
        return ANSWER_LATER;
    }
    return status >= 400 && status < 500 && status != 408 && status != 429 ? ANSWER_REFUSED : ANSWER_LATER;
}

int64_t
answer_wait_us(long status, int64_t retry_after_s)
{
    if ((status != 429 && status != 503) || retry_after_s <= 0)
        return 0;
    return (retry_after_s < WAIT_MOST_S ? retry_after_s : WAIT_MOST_S) * 1000000;
}
