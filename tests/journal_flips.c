/* journal_flips [FLIPS [SEED]]: one flipped bit in a journal, then the journal's own recovery and reader. The first journal
 * has every bit flipped, the others some.
 *
 * What was on disk when a later record was made must be reported with its file and position, at opening or at reading. A mark
 * that nothing later vouches for may go: nothing rests on it. Messages whose mark a power cut took cannot be told from a torn
 * tail: they are cut, kept aside and reported as that, and the database's position refuses the journal if they were stored.
 *
 * One line of counts; exit status 1 if any is not as it must be.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bed.h"

#define SEGMENTS 16
#define BYTES 8192
#define RECORDS 400

enum part { HEADER, SEALED, SEALED_MARK, VOUCHED, VOUCHED_MARK, LAST_MARK, TAIL, PARTS };
static const char *const part_names[PARTS] = {
    "segment headers",        "sealed messages", "sealed marks",   "messages of the last segment",
    "marks of the last segment", "last marks",      "unmarked tails",
};

struct piece { /* a header or a record */
    int segment;
    size_t at, size;
    uint64_t position;
    enum part part;
};

/* A journal as it must be read. */
static struct {
    char path[BED_PATH];
    char file[SEGMENTS][BED_PATH];
    unsigned char bytes[SEGMENTS][BYTES];
    size_t size[SEGMENTS];
    int segments;
    struct piece piece[RECORDS];
    int pieces;
    unsigned messages;
    uint64_t durable; /* as a reader may have come to */
} whole;

static struct bed_dice dice;
static unsigned seed;
static unsigned long flips, wrong, by_part[PARTS], at_opening, at_reading, harmless, cut, caught;

static void
say(const struct piece *p, size_t byte, unsigned bit, const char *what, const char *why)
{
    if (wrong++ < 10)
        printf("journal_flips: seed %u, flip %lu: %s, \"%s\" byte %zu bit %u: %s: %s\n", seed, flips,
               part_names[p->part], whole.file[p->segment], byte, bit, what, why);
}

/* ---- the whole journal ---- */

static struct journal *
open_journal(struct journal_recovery *ret, struct reason *why)
{
    struct journal_settings settings = bed_settings(whole.path);
    settings.segment_bytes = 2048;
    return journal_open(&settings, bed_now, ret, why);
}

static uint64_t
number_at(const unsigned char *at, int size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | at[size];
    return value;
}

/* Its records; whether anything later vouches for one of the last segment is seen from behind. */
static void
take_apart(int segment)
{
    const unsigned char *bytes = whole.bytes[segment];
    uint64_t first = bed_first(whole.file[segment]), durable = 0;
    int from = whole.pieces;
    bool is_last = segment == whole.segments - 1;

    whole.piece[whole.pieces++] = (struct piece){segment, 0, BED_HEADER, first, HEADER};
    for (size_t at = BED_HEADER, size; at < whole.size[segment]; at += size) {
        size = (size_t)number_at(bytes + at + 4, 4);
        bool is_mark = bytes[at + 32] == RECORD_MARK;
        whole.piece[whole.pieces++] = (struct piece){segment, at, size, first + at - BED_HEADER,
                                                     is_mark ? SEALED_MARK : SEALED};
    }
    for (int i = whole.pieces - 1; i > from && is_last; i--) {
        struct piece *p = &whole.piece[i];
        bool is_mark = p->part == SEALED_MARK;
        if (durable > p->position)
            p->part = is_mark ? VOUCHED_MARK : VOUCHED;
        else
            p->part = is_mark ? LAST_MARK : TAIL;
        uint64_t says = number_at(bytes + p->at + 16, 8);
        durable = says > durable ? says : durable;
    }
}

static void
take_files(bool is_unmarked)
{
    char pattern[BED_PATH + 8];
    glob_t files;

    snprintf(pattern, sizeof(pattern), "%s/*.seg", whole.path);
    if (glob(pattern, 0, NULL, &files) != 0 || files.gl_pathc > SEGMENTS)
        exit(1);
    whole.segments = (int)files.gl_pathc;
    whole.pieces = 0;
    for (int i = 0; i < whole.segments; i++) {
        snprintf(whole.file[i], BED_PATH, "%s", files.gl_pathv[i]);
        int file = open(whole.file[i], O_RDONLY | O_CLOEXEC);
        ssize_t size = read(file, whole.bytes[i], BYTES);
        close(file);
        if (size < BED_HEADER || size == BYTES)
            exit(1);
        whole.size[i] = (size_t)size - (i == whole.segments - 1 && is_unmarked ? BED_MARK : 0);
        take_apart(i);
    }
    globfree(&files);
}

/* Bursts over some segments; every other time the power went after the last sync and took the last mark. */
static void
make_journal(bool is_unmarked)
{
    struct journal_recovery recovery;
    struct reason why;
    unsigned bursts = 8 + bed_roll(&dice, 12);

    bed_remove(whole.path);
    struct journal *j = open_journal(&recovery, &why);
    whole.messages = 0;
    while (j != NULL && bursts-- > 0) {
        unsigned to = whole.messages + 1 + bed_roll(&dice, 6);
        bed_append(j, whole.messages, to);
        whole.messages = to;
        if (journal_sync(j, bed_now, &why) != JOURNAL_SYNCED)
            exit(1);
    }
    if (j == NULL)
        exit(1);
    whole.durable = journal_durable(j);
    journal_close(j);
    take_files(is_unmarked);
}

