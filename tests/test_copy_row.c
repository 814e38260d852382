/* copy_row: each row against its bytes, written out by hand from PostgreSQL 15's documentation of COPY. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "copy_row.h"
#include "runner.h"

/* clang-format off: bytes stand as they are sent */

#define Y2K 946684800000000ll

struct bytes {
    const char *at;
    size_t size;
};
#define BYTES(literal) {literal, sizeof(literal) - 1}

static void
check_bytes(const char *name, const struct buf *b, struct bytes wanted)
{
    for (size_t i = 0; i < b->size && i < wanted.size; i++) {
        unsigned char want = (unsigned char)wanted.at[i];
        if (b->at[i] != want)
            ck_abort_msg("%s: byte %zu is %02x, not %02x", name, i, b->at[i], want);
    }
    ck_assert_msg(b->size == wanted.size, "%s: %zu bytes, not %zu", name, b->size, wanted.size);
}

START_TEST(the_frame)
{
    struct buf b = {0};

    copy_begin(&b);
    copy_end(&b);
    check_bytes("frame", &b, (struct bytes)BYTES("PGCOPY\n\xff\r\n\0"
                                                 "\0\0\0\0"
                                                 "\0\0\0\0"
                                                 "\xff\xff"));
    buf_clear(&b);
}
END_TEST

#define ONE "\0\0\0\x8" "\x3f\xf0\0\0\0\0\0\0"
#define MINUS_TWO_AND_A_HALF "\0\0\0\x8" "\xc0\x04\0\0\0\0\0\0"
#define INT2_3 "\0\0\0\2" "\0\3"
#define INT4_258 "\0\0\0\4" "\0\0\1\2"
#define AT_1S "\0\0\0\x8" "\0\0\0\0\0\x0f\x42\x40"
#define POSITION "\0\0\0\x8" "\1\2\3\4\5\6\7\x8"
#define NIL "\xff\xff\xff\xff"
#define FLOAT8 "\0\0\2\xbd"
#define SAMPLE_HEAD "\0\6" INT4_258 INT2_3 AT_1S POSITION

static const struct sample_row {
    const char *name;
    uint16_t slots;
    double value[4];
    char mark[4];
    bool is_marked;
    struct bytes wanted;
} sample_rows[] = {
    {"one value", 1, {1}, "N", false,
     BYTES(SAMPLE_HEAD "\0\0\0\x20" "\0\0\0\1" "\0\0\0\0" FLOAT8 "\0\0\0\1" "\0\0\0\1" ONE NIL)},
    {"two values, what is behind the slots is left out", 2, {1, -2.5, 7, 7}, "NNXX", false,
     BYTES(SAMPLE_HEAD "\0\0\0\x2c" "\0\0\0\1" "\0\0\0\0" FLOAT8 "\0\0\0\2" "\0\0\0\1" ONE MINUS_TWO_AND_A_HALF NIL)},
    {"an empty slot between two", 3, {1, NAN, -2.5}, "NNN", false,
     BYTES(SAMPLE_HEAD "\0\0\0\x30" "\0\0\0\1" "\0\0\0\1" FLOAT8 "\0\0\0\3" "\0\0\0\1" ONE NIL MINUS_TWO_AND_A_HALF NIL)},
    {"marks, one a slot", 3, {NAN, 1, NAN}, "DNS", true,
     BYTES(SAMPLE_HEAD "\0\0\0\x28" "\0\0\0\1" "\0\0\0\1" FLOAT8 "\0\0\0\3" "\0\0\0\1" NIL ONE NIL "\0\0\0\3" "DNS")},
};

START_TEST(a_sample)
{
    const struct sample_row *row = &sample_rows[_i];
    struct feed feed = {.feed_id = 258};
    static struct sample s;
    struct buf b = {0};

    s = (struct sample){.feed = &feed, .at = {Y2K + 1000000}, .slots = row->slots};
    s.is_marked = row->is_marked;
    memcpy(s.value, row->value, sizeof(row->value));
    memcpy(s.mark, row->mark, sizeof(row->mark));
    copy_sample(&b, 3, 0x0102030405060708, &s);
    check_bytes(row->name, &b, row->wanted);
    buf_clear(&b);
}
END_TEST

