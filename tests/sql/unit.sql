-- Units and names: what a series is stored in, what its device sends, what a payload may call a parameter, and marks.
begin;
select plan(46);
\ir plant.psql

create function pg_temp.units(parameter text) returns text language sql as $$
    select concat_ws(' from ', unit, sent_unit) from abate.series where series_id = pg_temp.series('S1', 'minute', parameter) $$;

-- A series is stored in the unit of its parameter.
select is(pg_temp.units('a21026'), 'mg/m3', 'registered in the unit of the parameter: nothing more to say');
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S1', 'minute'), 'a01013', 'Pa');
select is(pg_temp.units('a01013'), 'kPa from Pa', 'registered in another: stored in that of the parameter, sent in the other');
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S1', 'minute'), 'a21005', 'mg/m³');
select is(pg_temp.units('a21005'), 'mg/m3 from mg/m³', 'so with another spelling');
insert into abate.series (feed_id, parameter_code, unit, sent_unit) values (pg_temp.feed('S1', 'minute'), 'a21002', 'ppm', 'ppb') on conflict do nothing;
insert into abate.series (feed_id, parameter_code, unit, sent_unit) values (pg_temp.feed('S1', 'minute'), 'a21003', 'ug/m3', 'ppb'), (pg_temp.feed('S1', 'minute'), 'a21004', 'mg/m3', 'ppm');
select is(pg_temp.units('a21002'), 'mg/m3', 'one that is there already is left alone');
select is(pg_temp.units('a21003'), 'mg/m3 from ppb', 'what is said to be sent goes first');
select is(pg_temp.units('a21004'), 'mg/m3 from ppm', 'said in full');
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S1', 'minute'), 'a05024', 'ug/m3');
select is(pg_temp.units('a05024'), 'ug/m3', 'a parameter without a unit leaves each series its own');
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S1', 'minute'), 'a24088', 'kWh');
select is(pg_temp.units('a24088'), 'mg/m3 from kWh', 'what cannot become the other is the daemon''s to refuse');
select throws_ok($$insert into abate.series (feed_id, parameter_code, unit, sent_unit) values (pg_temp.feed('S1', 'minute'), 'a21018', 'mg/m3', '')$$,
    '23514', null, 'an empty unit is none');

-- Changed.
update abate.series set unit = 'ug/m3' where series_id = pg_temp.series('S1', 'minute', 'a34013');
select is(pg_temp.units('a34013'), 'mg/m3 from ug/m3', 'without samples a new unit is taken as when it is registered');
update abate.series set unit = 'g/m3' where series_id = pg_temp.series('S1', 'minute', 'a34013');
select is(pg_temp.units('a34013'), 'mg/m3 from g/m3', 'and another one again');
update abate.series set slot = 200 where series_id = pg_temp.series('S1', 'minute', 'a34013');
select is(pg_temp.units('a34013'), 'mg/m3 from g/m3', 'another change leaves it');
update abate.series set parameter_code = 'w01018' where series_id = pg_temp.series('S1', 'minute', 'a34013');
select is(pg_temp.units('w01018'), 'mg/L from mg/m3', 'another parameter, another unit');
update abate.series set sent_unit = null where series_id = pg_temp.series('S1', 'minute', 'w01018');
select is(pg_temp.units('w01018'), 'mg/L', 'what is sent is taken back');
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-02', 0, '{1,2,3}', null);
select throws_like($$update abate.series set unit = 'ug/m3' where series_id = pg_temp.series('S1', 'minute', 'a21026')$$,
    '%has samples, which would be read wrongly', 'with samples another unit is refused, and not taken for what is sent');
select lives_ok($$update abate.series set sent_unit = 'ug/m3' where series_id = pg_temp.series('S1', 'minute', 'a21026')$$,
    'but what the device sends from now on may be said');
select is(pg_temp.units('a21026'), 'mg/m3 from ug/m3', 'what is stored stays');
create function pg_temp.kept_by(line text) returns text language plpgsql as $$
declare
    said text;
