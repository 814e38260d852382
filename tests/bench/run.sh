#!/usr/bin/env bash
# How fast the line is from the broker to the row, beside the limit of its parts, in one run with private servers: a table, and
# bench.csv in the build directory.
#
#     run.sh [--messages N] [--live N] [--seconds N] [--short]
#
# limits   what the load can send; how often the disk syncs; jansson alone; a bare libmosquitto client that holds its
#          acknowledgements back and throws the messages away; COPY of the same rows from a file
# drain    abated was away: the broker's queue of N messages (1000000), of 10 readings each; and once more while their hours
#          are judged, which at this speed is months in a minute; and once with TLS between broker and abated
# journal  PostgreSQL was away: the same out of the journal
# live     the load sends as fast as the broker takes
# sight    from publish until a query sees the row, at 1000, 5000, 15000 messages/s for so many seconds (20); until it
#          sees the breach
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers.sh
source "$here/../servers.sh"
# shellcheck source=tests/bench/ground.sh
source "$here/ground.sh"

messages=1000000 live=300000 seconds=20 rates=(1000 5000 15000)
readonly readings=10 monitors=100 overs=200
while [[ $# -gt 0 ]]; do
    case $1 in
    --messages) messages=$2 && shift ;;
    --live) live=$2 && shift ;;
    --seconds) seconds=$2 && shift ;;
    --short) messages=200000 live=100000 seconds=5 rates=(1000 5000) ;;
    *) echo "usage: run.sh [--messages N] [--live N] [--seconds N] [--short]" >&2 && exit 2 ;;
    esac
    shift
done
minute=0
readonly phase_minutes=$(((messages + live + rates[-1] * seconds) / monitors))

# rate NAME LINE: of a line of load or bare.
rate() {
    figure "$1" "$(field_behind s "$2")" "messages/s"
}

# ---- limits

limit_sync() {
    local begun
    begun=$(now)
    dd if=/dev/zero of="$servers/sync" bs=65536 count=300 oflag=dsync 2>/dev/null
    figure "64 KiB written and synced" "$(calc %d "300 / $(since "$begun")")" "times/s"
    rm "$servers/sync"
}

limit_jansson() {
    local line
    line=$( (ABATE_BUILD=$ABATE_BUILD bash "$here/decode.sh" --rounds 3 || true) | awk '/^jansson alone/ { found = 1 } found && $1 == "json" && $2 == 10')
    figure "jansson alone, 10 readings" "$(awk '{ print $4 }' <<<"$line")" "messages/s on one core"
}

has_heard_all() {
    [[ $(grep -c "Client bare disconnected" "$servers/bare_broker.log") -ge 2 ]]
}

# On a broker of its own, so that nobody else's queue is fed.
limit_bare() {
    local line
    mosquitto_start bare_broker
    "$(bench_program bare)" "$broker_port" bare 'plants/#' 0 >/dev/null
    load --messages "$messages" >/dev/null
    cpu_begin bare_broker
    line=$("$(bench_program bare)" "$broker_port" bare 'plants/#' "$messages" | tail -n 1)
    bare_drain=$(field_behind s "$line")
    wait_until 120 has_heard_all # mosquitto reads acknowledgements more slowly than it sends messages
    figure "bare client, backlog drained" "$bare_drain" "messages/s"
    figure "  broker" "$(cpu_a_message bare_broker "$messages")" "us a message"
    figure "  client" "$(field_behind messages/s, "$line")" "us a message"
    process_start bare "" "$(bench_program bare)" "$broker_port" bare 'plants/#' "$live"
    wait_until 60 log_has bare ready
    cpu_begin bare_broker
    line=$(load --messages "$live")
    process_wait bare 600
    bare_live=$(field_behind s "$(tail -n 1 "$servers/bare.log")")
    figure "bare client, live" "$bare_live" "messages/s"
    figure "  broker" "$(cpu_a_message bare_broker "$live")" "us a message"
    mosquitto_stop bare_broker
}

# The rows of the last run, into the same table with its key.
limit_copy() {
    local begun rows
    rows=$(stored_count)
    psql_value "copy (select feed_id, journal_id, at, position, value, mark from abate.sample) to '$servers/postgres/rows' (format binary)"
    psql_value "truncate abate.sample"
    begun=$(now)
    psql_value "copy abate.sample (feed_id, journal_id, at, position, value, mark) from '$servers/postgres/rows' (format binary)"
    figure "COPY BINARY of the same rows from a file" "$(calc %d "$rows / $(since "$begun")")" "messages/s"
    rm "$servers/postgres/rows"
}

# ---- abated

# A phase has minutes of its own, later than those before: what is not later than a monitor's last is merged.
begin() {
    psql_value "truncate abate.sample, abate.touched_hour"
    psql_value "checkpoint"
    minute=$((minute + phase_minutes))
}