START_TEST(a_sample_to_be_merged)
{
    struct feed feed = {.feed_id = 258};
    static struct sample s;
    struct buf b = {0};

    s = (struct sample){.feed = &feed, .at = {Y2K + 1000000}, .slots = 1, .value = {1}, .is_reissue = _i == 1};
    copy_incoming_sample(&b, 3, 0x0102030405060708, &s);
    ck_assert_mem_eq(b.at, "\0\7", 2);
    ck_assert_mem_eq(b.at + b.size - 9, NIL "\0\0\0\1", 8);
    ck_assert_uint_eq(b.at[b.size - 1], (unsigned)_i);
    buf_clear(&b);
}
END_TEST

/* As many slots as there can be, behind a row that is there already: the room asked for is enough. */
START_TEST(a_sample_of_all_slots_behind_another)
{
    struct feed feed = {.feed_id = 1};
    static struct sample s;
    struct buf b = {0};

    s = (struct sample){.feed = &feed, .at = {Y2K}, .slots = REGISTRY_SLOTS, .is_marked = true};
    for (int i = 0; i < REGISTRY_SLOTS; i++)
        s.mark[i] = 'D';
    copy_sample(&b, 1, 0, &s);
    size_t one = b.size;
    ck_assert_uint_eq(one, 2 + 8 + 6 + 12 + 12 + 4 + 20 + 12 * REGISTRY_SLOTS + 4 + REGISTRY_SLOTS);
    copy_sample(&b, 1, 0, &s);
    ck_assert_uint_eq(b.size, 2 * one);
    ck_assert_mem_eq(b.at, b.at + one, one);
    buf_clear(&b);
}
END_TEST

START_TEST(an_instant_before_2000)
{
    struct feed feed = {.feed_id = 258};
    static struct sample s;
    struct buf b = {0};

    s = (struct sample){.feed = &feed, .at = {-1}, .slots = 0};
    copy_sample(&b, 3, 0, &s);
    /* -946684800000001 */
    ck_assert_mem_eq(b.at + 2 + 8 + 6, "\0\0\0\x8" "\xff\xfc\xa2\xfe\xc4\xc8\x1f\xff", 12);
    buf_clear(&b);
}
END_TEST

