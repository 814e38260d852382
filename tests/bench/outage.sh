#!/usr/bin/env bash
# How fast what an outage of PostgreSQL has left in the journal is stored while messages go on coming: private servers, a line,
# and outage.csv in the build directory.
#
#     outage.sh [--minutes N] [--rate N]     as many messages as come in so many minutes (60) at so many a second (2000)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers.sh
source "$here/../servers.sh"
# shellcheck source=tests/bench/ground.sh
source "$here/ground.sh"

minutes=60 rate=2000
readonly monitors=1000 readings=10 parts=10
while [[ $# -gt 0 ]]; do
    case $1 in
    --minutes) minutes=$2 ;;
    --rate) rate=$2 ;;
    *) echo "usage: outage.sh [--minutes N] [--rate N]" >&2 && exit 2 ;;
    esac
    shift 2
done
missed=$((minutes * 60 * rate))

servers_begin
bench_csv "$ABATE_BUILD/outage.csv"
make -s -C "$ABATE_BUILD" tests/bench/load
postgres_start postgres shared_buffers=2GB max_wal_size=16GB
mosquitto_start
metrics=$(free_port)
abate_conf "$servers/abated.conf" judge.enabled=off size=64G "http.listen=127.0.0.1:$metrics"
database_make
simulate_register $((2 * monitors)) "$readings"
abated_start
wait_until 20 log_has abated "connected, session"
postgres_stop fast
for ((i = 1; i <= parts; i++)); do
    load --messages $((missed / parts)) --monitors "$monitors" --seed "$i" --minute $((i * missed / parts / monitors)) >/dev/null
done
figure "journal after $minutes min at $rate/s" "$(du -sm "$servers/journal" | cut -f 1)" MiB

# How old the oldest message is that is not stored.
age() {
    curl -s "http://127.0.0.1:$metrics/metrics" | sed -n 's/^abate_journal_unwritten_age_seconds \([0-9]*\).*/\1/p'
}
is_close() {
    [[ $(age) -le 1 ]]
}

process_start live "" "$(bench_program load)" "$broker_port" --messages $((rate * 600)) --rate "$rate" --monitors "$monitors" --id live --minute 2000000
sleep 5
begun=$(now)
postgres_start
wait_until 600 is_close || servers_fail "not caught up: the oldest is $(age) s old"
took=$(since "$begun")
process_end live TERM 5
figure "abated resident, after $((missed / 1000000)) M messages" "$(calc %.1f "$(rss_kib abated) / 1024")" MiB
figure "caught up, $rate/s going on" "$took" s
figure "  stored meanwhile" "$(calc %d "($missed + $rate * ($took + 5)) / $took")" "messages/s"
abated_stop
