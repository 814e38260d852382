#include "journal_look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_own.h"
#include "text.h"

#define PIECE (1u << 20)

struct journal_look {
    struct journal journal; /* as far as it goes: a directory, segments, uuid; no lock, no file */
    struct look_segment *segment;
    struct block block;
};

/* ---- what is there ---- */

static void
look_at(struct journal_look *l, size_t index)
{
    struct journal *j = &l->journal;
    struct look_segment *s = &l->segment[index];
    struct stat st;

    s->first = s->end = j->segment[index].first;
    segment_name(s->first, s->name);
    if (fstatat(j->directory, s->name, &st, 0) == 0 && st.st_size > SEGMENT_HEADER) {
        s->bytes = (uint64_t)st.st_size;
        s->end = s->first + s->bytes - SEGMENT_HEADER;
    }
    if (segment_check(j, index, &s->fault)) {
        s->fault.text[0] = '\0';
    } else {
        const char *words = strstr(s->fault.text, "\": "); /* who is told knows which file */
        memmove(s->fault.text, words + 3, strlen(words + 3) + 1);
    }
    s->made = j->segment[index].made;
}

static bool
look(struct journal_look *l, const char *directory, struct reason *why)
{
    struct journal *j = &l->journal;

    j->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->directory < 0)
        return reason_set(why, "cannot open \"%s\": %s", directory, strerror(errno));
    if (!segment_list(j, why))
        return false;
    if (j->segments == 0)
        return reason_set(why, "\"%s\" holds no journal: there is no segment in it", directory);
    l->segment = calloc(j->segments, sizeof(*l->segment));
    if (l->segment == NULL)
        abort();
    for (size_t i = 0; i < j->segments; i++)
        look_at(l, i);
    return true;
}

struct journal_look *
journal_look_new(const char *directory, struct reason *why)
{
    struct journal_look *l = calloc(1, sizeof(*l));
    if (l == NULL)
        abort();
    l->journal.directory = l->journal.lock = l->journal.file = l->block.file = -1;
    l->journal.path = strdup(directory);
    if (l->journal.path == NULL)
        abort();
    if (look(l, directory, why))
        return l;
    journal_look_free(l);
    return NULL;
}

void
journal_look_free(struct journal_look *l)
{
    if (l == NULL)
        return;
    block_close(&l->block);
    if (l->journal.directory >= 0)
        close(l->journal.directory);
    free(l->journal.path);
    free(l->journal.segment);
    free(l->segment);
    free(l);
}

const char *
journal_look_uuid(const struct journal_look *l)
{
    return l->journal.uuid_text;
}

size_t
journal_look_segments(const struct journal_look *l)
{
    return l->journal.segments;
}

const struct look_segment *
journal_look_segment(const struct journal_look *l, size_t index)
{
    return &l->segment[index];
}

/* ---- reading a segment ---- */

static struct look_witness
witness(const struct record *r)
{
    struct look_witness w = {.is_there = true, .arrived = r->arrived};
    struct quoted topic = text_quote(r->topic, r->topic_size);
    snprintf(w.topic, sizeof(w.topic), "%.63s", topic.text);
    return w;
}

/* The whole file as it lies there, header and all. */
static int
digest_file(struct journal_look *l, const struct look_segment *s, void (*on_bytes)(void *self, uint64_t bytes), void *self,
            struct look_reading *ret)
{
    struct digest *d = digest_new();
    unsigned char *piece = malloc(PIECE);
    int error = 0;

    if (piece == NULL)
        abort();
    for (uint64_t at = 0; error == 0 && at < s->bytes; at += PIECE) {
        size_t size = s->bytes - at < PIECE ? (size_t)(s->bytes - at) : PIECE;
        error = file_read(l->block.file, piece, size, at);
        if (error != 0)
            break;
        digest_add(d, piece, size);
        on_bytes(self, size);
    }
    digest_end(d, ret->digest);
    digest_free(d);
    free(piece);
    return error;
}

/* What one walk over the records knows. */
struct walk {
    uint64_t at;
    bool is_last; /* the segment that may be written to */
    bool is_bad;  /* within a stretch that began at `bad_at` */
    uint64_t bad_at;
};