static void
put_file(int segment)
{
    int file = open(whole.file[segment], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, whole.bytes[segment], whole.size[segment]) != (ssize_t)whole.size[segment])
        exit(1);
    close(file);
}

static void
put_back(void)
{
    bed_remove(whole.path);
    if (mkdir(whole.path, 0700) != 0)
        exit(1);
    for (int i = 0; i < whole.segments; i++)
        put_file(i);
}

/* ---- a flip ---- */

static bool
names_the_place(const struct piece *p, const char *text)
{
    char place[64];
    snprintf(place, sizeof(place), "rotten at position %llu (byte %zu)", (unsigned long long)p->position, p->at);
    return strstr(text, whole.file[p->segment]) != NULL && (p->part == HEADER || strstr(text, place) != NULL);
}

/* How many messages are read, each the one it was; -1: rotten, with `why`; -2: another. */
static int
read_all(struct journal *j, struct reason *why)
{
    struct journal_reader *reader = journal_reader_new(j);
    enum journal_next next;
    struct record r;
    int n = 0;

    while (n >= 0 && (next = journal_reader_next(reader, &r, why)) == JOURNAL_RECORD)
        n = bed_is_message(&r, (unsigned)n) ? n + 1 : -2;
    journal_reader_free(reader);
    return n == -2 ? n : next == JOURNAL_ROTTEN ? -1 : n;
}

/* Opened, and not rotten as far as could be seen. */
static const char *
judge_unreported(const struct piece *p, struct journal *j, int count, const struct journal_recovery *recovery)
{
    struct reason why;
    bool is_caught = !journal_covers(j, whole.durable, &why);

    if (count == (int)whole.messages && p->part == LAST_MARK) {
        harmless++;
        return is_caught ? "past the end for the database" : NULL;
    }
    if (p->part != TAIL)
        return "not reported";
    if (count >= (int)whole.messages || recovery->torn_bytes == 0 || bed_files(whole.path, ".torn") != 1)
        return "cut and not kept";
    cut++;
    caught += is_caught;
    return is_caught ? NULL : "cut, and not caught by the position of the database";
}

static void
judge(const struct piece *p, size_t byte, unsigned bit)
{
    struct journal_recovery recovery = {0};
    struct reason why = {""};
    struct journal *j = open_journal(&recovery, &why);
    const char *fault = NULL;

    int count = j != NULL ? read_all(j, &why) : -1;
    if (count == -2)
        fault = "another message";
    else if (count == -1) {
        if (p->part == TAIL || p->part == LAST_MARK)
            fault = "refused, and nothing vouches for it";
        else if (!names_the_place(p, why.text))
            fault = "reported without its place";
        else
            *(j == NULL ? &at_opening : &at_reading) += 1;
    } else
        fault = judge_unreported(p, j, count, &recovery);
    if (j != NULL)
        journal_close(j);
    if (fault != NULL)
        say(p, byte, bit, fault, why.text);
}

static void
flip(const struct piece *p, size_t byte, unsigned bit)
{
    unsigned char *at = &whole.bytes[p->segment][byte];

    *at = (unsigned char)(*at ^ 1u << bit);
    put_file(p->segment);
    flips++;
    by_part[p->part]++;
    unsigned long before = wrong;
    judge(p, byte, bit);
    *at = (unsigned char)(*at ^ 1u << bit);
    if (p->part == TAIL || p->part == LAST_MARK || wrong > before)
        put_back(); /* it was opened, and may have been mended */
    else
        put_file(p->segment);
}

static void
flip_every_bit(unsigned long most)
{
    for (int i = 0; i < whole.pieces; i++)
        for (size_t byte = 0; byte < whole.piece[i].size; byte++)
            for (unsigned bit = 0; bit < 8 && flips < most && wrong < 100; bit++)
                flip(&whole.piece[i], whole.piece[i].at + byte, bit);
}

static void
flip_some(unsigned long most)
{
    for (int i = 0; i < 2000 && flips < most && wrong < 100; i++) {
        const struct piece *p = &whole.piece[bed_roll(&dice, (unsigned)whole.pieces)];
        if (bed_roll(&dice, 3) == 0) /* the last pieces are the delicate ones */
            p = &whole.piece[whole.pieces - 1 - (int)bed_roll(&dice, 6)];
        flip(p, p->at + bed_roll(&dice, (unsigned)p->size), bed_roll(&dice, 8));
    }
}

int
main(int argc, char **argv)
{
    char base[] = "/dev/shm/journal-flips.XXXXXX";
    unsigned long most = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;

    seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    if (mkdtemp(base) == NULL && mkdtemp(strcpy(base, "journal-flips.XXXXXX")) == NULL) {
        perror(base);
        return 1;
    }
    snprintf(whole.path, sizeof(whole.path), "%s/journal", base);
    dice.state = 88172645463325252u + seed * UINT64_C(0x9e3779b97f4a7c15);
    for (int n = 0; flips < most && wrong < 100; n++) {
        make_journal(n % 2 == 1);
        put_back();
        if (n == 0)
            flip_every_bit(most);
        else
            flip_some(most);
    }
    bed_remove(base);

    printf("journal_flips: seed %u: %lu flipped bits (", seed, flips);
    for (int i = 0; i < PARTS; i++)
        printf("%s%s %lu", i > 0 ? ", " : "", part_names[i], by_part[i]);
    printf("): %lu refused at opening, %lu at reading, %lu of no weight, %lu cut as torn and kept (%lu caught by the "
           "position); %lu silent, lost or unplaced\n",
           at_opening, at_reading, harmless, cut, caught, wrong);
    return wrong > 0;
}
