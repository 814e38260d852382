#!/usr/bin/env bash
# The journal at its cap while PostgreSQL is away: nothing more is read, nothing is acknowledged, nothing is dropped.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=20000
readonly CAP_KIB=3072

# What the cap is about: the segments, not the directory they stand in.
journal_kib() {
    echo $((($(cat "$servers"/journal/*.seg | wc -c) + 1023) / 1024))
}

is_full() {
    log_has abated "nothing is read from the brokers"
}

# What the broker holds back for us shows in its memory only; that nothing was lost shows in the end.
servers_begin_all
simulate_register 20 10
abate_conf "$servers/abated.conf" segment=128k size="${CAP_KIB}k" broker.keepalive=5s

story "the cap is reached with PostgreSQL away"
postgres_stop fast
abated_start
simulate --monitors 20 --messages "$MESSAGES"
expect_true "published" process_wait simulate 60
expect_true "the log says so" wait_until 30 is_full
before=$(journal_kib)
expect_true "the connection ends for want of a word" wait_until 30 log_has abated "no sign of life within the keepalive"
sleep 1 # and is not made anew
expect "connections" "$(grep -c 'connected, session' "$servers/abated.log")" 1
expect "the journal does not grow" "$(journal_kib)" "$before"
expect_true "and is within its cap: $before KiB of $CAP_KIB" test "$before" -le "$CAP_KIB"
expect_true "alive" is_alive abated

story "stopped and killed while full"
abated_stop
expect "exit status" "$ended" 0
abated_start
sleep 1
abated_kill
abated_start
sleep 1
expect_true "alive" is_alive abated
expect_true "still within the cap" test "$(journal_kib)" -le "$CAP_KIB"

story "PostgreSQL back"
postgres_start
expect_true "all are stored" wait_until 90 stored_is "$MESSAGES"
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0
expect_true "the log says so" log_has abated "room again"
expect_true "within the cap" test "$(journal_kib)" -le "$CAP_KIB"
abated_stop
expect "exit status" "$ended" 0

story "the disk is full, and then has room again" # a limit on the size of files fails as a full disk does
abate_conf
abated_under=(prlimit --fsize=1000000:unlimited --)
abated_start
simulate --monitors 20 --messages $((MESSAGES + 10000))
expect_true "published" process_wait simulate 60
expect_true "the log says so" wait_until 30 log_has abated "File too large"
expect_true "alive" is_alive abated
expect_true "not all are stored" test "$(stored_count)" -lt $((MESSAGES + 10000))
prlimit --pid "${process[abated]}" --fsize=unlimited
expect_true "all are stored" wait_until 60 stored_is $((MESSAGES + 10000))
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0
abated_stop
expect "exit status" "$ended" 0
story_end
