#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form_cases.h"
#include "form_hj212.h"
#include "runner.h"

#define CASES_LEAST 231
#define FRAMES 71       /* of hj212/frames.txt, */
#define FRAMES_VALID 50 /* length and CRC are right, */
#define FRAMES_TAKEN 41 /* and there are readings in it */

#define GOOD                                                                                                 \
    "##0150QN=20201102081500001;ST=31;CN=2011;PW=123456;MN=88888880000001;Flag=4;"                           \
    "CP=&&DataTime=20201102081500;a21026-Rtd=12.31,a21026-Flag=N;a21002-Rtd=35.0&&"

START_TEST(every_case_comes_out_as_expected)
{
    cases_run(form_find("hj212"), CASES_LEAST);
}
END_TEST

START_TEST(the_crc_is_that_of_the_standard)
{
    static const struct {
        const char *bytes;
        uint16_t crc;
    } rows[] = {{"", 0xffff}, {"1", 0x9481}, {"A", 0x7080}, {"123456789", 0x2f80}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_uint_eq(form_hj212_crc(rows[i].bytes, strlen(rows[i].bytes)), rows[i].crc);
}
END_TEST

/* Length and CRC as they should be for what stands between. Room for five more bytes is wanted. */
static size_t
seal(char *frame, size_t size)
{
    char length[5];
    snprintf(length, sizeof(length), "%04u", (unsigned)(size - 6) % 10000);
    memcpy(frame + 2, length, 4);
    snprintf(frame + size, 5, "%04X", form_hj212_crc(frame + 6, size - 6));
    return size + 4;
}

START_TEST(a_frame_cut_anywhere_is_refused)
{
    char whole[512] = GOOD;
    size_t end = seal(whole, strlen(whole));
    struct message m = {0};
    struct reason why;

    memcpy(whole + end, "\r\n", 2);
    for (size_t size = 0; size <= end + 2; size++) {
        char *cut = malloc(size + 1); /* so that reading past its end is found */
        memcpy(cut, whole, size);
        bool ok = form_hj212_decode(cut, size, &m, &why);
        ck_assert_msg(ok == (size >= end), "cut at %zu of %zu: %s", size, end, ok ? "taken" : why.text);
        ck_assert_msg(ok || case_is_decent(&why), "cut at %zu: %s", size, why.text);
        message_empty(&m);
        free(cut);
    }
    message_clear(&m);
}
END_TEST

/* A good frame with bytes changed, dropped and doubled by chance, always the same; half of them sealed again,
 * as only those are looked into. */
START_TEST(whatever_comes_is_answered_decently)
{
    static const char spice[] = "&&##==--;;,,..0129NDCPMxtFlag\r\n\xff\xe7\x80\x00\x1b";
    unsigned seed = 1;
    struct message m = {0};
    int taken = 0;

    for (int round = 0; round < 30000; round++) {
        char payload[512];
        size_t size = sizeof(GOOD) - 1;
        memcpy(payload, GOOD, size);
        for (int change = round % 4; change >= 0; change--) {
            seed = seed * 1103515245u + 12345u;
            size_t at = 6 + (seed >> 8) % (size - 6);
            if (seed >> 30 == 0)
                memmove(payload + at, payload + at + 1, --size - at);
            else if (seed >> 30 == 1)
                memmove(payload + at + 1, payload + at, size++ - at);
            else
                payload[at] = spice[(seed >> 4) % (sizeof(spice) - 1)];
        }
        if (round % 2 == 0)
            size = seal(payload, size);
        char *frame = malloc(size);
        memcpy(frame, payload, size);
        struct reason why = {""};
        bool ok = form_hj212_decode(frame, size, &m, &why);
        taken += ok;
        ck_assert_msg(ok || case_is_decent(&why), "round %d: %s", round, why.text);
        ck_assert_msg(!ok || m.measurements > 0 || m.faults > 0, "round %d: nothing came of it", round);
        ck_assert_msg(m.faults == 0 || case_is_decent(&m.first_fault), "round %d: %s", round,
                      m.first_fault.text);
        message_empty(&m);
        free(frame);
    }
    ck_assert_msg(taken > 3000, "only %d were looked into", taken);
    message_clear(&m);
}
END_TEST

START_TEST(a_comma_locale_changes_nothing)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < 4 && setlocale(LC_NUMERIC, locales[i]) == NULL; i++)
        ;
    char frame[512] = GOOD;
    struct message m = {0};
    ck_assert(form_hj212_decode(frame, seal(frame, strlen(frame)), &m, NULL));
    ck_assert_double_eq(m.reading[0].value, 1231.0 / 100);
    message_clear(&m);
    setlocale(LC_NUMERIC, "C");
}
END_TEST