#define REJECT_HEAD "\0\xa" INT2_3 POSITION AT_1S
static const struct reject_row {
    const char *name;
    struct bytes broker, topic, payload;
    const char *reason;
    size_t faults, kept;
    struct bytes source, wanted;
} reject_rows[] = {
    {"plain", BYTES("b1"), BYTES("a/b"), BYTES("{\0\xff"), "no JSON", 1, 0, BYTES("P1"),
     BYTES(REJECT_HEAD "\0\0\0\2" "b1" "\0\0\0\3" "a/b" "\0\0\0\3" "{\0\xff" "\0\0\0\7" "no JSON"
                       "\0\0\0\4" "\0\0\0\1" "\0\0\0\4" "\0\0\0\0" "\0\0\0\2" "P1")},
    {"nothing in it", BYTES(""), BYTES(""), {NULL, 0}, "", 2, 258, {NULL, 0},
     BYTES(REJECT_HEAD "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\4" "\0\0\0\2" "\0\0\0\4" "\0\0\1\2" NIL)},
    {"UTF-8 stays, with backslash and quote", BYTES("\xe5\x8c\x97"), BYTES("\\x\""), BYTES(""), "r", 1, 0, {NULL, 0},
     BYTES(REJECT_HEAD "\0\0\0\3" "\xe5\x8c\x97" "\0\0\0\3" "\\x\"" "\0\0\0\0" "\0\0\0\1" "r"
                       "\0\0\0\4" "\0\0\0\1" "\0\0\0\4" "\0\0\0\0" NIL)},
    {"a topic in GBK", BYTES("b"), BYTES("a/\xb1\xb1/\xe5\x8c\x97"), BYTES(""), "r", 1, 0, {NULL, 0},
     BYTES(REJECT_HEAD "\0\0\0\1" "b" "\0\0\0\xe" "a/\\xb1\\xb1/\xe5\x8c\x97" "\0\0\0\0" "\0\0\0\1" "r"
                       "\0\0\0\4" "\0\0\0\1" "\0\0\0\4" "\0\0\0\0" NIL)},
    {"a NUL, a surrogate, an overlong slash", BYTES("b"), BYTES("a\0\xed\xa0\x80\xc0\xaf"), BYTES(""), "r", 1, 0, {NULL, 0},
     BYTES(REJECT_HEAD "\0\0\0\1" "b" "\0\0\0\x19" "a\\x00\\xed\\xa0\\x80\\xc0\\xaf" "\0\0\0\0" "\0\0\0\1" "r"
                       "\0\0\0\4" "\0\0\0\1" "\0\0\0\4" "\0\0\0\0" NIL)},
    {"a reason cut within a character", BYTES("b"), BYTES("t"), BYTES(""), "\xe5\x8c\x97\xe5\x8c", 1, 0, {NULL, 0},
     BYTES(REJECT_HEAD "\0\0\0\1" "b" "\0\0\0\1" "t" "\0\0\0\0" "\0\0\0\xb" "\xe5\x8c\x97\\xe5\\x8c"
                       "\0\0\0\4" "\0\0\0\1" "\0\0\0\4" "\0\0\0\0" NIL)},
    {"counts past int4", BYTES("b"), BYTES("t"), BYTES(""), "r", SIZE_MAX, (size_t)INT32_MAX + 1, {NULL, 0},
     BYTES(REJECT_HEAD "\0\0\0\1" "b" "\0\0\0\1" "t" "\0\0\0\0" "\0\0\0\1" "r"
                       "\0\0\0\4" "\x7f\xff\xff\xff" "\0\0\0\4" "\x7f\xff\xff\xff" NIL)},
};

START_TEST(a_reject)
{
    const struct reject_row *row = &reject_rows[_i];
    struct record r = {
        .position = 0x0102030405060708,
        .arrived = {Y2K + 1000000},
        .kind = RECORD_MESSAGE,
        .broker = row->broker.at,
        .broker_size = row->broker.size,
        .topic = row->topic.at,
        .topic_size = row->topic.size,
        .payload = (const unsigned char *)row->payload.at,
        .payload_size = row->payload.size,
    };
    struct buf b = {0};

    copy_reject(&b, 3, &r, row->reason, row->faults, row->kept, (struct span){row->source.at, row->source.size});
    check_bytes(row->name, &b, row->wanted);
    buf_clear(&b);
}
END_TEST

static const struct watch_state state = {
    .phase = WATCH_OPEN,
    .last = {Y2K + 4},
    .since = {Y2K + 1},
    .worst = -2.5,
    .worst_at = {Y2K + 2},
    .first_position = 5,
    .worst_position = 6,
    .last_position = 0x0102030405060708,
    .count = 9,
};
#define INT8(low) "\0\0\0\x8" "\0\0\0\0\0\0\0" low
#define STATE_TAIL "\0\0\0\4" "\0\0\0\x9"
#define POSITIONS INT8("\5") INT8("\6") POSITION

