-- What is closed stays at rest.
begin;
select plan(45);
\ir plant.psql
delete from abate.change;
select abate.prepare_judge() \g /dev/null

-- P1 gets a kiln K1, which S2 measures: temperature; P2 a meter E1 with a register, its own well U1, and a stack F1.
insert into abate.line_kind values ('kiln'), ('well');
insert into abate.line (plant_id, line_code, line_kind) select plant_id, 'K1', 'kiln' from abate.plant where plant_code = 'P1';
update abate.monitor set line_id = (select line_id from abate.line) where monitor_code = 'S2';
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S2', 'minute'), 'a01012', 'degC'), (pg_temp.feed('S1', 'minute'), 'a01012', 'degC');
insert into abate.monitor (monitor_code, plant_id, medium) select c, plant_id, m from abate.plant, (values ('E1', 'energy'), ('F1', 'air')) v (c, m) where plant_code = 'P2';
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor where monitor_code in ('E1', 'F1');
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('E1', 'minute'), 'x_water_register', 'm3'), (pg_temp.feed('F1', 'minute'), 'a00000', 'm3/s');

create function pg_temp.at(minute int) returns timestamptz language sql return '2020-11-02 08:00+08'::timestamptz + minute * interval '1 minute';
create function pg_temp.store(monitor text, minute int, reading float8[], mark text default null) returns void language sql begin atomic
    insert into abate.sample values (pg_temp.feed(monitor, 'minute'), 1, pg_temp.at(minute), 1000 + minute, reading, mark);
end;
create function pg_temp.judge() returns int language plpgsql as $$ -- the hours touched, as abate.judge() would
declare result int;
begin
    insert into pg_temp.judged_feed_hour select distinct feed_id, hour from abate.touched_hour;
    delete from abate.touched_hour;
    result := abate.judge_activity();
    truncate pg_temp.judged_feed_hour;
    return result;
end $$;
create function pg_temp.touch(monitor text, minute int) returns void language sql begin atomic
    insert into abate.touched_hour values (pg_temp.feed(monitor, 'minute'), abate.hour_of(pg_temp.at(minute), '8 hours')); end;
create view pg_temp.held as
select l.closure_id, m.monitor_code, l.parameter_code, l.period, l.upper, l.valid_from, l.valid_to
  from abate.emission_limit l join abate.limit_series s using (limit_id) join abate.feed f using (feed_id) join abate.monitor m on m.monitor_id = f.monitor_id
 where l.kind = 'activity';
create view pg_temp.found as
select m.monitor_code, l.parameter_code, (extract(epoch from b.opened - pg_temp.at(0)) / 60)::int as opened, (extract(epoch from b.closed - pg_temp.at(0)) / 60)::int as closed,
       b.bound, b.worst, b.count, b.severity, b.withdrawn is not null as withdrawn
  from abate.breach b join abate.emission_limit l using (limit_id) join abate.monitor m on m.monitor_id = b.monitor_id where b.rule = 'activity';

-- a plant
select throws_ok($$select abate.close_down('P9', null, '2020-11-02 08:00+08', 'a notice')$$, 'P0002', 'there is no plant "P9"', 'a plant nobody knows');
select throws_ok($$select abate.close_down('P1', 'K9', '2020-11-02 08:00+08', 'a notice')$$, 'P0002', 'plant "P1" has no line "K9"', 'a line nobody knows');
select isnt(abate.close_down('P2', null, pg_temp.at(0), 'a notice', null, null), null, 'a plant is closed');
select throws_ok($$select abate.close_down('P2', null, '2020-11-02 08:00+08', 'a notice')$$, '23505', '"P2" is closed already', 'once');
select results_eq('select monitor_code, parameter_code, period, upper, valid_from, valid_to from pg_temp.held',
    $$values ('F1', 'a00000', 'minute', 0::float8, '2020-11-02 08:00+08'::timestamptz, 'infinity'::timestamptz)$$, 'its flow is watched from then on; the register is not, as nobody knows where it stood');
select is(confirmed_by, session_user::text, 'by order of who entered it') from abate.emission_limit where kind = 'activity' limit 1;
select is_empty('select * from abate.idle_limit', 'that most signs have no monitor there needs no mention');

