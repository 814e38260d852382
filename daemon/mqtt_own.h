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

bool mqtt_set_tls(struct mosquitto *mosq, const struct conf_broker *b, struct reason *why);

/* What a TLS handshake under way waits for, LOOP_READ or LOOP_WRITE; 0 if there is none. The library is of no help: it does
 * not take its wish to write back, and goes on with the handshake only when it is told to read. */
int mqtt_handshake_wants(struct mosquitto *mosq);

/* TLS has decrypted bytes that nobody has read: for these the socket will not become readable. */
bool mqtt_has_pending(struct mosquitto *mosq);

#endif
