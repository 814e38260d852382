#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "ctl.h"
#include "ctl_option.h"
#include "journal_look.h"
#include "log.h"
#include "progress.h"
#include "settings.h"
#include "sql.h"
#include "table.h"
#include "verify.h"

struct options {
    const char *file;
    bool is_json;
    uint64_t from;
    bool has_head;
    unsigned char head[DIGEST_SIZE];
};

/* What both commands look at. */
struct view {
    struct conf *conf;
    struct loop *loop;
    struct journal_look *look;
    struct chain chain;
    bool has_chain;
    struct reason taken; /* why the rows were no good; "" if they are */
};

/* ---- asking ---- */

static void
take_rows(void *self, const struct pg_result *r)
{
    struct view *v = self;
    v->has_chain = chain_take(&v->chain, journal_look_uuid(v->look), r, &v->taken);
}

static bool
ask(struct view *v, struct reason *why)
{
    const char *values[] = {journal_look_uuid(v->look)};

    if (values[0][0] == '\0')
        return reason_set(why, "no segment has a header that can be read: which journal this is is not known");
    v->taken.text[0] = '\0';
    if (!ctl_ask(v->loop, v->conf, sql_read_segments, 1, values, take_rows, v, why))
        return false;
    if (!v->has_chain)
        *why = v->taken;
    return v->has_chain;
}

/* The files are looked at once more after the rows were read: a row whose file is not there yet would be taken for one
 * whose file is missing. `ret_unasked`: why there are no rows. */
static bool
view_open(struct view *v, const struct options *o, struct reason *ret_unasked, struct reason *why)
{
    *v = (struct view){.conf = settings_read(o->file, why)};
    if (v->conf == NULL)
        return false;
    v->look = journal_look_new(v->conf->journal.directory, why);
    if (v->look == NULL)
        return false;
    v->loop = loop_new();
    ask(v, ret_unasked);
    journal_look_free(v->look);
    v->look = journal_look_new(v->conf->journal.directory, why);
    return v->look != NULL;
}

static void
view_close(struct view *v)
{
    chain_clear(&v->chain);
    journal_look_free(v->look);
    if (v->loop != NULL)
        loop_free(v->loop);
    conf_free(v->conf);
}

/* ---- JSON ---- */

static void
json_text(const char *text)
{
    putchar('"');
    for (const unsigned char *t = (const unsigned char *)text; *t != '\0'; t++) {
        if (*t == '"' || *t == '\\')
            printf("\\%c", *t);
        else if (*t < 0x20)
            printf("\\u%04x", *t);
        else
            putchar(*t);
    }
    putchar('"');
}

/* ---- ls ---- */

static const struct table_column columns[] = {
    {"first", 0, true}, {"end", 0, true}, {"bytes", 0, true}, {"closed", 0, false}, {"state", 0, false}, {"SHA-256", 0, false}};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct line {
    char first[24], end[24], bytes[24], closed[INSTANT_TEXT], digest[DIGEST_TEXT];
    const char *state;
};

static struct line
line_of(const struct view *v, size_t index)
{
    const struct look_segment *s = journal_look_segment(v->look, index);
    const struct chain_row *row = v->has_chain ? chain_find(&v->chain, s->first) : NULL;
    struct line l = {.state = "open"};

    snprintf(l.first, sizeof(l.first), "%" PRIu64, s->first);
    snprintf(l.end, sizeof(l.end), "%" PRIu64, s->end);
    snprintf(l.bytes, sizeof(l.bytes), "%" PRIu64, s->bytes);
    if (index + 1 < journal_look_segments(v->look)) {
        instant_format(journal_look_segment(v->look, index + 1)->made, l.closed);
        l.state = row != NULL ? "recorded" : v->has_chain && s->end <= v->chain.stored ? "stored" : "closed";
    }
    if (row != NULL)
        digest_text(row->digest, l.digest);
    return l;
}

static void
print_table(const struct view *v)
{
    struct buf out = {0};
    struct table t;

    table_init(&t, columns, COLUMNS);
    for (size_t i = 0; i < journal_look_segments(v->look); i++) {
        struct line l = line_of(v, i);
        const char *cell[COLUMNS] = {l.first, l.end, l.bytes, l.closed, l.state, l.digest};
        table_add(&t, cell);
    }
    table_write(&t, &out);
    fwrite(out.at, 1, out.size, stdout);
    buf_clear(&out);
    table_clear(&t);
}

static void
print_json(const struct view *v)
{
    printf("{\"journal\": \"%s\", \"asked\": %s, \"segments\": [", journal_look_uuid(v->look), v->has_chain ? "true" : "false");
    for (size_t i = 0; i < journal_look_segments(v->look); i++) {
        struct line l = line_of(v, i);
        printf("%s\n {\"file\": \"%s\", \"first\": %s, \"end\": %s, \"bytes\": %s, \"closed\": ", i > 0 ? "," : "",
               journal_look_segment(v->look, i)->name, l.first, l.end, l.bytes);
        printf(l.closed[0] != '\0' ? "\"%s\"" : "null", l.closed);
        printf(", \"state\": \"%s\", \"sha256\": ", l.state);
        printf(l.digest[0] != '\0' ? "\"%s\"}" : "null}", l.digest);
    }
    printf("]}\n");
}

