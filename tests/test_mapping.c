/* mapping: mapping texts and CSV rows, and the messages that come of them. The rows are made up, in forms
 * seen in real files. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mapping.h"
#include "runner.h"

#define TURBINE                                                                                              \
    "source \"t.csv\" { start = \"2011-01-01 00:00:00\" }\n"                                                 \
    "time { step = \"1h\" utc_offset = \"+03:00\" }\n"                                                       \
    "monitor \"GT-1\" { region = \"tr\" plant = \"GT\" }\n"                                                  \
    "message { monitor = \"GT-1\" period = \"hour\"\n"                                                       \
    "  reading \"a21005\" { column = \"CO\" unit = \"mg/m3\" }\n"                                            \
    "  reading \"a21002\" { column = \"NOX\" unit = \"mg/m3\" } }\n"
#define TURBINE_HEAD "{\"monitor\":\"GT-1\",\"time\":\"2011-01-01T"

#define METERS                                                                                               \
    "source \"m.csv\" {}\n"                                                                                  \
    "separator = \";\"\n"                                                                                    \
    "time { columns = \"when\" format = \"%d/%m/%Y %H:%M:%S\" utc_offset = \"+01:00\" }\n"                   \
    "monitor \"W-1\" { region = \"es\" plant = \"WATER\" value = \"9348c9bb\" }\n"                           \
    "monitor \"W-2\" { region = \"es\" plant = \"WATER\" value = \"1de2 cf65\" }\n"                          \
    "message { monitor_column = \"user key\" reading \"x_water_register\" { column = \"litres\" scale = "    \
    "0.001 } }\n"

#define WORKS                                                                                                \
    "source \"w.data\" {}\n"                                                                                 \
    "header = false\n"                                                                                       \
    "missing = {\"?\", \"-200\"}\n"                                                                          \
    "time { columns = \"#1\" format = \"D-%d/%m/%y\" utc_offset = \"+01:00\" }\n"                            \
    "monitor \"IN\" { region = \"es\" plant = \"WWTP\" }\n"                                                  \
    "monitor \"OUT\" { region = \"es\" plant = \"WWTP\" }\n"                                                 \
    "message { monitor = \"IN\" period = \"day\" reading \"w01001\" { column = \"#2\" } }\n"                 \
    "message { monitor = \"OUT\" period = \"day\" reading \"w01001\" { column = \"#3\" }\n"                  \
    "  reading \"w01018\" { column = \"#4\" unit = \"mg/L\" } }\n"

#define AIR                                                                                                  \
    "source \"a.csv\" {}\n"                                                                                  \
    "time { columns = {\"Date\", \"Time\"} format = \"%d/%m/%Y %H:%M:%S\" utc_offset = \"+01:00\" }\n"       \
    "monitor \"A\" { region = \"it\" plant = \"VOC\" }\n"                                                    \
    "message { monitor = \"A\" reading \"a25002\" { column = \"C6H6\" } }\n"

/* The last row of `csv` is made into message `message`; `wanted` is its payload, or how the reason begins. */
static const struct row {
    const char *name;
    const char *mapping;
    const char *csv;
    size_t message;
    enum mapping_made made;
    const char *topic;
    const char *wanted;
} rows[] = {
    {"start and step, first row", TURBINE, "AT,CO,NOX\n4.5,0.32663,81.952\n", 0, MAPPING_MADE,
     "plants/tr/GT/GT-1",
     TURBINE_HEAD "00:00:00+03:00\",\"period\":\"hour\",\"readings\":{\"a21005\":{\"value\":0.32663,\"unit\":"
                  "\"mg/m3\"},\"a21002\":{\"value\":81.952,\"unit\":\"mg/m3\"}}}"},
    {"start and step, third row", TURBINE, "AT,CO,NOX\n1,2,3\n1,2,3\n1,2,3\n", 0, MAPPING_MADE,
     "plants/tr/GT/GT-1",
     TURBINE_HEAD
     "02:00:00+03:00\",\"period\":\"hour\",\"readings\":{\"a21005\":{\"value\":2,\"unit\":\"mg/m3\"},"
     "\"a21002\":{\"value\":3,\"unit\":\"mg/m3\"}}}"},
    {"blanks in header and fields", TURBINE, "CO , NOX\n 1 ,2 \n", 0, MAPPING_MADE, "plants/tr/GT/GT-1",
     TURBINE_HEAD
     "00:00:00+03:00\",\"period\":\"hour\",\"readings\":{\"a21005\":{\"value\":1,\"unit\":\"mg/m3\"},"
     "\"a21002\":{\"value\":2,\"unit\":\"mg/m3\"}}}"},
    {"one value missing", TURBINE, "CO,NOX\n,2\n", 0, MAPPING_MADE, "plants/tr/GT/GT-1",
     TURBINE_HEAD
     "00:00:00+03:00\",\"period\":\"hour\",\"readings\":{\"a21002\":{\"value\":2,\"unit\":\"mg/m3\"}}}"},
    {"all values missing", TURBINE, "CO,NOX\n,\n", 0, MAPPING_EMPTY, NULL, NULL},
    {"a decimal comma", TURBINE, "CO,NOX\n\"1,5\",2\n", 0, MAPPING_WRONG, NULL,
     "column \"CO\": not a number: \"1,5\""},
    {"no number", TURBINE, "CO,NOX\nnan,2\n", 0, MAPPING_WRONG, NULL, "column \"CO\": not a number: \"nan\""},
    {"hexadecimal", TURBINE, "CO,NOX\n0x10,2\n", 0, MAPPING_WRONG, NULL,
     "column \"CO\": not a number: \"0x10\""},
    {"past every double", TURBINE, "CO,NOX\n1e999,2\n", 0, MAPPING_WRONG, NULL,
     "column \"CO\": not a number"},
    {"a number of 64 digits", TURBINE,
     "CO,NOX\n1000000000000000000000000000000000000000000000000000000000000000,2\n", 0, MAPPING_WRONG, NULL,
     "column \"CO\": not a number"},
    {"too few fields", TURBINE, "AT,CO,NOX\n1,2\n", 0, MAPPING_WRONG, NULL, "2 fields where 3 are wanted"},

    {"the monitor by a column, litres to cubic metres", METERS,
     "user key;when;litres\n9348c9bb;30/10/2016 02:37:38;70695\n", 0, MAPPING_MADE, "plants/es/WATER/W-1",
     "{\"monitor\":\"W-1\",\"time\":\"2016-10-30T02:37:38+01:00\",\"period\":\"realtime\",\"readings\":{"
     "\"x_water_register\":70.695}}"},
    {"a value with a blank, a number with an exponent", METERS,
     "user key;when;litres\n1de2 cf65;01/03/2016 00:12:37;2e+05\n", 0, MAPPING_MADE, "plants/es/WATER/W-2",
     "{\"monitor\":\"W-2\",\"time\":\"2016-03-01T00:12:37+01:00\",\"period\":\"realtime\",\"readings\":{"
     "\"x_water_register\":200}}"},
    {"an unknown monitor", METERS, "user key;when;litres\nabc;01/03/2016 00:12:37;1\n", 0, MAPPING_WRONG,
     NULL, "column \"user key\": no monitor has the value \"abc\""},
    {"a day that is not", METERS, "user key;when;litres\n9348c9bb;30/02/2016 00:00:00;1\n", 0, MAPPING_WRONG,
     NULL, "no such date or time: \"30/02/2016 00:00:00\""},
    {"month and day the wrong way round", METERS, "user key;when;litres\n9348c9bb;12/30/2016 00:00:00;1\n", 0,
     MAPPING_WRONG, NULL, "not a time of the form \"%d/%m/%Y %H:%M:%S\": \"12/30/2016 00:00:00\""},
    {"a time with something behind it", METERS, "user key;when;litres\n9348c9bb;01/03/2016 00:12:37 pm;1\n",
     0, MAPPING_WRONG, NULL, "not a time of the form"},

    {"no header, a short date, the first message", WORKS, "D-1/3/90,7.8,7.5,?\n", 0, MAPPING_MADE,
     "plants/es/WWTP/IN",
     "{\"monitor\":\"IN\",\"time\":\"1990-03-01T00:00:00+01:00\",\"period\":\"day\",\"readings\":{\"w01001\":"
     "7.8}}"},
    {"the second message of the same row", WORKS, "D-31/12/91,7.8,7.5,104\n", 1, MAPPING_MADE,
     "plants/es/WWTP/OUT",
     "{\"monitor\":\"OUT\",\"time\":\"1991-12-31T00:00:00+01:00\",\"period\":\"day\",\"readings\":{"
     "\"w01001\":7.5,"
     "\"w01018\":{\"value\":104,\"unit\":\"mg/L\"}}}"},
    {"other words for a missing value", WORKS, "D-1/3/90,-200,7.5,?\n", 0, MAPPING_EMPTY, NULL, NULL},
    {"an empty field is not one of them", WORKS, "D-1/3/90,,7.5,?\n", 0, MAPPING_WRONG, NULL,
     "column \"#2\": not a number: \"\""},

    {"date and time in two columns, the day not padded", AIR, "Date,Time,C6H6\n4/04/2005,14:00:00,11.9\n", 0,
     MAPPING_MADE, "plants/it/VOC/A",
     "{\"monitor\":\"A\",\"time\":\"2005-04-04T14:00:00+01:00\",\"period\":\"realtime\",\"readings\":{"
     "\"a25002\":11.9}}"},
    {"a row that ends before its time", AIR, "Date,Time,C6H6\n4/04/2005\n", 0, MAPPING_WRONG, NULL,
     "1 fields where 3 are wanted"},
};

