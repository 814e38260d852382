-- Which limits hold for which series.
begin;
select plan(31);
\ir plant.psql

-- What a limit names, and the series (monitor period parameter) that it holds for.
create function pg_temp.holds(parameter text, period text, scope text, code text, unit text) returns text language plpgsql as $$
declare
    result text;
    id int;
begin
    insert into abate.emission_limit (parameter_code, period, sector_code, plant_id, monitor_id, upper, unit, standard, source)
    values (parameter, period, case scope when 'sector' then code end,
            case scope when 'plant' then (select plant_id from abate.plant where plant_code = code) end,
            case scope when 'monitor' then (select monitor_id from abate.monitor where monitor_code = code) end,
            35, unit, 'a standard', 'a page') returning limit_id into id;
    select string_agg(m.monitor_code || ' ' || f.period || ' ' || x.parameter_code || ' ' || x.statistic, ', ' order by m.monitor_code, f.period)
      into result
      from abate.limit_series s join abate.series x using (series_id) join abate.feed f on f.feed_id = x.feed_id join abate.monitor m using (monitor_id)
     where s.limit_id = id;
    result := coalesce(result, 'none: ' || coalesce((select why from abate.idle_limit where limit_id = id), 'judged as a mean'));
    delete from abate.emission_limit where limit_id = id;
    return result;
end $$;

select is(pg_temp.holds(parameter, period, scope, code, unit), expected, name)
  from (values
    ('a sector: all monitors of its plants', 'a21026', 'minute', 'sector', 'power', 'mg/m3', 'S1 minute a21026 value, S2 minute a21026 value'),
    ('a plant: all its monitors', 'a21026', 'minute', 'plant', 'P1', 'mg/m3', 'S1 minute a21026 value, S2 minute a21026 value'),
    ('a monitor', 'a21026', 'minute', 'monitor', 'S2', 'mg/m3', 'S2 minute a21026 value'),
    ('hourly means: not as they come, but they can be made', 'a21026', 'hour', 'sector', 'power', 'mg/m3', 'none: judged as a mean'),
    ('also of minutes alone', 'a21026', 'hour', 'monitor', 'S2', 'mg/m3', 'none: judged as a mean'),
    ('daily means', 'a21026', 'day', 'monitor', 'S2', 'mg/m3', 'none: judged as a mean'),
    ('daily means in another unit', 'a21026', 'day', 'monitor', 'S2', 'ug/m3', 'none: the series have another unit: mg/m3'),
    ('not the statistic Max', 'w01018', 'minute', 'plant', 'P2', 'mg/L', 'W1 minute w01018 value'),
    ('another unit', 'a21026', 'minute', 'sector', 'power', 'mg/m³', 'none: the series have another unit: mg/m3'),
    ('a period nobody reports', 'a21026', 'realtime', 'plant', 'P1', 'mg/m3', 'none: the series have another period: hour, minute'),
    ('a parameter nobody reports', 'w21003', 'minute', 'plant', 'P1', 'mg/L', 'none: no monitor in its scope has a series of this parameter'),
    ('a sector without plants', 'a21026', 'minute', 'sector', 'cement', 'mg/m3', 'none: no monitor in its scope')
  ) s (name, parameter, period, scope, code, unit, expected);

-- What no hour can be made of; means of the device; what must be converted first; what is closed.
insert into abate.monitor (monitor_code, plant_id, medium) select c, plant_id, 'air' from abate.plant, unnest(array['D1', 'A1', 'M1']) c where plant_code = 'P2';
insert into abate.feed (monitor_id, period) select monitor_id, case monitor_code when 'D1' then 'day' when 'A1' then 'minute' else 'hour' end from abate.monitor where monitor_code ~ '^[DAM]1';
insert into abate.series (feed_id, parameter_code, statistic, unit) values (pg_temp.feed('D1', 'day'), 'a21026', 'value', 'mg/m3'),
    (pg_temp.feed('A1', 'minute'), 'a21026', 'Avg', 'mg/m3'), (pg_temp.feed('A1', 'minute'), 'a21026', 'ZsAvg', 'mg/m3'), (pg_temp.feed('M1', 'hour'), 'a21026', 'Max', 'mg/m3');
