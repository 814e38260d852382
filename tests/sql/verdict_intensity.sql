-- Verdicts on intensity: one sum over another, against a baseline year.
--
-- The plan, one (3): 到2020年底,全市规模以上企业单位工业增加值能耗比2015年下降23%以上. fall = 1 - (X/V) / (X0/V0), V at constant prices.
-- 2015: 1000 t of coal equivalent over 500 M = 2 t/M; 23 % less are 1.54 t/M. The path: 1 - 0.77 ^ (1/5) = 5.09 %, 9.93 %, 14.51 %, 18.87 %, 23 %.
begin;
select plan(36);
\ir plan_stage.psql
select pg_temp.indicator('energy', unit => 'tce'), pg_temp.indicator('value_added', unit => 'CNY'), pg_temp.indicator('coal', unit => 'tce', origin => 'energy'),
       pg_temp.indicator('all_coal', unit => 'tce', origin => 'energy', is_metered_whole => true) \g /dev/null
select pg_temp.commitment('O-1', 'intensity', '2020-12-31', 'energy', 'falls_by', 0.23, 2015, per => 'value_added') as o1,
       pg_temp.commitment('P-1', 'intensity', '2020-12-31', 'coal', 'falls_by', 0.23, 2015, per => 'value_added', is_soft => true) as p1,
       pg_temp.commitment('P-2', 'intensity', '2020-12-31', 'all_coal', 'falls_by', 0.23, 2015, per => 'value_added') as p2,
       pg_temp.commitment('A-1', 'intensity', '2020-12-31', 'energy', 'at_most', 1.6, per => 'value_added') as a1,
       pg_temp.commitment('W-1', 'intensity', '2020-12-31') as w1,
       pg_temp.commitment('W-2', 'intensity', '2020-12-31', relation => 'at_most', target => 1) as w2 \gset
create function pg_temp.said(commitment_id int, day date) returns text language sql
return (select f.verdict || ': ' || f.reason from pg_temp.found(commitment_id, day) f);

-- unknown
select is(pg_temp.said(:o1, '2019-07-01'), 'unknown: no baseline of energy for 2015', 'no baseline: unknown, and which');
select pg_temp.baseline('energy', 2015, 1000) \g /dev/null
select is(pg_temp.said(:o1, '2019-07-01'), 'unknown: no baseline of value_added for 2015', 'that of the other sum, too');
select pg_temp.baseline('value_added', 2015, 0) \g /dev/null
select is(pg_temp.said(:o1, '2019-07-01'), 'unknown: the baseline of value_added for 2015 is 0', 'one of 0 is none');
select pg_temp.baseline('value_added', 2015, 500) \g /dev/null
select is(pg_temp.said(:o1, '2019-07-01'), 'unknown: no figure of energy for 2018', 'no figure: unknown, and which; the baseline year is none');
select pg_temp.year('energy', 2018, 900) \g /dev/null
select is(pg_temp.said(:o1, '2019-07-01'), 'unknown: no figure of value_added for 2018', 'half of it is not enough');
select pg_temp.year('value_added', 2018, 0) \g /dev/null
select is(pg_temp.said(:o1, '2019-07-01'), 'unknown: the figure of value_added for 2018 is 0', 'nor over nothing');
delete from abate.indicator_value;
select is(pg_temp.said(:w1, '2019-07-01'), 'not_measurable: the plan names no number', 'without a number it is not measurable');
select is(pg_temp.said(:w2, '2019-07-01'), 'unknown: no indicator is named for it', 'without an indicator unknown');

-- A plan's life. 2016: 990 / 550 = 1.8: 10 %. 2017: 1044 / 600 = 1.74: 13 %. 2018: 1105 / 650 = 1.7: 15 %. 2019: 1148 / 700 = 1.64: 18 %. 2020: 1155 / 750 = 1.54: 23 %.
select pg_temp.year('energy', y, x), pg_temp.year('value_added', y, v)
  from (values (2016, 990, 550), (2017, 1044, 600), (2018, 1105, 650), (2019, 1148, 700), (2020, 1155, 750)) f (y, x, v) \g /dev/null
