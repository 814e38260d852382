#!/usr/bin/env bash
# Whether what a message costs grows: with the monitors registered, and with what is stored already; and how long five
# questions take there. Private servers; a table, and growth.csv in the build directory.
#
#     growth.sh [--messages N] [--readings N] [--rounds N]
#
# N messages (500000) each time; of 1000 monitors once more with N readings of theirs (100000000) stored before, up to the
# minute of the first message (0: no such). All that are compared take turns, so many rounds (3), in databases of one server:
# what is told is the median, and the least and the most.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers.sh
source "$here/../servers.sh"
# shellcheck source=tests/bench/ground.sh
source "$here/ground.sh"

messages=500000 wanted=100000000 rounds=3
readonly readings=10 stored=stored
while [[ $# -gt 0 ]]; do
    case $1 in
    --messages) messages=$2 ;;
    --readings) wanted=$2 ;;
    --rounds) rounds=$2 ;;
    *) echo "usage: growth.sh [--messages N] [--readings N] [--rounds N]" >&2 && exit 2 ;;
    esac
    shift 2
done
declare -A monitors=([alone_10]=10 [alone_1000]=1000 [alone_20000]=20000 [$stored]=1000)
cases=(alone_10 alone_1000 alone_20000)
[[ $wanted -eq 0 ]] || cases+=("$stored")

# PostgreSQL has done what was left of what came before: vacuum, checkpoint.
is_quiet() {
    local before
    before=$(cpu_of postgres)
    sleep 2
    [[ $(calc %d "($(cpu_of postgres) - $before) * 100") -lt 5 ]]
}

case_make() { # CASE
    abate_conf "$servers/$1.conf" judge.enabled=off database="$1" journal="$servers/journal_$1"
    schema_make "$1" "$servers/$1.conf"
    simulate_register "${monitors[$1]}" "$readings" "$1"
}

# From and to the broker's session, that all have in turn. What it costs with nothing to do is the registry.
start() { # CASE
    local before
    wait_until 300 is_quiet
    log_times abated "connected, session"
    before=$found
    cpu_begin postgres
    abated_start abated "$servers/$1.conf"
    wait_until 60 has_connected "$before"
    tell "$1" "registry loaded, processor of abated" "$(cpu_of abated)" s
    registry_abated=$(cpu_of abated) registry_postgres=$(cpu_used postgres)
    abated_stop
}

has_connected() { # BEFORE
    log_times abated "connected, session"
    [[ $found -gt $1 ]]
}

# The minute since 2020 of the first message of a round: the rounds follow each other, and the last ends now. An hour that
# goes on is told abate.judge() once, one that is over by each transaction anew.
first_minute() { # CASE ROUND
    echo $((now_minute - (rounds - $2 + 1) * messages / ${monitors[$1]}))
}

# The broker's queue; without what the start costs.
drain() { # CASE ROUND
    local begun before
    start "$1"
    load --messages "$messages" --monitors "${monitors[$1]}" --minute "$(first_minute "$1" "$2")" >/dev/null
    before=$(stored_count "$1")
    psql_value checkpoint postgres
    wait_until 300 is_quiet
    cpu_begin postgres
    begun=$(now)
    abated_start abated "$servers/$1.conf"
    drained $((before + messages)) 900 "$1"
    tell "$1" "" "$(calc %d "$messages / ($(committed_at "$1") - $begun)")" "messages/s"
    tell "$1" "abated" "$(calc %.1f "($(cpu_used abated) - $registry_abated) * 1e6 / $messages")" "us a message"
    tell "$1" "PostgreSQL" "$(calc %.1f "($(cpu_used postgres) - $registry_postgres) * 1e6 / $messages")" "us a message"
    tell "$1" "abated resident" "$(calc %.1f "$(rss_kib abated) / 1024")" MiB
    abated_stop
    [[ $1 == "$stored" ]] || psql_value "truncate abate.sample" "$1"
}

