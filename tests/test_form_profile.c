/* form_profile: what vendors' devices send, read as the profiles say that are shipped as examples. */
#include <check.h>
#include <dirent.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "conf.h"
#include "form_cases.h"
#include "form_profile.h"
#include "runner.h"

#define CASES_LEAST 50
#define FILES_LEAST 17
#define GATEWAYS "mqtt/gateway-payloads.jsonl"
#define GATEWAYS_WANTED 16

static const char *
source(void)
{
    const char *folder = getenv("ABATE_SOURCE");
    return folder != NULL ? folder : ".";
}

static void
read_file(const char *name, struct buf *out)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/daemon/%s", source(), name);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s cannot be opened", path);
    size_t got;
    while ((got = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
        out->size += got;
    fclose(f);
}

/* A profile out of the shipped file of its name; read once. */
static const struct profile *
shipped(const char *name, size_t size)
{
    static struct {
        char name[64];
        struct conf *conf;
    } known[64];
    char file[128];
    struct buf text = {0};
    struct reason why;
    size_t i = 0;

    ck_assert(size < sizeof(known[0].name));
    while (known[i].conf != NULL && (strlen(known[i].name) != size || memcmp(known[i].name, name, size) != 0))
        i++;
    if (known[i].conf == NULL) {
        memcpy(known[i].name, name, size);
        snprintf(file, sizeof(file), "profiles/%.*s.example", (int)size, name);
        read_file(file, &text);
        buf_add(&text, "", 1);
        known[i].conf = conf_parse_profiles(file, (const char *)text.at, &why);
        ck_assert_msg(known[i].conf != NULL, "%s", why.text);
        buf_clear(&text);
    }
    const struct profile *p = conf_find_profile(known[i].conf, known[i].name);
    ck_assert_msg(p != NULL, "%s.example has no profile of its name", known[i].name);
    return p;
}

static const struct profile *
of_case(const char *name)
{
    return shipped(name, strcspn(name, "."));
}

START_TEST(every_case_comes_out_as_expected)
{
    cases_run_by("profile", CASES_LEAST, of_case);
}
END_TEST

static int
is_example(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Alone, and all of them behind the example of the configuration: with their feeds. */
START_TEST(every_shipped_profile_can_be_appended)
{
    char folder[4096];
    struct dirent **entry;
    struct buf all = {0};
    struct reason why;

    snprintf(folder, sizeof(folder), "%s/daemon/profiles", source());
    int count = scandir(folder, &entry, is_example, alphasort);
    ck_assert_int_ge(count, FILES_LEAST);
    read_file("abated.conf.example", &all);
    for (int i = 0; i < count; i++) {
        char file[512];
        struct buf one = {0};
        snprintf(file, sizeof(file), "profiles/%s", entry[i]->d_name);
        read_file("abated.conf.example", &one);
        read_file(file, &one);
        read_file(file, &all);
        buf_add(&one, "", 1);
        struct conf *c = conf_parse(file, (const char *)one.at, &why);
        ck_assert_msg(c != NULL, "%s", why.text);
        ck_assert_msg(c->profiles == 1 && c->feeds == 2 && c->feed[1].profile == &c->profile[0], "%s: not one of each", file);
        conf_free(c);
        buf_clear(&one);
        free(entry[i]);
    }
    free(entry);
    buf_add(&all, "", 1);
    struct conf *c = conf_parse("all", (const char *)all.at, &why);
    ck_assert_msg(c != NULL, "%s", why.text);
    ck_assert_int_eq((int)c->profiles, count);
    conf_free(c);
    buf_clear(&all);
}
END_TEST

/* ---- payloads as gateways' manuals and users print them ---- */

#define A_PROFILE "time = '/timestamp' time_form = ms "

static const struct gateway {
    const char *profile; /* of a shipped file; or, with a blank in it, the keys of one; NULL: none reads it */
    const char *came;    /* what came of it, or its beginning */
} gateways[GATEWAYS_WANTED] = {
    {"kepware", "measurement - 2020-01-20 10:31:46.266000Z realtime\nreading \"x_period\" 10 N\n"},
    {"kepware-tag", "measurement - 2022-07-28 11:06:15.584000Z realtime\nreading \"a00000\" 48829.10475631259 N \"m3/h\"\n"},
    {"kepware-tag", "measurement - 2022-07-28 11:06:46.664000Z realtime\nreading \"a00000\" 30011.406924404891 N \"m3/h\"\n"},
    {"kepware-tag", "measurement - 2022-07-28 11:07:37.822000Z realtime\nreading \"a00000\" 52553.738641178854 N \"m3/h\"\n"},
    {"wincc", "refused: no reading in it, only what the profile leaves out\n"},
    {"tasmota", "measurement - 2026-09-18 11:19:21 local realtime\nreading \"x_energy\" 2.813 N \"kWh\"\n"
                "reading \"x_energy_2\" 0.254 N \"kWh\"\nreading \"x_power\" 52 N \"W\"\nreading \"x_power_2\" 5 N \"W\"\n"},
    {"tasmota", "measurement - 2023-04-04 17:01:33 local realtime\nreading \"x_energy\" 14.68792 N \"kWh\"\n"
                "reading \"x_power\" 32 N \"W\"\n"},
    {"alink", "measurement - 2011-10-31 16:27:09Z realtime\nreading \"a01014\" 71 N \"%\"\n"
              "reading \"a01012\" 25.4 N \"Cel\"\n"},
    {"alink", "refused: neither a JSON object nor an array of them: \"210.08\"\n"},
    {"neuron-values", "measurement - 2022-04-15 07:06:28.943000Z realtime\nreading \"w01018\" 123 N \"mg/L\"\n"
                      "reading \"w01001\" - D\n"},
    {"neuron-tags", "refused: not JSON: line 10, column 5: string or '}' expected near \"}\" (a comma is too many)\n"},
    {A_PROFILE "readings = '/custom_tag_name/*' name = './name' value = './value' errors = '/custom_tag_errors/*' "
               "mark = './error' marks = '*=D'",
     "measurement - 2022-04-15 07:06:28.943000Z realtime\nreading \"tag1\" 123 N\nreading \"tag2\" 456 N\n"
     "reading \"tag3\" - D\nreading \"tag4\" - D\n"},
    {A_PROFILE "readings = '/data/child_node/tag_values/*' errors = '/data/child_node/tag_error_values/*' marks = '*=D'",
     "measurement - 2022-04-15 07:06:28.943000Z realtime\nreading \"tag1\" 123 N\nreading \"tag2\" 456 N\n"
     "reading \"tag3\" - D\nreading \"tag4\" - D\n"},
    {"neuron-values", "faults 1: \"/timestamp\": no time there\n"},
    {"neuron-values", "faults 1: \"/timestamp\": no time there\n"},
    {"neuron-values", "faults 1: \"/timestamp\": no time there\n"},
};

static struct conf *
profile_of_keys(const char *keys)
{
    struct buf text = {0};
    struct reason why;

    case_line(&text, "profile p { %s }\n", keys);
    buf_add(&text, "", 1);
    struct conf *c = conf_parse_profiles("keys", (const char *)text.at, &why);
    ck_assert_msg(c != NULL, "%s", why.text);
    buf_clear(&text);
    return c;
}

static const char *
try_gateway(const struct gateway *g, const char *payload)
{
    struct buf got = {0};
    struct conf *own = strchr(g->profile, ' ') != NULL ? profile_of_keys(g->profile) : NULL;
    const struct profile *p = own != NULL ? &own->profile[0] : shipped(g->profile, strlen(g->profile));

    case_decode_by(form_find("json"), p, payload, strlen(payload), true, &got);
    ck_assert_msg(strcmp((const char *)got.at, g->came) == 0, "by %s: %s\ncame:\n%s\nwanted:\n%s", g->profile, payload,
                  (const char *)got.at, g->came);
    const char *kind = strncmp(g->came, "measurement", 11) == 0 ? "read" : "refused";
    buf_clear(&got);
    conf_free(own);
    return kind;
}

START_TEST(payloads_of_gateways_are_read_or_refused)
{
    FILE *f = case_open(GATEWAYS);
    char line[16384];
    int seen = 0, read = 0;

    if (f == NULL)
        return;
    while (fgets(line, sizeof(line), f) != NULL) {
        json_t *row = json_loads(line, 0, NULL);
        ck_assert_ptr_nonnull(row);
        ck_assert_int_lt(seen, GATEWAYS_WANTED);
        read += strcmp(try_gateway(&gateways[seen++], json_string_value(json_object_get(row, "text"))), "read") == 0;
        json_decref(row);
    }
    fclose(f);
    ck_assert_int_eq(seen, GATEWAYS_WANTED);
    printf("gateways: %d payloads, %d read, %d refused with their reason\n", seen, read, seen - read);
}
END_TEST

/* ---- what the shipped ones do not say ---- */

#define EACH "each = '/b/*' time = './t' time_form = s readings = './v/*' "

static const struct {
    const char *keys, *payload, *came;
} said[] = {
    {EACH "reissue = './r'", "{\"b\":[{\"t\":1,\"v\":{\"a\":1}},{\"t\":1,\"r\":1,\"v\":{\"b\":2}},{\"t\":1,\"r\":\"true\",\"v\":{\"c\":3}}]}",
     "measurement - 1970-01-01 00:00:01Z realtime\nreading \"a\" 1 N\n"
     "measurement - 1970-01-01 00:00:01Z realtime reissue\nreading \"b\" 2 N\nreading \"c\" 3 N\n"},
    {EACH "period = './p'", "{\"b\":[{\"t\":1,\"p\":\"hour\",\"v\":{\"a\":1}},{\"t\":1,\"p\":\"day\",\"v\":{\"a\":2}},{\"t\":1,\"p\":\"week\",\"v\":{\"a\":2}}]}",
     "measurement - 1970-01-01 00:00:01Z hour\nreading \"a\" 1 N\nmeasurement - 1970-01-01 00:00:01Z day\nreading \"a\" 2 N\n"
     "faults 1: \"/b/2/p\": none of realtime, minute, hour, day: \"week\"\n"},
    {EACH "period = hour monitor = '/m/n'", "{\"m\":{\"n\":5},\"b\":[{\"t\":1,\"v\":{\"a\":1}}]}",
     "faults 1: \"/m/n\": no monitor there but a number\n"},
    {EACH "monitor = '*'", "{\"b\":[{\"t\":1,\"v\":{\"a\":1}}]}",
     "faults 1: \"/b/0\": a list: its elements have no name to be the monitor\n"},
    {EACH "ignore = a", "{\"b\":[{\"t\":1,\"v\":{\"a\":1}},{\"t\":2,\"v\":{\"b\":1}}]}",
     "measurement - 1970-01-01 00:00:02Z realtime\nreading \"b\" 1 N\n"},
    {EACH "ignore = a", "{\"b\":[{\"t\":1,\"v\":{\"a\":1}}]}", "refused: no reading in it, only what the profile leaves out\n"},
    {EACH, "{\"b\":[{\"t\":1,\"v\":[1,2]}]}", "faults 2: \"/b/0/v/0\": no name\n"},
    {EACH, "{\"b\":{\"x\":{\"t\":1,\"v\":[1]}}}", "faults 1: \"/b/x/v/0\": no name\n"},
    {EACH, "{\"b\":3}", "refused: no measurement at \"/b/*\"\n"},
    {EACH, "{\"b\":[{\"t\":1,\"v\":{\"a\":{\"x\":1}}}]}",
     "faults 1: \"/b/0/v/a\": not a number but an object (the profile may say where in it the \"value\" stands)\n"},
    {EACH "value = './x' mark = './m'", "{\"b\":[{\"t\":1,\"v\":{\"a\":{\"x\":1,\"m\":\"C\"},\"b\":2,\"c\":{\"m\":\"D\"},\"d\":{\"x\":1,\"m\":\"HL\"}}}]}",
     "measurement - 1970-01-01 00:00:01Z realtime\nreading \"a\" 1 C\nreading \"b\" 2 N\nreading \"c\" - D\n"
     "faults 1: \"/b/0/v/d\": no mark of one character: \"HL\" (the profile may name it in \"marks\")\n"},
    {EACH "value = './x' unit = './u'", "{\"b\":[{\"t\":1,\"v\":{\"a\":{\"x\":1,\"u\":7}}}]}",
     "faults 1: \"/b/0/v/a\": unit not a text but a number\n"},
    {EACH "missing = {'', '-9999'} quoted_numbers = on", "{\"b\":[{\"t\":1,\"v\":{\"a\":-9999,\"b\":\"\",\"c\":\"-9999\",\"d\":\" 1\",\"e\":\"1e2\"}}]}",
     "measurement - 1970-01-01 00:00:01Z realtime\nreading \"e\" 100 N\nfaults 1: \"/b/0/v/d\": not a number: \" 1\"\n"},
    {EACH "reading z { from = a scale = 1e300 }", "{\"b\":[{\"t\":1,\"v\":{\"a\":1e300}}]}",
     "faults 1: \"/b/0/v/a\": times its \"scale\" not a finite number\n"},
    {"each = '/b/*' time = '/t' time_form = s readings = './g/*/v/*' reading z { from = './g/n/k' }",
     "{\"t\":1,\"b\":[{\"g\":{\"n\":{\"v\":{\"a\":1},\"k\":7},\"o\":{\"v\":{\"c\":true}}}}]}",
     "measurement - 1970-01-01 00:00:01Z realtime\nreading \"a\" 1 N\nreading \"z\" 7 N\n"
     "faults 1: \"/b/0/g/o/v/c\": not a number but true\n"},
    {"each = '/b/*' time = '/t' readings = '.'", "{\"b\":{\"x\":1}}", "faults 1: \"/t\": no time there\n"},
    {"each = '/b/*' time = '/t' time_form = digits readings = '.'", "{\"t\":\"20201102080000\",\"b\":{\"x\":1,\"y\":2}}",
     "measurement - 2020-11-02 08:00:00 local realtime\nreading \"x\" 1 N\nreading \"y\" 2 N\n"},
};

START_TEST(what_a_profile_says_counts)
{
    struct buf got = {0};
    struct conf *c = profile_of_keys(said[_i].keys);

    case_decode_by(form_find("json"), &c->profile[0], said[_i].payload, strlen(said[_i].payload), true, &got);
    ck_assert_msg(strcmp((const char *)got.at, said[_i].came) == 0, "%s: %s\ncame:\n%s", said[_i].keys, said[_i].payload,
                  (const char *)got.at);
    buf_clear(&got);
    conf_free(c);
}
END_TEST

/* ---- whatever comes ---- */

static const struct {
    const char *profile, *payload;
} good[] = {
    {"thingsboard", "{\"M1\":[{\"二氧化硫\":\"12.31\",\"DataTime\":\"2020-11-02 08:15:00\"}]}"},
    {"hj212-json", "{\"CN\":\"2011\",\"MN\":\"M1\",\"data\":[{\"commNumber\":\"0015\",\"value\":[\"1\",\"2\"]},"
                   "{\"commNumber\":\"2009\",\"flag\":\"HL\"}],\"DataTime\":\"20180507154010\"}"},
    {"neuron-values", "{\"timestamp\":1650006388943,\"group\":\"grp\",\"values\":{\"tag0\":123},\"errors\":{\"tag1\":2014}}"},
    {"cet", "{\"location_code\":\"M1\",\"properties\":[{\"key\":\"A相电流\",\"value\":0.25,\"unit\":\"A\","
            "\"timestamp\":1688354258},{\"key\":\"B相电流\",\"value\":1,\"timestamp\":1688354258}]}"},
    {"edgelogger", "{\"msgId\":\"d0e6\",\"batch\":[{\"timestamp\":\"20250619145824881\",\"device_id\":\"AHU34\","
                   "\"metrics\":{\"energy\":{\"active\":{\"value\":{\"forward\":3274.53}}}}}]}"},
    {"enos", "{\"id\":\"1\",\"params\":[{\"deviceKey\":\"d\",\"measurepoints\":{\"Power\":{\"value\":1,\"quality\":9},"
             "\"branchCurr\":[\"1.02\",\"2\"]},\"time\":123456}]}"},
    {"hj212-in-json", "{\"frame\":\"##0120QN=20200828191000000;ST=27;CN=2011;PW=123456;MN=18AAH;Flag=4;"
                      "CP=&&DataTime=20200828191000;a24088-Rtd=0.0,a24088-Flag=F&&B981\\r\\n\"}"},
};
#define GOOD_ROWS ((int)(sizeof(good) / sizeof(good[0])))

START_TEST(a_payload_cut_anywhere_is_refused)
{
    const struct profile *p = shipped(good[_i].profile, strlen(good[_i].profile));
    size_t whole = strlen(good[_i].payload);
    struct message m = {.profile = p};
    struct reason why;

    for (size_t size = 0; size <= whole; size++) {
        char *cut = malloc(size + 1); /* so that reading past its end is found */
        memcpy(cut, good[_i].payload, size);
        bool ok = form_profile_decode(cut, size, &m, &why);
        ck_assert_msg(ok == (size == whole), "cut at %zu: %s", size, ok ? "taken" : why.text);
        ck_assert(!ok || m.faults == 0);
        message_empty(&m);
        free(cut);
    }
    message_clear(&m);
}
END_TEST

/* A good payload with bytes changed, dropped and doubled by chance, always the same. */
START_TEST(whatever_comes_is_answered_decently)
{
    static const char spice[] = "{}[]\",:\\u0-+.eE9nN#/\xff\xe7\x80\x00\x1b";
    const struct profile *p = shipped(good[_i].profile, strlen(good[_i].profile));
    unsigned seed = 1;
    struct message m = {.profile = p};

    for (int round = 0; round < 8000; round++) {
        char payload[512];
        size_t size = strlen(good[_i].payload);
        memcpy(payload, good[_i].payload, size);
        for (int change = round % 4; change >= 0; change--) {
            seed = seed * 1103515245u + 12345u;
            size_t at = (seed >> 8) % size;
            if (seed >> 30 == 0)
                memmove(payload + at, payload + at + 1, --size - at);
            else if (seed >> 30 == 1)
                memmove(payload + at + 1, payload + at, size++ - at);
            else
                payload[at] = spice[(seed >> 4) % (sizeof(spice) - 1)];
        }
        struct reason why = {""};
        bool ok = form_profile_decode(payload, size, &m, &why);
        ck_assert_msg(ok || case_is_decent(&why), "round %d: %s", round, why.text);
        ck_assert_msg(!ok || m.measurements > 0 || m.faults > 0, "round %d: nothing came of it", round);
        ck_assert_msg(m.faults == 0 || case_is_decent(&m.first_fault), "round %d: %s", round, m.first_fault.text);
        message_empty(&m);
    }
    message_clear(&m);
}
END_TEST

START_TEST(nothing_is_left_behind)
{
    const struct profile *p = shipped(good[_i].profile, strlen(good[_i].profile));
    struct message m = {.profile = p};
    struct reason why;
    size_t before = 0;

    for (int round = 0; round < 3000; round++) {
        size_t size = strlen(good[_i].payload);
        form_profile_decode(good[_i].payload, round % 2 ? size : size / 2, &m, &why);
        message_empty(&m);
        if (round == 1000)
            before = mallinfo2().uordblks;
    }
    ck_assert_uint_eq(mallinfo2().uordblks, before);
    message_clear(&m);
}
END_TEST

/* `count` times `each` between `front` and `back`, %d its number. */
static const struct made {
    const char *profile, *front, *each, *back;
    int count;
    const char *came;
} made_rows[] = {
    {"cems-http", "{\"ts\":\"2026-10-02 14:36:41\",\"data\":{\"a\":1", ",\"a%d\":1", "}}", 1023, "measurement"},
    {"cems-http", "{\"ts\":\"2026-10-02 14:36:41\",\"data\":{\"a\":1", ",\"a%d\":1", "}}", 1024,
     "refused: more than 1024 readings"},
    {"cems-http", "{\"ts\":\"2026-10-02 14:36:41\",\"data\":{\"a\":\"\"", ",\"a%d\":\"\"", "}}", 1024,
     "refused: more than 1024 readings"},
    {"neuron-values", "{\"timestamp\":1650006388943,\"group\":\"g\",\"values\":{},\"errors\":{\"a\":1", ",\"a%d\":1", "}}", 1024,
     "refused: more than 1024 readings"},
    {"kepware", "{\"values\":[{\"id\":\"a\",\"v\":1,\"t\":1}", ",{\"id\":\"a\",\"v\":1,\"t\":1}", "]}", 1023, "measurement"},
    {"kepware", "{\"values\":[{\"id\":\"a\",\"v\":1,\"t\":1}", ",{\"id\":\"a\",\"v\":1,\"t\":1}", "]}", 1024,
     "refused: more than 1024 readings"},
    {"kepware", "{\"values\":[0", ",0", "]}", 30000, "refused: more than 1024 readings"},
    {"thingsboard", "{\"a\":", "[", "]}", 9, "refused: nested deeper than 8"},
};

START_TEST(what_is_huge_is_refused_or_borne)
{
    const struct made *row = &made_rows[_i];
    const char *number = strstr(row->each, "%d");
    struct buf payload = {0}, got = {0};

    buf_add_text(&payload, row->front);
    for (int i = 0; i < row->count; i++) {
        buf_add(&payload, row->each, number != NULL ? (size_t)(number - row->each) : strlen(row->each));
        if (number != NULL)
            case_line(&payload, "%d%s", i, number + 2);
    }
    buf_add_text(&payload, row->back);
    case_decode_by(form_find("json"), shipped(row->profile, strlen(row->profile)), payload.at, payload.size, true, &got);
    ck_assert_msg(strncmp((const char *)got.at, row->came, strlen(row->came)) == 0, "row %d: %.200s", _i,
                  (const char *)got.at);
    buf_clear(&payload);
    buf_clear(&got);
}
END_TEST

/* ---- what a message calls itself ---- */

static const struct {
    const char *profile, *payload, *says;
} id_rows[] = {
    {"edgelogger", "{\"msgId\":\"d0e6\",\"batch\":[]}", "\"id\":\"d0e6\""},
    {"enos", "{\"id\":123}", "\"id\":123"},
    {"enos", "{\"id\":12.5}", ""},
    {"enos", "{\"id\":1e300}", ""},
    {"enos", "{\"id\":\"\"}", ""},
    {"enos", "{\"id\":\"a\\\"b\"}", ""},
    {"enos", "{\"id\":\"a\\nb\"}", ""},
    {"enos", "{\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", ""},
    {"enos", "{\"id\":\"二\"}", "\"id\":\"二\""},
    {"enos", "{\"id\":null}", ""},
    {"enos", "{\"id\":", ""},
    {"enos", "", ""},
    {"grm", "{\"id\":\"7\"}", ""},
    {"hj212-in-json", "{\"id\":\"7\",\"frame\":\"\"}", "\"id\":\"7\""},
};

START_TEST(a_message_is_called_what_its_profile_says)
{
    struct buf out = {0};
    const char *payload = id_rows[_i].payload;

    form_identify(form_find("json"), shipped(id_rows[_i].profile, strlen(id_rows[_i].profile)), payload, strlen(payload), &out);
    buf_add(&out, "", 1);
    ck_assert_str_eq((const char *)out.at, id_rows[_i].says);
    buf_clear(&out);
}
END_TEST

/* ---- as the writer takes it ---- */

START_TEST(a_batch_reads_each_feed_by_its_own_profile)
{
    static const char conf_text[] = "broker b { host = h }\n"
                                    "profile p { time = '/t' time_form = s readings = '/v/*' reading a21002 { from = x scale = 0.1 } }\n"
                                    "feed f { topic = 'p/{monitor}' profile = p }\nfeed g { topic = 'n/{monitor}' }\n";
    static const char *const topics[] = {"p/M1", "n/M1", "p/M1"};
    static const char *const payloads[] = {"{\"t\":1320078420,\"v\":{\"x\":74}}",
                                           "{\"time\":\"2011-10-31T16:27:01Z\",\"readings\":{\"a21002\":3}}",
                                           "{\"t\":1320078422,\"v\":{\"x\":75}}"};
    struct batch batch = {0};
    struct reason why;
    struct conf *conf = conf_parse("test", conf_text, &why);
    ck_assert_msg(conf != NULL, "%s", why.text);
    struct catalogue *catalogue = catalogue_new();
    struct monitor *m = registry_add_monitor(catalogue->registry, "M1", "P1", "north", 28800);
    struct feed *f = registry_add_feed(catalogue->registry, m, 1, PERIOD_REALTIME);
    f->last.us = 0;
    registry_add_slot(catalogue->registry, f, 0, "a21002", "mg/m3");

    batch_begin(&batch, conf, false, (struct instant){0});
    for (int i = 0; i < 3; i++) {
        struct record r = {.position = 100, .arrived = {CASE_ARRIVED_US}, .kind = RECORD_MESSAGE, .broker = "b",
                           .broker_size = 1, .topic = topics[i], .topic_size = 4,
                           .payload = (const unsigned char *)payloads[i], .payload_size = strlen(payloads[i])};
        batch_take(&batch, conf, catalogue, 1, &r);
        ck_assert_msg(batch.reject_rows == 0, "%d: %s", i, batch.message.first_fault.text);
        ck_assert_uint_eq(batch.readings, (size_t)i + 1);
        ck_assert_double_eq(batch.sample.value[0], i == 0 ? 7.4 : i == 1 ? 3 : 7.5);
    }
    batch_clear(&batch);
    catalogue_free(catalogue);
    conf_free(conf);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("form_profile");
    TCase *t = tcase_create("form_profile");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_case_comes_out_as_expected);
    tcase_add_test(t, every_shipped_profile_can_be_appended);
    tcase_add_test(t, payloads_of_gateways_are_read_or_refused);
    tcase_add_loop_test(t, what_a_profile_says_counts, 0, (int)(sizeof(said) / sizeof(said[0])));
    tcase_add_loop_test(t, a_payload_cut_anywhere_is_refused, 0, GOOD_ROWS);
    tcase_add_loop_test(t, whatever_comes_is_answered_decently, 0, GOOD_ROWS);
    tcase_add_loop_test(t, nothing_is_left_behind, 0, GOOD_ROWS);
    tcase_add_loop_test(t, what_is_huge_is_refused_or_borne, 0, (int)(sizeof(made_rows) / sizeof(made_rows[0])));
    tcase_add_loop_test(t, a_message_is_called_what_its_profile_says, 0, (int)(sizeof(id_rows) / sizeof(id_rows[0])));
    tcase_add_test(t, a_batch_reads_each_feed_by_its_own_profile);
    suite_add_tcase(s, t);
    return s;
}
