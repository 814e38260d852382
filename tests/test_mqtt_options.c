/* mqtt_options: what a CONNECT without one of its properties would do is worse than none. With a broker: tests/system. */
#include <check.h>
#include <dlfcn.h>
#include <mosquitto.h>

#include "mqtt_own.h"
#include "runner.h"

static int left; /* until an addition finds no memory; 0: never */

int
mosquitto_property_add_int32(mosquitto_property **properties, int name, uint32_t value)
{
    int (*add)(mosquitto_property **, int, uint32_t);

    if (left > 0 && --left == 0)
        return MOSQ_ERR_NOMEM;
    *(void **)&add = dlsym(RTLD_NEXT, "mosquitto_property_add_int32");
    return add(properties, name, value);
}

/* Without its expiry the broker ends the session with the connection, and forgets what it has acknowledged and not sent. */
START_TEST(no_connection_without_what_the_session_needs)
{
    static char host[] = "127.0.0.1";
    const struct conf_broker broker = {.host = host, .port = 1};
    static const int expected[] = {MOSQ_ERR_SUCCESS, MOSQ_ERR_NOMEM, MOSQ_ERR_NOMEM, MOSQ_ERR_SUCCESS};

    mosquitto_lib_init();
    struct mosquitto *mosq = mosquitto_new("abated", false, NULL);
    mosquitto_int_option(mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    for (int nth = 0; nth < 4; nth++) {
        left = nth;
        ck_assert_msg(mqtt_give_properties(mosq, &broker, MQTT_LASTING) == expected[nth], "property %d", nth);
    }
    mosquitto_destroy(mosq);
    mosquitto_lib_cleanup();
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("mqtt_options");
    TCase *c = tcase_create("mqtt_options");
    tcase_add_test(c, no_connection_without_what_the_session_needs);
    suite_add_tcase(s, c);
    return s;
}
