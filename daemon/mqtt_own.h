/* mqtt_own: what the files of mqtt share. Nobody else includes it. */
#ifndef ABATE_MQTT_OWN_H
#define ABATE_MQTT_OWN_H

#include <mosquitto.h>
#include <stdbool.h>

#include "conf.h"
#include "reason.h"

const char *mqtt_words(int code); /* of an error of the library, errno's where it says so */

/* Protocol, window, user and password, TLS. */
bool mqtt_set_options(struct mosquitto *mosq, const struct conf_broker *b, struct reason *why);
int mqtt_give_properties(struct mosquitto *mosq, const struct conf_broker *b, bool is_clean);

#endif