begin
    execute 'insert into abate.' || line;
    update abate.series set unit = 'g/m3' where series_id = pg_temp.series('S1', 'minute', 'a21026');
    raise exception 'changed';
exception when others then
    get stacked diagnostics said = message_text;
    return said;
end
$$;
delete from abate.sample;
select abate.make_partition('hourly', 2020 * 12 + 10, 'Hours') \g /dev/null
select is(pg_temp.kept_by('touched_plan default values'), 'changed', 'without samples it may be changed');
select alike(pg_temp.kept_by(format(line, pg_temp.series('S1', 'minute', 'a21026'))), 'update series: feed % has hours or days of samples that were let go, which would be read wrongly', line)
  from (values ('hourly (series_id, received, valid, at, value, is_valid) values (%s, 60, 60, ''2020-11-02 00:00Z'', 5, true)'),
               ('daily (series_id, received, valid, day, value, is_valid) values (%s, 1, 1, ''2020-11-02'', 5, true)'),
               ('consumption (series_id, at, amount, state) values (%s, ''2020-11-02 00:00Z'', 5, ''measured'')')) v (line);
update abate.parameter set unit = 'ug/m3' where parameter_code = 'a21026';
select is(pg_temp.units('a21026'), 'mg/m3 from ug/m3', 'also when the parameter gets another unit');

-- A limit in the unit of the parameter holds, whatever the device sends.
update abate.parameter set unit = 'mg/m3' where parameter_code = 'a21026';
insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source) values ('a21026', 'minute', 'power', 35, 'mg/m3', 'a standard', 'a page');
select is(count(*)::int, 2, 'a limit holds for a series that is sent in another unit') from abate.limit_series join abate.series x using (series_id) where parameter_code = 'a21026';

-- Molar masses and the state gases are referred to.
select is(abate.threshold('molar_volume', 'air', now()), 22.414::float8, 'a mole of gas at 0 degC and 101.325 kPa');
select is(abate.threshold('molar_volume', 'water', now()), null, 'of gas alone');
select results_eq($$select parameter_code, molar_mass from abate.parameter where parameter_code in ('a21026', 'a21002', 'a21005', 'a24088', 'a34013') order by 1$$,
    $$values ('a21002', 46.005::float8), ('a21005', 28.010), ('a21026', 64.058), ('a24088', null), ('a34013', null)$$, 'nitrogen oxides count as NO2; mixtures and dust have none');
select is_empty($$select parameter_code from abate.parameter where molar_mass is not null and coalesce(molar_mass_source, '') = ''$$, 'each with its source');
select throws_ok($$update abate.parameter set molar_mass = 16 where parameter_code = 'a24088'$$, '23514', null, 'none without');
select is_empty($$select parameter_code from abate.parameter where molar_mass is not null and parameter_code !~ '^a'$$, 'only gases have one');
select is(count(*)::int, 196, 'every parameter of HJ 212-2017 is there') from abate.parameter where parameter_code ~ '^(a|w|L)' and parameter_code not in ('w01003', 'a05024');

\set read_units `cat "$ABATE_SQL/queries/read_units.sql"`
prepare read_units as :read_units
create temporary table said (feed_id int, slot smallint, monitor_code text, period text, name text, unit text, sent_unit text, density float8);
create function pg_temp.said() returns setof said language plpgsql as $$ begin return query execute 'execute read_units'; end $$;
select results_eq($$select name, unit, sent_unit, round(density::numeric, 6)::float8 from pg_temp.said() where monitor_code = 'S1' and period = 'minute' order by name$$,
    $$values ('a01013', 'kPa', 'Pa', null::float8), ('a05024', 'ug/m3', null, 2.141385), ('a21002', 'mg/m3', null, 2.052512), ('a21003', 'mg/m3', 'ppb', 1.338717),
             ('a21004', 'mg/m3', 'ppm', 2.052512), ('a21005', 'mg/m3', 'mg/m³', 1.249665), ('a21026', 'mg/m3', 'ug/m3', 2.857946), ('a24088', 'mg/m3', 'kWh', null)$$,
    'as the daemon reads it: what is sent otherwise, or of a gas');