-- a register
select pg_temp.store('E1', 5, '{700}'), pg_temp.touch('E1', 5) \g /dev/null
select is(pg_temp.judge(), 0, 'its first reading says where it stands');
select results_eq($$select upper from pg_temp.held where monitor_code = 'E1'$$, 'values (700::float8)', 'and is the bound');
select pg_temp.store('E1', -5, '{698}'), pg_temp.touch('E1', -5) \g /dev/null
select is(pg_temp.judge(), 1, 'an older one comes late: it had grown since');
select results_eq($$select upper from pg_temp.held where monitor_code = 'E1'$$, 'values (698::float8)', 'the last one before the closure is the bound');
select is(pg_temp.judge(), 0, 'which is found once');
select results_eq($$select opened, bound, worst, count, severity from pg_temp.found where monitor_code = 'E1'$$, $$values (5, 698::float8, 700::float8, 1, 'day')$$, 'a breach');
insert into abate.closure (line_id, since, source) select line_id, pg_temp.at(0), 'x' from abate.line;
update abate.closure set ended = since where line_id is not null;
select abate.ensure_partition(2020 * 12 + 11) \g /dev/null
insert into abate.consumption values (pg_temp.series('E1', 'minute', 'x_water_register'), pg_temp.at(120), 4, 'replaced'), (pg_temp.series('E1', 'minute', 'x_water_register'), pg_temp.at(180), 0, 'replaced'),
    (pg_temp.series('E1', 'minute', 'x_water_register'), pg_temp.at(240), 3, 'measured');
select pg_temp.touch('E1', m) from unnest(array[120, 180, 240]) m \g /dev/null
select is(pg_temp.judge(), 2, 'a new register that counts from 0, and on, below where the old one stood');
select results_eq($$select opened, closed, bound, worst from pg_temp.found where monitor_code = 'E1' and opened > 100$$, 'values (120, 180, 0::float8, 4::float8), (240, 300, 0, 3)', 'shows work, too');
select pg_temp.touch('E1', m) from unnest(array[0, 120, 180, 240]) m \g /dev/null
select is(pg_temp.judge(), 0, 'all of it judged again: nothing new');

-- late readings
select pg_temp.store('F1', m, array[v]) from (values (10, 0), (11, 2), (12, 5), (13, 3), (14, 0), (15, 1)) s (m, v) \g /dev/null
select pg_temp.store('F1', 16, '{9}', 'C'), pg_temp.store('F1', 17, '{null}'), pg_temp.store('F1', 20, '{0}'), pg_temp.touch('F1', 10) \g /dev/null
select is(pg_temp.judge(), 2, 'two runs of readings that nobody watched');
select results_eq($$select opened, closed, bound, worst, count from pg_temp.found where monitor_code = 'F1' order by 1$$, 'values (11, 14, 0::float8, 5::float8, 3), (15, 16, 0, 1, 1)',
    'each with its end, worst value and count; a calibration is no reading');
select results_eq($$select worst_at, first_position, worst_position, last_position, journal_id::int from abate.breach b join abate.monitor m using (monitor_id) where m.monitor_code = 'F1' order by opened limit 1$$,
    $$values (pg_temp.at(12), 1011::bigint, 1012::bigint, 1013::bigint, 1)$$, 'and where they stand in the journal');
select pg_temp.touch('F1', 10) \g /dev/null
select is(pg_temp.judge(), 0, 'judged again: nothing new');
update abate.breach set withdrawn = now(), withdrawn_why = 'a test of the meter' where opened = pg_temp.at(15);
select pg_temp.touch('F1', 10) \g /dev/null
select is(pg_temp.judge(), 0, 'what a person has withdrawn is not found again');
select pg_temp.store('F1', m, '{1}') from generate_series(115, 124) m \g /dev/null
select pg_temp.touch('F1', 115) \g /dev/null
select is(pg_temp.judge(), 1, 'a run from one hour');
select pg_temp.touch('F1', 124) \g /dev/null
select is(pg_temp.judge(), 0, 'into the next, which is judged later,');
select results_eq($$select closed, count from pg_temp.found where monitor_code = 'F1' and opened = 115$$, 'values (124, 10)', 'is one breach');
-- the daemon's own
insert into abate.breach (limit_id, series_id, opened, bound, worst, worst_at, last_at, count, rule, severity, monitor_id)
select limit_id, series_id, pg_temp.at(200), 0, 1, pg_temp.at(200), pg_temp.at(200), 1, 'activity', 'day', f.monitor_id from abate.limit_series s join abate.feed f using (feed_id) where s.feed_id = pg_temp.feed('F1', 'minute') and s.kind = 'activity';
select pg_temp.store('F1', m, '{1}') from generate_series(200, 210) m \g /dev/null
select pg_temp.touch('F1', 200) \g /dev/null
select is(pg_temp.judge(), 0, 'what is in a breach of the daemon''s is not found again');

-- a closure entered after the fact
select pg_temp.store('S2', m, array[10, 400]) from generate_series(0, 130) m \g /dev/null
select pg_temp.store('S1', m, array[10, null, null, 400]) from generate_series(0, 10) m \g /dev/null
delete from abate.touched_hour;
update abate.line set retired_on = '2020-11-02', source = 'the notice' where line_code = 'K1';
select results_eq('select since, source from abate.closure where ended is null and line_id is not null', $$values ('2020-11-02 00:00+08'::timestamptz, 'the notice')$$,
    'a retired line is closed from the beginning of the day, by its monitor''s clock');