static void
end_stretch(const struct walk *w, uint64_t to, struct look_reading *ret)
{
    if (ret->bad++ > 0)
        return;
    ret->bad_at = w->bad_at;
    ret->bad_to = to;
}

static void
take_record(struct walk *w, const struct record *r, size_t size, struct look_reading *ret)
{
    bool is_message = r->kind == RECORD_MESSAGE;

    if (w->is_bad && w->is_last && r->durable <= w->bad_at) {
        w->at += size; /* nothing shows yet that what is before it was durable */
        return;
    }
    if (w->is_bad) {
        end_stretch(w, w->at, ret);
        w->is_bad = false;
    }
    if (is_message && ret->bad > 0 && !ret->after.is_there)
        ret->after = witness(r);
    if (is_message && ret->bad == 0)
        ret->before = witness(r);
    ret->messages += is_message;
    w->at += size;
    ret->end = w->at;
    if (is_message)
        ret->message_end = w->at;
}

static int
walk_records(struct journal_look *l, size_t index, struct look_reading *ret)
{
    const struct look_segment *s = &l->segment[index];
    bool is_last = index + 1 == l->journal.segments;
    uint64_t end = !is_last && s[1].first < s->end ? s[1].first : s->end;
    struct walk w = {.at = s->first, .is_last = is_last};

    ret->end = s->first;
    while (w.at < end) {
        struct record r;
        size_t size;
        switch (block_record(&l->block, l->journal.seed, w.at, end, &r, &size)) {
        case BLOCK_RECORD:
            take_record(&w, &r, size, ret);
            continue;
        case BLOCK_UNREADABLE:
            return errno;
        case BLOCK_BAD:
            break;
        }
        if (!w.is_bad)
            w.bad_at = w.at;
        w.is_bad = true;
        w.at += 8;
    }
    if (w.is_bad && !is_last) /* of the last one, an end that is still being written, or was torn and never durable */
        end_stretch(&w, end, ret);
    return 0;
}

enum look_read
journal_look_read(struct journal_look *l, size_t index, void (*on_bytes)(void *self, uint64_t bytes), void *self,
                  struct look_reading *ret, struct reason *why)
{
    const struct look_segment *s = &l->segment[index];

    *ret = (struct look_reading){0};
    if (!block_open(&l->block, &l->journal, s->first, why))
        return faccessat(l->journal.directory, s->name, F_OK, 0) != 0 ? LOOK_GONE : LOOK_UNREADABLE;
    int error = digest_file(l, s, on_bytes, self, ret);
    if (error == 0)
        error = walk_records(l, index, ret);
    if (error == 0)
        return LOOK_READ;
    reason_set(why, "cannot be read: %s", error == ENODATA ? "it has become shorter" : strerror(error));
    return LOOK_UNREADABLE;
}

/* ---- a message ---- */

bool
journal_look_message(struct journal_look *l, uint64_t position, struct record *ret, size_t *ret_index, struct reason *why)
{
    const struct journal *j = &l->journal;
    size_t index = segment_at(j, position);
    const struct look_segment *s = &l->segment[index];
    size_t size;

    if (position < s->first)
        return reason_set(why, "not kept any more: the journal begins at position %llu", (unsigned long long)s->first);
    if (position >= s->end)
        return reason_set(why, "no file holds it: \"%s\" ends at position %llu", s->name, (unsigned long long)s->end);
    if ((l->block.file < 0 || l->block.first != s->first) && !block_open(&l->block, j, s->first, why))
        return false;
    switch (block_record(&l->block, j->seed, position, s->end, ret, &size)) {
    case BLOCK_RECORD:
        *ret_index = index;
        return ret->kind == RECORD_MESSAGE || reason_set(why, "\"%s\": there is a mark and no message", s->name);
    case BLOCK_BAD:
        return reason_set(why, "\"%s\": it does not read as it was written", s->name);
    case BLOCK_UNREADABLE:
        return reason_set(why, "cannot read \"%s\": %s", s->name, strerror(errno));
    }
    return false;
}