struct got {
    enum mapping_made made;
    struct buf payload;
    const struct mapping_monitor *monitor;
    size_t readings;
    struct reason why;
};

/* The last row of the text, made into a message. */
static void
make(struct mapping *m, const struct row *row, struct got *got)
{
    char text[256];
    struct csv c;
    size_t used = 0, step, size = strlen(row->csv);
    uint64_t number = 0;
    struct instant at;

    memcpy(text, row->csv, size + 1);
    csv_init(&c, m->separator);
    if (m->has_header) {
        ck_assert_int_eq(csv_take(&c, text, size, true, &used, NULL), CSV_ROW);
        ck_assert_msg(mapping_bind(m, &c, &got->why), "%s: %s", row->name, got->why.text);
    } else {
        ck_assert_msg(mapping_bind(m, NULL, &got->why), "%s: %s", row->name, got->why.text);
    }
    for (; csv_take(&c, text + used, size - used, true, &step, NULL) == CSV_ROW; used += step, number++) {
        got->made = MAPPING_WRONG;
        if (mapping_time(m, m->source, &c, number, &at, &got->why))
            got->made = mapping_make(m, row->message, &c, at, &got->payload, &got->monitor, &got->readings,
                                     &got->why);
    }
    csv_clear(&c);
}

START_TEST(a_row_makes_a_message)
{
    const struct row *row = &rows[_i];
    struct got got = {0};
    struct reason why = {""};
    struct mapping *m = mapping_parse("test", row->mapping, &why);

    ck_assert_msg(m != NULL, "%s: %s", row->name, why.text);
    make(m, row, &got);
    ck_assert_msg(got.made == row->made, "%s: %d: %s", row->name, got.made, got.why.text);
    if (row->made == MAPPING_MADE) {
        buf_add(&got.payload, "", 1);
        ck_assert_msg(strcmp((char *)got.payload.at, row->wanted) == 0, "%s: %s", row->name,
                      (char *)got.payload.at);
        ck_assert_msg(strcmp(got.monitor->topic, row->topic) == 0, "%s: %s", row->name, got.monitor->topic);
    }
    if (row->made == MAPPING_WRONG)
        ck_assert_msg(strncmp(got.why.text, row->wanted, strlen(row->wanted)) == 0, "%s: %s", row->name,
                      got.why.text);
    buf_clear(&got.payload);
    mapping_free(m);
}
END_TEST

