-- abate.judge(): told its time, one at a time, in pieces, again and again. What its steps do has stories of its own: here
-- they are stand-ins that say when they were called.
begin;
select plan(44);
\ir plant.psql

set local role abate_owner;
create table abate.called (n int generated always as identity, step text, at timestamptz);
drop function if exists abate.take_touched, abate.close_hours, abate.judge_limits;
create function abate.take_touched(at timestamptz, most int) returns int language plpgsql as $$
begin
    insert into pg_temp.judged_feed_hour
    select distinct t.feed_id, t.hour from abate.touched_hour t where t.hour <= take_touched.at - interval '70 minutes' order by t.hour, t.feed_id limit most;
    delete from abate.touched_hour t using pg_temp.judged_feed_hour f where (t.feed_id, t.hour) = (f.feed_id, f.at);
    return (select count(*) from pg_temp.judged_feed_hour);
end $$;
create function abate.close_hours(at timestamptz) returns int language plpgsql as $$
begin
    insert into pg_temp.judged_hour select f.feed_id, f.at from pg_temp.judged_feed_hour f;
    return (select count(*) from pg_temp.judged_hour);
end $$;
create function pg_temp.stand_in(signature text, result text, returned text) returns void language plpgsql as $$
begin
    execute format('drop function if exists abate.%s', signature);
    execute format('create function abate.%1$s returns %2$s language sql as
        $f$ insert into abate.called (step, at) values (%3$L, %4$s); %5$s $f$', signature, result,
        split_part(signature, '(', 1), case when signature like '%(at %' then '$1' else 'null' end, returned);
end
$$;
select pg_temp.stand_in('close_consumption()', 'int', 'select 0') \g /dev/null
select pg_temp.stand_in('close_days(at timestamptz)', 'int', 'select 2') \g /dev/null
create function abate.judge_limits(at timestamptz, out found int, out withdrawn int, out opened int, out closed int) language sql
as $$ insert into abate.called (step, at) values ('judge_limits', $1); select 3, 4, 5, 6 $$;
select pg_temp.stand_in('judge_differences()', 'int', 'select 10') \g /dev/null
select pg_temp.stand_in('judge_activity()', 'int', 'select 20') \g /dev/null
create table abate.seen (judged_to timestamptz);
drop function abate.judge_silence;
create function abate.judge_silence(at timestamptz, out opened int, out closed int) language sql
as $$ insert into abate.called (step, at) values ('judge_silence', $1); select 40, 50 $$;
select pg_temp.stand_in('judge_plan(at timestamptz)', 'int', 'insert into abate.seen select judged_to from abate.judge_state; select 7') \g /dev/null
reset role;
create function pg_temp.judge(at timestamptz, most int default 50000, is_plan_due boolean default null) returns text
language plpgsql set role = 'abate_writer' as $$ begin return abate.judge(at, most, is_plan_due)::text; end $$;
create function pg_temp.plan_judged() returns bigint language sql as $$ select count(*) from abate.called where step = 'judge_plan' $$;

-- the steps, in order, told the time
insert into abate.touched_hour values (1, '2020-11-02 00:00+00'), (1, '2020-11-02 00:00+00'), (2, '2020-11-02 00:00+00'), (2, '2020-11-02 01:00+00');
select is(pg_temp.judge('2020-11-02 01:09:59+00'), '(f,0,2,3,4,75,56,7,f)', 'before the grace is over no hour is taken');
select is((select count(*) from abate.touched_hour), 4::bigint, 'all stay');
select is(pg_temp.judge('2020-11-02 01:10+00'), '(f,2,2,3,4,75,56,0,f)', 'then those that are over: two feeds, one hour');
select results_eq('select feed_id, hour from abate.touched_hour', $$values (2, '2020-11-02 01:00+00'::timestamptz)$$, 'the hour that runs stays');
select results_eq('select step, at from abate.called order by n', $$values ('close_consumption', null::timestamptz),
    ('close_days', '2020-11-02 01:09:59+00'), ('judge_limits', '2020-11-02 01:09:59+00'), ('judge_differences', null), ('judge_activity', null),
    ('judge_silence', '2020-11-02 01:09:59+00'), ('judge_plan', '2020-11-02 01:09:59+00'),
    ('close_consumption', null), ('close_days', '2020-11-02 01:10+00'), ('judge_limits', '2020-11-02 01:10+00'), ('judge_differences', null),
    ('judge_activity', null), ('judge_silence', '2020-11-02 01:10+00')$$, 'the steps in order; the plan once in the hour');
