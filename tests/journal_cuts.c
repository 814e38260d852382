/* journal_cuts [CUTS [SEED]]: the journal's own recovery on what a disk may show after a power cut, at every call of its
 * life: a burst's write, its sync, its mark, a rotation, a deletion, a recovery after an earlier cut or kill (which may be cut
 * itself, and so on). Each state must open, hold all that was acknowledged or given to a reader, at its position, and go on.
 * One line of counts; exit status 1 if any is not as it must be.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "power.h"

#define MESSAGES 200
#define DEPTH 4
#define MOMENTS 6

/* What the world outside knows. */
struct truth {
    unsigned acknowledged;       /* numbers before this are on disk for ever, or until retired */
    unsigned appended;           /* numbers before this may be there */
    uint64_t stored;             /* the database's position */
    uint64_t given;              /* up to where a reader may have read */
    uint64_t position[MESSAGES]; /* of each appended */
};

struct moment {
    struct power power;
    struct truth truth;
};

enum phase { APPEND, SYNC, MARK, ROTATION, DELETION, RECOVERY, PHASES };
static const char *const phase_names[PHASES] = {"append", "sync", "mark", "rotation", "deletion", "recovery"};

static struct bed_dice dice;
static unsigned long cuts, kills, wrong, failed_syncs, torn, rewritten, unmoved, by_phase[PHASES];
static unsigned seed;
static char live_path[BED_PATH], cut_path[BED_PATH];

static void
say(const char *what, const char *why)
{
    if (wrong++ < 10)
        printf("journal_cuts: seed %u, cut %lu: %s: %s\n", seed, cuts, what, why);
}

/* ---- moments ---- */

static struct moment moments[DEPTH + 1][MOMENTS];
static enum phase moment_phase[DEPTH + 1][MOMENTS];
static int moment_count[DEPTH + 1];
static struct moment now[DEPTH + 1];
static int depth;
static unsigned one_in; /* calls that become a moment */
static bool is_recovering, is_deleting, was_synced;

static enum phase
phase_of(const struct disk_event *e)
{
    if (is_recovering)
        return RECOVERY;
    if (is_deleting)
        return DELETION;
    if (e->call == DISK_PWRITE)
        return was_synced ? MARK : APPEND;
    return e->call == DISK_FDATASYNC ? SYNC : ROTATION;
}

static void
keep(enum phase phase)
{
    struct moment *m = &moments[depth][moment_count[depth]];

    power_copy(&now[depth].power, &m->power);
    m->truth = now[depth].truth;
    moment_phase[depth][moment_count[depth]++] = phase;
}

static void
on_step(const struct disk_event *e)
{
    enum phase phase = phase_of(e);

    was_synced = e->call == DISK_FDATASYNC;
    if (moment_count[depth] < MOMENTS && bed_roll(&dice, one_in) == 0)
        keep(phase);
}

/* ---- living ---- */

static struct journal *
open_at(const char *path, struct truth *t, struct reason *why)
{
    struct journal_recovery recovery = {0};
    struct journal_settings settings = bed_settings(path);

    settings.segment_bytes = 2048;
    is_recovering = true;
    struct journal *j = journal_open(&settings, bed_now, &recovery, why);
    is_recovering = false;
    torn += recovery.torn_bytes > 0;
    rewritten += recovery.rewritten_bytes > 0;
    unmoved += recovery.unmoved_bytes > 0;
    if (j != NULL)
        t->given = journal_durable(j);
    return j;
}

static void
append(struct journal *j, struct truth *t)
{
    unsigned more = 1 + bed_roll(&dice, 7);

    for (; more > 0 && t->appended < MESSAGES; more--) {
        t->position[t->appended] = journal_end(j);
        bed_append(j, t->appended, t->appended + 1);
        t->appended++;
    }
}

/* A burst; its sync may fail, the disk may be full for a while. False if it broke. */
static bool
burst(struct journal *j, struct truth *t, bool may_fail)
{
    struct reason why;
    unsigned what = may_fail ? bed_roll(&dice, 12) : 12;

    append(j, t);
    if (what == 0)
        disk_strike(DISK_ERROR, DISK_SYNCS, 1 + (int)bed_roll(&dice, 3), EIO);
    else if (what == 1)
        disk_strike(DISK_ERROR, DISK_PWRITE | DISK_RENAME, 1 + (int)bed_roll(&dice, 3), ENOSPC);
    enum journal_sync done = journal_sync(j, bed_now, &why);
    failed_syncs += disk_struck() == DISK_FDATASYNC || disk_struck() == DISK_FSYNC;
    disk_strike(DISK_NONE, 0, 0, 0);
    if (done == JOURNAL_SYNCED) {
        t->acknowledged = t->appended;
        t->given = journal_durable(j);
    }
    return done != JOURNAL_BROKEN;
}

static void
retire(struct journal *j, struct truth *t)
{
    if (t->stored < t->given)
        t->stored += bed_roll(&dice, (unsigned)(t->given - t->stored) + 1);
    is_deleting = true;
    journal_retire(j, t->stored, (struct instant){bed_now.us + 2 * INT64_C(86400000000)});
    is_deleting = false;
}

/* ---- checking ---- */

