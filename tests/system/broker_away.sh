#!/usr/bin/env bash
# The broker away and back: abated comes back by itself, for ever.
#
# A broker that is stopped keeps its sessions: nothing may be missing. One that is killed forgets what it had promised;
# then the plants have to send again, and each message must still be there once.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=20000

connections() {
    grep -c 'connected, session' "$servers/abated.log" || true
}

connected_more_than() { # COUNT
    [[ $(connections) -gt $1 ]]
}

servers_begin_all
simulate_register 20 10

story "started before the broker is there"
mosquitto_stop
abated_start
sleep 1
expect_true "alive without a broker" is_alive abated
mosquitto_start
expect_true "connected" wait_until 20 connected_more_than 0

story "the broker stopped and started under load"
simulate --monitors 20 --messages "$MESSAGES" --rate 5000
for share in 10 3 2; do
    wait_until 30 stored_at_least $((MESSAGES / share))
    before=$(connections)
    mosquitto_restart
    expect_true "connected again" wait_until 20 connected_more_than "$before"
done
expect_true "published" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is "$MESSAGES"
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0
expect_true "the session was there" log_has abated "session resumed"

story "the broker killed under load, and the plants send again"
simulate --monitors 20 --messages $((2 * MESSAGES)) --seed 1 --rate 10000
wait_until 30 stored_at_least $((MESSAGES + 2000))
before=$(connections)
mosquitto_kill
mosquitto_start
expect_true "connected again" wait_until 20 connected_more_than "$before"
expect_true "published" process_wait simulate 60
simulate --monitors 20 --messages $((2 * MESSAGES)) --seed 1
expect_true "published again" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is $((2 * MESSAGES))
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0

story "away while nothing is sent, and through several tries"
before=$(connections)
mosquitto_stop
sleep 3
expect_true "alive" is_alive abated
mosquitto_start
expect_true "connected again" wait_until 20 connected_more_than "$before"

story "what came while abated was away waits at the broker"
abated_stop
expect "exit status" "$ended" 0
simulate --monitors 20 --messages $((2 * MESSAGES + 5000)) --seed 1
expect_true "published" process_wait simulate 60
mosquitto_restart
abated_start
expect_true "all are stored" wait_until 60 stored_is $((2 * MESSAGES + 5000))
story_end
