#!/usr/bin/env bash
# What judging costs, measured: a private PostgreSQL, minutes made by the database itself, abate.judge() called as the daemon
# calls it: in one session, a transaction an hour. Printed, and added to bench-judge.csv in the build directory.
#
#     judge.sh [--monitors N] [--reported] [--month [--days N]]       default 3000 monitors of 10 series
#
# first      the first hour of all monitors, with no history
# next       each of the hours behind it
# midnight   the hour in which the last day of a month is closed, with that month of hours and days, of exceedances, and of
#            the minutes of a tenth of the monitors behind it
# after      each of the hours behind it
# month      with --month: a month of minutes (or so many days), hour after hour, as if it had been live
#            (3000 monitors: 130 million rows, 30 GB on disk; hours)
# reported   with --reported the monitors report hourly means, too: twice as many hours are closed, and compared
#
# The monitors are those of 300 plants of the Zhengzhou plan, in its regions and sectors; the plan is judged every hour. They
# have to report, and one in 97 does not; one series in fifty is past its limit now and then.
#
# Under each row is what the steps took of it. The load is that of the machine before the row was measured; what others do on
# it makes judging take longer, but hardly the seconds of CPU that it takes: the ratio at the end is told of both.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../servers.sh"

monitors=3000
readings=10
month=no
reported=no
# A month of the simulated monitors' clock, which is eight hours ahead.
readonly begin="2026-03-01 00:00+08"
days=31
while [[ $# -gt 0 ]]; do
    case $1 in
    --monitors) monitors=$2; shift ;;
    --reported) reported=yes ;;
    --month) month=yes ;;
    --days) days=$2; shift ;;
    *) echo "usage: judge.sh [--monitors N] [--reported] [--month [--days N]]" >&2; exit 2 ;;
    esac
    shift
done
[[ $days -ge 1 && $days -le 31 ]] || { echo "judge.sh: --days is 1 to 31" >&2; exit 2; }

calc() { # FORMAT EXPRESSION
    awk "BEGIN { printf \"$1\", $2 }"
}

hour() { # N: the instant
    printf "timestamptz '%s' + interval '1 hour' * %s" "$begin" "$1"
}

# The plan, its plants, and limits on what their monitors measure.
register() {
    "$(program abatectl)" -c "$servers/abated.conf" plan load "$here/../../sql/plans/zhengzhou-2019" \
        --conninfo "host=$PGHOST dbname=$PGDATABASE user=postgres" >/dev/null
    "$(program abatectl)" simulate --registry --monitors "$monitors" --readings "$readings" | psql_file -
    psql_file - <<END
insert into abate.plant (plant_code, name_zh, region_code, sector_code, size_class, is_above_scale, is_in_built_up_area,
                         disposition, finish_due)
select 'B' || n, '企业' || n, r.codes[1 + n % cardinality(r.codes)], s.codes[1 + n % cardinality(s.codes)],
       (array['small', 'medium', 'large', 'very_large'])[1 + n % 4], n % 5 > 0, n % 3 = 0,
       (array['in_place', 'change', 'move', 'close'])[n % 16], case when n % 16 < 5 then date '2026-12-31' - n end
  from generate_series(1, 300) n,
       (select array_agg(region_code order by region_code) from abate.region where parent_code = '410100') r (codes),
       (select array_agg(sector_code order by sector_code) from abate.sector) s (codes);
insert into abate.line (plant_id, line_code, line_kind, size, started_on)
select p.plant_id, 'L' || n, k.codes[1 + (p.plant_id + n) % cardinality(k.codes)], 100 + n * 150, '2010-01-01'
  from abate.plant p, generate_series(1, 2) n,
       (select array_agg(line_kind order by line_kind) from abate.line_kind) k (codes)
 where p.plant_code ~ '^B[0-9]+$';
update abate.monitor m
   set plant_id = p.plant_id, must_report_from = '2026-03-01', reference_oxygen = case when m.monitor_id % 3 = 0 then 9 end
  from abate.plant p
 where p.plant_code = 'B' || 1 + m.monitor_id % 300;
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, confirmed_by)
select x.parameter_code, p.period, m.plant_id, 40 * $(scale x.slot), min(x.unit), 'bench', 'bench', 'bench'
  from abate.series x join abate.feed using (feed_id) join abate.monitor m using (monitor_id),
       (values ('hour'), ('day')) p (period)
 group by x.parameter_code, p.period, m.plant_id, x.slot;
END
    [[ $reported == no ]] || psql_file - <<END
