-- The plan as a whole: which version judges a day, what stands and what is replaced, breaches of commitments.
begin;
select plan(55);

insert into abate.region (region_code, name_en) values ('410100', 'Zhengzhou');
insert into abate.plan (plan_code, region_code, utc_offset) values ('p', '410100', '8 hours'), ('q', '410100', '-4 hours');
insert into abate.plan_version (plan_code, version, issued, source, digest) values
    ('p', 1, '2019-06-17', 's', 'a'), ('p', 2, '2020-06-01', 's', 'b'), ('p', 3, '2019-06-17', 's', 'c'), ('q', 1, '2020-06-01', 's', 'd');
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft)
select plan_version_id, 1, 'X-1', 'c', 'q', plan_code || version, 'duty', 'reported', false from abate.plan_version;
insert into abate.agency (agency_code, name_zh) values ('gx', '市工信局'), ('fg', '市发展改革委');
insert into abate.commitment_agency select commitment_id, a, r from abate.commitment_version c, (values ('gx', 'lead'), ('fg', 'lead'), ('fg', 'responsible')) v (a, r) where name_en = 'p2';

select results_eq('select name_en, version, lead, responsible, cooperating from abate.commitment order by plan_code',
    $$values ('p2', 2, 'fg, gx', 'fg', null::text), ('q1', 1, null, null, null)$$, 'the view commitment has the newest text of each plan, with its agencies');
create function pg_temp.in_force(at timestamptz) returns text language sql
return (select string_agg(name_en || ' ' || on_day, ', ' order by name_en) from abate.commitments_in_force(at) f join abate.commitment_version using (commitment_id));
select is(pg_temp.in_force('2018-01-01 00:00+08'), 'p3 2018-01-01, q1 2017-12-31', 'before the first text the first one is in force, in our last reading of it');
select is(pg_temp.in_force('2020-05-31 23:59+08'), 'p3 2020-05-31, q1 2020-05-31', 'until the day of the next one');
select is(pg_temp.in_force('2020-06-01 00:00+08'), 'p2 2020-06-01, q1 2020-05-31', 'from that day the next one, each by its plan''s clock');

insert into abate.verdict (commitment_id, on_day, verdict, reason, at, replaced)
select commitment_id, v.d::date, v.w, v.w, now(), v.r::timestamptz from abate.commitment_version c, (values ('2020-07-01', 'met', null), ('2020-07-03', 'overdue', now()), ('2020-07-03', 'unknown', null)) v (d, w, r) where name_en = 'p2';
create function pg_temp.status(day date) returns text language sql
return (select string_agg(name_en || ' ' || verdict || coalesce(' ' || on_day, ''), ', ' order by name_en) from abate.plan_status(day));
select results_eq($$select d, pg_temp.status(d) from unnest('{2020-05-31,2020-06-30,2020-07-01,2020-07-02,2020-07-03,2021-01-01}'::date[]) d$$,
    $$values ('2020-05-31'::date, 'p3 unknown, q1 unknown'), ('2020-06-30', 'p2 unknown, q1 unknown'), ('2020-07-01', 'p2 met 2020-07-01, q1 unknown'),
             ('2020-07-02', 'p2 met 2020-07-01, q1 unknown'), ('2020-07-03', 'p2 unknown 2020-07-03, q1 unknown'), ('2021-01-01', 'p2 unknown 2020-07-03, q1 unknown')$$,
    'the state of a day: the newest verdict that counts until then; what was never judged is unknown');
select results_eq('select plan_code, commitment_code, verdict, on_day, lead, responsible from abate.plan_status',
    $$values ('p', 'X-1', 'unknown', '2020-07-03'::date, 'fg, gx', 'fg'), ('q', 'X-1', 'unknown', null, null, null)$$, 'and of today');


-- A town with a commitment of each kind.
delete from abate.verdict; delete from abate.commitment_agency; delete from abate.commitment_version; delete from abate.plan_version; delete from abate.plan; delete from abate.agency; delete from abate.region;
\ir plant.psql
\ir plan_stage.psql