select is((select judged_to from abate.judge_state), '2020-11-02 01:10+00'::timestamptz, 'how far is kept');
select is((select max(judged_to) from abate.seen), '2020-11-02 01:09:59+00'::timestamptz, 'before the plan is judged: it can see it');

-- again: nothing is left of the call before
select is(pg_temp.judge('2020-11-02 01:10+00'), '(f,0,2,3,4,75,56,0,f)', 'again: no hour is handed on twice');
select is(pg_temp.judge('2020-11-02 00:10+00', is_plan_due => false), '(f,0,2,3,4,75,56,0,f)', 'told an earlier time');
select is((select judged_to from abate.judge_state), '2020-11-02 01:10+00'::timestamptz, 'the state does not go back');

-- a late value: its hour again
insert into abate.touched_hour values (1, '2020-11-02 00:00+00');
select is(pg_temp.judge('2020-11-02 01:30+00'), '(f,1,2,3,4,75,56,0,f)', 'a late value: its hour is taken again');

-- in pieces, the oldest first
delete from abate.touched_hour;
insert into abate.touched_hour select f, '2020-11-02 00:00+00'::timestamptz + h * interval '1 hour' from generate_series(1, 2) f, generate_series(0, 4) h;
select is(pg_temp.judge('2020-11-02 03:30+00', 4, false), '(f,4,2,3,4,75,56,0,t)', 'four, and there is more');
select results_eq('select distinct hour from abate.touched_hour order by 1',
    $$values ('2020-11-02 02:00+00'::timestamptz), ('2020-11-02 03:00+00'), ('2020-11-02 04:00+00')$$, 'the oldest are gone');
select is(pg_temp.judge('2020-11-02 03:30+00', 4, false), '(f,2,2,3,4,75,56,0,f)', 'the two that are over; the others are not "more"');
select is(pg_temp.judge('2020-11-02 06:30+00', 4, false), '(f,4,2,3,4,75,56,0,f)', 'and at last those');
select is_empty('select * from abate.touched_hour', 'nothing is left');

-- the plan
truncate abate.called;
select pg_temp.judge('2020-11-02 06:59:59+00') \g /dev/null
select is(pg_temp.plan_judged(), 1::bigint, 'a new hour: the plan is judged');
select pg_temp.judge('2020-11-02 06:59:59+00') \g /dev/null
select is(pg_temp.plan_judged(), 1::bigint, 'in the same hour not again');
select pg_temp.judge('2020-11-02 06:59:59+00', is_plan_due => true) \g /dev/null
select is(pg_temp.plan_judged(), 2::bigint, 'told to, it does');
select pg_temp.judge('2020-11-02 07:00+00', is_plan_due => false) \g /dev/null
select is(pg_temp.plan_judged(), 2::bigint, 'told not to, not even in the next hour');

insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds) values ('steel', '钢', 'steel', 't', 'sum');
insert into abate.plan (plan_code, region_code) values ('little', '410100');
insert into abate.line_kind (line_kind) values ('kiln');
create function pg_temp.makes_due(statement text) returns boolean language plpgsql as $$
begin
    delete from abate.touched_plan;
    execute statement;
    perform pg_temp.judge('2020-11-02 08:30+00', is_plan_due => false);
    return exists (select from abate.touched_plan);
end
$$;
select ok(pg_temp.makes_due(statement), 'makes the plan due: ' || split_part(statement, ' (', 1)) from unnest(array[
    $$insert into abate.indicator_value (indicator_code, region_code, period_from, period_to, value, source) values ('steel', '410100', '2019-01-01', '2020-01-01', 1, 's')$$,
    $$insert into abate.milestone (plan_code, commitment_code, source) values ('little', 'A', 's')$$,
    $$insert into abate.baseline (indicator_code, region_code, year, value, source) values ('steel', '410100', 2017, 1, 's')$$,
    $$insert into abate.line (plant_id, line_code, line_kind) select plant_id, 'K1', 'kiln' from abate.plant where plant_code = 'P1'$$,
    $$insert into abate.closure (line_id, since, source) select line_id, '2030-01-01', 's' from abate.line$$,
    $$insert into abate.stoppage (plant_id, kind, begins, source) select plant_id, 'stopped', '2020-11-02', 's' from abate.plant where plant_code = 'P1'$$,
    $$insert into abate.plan_version (plan_code, version, issued, source, digest) values ('little', 1, '2020-01-01', 's', 'd')$$]) statement;