with made as (
    insert into abate.feed (monitor_id, period) select monitor_id, 'hour' from abate.feed where period = 'minute'
    returning feed_id, monitor_id
)
insert into abate.series (feed_id, parameter_code, unit, slot)
select n.feed_id, x.parameter_code, x.unit, x.slot
  from made n
  join abate.feed f on f.monitor_id = n.monitor_id and f.period = 'minute'
  join abate.series x on x.feed_id = f.feed_id;
END
    sent=$(psql_value "select count(*) from abate.series join abate.feed using (feed_id) where monitor_id % 97 > 0")
}

# Dust, sulphur dioxide and oxygen are of another size than the others.
scale() { # COLUMN
    printf "(array[0.125, 0.5, 1, 1, 0.3])[least(%s, 5 - sign(greatest(%s - 5, 0))::int * 2)]" "$1" "$1"
}

# minutes FROM-HOUR TO-HOUR [EVERY]: what the monitors (every one, or every so many) sent in these hours, and that they did.
minutes() {
    psql_file - <<END
select abate.ensure_partition(2026 * 12 + m) from generate_series(1, 3) m;
insert into abate.sample (feed_id, journal_id, at, position, value)
select f.feed_id, 1, t.at, 0, v.value
  from generate_series($(hour "$1"), $(hour "$2") - interval '1 minute', interval '1 minute') t (at)
 cross join abate.feed f
 cross join lateral (
       select array_agg($(scale n) * (10 + (hashint4(f.feed_id * 31 + n) & 255) / 10.0
                                         + (extract(epoch from t.at)::bigint / 60 * n % 97) / 10.0)) as value
         from generate_series(1, $readings) n) v
 where f.monitor_id % ${3:-1} = 0 and f.monitor_id % 97 > 0
   and (f.period = 'minute' or extract(minute from t.at) = 0);
insert into abate.touched_hour (feed_id, hour)
select f.feed_id, $(hour h)
  from abate.feed f, generate_series($1, $2 - 1) h
 where f.monitor_id % ${3:-1} = 0 and f.monitor_id % 97 > 0;
END
}