START_TEST(readings_are_counted)
{
    struct got got = {0};
    struct mapping *m = mapping_parse("test", TURBINE, NULL);
    make(m, &rows[0], &got);
    ck_assert_uint_eq(got.readings, 2);
    make(m, &rows[3], &got);
    ck_assert_uint_eq(got.readings, 1);
    buf_clear(&got.payload);
    mapping_free(m);
}
END_TEST

#define SOURCE "source \"a.csv\" {}\n"
#define TIME "time { columns = \"t\" format = \"%d\" utc_offset = \"+01:00\" }\n"
#define MONITOR "monitor \"M\" { region = \"r\" plant = \"p\" }\n"
#define MESSAGE "message { monitor = \"M\" reading \"x\" { column = \"v\" } }\n"

static const struct wrong_row {
    const char *name;
    const char *mapping;
    const char *why;
} wrong_rows[] = {
    {"nothing", "", "test: time: \"utc_offset\" must be as in \"+08:00\""},
    {"a key that is not", SOURCE "colour = \"red\"\n", "test:2: no such option 'colour'"},
    {"a key that is not, in a section", "source \"a\" {\n}\ntime {\n colour = 1\n}\n",
     "test:4: no such option 'colour'"},
    {"a section twice", SOURCE SOURCE, "test:2: "},
    {"a brace too few", SOURCE "time {\n" MONITOR, "test:2: the section that begins here is not closed"},
    {"a value out of the environment", "source \"${HOME}\" {}\n", "test:1: \"${\": environment variables are not read"},
    {"nothing for a key", SOURCE "\"\"\n", "test: a key is wanted where \"\" stands"},
    {"a text over two lines", SOURCE "colour = \"red\nblue\"\n", "test:2: string without its closing"},
    {"a control character", SOURCE "time { utc_offset = \"\x1b[2J\" }\n", "test:2: control character \"\\x1b\""},
    {"a name that turns the writing", SOURCE TIME MONITOR "message { monitor = \"\xe2\x80\xaeN\" }\n",
     "test: message 1: there is no section monitor \"\\xe2\\x80\\xaeN\""},
    {"a separator of two bytes", "separator = \"::\"\n", "test: \"separator\" must be one character"},
    {"a separator that is a quote", "separator = '\"'\n", "test: \"separator\" must be one character"},
    {"a zone in words", SOURCE "time { utc_offset = \"CET\" }\n",
     "test: time: \"utc_offset\" must be as in \"+08:00\""},
    {"a zone past the day", SOURCE "time { utc_offset = \"+19:00\" }\n",
     "test: time: \"utc_offset\" must be"},
    {"neither columns nor step", SOURCE "time { utc_offset = \"+01:00\" }\n",
     "test: time: either \"columns\" or \"step\""},
    {"columns without a format", SOURCE "time { columns = \"t\" utc_offset = \"+01:00\" }\n",
     "test: time: one or two columns and a \"format\""},
    {"three columns",
     SOURCE "time { columns = {\"a\", \"b\", \"c\"} format = \"%d\" utc_offset = \"+01:00\" }\n",
     "test: time: one or two columns"},
    {"a step of no length", SOURCE "time { step = \"0s\" utc_offset = \"+01:00\" }\n",
     "test: time: \"step\" must be a length"},
    {"a step in words", SOURCE "time { step = \"hourly\" utc_offset = \"+01:00\" }\n",
     "test: time: \"step\" must be a length"},
    {"a step without a start", SOURCE "time { step = \"1h\" utc_offset = \"+01:00\" }\n",
     "test: source \"a.csv\": \"start\" goes with \"step\""},
    {"a start without a step", "source \"a\" { start = \"2011-01-01 00:00:00\" }\n" TIME,
     "test: source \"a\": \"start\" goes with"},
    {"a start that is none",
     "source \"a\" { start = \"2011\" }\ntime { step = \"1h\" utc_offset = \"+01:00\" }\n",
     "test: source \"a\": not a time"},
    {"no source", TIME MONITOR MESSAGE, "test: there is no section \"source\""},
    {"no monitor", SOURCE TIME MESSAGE, "test: there is no section \"monitor\""},
    {"no message", SOURCE TIME MONITOR, "test: there is no section \"message\""},
    {"a monitor without a plant", SOURCE TIME "monitor \"M\" { region = \"r\" }\n" MESSAGE,
     "test: monitor \"M\": \"region\" and \"plant\" must be given"},
    {"a plant that is no level", SOURCE TIME "monitor \"M\" { region = \"r\" plant = \"a/b\" }\n" MESSAGE,
     "test: monitor \"M\": cannot be a level of a topic: \"a/b\""},
    {"a monitor that is a wildcard", SOURCE TIME "monitor \"+\" { region = \"r\" plant = \"p\" }\n" MESSAGE,
     "test: monitor \"+\": cannot be a level of a topic: \"+\""},
    {"a message of no monitor", SOURCE TIME MONITOR "message { reading \"x\" { column = \"v\" } }\n",
     "test: message 1: either \"monitor\" or \"monitor_column\""},
    {"a message of two",
     SOURCE TIME MONITOR MESSAGE
     "message { monitor = \"M\" monitor_column = \"c\" reading \"x\" { column = \"v\" } }\n",
     "test: message 2: either \"monitor\" or \"monitor_column\""},
    {"a monitor nobody knows",
     SOURCE TIME MONITOR "message { monitor = \"N\" reading \"x\" { column = \"v\" } }\n",
     "test: message 1: there is no section monitor \"N\""},
    {"a period that is none", SOURCE TIME MONITOR "message { monitor = \"M\" period = \"week\" }\n",
     "test: message 1: \"period\" must be realtime, minute, hour or day, not \"week\""},
    {"a message without readings", SOURCE TIME MONITOR "message { monitor = \"M\" }\n",
     "test: message 1: it has no section \"reading\""},
    {"a reading without a column", SOURCE TIME MONITOR "message { monitor = \"M\" reading \"x\" {} }\n",
     "test: message 1: reading \"x\": \"column\" is missing"},
    {"a reading twice",
     SOURCE TIME MONITOR
     "message { monitor = \"M\" reading \"x\" { column = \"v\" } reading \"x\" { column = \"w\" } }\n",
     "test:4: "},
    {"a scale of nothing",
     SOURCE TIME MONITOR "message { monitor = \"M\" reading \"x\" { column = \"v\" scale = 0 } }\n",
     "test: message 1: reading \"x\": \"scale\" must be a number other than 0"},
    {"a scale that is no number",
     SOURCE TIME MONITOR "message { monitor = \"M\" reading \"x\" { column = \"v\" scale = nan } }\n",
     "test: message 1: reading \"x\": \"scale\" must be a number other than 0"},
    {"a scale without end",
     SOURCE TIME MONITOR "message { monitor = \"M\" reading \"x\" { column = \"v\" scale = -inf } }\n",
     "test: message 1: reading \"x\": \"scale\" must be a number other than 0"},
};