truncate abate.called;
select pg_temp.judge('2020-11-02 07:01+00') \g /dev/null
select pg_temp.judge('2020-11-02 07:02+00') \g /dev/null
select is(pg_temp.plan_judged(), 1::bigint, 'a change: judged once');
insert into abate.touched_plan default values;
select pg_temp.judge('2020-11-02 07:01:59+00') \g /dev/null
select is(pg_temp.plan_judged(), 1::bigint, 'another one at once: not yet');
select pg_temp.judge('2020-11-02 07:01:59+00', is_plan_due => true) \g /dev/null
select is(pg_temp.plan_judged(), 2::bigint, 'but if told to');
insert into abate.touched_plan default values;
select pg_temp.judge('2020-11-02 07:02:58+00') \g /dev/null
select is(pg_temp.plan_judged(), 2::bigint, 'a minute after that it is not yet over');
select pg_temp.judge('2020-11-02 07:02:59+00') \g /dev/null
select is(pg_temp.plan_judged(), 3::bigint, 'when it is, it is judged');

-- a past span again
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 03:30+00', 10, '{1,2,3}', null),
                                (pg_temp.feed('S2', 'minute'), 1, '2020-11-02 05:59:59+00', 11, '{1}', null),
                                (pg_temp.feed('S2', 'minute'), 1, '2020-11-02 06:00+00', 12, '{1}', null);
create function pg_temp.again(as_of timestamptz, monitor text, is_plan_due boolean) returns text language plpgsql set role = 'abate_writer' as $$
begin return abate.judge_again('2020-11-02 03:00+00', '2020-11-02 06:00+00', as_of, monitor, is_plan_due)::text; end $$;
delete from abate.touched_hour;
truncate abate.called;
select is(pg_temp.again('2020-11-09 00:00+00', null, true), '(f,2,2,2,3,4,75,56,7)', 'a span: the two hours of it that have samples, and the plan');
select set_eq('select distinct at from abate.called where at is not null', $$values ('2020-11-02 07:00+00'::timestamptz)$$, 'as of its end and the graces');
select is(pg_temp.again('2020-11-09 00:00+00', 'S1', false), '(f,1,1,2,3,4,75,56,0)', 'of one monitor, without the plan');
truncate abate.called;
select pg_temp.again('2020-11-02 06:30+00', null, false) \g /dev/null
select set_eq('select distinct at from abate.called where at is not null', $$values ('2020-11-02 06:30+00'::timestamptz)$$, 'never later than told');
select throws_ok($$select pg_temp.again('2020-11-09 00:00+00', 'S9', false)$$, 'P0002', 'there is no monitor "S9"', 'nobody''s span');

-- who may, and with what
select throws_ok('select * from abate.judge(null)', '22023', null, 'it has to be told its time');
select throws_ok($$select pg_temp.judge('infinity')$$, '22023', null, 'not at the end of time');
select throws_ok($$select pg_temp.judge('2020-11-02 07:02+00', 0)$$, '22023', null, 'not nothing at a time');
select throws_ok($$select pg_temp.as_reader('select abate.judge(now())')$$, '42501', null, 'not for a reader');
select throws_ok($$select pg_temp.as_writer('delete from abate.touched_plan')$$, '42501', null, 'the writer cannot make it forget');

-- Two at a time: the second is told so. It is another session, this one has been judging.
\set second `psql -qAtX -c "select abate.judge('2020-11-02 07:00+00')" | tail -n 1`
select is(:'second'::text, '(t,,,,,,,,)', 'busy: nothing done');
\set second `psql -qAtX -v ON_ERROR_STOP=1 -c "insert into abate.touched_hour values (1, '2020-11-02 07:00+00'); insert into abate.touched_plan default values" && echo done`
select is(:'second'::text, 'done', 'who touches hours and plan does not wait for it');

select * from finish();
rollback;
