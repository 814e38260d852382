#include "form_target.h"

#include <math.h>

#include "batch.h"
#include "copy_check.h"
#include "form.h"
#include "must.h"

#define ARRIVED_US INT64_C(1604276229000000) /* 2020-11-02 00:17:09Z */
#define PAST_US (30 * INT64_C(86400000000))
#define FUTURE_US INT64_C(600000000)

/* ---- the decoder alone ---- */

static void
check_measurement(const struct message *m, const struct measurement *me)
{
    unsigned sum = must_be_readable(me->monitor.at, me->monitor.size) + must_be_readable(me->time.at, me->time.size);
    must(me->first <= m->readings && me->count <= m->readings - me->first, "readings %zu from %zu", me->count, me->first);
    must(me->period < PERIODS && sum < UINT32_MAX, "period %d", me->period);
    for (const struct reading *r = m->reading + me->first; r < m->reading + me->first + me->count; r++) {
        must(!isinf(r->value), "reading \"%.*s\"", (int)r->name.size, r->name.at);
        must(must_be_readable(r->name.at, r->name.size) + must_be_readable(r->unit.at, r->unit.size) < UINT32_MAX, "sum");
    }
}

static void
check_decoded(const struct form *form, const struct message *m)
{
    must(m->readings <= MESSAGE_READINGS_MOST, "%zu readings", m->readings);
    must(m->measurements > 0 || m->faults > 0 || form->is_statement, "nothing came of it");
    must(!form->is_statement || m->measurements + m->readings == 0, "a statement is no measurement");
    for (size_t i = 0; i < m->measurements; i++)
        check_measurement(m, &m->measurement[i]);
    if (m->faults > 0)
        must_be_decent(m->first_fault.text);
}

static void
decode(const struct form *form, const struct profile *profile, const uint8_t *bytes, size_t size, bool is_named)
{
    struct message m = {.arrived = {ARRIVED_US}, .is_named = is_named, .profile = profile};
    struct reason why = {""};

    if (form->decode(bytes, size, &m, &why)) {
        check_decoded(form, &m);
    } else {
        must_be_decent(why.text);
        must(m.measurements + m.readings + m.faults == 0 && m.tree == NULL, "refused, and something left");
    }
    message_clear(&m);
}

/* ---- as the writer takes it ---- */

struct stage {
    const struct conf *conf;
    struct catalogue *catalogue;
    struct batch batch;
};

static void
stage_registry(struct registry *r)
{
    static const char *const codes[] = {"M1", "88888880000001", "urn:dev:ow:10e2073a01080063"};
    static const char *const names[] = {"a21002", "a21026", "a34013", "a24088", "w01018", "temperature", "a21026-Max"};
    int32_t id = 1;

    registry_add_name(r, "02", "a21026");
    registry_add_name(r, "SO2", "a21026");
    for (size_t c = 0; c < 3; c++) {
        struct monitor *m = registry_add_monitor(r, codes[c], "P1", "north", 28800);
        for (int p = 0; p < PERIODS; p++) {
            struct feed *f = registry_add_feed(r, m, id++, (enum period)p);
            f->last = INSTANT_NEVER;
            for (uint16_t s = 0; s < 7; s++)
                registry_add_slot(r, f, s, names[s], s == 5 ? "Cel" : "mg/m3");
        }
    }
}

/* How a payload is read, and what of. */
struct way {
    const char *form, *profiles, *profile; /* a part of the configuration, and a name in it; "" and NULL without */
    const char *template, *topic;
};