START_TEST(a_wrong_mapping_is_refused)
{
    const struct wrong_row *row = &wrong_rows[_i];
    struct reason why = {""};
    struct mapping *m = mapping_parse("test", row->mapping, &why);
    ck_assert_msg(m == NULL, "%s", row->name);
    ck_assert_msg(strncmp(why.text, row->why, strlen(row->why)) == 0, "%s: %s", row->name, why.text);
}
END_TEST

static const struct bind_row {
    const char *name;
    const char *column;
    const char *header; /* NULL: none */
    const char *why;    /* NULL: it binds */
} bind_rows[] = {
    {"by name", "v", "t,v", NULL},
    {"by number, beside a header", "#2", "t,other", NULL},
    {"another word", "V", "t,v", "there is no column \"V\", but: t v"},
    {"a part of the word", "v", "t,vv", "there is no column \"v\", but: t vv"},
    {"a name without a header", "v", NULL, "without a header a column goes by its number: \"#1\", not \"t\""},
    {"the column before the first", "#0", "t,v", "not the number of a column: \"#0\""},
    {"no number", "#", "t,v", "not the number of a column: \"#\""},
    {"a number and more", "#1a", "t,v", "not the number of a column: \"#1a\""},
};

START_TEST(a_column_is_found_or_said_to_be_missing)
{
    const struct bind_row *row = &bind_rows[_i];
    struct mapping *m = mapping_parse("test", SOURCE TIME MONITOR MESSAGE, NULL);
    struct reason why = {"it binds"};
    char text[64] = "";
    struct csv c;
    size_t step;

    free(m->message[0].reading[0].column.name);
    m->message[0].reading[0].column.name = strdup(row->column);
    csv_init(&c, ',');
    strcpy(text, row->header != NULL ? row->header : "");
    csv_take(&c, text, strlen(text), true, &step, NULL);
    bool ok = mapping_bind(m, row->header != NULL ? &c : NULL, &why);
    ck_assert_msg(ok == (row->why == NULL) && (ok || strcmp(why.text, row->why) == 0), "%s: %s", row->name,
                  why.text);
    if (ok)
        ck_assert_msg(m->message[0].reading[0].column.index == 1 && m->columns == 2, "%s", row->name);
    csv_clear(&c);
    mapping_free(m);
}
END_TEST