select is_empty($$select kind from abate.commitment_kind where to_regprocedure(format('abate.verdict_%s(int, timestamptz)', kind)) is null$$, 'every kind has its function');
select is_empty($$select p.oid::regprocedure from abate.commitment_kind k join pg_proc p on p.oid = to_regprocedure(format('abate.verdict_%s(int, timestamptz)', k.kind))
                   where p.provolatile <> 's' or p.prorettype <> 'abate.finding'::regtype$$, 'that changes nothing, and returns a finding');

select pg_temp.indicator('energy'), pg_temp.indicator('added'), pg_temp.indicator('robots', 'last') \g /dev/null
insert into abate.line_kind (line_kind) values ('kiln');
insert into abate.sector_group (group_code) values ('heavy');
insert into abate.sector_group_member values ('heavy', 'power');
update abate.plant set disposition = 'close' where plant_code = 'P2';
insert into abate.line (plant_id, line_code, line_kind) select plant_id, 'k', 'kiln' from abate.plant where plant_code = 'P2';
select pg_temp.commitment('intensity', 'intensity', '2020-12-31', 'energy', 'falls_by', 0.23, 2015, 'added') as intensity \gset
select pg_temp.commitment('total', 'total', '2020-12-31', 'energy', 'falls_by', 0.1, 2015) as total \gset
select pg_temp.commitment('share', 'share', '2020-12-31', 'energy', 'at_least', 0.8, null, 'added') as share \gset
select pg_temp.commitment('count', 'count', '2020-12-31', 'robots', 'at_least', 1000, is_soft => true) as count \gset
select pg_temp.commitment('compliance', 'compliance', '2020-12-31', subject => 'plant') as compliance \gset
select pg_temp.commitment('zero', 'zero', '2020-12-31', subject => 'plant', dispositions => '{close}') as zero \gset
select pg_temp.commitment('capacity', 'capacity', '2020-12-31', subject => 'line', line_kind => 'kiln', is_soft => true) as capacity \gset
select pg_temp.commitment('availability', 'availability', subject => 'monitor', group_code => 'heavy') as availability \gset
select pg_temp.commitment('prohibition', 'prohibition', subject => 'line', line_kind => 'kiln') as prohibition \gset
select pg_temp.commitment('milestone', 'milestone', '2020-12-31') as milestone \gset
select pg_temp.commitment('coverage', 'coverage', '2020-12-31', subject => 'plant') as coverage \gset
select pg_temp.commitment('report', 'report', day_of_month => 25, subject => 'agency') as report \gset
select pg_temp.commitment('duty', 'duty') as duty \gset
insert into abate.commitment_agency values (:report, 'gx', 'responsible');
create function pg_temp.judge(day date) returns int language sql return abate.judge_plan(pg_temp.noon(day));
create function pg_temp.breaches(of text) returns table (whose text, opened text, closed text, state text) language sql
begin atomic
    select concat_ws(' ', p.plant_code, l.line_code, b.agency_code), to_char(b.opened at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), to_char(b.closed at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
           case when b.withdrawn is not null then 'withdrawn' when b.closed is not null then 'closed' else 'open' end
      from abate.breach b join abate.commitment_version c using (commitment_id) left join abate.plant p using (plant_id) left join abate.line l using (line_id)
     where b.rule = 'commitment' and c.commitment_code = of order by b.breach_id;
end;

select throws_ok('select abate.judge_plan(null)', '22023', null, 'it has to be told its time');
select throws_ok($$select abate.judge_plan('infinity')$$, '22023', null, 'a time there is');
select is(pg_temp.judge('2021-01-01'), 13, 'a day is judged: a verdict for each commitment');
select results_eq('select commitment_code, verdict from abate.plan_status(''2021-01-01'') order by ordinal',
    $$values ('intensity', 'unknown'), ('total', 'unknown'), ('share', 'unknown'), ('count', 'unknown'), ('compliance', 'unknown'), ('zero', 'overdue'), ('capacity', 'overdue'),
             ('availability', 'unknown'), ('prohibition', 'unknown'), ('milestone', 'overdue'), ('coverage', 'overdue'), ('report', 'overdue'), ('duty', 'not_measurable')$$, 'each of its kind');
select is_empty($$select reason from abate.verdict where reason like 'cannot be judged%'$$, 'none of them fails');
create temporary table before as select * from abate.verdict;
create temporary table breaches_before as select * from abate.breach;
select is(pg_temp.judge('2021-01-01'), 0, 'judged again, there is nothing new');
select set_eq('select * from abate.verdict', 'select * from before', 'no second rows');
select set_eq('select * from abate.breach', 'select * from breaches_before', 'and the same breaches');
select throws_ok($$select pg_temp.as_writer('select abate.judge_plan(''2021-01-01 12:00+08'')')$$, '42501', null, 'the daemon judges by judge() alone');
select is(abate.judge_plan('2021-01-01 20:00+08'), 0, 'later on the same day nothing is new either');

-- breaches
select results_eq($$select whose, opened, closed, state from pg_temp.breaches('milestone')$$, $$values ('', '2021-01-01 00:00', null, 'open')$$, 'of a commitment as a whole: since its last day was over');
select results_eq($$select whose, opened, closed, state from pg_temp.breaches('coverage') order by whose$$, $$values ('P1', '2021-01-01 00:00', null, 'open'), ('P2', '2021-01-01 00:00', null, 'open')$$, 'of each plant that falls short');
select results_eq($$select whose, opened from pg_temp.breaches('capacity')$$, $$values ('P2 k', '2021-01-01 00:00')$$, 'of a line');
select results_eq($$select whose, opened from pg_temp.breaches('report')$$, $$values ('gx', '2019-06-26 00:00')$$, 'of an agency, since its first report was missing');
select results_eq($$select commitment_code, severity, count, limit_id, monitor_id from abate.breach join abate.commitment_version using (commitment_id) order by ordinal, breach_id$$,
    $$values ('zero', 'day', 1, null::int, null::int), ('capacity', 'notice', 1, null, null), ('milestone', 'warning', 1, null, null), ('coverage', 'warning', 1, null, null), ('coverage', 'warning', 1, null, null), ('report', 'warning', 556, null, null)$$,
    'as grave as its kind is; a soft one is a notice');
select is(pg_temp.judge('2021-02-10'), 13, 'another day');
select results_eq($$select count, last_at, reason from abate.breach where commitment_id = $$ || :milestone, $$values (41, '2021-02-10 12:00+08'::timestamptz, 'no record that it was done by 2020-12-31')$$, 'an open breach goes on');
select is((select count(*)::int from abate.breach), 6, 'and is no other one');

-- done late; done in time, as is recorded late
select pg_temp.record('milestone', '2021-02-11'), pg_temp.record('coverage', '2020-12-30', 'P1'), pg_temp.record('coverage', '2021-02-05', 'P2') \g /dev/null
select pg_temp.judge('2021-02-20') \g /dev/null
select results_eq($$select whose, opened, closed, state from pg_temp.breaches('milestone')$$, $$values ('', '2021-01-01 00:00', '2021-02-11 00:00', 'closed')$$, 'done late: the breach lasted until then');
select results_eq($$select whose, closed, state from pg_temp.breaches('coverage') order by whose$$, $$values ('P1', null, 'withdrawn'), ('P2', '2021-02-05 00:00', 'closed')$$, 'done in time: there was none');
select is((select withdrawn_why from abate.breach where commitment_id = :coverage and withdrawn is not null), 'judged again: 2 of 2 have it; late: P2', 'says why');
select is(pg_temp.judge('2021-01-15'), 13, 'a day of the past that was not judged');
select results_eq($$select state from pg_temp.breaches('milestone')$$, $$values ('closed')$$, 'lies within the breach');
select pg_temp.record('milestone', '2020-12-01') \g /dev/null
select is(pg_temp.judge('2021-02-10'), 2, 'the past is judged again: what was corrected has another verdict');
select results_eq($$select verdict, replaced is null from abate.verdict where on_day = '2021-02-10' and commitment_id = $$ || :milestone || ' order by verdict_id', $$values ('overdue', false), ('met', true)$$, 'the old one stays, and counts no more');
select results_eq($$select whose, closed, state from pg_temp.breaches('milestone')$$, $$values ('', '2021-02-11 00:00', 'withdrawn')$$, 'even a breach that was closed is withdrawn');
select pg_temp.record('milestone') \g /dev/null
select pg_temp.judge('2021-02-20') \g /dev/null
select results_eq($$select state, count(*) from pg_temp.breaches('milestone') group by state order by state$$, $$values ('open', 1::bigint), ('withdrawn', 1)$$, 'and if that was wrong, there is another one');

-- work after a closure
select pg_temp.record('zero', '2020-12-31', 'P2') \g /dev/null
select pg_temp.shut('P2', null, '2020-12-31 10:00+08') as closure \gset
select pg_temp.judge('2021-03-01') \g /dev/null
select results_eq($$select opened, state from pg_temp.breaches('zero')$$, $$values ('2021-01-01 00:00', 'withdrawn')$$, 'closed in time, as is known now');
select pg_temp.seen_at_work(:closure, 'W1', '2021-03-05 03:00+08', '2021-03-06 04:00+08') \g /dev/null
select pg_temp.judge('2021-03-05'), pg_temp.judge('2021-03-06') \g /dev/null
select results_eq($$select whose, opened, state from pg_temp.breaches('zero')$$, $$values ('P2', '2021-01-01 00:00', 'withdrawn'), ('P2', '2021-03-05 00:00', 'open')$$, 'it is at work: a breach since that day');
select pg_temp.judge('2021-03-07') \g /dev/null
select results_eq($$select opened, closed, state from pg_temp.breaches('zero') where state <> 'withdrawn'$$, $$values ('2021-03-05 00:00', '2021-03-06 00:00', 'closed')$$, 'until it was last at work');
update abate.breach set withdrawn = now() where rule = 'activity';
select pg_temp.judge('2021-03-07') \g /dev/null
select results_eq($$select distinct state from pg_temp.breaches('zero')$$, $$values ('withdrawn')$$, 'it was not: withdrawn, too');

-- what stands from day to day
select pg_temp.record('duty', '2021-04-10', is_kept => false, evidence => 'a visit') \g /dev/null
select pg_temp.judge('2021-04-09'), pg_temp.judge('2021-04-10'), pg_temp.judge('2021-04-11') \g /dev/null
select results_eq($$select opened, closed, state from pg_temp.breaches('duty')$$, $$values ('2021-04-10 00:00', null, 'open')$$, 'a duty that is not kept');
select pg_temp.record('duty', '2021-04-20', is_kept => true, evidence => 'another') \g /dev/null
select pg_temp.judge('2021-04-20'), pg_temp.judge('2021-04-21') \g /dev/null
select results_eq($$select opened, closed, state from pg_temp.breaches('duty')$$, $$values ('2021-04-10 00:00', '2021-04-20 00:00', 'closed')$$, 'is kept again');
select pg_temp.record('duty', '2021-05-01', is_kept => false, evidence => 'a third') \g /dev/null
select pg_temp.judge('2021-05-01') \g /dev/null
select pg_temp.record('duty', '2021-05-01', is_kept => true, evidence => 'a third, read well') \g /dev/null
select pg_temp.judge('2021-05-01') \g /dev/null
select results_eq($$select opened, state from pg_temp.breaches('duty')$$, $$values ('2021-04-10 00:00', 'closed'), ('2021-05-01 00:00', 'withdrawn')$$, 'a day judged away: withdrawn');

-- one that fails
insert into abate.commitment_kind values ('broken', 'x', 'x', 'x', 'warning', true);
create function abate.verdict_broken(commitment_id int, at timestamptz) returns abate.finding language plpgsql stable as $$ begin return abate.finding((1 / (at > '2021-06-01')::int)::text, 'r'); end $$;
select pg_temp.commitment('broken', 'broken') as broken \gset
set local client_min_messages = error;
select pg_temp.judge('2021-05-31') \g /dev/null
select results_eq($$select verdict, reason, evidence ->> 'error' from abate.verdict where commitment_id = $$ || :broken, $$values ('unknown', 'cannot be judged: division by zero', '22012')$$, 'a function that fails: unknown, in the words of its error');
select is((select count(*)::int from abate.verdict where on_day = '2021-05-31'), 14, 'and the others are judged');
select pg_temp.judge('2021-06-02') \g /dev/null
select is((select reason from abate.verdict where commitment_id = :broken and on_day = '2021-06-02'), 'cannot be judged: "1" is no verdict', 'nor can it say what is none');
create or replace function abate.verdict_broken(commitment_id int, at timestamptz) returns abate.finding language plpgsql stable as $$ begin if at > '2021-07-01' then raise 'no'; end if; return abate.finding('overdue', 'r', null, null, '[{"plant": "P1", "verdict": "overdue", "reason": "r"}]'); end $$;
select pg_temp.judge('2021-06-03'), pg_temp.judge('2021-07-03') \g /dev/null
select results_eq($$select whose, opened, state from pg_temp.breaches('broken')$$, $$values ('P1', '2021-06-03 00:00', 'open')$$, 'one that fails ends no breach');
reset client_min_messages;
delete from abate.breach where commitment_id = :broken; delete from abate.verdict where commitment_id = :broken; delete from abate.commitment_version where commitment_id = :broken;
delete from abate.commitment_kind where kind = 'broken';

-- another text of the plan, from 2021-09-01
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('town', 2, '2021-09-01', 'a page', 'two');
select pg_temp.commitment('milestone', 'milestone', '2020-12-31') as milestone2 \gset
select pg_temp.judge('2021-08-31') \g /dev/null
select is((select commitment_id from abate.breach where closed is null and withdrawn is null and commitment_id in (:milestone, :milestone2)), :milestone, 'a day before it is judged by the first');
select is(pg_temp.judge('2021-09-01'), 1, 'from its day on by the second, which has one commitment');
select results_eq(format($$select commitment_id, to_char(opened at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), to_char(closed at time zone 'Asia/Shanghai', 'YYYY-MM-DD') from abate.breach where withdrawn is null and commitment_id in (%s, %s) order by opened$$, :milestone, :milestone2),
    format($$values (%s, '2021-02-11', '2021-09-01'), (%s, '2021-09-01', null)$$, :milestone, :milestone2), 'the breach of the first ends, that of the second begins: each names the version that judged');
select is((select count(*)::int from abate.breach where rule = 'commitment' and closed is null and withdrawn is null), 1, 'nothing else of the first is open');
select pg_temp.judge('2021-08-30') \g /dev/null
select results_eq(format($$select commitment_id, closed is null from abate.breach where withdrawn is null and commitment_id in (%s, %s) order by opened$$, :milestone, :milestone2),
    format($$values (%s, false), (%s, true)$$, :milestone, :milestone2), 'a day of the past judged again leaves the later one alone');
select results_eq($$select version, verdict from abate.plan_status('2021-08-31') where commitment_code = 'milestone' union all select version, verdict from abate.plan_status('2021-09-01')$$, $$values (1, 'overdue'), (2, 'overdue')$$, 'as the state of those days tells');

-- a reading of the same text corrected
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('town', 3, '2021-09-01', 'a page', 'three');
select pg_temp.commitment('milestone', 'milestone', '2021-12-31') as milestone3 \gset
select pg_temp.judge('2021-09-02') \g /dev/null
select results_eq('select withdrawn_why from abate.breach where commitment_id = ' || :milestone2, $$values ('that day is judged by another version of the plan')$$, 'a wrong reading''s breach is withdrawn');

-- a year, week by week
select lives_ok($$select pg_temp.judge(d::date) from generate_series(timestamp '2020-01-01', '2020-12-31', '1 week') d$$, 'a year');
select is((select count(*)::int from abate.verdict where on_day between '2020-01-01' and '2020-12-31' and replaced is null), 53 * 13, 'a verdict a week for each commitment');

select * from finish();
rollback;
