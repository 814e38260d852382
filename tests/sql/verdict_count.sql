-- Verdicts on counts: a number reached.
--
-- The plan, five (2): 2020年年底前力争推广应用机器人1000台以上 (soft); 省级智能车间(工厂)达到60个; 到2020年年底全市累计创建绿色工厂、绿色园区15家.
-- Issued 2019-06-17, so the path is straight from there to 2020-12-31, 563 days.
begin;
select plan(28);
\ir plan_stage.psql
select pg_temp.indicator('robots', unit => '1'), pg_temp.indicator('workshops', 'last', '1'), pg_temp.indicator('green', 'last', '1') \g /dev/null
select pg_temp.commitment('J-1', 'count', '2020-12-31', 'robots', 'at_least', 1000, is_soft => true) as j1,
       pg_temp.commitment('J-2', 'count', '2020-12-31', 'workshops', 'at_least', 60) as j2,
       pg_temp.commitment('J-5', 'count', '2020-12-31', 'green', 'at_least', 15) as j5,
       pg_temp.commitment('J-9', 'count', null, 'green', 'at_least', 15) as j9 \gset
create function pg_temp.said(commitment_id int, day date) returns text language sql
return (select f.verdict || ': ' || f.reason from pg_temp.found(commitment_id, day) f);

select is(pg_temp.said(:j2, '2019-12-15'), 'unknown: no figure of workshops for 2019-12-15', 'no figure: unknown');
-- 20 before the plan, 30 by the end of 2019 (path: 20 + 40 * 197 / 563 = 33.997), 50 by the end of June 2020 (379 days: 46.927).
select pg_temp.month('workshops', '2019-05-01', 20) \g /dev/null
select is(pg_temp.said(:j2, '2019-12-15'), 'unknown: no figure of workshops since 2019-06-17; 20 by 2019-05-31, at least 60 wanted', 'one from before it began is none to judge by');
select pg_temp.month('workshops', '2019-12-01', 30), pg_temp.month('workshops', '2020-06-01', 50) \g /dev/null
select is(pg_temp.said(:j2, '2020-01-15'), 'behind: 30 by 2019-12-31, at least 60 wanted in the end and 33.996 by then', 'behind: the path goes from where it stood');
select is(pg_temp.said(:j2, '2020-07-15'), 'on_track: 50 by 2020-06-30, at least 60 wanted in the end and 46.927 by then', 'on track');
select is(pg_temp.verdict(:j2, '2020-06-30'), 'behind', 'while June runs its figure is not known');
-- Years 2019.4167, 2020, 2020.5, mean 2019.9722; 20, 30, 50, mean 33.3333; Sxx 0.587963, Sxy 16.11111: 27.4016 a year. At 2021: 33.3333 + 27.4016 * 1.027778
-- = 61.496; 60 are reached at 2019.9722 + 26.6667 / 27.4016 = 2020.94541: 0.345 * 31 days into December.
select results_eq(format($$select round(forecast::numeric, 2), forecast_low < forecast, forecast < forecast_high, crosses_on from pg_temp.found(%s, '2020-07-15')$$, :j2),
    $$values (61.50, true, true, '2020-12-11'::date)$$, 'with a forecast');
