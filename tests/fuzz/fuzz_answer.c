/* WHERE <LF> VALUE <LF> STATUS <LF> BODY. What a gateway answers can say that it was sent only with 2xx and what the rule asks
 * for; and its words can be shown.
 */
#include "answer.h"
#include "lines.h"
#include "must.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { WHERE, VALUE, STATUS, BODY, LINES };
    char *line[LINES];
    struct pointer pointer = {0};
    struct reason words = {""}, why = {""};

    lines_take(bytes, size, line, LINES);
    bool is_rule = line[WHERE][0] == '/' && pointer_parse(line[WHERE], &pointer, &why);
    long status = strtol(line[STATUS], NULL, 10) % 1000;
    struct answer_rule rule = {&pointer, line[VALUE]};
    enum answer_verdict verdict = answer_judge(&rule, status, line[BODY], strlen(line[BODY]), &words);
    must_be_decent(words.text);
    must(verdict != ANSWER_SENT || (status >= 200 && status < 300), "sent with %ld", status);
    must(verdict != ANSWER_SENT || !is_rule || line[BODY][0] != '\0', "sent, and nothing said");
    must(verdict != ANSWER_REFUSED || (status >= 400 && status < 500), "refused with %ld", status);
    pointer_clear(&pointer);
    lines_clear(line, LINES);
    return 0;
}
