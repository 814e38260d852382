-- Nothing new of a kind.
begin;
select plan(23);
\ir plant.psql
\ir plan_stage.psql

insert into abate.sector_group (group_code) values ('banned');
insert into abate.sector_group_member values ('banned', 'power');
insert into abate.line_kind (line_kind, size_unit) values ('kiln', 't/d');
insert into abate.plant (plant_code, region_code, sector_code) values ('P3', '410122', 'power');

-- lines: nothing begun after 2019-06-17
select pg_temp.commitment('L-1', 'prohibition', subject => 'line', line_kind => 'kiln') as l1 \gset
select results_eq(format('select verdict, reason from pg_temp.found(%s, ''2020-07-01'')', :l1),
    $$values ('unknown', 'nothing new is known, but nobody has judged it in 2020')$$, 'that nothing is known is no proof');
select pg_temp.record('L-1', '2020-03-31', is_kept => true) \g /dev/null
select is(pg_temp.verdict(:l1, '2020-07-01'), 'unknown', 'nor is a word without evidence');
select pg_temp.record('L-1', '2020-03-31', is_kept => true, evidence => 'inspection') \g /dev/null
select is(pg_temp.verdict(:l1, '2020-03-30') || ' ' || pg_temp.verdict(:l1, '2020-12-31') || ' ' || pg_temp.verdict(:l1, '2021-01-01'), 'unknown met unknown', 'kept, for the year of the judgement');
insert into abate.line (plant_id, line_code, line_kind, started_on) select plant_id, 'old', 'kiln', '2019-06-17' from abate.plant where plant_code = 'P1';
select is(pg_temp.verdict(:l1, '2020-07-01'), 'met', 'a kiln begun on the day of the plan is not new');
insert into abate.line (plant_id, line_code, line_kind, started_on) select plant_id, 'new', 'kiln', '2020-05-01' from abate.plant where plant_code = 'P1';
select is(pg_temp.verdict(:l1, '2020-04-30') || ' ' || pg_temp.verdict(:l1, '2020-05-01'), 'met overdue', 'one begun later is a breach from that day on, whatever a person said of the whole');
select results_eq(format('select reason, actual, subjects from pg_temp.found(%s, ''2020-07-01'')', :l1),
    $$values ('P1 new new on 2020-05-01', 1::float8, '[{"plant": "P1", "line": "new", "since": "2020-05-01", "verdict": "overdue", "reason": "new on 2020-05-01"}]'::jsonb)$$, 'which one, since when');
update abate.line set retired_on = '2020-06-01' where line_code = 'new';
select pg_temp.shut('P1', 'new', '2020-06-01 00:00+08') where not exists (select from abate.closure) \g /dev/null
select is(pg_temp.verdict(:l1, '2020-05-31') || ' ' || pg_temp.verdict(:l1, '2020-06-01'), 'overdue met', 'until it is out of use');
update abate.line set started_on = '2018-05-01' where line_code = 'new';
select is(pg_temp.verdict(:l1, '2020-05-31'), 'met', 'a late correction: it was an old one');
select is(pg_temp.verdict(pg_temp.commitment('L-2', 'prohibition', start_due => '2018-04-30', subject => 'line', line_kind => 'kiln'), '2020-05-31'), 'overdue', 'the commitment''s own day goes before that of the plan');
select results_eq(format($$select verdict, subjects -> 0 ->> 'reason' from pg_temp.found(%s, '2020-05-31')$$,
                         pg_temp.commitment('L-3', 'prohibition', start_due => '2018-04-30', subject => 'line', line_kind => 'kiln', line_size => 9, line_relation => 'below')),
    $$values ('unknown', 'new on 2018-05-01, its size is not known')$$, 'one of unknown size may be meant');

-- plants heard of: S1 and S2 are of P1, S3 of P3
insert into abate.monitor (monitor_code, plant_id, medium) select 'S3', plant_id, 'air' from abate.plant where plant_code = 'P3';
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor where monitor_code = 'S3';
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S3', 'minute'), 'a21026', 'mg/m3');
select abate.ensure_hourly_partition(abate.month_of(m)) from generate_series(timestamptz '2019-01-01', '2021-02-01', '1 month') m \g /dev/null
create function pg_temp.hour(monitor text, at timestamptz) returns void language sql
begin atomic
    insert into abate.hourly (series_id, received, valid, at, value, is_valid) values (pg_temp.series(monitor, 'minute', 'a21026'), 60, 60, at, 1, true);
