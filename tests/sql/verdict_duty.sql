-- A duty in words: as a person judges it, with evidence; never kept by silence.
begin;
select plan(16);
\ir plan_stage.psql

insert into abate.plant (plant_code, region_code) values ('P1', '410122');
select pg_temp.commitment('D-1', 'duty') as d1 \gset
select pg_temp.commitment('D-2', 'duty', '2020-12-31') as d2 \gset
select is(pg_temp.verdict(:d1, '2020-01-01'), 'not_measurable', 'nobody has judged it');
select is((pg_temp.found(:d1, '2020-01-01')).reason, 'a duty in words: nobody has judged it with evidence', 'says the reason');
select pg_temp.record('D-1', '2020-02-01') \g /dev/null
select is(pg_temp.verdict(:d1, '2020-03-01'), 'not_measurable', 'a record that something was done is no judgement');
select pg_temp.record('D-1', '2020-02-02', is_kept => true), pg_temp.record('D-1', '2020-02-03', is_kept => true, evidence => ' ') \g /dev/null
select is(pg_temp.verdict(:d1, '2020-03-01'), 'not_measurable', 'nor is a judgement without evidence');
select pg_temp.record('D-1', '2020-02-10', is_kept => true, evidence => 'minutes of the meeting, p. 3') \g /dev/null
select is(pg_temp.verdict(:d1, '2020-02-09') || ' ' || pg_temp.verdict(:d1, '2020-02-10'), 'not_measurable met', 'kept, from the day of the judgement on');
select is((pg_temp.found(:d1, '2020-03-01')).reason, 'kept, says a clerk on 2020-02-10: minutes of the meeting, p. 3', 'who says it, when, and why');
select pg_temp.record('D-1', '2020-06-01', is_kept => false, evidence => 'audit 7') \g /dev/null
select is(pg_temp.verdict(:d1, '2020-05-31') || ' ' || pg_temp.verdict(:d1, '2020-06-01'), 'met overdue', 'not kept any more: the day before stays as it was');
select is((pg_temp.found(:d1, '2020-06-01')).evidence ->> 'since', '2020-06-01', 'since when');
select pg_temp.record('D-1', '2020-06-01', is_kept => true, evidence => 'audit 7, corrected') \g /dev/null
select is(pg_temp.verdict(:d1, '2020-06-01'), 'met', 'a late correction of that judgement');

-- with a date
select pg_temp.record('D-2', '2020-11-01', is_kept => false, evidence => 'nothing was found') \g /dev/null
select is(pg_temp.verdict(:d2, '2020-12-31') || ' ' || pg_temp.verdict(:d2, '2021-01-01'), 'behind overdue', 'not kept: a breach when the last day is over');
select pg_temp.record('D-2', '2021-03-01', is_kept => true, evidence => 'done now') \g /dev/null
select is(pg_temp.verdict(:d2, '2021-03-01'), 'met_late', 'kept late');

-- subjects
select pg_temp.commitment('D-3', 'duty') as d3 \gset
select pg_temp.record('D-3', '2020-03-01', plant => 'P1', is_kept => true, evidence => 'a visit') \g /dev/null
select results_eq(format($$select verdict, reason from pg_temp.found(%s, '2020-04-01')$$, :d3),
    $$values ('not_measurable', 'a duty in words: judged for 1 alone, not as a whole')$$, 'kept by one is not kept by all');
select pg_temp.record('D-3', '2020-03-02', is_kept => true, evidence => 'a tour'), pg_temp.record('D-3', '2020-05-01', agency => 'zm', is_kept => false, evidence => 'a complaint') \g /dev/null
select is(pg_temp.verdict(:d3, '2020-04-01'), 'met', 'kept as a whole');
select results_eq(format($$select verdict, reason, pg_temp.shorts(f) from pg_temp.found(%s, '2020-05-01') f$$, :d3),
    $$values ('overdue', 'zm: not kept, says a clerk on 2020-05-01: a complaint', 'zm overdue')$$, 'but not where one does not keep it');

-- without a day it holds from when it was recorded
select pg_temp.commitment('D-4', 'duty') as d4 \gset
select pg_temp.record('D-4', is_kept => true, evidence => 'no day') \g /dev/null
select is(pg_temp.verdict(:d4, '2020-04-01'), 'not_measurable', 'a judgement without a day says nothing of years ago');
select is(pg_temp.verdict(:d4, current_date + 1), 'met', 'but of now');

select * from finish();
rollback;