START_TEST(what_a_double_cannot_hold_is_wrong)
{
    struct mapping *m = mapping_parse("test", SOURCE TIME MONITOR MESSAGE, NULL);
    const struct mapping_monitor *monitor;
    struct buf payload = {0};
    struct reason why = {""};
    char text[] = "t,v\n1,1e300\n";
    struct csv c;
    size_t step, more, readings;

    csv_init(&c, ',');
    ck_assert_int_eq(csv_take(&c, text, strlen(text), true, &step, NULL), CSV_ROW);
    ck_assert(mapping_bind(m, &c, NULL));
    ck_assert_int_eq(csv_take(&c, text + step, strlen(text) - step, true, &more, NULL), CSV_ROW);
    m->message[0].reading[0].scale = 1e10;
    ck_assert_int_eq(mapping_make(m, 0, &c, (struct instant){0}, &payload, &monitor, &readings, &why), MAPPING_WRONG);
    ck_assert_str_eq(why.text, "column \"v\": times its \"scale\" no finite number: \"1e300\"");
    buf_clear(&payload);
    csv_clear(&c);
    mapping_free(m);
}
END_TEST

START_TEST(steps_end_with_the_years)
{
    struct mapping *m =
        mapping_parse("test",
                      "source \"a\" { start = \"2190-01-01 00:00:00\" }\nheader = false\n"
                      "time { step = \"1y\" utc_offset = \"+00:00\" }\n" MONITOR
                      "message { monitor = \"M\" reading \"x\" { column = \"#1\" } }\n",
                      NULL);
    struct instant at;
    struct reason why = {""};

    ck_assert(mapping_time(m, &m->source[0], NULL, 9, &at, &why));
    ck_assert(!mapping_time(m, &m->source[0], NULL, 11, &at, &why));
    ck_assert_str_eq(why.text, "its time would be past the year 2199: is \"step\" too long?");
    ck_assert(!mapping_time(m, &m->source[0], NULL, UINT64_MAX, &at, &why));
    mapping_free(m);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("mapping");
    TCase *t = tcase_create("mapping");
    tcase_add_loop_test(t, a_row_makes_a_message, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, readings_are_counted);
    tcase_add_test(t, what_a_double_cannot_hold_is_wrong);
    tcase_add_test(t, steps_end_with_the_years);
    tcase_add_loop_test(t, a_wrong_mapping_is_refused, 0, sizeof(wrong_rows) / sizeof(wrong_rows[0]));
    tcase_add_loop_test(t, a_column_is_found_or_said_to_be_missing, 0,
                        sizeof(bind_rows) / sizeof(bind_rows[0]));
    suite_add_tcase(s, t);
    return s;
}
