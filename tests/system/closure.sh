#!/usr/bin/env bash
# What is closed and works nevertheless: a closed plant that sends flow, an own well that runs, a retired kiln that heats.
# The breach stands in the database in the same commit as the sample.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

# value PLANT MONITOR MINUTE CODE VALUE
value() {
    message "plants/410100/$1/$2" \
        "$(printf '{"time":"2021-03-01T12:%02d:00Z","period":"minute","readings":{"%s":%s}}' "$3" "$4" "$5")"
}

# say COUNT [PLANT MONITOR MINUTE CODE VALUE] ... from stdin; waits until COUNT instants are stored in all.
say() {
    while read -r line; do
        # shellcheck disable=SC2086 # five words
        value $line
    done >"$servers/values"
    publish "$servers/values"
    process_wait publish 30
    wait_until 30 stored_is "$1" || expect "stored" "$(stored_count)" "$1"
}

# The breaches of a monitor: minute opened, closed, worst, bound, severity, and whether the sample that began it was written by
# the very same transaction.
breaches() { # MONITOR
    psql_value "select concat_ws(' ', b.rule, extract(minute from b.opened), coalesce(extract(minute from b.closed)::text, 'open'),
                                 b.worst, b.bound, b.severity,
                                 case when exists (select from abate.sample s join abate.series x on x.feed_id = s.feed_id
                                                    where x.series_id = b.series_id and s.at = b.opened and s.xmin = b.xmin)
                                      then 'at once' else 'later' end)
                  from abate.breach b join abate.monitor m using (monitor_id)
                 where m.monitor_code = '$1' order by b.opened"
}

servers_begin_all
psql_file - <<'END'
insert into abate.region (region_code) values ('410100');
insert into abate.plant (plant_code, region_code) values ('WORKS', '410100'), ('MILL', '410100'), ('BRICKS', '410100');
insert into abate.line_kind values ('well'), ('kiln');
insert into abate.line (plant_id, line_code, line_kind)
select plant_id, v.line, v.kind
  from (values ('MILL', 'WELL1', 'well'), ('BRICKS', 'KILN1', 'kiln'), ('BRICKS', 'KILN2', 'kiln')) v (plant, line, kind)
  join abate.plant on plant_code = v.plant;
insert into abate.monitor (monitor_code, plant_id, medium, line_id)
select v.monitor, p.plant_id, v.medium, l.line_id
  from (values ('STACK', 'WORKS', 'air', null), ('WELL', 'MILL', 'water_use', 'WELL1'), ('MAINS', 'MILL', 'water_use', null),
               ('OLD', 'BRICKS', 'air', 'KILN1'), ('NEW', 'BRICKS', 'air', 'KILN2')) v (monitor, plant, medium, line)
  join abate.plant p on p.plant_code = v.plant
  left join abate.line l on l.plant_id = p.plant_id and l.line_code = v.line;
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor;
insert into abate.series (feed_id, parameter_code, unit)
select f.feed_id, v.code, v.unit
  from (values ('STACK', 'a00000', 'm3/s'), ('WELL', 'x_water_register', 'm3'), ('MAINS', 'x_water_register', 'm3'),
               ('OLD', 'a01012', 'degC'), ('NEW', 'a01012', 'degC')) v (monitor, code, unit)
  join abate.monitor m on m.monitor_code = v.monitor join abate.feed f using (monitor_id);
END
abated_start
wait_until 30 log_has abated "connected, session"

story "at work: nobody minds"
say 5 <<'END'
WORKS STACK 0 a00000 12.5
MILL WELL 0 x_water_register 700
MILL MAINS 0 x_water_register 40
BRICKS OLD 0 a01012 180
BRICKS NEW 0 a01012 170
END
expect "breaches" "$(rows_of breach)" 0

story "closed from five past twelve; the daemon hears of it while it runs"
psql_value "select abate.close_down('WORKS', null, '2021-03-01 12:05Z', 'test'),
                   abate.close_down('MILL', 'WELL1', '2021-03-01 12:05Z', 'test'),
                   abate.close_down('BRICKS', 'KILN1', '2021-03-01 12:05Z', 'test')" >/dev/null
expect_true "seen within seconds" wait_until 10 log_has abated "3 limits"
say 10 <<'END'
WORKS STACK 6 a00000 0
MILL WELL 6 x_water_register 700
MILL MAINS 6 x_water_register 41
BRICKS OLD 6 a01012 31
BRICKS NEW 6 a01012 175
END
expect "breaches" "$(rows_of breach)" 0

story "the closed plant sends flow, the well runs, the retired kiln heats; the mains and the other kiln may"
say 15 <<'END'
WORKS STACK 7 a00000 0.1
MILL WELL 7 x_water_register 700.5
MILL MAINS 7 x_water_register 42
BRICKS OLD 7 a01012 61
BRICKS NEW 7 a01012 176
END
expect "closed plant" "$(breaches STACK)" "activity 7 open 0.1 0 day at once"
expect "own well" "$(breaches WELL)" "activity 7 open 700.5 700 day at once"
expect "retired kiln" "$(breaches OLD)" "activity 7 open 61 60 day at once"
expect "all breaches" "$(rows_of breach)" 3

story "at rest again; the register of a well goes on to say that it ran"
say 18 <<'END'
WORKS STACK 8 a00000 0
MILL WELL 8 x_water_register 700.5
BRICKS OLD 8 a01012 60
END
expect "closed plant" "$(breaches STACK | cut -d' ' -f1-5)" "activity 7 8 0.1 0"
expect "own well" "$(breaches WELL | cut -d' ' -f1-5)" "activity 7 open 700.5 700"
expect "retired kiln" "$(breaches OLD | cut -d' ' -f1-5)" "activity 7 8 61 60"

story "what a person reads"
expect "ledger" "$(psql_value "select string_agg(concat_ws(' ', plant_code, point, line_code, clause), ', ' order by plant_code)
                                  from abate.breach_ledger")" \
    "BRICKS OLD KILN1 line retired, MILL WELL WELL1 line retired, WORKS STACK plant closed"
abated_stop
expect "exit status" "$ended" 0
story_end
