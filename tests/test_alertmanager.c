/* alertmanager: labels stay the same from the first word to the last; what is over has ended. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alertmanager.h"
#include "runner.h"

static const struct row {
    const char *name, *json, *wanted;
} rows[] = {
    {"a breach, opened",
     "{\"key\":\"k\",\"status\":\"firing\",\"subject\":\"S\",\"alerts\":[{\"kind\":\"opened\",\"rule\":\"hour\",\"severity\":\"hour\","
     "\"breach_id\":7,\"region_code\":\"410100\",\"plant_code\":\"P1\",\"monitor_code\":\"M1\",\"parameter_code\":\"a21002\",\"value\":0.25,\"opened\":\"2020-11-02T00:00:00+00:00\",\"status\":\"firing\"}]}",
     "[{\"annotations\":{\"kind\":\"opened\",\"opened\":\"2020-11-02T00:00:00+00:00\",\"rule\":\"hour\",\"status\":\"firing\",\"summary\":\"S\","
     "\"value\":\"0.25\"},\"endsAt\":\"2020-12-02T00:15:00Z\","
     "\"labels\":{\"alertname\":\"abate_hour\",\"breach_id\":\"7\",\"monitor\":\"M1\",\"parameter\":\"a21002\",\"plant\":\"P1\",\"region\":\"410100\",\"severity\":\"hour\"},"
     "\"startsAt\":\"2020-11-02T00:00:00+00:00\"}]"},
    {"closed: the same labels",
     "{\"status\":\"resolved\",\"subject\":\"S\",\"alerts\":[{\"kind\":\"closed\",\"rule\":\"hour\",\"severity\":\"hour\","
     "\"breach_id\":7,\"region_code\":\"410100\",\"plant_code\":\"P1\",\"monitor_code\":\"M1\",\"parameter_code\":\"a21002\",\"opened\":\"2020-11-02T00:00:00+00:00\",\"closed\":\"2020-11-02T00:10:00+00:00\","
     "\"status\":\"resolved\"}]}",
     "[{\"annotations\":{\"closed\":\"2020-11-02T00:10:00+00:00\",\"kind\":\"closed\",\"opened\":\"2020-11-02T00:00:00+00:00\","
     "\"rule\":\"hour\",\"status\":\"resolved\",\"summary\":\"S\"},\"endsAt\":\"2020-11-02T00:10:00+00:00\","
     "\"labels\":{\"alertname\":\"abate_hour\",\"breach_id\":\"7\",\"monitor\":\"M1\",\"parameter\":\"a21002\",\"plant\":\"P1\",\"region\":\"410100\",\"severity\":\"hour\"},"
     "\"startsAt\":\"2020-11-02T00:00:00+00:00\"}]"},
    {"graver: another one to it, and the one it was is over",
     "{\"subject\":\"S\",\"alerts\":[{\"rule\":\"hour\",\"severity\":\"repeated\",\"earlier_severities\":[\"hour\",\"day\"],"
     "\"breach_id\":7,\"opened\":\"2020-11-02T00:00:00+00:00\",\"status\":\"firing\"}]}",
     "[{\"annotations\":{\"opened\":\"2020-11-02T00:00:00+00:00\",\"rule\":\"hour\",\"status\":\"firing\",\"summary\":\"S\"},"
     "\"endsAt\":\"2020-12-02T00:15:00Z\",\"labels\":{\"alertname\":\"abate_hour\",\"breach_id\":\"7\",\"severity\":\"repeated\"},"
     "\"startsAt\":\"2020-11-02T00:00:00+00:00\"},"
     "{\"annotations\":{\"opened\":\"2020-11-02T00:00:00+00:00\",\"rule\":\"hour\",\"status\":\"firing\",\"summary\":\"S\"},"
     "\"endsAt\":\"2020-11-02T00:15:00Z\",\"labels\":{\"alertname\":\"abate_hour\",\"breach_id\":\"7\",\"severity\":\"hour\"},"
     "\"startsAt\":\"2020-11-02T00:00:00+00:00\"},"
     "{\"annotations\":{\"opened\":\"2020-11-02T00:00:00+00:00\",\"rule\":\"hour\",\"status\":\"firing\",\"summary\":\"S\"},"
     "\"endsAt\":\"2020-11-02T00:15:00Z\",\"labels\":{\"alertname\":\"abate_hour\",\"breach_id\":\"7\",\"severity\":\"day\"},"
     "\"startsAt\":\"2020-11-02T00:00:00+00:00\"}]"},
    {"and at the end all are over, at the same instant",
     "{\"subject\":\"S\",\"alerts\":[{\"rule\":\"hour\",\"severity\":\"day\",\"earlier_severities\":[\"hour\"],\"breach_id\":7,"
     "\"opened\":\"2020-11-02T00:00:00+00:00\",\"closed\":\"2020-11-02T00:10:00+00:00\",\"status\":\"resolved\"}]}",
     "[{\"annotations\":{\"closed\":\"2020-11-02T00:10:00+00:00\",\"opened\":\"2020-11-02T00:00:00+00:00\",\"rule\":\"hour\",\"status\":\"resolved\","
     "\"summary\":\"S\"},\"endsAt\":\"2020-11-02T00:10:00+00:00\",\"labels\":{\"alertname\":\"abate_hour\",\"breach_id\":\"7\",\"severity\":\"day\"},"
     "\"startsAt\":\"2020-11-02T00:00:00+00:00\"},"
     "{\"annotations\":{\"closed\":\"2020-11-02T00:10:00+00:00\",\"opened\":\"2020-11-02T00:00:00+00:00\",\"rule\":\"hour\",\"status\":\"resolved\","
     "\"summary\":\"S\"},\"endsAt\":\"2020-11-02T00:10:00+00:00\",\"labels\":{\"alertname\":\"abate_hour\",\"breach_id\":\"7\",\"severity\":\"hour\"},"
     "\"startsAt\":\"2020-11-02T00:00:00+00:00\"}]"},
    {"a trouble that is over, without an instant",
     "{\"subject\":\"S\",\"alerts\":[{\"kind\":\"trouble_over\",\"trouble\":\"database\",\"status\":\"resolved\"}]}",
     "[{\"annotations\":{\"kind\":\"trouble_over\",\"status\":\"resolved\",\"summary\":\"S\"},\"endsAt\":\"2020-11-02T00:15:00Z\","
     "\"labels\":{\"alertname\":\"abate_trouble\",\"trouble\":\"database\"},\"startsAt\":\"2020-11-02T00:15:00Z\"}]"},
    {"a test", "{\"status\":\"test\",\"subject\":\"S\"}",
     "[{\"annotations\":{\"status\":\"test\",\"subject\":\"S\",\"summary\":\"S\"},\"endsAt\":\"2020-12-02T00:15:00Z\","
     "\"labels\":{\"alertname\":\"abate\"},\"startsAt\":\"2020-11-02T00:15:00Z\"}]"},
};

/* Both parsed and written anew: the order of members is nobody's. */
static char *
sorted(const char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    char *ret = json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(root);
    return ret;
}

START_TEST(what_it_is_told)
{
    const struct row *row = &rows[_i];
    struct buf out = {0};
    struct reason why = {""};

    ck_assert_msg(alertmanager_write(&out, row->json, (struct instant){1604276100000000}, &why), "%s: %s", row->name, why.text);
    buf_add(&out, "", 1);
    char *wanted = sorted(row->wanted);
    ck_assert_msg(strcmp((const char *)out.at, wanted) == 0, "%s:\n%s\n%s", row->name, (const char *)out.at, wanted);
    free(wanted);
    buf_clear(&out);
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
    struct buf out = {0};
    struct reason why = {""};
    ck_assert(!alertmanager_write(&out, "x", (struct instant){0}, &why));
    ck_assert_msg(strncmp(why.text, "no JSON: ", 9) == 0, "%s", why.text);
    buf_clear(&out);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("alertmanager");
    TCase *t = tcase_create("alertmanager");
    tcase_add_loop_test(t, what_it_is_told, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, what_is_no_json_is_refused);
    suite_add_tcase(s, t);
    return s;
}