select is(pg_temp.holds('a21026', period, 'monitor', code, 'mg/m3'), expected, name)
  from (values
    ('a day of a day', 'day', 'D1', 'none: judged as a mean'),
    ('no hour of a day', 'hour', 'D1', 'none: the series have another period: day'),
    ('the mean a device has made of its minute', 'minute', 'A1', 'A1 minute a21026 Avg'),
    ('of maxima no mean is made', 'hour', 'M1', 'none: the series are of another statistic than the value or its mean')
  ) s (name, period, code, expected);

insert into abate.line_kind values ('kiln');
insert into abate.line (plant_id, line_code, line_kind) select plant_id, 'L1', 'kiln' from abate.plant where plant_code = 'P1';
update abate.monitor set line_id = (select line_id from abate.line) where monitor_code = 'S2';
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, kind, line_id, reference_oxygen)
select 'a21026', v.period, p.plant_id, 0, 'mg/m3', v.name, 'a page', v.kind, case when v.of_line then (select line_id from abate.line) end, v.oxygen
  from (values ('closed, minutes', 'minute', 'activity', false, null), ('closed, hours', 'hour', 'activity', false, null), ('line closed', 'minute', 'activity', true, null),
               ('converted minutes', 'minute', 'emission', false, 10), ('converted hours', 'hour', 'emission', false, 10)) v (name, period, kind, of_line, oxygen), abate.plant p where p.plant_code = 'P1';
create view pg_temp.held as
select l.standard, string_agg(m.monitor_code || ' ' || f.period, ', ' order by m.monitor_code, f.period) as series
  from abate.emission_limit l left join abate.limit_series s using (limit_id) left join abate.feed f using (feed_id) left join abate.monitor m on m.monitor_id = f.monitor_id
 where l.source = 'a page' group by l.standard;
select is(h.series, v.series, v.name || ': ' || coalesce(v.series, 'none'))
  from (values ('closed, minutes', 'S1 minute, S2 minute'), ('closed, hours', 'S1 hour'), ('line closed', 'S2 minute'), ('converted minutes', null), ('converted hours', null)) v (name, series)
  join pg_temp.held h on h.standard = v.name;
select results_eq('select standard, why from abate.idle_limit', $$values ('converted minutes', 'only hourly and daily means are converted to a reference oxygen')$$, 'which is said');
delete from abate.emission_limit;

-- What the daemon reads.
\set read_watches `cat "$ABATE_SQL/queries/read_watches.sql"`
create temporary table watched as
select null::int as limit_id, null::int as series_id, null::int as feed_id, null::smallint as slot, null::float8 as lower, null::float8 as upper, null::float8 as lower_clear, null::float8 as upper_clear,
       null::bigint as hold_us, null::bigint as valid_from_us, null::bigint as valid_to_us, null::bigint as last_us, null::text as phase,
       null::bigint as state_last_us, null::bigint as since_us, null::float8 as worst, null::bigint as worst_at_us, null::int as count,
       null::bigint as first_position, null::bigint as worst_position, null::bigint as last_position limit 0;
prepare read_watches as :read_watches

insert into abate.emission_limit (parameter_code, period, monitor_id, upper, lower, upper_clear, hold, unit, standard, source, valid_from)
select 'a21026', 'minute', monitor_id, 35, 1, 30, '90 seconds', 'mg/m3', 'one', 'a page', '2020-01-01 00:00+08' from abate.monitor where monitor_code = 'S1';
insert into abate.emission_limit (parameter_code, period, monitor_id, lower, unit, standard, source, valid_to)
select 'a21002', 'minute', monitor_id, 6, 'mg/m3', 'two', 'a page', '2019-01-01 00:00+08' from abate.monitor where monitor_code = 'S1';
create function pg_temp.watched() returns setof watched language plpgsql as $$ begin return query execute 'execute read_watches'; end $$;

