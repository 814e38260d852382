-- Verdicts on totals: a sum against a baseline year, or against a bound.
--
-- The plan, one (3): VOCs(挥发性有机物)排放总量比2015年下降10%以上, by the end of 2020. fall = 1 - X/X0.
-- 2015: 60000 t; 54000 t are wanted. The path: 1 - 0.9 ^ (1/5) = 2.09 %, 4.13 %, 6.13 %, 8.08 %, 10 %.
begin;
select plan(23);
\ir plan_stage.psql
insert into abate.parameter (parameter_code) values ('x_voc_story') on conflict do nothing;
select pg_temp.indicator('voc', origin => 'mass', parameter => 'x_voc_story'), pg_temp.indicator('stack_voc', origin => 'mass', parameter => 'x_voc_story', is_metered_whole => true) \g /dev/null
select pg_temp.commitment('O-3', 'total', '2020-12-31', 'voc', 'falls_by', 0.10, 2015) as o3,
       pg_temp.commitment('O-4', 'total', '2020-12-31', 'stack_voc', 'falls_by', 0.10, 2015) as o4,
       pg_temp.commitment('A-7', 'total', '2020-12-31', 'voc', 'at_most', 54000) as a7,
       pg_temp.commitment('A-8', 'total', null, 'voc', 'at_most', 54000) as a8 \gset
create function pg_temp.said(commitment_id int, day date) returns text language sql
return (select f.verdict || ': ' || f.reason from pg_temp.found(commitment_id, day) f);

select is(pg_temp.said(:o3, '2019-07-01'), 'unknown: no baseline of voc for 2015', 'no baseline');
select pg_temp.year('voc', 2015, 60000) \g /dev/null
select is(pg_temp.said(:o3, '2019-07-01'), 'unknown: no figure of voc for 2018', 'the year''s own figure is a baseline, too, but none to judge by');

-- 2016: 58800: 2 %. 2017: 57000: 5 %. 2018: 56400: 6 %. 2019: 55000: 8.33 %. 2020: 54000: 10 %.
select pg_temp.year('voc', y, x) from (values (2016, 58800), (2017, 57000), (2018, 56400), (2019, 55000), (2020, 54000)) f (y, x) \g /dev/null
select results_eq(format($$select d, pg_temp.verdict(%s, d) from unnest(array['2017-01-01', '2017-12-31', '2018-01-01', '2019-01-01', '2020-01-01', '2020-12-31', '2021-01-01']::date[]) d$$, :o3),
    $$values ('2017-01-01'::date, 'behind'), ('2017-12-31', 'behind'), ('2018-01-01', 'on_track'), ('2019-01-01', 'behind'), ('2020-01-01', 'on_track'), ('2020-12-31', 'on_track'), ('2021-01-01', 'met')$$,
    'years go by: 2 % behind, 5 % on track, 6 % behind, 8.33 % on track, 10 % met');
select is(pg_temp.said(:o3, '2019-07-01'), 'behind: fell by 6 % from 2015 to 2018-12-31, 10 % wanted in the end and 6.13 % by then', 'behind, in words');
select is(pg_temp.said(:o3, '2021-07-01'), 'met: fell by 10 % from 2015 to 2020-12-31, 10 % wanted', 'met with just that');
select pg_temp.month('voc', '2020-01-01', 1) \g /dev/null
select is(pg_temp.verdict(:o3, '2020-02-15'), 'on_track', 'a month of a total says nothing against a year');
select is((select (evidence #>> '{actual,to}')::date from pg_temp.found(:o3, '2020-02-15')), '2020-01-01', 'it is still the year before that counts');

-- A better year before the deadline does not keep the promise.
select pg_temp.year('voc', 2019, 50000) \g /dev/null
select is(pg_temp.verdict(:o3, '2020-07-01'), 'on_track', 'a year better than the target is on track, not met');
-- A late correction.
select pg_temp.year('voc', 2020, 54001) \g /dev/null
select is(pg_temp.said(:o3, '2021-07-01'), 'missed: fell by 10 % from 2015 to 2020-12-31, 10 % wanted', 'corrected by a tonne it is missed, to the day before');
select results_eq(format('select round(actual::numeric, 6), forecast from pg_temp.found(%s, ''2021-07-01'')', :o3), 'values (0.099983, null::float8)', 'as its numbers tell');
select is(pg_temp.verdict(:o3, '2020-07-01'), 'on_track', 'days before are judged as they were');
select pg_temp.year('voc', 2021, 53000), pg_temp.year('voc', 2022, 56000) \g /dev/null
select is(pg_temp.verdict(:o3, '2022-01-01'), 'met_late', 'a later year keeps it late');
select is((select (evidence #>> '{actual,to}')::date from pg_temp.found(:o3, '2024-01-01')), '2022-01-01', 'the first that did');
select pg_temp.year('voc', 2020, 53999) \g /dev/null
select is(pg_temp.verdict(:o3, '2022-01-01'), 'met', 'corrected again, it is met');

-- a bound
select is(pg_temp.said(:a7, '2021-07-01'), 'met: 53999 by 2020-12-31, at most 54000 wanted', 'at most: met');
select pg_temp.year('voc', 2020, 54000.5) \g /dev/null
select is(pg_temp.said(:a7, '2021-07-01'), 'missed: 54000.5 by 2020-12-31, at most 54000 wanted', 'or missed');
-- 2018: 56400 at the start on 2019-06-17; by 2019-12-31: 56400 - 2400 * 197 / 563 = 55560.2.
select is(pg_temp.said(:a7, '2020-07-01'), 'on_track: 50000 by 2019-12-31, at most 54000 wanted in the end and 55560.213 by then', 'or on its way');
select is(pg_temp.said(:a7, '2019-07-01'), 'unknown: no figure of voc since 2019-06-17; 56400 by 2018-12-31, at most 54000 wanted', 'figures from before it began do not judge it');
select is(pg_temp.verdict(:a8, '2020-07-01') || ' ' || pg_temp.verdict(:a8, '2023-07-01'), 'met missed', 'without a deadline every year is judged by itself: 50000, then 56000');

-- parts of the region
select pg_temp.year('voc', 2023, 20000, '410102') \g /dev/null
select is((select (evidence #>> '{actual,to}')::date from pg_temp.found(:a8, '2024-07-01')), '2023-01-01', 'a county alone says nothing of the city');
select pg_temp.year('voc', 2023, 30000, '410122') \g /dev/null
select is(pg_temp.said(:a8, '2024-07-01'), 'met: 50000 by 2023-12-31, at most 54000 wanted', 'all of them do');

-- meters
create or replace function abate.metered_figure(indicator_code text, region_code text, from_day date, to_day date, out value float8, out evidence jsonb)
language sql stable return row(case extract(year from from_day) when 2015 then 100 when 2020 then 80 end::float8, '{"meters": 3}'::jsonb);
select is(pg_temp.said(:o4, '2021-07-01'), 'met: fell by 20 % from 2015 to 2020-12-31, 10 % wanted', 'meters of the whole judge it, baseline and all');
update abate.indicator set is_metered_whole = false where indicator_code = 'stack_voc';
select pg_temp.baseline('stack_voc', 2015, 100) \g /dev/null
select is(pg_temp.said(:o4, '2021-07-01'), 'unknown: no figure of stack_voc for 2020 (meters of a part of it: 80)', 'those of some stacks do not');
select * from finish();
rollback;