START_TEST(an_episode)
{
    static const struct {
        const char *name;
        bool is_closed;
        struct bytes wanted;
    } rows[] = {
        {"open", false,
         BYTES("\0\xc" INT4_258 "\0\0\0\4" "\0\0\0\1" INT8("\1") NIL MINUS_TWO_AND_A_HALF INT8("\2") INT8("\4")
               STATE_TAIL INT2_3 POSITIONS)},
        {"closed", true,
         BYTES("\0\xc" INT4_258 "\0\0\0\4" "\0\0\0\1" INT8("\1") INT8("\x7f") MINUS_TWO_AND_A_HALF INT8("\2")
               INT8("\4") STATE_TAIL INT2_3 POSITIONS)},
    };
    struct episode e = {.limit_id = 258, .series_id = 1, .state = state, .closed = {Y2K + 127}};
    struct buf b = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        e.is_closed = rows[i].is_closed;
        buf_empty(&b);
        copy_episode(&b, 3, &e);
        check_bytes(rows[i].name, &b, rows[i].wanted);
    }
    buf_clear(&b);
}
END_TEST

START_TEST(a_watch_state)
{
    static const struct {
        enum watch_phase phase;
        struct bytes text;
    } rows[] = {
        {WATCH_QUIET, BYTES("\0\0\0\5quiet")},
        {WATCH_PENDING, BYTES("\0\0\0\7pending")},
        {WATCH_OPEN, BYTES("\0\0\0\4open")},
    };
    static const struct bytes head = BYTES("\0\xb" INT4_258 "\0\0\0\4" "\0\0\0\1");
    static const struct bytes tail =
        BYTES(INT8("\4") INT8("\1") MINUS_TWO_AND_A_HALF INT8("\2") STATE_TAIL POSITIONS);
    struct watch w = {.rule = {.limit_id = 258}, .series_id = 1, .now = state};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b = {0}, wanted = {0};
        w.now.phase = rows[i].phase;
        copy_watch_state(&b, &w);
        buf_add(&wanted, head.at, head.size);
        buf_add(&wanted, rows[i].text.at, rows[i].text.size);
        buf_add(&wanted, tail.at, tail.size);
        check_bytes(watch_phase_name[rows[i].phase], &b, (struct bytes){(const char *)wanted.at, wanted.size});
        buf_clear(&b);
        buf_clear(&wanted);
    }
}
END_TEST

START_TEST(a_folder_cell)
{
    static const struct {
        const char *name;
        struct folder_cell cell;
        struct bytes wanted;
    } rows[] = {
        {"a cell", {"a.csv", 258, {"x", 1}, {"12", 2}, NULL},
         BYTES("\0\5" "\0\0\0\5" "a.csv" INT4_258 "\0\0\0\1" "x" "\0\0\0\2" "12" NIL)},
        {"a header", {"a.csv", 258, {"x", 1}, {NULL, 0}, NULL},
         BYTES("\0\5" "\0\0\0\5" "a.csv" INT4_258 "\0\0\0\1" "x" NIL NIL)},
        {"a fault, its column no UTF-8", {"a.csv", 0, {"\xff", 1}, {NULL, 0}, "bad"},
         BYTES("\0\5" "\0\0\0\5" "a.csv" NIL "\0\0\0\4" "\\xff" NIL "\0\0\0\3" "bad")},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b = {0};
        copy_folder_cell(&b, &rows[i].cell);
        check_bytes(rows[i].name, &b, rows[i].wanted);
        buf_clear(&b);
    }
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("copy_row");
    TCase *c = tcase_create("copy_row");

    tcase_add_test(c, the_frame);
    tcase_add_loop_test(c, a_sample, 0, (int)(sizeof(sample_rows) / sizeof(sample_rows[0])));
    tcase_add_loop_test(c, a_sample_to_be_merged, 0, 2);
    tcase_add_test(c, a_sample_of_all_slots_behind_another);
    tcase_add_test(c, an_instant_before_2000);
    tcase_add_loop_test(c, a_reject, 0, (int)(sizeof(reject_rows) / sizeof(reject_rows[0])));
    tcase_add_test(c, an_episode);
    tcase_add_test(c, a_watch_state);
    tcase_add_test(c, a_folder_cell);
    suite_add_tcase(s, c);
    return s;
}
