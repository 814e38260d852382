-- What people ask.
begin;
select plan(11);
\ir plant.psql

insert into abate.sample values
    (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:00+00', 10, '{1,2,3}', null),
    (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:01+00', 20, '{4,NULL,NULL}', 'CND'),
    (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:02+00', 30, '{5,6}', 'Z'),
    (pg_temp.feed('W1', 'minute'), 1, '2020-11-02 00:00+00', 40, '{7,8}', null);

select results_eq($$select region_code, plant_code, monitor_code, medium, period, parameter_code, statistic, at, value, unit, mark, is_valid, position
                      from abate.reading where monitor_code = 'W1' order by statistic$$,
    $$values ('410100', 'P2', 'W1', 'water', 'minute', 'w01018', 'Max', '2020-11-02 00:00+00'::timestamptz, 8::float8, 'mg/L', 'N', true, 40::bigint),
             ('410100', 'P2', 'W1', 'water', 'minute', 'w01018', 'value', '2020-11-02 00:00+00', 7, 'mg/L', 'N', true, 40)$$, 'one row a value');
select results_eq($$select plant_zh, plant_en, monitor_en, parameter_zh, parameter_en from abate.reading where monitor_code = 'W1' and statistic = 'value'$$,
    $$values ('二厂', 'Second', 'outfall', '化学需氧量', 'chemical oxygen demand (dichromate)')$$, 'with the names');
select results_eq($$select at, parameter_code, value, mark, is_valid from abate.reading where monitor_code = 'S1' and at >= '2020-11-02 00:01+00' order by at, parameter_code$$,
    $$values ('2020-11-02 00:01+00'::timestamptz, 'a21026', 4::float8, 'C', false),
             ('2020-11-02 00:01+00', 'a34013', null, 'D', false),
             ('2020-11-02 00:02+00', 'a21002', 6, 'N', true),
             ('2020-11-02 00:02+00', 'a21026', 5, 'Z', false)$$,
    'marks by slot; no row where nothing was said; a row without a value where a mark says so; an unknown mark does not count');
select results_eq('select count(*), count(value) from abate.reading', 'values (9::bigint, 8::bigint)', 'all of them');
select results_eq($$select feed_id, series_id from abate.reading where monitor_code = 'S1' and position = 30 and parameter_code = 'a21002'$$,
    $$select pg_temp.feed('S1', 'minute'), pg_temp.series('S1', 'minute', 'a21002')$$, 'with the numbers of feed and series');

select results_eq('select monitor_code, parameter_code, statistic, at, value, mark, is_valid from abate.latest_reading order by 1, 2, 3',
    $$values ('S1', 'a21002', 'value', '2020-11-02 00:02+00'::timestamptz, 6::float8, 'N', true), ('S1', 'a21026', 'value', '2020-11-02 00:02+00', 5, 'Z', false),
             ('W1', 'w01018', 'Max', '2020-11-02 00:00+00', 8, 'N', true), ('W1', 'w01018', 'value', '2020-11-02 00:00+00', 7, 'N', true)$$, 'the newest instant of each feed');
select set_eq($$select attname::text from pg_attribute where attrelid = 'abate.latest_reading'::regclass and attnum > 0$$,
    $$select attname::text from pg_attribute where attrelid = 'abate.reading'::regclass and attnum > 0$$, 'reading and latest_reading have the same columns');
select results_eq('select feed_id, at, value, mark, journal_id, position from abate.newest_sample order by feed_id',
    $$select feed_id, at, value, mark, journal_id, position from abate.sample where position in (30, 40) order by feed_id$$, 'the rows they are from');
select abate.ensure_partition(2021 * 12) \g /dev/null
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2021-01-02 00:00+00', 50, '{1}', null);
select results_eq('select position from abate.newest_sample order by feed_id', 'values (50::bigint), (40)', 'a newer month; another feed stays with its older one');

select results_eq('select partition::text, month from abate.sample_partition order by month', $$values ('abate.sample_2020_11', 24250), ('abate.sample_2021_01', 24252)$$, 'the partitions');
select lives_ok($$select pg_temp.as_reader('select * from abate.reading; select * from abate.latest_reading; select * from abate.breach_report; select * from abate.idle_limit')$$,
    'the reader may ask them all');

select * from finish();
rollback;