# judged NAME FROM-HOUR TO-HOUR: as the daemon does when each hour is over. Adds to $spent, $slowest and $hours; leaves in
# pg_stat_user_functions what its steps took.
judged() {
    local hour closed load
    load=$(cut -d' ' -f1 /proc/loadavg)
    {
        echo 'set role abate_writer;'
        cat "$here/../../sql/queries/prepare_judge.sql"
        echo '\timing on'
        for ((hour = $2; hour < $3; hour++)); do
            echo "select hours from abate.judge($(hour "$hour") + interval '70 minutes');"
        done
        echo '\timing off'
        echo 'reset role;'
        echo "select 'CPU', x[14]::int + x[15]::int from string_to_array(pg_read_file('/proc/self/stat'), ' ') x;"
    } | "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 >"$servers/judged"
    closed=$(awk '/^[0-9]+$/ { n += $1 } END { print n + 0 }' "$servers/judged")
    [[ $closed -eq $((sent * ($3 - $2))) ]] ||
        servers_fail "$1: $closed hourly means made, $((sent * ($3 - $2))) wanted"
    [[ $hours -gt 0 ]] || before=$load
    read -r spent slowest < <(awk -v spent="$spent" -v slowest="$slowest" '
        /^Time: / { spent += $2; if ($2 > slowest) slowest = $2 } END { print spent, slowest }' "$servers/judged")
    cpu=$(awk -F'|' -v cpu="$cpu" -v tick="$(getconf CLK_TCK)" '$1 == "CPU" { cpu += $2 / tick } END { print cpu }' "$servers/judged")
    hours=$((hours + $3 - $2))
}

# row NAME: what was measured, and the steps of it.
row() {
    local step seconds
    each=$(calc %.3f "$spent / 1000 / $hours")
    printf '%-9s %4d hours of %d monitors x %d series: %8.2f s, %.3f s an hour (CPU %.3f s), the slowest %.3f s (load %s)\n' "$1" "$hours" \
        "$monitors" "$readings" "$(calc %.3f "$spent / 1000")" "$each" "$(calc %.3f "$cpu / $hours")" "$(calc %.3f "$slowest / 1000")" "$before"
    each_cpu=$(calc %.3f "$cpu / $hours")
    echo "judge_$1,$hours,$sent,$(calc %.3f "$spent / 1000"),$each,$(calc %.3f "$slowest / 1000"),$before,$each_cpu" >>"$csv"
    printf '         '
    while IFS='|' read -r step seconds; do
        printf ' %s %.3f' "$step" "$(calc %.3f "$seconds / $hours")"
        echo "judge_$1/$step,$hours,$sent,$seconds,$(calc %.3f "$seconds / $hours"),,," >>"$csv"
    done < <(psql_value "
        select s.name, (f.total_time / 1000)::numeric(10, 3)
          from unnest('{take_touched,close_hours,close_consumption,close_days,hold_means,judge_differences,judge_activity,judge_silence,judge_plan}'::text[],
                      '{take,hours,consumption,days,limits,differences,activity,silence,plan}'::text[])
               with ordinality s (function, name, place)
          join pg_stat_user_functions f on f.schemaname = 'abate' and f.funcname = s.function
         order by s.place")
    printf '\n'
}

measure() { # NAME FROM-HOUR TO-HOUR
    begin_row
    judged "$@"
    row "$1"
}

begin_row() {
    hours=0 spent=0 slowest=0 cpu=0
    psql_value "select pg_stat_reset()" >/dev/null
}

# A month as if it had been judged: hours and days of all, the minutes of a tenth of the monitors, and every fifth hour the
# exceedances of the hours judged already.
history() {
    minutes 6 $((days * 24)) 10
    psql_file - <<END
truncate abate.touched_hour, abate.touched_day;
insert into abate.touched_day (monitor_id, day) select monitor_id, date '2026-03-01' + $days - 1 from abate.monitor;
select abate.ensure_hourly_partition(2026 * 12 + m) from generate_series(1, 3) m;
insert into abate.hourly (series_id, received, valid, at, value, is_valid, is_official)
select x.series_id, 60, 60, t.at, 5, true, f.period = 'hour' or '$reported' = 'no'
  from generate_series($(hour 6), $(hour "$((days * 24 - 1))"), interval '1 hour') t (at)
 cross join abate.series x
  join abate.feed f on f.feed_id = x.feed_id
 where f.monitor_id % 97 > 0;
insert into abate.touched_day (monitor_id, day)
select monitor_id, date '2026-03-01' + d from abate.monitor, generate_series(0, $days - 2) d where monitor_id % 97 > 0;
select abate.prepare_judge();
select abate.close_days($(hour "$((days * 24))"));
update abate.breach set closed = $(hour 6) where rule = 'hour' and closed is null;
insert into abate.exceedance (limit_id, monitor_id, at, series_id, value, bound, evidence)
select e.limit_id, e.monitor_id, e.at + interval '1 hour' * h, e.series_id, e.value, e.bound, e.evidence
  from abate.exceedance e, generate_series(10, $((days * 24 - 12)), 5) h
 where e.at = $(hour 0);
insert into abate.breach (rule, severity, limit_id, series_id, monitor_id, plant_id, opened, closed, bound, worst, worst_at,
                          last_at, count, count_30_days)
select 'hour', 'hour', e.limit_id, e.series_id, e.monitor_id, m.plant_id, e.at, e.at + interval '1 hour', e.bound, e.value, e.at,
       e.at, 1, 1
  from abate.exceedance e join abate.monitor m using (monitor_id) join abate.emission_limit l using (limit_id)
 where l.period = 'hour' and e.at >= $(hour 10);
END
    psql_value "vacuum analyze" >/dev/null
}

servers_begin
csv=$ABATE_BUILD/bench-judge.csv
echo "name,hours,series,seconds,seconds_per_hour,slowest,load,cpu_per_hour" >"$csv"
postgres_start postgres shared_buffers=256MB max_wal_size=4GB track_functions=pl
mosquitto_start
abate_conf
database_make
register
echo "$(nproc) cores, PostgreSQL $(psql_value 'show server_version'), Zhengzhou's plan, 300 plants, limits on every series by hour and by day"

if [[ $month == yes ]]; then
    begin_row
    for ((day = 0; day < days; day++)); do
        minutes $((day * 24)) $((day * 24 + 24))
        [[ $day -ne 1 && $((day % 7)) -ne 0 ]] || psql_value analyze >/dev/null
        so_far=$spent
        judged month $((day * 24)) $((day * 24 + 24))
        printf '  day %2d: %s s an hour\n' $((day + 1)) "$(calc %.3f "($spent - $so_far) / 24000")"
    done
    row month
    exit 0
fi
minutes 0 6
psql_value analyze >/dev/null
measure first 0 1
measure next 1 6
next=$each next_cpu=$each_cpu
history
minutes $((days * 24)) $((days * 24 + 4))
measure midnight $((days * 24)) $((days * 24 + 1))
measure after $((days * 24 + 1)) $((days * 24 + 4))
echo "an hour with a month behind it takes $(calc %.2f "$each / $next") times what it took with none (CPU: $(calc %.2f "$each_cpu / $next_cpu"))"
