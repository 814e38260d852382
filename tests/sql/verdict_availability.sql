-- Monitors report validly: the effective rate of the last full month.
begin;
select plan(18);
\ir plant.psql
\ir plan_stage.psql

insert into abate.sector_group (group_code) values ('heavy');
insert into abate.sector_group_member values ('heavy', 'power');
select abate.ensure_hourly_partition(abate.month_of(m)) from generate_series(timestamptz '2020-10-01', '2020-12-01', '1 month') m \g /dev/null
-- The first n hours of November 2020, 720 of which are due.
create function pg_temp.valid(monitor text, parameter text, n int) returns void language plpgsql as $$
begin
    delete from abate.hourly where series_id = pg_temp.series(monitor, 'minute', parameter);
    insert into abate.hourly (series_id, received, valid, at, value, is_valid)
    select pg_temp.series(monitor, 'minute', parameter), 60, 60, timestamptz '2020-11-01 00:00+08' + h * interval '1 hour', 1, true from generate_series(0, n - 1) h;
end $$;

select pg_temp.commitment('S-4', 'availability', '2020-11-30', subject => 'monitor', group_code => 'heavy') as s4 \gset
select pg_temp.commitment('J-4', 'availability', subject => 'monitor') as j4 \gset
select results_eq(format('select verdict, reason from pg_temp.found(%s, ''2020-12-05'')', :s4), $$values ('unknown', 'P1: no monitor of it has to report')$$, 'monitors that do not have to report');
update abate.monitor set must_report_from = '2020-11-01' where monitor_code = 'S2';
select results_eq(format('select verdict, reason from pg_temp.found(%s, ''2020-11-10'')', :s4), $$values ('unknown', 'P1: nothing was due in 2020-10')$$, 'a month in which nothing was due');
-- S2 has one parameter: 720 hours are due, of which 540 are 75 %
select pg_temp.valid('S2', 'a21026', 539) \g /dev/null
select results_eq(format('select verdict, actual, wanted, reason, pg_temp.shorts(f) from pg_temp.found(%s, ''2020-12-05'') f', :s4),
    $$values ('overdue', 0::float8, 1::float8, 'P1: 2020-11: S2 74.9 %', 'P1 overdue')$$, '539 of 720 valid hours: 74.9 %');
select is((pg_temp.found(:s4, '2020-12-05')).subjects -> 0 ->> 'since', '2020-12-01', 'since the month was over');
select pg_temp.valid('S2', 'a21026', 540) \g /dev/null
select results_eq(format('select verdict, actual, reason from pg_temp.found(%s, ''2020-12-05'')', :s4), $$values ('met', 1::float8, 'P1: 2020-11: all 1 monitors pass')$$, 'a late hour: 75 %');
select is((pg_temp.found(:s4, '2020-12-05')).evidence ->> 'lowest', '0.75', 'as the evidence tells');
update abate.commitment_version set deadline = '2020-12-31' where commitment_id = :s4;
select is(pg_temp.verdict(:s4, '2020-12-05'), 'on_track', 'before the deadline');
select pg_temp.valid('S2', 'a21026', 0) \g /dev/null
select results_eq(format('select verdict, reason from pg_temp.found(%s, ''2020-12-05'')', :s4), $$values ('behind', 'P1: 2020-11: S2 0.0 %')$$, 'nothing at all, and it need not yet be');

-- S1 has three parameters: each is due
update abate.monitor set must_report_from = '2020-11-01' where monitor_code = 'S1';
select pg_temp.valid('S2', 'a21026', 720), pg_temp.valid('S1', p, 500) from unnest('{a21026,a21002,a34013}'::text[]) p \g /dev/null
select is((pg_temp.found(:s4, '2020-12-05')).reason, 'P1: 2020-11: S1 69.4 %', '1500 of 2160: one monitor does not make up for the other');

-- the commitment's own rate
update abate.commitment_version set relation = 'at_least', target = 0.69 where commitment_id = :s4;
select is(pg_temp.verdict(:s4, '2020-12-05'), 'on_track', 'a rate of its own goes before the threshold');

-- without a monitor; of all plants
delete from abate.series where feed_id = pg_temp.feed('W1', 'minute'); delete from abate.feed where feed_id = pg_temp.feed('W1', 'minute'); delete from abate.monitor where monitor_code = 'W1';
select results_eq(format($$select verdict, reason, subjects -> 1 ->> 'reason', evidence ->> 'plants_with_monitors', evidence ->> 'monitors', evidence ->> 'passing' from pg_temp.found(%s, '2020-12-05')$$, :j4),
    $$values ('behind', '0 of 2 send validly; behind: P1, P2', 'sends no valid data: it has no monitor', '1', '2', '1')$$, 'a plant without a monitor sends nothing; how many have some, and pass');
select pg_temp.shut('P2', null, '2020-12-01 00:00+08') \g /dev/null
select results_eq(format('select verdict, actual, reason, pg_temp.shorts(f) from pg_temp.found(%s, ''2020-12-05'') f', :j4),
    $$values ('behind', 0::float8, 'P1: 2020-11: S1 69.4 %; closed, and left out: P2', 'P1 behind')$$, 'one that is closed is left out, and that is said; who is told no date cannot be late');
select results_eq(format('select (pg_temp.found(%s, d)).verdict, (pg_temp.found(%1$s, d)).subjects -> 0 ->> ''since'' from unnest(''{2020-12-04,2020-12-05}''::date[]) d',
                         pg_temp.commitment('J-5', 'availability', start_due => '2020-12-05', subject => 'monitor')),
    $$values ('behind', null), ('overdue', '2020-12-05')$$, 'what stands from a day on is a breach from that day on');
select is_empty(format('select from abate.commitment_faults(array(select row(null, %s, ''2020-12-05'', f.verdict, f.actual, f.wanted, f.path, f.forecast, f.forecast_low, f.forecast_high, f.crosses_on, f.reason, f.subjects, f.evidence, ''2020-12-05 12:00+08'', null, null)::abate.verdict from pg_temp.found(%1$s, ''2020-12-05'') f))', :j4),
    'and no breach comes of it');
select pg_temp.valid('S1', p, 540) from unnest('{a21026,a21002,a34013}'::text[]) p \g /dev/null
select is(pg_temp.verdict(:j4, '2020-12-05'), 'met', 'all that are at work pass');
insert into abate.threshold (threshold_code, value, unit, meaning, source, valid_from) values ('availability_pass', 0.9, '1', 'x', 'a page', '2020-12-05 00:00+08');
select is(pg_temp.verdict(:j4, '2020-12-04') || ' ' || pg_temp.verdict(:j4, '2020-12-05'), 'met behind', 'by the threshold of the day judged');

-- a stop that was reported late: its hours were not due
insert into abate.stoppage (plant_id, kind, begins, ends, source) select plant_id, 'stopped', '2020-11-23 12:00+08', '2020-12-01 00:00+08', 'a letter' from abate.plant where plant_code = 'P1';
select is(pg_temp.verdict(:j4, '2020-12-05'), 'met', 'a late correction: a stop was reported, and 540 hours were all that were due');
select is(pg_temp.verdict(pg_temp.commitment('X-1', 'availability', group_code => 'heavy', is_in_park => true), '2020-12-05'), 'unknown', 'no plant, no verdict');

select * from finish();
rollback;