/* One line of the index: what is known of the frame on the same line of frames.txt. */
struct known {
    int line;
    unsigned crc;
    bool is_valid;   /* length and CRC */
    bool has_length; /* and so a place for the CRC */
};

static struct known
read_known(char *row)
{
    struct known k = {.line = atoi(strsep(&row, "\t"))};
    const char *crc = strsep(&row, "\t");
    const char *length = strsep(&row, "\t");
    k.crc = (unsigned)strtoul(strsep(&row, "\t"), NULL, 16);
    k.is_valid = strcmp(crc, "valid") == 0 && strcmp(length, "ok") == 0;
    k.has_length = strcmp(length, "ok") == 0 || strncmp(length, "bad(", 4) == 0;
    return k;
}

static bool
is_about_the_frame(const struct reason *why)
{
    return strncmp(why->text, "CRC", 3) == 0 || strncmp(why->text, "length", 6) == 0 ||
           strncmp(why->text, "no CRC", 6) == 0 || strncmp(why->text, "no HJ 212 frame", 15) == 0;
}

/* True if there are readings in it. */
static bool
check_frame(const struct known *k, const char *frame, size_t size)
{
    struct message m = {0};
    struct reason why = {""};
    bool ok = form_hj212_decode(frame, size, &m, &why);

    if (k->has_length)
        ck_assert_msg(form_hj212_crc(frame + 6, size - 10) == k->crc, "line %d: CRC %04X", k->line,
                      form_hj212_crc(frame + 6, size - 10));
    ck_assert_msg((ok || !is_about_the_frame(&why)) == k->is_valid, "line %d: %s", k->line,
                  ok ? "taken" : why.text);
    ck_assert_msg(ok || case_is_decent(&why), "line %d: %s", k->line, why.text);
    if (k->is_valid && !ok)
        printf("line %d: %s\n", k->line, why.text);
    message_clear(&m);
    return ok;
}

/* Frames as devices send them, where they are at hand. */
START_TEST(frames_from_the_wild_are_told_apart)
{
    FILE *frames = case_open("hj212/frames.txt"), *index = case_open("hj212/frames.index.tsv");
    char frame[16384], row[1024];
    int count = 0, valid = 0, taken = 0;

    if (frames == NULL || index == NULL)
        return;
    ck_assert_ptr_nonnull(fgets(row, sizeof(row), index)); /* the names of its columns */
    while (fgets(frame, sizeof(frame), frames) != NULL && fgets(row, sizeof(row), index) != NULL) {
        struct known known = read_known(row);
        ck_assert_int_eq(known.line, ++count);
        valid += known.is_valid;
        taken += check_frame(&known, frame, strcspn(frame, "\r\n"));
    }
    fclose(frames);
    fclose(index);
    printf("hj212/frames.txt: %d frames, %d with the right length and CRC, readings in %d of them\n", count, valid, taken);
    ck_assert_int_eq(count, FRAMES);
    ck_assert_int_eq(valid, FRAMES_VALID);
    ck_assert_int_eq(taken, FRAMES_TAKEN);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("form_hj212");
    TCase *t = tcase_create("form_hj212");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_case_comes_out_as_expected);
    tcase_add_test(t, the_crc_is_that_of_the_standard);
    tcase_add_test(t, a_frame_cut_anywhere_is_refused);
    tcase_add_test(t, whatever_comes_is_answered_decently);
    tcase_add_test(t, a_comma_locale_changes_nothing);
    tcase_add_test(t, frames_from_the_wild_are_told_apart);
    suite_add_tcase(s, t);
    return s;
}
