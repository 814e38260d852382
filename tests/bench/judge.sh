#!/usr/bin/env bash
# What judging costs, measured: a private PostgreSQL, minutes made by the database itself, abate.judge() called as the daemon
# calls it. Printed, and added to bench.csv in the build directory.
#
#     judge.sh [--monitors N] [--month]       default 3000 monitors of 10 series
#
# first    the first hour of all monitors, with no history
# next     each of the hours behind it
# after    one hour with a month of hours, and of a tenth of the minutes, behind it
# month    with --month: a whole month of minutes, hour after hour, as if it had been live
#          (3000 monitors: 130 million rows, 30 GB on disk; an hour or more)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../servers.sh"

monitors=3000
readings=10
month=no
while [[ $# -gt 0 ]]; do
    case $1 in
    --monitors) monitors=$2; shift ;;
    --month) month=yes ;;
    *) echo "usage: judge.sh [--monitors N] [--month]" >&2; exit 2 ;;
    esac
    shift
done

# A month of the simulated monitors' clock, which is eight hours ahead.
readonly begin="2026-03-01 00:00+08"
readonly days=31

calc() { # FORMAT EXPRESSION
    awk "BEGIN { printf \"$1\", $2 }"
}

row() { # NAME HOURS SECONDS
    printf '%-10s %5d hours of %5d monitors x %d series %9.2f s %8.3f s an hour\n' "$1" "$2" "$monitors" "$readings" "$3" \
        "$(calc %.3f "$3 / $2")"
    echo "judge_$1,$2,$((monitors * readings)),$3,$(calc %.3f "$3 / $2")" >>"$csv"
}

# minutes FROM-HOUR TO-HOUR [EVERY]: what the monitors (every one, or every so many) sent in these hours, and that they did.
minutes() {
    psql_value "
        select abate.ensure_partition(2026 * 12 + m) from generate_series(1, 3) m;
        insert into abate.sample (feed_id, journal_id, at, position, value)
        select f.feed_id, 1, t.at, 0, v.value
          from generate_series(timestamptz '$begin' + interval '1 hour' * $1,
                               timestamptz '$begin' + interval '1 hour' * $2 - interval '1 minute', interval '1 minute') t (at)
         cross join abate.feed f
         cross join lateral (
               select array_agg(10 + (hashint4(f.feed_id * 31 + n) & 255) / 10.0
                                   + (extract(epoch from t.at)::bigint / 60 * n % 97) / 10.0) as value
                 from generate_series(1, $readings) n) v
         where f.feed_id % ${3:-1} = 0;
        insert into abate.touched_hour (feed_id, hour)
        select f.feed_id, timestamptz '$begin' + interval '1 hour' * h
          from abate.feed f, generate_series($1, $2 - 1) h
         where f.feed_id % ${3:-1} = 0" >/dev/null
}

# judge HOUR: as the daemon does when that hour is over; prints the hours closed.
judge() {
    psql_value "set role abate_writer;
        select hours from abate.judge(timestamptz '$begin' + interval '1 hour' * $1 + interval '70 minutes')"
}

# timed NAME FROM-HOUR TO-HOUR
timed() {
    local began seconds hour closed=0
    began=$(date +%s.%N)
    for ((hour = $2; hour < $3; hour++)); do
        closed=$((closed + $(judge "$hour")))
    done
    seconds=$(calc %.3f "$(date +%s.%N) - $began")
    [[ $closed -eq $((monitors * readings * ($3 - $2))) ]] ||
        servers_fail "$1: $closed hourly means made, $((monitors * readings * ($3 - $2))) wanted"
    row "$1" $(($3 - $2)) "$seconds"
}

# A month of hourly means as if they had been judged, and the minutes of a tenth of the monitors.
history() {
    minutes 6 $((days * 24)) 10
    psql_value "
        truncate abate.touched_hour;
        select abate.ensure_hourly_partition(2026 * 12 + m) from generate_series(1, 3) m;
        insert into abate.hourly (series_id, received, valid, at, value, is_valid)
        select x.series_id, 60, 60, t.at, 15, true
          from generate_series(timestamptz '$begin' + interval '6 hours',
                               timestamptz '$begin' + interval '1 day' * $days - interval '1 hour', interval '1 hour') t (at)
         cross join abate.series x" >/dev/null
    psql_value "vacuum analyze" >/dev/null
}

servers_begin
csv=$ABATE_BUILD/bench-judge.csv
echo "name,hours,series,seconds,seconds_per_hour" >"$csv"
postgres_start postgres shared_buffers=256MB max_wal_size=4GB
mosquitto_start
abate_conf
database_make
"$(program abatectl)" simulate --registry --monitors "$monitors" --readings "$readings" | psql_file -
psql_value "insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source)
            select x.parameter_code, p.period, m.plant_id, 40, min(x.unit), 'bench', 'bench'
              from abate.series x join abate.feed using (feed_id) join abate.monitor m using (monitor_id),
                   (values ('hour'), ('day')) p (period)
             group by x.parameter_code, p.period, m.plant_id" >/dev/null
echo "$(nproc) cores, PostgreSQL $(psql_value 'show server_version'), limits on every series by hour and by day"

if [[ $month == yes ]]; then
    for ((day = 0; day < days; day++)); do
        minutes $((day * 24)) $((day * 24 + 24))
    done
    psql_value "analyze" >/dev/null
    timed month 0 $((days * 24))
    exit 0
fi
minutes 0 6
psql_value "analyze" >/dev/null
timed first 0 1
timed next 1 6
history
minutes $((days * 24)) $((days * 24 + 3))
timed after $((days * 24)) $((days * 24 + 3))