select is(pg_temp.said(:j2, '2021-01-15'), 'unknown: no figure of workshops for 2020-12-31; 50 by 2020-06-30, at least 60 wanted', 'past the deadline without a figure of it: unknown');
select pg_temp.year('workshops', 2020, 58) \g /dev/null
select is(pg_temp.said(:j2, '2021-01-15'), 'overdue: 58 by 2020-12-31, at least 60 wanted', 'with one that falls short: overdue');
select is((select forecast is null and crosses_on > '2020-12-31' from pg_temp.found(:j2, '2021-01-15')), true, 'and when it will be reached');
select is(pg_temp.verdict(:j2, '2021-03-31'), 'overdue', 'as long as it is not');
select pg_temp.month('workshops', '2021-03-01', 61) \g /dev/null
select is(pg_temp.said(:j2, '2021-04-01'), 'met_late: 61 by 2021-03-31, at least 60 wanted', 'then met late');
select is(pg_temp.verdict(:j2, '2021-03-31'), 'overdue', 'not a day before');
-- Late correction: it were 60 by the end of 2020.
create temporary table before as select * from pg_temp.found(:j2, '2021-04-01');
insert into abate.verdict (commitment_id, on_day, verdict, actual, wanted, reason, at) select :j2, '2021-04-01', verdict, actual, wanted, reason, pg_temp.noon('2021-04-01') from before;
select pg_temp.year('workshops', 2020, 60) \g /dev/null
select is(pg_temp.said(:j2, '2021-04-01'), 'met: 60 by 2020-12-31, at least 60 wanted', 'a late correction: met in time');
select is((select verdict from abate.verdict), 'met_late', 'what was judged stays on record');
select is(pg_temp.verdict(:j2, '2020-07-15'), 'on_track', 'half a year before the deadline it was what it was');

-- early
select pg_temp.month('green', '2020-03-01', 15) \g /dev/null
select is(pg_temp.said(:j5, '2020-04-15'), 'met: 15 by 2020-03-31, at least 15 wanted', 'a count reached before the deadline is met');
select pg_temp.month('green', '2020-09-01', 13) \g /dev/null
select is(pg_temp.verdict(:j5, '2020-10-15'), 'on_track', 'as long as it lasts: two lost their title');
select is(pg_temp.verdict(:j5, '2021-01-15'), 'unknown', 'and the last until the deadline decides');
select is(pg_temp.verdict(:j9, '2020-04-15') || ' ' || pg_temp.verdict(:j9, '2020-10-15'), 'met behind', 'without a deadline: now or not');
select pg_temp.month('green', '2021-06-01', 16) \g /dev/null
select is(pg_temp.verdict(:j5, '2021-07-15'), 'met_late', 'a figure after it');

-- What is new each year is added up, from the year of the plan on.
select pg_temp.year('robots', 2018, 5000), pg_temp.year('robots', 2019, 400) \g /dev/null
select is(pg_temp.said(:j1, '2020-01-15'), 'on_track: 400 by 2019-12-31, at least 1000 wanted in the end and 349.911 by then', '400 in the first year; those of the years before are not counted: 1000 * 197 / 563');
select count(pg_temp.month('robots', make_date(2020, m, 1), 50)) from generate_series(1, 11) m \g /dev/null
select is(pg_temp.said(:j1, '2020-12-15'), 'on_track: 950 by 2020-11-30, at least 1000 wanted in the end and 944.938 by then', '11 times 50 more');
select is((select points from abate.forecast(:j1, pg_temp.noon('2020-12-15'))), 12, 'each month is a point of the forecast');
select is(pg_temp.verdict(:j1, '2021-01-15'), 'unknown', 'December is missing');
select pg_temp.month('robots', '2020-12-01', 49) \g /dev/null
select is(pg_temp.said(:j1, '2021-01-15'), 'overdue: 999 by 2020-12-31, at least 1000 wanted', '999 are not 1000');
select pg_temp.month('robots', '2020-12-01', 50) \g /dev/null
select is(pg_temp.said(:j1, '2021-01-15'), 'met: 1000 by 2020-12-31, at least 1000 wanted', '1000 are');
select pg_temp.month('robots', '2020-02-01', 40) \g /dev/null
select is(pg_temp.said(:j1, '2021-01-15'), 'overdue: 990 by 2020-12-31, at least 1000 wanted', 'a month of long ago, corrected, is in every sum behind it');
select is((select jsonb_array_length(evidence #> '{actual,of,figures}') from pg_temp.found(:j1, '2021-01-15')), 13, 'the evidence is a year and twelve months');
select * from finish();
rollback;
