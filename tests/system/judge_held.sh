#!/usr/bin/env bash
# The judge takes its time: whatever it does in its transaction, the writer does not wait for it. It is ended in the middle:
# nothing is lost, and nothing is there twice.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

# held SQL ...: in one transaction that stays open, of a session of the judge's kind; waits until it has come through.
held() {
    mkfifo "$servers/held.in"
    # shellcheck disable=SC2016 # for the inner shell
    process_start held "" sh -c 'exec "$0" -XqAt -v ON_ERROR_STOP=1 -d abate <"$1"' "$postgres_bin/psql" "$servers/held.in"
    exec 7>"$servers/held.in"
    printf '%s;\n' "set application_name = 'held'; begin" "$@" "select 'come through'" >&7
    wait_until 30 log_has held "come through" || show_log held
}

release() {
    psql_value "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'held'" >/dev/null
    exec 7>&-
    process_end held TERM 10
    rm "$servers/held.in" "$servers/held.log"
}

# value MONITOR INSTANT CODE VALUE ...
value() {
    message "plants/410100/MILL/$1" "$(printf '{"time":"%s","period":"minute","readings":{"%s":%s}}' "$2" "$3" "$4")"
}

say() { # COUNT, and lines for value from stdin: waits until COUNT instants are stored
    while read -r line; do
        # shellcheck disable=SC2086 # four words
        value $line
    done >"$servers/values"
    publish "$servers/values"
    process_wait publish 30
    wait_until 10 stored_is "$1" || true
    expect "stored" "$(stored_count)" "$1"
    expect "who waits for whom" "$(psql_value "select string_agg(concat_ws(' ', a.application_name, a.wait_event, a.query), '; ')
        from pg_stat_activity a where a.wait_event_type = 'Lock'")" ""
}

found() {
    psql_value "select concat_ws(' ', m.monitor_code, b.rule, b.opened at time zone 'UTC', b.worst)
                  from abate.breach b join abate.monitor m using (monitor_id)
                 where b.withdrawn is null order by m.monitor_code, b.rule, b.opened"
}

servers_begin_all
echo 'judge { enabled = false }' >>"$servers/abated.conf"
psql_file - <<'END'
insert into abate.region (region_code) values ('410100');
insert into abate.plant (plant_code, region_code) values ('MILL', '410100');
insert into abate.monitor (monitor_code, plant_id, medium)
select v.code, plant_id, v.medium from abate.plant, (values ('STACK', 'air'), ('WELL', 'water_use')) v (code, medium);
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor;
insert into abate.series (feed_id, parameter_code, unit)
select f.feed_id, v.code, v.unit
  from (values ('STACK', 'a21026', 'mg/m3'), ('STACK', 'a00000', 'm3/s'), ('WELL', 'x_water_register', 'm3')) v (monitor, code, unit)
  join abate.monitor m on m.monitor_code = v.monitor join abate.feed f using (monitor_id);
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, confirmed_by)
select 'a21026', 'hour', plant_id, 35, 'mg/m3', 'test', 'test', 'test' from abate.plant;
update abate.threshold set value = 1 where threshold_code = 'hour_valid_minutes';
END
abated_start
wait_until 30 log_has abated "connected, session"

story "a month nobody had, while the judge makes the hours of one"
say 4 <<'END'
STACK 2021-03-01T12:07:00Z a21026 50
STACK 2021-03-01T12:08:00Z a21026 60
STACK 2021-03-01T13:07:00Z a21026 30
WELL 2021-03-01T12:07:00Z x_water_register 700
END
held "select abate.judge('2021-03-02')"
say 7 <<'END'
STACK 2020-11-01T12:07:00Z a21026 50
STACK 2020-11-01T13:07:00Z a21026 5
STACK 2021-03-01T12:09:00Z a21026 70
END
expect "of the judge nothing is seen" "$(rows_of breach)" 0

story "ended in the middle"
release
expect "nothing is there" "$(rows_of hourly) $(rows_of breach)" "0 0"
psql_value "select abate.judge('2021-03-02')" >/dev/null
expect "judged again, once" "$(found)" "$(printf '%s\n' 'STACK hour 2020-11-01 12:00:00 50' 'STACK hour 2021-03-01 12:00:00 60')"
psql_value "select abate.judge('2021-03-02')" >/dev/null
expect "and once more" "$(rows_of breach)" 2

story "work after a closure, while the judge hears late where the register stood"
psql_value "select abate.close_down('MILL', null, '2021-03-01 12:10Z', 'test')" >/dev/null
wait_until 10 log_has abated "2 limits on them" || true
say 8 <<'END'
WELL 2021-03-01T12:09:00Z x_water_register 705
END
held "select abate.judge('2021-03-02')"
say 10 <<'END'
STACK 2021-03-01T12:11:00Z a00000 3
WELL 2021-03-01T12:11:00Z x_water_register 710
END
release
psql_value "select abate.judge('2021-03-02')" >/dev/null
expect "breaches" "$(found | grep activity)" "$(printf '%s\n' 'STACK activity 2021-03-01 12:11:00 3' 'WELL activity 2021-03-01 12:11:00 710')"

story "work goes on, and stops, while the judge judges it"
held "select abate.judge('2021-03-02')"
say 12 <<'END'
STACK 2021-03-01T12:12:00Z a00000 0
WELL 2021-03-01T12:12:00Z x_water_register 720
END
release
psql_value "select abate.judge('2021-03-02')" >/dev/null
expect "breaches" "$(found | grep activity)" "$(printf '%s\n' 'STACK activity 2021-03-01 12:11:00 3' 'WELL activity 2021-03-01 12:11:00 720')"
abated_stop
expect "exit status" "$ended" 0
story_end
