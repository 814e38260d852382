#!/usr/bin/env bash
# Whether what a message costs grows: with the monitors registered, and with what is stored already; and how long five
# questions take there. Private servers; a table, and growth.csv in the build directory.
#
#     growth.sh [--messages N] [--readings N]      N messages (500000) each time, N readings (100000000) stored before;
#                                                    0: no more than the monitors
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers.sh
source "$here/../servers.sh"
# shellcheck source=tests/bench/ground.sh
source "$here/ground.sh"

messages=500000 wanted=100000000
readonly readings=10 feeds=100
while [[ $# -gt 0 ]]; do
    case $1 in
    --messages) messages=$2 ;;
    --readings) wanted=$2 ;;
    *) echo "usage: growth.sh [--messages N] [--readings N]" >&2 && exit 2 ;;
    esac
    shift 2
done

# PostgreSQL has done what was left of what came before: vacuum, checkpoint.
is_quiet() {
    local before
    before=$(cpu_of postgres)
    sleep 2
    [[ $(calc %d "($(cpu_of postgres) - $before) * 100") -lt 5 ]]
}

# What a start costs with nothing to do: the registry.
start() {
    local before
    before=$(loads)
    cpu_begin postgres
    abated_start
    wait_until 60 has_loaded "$before"
    wait_until 60 log_has abated "connected, session"
    start_abated=$(cpu_of abated)
    start_postgres=$(calc %.2f "$(cpu_of postgres) - ${cpu_before[postgres]}")
    abated_stop
}

loads() {
    grep -cs "writer: ready" "$servers/abated.log" || true
}

has_loaded() { # BEFORE
    [[ $(loads) -gt ${1:-0} ]]
}

# The minute since 2020, at UTC+8, of the first of so many that the last is of now: an hour that goes on is told abate.judge()
# once, one that is over by each transaction anew.
first_minute() { # MONITORS
    echo $((($(date +%s) - 1577808000) / 60 - messages / $1))
}

# drain NAME MONITORS STORED: the broker's queue; without what the start costs.
drain() {
    local begun
    start
    load --messages "$messages" --monitors "$2" --minute "$(first_minute "$2")" >/dev/null
    psql_value checkpoint
    wait_until 300 is_quiet
    cpu_begin postgres mosquitto
    begun=$(now)
    abated_start
    drained $(($3 + messages))
    figure "$1" "$(calc %d "$messages / ($(committed_at) - $begun)")" "messages/s"
    figure "  registry loaded, processor of abated" "$start_abated" s
    figure "  abated" "$(calc %.1f "($(cpu_of abated) - $start_abated) * 1e6 / $messages")" "us a message"
    figure "  PostgreSQL" "$(calc %.1f "($(cpu_of postgres) - ${cpu_before[postgres]} - $start_postgres) * 1e6 / $messages")" "us a message"
    figure "  abated resident" "$(calc %.1f "$(rss_kib abated) / 1024")" MiB
    abated_stop
}

# Of the last `feeds` monitors, from 2019-12-01 on, around the time of what is drained.
fill() {
    psql_value "
        do \$\$ begin
            for month in 2019 * 12 + 11 .. 2019 * 12 + 11 + $((wanted / readings / feeds / 40000 + 1)) loop
                perform abate.ensure_partition(month);
            end loop;
        end \$\$;
        insert into abate.sample (feed_id, journal_id, at, position, value)
        select f.feed_id, (select min(journal_id) from abate.journal_position), timestamptz '2019-12-01 00:00Z' + n * interval '1 minute', n,
               array[5, 18, 34 + n % 17 * 10, 60, 8, 12, 130, -0.35, (n + f.feed_id) % 1500 - 100, 42]
          from generate_series(1, $((wanted / readings / feeds))) n,
               (select feed_id from abate.feed order by feed_id desc limit $feeds) f;
"
    psql_value "vacuum analyze abate.sample"
}

# Each as the README has it, of the plants there are here.
ask() {
    local name=$1 begun
    begun=$(now)
    psql_value "$2" >"$servers/answer"
    figure "$name" "$(since "$begun")" "s, $(wc -l <"$servers/answer") lines"
}

servers_begin
bench_csv "$ABATE_BUILD/growth.csv"
make -s -C "$ABATE_BUILD" tests/bench/load
postgres_start postgres shared_buffers=2GB max_wal_size=16GB track_commit_timestamp=on maintenance_work_mem=512MB
mosquitto_start
abate_conf "$servers/abated.conf" judge.enabled=off
database_make
for monitors in 10 1000 20000; do
    simulate_register "$monitors" "$readings"
    drain "$monitors monitors" "$monitors" 0
    psql_value "truncate abate.sample"
done

[[ $wanted -gt 0 ]] || exit 0
fill
stored=$(stored_count)
figure "stored before" $((stored * readings)) readings
drain "1000 monitors, with these" 1000 "$stored"

last="(select monitor_code from abate.monitor order by monitor_id desc limit 1)"
ask "breaches of all limits" "select plant_code, parameter_en, side, bound, count(*) from abate.breach_report
    where rule in ('early', 'hour', 'day') and withdrawn is null group by 1, 2, 3, 4"
ask "hours a month over a bound, one monitor" "select to_char(at, 'YYYY-MM'), count(*), count(*) filter (where value > 100), avg(value), max(value)
    from abate.reading where monitor_code = $last and parameter_code = 'a21002' and is_valid group by 1 order by 1"
ask "sum a month of two parameters, one monitor" "select to_char(at, 'YYYY-MM'), sum(value) filter (where parameter_code = 'a01011'), sum(value) filter (where parameter_code = 'a00000')
    from abate.reading where monitor_code = $last and parameter_code in ('a01011', 'a00000') and is_valid group by 1 order by 1"
ask "when each of ten monitors last ran" "select monitor_code, max(at) filter (where value > 0), count(*) filter (where value > 0)
    from abate.reading where monitor_code like 'SIM01999_' and parameter_code = 'a01014' and is_valid group by 1"
ask "analysers silent beside others, of all" "select monitor_code, parameter_en, max(at), max(max(at)) over (partition by feed_id)
    from abate.reading where is_valid group by monitor_code, parameter_en, statistic, feed_id"