select results_eq('select lower, upper, lower_clear, upper_clear, hold_us, valid_from_us, valid_to_us, last_us, phase from pg_temp.watched()',
    $$values (1::float8, 35::float8, 1::float8, 30::float8, 90000000::bigint, 1577808000000000::bigint, null::bigint, null::bigint, null::text),
             (6, null, 6, null, 0, null, 1546272000000000, null, null)$$, 'every limit with its bounds, clear levels, hold and validity, also those of another time');
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:00+00', 1, '{1,2}', null), (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:01+00', 1, '{3,NULL,5}', null);
select results_eq('select last_us from pg_temp.watched()', 'values (1604275260000000::bigint), (1604275259999999)',
    'the newest instant; just before it where the series has no value at it yet');
insert into abate.watch_state select limit_id, pg_temp.series('S1', 'minute', 'a21026'), 'open', '2020-11-02 00:01+00', '2020-11-02 00:00+00', 40.5, '2020-11-02 00:00:30+00', 3, 100, 200, 300
  from abate.emission_limit where standard = 'one';
select results_eq('select phase, state_last_us, since_us, worst, worst_at_us, count, first_position, worst_position, last_position from pg_temp.watched()',
    $$values ('open', 1604275260000000::bigint, 1604275200000000::bigint, 40.5::float8, 1604275230000000::bigint, 3, 100::bigint, 200::bigint, 300::bigint),
             (null, null, null, null, null, null, null, null, null)$$, 'and where the watch stands');
select is(series_id, pg_temp.series('S1', 'minute', 'a21026'), 'of its series') from pg_temp.watched() where upper = 35;
select is(feed_id || ' ' || slot, pg_temp.feed('S1', 'minute') || ' 1', 'and where its values stand') from pg_temp.watched() where upper = 35;

\set read_registry `cat "$ABATE_SQL/queries/read_registry.sql"`
create temporary table registered as
select ''::text as monitor_code, ''::text as plant_code, ''::text as region_code, 0 as utc_offset_s, 0 as feed_id, ''::text as period, 0::bigint as last_us,
       0::smallint as slot, ''::text as name, ''::text as unit limit 0;
prepare read_registry as :read_registry
create function pg_temp.registered() returns setof registered language plpgsql as $$ begin return query execute 'execute read_registry'; end $$;
select results_eq('select monitor_code, plant_code, region_code, utc_offset_s, period, last_us, name, unit, slot::int from pg_temp.registered() where monitor_code ~ ''^[SW]''',
    $$values ('S1', 'P1', '410100', 28800, 'minute', 1604275260000000::bigint, 'a21026', 'mg/m3', 1),
             ('S1', 'P1', '410100', 28800, 'minute', 1604275260000000, 'a21002', 'mg/m3', 2),
             ('S1', 'P1', '410100', 28800, 'minute', 1604275260000000, 'a34013', 'mg/m3', 3),
             ('S1', 'P1', '410100', 28800, 'hour', null, 'a21026', 'mg/m3', 1),
             ('S2', 'P1', '410100', 28800, 'minute', null, 'a21026', 'mg/m3', 1),
             ('W1', 'P2', '410100', -9000, 'minute', null, 'w01018', 'mg/L', 1),
             ('W1', 'P2', '410100', -9000, 'minute', null, 'w01018-Max', 'mg/L', 2)$$, 'the registry as the daemon reads it');
select ok(bool_and(feed_id = pg_temp.feed(monitor_code, period)), 'with the numbers of its feeds') from pg_temp.registered();

-- Looked up, not searched: what is read at each start must not grow with history.
select count(abate.ensure_partition(m)) from generate_series(2008 * 12, 2020 * 12) m \g /dev/null
create function pg_temp.plan(query text) returns setof text language plpgsql as $$ begin return query execute 'explain (costs off) ' || query; end $$;
insert into abate.sample select feed_id, 1, make_timestamptz(m / 12, m % 12 + 1, d, 0, 0, 0, 'UTC'), 0, '{1}' from abate.feed, generate_series(2008 * 12, 2020 * 12) m, generate_series(1, 28) d;
select is_empty('select * from pg_temp.plan(''execute read_registry'') p where p ~ ''Scan.* on sample_'' and p !~ ''Index.*Scan.* on sample_''',
    'the newest sample of a feed is looked up in the index of each month');
select ok(exists (select from pg_temp.plan('execute read_registry') p where p ~ '->  Append') and not exists (select from pg_temp.plan('execute read_registry') p where p ~ 'Merge Append'),
    'month by month, until it is found');

select * from finish();
rollback;