# end NAME MESSAGES BEGUN [BARE]
end() {
    local rate
    drained "$2"
    rate=$(calc %d "$2 / ($(committed_at) - $3)")
    figure "$1" "$rate" "messages/s"
    figure "  readings" $((rate * readings)) "readings/s"
    [[ -z ${4:-} ]] || figure "  of the bare client" "$(calc %.2f "$rate / $4")" "x"
    figure "  abated" "$(cpu_a_message abated "$2")" "us a message"
    figure "  broker" "$(cpu_a_message mosquitto "$2")" "us a message"
    figure "  PostgreSQL" "$(cpu_a_message postgres "$2")" "us a message"
}

bench_drain() { # NAME
    local begun
    begin
    load --messages "$messages" --minute "$minute" --seed 2 >/dev/null
    cpu_begin postgres mosquitto # of abated all counts
    begun=$(now)
    abated_start
    end "$1" "$messages" "$begun" "$bare_drain"
}

bench_journal() {
    local begun
    begin
    postgres_stop fast
    load --messages "$messages" --minute "$minute" --seed 2 >/dev/null
    postgres_start
    begun=$(now)
    cpu_begin abated mosquitto postgres
    end "journal drained" "$messages" "$begun"
}

bench_live() {
    local line
    begin
    cpu_begin abated mosquitto postgres
    line=$(load --messages "$live" --minute "$minute" --seed 3)
    end "live" "$live" "$(calc %.3f "$(now) - $(field_behind messages "$line")")" "$bare_live"
    figure "  load of its own" "$(field_behind messages/s, "$line")" "us a message"
}

bench_size() {
    local size
    size=$(psql_value "select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'abate.sample'::regclass")
    figure "on disk, index included" "$(calc %.1f "$size / ($(stored_count) * $readings)")" "bytes a reading"
    figure "abated resident, $monitors monitors" "$(calc %.1f "$(rss_kib abated) / 1024")" MiB
}

# The rest is judged once the queue is empty.
bench_judged() {
    local begun hours
    begun=$(now)
    wait_until 600 all_is_judged || servers_fail "not judged in time"
    hours=$(psql_value "select count(*) from (select distinct feed_id, at from abate.hourly join abate.series using (series_id)) h")
    figure "  judged after another" "$(since "$begun")" s
    figure "  hours of a feed" "$hours" ""
}

all_is_judged() {
    [[ $(psql_value "select count(*) from (select 1 from abate.touched_hour where hour < now() - interval '2 hours' limit 1) t") -eq 0 ]]
}

# bench_sight NAME RATE QUERY [OPTION ...]
bench_sight() {
    local line name=$1 rate=$2 query=$3
    shift 3
    begin
    line=$( (load --messages $((rate * seconds)) --rate "$rate" --minute "$minute" --seed 4 --see "host=$PGHOST dbname=abate user=postgres" "$query" "$@" || true) | grep '^sight')
    drained 1 120 # what the broker could not take at this rate comes behind it
    figure "$name at $rate/s, p50" "$(field_behind p50 "$line")" ms
    figure "  p99" "$(field_behind p99 "$line")" ms
    figure "  p99.9 of $(field_behind of "$line")" "$(field_behind p99.9 "$line")" ms
    figure "  looked each" "$(field_behind look "$line")" ms
}

servers_begin
bench_csv "$ABATE_BUILD/bench.csv"
make -s -C "$ABATE_BUILD" tests/bench/load tests/bench/bare
postgres_start postgres shared_buffers=1GB max_wal_size=8GB track_commit_timestamp=on
echo "$(nproc) cores, PostgreSQL $(psql_value 'show server_version' postgres), mosquitto $(dpkg-query -W -f '${Version}' mosquitto || true), $monitors monitors, $readings readings a message"

heading "limits"
limit_sync
limit_jansson
figure "load to nobody" "$(field_behind s "$("$(bench_program load)" 0 --messages "$messages")")" "messages/s"
limit_bare

broker_start_tls
abate_conf "$servers/abated.conf" judge.enabled=off
database_make
simulate_register $((monitors + overs + 1)) "$readings"
psql_value "insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source)
            select 'a21002', 'minute', plant_id, 1e6, 'mg/m3', 'bench', 'bench' from abate.plant where plant_code = 'SIM'" >/dev/null
abated_start
wait_until 20 log_has abated "connected, session"
abated_stop

heading "abated"
bench_drain "drain"
limit_copy
bench_size
bench_journal
bench_live
abated_stop
link_tls "$servers/abated.conf"
bench_drain "drain, over TLS"
abated_stop
abate_conf "$servers/abated.conf" judge.enabled=on
bench_drain "drain, judged meanwhile"
bench_judged
abated_stop
abate_conf "$servers/abated.conf" judge.enabled=off
abated_start

heading "from publish until it is seen"
for rate in "${rates[@]}"; do
    bench_sight "row" "$rate" "select count(*) from abate.sample where feed_id = (select feed_id from abate.feed join abate.monitor using (monitor_id)
        where monitor_code = 'SIM$(printf %06d $((monitors + 1)))' and period = 'minute')" --monitors "$monitors" --probe 20
done
bench_sight "breach" 5000 "select count(*) from abate.breach" --monitors $((monitors + 1)) --probe $((seconds * 1000 / overs)) --over a21002
abated_stop
