#!/usr/bin/env bash
# A long queue at the broker after abated was away: it is drained in bursts of bounded size, each synced and
# acknowledged, however fast the broker sends. (mosquitto 2.0.11 sends more than the Receive Maximum it was told.)
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=150000
readonly RSS_MOST_KIB=32768

servers_begin_all
simulate_register 100 10
abated_start
expect_true "a session at the broker" wait_until 20 log_has abated "connected, session"
abated_stop

story "$MESSAGES messages wait"
simulate --monitors 100 --messages "$MESSAGES" --window 1000
expect_true "published" process_wait simulate 100
abated_start
most=0
curve=()
end=$((SECONDS + 60))
until stored_is "$MESSAGES" || [[ $SECONDS -gt $end ]]; do
    rss=$(rss_kib abated)
    curve+=("$rss")
    [[ $rss -gt $most ]] && most=$rss
    sleep 0.2
done
expect "stored" "$(stored_count)" "$MESSAGES"
echo "    resident, KiB: ${curve[*]}"
expect_true "at most $RSS_MOST_KIB KiB resident: $most" test "$most" -le "$RSS_MOST_KIB"
abated_stop
expect "exit status" "$ended" 0
story_end
