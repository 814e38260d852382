#include "watch.h"

#include <assert.h>
#include <math.h>

const char *const watch_phase_name[] = {
    [WATCH_QUIET] = "quiet",
    [WATCH_PENDING] = "pending",
    [WATCH_OPEN] = "open",
};

static bool
is_in_force(const struct watch_rule *rule, struct instant at)
{
    return at.us >= rule->valid_from.us && at.us < rule->valid_to.us;
}

/* How far past the bound; not above 0 if the value complies. A missing bound is infinitely far away. */
static double
excess(const struct watch_rule *rule, double value)
{
    return fmax(value - rule->upper, rule->lower - value);
}

static bool
is_clear(const struct watch_rule *rule, double value)
{
    return value <= rule->upper_clear && value >= rule->lower_clear;
}

static void
be_quiet(struct watch_state *s, struct instant at)
{
    *s = (struct watch_state){.phase = WATCH_QUIET, .last = at};
}

static void
count_over(const struct watch_rule *rule, struct watch_state *s, double value, struct instant at,
           uint64_t position)
{
    if (s->count < INT32_MAX)
        s->count++;
    s->last_position = position;
    if (excess(rule, value) <= excess(rule, s->worst))
        return;
    s->worst = value;
    s->worst_at = at;
    s->worst_position = position;
}

static enum watch_step
begin(const struct watch_rule *rule, struct watch_state *s, double value, struct instant at,
      uint64_t position)
{
    *s = (struct watch_state){
        .phase = rule->hold_us > 0 ? WATCH_PENDING : WATCH_OPEN,
        .last = at,
        .since = at,
        .worst = value,
        .worst_at = at,
        .first_position = position,
        .worst_position = position,
        .last_position = position,
        .count = 1,
    };
    return s->phase == WATCH_OPEN ? WATCH_OPENED : WATCH_ENTERED;
}

static enum watch_step
close_breach(struct watch_state *s, struct instant at, struct watch_state *ret_closed)
{
    *ret_closed = *s;
    be_quiet(s, at);
    return WATCH_CLOSED;
}

/* A reading for which the limit does not hold. */
static enum watch_step
run_out(struct watch_state *s, struct instant at, struct watch_state *ret_closed)
{
    enum watch_phase phase = s->phase;

    if (phase == WATCH_OPEN)
        return close_breach(s, at, ret_closed);
    be_quiet(s, at);
    return phase == WATCH_PENDING ? WATCH_ENTERED : WATCH_SAME;
}

enum watch_step
watch_step(const struct watch_rule *rule, struct watch_state *state, double value, struct instant at,
           uint64_t position, struct watch_state *ret_closed)
{
    assert(!isnan(value));
    if (at.us <= state->last.us)
        return WATCH_SAME;
    if (!is_in_force(rule, at))
        return run_out(state, at, ret_closed);

    bool is_over = value > rule->upper || value < rule->lower;
    switch (state->phase) {
    case WATCH_QUIET:
        if (is_over)
            return begin(rule, state, value, at, position);
        break;
    case WATCH_PENDING:
        if (!is_over) {
            be_quiet(state, at);
            return WATCH_ENTERED;
        }
        count_over(rule, state, value, at, position);
        if (at.us - state->since.us >= rule->hold_us) {
            state->phase = WATCH_OPEN;
            state->last = at;
            return WATCH_OPENED;
        }
        break;
    case WATCH_OPEN:
        if (is_over)
            count_over(rule, state, value, at, position);
        else if (is_clear(rule, value))
            return close_breach(state, at, ret_closed);
        break;
    }
    state->last = at;
    return WATCH_SAME;
}

/* Where the breach that `at` closed has its end; `last` is the instant judged before. */
static struct instant
end_of(const struct watch_rule *rule, struct instant last, struct instant at)
{
    if (is_in_force(rule, at))
        return at;
    bool is_between = rule->valid_to.us > last.us && rule->valid_to.us <= at.us;
    return is_between ? rule->valid_to : last;
}

enum watch_step
watch_value(struct watch *w, struct watch_list *touched, double value, struct instant at, uint64_t position,
            struct episode *ret_closed)
{
    if (at.us <= w->now.last.us)
        return WATCH_SAME;
    if (!w->is_touched) {
        w->is_touched = true;
        w->touched = touched->first;
        touched->first = w;
    }

    struct watch_state closed;
    enum watch_step step = watch_step(&w->rule, &w->now, value, at, position, &closed);
    if (step == WATCH_CLOSED) {
        *ret_closed = (struct episode){
            .limit_id = w->rule.limit_id,
            .series_id = w->series_id,
            .state = closed,
            .is_closed = true,
            .closed = end_of(&w->rule, closed.last, at),
        };
    }
    return step;
}

bool
watch_must_store(const struct watch *w)
{
    return w->now.phase != WATCH_QUIET || w->kept.phase != WATCH_QUIET;
}

/* Takes the first watch off the list; NULL if there is none. */
static struct watch *
pop(struct watch_list *touched)
{
    struct watch *w = touched->first;

    if (w == NULL)
        return NULL;
    touched->first = w->touched;
    w->touched = NULL;
    w->is_touched = false;
    return w;
}

void
watch_keep(struct watch_list *touched)
{
    for (struct watch *w; (w = pop(touched)) != NULL;)
        w->kept = w->now;
}

void
watch_back(struct watch_list *touched)
{
    for (struct watch *w; (w = pop(touched)) != NULL;)
        w->now = w->kept;
}
