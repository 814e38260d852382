#include "batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "copy_row.h"
#include "form.h"

void
batch_clear(struct batch *b)
{
    buf_clear(&b->samples);
    buf_clear(&b->merges);
    buf_clear(&b->touches);
    buf_clear(&b->statements);
    buf_clear(&b->rejects);
    buf_clear(&b->episodes);
    buf_clear(&b->states);
    message_clear(&b->message);
    tally_clear(&b->tally);
    origins_clear(&b->origins);
}

static void
begin_copy(struct buf *b)
{
    buf_empty(b);
    copy_begin(b);
}

void
batch_begin(struct batch *b, const struct conf *conf, bool merges_all, struct instant by)
{
    tally_begin(&b->tally, conf);
    b->number++;
    if (by.us < b->by.us || b->number == 1)
        b->trusted = b->number;
    b->by = by;
    b->relied = (struct instant){INT64_MAX};
    begin_copy(&b->samples);
    begin_copy(&b->merges);
    begin_copy(&b->touches);
    begin_copy(&b->statements);
    begin_copy(&b->rejects);
    begin_copy(&b->episodes);
    begin_copy(&b->states);
    b->messages = b->bytes = b->readings = b->origins.count = 0;
    b->sample_rows = b->merge_rows = b->touch_rows = b->statement_rows = b->reject_rows = b->episode_rows = b->state_rows = 0;
    b->merges_all = merges_all;
    b->missing = b->ahead = (struct months){0};
    b->is_under_way = false;
    b->touched = (struct watch_list){0};
}

/* Who the topic says sent it: unproven, but with an access list the broker has seen to the plant. */
static struct span
source_of(const struct topic_names *names)
{
    if (names->plant.at != NULL)
        return names->plant;
    return names->monitor.at != NULL ? names->monitor : names->agency;
}

static void
reject(struct batch *b, int16_t journal_id, const struct record *record, const struct topic_names *names,
       const char *reason, size_t faults, size_t kept)
{
    copy_reject(&b->rejects, journal_id, record, reason, faults, kept, source_of(names));
    b->reject_rows++;
    if (b->on_reject != NULL)
        b->on_reject(b->self, record, reason, kept);
}

static void
watch_value_of(struct batch *b, int16_t journal_id, struct watch *first, double value, struct instant at, uint64_t position)
{
    for (struct watch *w = first; w != NULL; w = w->next) {
        struct episode closed;
        if (watch_value(w, &b->touched, value, at, position, &closed) != WATCH_CLOSED)
            continue;
        copy_episode(&b->episodes, journal_id, &closed);
        b->episode_rows++;
    }
}

static void
watch_sample(struct batch *b, const struct catalogue *catalogue, int16_t journal_id, const struct sample *s,
             uint64_t position)
{
    for (uint16_t slot = 0; slot < s->slots && slot < s->feed->watched; slot++) {
        struct watch *first = s->feed->watches[slot];
        if (first == NULL || isnan(s->value[slot]))
            continue;
        if (strchr(catalogue->valid_marks, s->mark[slot]) == NULL)
            continue;
        watch_value_of(b, journal_id, first, s->value[slot], s->at, position);
    }
}

/* Two memories a feed: a backlog that comes between live messages does not make a row of each. */
static void
touch_hour(struct batch *b, int16_t journal_id, const struct sample *s, const char *broker)
{
    struct instant hour = instant_hour(s->at, s->feed->monitor->zone_s);
    struct instant end = {hour.us + INSTANT_HOUR_US};
    bool is_running = end.us > b->by.us;
    struct touch *known = is_running ? &s->feed->running : &s->feed->over;

    if (known->hour.us == hour.us && known->batch >= (is_running ? b->trusted : b->number)) {
        if (known->batch < b->number && end.us < b->relied.us)
            b->relied = end;
        return;
    }
    *known = (struct touch){hour, b->number};
    copy_touch(&b->touches, journal_id, s->feed->feed_id, hour, broker);
    b->touch_rows++;
}

/* In time order an instant is new, and its row goes straight into the table if that can take it. One at or before the feed's newest
 * may be there already, and what says it is a reissue should be: its row is merged, after the straight ones. */
static void
add_row(struct batch *b, int16_t journal_id, uint64_t position, const struct sample *s, bool has_place)
{
    bool is_new = s->at.us > s->feed->last.us;

    if (is_new)
        s->feed->last = s->at;
    if (is_new && !s->is_reissue && !b->merges_all && has_place) {
        copy_sample(&b->samples, journal_id, position, s);
        b->sample_rows++;
    } else {
        copy_incoming_sample(&b->merges, journal_id, position, s);
        origins_note(&b->origins, position, b->feed);
        b->merge_rows++;
    }
    b->readings += s->readings;
}

static void
take_sample(struct batch *b, const struct catalogue *catalogue, int16_t journal_id, uint64_t position, const char *broker)
{
    struct sample *s = &b->sample;
    int month = instant_month(s->at);
    bool has_partition = months_has(&catalogue->partitions, month) || months_has(&b->ahead, month);

    if (!has_partition)
        months_add(&b->missing, month);
    add_row(b, journal_id, position, s, has_partition || !b->is_under_way);
    touch_hour(b, journal_id, s, broker);
    watch_sample(b, catalogue, journal_id, s, position);
}

