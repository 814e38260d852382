#!/usr/bin/env bash
# What a broker may do to us without a word: found at the start, and said with the remedy, by abated and by abatectl check.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

check() { # [NAME]: its words into check.log; sets `status`
    status=0
    "$(program abatectl)" check -c "$servers/abated.conf" >"$servers/check.log" 2>&1 || status=$?
}

said_in_check() { # TEXT
    expect_true "said: $1" log_has check "$1"
}

said() { # TEXT
    expect_true "said: $1" wait_until 15 log_has abated "$1"
}

# broker NAME LINE...: another broker in place of the last one, with another port and no memory.
broker() {
    mosquitto_stop
    rm -rf "$servers/mosquitto"
    unset "broker_port_of[mosquitto]"
    mosquitto_start mosquitto "$@"
    rm -f "$servers/abated.log"
    abate_conf "$servers/abated.conf" probe=1500
}

servers_begin_all
simulate_register 5 10
keys=$servers/users

story "a broker as it should be"
broker "max_packet_size 70000"
check
expect "check" "$status" 0
said_in_check "1 filter granted at QoS 1"
said_in_check "it keeps 1500 messages and more"
expect "warnings" "$(grep -c 'hint' "$servers/check.log")" 0
abated_start
said "it keeps 1500 messages and more"
expect "warnings" "$(grep -cE 'warning|error' "$servers/abated.log")" 0
expect "of the probe in the journal" "$(grep -c 'abate/probe' "$servers"/journal/*.seg || true)" 0
abated_stop
expect "taken" "$(grep -o '[0-9]* messages taken' "$servers/abated.log")" "0 messages taken"

story "a queue that ends"
broker "max_queued_messages 100" "max_packet_size 70000"
check
expect "check" "$status" 1
said_in_check "of 2500 messages of 200 bytes it kept 1100"
said_in_check "hint: max_queued_messages 0"
abated_start
said "of 2500 messages of 200 bytes it kept 1100"
abated_stop

story "a queue of bytes that ends"
broker "max_queued_bytes 40000" "max_packet_size 70000"
check
expect "check" "$status" 1
said_in_check "max_queued_bytes 0 in mosquitto.conf"

story "larger messages than we take"
broker
check
said_in_check "max_packet_size 70000"

story "a probe that is not allowed"
printf 'user abated\ntopic read plants/#\n' >"$servers/acl"
broker "acl_file $servers/acl"
check
expect "check" "$status" 0
said_in_check "whether it drops messages is not known; hint: let user"
said_in_check "abate/probe/abated-test"

story "no probe is wanted"
abate_conf "$servers/abated.conf" probe=0
check
expect "check" "$status" 0
expect "words of it" "$(grep -c probe "$servers/check.log")" 0

story "a broker that gives all clients of a user one id: what waits for the daemon is not touched"
mosquitto_passwd -b -c "$keys" abated word
mosquitto_passwd -b "$keys" plant word
chmod 644 "$keys"
echo word >"$servers/password"
named_port=$(free_port)
broker "max_packet_size 70000" "listener $named_port 127.0.0.1" "password_file $keys" "use_username_as_clientid true"
abate_conf "$servers/abated.conf" probe=1500 "broker_port=$named_port"
sed -i "s|^    probe.*|&\n    username = \"abated\"\n    password_file = \"$servers/password\"|" "$servers/abated.conf"
abated_start
said "it gives all clients of a user one id"
said "session resumed"
connections() {
    grep -c "connected, session" "$servers/abated.log"
}
connected_again() { # since there were COUNT
    [[ $(connections) -gt $1 ]]
}
before=$(connections)
check
said_in_check "if it was that, abated was thrown out for a moment and has come back; hint: with probe = 0"
expect_true "so it has" wait_until 20 connected_again "$before"
cp "$servers/abated.conf" "$servers/probing.conf"
sed -i 's|^    probe.*|    probe = 0|' "$servers/abated.conf"
before=$(connections)
check
said_in_check "not asked: abated is at work, and with probe = 0 the broker may name clients by their user"
expect "and abated is left alone" "$status $(connections)" "0 $before"
cp "$servers/probing.conf" "$servers/abated.conf"
abated_stop
simulate --monitors 5 --messages 500
expect_true "published" process_wait simulate 20
check
expect "check" "$status" 1
said_in_check "nothing was touched; hint: a user of its own for each"
rm "$servers/abated.log"
abated_start
expect_true "all are stored" wait_until 20 stored_is 500
abated_stop

story "another client of our id"
broker "max_packet_size 70000"
abate_conf
abated_start
wait_until 10 log_has abated "connected, session"
timeout -k 1 12 mosquitto_sub -V 5 -p "$broker_port" -i abated-test -c -x 1000 -q 1 -t "plants/+/+/+" >"$servers/thief.log" 2>&1 || true
said 'perhaps another client uses client id "abated-test", too'
expect_true "no storm" test "$(grep -c 'connected, session' "$servers/abated.log")" -lt 12
abated_stop

story "the session is gone, in this run and at a start"
rm "$servers/abated.log"
abated_start
wait_until 10 log_has abated "connected, session resumed"
mosquitto_stop
rm "$servers/mosquitto/mosquitto.db"
mosquitto_start mosquitto "max_packet_size 70000"
said "our session is gone: what it took for us from 20"
said "connected, session new"
abated_stop
rm "$servers/abated.log"
mosquitto_stop
rm "$servers/mosquitto/mosquitto.db"
mosquitto_start mosquitto "max_packet_size 70000"
abated_start
said "our session is gone: what it took for us from 20"
abated_stop
rm "$servers/abated.log"
abated_start
said "connected, session resumed"
expect "once it was said" "$(grep -c 'session is gone' "$servers/abated.log")" 0

abated_stop

story "a filter of an older configuration"
abate_conf "$servers/abated.conf" "topic=monitors/{monitor}"
abated_start
said 'filter "plants/+/+/+" is of no feed any more: unsubscribed'
abated_stop
rm "$servers/abated.log"
simulate --monitors 5 --messages 500
expect_true "published" process_wait simulate 20
abated_start
said "connected, session resumed"
abated_stop
expect "of the old topic" "$(grep -o '[0-9]* messages taken' "$servers/abated.log")" "0 messages taken"

story "forty feeds on one broker"
{
    abate_conf
    cat "$servers/abated.conf"
    for ((i = 0; i < 40; i++)); do
        printf 'feed "f%d" {\n topic = "f%d/{monitor}"\n}\n' "$i" "$i"
    done
} >"$servers/many.conf"
mv "$servers/many.conf" "$servers/abated.conf"
rm "$servers/abated.log"
abated_start
said "connected, session resumed"
check
said_in_check "41 filters granted at QoS 1"
abated_stop
story_end