/* All of it from where it begins, each at its position; how many there are is what the world knows from now on. */
static bool
check_messages(struct journal *j, struct truth *t, struct reason *why)
{
    struct journal_reader *reader = journal_reader_new(j);
    enum journal_next next;
    struct record r;
    unsigned n = 0;
    bool good = true;

    while (n < t->appended && t->position[n] < journal_first(j))
        n++;
    while (good && (next = journal_reader_next(reader, &r, why)) == JOURNAL_RECORD) {
        good = n < t->appended && r.position == t->position[n] && bed_is_message(&r, n);
        n++;
    }
    journal_reader_free(reader);
    if (!good)
        return reason_set(why, "position %llu: not message %u", (unsigned long long)r.position, n - 1);
    if (next == JOURNAL_ROTTEN)
        return false;
    if (n < t->acknowledged)
        return reason_set(why, "%u of %u acknowledged", n, t->acknowledged);
    t->acknowledged = t->appended = n;
    return true;
}

static void
check(struct journal *j, struct truth *t, uint64_t given)
{
    struct reason why;

    if (!check_messages(j, t, &why))
        say("lost", why.text);
    else if (!journal_covers(j, t->stored, &why) || !journal_covers(j, given, &why))
        say("the database is told it is past the end", why.text);
}

/* ---- states ---- */

/* The state's own life: opened, perhaps with a sync that fails or no room, read, written to. */
static void
live_on(struct truth *t)
{
    uint64_t given = t->given;
    bool is_struck = bed_roll(&dice, 8) == 0;
    bool is_full = !is_struck && bed_roll(&dice, 6) == 0 && now[depth].power.now.count > 0; /* a new one needs room */
    struct reason why;

    if (is_struck)
        disk_strike(DISK_ERROR, DISK_SYNCS, 1 + (int)bed_roll(&dice, 5), EIO);
    if (is_full)
        disk_strike(DISK_ERROR, DISK_PWRITE | DISK_RENAME, 1 + (int)bed_roll(&dice, 3), ENOSPC);
    struct journal *j = open_at(cut_path, t, &why);
    is_struck = is_struck && disk_struck() != 0;
    failed_syncs += is_struck;
    disk_strike(DISK_NONE, 0, 0, 0);
    if (j == NULL && is_struck)
        return;
    if (j == NULL) {
        say("refused", why.text);
        return;
    }
    check(j, t, given);
    for (unsigned more = bed_roll(&dice, 3); more > 0 && burst(j, t, true); more--)
        if (bed_roll(&dice, 4) == 0)
            retire(j, t);
    power_follow(NULL, NULL); /* the sync of closing is none of the world's */
    journal_close(j);
}

static void
explore(const struct moment *m, enum phase phase, bool is_cut)
{
    struct moment *state = &now[++depth];

    power_copy(&m->power, &state->power);
    state->truth = m->truth;
    if (is_cut) {
        power_cut(&state->power, &dice);
        cuts++;
        by_phase[phase]++;
    } else
        kills++;
    power_place(&state->power, cut_path);
    moment_count[depth] = 0;
    one_in = 5;
    power_follow(&state->power, depth < DEPTH ? on_step : NULL);
    live_on(&state->truth);
    power_follow(NULL, NULL);
    if (depth < DEPTH && moment_count[depth] < MOMENTS)
        keep(SYNC);
    for (int i = 0; i < moment_count[depth] && depth < DEPTH; i++)
        explore(&moments[depth][i], moment_phase[depth][i], depth == DEPTH - 1 || bed_roll(&dice, 3) > 0);
    depth--;
}

/* One journal from its making on; then all that may have come of some of its moments. */
static void
live(unsigned long most)
{
    struct truth *t = &now[0].truth;
    struct reason why;

    memset(t, 0, sizeof(*t));
    power_reset(&now[0].power);
    power_place(&now[0].power, live_path);
    moment_count[0] = 0;
    one_in = 8;
    power_follow(&now[0].power, on_step);
    struct journal *j = open_at(live_path, t, &why);
    if (j == NULL) {
        say("no journal", why.text);
        exit(1);
    }
    for (int i = 0; i < 14 && burst(j, t, true); i++)
        if (bed_roll(&dice, 4) == 0)
            retire(j, t);
    power_follow(NULL, NULL);
    journal_close(j);
    if (moment_count[0] == MOMENTS)
        moment_count[0]--;
    keep(SYNC);
    for (int i = 0; i < moment_count[0]; i++)
        for (int times = 0; times < 3 && cuts < most; times++)
            explore(&moments[0][i], moment_phase[0][i], times < 2);
}

int
main(int argc, char **argv)
{
    char base[] = "/dev/shm/journal-cuts.XXXXXX";
    unsigned long most = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;

    seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    if (mkdtemp(base) == NULL && mkdtemp(strcpy(base, "journal-cuts.XXXXXX")) == NULL) {
        perror(base);
        return 1;
    }
    snprintf(live_path, sizeof(live_path), "%s/live", base);
    snprintf(cut_path, sizeof(cut_path), "%s/cut", base);
    dice.state = 88172645463325252u + seed * UINT64_C(0x9e3779b97f4a7c15);
    while (cuts < most && wrong < 100)
        live(most);
    bed_remove(base);

    printf("journal_cuts: seed %u: %lu power cuts (", seed, cuts);
    for (int i = 0; i < PHASES; i++)
        printf("%s%s %lu", i > 0 ? ", " : "", phase_names[i], by_phase[i]);
    printf("), %lu kills, %lu failed syncs: %lu torn tails cut, %lu written anew, %lu read back on a full disk; %lu lost or refused\n",
           kills, failed_syncs, torn, rewritten, unmoved, wrong);
    return wrong > 0;
}