/* Read once: nothing changes it. */
static const struct conf *
conf_for(const struct way *w)
{
    static struct {
        const char *template, *profile;
        struct conf *conf;
    } known[64];
    char text[4096];
    struct reason why;
    size_t i = 0;

    while (known[i].template != NULL && (strcmp(known[i].template, w->template) != 0 || known[i].profile != w->profile))
        i++;
    if (known[i].template != NULL)
        return known[i].conf;
    snprintf(text, sizeof(text),
             "broker \"b\" { host = \"127.0.0.1\" }\n%s\n"
             "feed \"f\" { topic = \"%s\" form = \"%s\" %s%s past = \"30d\" future = \"10min\" }\n",
             w->profiles, w->template, w->form, w->profile != NULL ? "profile = " : "", w->profile != NULL ? w->profile : "");
    known[i].template = w->template;
    known[i].profile = w->profile;
    known[i].conf = conf_parse("fuzz", text, &why);
    must(known[i].conf != NULL, "%s", why.text);
    return known[i].conf;
}

/* Read once: nothing changes them. */
static const struct unit_system *
units(void)
{
    static struct unit_system *known;
    struct reason why;

    if (known == NULL)
        known = unit_system_new(&why);
    must(known != NULL, "%s", why.text);
    return known;
}

static void
stage_begin(struct stage *s, const struct way *w)
{
    *s = (struct stage){.conf = conf_for(w)};
    s->catalogue = catalogue_new();
    registry_use_units(s->catalogue->registry, units());
    stage_registry(s->catalogue->registry);
    strcpy(s->catalogue->valid_marks, "N");
    batch_begin(&s->batch, s->conf, false, (struct instant){ARRIVED_US});
}

static void
stage_end(struct stage *s)
{
    batch_clear(&s->batch);
    catalogue_free(s->catalogue);
}

static void
take(struct stage *s, const char *topic, const uint8_t *bytes, size_t size)
{
    struct record r = {.position = 64, .arrived = {ARRIVED_US}, .kind = RECORD_MESSAGE, .broker = "b", .broker_size = 1,
                       .topic = topic, .topic_size = strlen(topic), .payload = bytes, .payload_size = size};
    batch_take(&s->batch, s->conf, s->catalogue, 3, &r);
}

/* feed_id, journal_id, at, position, value, mark, and of a merge is_reissue: how many values. */
static size_t
check_sample(const struct copy_rows *r)
{
    size_t values;
    int64_t at = copy_instant_us(&r->column[2]);
    size_t slots = copy_floats(&r->column[4], &values);

    must(copy_integer(&r->column[0], 4) > 0 && copy_integer(&r->column[1], 2) == 3, "whose it is");
    must(at <= ARRIVED_US + FUTURE_US && at >= ARRIVED_US - PAST_US, "at %lld", (long long)at);
    must(copy_integer(&r->column[3], 8) == 64, "position");
    must(slots >= 1 && slots <= 7, "%zu slots", slots);
    must(r->column[5].is_null || r->column[5].size == slots, "%zu marks of %zu", r->column[5].size, slots);
    if (!r->column[5].is_null)
        copy_text(&r->column[5]);
    return values;
}

static size_t
check_samples(const struct buf *b, size_t columns, size_t *ret_values)
{
    struct copy_rows r;
    size_t rows = 0;
    copy_rows_begin(&r, b, columns);
    for (; copy_rows_next(&r); rows++) {
        *ret_values += check_sample(&r);
        must(columns < 7 || (r.column[6].size == 1 && r.column[6].at[0] <= 1), "neither true nor false");
    }
    return rows;
}

/* journal_id, position, arrived, broker, topic, payload, reason, faults, kept, source */
static size_t
check_rejects(const struct buf *b, const uint8_t *bytes, size_t size)
{
    struct copy_rows r;
    char reason[4 * REASON_SIZE];
    size_t rows = 0;
    copy_rows_begin(&r, b, 10);
    for (; copy_rows_next(&r); rows++) {
        const struct copy_column *why = &r.column[6];
        must(r.column[5].size == size && (size == 0 || memcmp(r.column[5].at, bytes, size) == 0), "its bytes");
        for (int i = 3; i < 7; i++) {
            if (i != 5)
                copy_text(&r.column[i]);
        }
        if (!r.column[9].is_null)
            copy_text(&r.column[9]);
        must(why->size < sizeof(reason), "a reason of %zu bytes", why->size);
        memcpy(reason, why->at, why->size);
        reason[why->size] = '\0';
        must_be_decent(reason);
        must(copy_integer(&r.column[7], 4) > 0 && copy_integer(&r.column[8], 4) >= 0, "faults and kept");
    }
    return rows;
}