end;
select pg_temp.commitment('Q-1', 'prohibition', subject => 'plant', group_code => 'banned') as q1 \gset
select pg_temp.hour('S3', '2020-09-05 10:00+08') \g /dev/null
select is(pg_temp.verdict(:q1, '2020-12-01'), 'unknown', 'if all there is was heard later, the first hour of a plant says nothing');
select pg_temp.hour('S1', '2019-05-01 10:00+08'), pg_temp.hour('S1', '2020-09-05 10:00+08') \g /dev/null
select is(pg_temp.verdict(:q1, '2020-09-04') || ' ' || pg_temp.verdict(:q1, '2020-09-05'), 'unknown overdue', 'a plant first heard of, while others were before: a breach');
select is((pg_temp.found(:q1, '2020-12-01')).reason, 'P3 first heard of on 2020-09-05', 'which one');
select pg_temp.hour('S2', '2020-10-01 10:00+08') \g /dev/null
select is(pg_temp.shorts(pg_temp.found(:q1, '2020-12-01')), 'P3 overdue', 'another monitor of a plant that was there is nothing new');
insert into abate.line (plant_id, line_code, line_kind, started_on) select plant_id, 'k', 'kiln', '2010-01-01' from abate.plant where plant_code = 'P3';
select is(pg_temp.verdict(:q1, '2020-12-01'), 'unknown', 'nor one of which the register says that it is old');
delete from abate.line where line_code = 'k';
select pg_temp.hour('S3', '2019-06-17 23:00+08') \g /dev/null
select is(pg_temp.verdict(:q1, '2020-12-01'), 'unknown', 'a late hour of the day of the plan: it was there');
delete from abate.hourly where series_id = pg_temp.series('S3', 'minute', 'a21026') and at < '2020-01-01';
select pg_temp.record('Q-1', '2020-11-01', 'P3', is_kept => true, evidence => 'there since 1998') \g /dev/null
select is(pg_temp.verdict(:q1, '2020-10-31') || ' ' || pg_temp.verdict(:q1, '2020-11-01'), 'overdue unknown', 'a person says that it is not new');

-- entered in the register after the plan was loaded
update abate.plan_version set loaded = '2019-07-01';
delete from abate.change where table_name = 'plant';
insert into abate.change (table_name, operation, row_key, changed) select 'plant', 'insert', plant_id::text, case plant_code when 'P1' then timestamptz '2020-09-09' else '2019-07-01 02:00+00' end from abate.plant;
select results_eq(format($$select verdict, subjects from pg_temp.found(%s, '2020-12-01')$$, :q1), $$values ('unknown', null::jsonb)$$, 'what was heard before is not new, whenever it was entered');
update abate.line set started_on = null;
delete from abate.hourly where series_id in (pg_temp.series('S1', 'minute', 'a21026'), pg_temp.series('S2', 'minute', 'a21026'));
select results_eq(format($$select verdict, subjects -> 0 ->> 'reason' from pg_temp.found(%s, '2020-12-01')$$, :q1),
    $$values ('unknown', 'entered in the register on 2020-09-09: whether it is new, nobody has said')$$, 'else a person has to say whether it is');
select pg_temp.record('Q-1', '2020-12-02', 'P1', is_kept => false, evidence => 'built in 2020') \g /dev/null
select results_eq(format($$select verdict, pg_temp.shorts(f), reason from pg_temp.found(%s, '2020-12-02') f$$, :q1),
    $$values ('overdue', 'P1 overdue', 'P1 not kept, says a clerk on 2020-12-02: built in 2020')$$, 'and says so');

-- in words alone
select pg_temp.commitment('W-1', 'prohibition') as w1 \gset
select is(pg_temp.verdict(:w1, '2020-07-01'), 'unknown', 'of what has no kind in the register, nothing is found');
select pg_temp.record('W-1', '2020-02-01', is_kept => false) \g /dev/null
select results_eq(format($$select verdict, reason from pg_temp.found(%s, '2022-12-02')$$, :w1),
    $$values ('overdue', 'not kept, says a clerk on 2020-02-01: without evidence')$$, 'a violation recorded by hand stands');
select pg_temp.record('W-1', '2021-02-01', is_kept => true, evidence => 'revoked') \g /dev/null
select is(pg_temp.verdict(:w1, '2021-01-31') || ' ' || pg_temp.verdict(:w1, '2021-02-01'), 'overdue met', 'until it is undone');

select * from finish();
rollback;
