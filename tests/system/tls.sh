#!/usr/bin/env bash
# TLS with certificates on both sides: taken, refused, and no busy loop where nobody answers.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=5000

# authority NAME; certificate AUTHORITY NAME SUBJECT: a key pair $keys/NAME.key, $keys/NAME.crt
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -keyout "$keys/$1.key" -out "$keys/$1.crt" 2>>"$servers/openssl.log"
}

certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" \
        -keyout "$keys/$2.key" -out "$keys/$2.csr" 2>>"$servers/openssl.log"
    openssl x509 -req -in "$keys/$2.csr" -CA "$keys/$1.crt" -CAkey "$keys/$1.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$keys/$2.crt" 2>>"$servers/openssl.log"
}

# tls_conf FILE NAME PORT AUTHORITY CERTIFICATE
tls_conf() {
    abate_conf "$1" "instance=$2" "broker_port=$3" "journal=$servers/$2.journal"
    sed -i "s|^    receive_maximum.*|&\n    tls = on\n    ca_file = \"$keys/$4.crt\"\n    certificate_file = \"$keys/$5.crt\"\n    key_file = \"$keys/$5.key\"|" "$1"
}

# Beside the usual listener one with TLS, which knows who is there by the certificate alone.
broker_start() {
    mosquitto_start mosquitto "listener $tls_port 127.0.0.1" "cafile $keys/right.crt" "certfile $keys/server.crt" \
        "keyfile $keys/server.key" "require_certificate true" "use_identity_as_username true"
}

cpu_ticks() { # NAME
    awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/${process[$1]}/stat"
}

servers_begin
keys=$servers/keys
mkdir -m 755 "$keys"
authority right
authority wrong
certificate right server 127.0.0.1
certificate right abated abated
certificate wrong stranger abated
chmod 644 "$keys"/*
tls_port=$(free_port)
servers_migrated
postgres_start
broker_start
abate_conf
database_make
simulate_register 20 10

story "a certificate of the right authority"
tls_conf "$servers/abated.conf" test "$tls_port" right abated
abated_start
expect_true "connected" wait_until 20 log_has abated "connected, session"
simulate --monitors 20 --messages "$MESSAGES"
expect_true "published" process_wait simulate 60
expect_true "all are stored, the last of a burst too" wait_until 20 stored_is "$MESSAGES"
mosquitto_stop
broker_start
simulate --monitors 20 --messages $((2 * MESSAGES)) --seed 1
expect_true "published" process_wait simulate 60
expect_true "all are stored after the broker's restart" wait_until 20 stored_is $((2 * MESSAGES))
expect "revisions" "$(rows_of revision)" 0

story "a port where nobody answers does not make it spin"
mosquitto_stop
sleep 1
before=$(cpu_ticks abated)
sleep 3
used=$(($(cpu_ticks abated) - before))
echo "    $used ticks of $(getconf CLK_TCK) a second in 3 s"
expect_true "under a tenth of the processor" test "$used" -lt $((3 * $(getconf CLK_TCK) / 10))
broker_start
simulate --monitors 20 --messages $((3 * MESSAGES)) --seed 1
expect_true "published" process_wait simulate 60
expect_true "back, and all are stored" wait_until 20 stored_is $((3 * MESSAGES))
abated_stop

story "a broker whose authority is not ours"
tls_conf "$servers/stranger.conf" stranger "$tls_port" wrong abated
abated_start stranger "$servers/stranger.conf"
expect_true "said" wait_until 20 log_has stranger "trying again"
expect_true "alive" is_alive stranger
expect "not connected" "$(grep -c 'connected, session' "$servers/stranger.log")" 0
abated_stop stranger

story "a certificate the broker does not know"
tls_conf "$servers/unknown.conf" unknown "$tls_port" right stranger
abated_start unknown "$servers/unknown.conf"
expect_true "said" wait_until 20 log_has unknown "trying again"
expect "not connected" "$(grep -c 'connected, session' "$servers/unknown.log")" 0
abated_stop unknown

story "a key that is not there"
cp "$keys/abated.crt" "$keys/nobody.crt"
tls_conf "$servers/missing.conf" missing "$tls_port" right nobody
expect_true "not started" eval '! "$(program abated)" -c "$servers/missing.conf" 2>"$servers/missing.log"'
expect_true "its name is said" log_has missing "nobody.key"
story_end
