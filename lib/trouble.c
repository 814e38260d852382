#include "trouble.h"

static enum trouble_word
tell(struct trouble *t, enum trouble_word word, int64_t now_us)
{
    t->told_us = now_us;
    return word;
}

static enum trouble_word
begin(struct trouble *t, int64_t now_us)
{
    t->is_told = true;
    t->begun_us = t->changed_us;
    return tell(t, TROUBLE_BEGUN, now_us);
}

enum trouble_word
trouble_step(struct trouble *t, const struct trouble_rule *rule, bool is_bad, int64_t now_us)
{
    if (t->is_bad != is_bad) {
        t->is_bad = is_bad;
        t->changed_us = now_us;
    }
    int64_t lasted_us = now_us - t->changed_us;
    if (!t->is_told)
        return is_bad && lasted_us >= rule->after_us ? begin(t, now_us) : TROUBLE_QUIET;
    if (!is_bad && lasted_us >= rule->calm_us) {
        t->is_told = false;
        return TROUBLE_OVER;
    }
    return is_bad && now_us - t->told_us >= rule->remind_us ? tell(t, TROUBLE_LASTS, now_us) : TROUBLE_QUIET;
}