select results_eq(format($$select d, pg_temp.verdict(%s, d) from unnest(array['2017-01-01', '2018-01-01', '2019-12-31', '2020-01-01', '2020-12-31', '2021-01-01', '2023-01-01']::date[]) d$$, :o1),
    $$values ('2017-01-01'::date, 'on_track'), ('2018-01-01', 'on_track'), ('2019-12-31', 'on_track'), ('2020-01-01', 'behind'), ('2020-12-31', 'behind'), ('2021-01-01', 'met'), ('2023-01-01', 'met')$$,
    'years go by: 10, 13, 15 % are before the path, 18 % behind it, 23 % met, from the day after the deadline on');
select is(pg_temp.said(:o1, '2019-07-01'), 'on_track: fell by 15 % from 2015 to 2018-12-31, 23 % wanted in the end and 14.51 % by then', 'on track, in words');
select is(pg_temp.said(:o1, '2020-07-01'), 'behind: fell by 18 % from 2015 to 2019-12-31, 23 % wanted in the end and 18.87 % by then', 'behind, in words');
select is(pg_temp.said(:o1, '2021-07-01'), 'met: fell by 23 % from 2015 to 2020-12-31, 23 % wanted', 'met: exactly 23 % are 23 % or more');
select results_eq(format($$select round(actual::numeric, 6), wanted, round(path::numeric, 4), crosses_on is null, forecast is null from pg_temp.found(%s, '2021-07-01')$$, :o1),
    'values (0.23, 0.23::float8, 0.23, true, true)', 'with its numbers; what is decided has no forecast');
-- ln of 1, 0.9, 0.87, 0.85, 0.82: 0, -0.105361, -0.139262, -0.162519, -0.198451; Sxy = 2 * 0.198451 + (0.162519 - 0.105361) = 0.454060 down, Sxx = 10,
-- slope -0.045406; mean -0.121119 at 2018.0; at 2021.0: -0.257337, exp = 0.773108: a fall of 22.69 %; ln 0.77 at 2018 + 0.140246 / 0.045406 = 2021.0887.
select results_eq(format($$select round(forecast::numeric, 4), forecast_low < forecast, forecast < forecast_high, crosses_on from pg_temp.found(%s, '2020-07-01')$$, :o1),
    $$values (0.2269, true, true, '2021-02-02'::date)$$, 'before the deadline with a forecast: 22.69 %, the target in February 2021');
