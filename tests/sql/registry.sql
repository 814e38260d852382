-- Slots, what history depends on, and telling the daemons.
begin;
select plan(23);
\ir plant.psql

-- slots
prepare slots as select parameter_code, slot from abate.series where feed_id = pg_temp.feed('S1', 'minute') order by slot;
select results_eq('slots', $$values ('a21026', 1::smallint), ('a21002', 2::smallint), ('a34013', 3::smallint)$$,
    'series without a slot get the next, also within one statement');
insert into abate.series (feed_id, parameter_code, unit, slot) values (pg_temp.feed('S1', 'minute'), 'a21005', 'mg/m3', 5);
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S1', 'minute'), 'a00000', 'm3/s'),
                                                                (pg_temp.feed('S1', 'minute'), 'a01012', 'degC');
select results_eq('slots', $$values ('a21026', 1::smallint), ('a21002', 2::smallint), ('a34013', 3::smallint),
                                    ('a00000', 4::smallint), ('a21005', 5::smallint), ('a01012', 6::smallint)$$,
    'the lowest free slot is given, and one asked for is kept');
select throws_ok($$insert into abate.series (feed_id, parameter_code, unit, slot) values (pg_temp.feed('S1', 'minute'), 'a24088', 'mg/m3', 5)$$,
    '23505', null, 'a slot is given once');
select throws_ok($$insert into abate.series (feed_id, parameter_code, unit, slot) values (pg_temp.feed('S1', 'minute'), 'a24088', 'mg/m3', 257)$$,
    '23514', null, 'there is no slot 257');
insert into abate.series (feed_id, parameter_code, statistic, unit)
select pg_temp.feed('S2', 'minute'), 'a21002', 'S' || g, 'mg/m3' from generate_series(1, 255) g;
select throws_ok($$insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S2', 'minute'), 'a24088', 'mg/m3')$$,
    '23514', null, 'a feed has at most 256 series');

-- names
select throws_ok($$insert into abate.monitor (monitor_code, plant_id, medium) select 'a/b', plant_id, 'air' from abate.plant limit 1$$,
    '23514', null, 'a code that cannot stand in a topic is refused');
select throws_ok($$insert into abate.parameter (parameter_code) values ('a-b')$$, '23514', null,
    'a parameter code with the sign that parts it from the statistic is refused');

-- limits
select lives_ok(format($$insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source)
    values ('a21026', 'minute', 'power', 35, 'mg/m3', 'a standard', 'a page')$$), 'a limit');
select throws_ok($$insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source)
    values ('a21026', 'minute', 'power', 35, 'mg/m3', 'a standard', 'a page')$$, '23505', null, 'the same limit twice is refused');
select throws_ok($$insert into abate.emission_limit (parameter_code, period, upper, unit, standard, source)
    values ('a21026', 'minute', 35, 'mg/m3', 'a standard', 'a page')$$, '23514', null, 'a limit without a scope is refused');
select throws_ok($$insert into abate.emission_limit (parameter_code, period, sector_code, plant_id, upper, unit, standard, source)
    select 'a21026', 'minute', 'power', plant_id, 35, 'mg/m3', 'a standard', 'a page' from abate.plant limit 1$$,
    '23514', null, 'a limit with two scopes is refused');
select throws_ok($$insert into abate.emission_limit (parameter_code, period, sector_code, unit, standard, source)
    values ('a21026', 'minute', 'power', 'mg/m3', 'a standard', 'a page')$$, '23514', null, 'a limit without a bound is refused');
select throws_ok($$insert into abate.emission_limit (parameter_code, period, sector_code, upper, upper_clear, unit, standard, source)
    values ('a21026', 'minute', 'power', 35, 36, 'mg/m3', 'a standard', 'a page')$$, '23514', null,
    'a clear level past the bound is refused');
select throws_ok($$insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source)
    values ('a21026', 'minute', 'power', 'NaN', 'mg/m3', 'a standard', 'a page')$$, '23514', null, 'a bound that is no number is refused');
select throws_ok($$insert into abate.emission_limit (parameter_code, period, sector_code, upper, hold, unit, standard, source)
    values ('a21026', 'minute', 'power', 36, '1 month', 'mg/m3', 'a standard', 'a page')$$, '23514', null,
    'a hold in months, which differ in length, is refused');

-- history
select lives_ok($$update abate.series set unit = 'g/m3' where series_id = pg_temp.series('S1', 'minute', 'a21026')$$,
    'a series without samples may be changed');
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-02', 0, '{1,2,3}', null);
select throws_ok($$update abate.series set unit = 'ug/m3' where series_id = pg_temp.series('S1', 'minute', 'a21026')$$,
    '23001', null, 'with samples its unit may not be changed');
select throws_ok($$update abate.series set slot = 9 where series_id = pg_temp.series('S1', 'minute', 'a21026')$$,
    '23001', null, 'nor its slot');
select throws_ok($$delete from abate.series where series_id = pg_temp.series('S1', 'minute', 'a21026')$$,
    '23001', null, 'nor may it be deleted');
select throws_ok($$update abate.feed set period = 'day' where feed_id = pg_temp.feed('S1', 'minute')$$,
    '23001', null, 'nor may its feed become another');
select lives_ok($$delete from abate.series where feed_id = pg_temp.feed('S1', 'hour')$$, 'a series of a feed without samples may be deleted');

-- telling
select set_eq($$select tgrelid::regclass::text from pg_trigger where tgname = 'tell_registry'$$,
    $$values ('abate.region'), ('abate.plant'), ('abate.monitor'), ('abate.feed'), ('abate.series'), ('abate.parameter'),
             ('abate.parameter_alias'), ('abate.threshold'), ('abate.mark'), ('abate.emission_limit')$$, 'all tables of the registry tell');
\set told `psql -qAtX -c "listen abate_registry" -c "insert into abate.region values ('410199')" -c "delete from abate.region where region_code = '410199'"`
select alike(:'told'::text, '%notification "abate_registry" with payload "region"%', 'a daemon that listens is told');

select * from finish();
rollback;