select results_eq($$select monitor_code, parameter_code, upper from pg_temp.held where parameter_code = 'a01012'$$, $$values ('S2', 'a01012', 60::float8)$$, 'only the line''s own monitor is watched');
select results_eq('select feed_id, hour from abate.touched_hour order by 2', format($$values (%1$s, pg_temp.at(0)), (%1$s, pg_temp.at(60)), (%1$s, pg_temp.at(120))$$, pg_temp.feed('S2', 'minute')),
    'what it has said since shall be judged');
select is(pg_temp.judge(), 1, 'and is');
select results_eq($$select opened, closed, bound, worst, count from pg_temp.found where monitor_code = 'S2'$$, 'values (0, 130, 60::float8, 400::float8, 131)', 'a retired kiln that heats');
update abate.line set retired_on = '2020-11-03' where line_code = 'K1';
select results_eq('select since from abate.closure where ended is null and line_id is not null', $$values ('2020-11-03 00:00+08'::timestamptz)$$, 'another date');
select results_eq($$select valid_from from pg_temp.held where monitor_code = 'S2'$$, $$values ('2020-11-03 00:00+08'::timestamptz)$$, 'for its limits, too');
update abate.line set retired_on = null where line_code = 'K1';
select is_empty($$select * from abate.closure where ended is null and line_id is not null$$, 'not retired at all: entered in error');
select is_empty($$select * from pg_temp.held h where monitor_code = 'S2' and valid_to > valid_from + interval '1 microsecond'$$, 'so nothing is held against it');
select abate.close_down('P1', 'K1', '2020-11-03 15:00+08', 'a notice', null, null) \g /dev/null
select results_eq($$select l.retired_on, c.since from abate.line l join abate.closure c using (line_id) where c.ended is null$$, $$values (date '2020-11-03', '2020-11-03 15:00+08'::timestamptz)$$,
    'a line closed in the afternoon is retired that day');

-- a sign's bound; the end
update abate.activity_sign set above = 0.5 where parameter_code = 'a00000';
select results_eq($$select distinct upper from abate.emission_limit where kind = 'activity' and parameter_code = 'a00000' and valid_to > valid_from + interval '1 microsecond'$$, 'values (0.5::float8)',
    'the noise of a meter is raised for all that is closed');
insert into abate.activity_sign values ('w01018', 'mg/L', 3, false, 'chosen');
select results_eq($$select monitor_code, upper from pg_temp.held where parameter_code = 'w01018'$$, $$values ('W1', 3::float8)$$, 'a further sign');
delete from abate.activity_sign where parameter_code = 'w01018';
select is_empty($$select * from abate.emission_limit where parameter_code = 'w01018'$$, 'is taken back');
select throws_ok('delete from abate.closure where plant_id is not null', '23001', null, 'a closure by which something was found cannot be deleted');
select is(count(*), 7::bigint, 'who closed, and closed what: recorded') from abate.change where table_name = 'closure';
update abate.closure set ended = pg_temp.at(60) where plant_id is not null;
select results_eq($$select opened, closed, withdrawn from pg_temp.found where monitor_code = 'F1' order by 1$$, 'values (11, 14, false), (15, 16, true), (115, 124, true), (200, null, true)',
    'a closure that was lifted: what was found after its end is withdrawn, the rest stands');
select is(count(*), 0::bigint, 'and nothing is held against the plant from then on') from pg_temp.held where monitor_code in ('F1', 'E1') and valid_to > pg_temp.at(60);
select results_eq($$select withdrawn_why from abate.breach where opened = pg_temp.at(200)$$, $$values ('the closure ended before it: 2020-11-02 01:00Z')$$, 'with the reason');

-- the version of the plan that was in force then
insert into abate.plan (plan_code, name_en, region_code) values ('city', 'A plan', '410100');
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('city', 1, '2020-01-01', 'x', 'one'), ('city', 2, '2021-01-01', 'x', 'two');
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft)
select plan_version_id, 1, 'Z-1', 'x', 'x', 'x', 'zero', 'direct', version = 2 from abate.plan_version;
create function pg_temp.weighed(at timestamptz) returns text language sql
return (select g.severity || ' ' || v.version
          from abate.gravity((select row_to_limit from jsonb_populate_record(null::abate.emission_limit, '{"kind": "activity", "plan_code": "city", "commitment_code": "Z-1"}') row_to_limit), null, at) g
          join abate.commitment_version c using (commitment_id) join abate.plan_version v using (plan_version_id));
select is(pg_temp.weighed('2020-12-31 23:59+08') || ', ' || pg_temp.weighed('2021-01-01 00:00+08'), 'day 1, notice 2', 'work after a closure breaks the text that was in force when it began');
select is(pg_temp.weighed('2019-01-01'), 'day 1', 'or else the first');

select * from finish();
rollback;