static struct tally_counts *
counts_of(struct batch *b, const struct conf *conf, const struct conf_feed *feed)
{
    return &b->tally.feed[feed != NULL ? (size_t)(feed - conf->feed) : b->tally.feeds];
}

/* A statement is stored by the database, or refused by it. */
static void
count(struct tally_counts *counts, const struct message *m, bool is_statement, size_t readings)
{
    counts->readings += readings;
    counts->stored += readings > 0 || is_statement;
    counts->rejects[m->first_kind] += m->faults > 0;
}

void
batch_take(struct batch *b, const struct conf *conf, const struct catalogue *catalogue, int16_t journal_id,
           const struct record *record)
{
    struct message *m = &b->message;
    struct topic_names names = {0};
    struct reason why;
    size_t kept = b->readings;

    b->messages++;
    b->bytes += record_size(record);
    const struct conf_feed *feed =
        conf_find_feed(conf, record->broker, record->broker_size, record->topic, record->topic_size, &names);
    struct tally_counts *counts = counts_of(b, conf, feed);
    b->feed = (size_t)(counts - b->tally.feed);
    counts->messages++;
    if (feed == NULL) {
        topic_refuse(record->topic, record->topic_size, &why);
        reject(b, journal_id, record, &names, why.text, 1, 0);
        counts->rejects[FAULT_TOPIC]++;
        return;
    }
    m->profile = feed->profile;
    if (!form_read(feed->form, record, names.monitor.at != NULL, m, &why)) {
        reject(b, journal_id, record, &names, why.text, 1, 0);
        counts->rejects[FAULT_PAYLOAD]++;
        return;
    }
    if (feed->form->is_statement) {
        copy_statement(&b->statements, journal_id, record, names.agency);
        b->statement_rows++;
    }
    for (size_t i = 0; i < m->measurements; i++) {
        if (sample_make(catalogue->registry, &names, &feed->window, record->arrived, m, i, &b->sample))
            take_sample(b, catalogue, journal_id, record->position, feed->broker->name);
    }
    count(counts, m, feed->form->is_statement, b->readings - kept);
    if (m->faults > 0)
        reject(b, journal_id, record, &names, m->first_fault.text, m->faults, b->readings - kept);
}

void
batch_refuse(struct batch *b, const struct conf *conf, int16_t journal_id, const struct record *record, const char *reason)
{
    struct topic_names names;
    const struct conf_feed *feed =
        conf_find_feed(conf, record->broker, record->broker_size, record->topic, record->topic_size, &names);
    struct tally_counts *counts = counts_of(b, conf, feed);

    counts->messages++;
    counts->rejects[FAULT_DATABASE]++;
    b->messages++;
    b->bytes += record_size(record);
    reject(b, journal_id, record, &(struct topic_names){0}, reason, 1, 0);
}

void
batch_go_on(struct batch *b)
{
    b->is_under_way = true;
    b->ahead = b->missing;
}

/* An open breach is told as it stands; what is not quiet, or was not, is what a restart must find. */
static void
end_watch(struct batch *b, int16_t journal_id, const struct watch *w)
{
    if (w->now.phase == WATCH_OPEN) {
        struct episode open = {.limit_id = w->rule.limit_id, .series_id = w->series_id, .state = w->now};
        copy_episode(&b->episodes, journal_id, &open);
        b->episode_rows++;
    }
    if (watch_must_store(w)) {
        copy_watch_state(&b->states, w);
        b->state_rows++;
    }
}

void
batch_end(struct batch *b, int16_t journal_id)
{
    for (struct watch *w = b->touched.first; w != NULL; w = w->touched)
        end_watch(b, journal_id, w);
    copy_end(&b->samples);
    copy_end(&b->merges);
    copy_end(&b->touches);
    copy_end(&b->statements);
    copy_end(&b->rejects);
    copy_end(&b->episodes);
    copy_end(&b->states);
}

void
batch_found(struct batch *b, const char *positions, const char *readings)
{
    char *next, *count;
    for (size_t i = 0; i <= b->tally.feeds; i++)
        b->tally.feed[i].duplicates = 0;
    for (; *positions != '\0'; positions = next, readings = count) {
        const struct origin *o = origins_find(&b->origins, strtoull(positions, &next, 10));
        unsigned long long found = strtoull(readings, &count, 10);
        if (next == positions || count == readings)
            return;
        if (o != NULL)
            b->tally.feed[o->feed].duplicates += found;
    }
}

void
batch_carry(struct batch *b, const struct conf *before, const struct conf *now)
{
    if (b->tally.feed == NULL)
        return;
    tally_carry(&b->tally, before, now);
    origins_carry(&b->origins, before, now);
}

bool
batch_is_late(const struct batch *b, struct instant now)
{
    return now.us >= b->relied.us;
}

void
batch_kept(struct batch *b)
{
    watch_keep(&b->touched);
}

void
batch_back(struct batch *b)
{
    watch_back(&b->touched);
    if (b->touch_rows > 0 || b->relied.us != INT64_MAX)
        b->trusted = b->number + 1;
}
