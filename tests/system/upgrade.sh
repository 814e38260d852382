#!/usr/bin/env bash
# A database of the time before hours were judged, with what was found then: it is migrated, and judging goes on from there.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
migrations=$(dirname "${BASH_SOURCE[0]}")/../../sql/migrations

breaches() {
    psql_value "select concat_ws(' ', b.rule, b.severity, m.monitor_code, p.plant_code, to_char(b.opened at time zone 'UTC', 'DD HH24:MI'),
                                 coalesce(to_char(b.closed at time zone 'UTC', 'DD HH24:MI'), 'open'), b.worst, b.count)
                  from abate.breach b left join abate.monitor m using (monitor_id) left join abate.plant p on p.plant_id = b.plant_id
                 where b.withdrawn is null order by b.breach_id"
}

servers_begin
postgres_start
broker_port=1 abate_conf
psql_value "create database abate" postgres
for file in "$migrations"/000[1-8]_*.sql; do
    name=$(basename "$file" .sql)
    { cat "$file"; printf "insert into abate.schema_migration (number, name, sha256) values (%s, '%s', '%s');\n" \
        "${name%%_*}" "${name#*_}" "$(sha256sum "$file" | cut -d ' ' -f 1)"; } >"$servers/step.sql"
    "$postgres_bin/psql" -Xq1 -v ON_ERROR_STOP=1 -d abate -f "$servers/step.sql" >/dev/null
done
psql_file - <<'END'
insert into abate.region values ('410100');
insert into abate.plant (plant_code, region_code) values ('P1', '410100');
insert into abate.monitor (monitor_code, plant_id, medium) values ('S1', 1, 'air');
insert into abate.feed (monitor_id, period) values (1, 'minute'), (1, 'hour'), (1, 'day');
insert into abate.series (feed_id, parameter_code, unit, slot) select f, 'a21026', 'mg/m3', 1 from generate_series(1, 3) f;
insert into abate.series (feed_id, parameter_code, unit, slot) values (1, 'a01013', 'Pa', 2);
insert into abate.parameter (parameter_code, name_zh, unit) values ('a24049', '三氯乙烯', 'ug/m3');
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, confirmed_by)
select 'a21026', p, 1, 35, 'mg/m3', 's', 's', 'x' from unnest(array['minute', 'hour', 'day']) p;
create table abate.sample_2021_03 partition of abate.sample for values from ('2021-03-01 00:00Z') to ('2021-04-01 00:00Z');
alter table abate.sample_2021_03 owner to abate_owner;
insert into abate.sample select 2, 1, '2021-03-02 00:00+08'::timestamptz + n * interval '1 hour', n, array[case when n < 5 then 40 else 30 end]
  from generate_series(0, 23) n;
insert into abate.breach (limit_id, series_id, opened, closed, bound, worst, worst_at, last_at, count, journal_id,
                          first_position, worst_position, last_position)
select v.id, v.id, v.opened::timestamptz, v.closed::timestamptz, 35, 40, v.opened::timestamptz, v.last::timestamptz, 2, 1, 0, 0, 1
  from (values (1, '2021-03-02 01:00+08', '2021-03-02 01:02+08', '2021-03-02 01:01+08'), (2, '2021-03-02 00:00+08', null, '2021-03-02 01:00+08'),
               (3, '2021-03-02 00:00+08', null, '2021-03-02 00:00+08')) v (id, opened, closed, last);
insert into abate.watch_state select 2, 2, 'open', '2021-03-02 01:00+08', '2021-03-02 00:00+08', 40, '2021-03-02 00:00+08', 2, 0, 0, 1;
END

story "migrated"
"$(program abatectl)" -c "$servers/abated.conf" migrate --conninfo "host=$PGHOST dbname=abate user=postgres" >"$servers/migrate.log" 2>&1 ||
    show_log migrate
expect "breaches" "$(breaches)" "$(printf '%s\n' 'early warning S1 P1 01 17:00 01 17:02 40 2' 'hour warning S1 P1 01 16:00 open 40 2' \
    'day warning S1 P1 01 16:00 open 40 2')"
expect "hours are not watched any more" "$(rows_of watch_state)" 0
expect "a series in a unit of its own keeps it" "$(rows_of series "parameter_code = 'a01013' and unit = 'Pa' and sent_unit is null")" 1
expect "so does a parameter that was added by hand" "$(rows_of parameter "parameter_code = 'a24049' and unit = 'ug/m3'")" 1

story "judged from the beginning: the breach of before goes on"
psql_value "select abate.judge_again('2021-03-01', '2021-03-04', '2021-03-04')" >/dev/null
expect "breaches" "$(breaches)" "$(printf '%s\n' 'early warning S1 P1 01 17:00 01 17:02 40 2' 'hour hour S1 P1 01 16:00 01 21:00 40 5')"
story_end
