/* writer_own: the writer's inside, shared by its five files: writer.c, the machine; loading.c, what it asks of the database
 * before it writes; filling.c, how a batch is filled; transaction.c, how it writes; recording.c, how closed segments are recorded. Nobody else includes it.
 */
#ifndef ABATE_WRITER_OWN_H
#define ABATE_WRITER_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "catalogue.h"
#include "journal_digest.h"
#include "pause.h"
#include "pg.h"
#include "writer.h"

enum writer_state {
    WRITER_AWAY,    /* no connection */
    WRITER_LOADING, /* asking for position, registry, limits */
    WRITER_READY,   /* nothing under way */
    WRITER_WRITING, /* a transaction */
    WRITER_RECORDING, /* a closed segment */
    WRITER_RESTING, /* after an error */
};
/* One statement of a sequence. */
struct step {
    const char *name;
    bool (*begin)(struct writer *w); /* false: there is nothing to do here */
    bool (*take)(struct writer *w, const struct pg_result *r, struct reason *why); /* or NULL */
    bool is_repeated; /* begun again until there is nothing to do */
};

struct writer {
    struct loop *loop;
    const struct conf *conf;
    struct journal *journal;
    struct journal_reader *reader;
    struct receipt *receipt;
    const struct unit_system *units;
    struct writer_calls calls;
    void *self;
    struct pg *pg;
    struct loop_event *wake;
    struct loop_event *rest;
    enum writer_state state;
    const struct step *step;  /* of the sequence under way; its end has name NULL */
    struct pause pause;       /* between two tries */
    int64_t retired_at;
    struct reason last_error; /* as logged: the same is not said twice */
    struct reason obstacle;   /* why nothing could be stored, the last time it could not */
    bool is_condemned;        /* the journal is; the end has begun */

    int16_t journal_id;
    uint64_t position; /* committed */
    uint64_t target;   /* where the journal ended when this connection was ready; UINT64_MAX until then */
    struct catalogue *catalogue;
    struct catalogue *next_catalogue; /* being loaded */
    struct reason unconverted; /* series that will be refused, as logged */
    bool is_stale;      /* the registry has changed */
    bool has_loaded;    /* and nothing was written since: changes that do not end must not keep rows waiting */
    bool has_asked;     /* loaded anew because of the refusal at hand */
    bool is_in_doubt;   /* a failed transaction is to be rolled back first */
    bool must_seek;     /* the reader is not at `position` */

    struct batch batch;
    struct months made;  /* partitions made in this transaction */
    uint64_t batch_to;   /* the position behind the batch */
    bool is_filling;     /* the batch, while its samples are written already */
    struct loop_event *more;
    size_t most;         /* messages in a batch: fewer while a poisonous one is looked for */
    bool merges_all;
    struct reason poison; /* why the one message of this batch is refused; "" if it is not */
    struct writer_counts counts, pending;
    struct tally tally;               /* of what is committed */
    struct histogram commits;
    int64_t begun_at;                 /* ticks; the transaction */
    struct journal_reader *foremost;  /* at the first record that is not stored, when somebody has asked for it */

    struct journal_digest *digest;
    struct loop_event *slice;
    uint64_t recorded;            /* the segments before this position are recorded */
    struct journal_closed closed; /* the next one, */
    bool has_closed;              /* if it is to be recorded */
    bool is_unrecorded;           /* no further one can be recorded */
    struct reason unrecorded_why; /* as logged */
};

extern const struct step loading_steps[];     /* everything, on a new connection or after an error */
extern const struct step *const loading_again; /* what a change of the registry asks for */
extern const struct step transaction_steps[];
void loading_refused(struct writer *w, const struct pg_result *r); /* a refusal may be final */
extern const struct step recording_steps[];

/* One statement of a step. copy: false, and nothing begun, if there are no rows. */
bool writer_exec(struct writer *w, const char *sql);
bool writer_copy(struct writer *w, const char *sql, const struct buf *rows, size_t count);
void writer_on_done(void *self, const struct pg_result *r);
bool writer_condemn(struct writer *w, const char *why); /* nobody may go on with this journal: the end; false */
bool writer_begin_rollback(struct writer *w);
struct instant writer_later(const struct writer *w, int statements); /* the time when so many have timed out */

/* ---- filling.c: records from the journal into the batch ---- */

void filling_init(struct writer *w);
void filling_clear(struct writer *w);
/* True if there is something to write: is_filling if there may be more than fits into a slice. */
bool filling_begin(struct writer *w, struct reason *why, bool *ret_rotten);
void filling_finish(struct writer *w); /* what is missing, at once */
void filling_end(struct writer *w);    /* as it is */

/* ---- recording.c ---- */

void recording_init(struct writer *w);
void recording_clear(struct writer *w);
bool recording_begin_load(struct writer *w); /* a step of loading */
bool recording_take_load(struct writer *w, const struct pg_result *r, struct reason *why);
void recording_go_on(struct writer *w); /* a segment may have been closed */
bool recording_is_idle(const struct writer *w);
bool recording_failed(struct writer *w, const struct pg_result *r); /* true: for good, and said; false: to be tried again */

#endif