static int
list(const struct options *o)
{
    struct reason why, unasked;
    struct view v;
    bool ok = view_open(&v, o, &unasked, &why);

    if (ok && !v.has_chain)
        log_warning("%s; what is stored and recorded is not known", unasked.text);
    if (ok && o->is_json)
        print_json(&v);
    else if (ok)
        print_table(&v);
    view_close(&v);
    return ok ? 0 : ctl_fail(why.text);
}

/* ---- verify ---- */

struct shown {
    const struct options *options;
    struct loop *loop;
    struct progress progress;
    uint64_t done, all;
    uint64_t faults;
};

static void
on_bytes(void *self, uint64_t bytes)
{
    struct shown *s = self;
    s->done += bytes;
    struct progress_state state = {
        .what = "verify", .part = s->all > 0 ? (double)s->done / (double)s->all : 1, .bytes = s->done};
    progress_show(&s->progress, loop_ticks(s->loop), &state);
}

static void
on_fault(void *self, const char *where, uint64_t position, const char *what)
{
    struct shown *s = self;

    progress_end(&s->progress);
    if (!s->options->is_json) {
        printf("%s: position %" PRIu64 ": %s\n", where, position, what);
    } else {
        printf("%s\n {\"where\": \"%s\", \"position\": %" PRIu64 ", \"what\": ", s->faults > 0 ? "," : "", where, position);
        json_text(what);
        printf("}");
    }
    s->faults++;
}

static void
print_end(const struct view *v, const struct options *o, const struct verify_counts *c)
{
    char chain[DIGEST_TEXT] = "";
    if (v->has_chain && v->chain.rows > 0)
        digest_text(v->chain.row[v->chain.rows - 1].chain, chain);
    if (o->is_json) {
        printf("],\n \"segments\": %" PRIu64 ", \"recorded\": %" PRIu64 ", \"messages\": %" PRIu64 ", \"from\": %" PRIu64
               ", \"to\": %" PRIu64 ", \"asked\": %s, \"chain\": ", c->segments, c->recorded, c->messages, c->from, c->to,
               v->has_chain ? "true" : "false");
        printf(chain[0] != '\0' ? "\"%s\"" : "null", chain);
        printf(", \"whole\": %s}\n", c->faults == 0 && v->has_chain ? "true" : "false");
        return;
    }
    printf("%s: %" PRIu64 " segments, %" PRIu64 " messages, positions %" PRIu64 " to %" PRIu64, c->faults > 0 ? "altered" : "whole",
           c->segments, c->messages, c->from, c->to);
    if (v->has_chain)
        printf("; %" PRIu64 " of them recorded, %" PRIu64 " closed and not yet", c->recorded, c->unrecorded);
    printf("\n");
    if (chain[0] != '\0')
        printf("chain up to position %" PRIu64 ": %s\n", chain_end(&v->chain), chain);
}

static int
verify_view(struct view *v, const struct options *o, const struct reason *unasked)
{
    static const struct verify_calls calls = {.on_fault = on_fault, .on_bytes = on_bytes};
    struct verify_wish wish = {.from = o->from,
                               .head = o->has_head ? o->head : NULL,
                               .now = loop_now(v->loop),
                               .retention_us = v->conf->journal.retention_us,
                               .size_bytes = v->conf->journal.size_bytes};
    struct shown s = {.options = o, .loop = v->loop, .all = verify_bytes(v->look, o->from)};

    if (o->is_json)
        printf("{\"journal\": \"%s\", \"faults\": [", journal_look_uuid(v->look));
    progress_begin(&s.progress, loop_ticks(v->loop));
    struct verify_counts c = verify_run(v->look, v->has_chain ? &v->chain : NULL, &wish, &calls, &s);
    progress_end(&s.progress);
    print_end(v, o, &c);
    if (!v->has_chain)
        log_error("%s; the files were held against nothing that is recorded", unasked->text);
    return c.faults == 0 && v->has_chain ? 0 : 1;
}

static int
verify(const struct options *o)
{
    struct reason why, unasked;
    struct view v;

    bool ok = view_open(&v, o, &unasked, &why);
    int status = ok ? verify_view(&v, o, &unasked) : ctl_fail(why.text);
    view_close(&v);
    return status;
}

static bool
take_head(void *into, const char *text)
{
    struct options *o = into;
    return o->has_head = digest_read(text, o->head);
}

static const struct ctl_option option[] = {
    {"", 'c', OPTION_WORD, true, .at = offsetof(struct options, file)},
    {"json", 'j', OPTION_FLAG, false, .at = offsetof(struct options, is_json)},
    {"from", 'f', OPTION_COUNT, false, .at = offsetof(struct options, from), .most = INT64_MAX},
    {"head", 'h', OPTION_READ, false, .read = take_head},
    {0}};

static int
run(const char *file, int argc, char **argv)
{
    struct options o = {.file = file};
    bool is_verify = argc > 1 && strcmp(argv[1], "verify") == 0;

    if (!is_verify && (argc < 2 || strcmp(argv[1], "ls") != 0))
        return ctl_usage(&ctl_journal);
    if (ctl_options(option, is_verify ? NULL : "cj", argc - 1, argv + 1, &o) != argc - 1)
        return ctl_usage(&ctl_journal);
    return is_verify ? verify(&o) : list(&o);
}

const struct ctl ctl_journal = {
    "journal",
    "ls [-c FILE] [--json]\n"
    "verify [-c FILE] [--from POSITION] [--head CHAIN] [--json]",
    "lists the segments of the journal; reads all of it again and says what was altered",
    run,
};
