#!/usr/bin/env bash
# What abated keeps in memory while a day of many monitors goes through it, judge and all: a curve, and whether it is flat.
#
#     memory.sh [--monitors N] [--messages N] [--seconds N] [--growth KIB] [--batch N]
#
# Start and end of it are in memory.csv in the build directory.
# N messages (14400000: a day of 10000 monitors, one a minute) as fast as they are taken, but no longer than so many
# seconds (1500). Fails if the resident memory after a third of the way grows by more than KIB (8192). Buffers are as large as
# the largest batch so far: with batches of N messages at the most (20000) that is soon behind it.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

monitors=10000 messages=14400000 seconds=1500 growth=8192 batch=20000
while [[ $# -gt 0 ]]; do
    case $1 in
    --monitors) monitors=$2 ;;
    --messages) messages=$2 ;;
    --seconds) seconds=$2 ;;
    --growth) growth=$2 ;;
    --batch) batch=$2 ;;
    *) echo "usage: memory.sh [--monitors N] [--messages N] [--seconds N] [--growth KIB] [--batch N]" >&2 && exit 2 ;;
    esac
    shift 2
done
readonly readings=4

is_sanitized() {
    nm "$(program abated)" 2>/dev/null | grep __asan_init >/dev/null
}

# What is stored, by the position: no count over millions.
stored_so_far() {
    psql_value "select coalesce(sum(n_live_tup), 0) from pg_stat_user_tables where schemaname = 'abate' and relname like 'sample\_2%'"
}

judged_hours() {
    psql_value "select count(*) from (select 1 from abate.hourly limit 1000000) h"
}

servers_begin
postgres_start postgres shared_buffers=256MB max_wal_size=8GB
mosquitto_start
abate_conf "$servers/abated.conf" retention=1min size=20G database.batch_messages="$batch"
sed -i 's|^database {|judge {\n    interval = "5s"\n}\n\n&|' "$servers/abated.conf"
database_make
simulate_register "$monitors" "$readings"
abated_start
expect_true "connected" wait_until 20 log_has abated "connected, session"

story "$monitors monitors, $messages messages of $readings readings"
empty_kib=$(rss_kib abated)
curve=()
last=$SECONDS
every=$((seconds / 50 > 20 ? 20 : 1))
end=$((SECONDS + seconds))
began=$SECONDS
simulate --monitors "$monitors" --readings "$readings" --messages "$messages" --window 2000
printf '    %6s %12s %10s %10s %12s\n' second stored abated broker 'hourly rows'
while is_alive simulate && is_alive abated && [[ $SECONDS -lt $end ]]; do
    if [[ $((SECONDS - last)) -ge $every || ${#curve[@]} -eq 0 ]]; then
        last=$SECONDS
        curve+=("$(rss_kib abated)")
        printf '    %6s %12s %10s %10s %12s\n' $((SECONDS - began)) "$(stored_so_far)" "${curve[-1]}" "$(rss_kib mosquitto)" "$(judged_hours)"
    fi
    sleep 0.2
done
if is_alive simulate; then
    echo "    the time is over"
    process_end simulate TERM 10
    taken=
else
    expect_true "published" process_wait simulate 60
    taken=$messages
    expect_true "all are stored" wait_until 120 stored_at_least "$messages"
fi
is_taken() {
    [[ $(psql_value "select count(*) from abate.judge_state where judged_to is not null") == 1 ]]
}
expect_true "judged meanwhile" wait_until 60 is_taken
expect "rejects" "$(rows_of rejected_message)" 0
stored=$(stored_count)
curve+=("$(rss_kib abated)")
echo "    $stored messages stored in $((SECONDS - began)) s${taken:+, all of them}; hourly rows $(rows_of hourly), touched hours left $(rows_of touched_hour)"
echo "    resident, KiB: at start $empty_kib; ${curve[*]}"

{
    echo name,value,unit
    echo "\"abated resident at the start, $monitors monitors\",$empty_kib,KiB"
    echo "\"abated resident after $stored messages\",${curve[-1]},KiB"
} >"$ABATE_BUILD/memory.csv"

story "memory stays flat"
if is_sanitized; then
    echo "    not judged with sanitizers: they keep what is freed"
else
    third=${curve[${#curve[@]} / 3]}
    echo "    $((curve[-1] - third)) KiB more at the end than after a third of the way"
    expect_true "no more than $growth KiB" test $((curve[-1] - third)) -le "$growth"
fi
abated_stop
story_end
