#!/usr/bin/env bash
# What a message costs, measured: private servers, one table, the same as bench.csv in the build directory.
#
#     run.sh [MESSAGES]       default 300000, of 10 readings each
#
# live     the publisher sends as fast as it may while abated stores: first publish to last row
# backlog  abated was away: the broker's queue is drained: daemon's start to last row
# journal  PostgreSQL was away: the journal is drained: PostgreSQL back to last row
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../servers.sh"

messages=${1:-300000}
readings=10
monitors=100

now() {
    date +%s.%N
}

calc() { # FORMAT EXPRESSION
    awk "BEGIN { printf \"$1\", $2 }"
}

# cpu NAME: seconds the process has used so far.
cpu() {
    awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.2f", ($12 + $13) / tick }' "/proc/${process[$1]}/stat"
}

resident_mb() {
    awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/${process[$1]}/status"
}

row() { # NAME SECONDS
    local rate
    rate=$(calc %d "$messages / $2")
    printf '%-10s %9d messages %8.2f s %9d messages/s %10d readings/s\n' "$1" "$messages" "$2" "$rate" $((rate * readings))
    echo "$1,$messages,$readings,$2,$rate" >>"$csv"
}

since() {
    calc %.2f "$(now) - $1"
}

publish() { # SEED
    "$(program abatectl)" simulate --broker "127.0.0.1:$broker_port" --seed "$1" --monitors "$monitors" \
        --messages "$messages" --readings "$readings" --window 1000 --id "bench-$1" 2>>"$servers/publish.log"
}

empty() {
    psql_value "truncate abate.sample"
}

servers_begin
csv=$ABATE_BUILD/bench.csv
echo "name,messages,readings,seconds,messages_per_second" >"$csv"
postgres_start postgres shared_buffers=256MB
mosquitto_start
abate_conf
database_make
"$(program abatectl)" simulate --registry --monitors "$monitors" --readings "$readings" | psql_file -
abated_start
wait_until 10 log_has abated "writer: ready"
echo "$(nproc) cores, PostgreSQL $(psql_value 'show server_version'), $monitors monitors, $readings readings a message"

began=$(now)
abated_cpu=$(cpu abated) broker_cpu=$(cpu mosquitto)
publish 1 >"$servers/published"
published=$(since "$began")
wait_until 120 stored_is "$messages"
row live "$(since "$began")"
sed 's/^/           publisher: /' "$servers/published"
printf '           of which publishing %.2f s; CPU a message: abated %.1f us, broker %.1f us; abated resident %s MB\n' \
    "$published" "$(calc %.1f "($(cpu abated) - $abated_cpu) * 1000000 / $messages")" \
    "$(calc %.1f "($(cpu mosquitto) - $broker_cpu) * 1000000 / $messages")" "$(resident_mb abated)"

size=$(psql_value "select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'abate.sample'::regclass")
printf '%-10s %9.1f bytes a reading on disk, index included\n' storage "$(calc %.2f "$size / ($messages * $readings)")"
echo "storage_bytes_per_reading,$messages,$readings,,$(calc %.2f "$size / ($messages * $readings)")" >>"$csv"

empty
abated_stop
publish 2 >/dev/null
began=$(now)
abated_start
wait_until 120 stored_is "$messages"
row backlog "$(since "$began")"

empty
postgres_stop fast
publish 3 >/dev/null
sleep 1
began=$(now)
postgres_start
wait_until 120 stored_is "$messages"
row journal "$(since "$began")"