# What the monitors have sent before, minute after minute.
fill() {
    local to minutes since_2020=1577808000
    to=$(first_minute "$stored" 1) minutes=$((wanted / readings / monitors[$stored]))
    psql_value "
        select abate.ensure_partition(extract(year from m)::int * 12 + extract(month from m)::int - 1)
          from generate_series(date_trunc('month', to_timestamp(($to - $minutes) * 60 + $since_2020) at time zone 'UTC'),
                               now() at time zone 'UTC', '1 month') m;
        insert into abate.sample (feed_id, journal_id, at, position, value)
        select feed_id, 1, to_timestamp(($to - $minutes + n) * 60 + $since_2020), n,
               array[5, 18, 34 + n % 17 * 10, 60, 8, 12, 130, -0.35, (n + feed_id) % 1500 - 100, 42]
          from generate_series(0, $minutes - 1) n, abate.feed" "$stored" >/dev/null
    psql_value "vacuum analyze abate.sample" "$stored"
}

# Kept until all rounds are over: a line each of what was told.
tell() { # CASE WHAT VALUE UNIT
    printf '%s\t%s\t%s\t%s\n' "$@" >>"$servers/told"
}

report() { # CASE NAME
    local what unit least middle most
    awk -F '\t' -v which="$1" '$1 == which && !seen[$2]++ { print $2 "\t" $4 }' "$servers/told" | sort | while IFS= read -r line; do
        what=${line%%$'\t'*} unit=${line#*$'\t'}
        read -r least middle most < <(awk -F '\t' -v which="$1" -v what="$what" '$1 == which && $2 == what { print $3 }' "$servers/told" |
            sort -n | awk '{ v[NR] = $1 } END { print v[1], v[int((NR + 1) / 2)], v[NR] }')
        figure "${what:+  }${what:-$2}" "$middle" "$unit" "($least to $most)"
    done
}

# Each as the README has it, of the plants there are here.
ask() {
    local name=$1 begun
    begun=$(now)
    psql_value "$2" "$stored" >"$servers/answer"
    figure "$name" "$(since "$begun")" "s, $(wc -l <"$servers/answer") lines"
}

servers_begin
bench_csv "$ABATE_BUILD/growth.csv"
make -s -C "$ABATE_BUILD" tests/bench/load
postgres_start postgres shared_buffers=2GB max_wal_size=16GB track_commit_timestamp=on maintenance_work_mem=512MB
mosquitto_start
now_minute=$((($(date +%s) - 1577808000) / 60))
for case in "${cases[@]}"; do
    case_make "$case"
done
[[ $wanted -eq 0 ]] || fill
for ((round = 1; round <= rounds; round++)); do
    for case in "${cases[@]}"; do
        drain "$case" "$round"
    done
done
for case in alone_{10,1000,20000}; do
    report "$case" "${monitors[$case]} monitors"
done
[[ $wanted -gt 0 ]] || exit 0
report "$stored" "1000 monitors, with $wanted readings stored"

last="(select monitor_code from abate.monitor order by monitor_id desc limit 1)"
ask "breaches of all limits" "select plant_code, parameter_en, side, bound, count(*) from abate.breach_report
    where rule in ('early', 'hour', 'day') and withdrawn is null group by 1, 2, 3, 4"
ask "hours a month over a bound, one monitor" "select to_char(at, 'YYYY-MM'), count(*), count(*) filter (where value > 100), avg(value), max(value)
    from abate.reading where monitor_code = $last and parameter_code = 'a21002' and is_valid group by 1 order by 1"
ask "sum a month of two parameters, one monitor" "select to_char(at, 'YYYY-MM'), sum(value) filter (where parameter_code = 'a01011'), sum(value) filter (where parameter_code = 'a00000')
    from abate.reading where monitor_code = $last and parameter_code in ('a01011', 'a00000') and is_valid group by 1 order by 1"
ask "when each of ten monitors last ran" "select monitor_code, max(at) filter (where value > 0), count(*) filter (where value > 0)
    from abate.reading where monitor_code like 'SIM00099_' and parameter_code = 'a01014' and is_valid group by 1"
ask "analysers silent beside others, of all" "select monitor_code, parameter_en, max(at), max(max(at)) over (partition by feed_id)
    from abate.reading where is_valid group by monitor_code, parameter_en, statistic, feed_id"