select is(count(*)::int, 0, 'of the others there is nothing to say') from pg_temp.said() where name ~ '^w';

-- Names.
\set read_names `cat "$ABATE_SQL/queries/read_names.sql"`
prepare read_names as :read_names
create temporary table names (name text, code text);
create function pg_temp.names() returns setof names language plpgsql as $$ begin return query execute 'execute read_names'; end $$;
create function pg_temp.codes(wanted text) returns text language sql as $$ select string_agg(code, ' ' order by code) from pg_temp.names() where name = wanted $$;
select is(pg_temp.codes('011'), 'w01018', 'a code of 2005');
select is(pg_temp.codes('化学需氧量') || ' ' || pg_temp.codes('chemical oxygen demand (dichromate)'), 'w01018 w01018', 'its names');
select is(pg_temp.codes('氟化物'), 'a21018 w21017', 'a name of two');
select is(pg_temp.codes('氨（氨气）') || ' ' || pg_temp.codes('氨(氨气)'), 'a21001 a21001', 'as the standard writes it, and as we do');
select is(count(*)::int, 93, 'all codes of 2005') from abate.parameter_alias where source = 'HJ/T 212-2005';
select throws_ok($$insert into abate.parameter_alias values ('某厂的名字', 'a99999', 'a supplier')$$, '23503', null, 'a name of nothing is refused');
select throws_ok($$insert into abate.parameter_alias values (' SO2', 'a21026', 'a supplier')$$, '23514', null, 'nor one that begins with a blank');
insert into abate.parameter_alias values ('某厂的名字', 'a21026', 'a supplier'), ('某厂的名字', 'a21002', 'a supplier');
select is(pg_temp.codes('某厂的名字'), 'a21002 a21026', 'a bureau''s own');
select results_eq($$select row_key, new ->> 'source' from abate.change where table_name = 'parameter_alias' order by change_id desc limit 2$$,
    $$values ('某厂的名字,a21002', 'a supplier'), ('某厂的名字,a21026', 'a supplier')$$, 'who added it is on record');

-- Marks.
select is_empty($$select mark from abate.mark where meaning is null or source is null$$, 'of each mark it is said what it means, and where it is from');
select is(string_agg(mark, '' order by mark), 'BCDFMNST', 'the marks of HJ 212-2017') from abate.mark;
insert into abate.sample values (pg_temp.feed('S2', 'minute'), 1, '2020-11-02 00:00+00', 0, '{0}', 'D'), (pg_temp.feed('S2', 'minute'), 1, '2020-11-02 00:01+00', 0, '{NULL}', 'F'),
    (pg_temp.feed('S2', 'minute'), 1, '2020-11-02 00:02+00', 0, '{7}', 'h'), (pg_temp.feed('S2', 'minute'), 1, '2020-11-02 00:03+00', 0, '{0}', null), (pg_temp.feed('S2', 'minute'), 1, '2020-11-02 00:04+00', 0, '{9}', 'S');
select results_eq($$select extract(minute from at)::int, value, mark, is_valid from abate.reading where monitor_code = 'S2' order by at$$,
    $$values (0, 0::float8, 'D', false), (1, null, 'F', false), (2, 7, 'h', false), (3, 0, 'N', true), (4, 9, 'S', false)$$,
    'a zero marked D is no measurement, a mark alone no reading, a mark nobody knows is kept and does not count');
insert into abate.mark values ('h', '其他', 'a supplier''s own', true, 'measured', 'a manual');
select is(is_valid, true, 'unless somebody says that it does') from abate.reading where monitor_code = 'S2' and mark = 'h';
\set read_valid_marks `cat "$ABATE_SQL/queries/read_valid_marks.sql"`
prepare read_valid_marks as :read_valid_marks
create temporary table valid (marks text);
create function pg_temp.valid() returns setof valid language plpgsql as $$ begin return query execute 'execute read_valid_marks'; end $$;
select is(string_agg(m, '' order by m), 'Nh', 'and so the daemon is told') from pg_temp.valid(), regexp_split_to_table(marks, '') m;

select * from finish();
rollback;