select results_eq(format($$select e #>> '{of,figures,0,source}', e #>> '{of,figures,0,value}', e #>> '{per,figures,0,value}' from (select evidence -> 'actual' as e from pg_temp.found(%s, '2021-07-01')) f$$, :o1),
    $$values ('yearbook', '1155', '750')$$, 'and the rows it rests on');
select isnt((select evidence #>> '{baseline,of,id}' from pg_temp.found(:o1, '2021-07-01')), null, 'and those of the baseline');

-- One tonne more is missed: 1156 / 750 = 1.54133: 22.93 %. The correction came late; the verdict of a day past changes with it.
create temporary table before as select * from pg_temp.found(:o1, '2021-07-01');
insert into abate.verdict (commitment_id, on_day, verdict, actual, wanted, reason, at) select :o1, '2021-07-01', verdict, actual, wanted, reason, pg_temp.noon('2021-07-01') from before;
select pg_temp.year('energy', 2020, 1156) \g /dev/null
select is(pg_temp.said(:o1, '2021-07-01'), 'missed: fell by 22.93 % from 2015 to 2020-12-31, 23 % wanted', 'a late correction decides otherwise');
select results_eq('select verdict, reason from abate.verdict where replaced is null', 'select verdict, reason from before', 'what was judged before stays on record');
select is((select count(*) from abate.indicator_value where indicator_code = 'energy' and period_from = '2020-01-01'), 2::bigint, 'and so do both figures');
select is(pg_temp.verdict(:o1, '2020-07-01'), 'behind', 'what it does not touch is judged as before');
-- The sixth is ln 0.770667 = -0.260500: slope -0.802514 / 17.5 = -0.045858, mean -0.144349 at 2018.5; ln 0.77 at 2018.5 + 0.117016 / 0.045858 = 2021.0517.
select results_eq(format('select crosses_on from pg_temp.found(%s, ''2021-07-01'') where forecast is null', :o1), $$values ('2021-01-20'::date)$$, 'missed, with the day the line reaches it');
-- 2021: 1200 / 800 = 1.5: 25 %.
select pg_temp.year('energy', 2021, 1200), pg_temp.year('value_added', 2021, 800) \g /dev/null
select is(pg_temp.verdict(:o1, '2021-12-31'), 'missed', 'a year after the deadline that runs says nothing');
select is(pg_temp.said(:o1, '2022-01-01'), 'met_late: fell by 25 % from 2015 to 2021-12-31, 23 % wanted', 'over, it is met late');
select pg_temp.year('energy', 2022, 3000), pg_temp.year('value_added', 2022, 800) \g /dev/null
select is(pg_temp.verdict(:o1, '2023-01-01'), 'met_late', 'and stays so');
select pg_temp.baseline('energy', 2015, 1001) \g /dev/null
-- 1156 / 750 over 1001 / 500 = 1.541333 / 2.002 = 0.769897: 23.01 %
select is(pg_temp.said(:o1, '2021-07-01'), 'met: fell by 23.01 % from 2015 to 2020-12-31, 23 % wanted', 'a corrected baseline decides, too');
delete from abate.indicator_value where indicator_code = 'value_added' and period_from = '2020-01-01';
select is(pg_temp.said(:o1, '2021-07-01'), 'unknown: no figure of value_added for 2020; fell by 18.08 % from 2015 to 2019-12-31, 23 % wanted', 'past the deadline without its year: unknown, with the newest there is');
select is(pg_temp.verdict(:o1, '2022-07-01'), 'unknown', 'also when a later year reached it: nobody knows whether late');

-- The months of a year: 2020 until May 77 / 50 = 1.54 over 2.002: 23.08 %; the path at the end of May is 18.87 + 5/12 * 4.13 = 20.59 %.
select count(pg_temp.month('energy', make_date(2020, m, 1), 15.4)), count(pg_temp.month('value_added', make_date(2020, m, 1), 10)) from generate_series(1, 5) m \g /dev/null
select is(pg_temp.said(:o1, '2020-06-15'), 'on_track: fell by 23.08 % from 2015 to 2020-05-31, 23 % wanted in the end and 20.59 % by then', 'the year so far goes before the last year');
select is(pg_temp.verdict(:o1, '2020-05-31'), 'on_track', 'as far as its months are over');
select pg_temp.month('energy', '2020-06-01', 40) \g /dev/null
select is(pg_temp.verdict(:o1, '2020-07-15'), 'on_track', 'and both sums have them');
select pg_temp.month('value_added', '2020-06-01', 10) \g /dev/null
select is(pg_temp.verdict(:o1, '2020-07-15'), 'behind', 'then it counts: 117 / 60 = 1.95');

-- An absolute bound from above: 1105 / 650 = 1.7 before the start, 1148 / 700 = 1.64 half a year later; 1.7 - 0.1 * 197 / 563 days = 1.665.
select is(pg_temp.said(:a1, '2020-01-15'), 'on_track: 1.64 by 2019-12-31, at most 1.6 wanted in the end and 1.665 by then', 'a bound from above has its path from the last figure before');

-- meters
create or replace function abate.metered_figure(indicator_code text, region_code text, from_day date, to_day date, out value float8, out evidence jsonb)
language sql stable return row(case when from_day = '2020-01-01' and to_day = '2021-01-01' then 1000 end::float8, '{"meters": 3}'::jsonb);
select pg_temp.year('value_added', 2020, 750), pg_temp.baseline('coal', 2015, 1000), pg_temp.baseline('all_coal', 2015, 1000) \g /dev/null
select is(pg_temp.said(:p1, '2021-07-01'), 'unknown: no figure of coal for 2020 (meters of a part of it: 1000)', 'meters of a part decide nothing');
select is((select evidence #>> '{missing,of,metered_part,value}' from pg_temp.found(:p1, '2021-07-01')), '1000', 'but are the evidence');
select is(pg_temp.said(:p2, '2021-07-01'), 'met: fell by 33.33 % from 2015 to 2020-12-31, 23 % wanted', 'those of the whole do: 1000 / 750 = 1.3333 of 2');
select pg_temp.year('coal', 2020, 1500) \g /dev/null
select is(pg_temp.verdict(:p1, '2021-07-01'), 'missed', 'a soft one is judged all the same: 1500 / 750 = 2');
select * from finish();
rollback;