/* journal_id, position, arrived, broker, topic, agency, payload */
static size_t
check_statements(const struct buf *b)
{
    struct copy_rows r;
    size_t rows = 0;
    copy_rows_begin(&r, b, 7);
    for (; copy_rows_next(&r); rows++) {
        for (int i = 3; i < 7; i++)
            copy_text(&r.column[i]);
    }
    return rows;
}

static void
check_batch(struct batch *b, const uint8_t *bytes, size_t size)
{
    size_t values = 0;
    batch_end(b, 3);
    must(check_samples(&b->samples, 6, &values) == b->sample_rows, "%zu samples", b->sample_rows);
    must(check_samples(&b->merges, 7, &values) == b->merge_rows, "%zu merges", b->merge_rows);
    must(check_rejects(&b->rejects, bytes, size) == b->reject_rows, "%zu rejects", b->reject_rows);
    must(check_statements(&b->statements) == b->statement_rows, "%zu statements", b->statement_rows);
    must(values == b->readings, "%zu values of %zu readings", values, b->readings);
}

/* Whatever comes is a row, and the same again brings no new one, but says the same once more. */
static void
run(const struct way *w, const uint8_t *bytes, size_t size)
{
    struct stage s;
    stage_begin(&s, w);
    take(&s, w->topic, bytes, size);
    struct batch first = s.batch;
    must(first.sample_rows + first.merge_rows + first.reject_rows + first.statement_rows > 0, "nothing came of it");
    must(first.reject_rows <= 1 && first.statement_rows <= 1, "%zu rejects", first.reject_rows);
    take(&s, w->topic, bytes, size);
    must(s.batch.sample_rows == first.sample_rows, "%zu samples, then %zu", first.sample_rows, s.batch.sample_rows);
    must(s.batch.merge_rows == 2 * first.merge_rows + first.sample_rows, "%zu merges", s.batch.merge_rows);
    must(s.batch.reject_rows == 2 * first.reject_rows, "%zu rejects, then %zu", first.reject_rows, s.batch.reject_rows);
    must(s.batch.statement_rows == 2 * first.statement_rows, "%zu statements", s.batch.statement_rows);
    check_batch(&s.batch, bytes, size);
    stage_end(&s);
}

void
form_target(const char *form, const uint8_t *bytes, size_t size)
{
    decode(form_find(form), NULL, bytes, size, true);
    decode(form_find(form), NULL, bytes, size, false);
    if (form_find(form)->is_statement) {
        run(&(struct way){form, "", NULL, "indicators/{agency}", "indicators/bee"}, bytes, size);
        return;
    }
    run(&(struct way){form, "", NULL, "plants/{region}/{plant}/{monitor}", "plants/north/P1/88888880000001"}, bytes, size);
    run(&(struct way){form, "", NULL, "gateway/#", "gateway/7"}, bytes, size);
}

void
form_target_by(const char *text, const char *name, const uint8_t *bytes, size_t size)
{
    struct way w = {"json", text, name, "gateway/#", "gateway/7"};
    const struct profile *profile = conf_find_profile(conf_for(&w), name);
    struct buf id = {0};

    decode(form_find("json"), profile, bytes, size, true);
    run(&w, bytes, size);
    form_identify(form_find("json"), profile, bytes, size, &id);
    must(id.size <= FORM_IDS_MOST && text_is_utf8(id.at != NULL ? (const char *)id.at : "", id.size), "an id of %zu bytes", id.size);
    buf_clear(&id);
}
