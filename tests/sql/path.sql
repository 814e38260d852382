-- The path to a target, the figures along it, and where they lead.
begin;
select plan(41);
\ir plan_stage.psql
select pg_temp.indicator('energy', unit => 'tce'), pg_temp.indicator('value_added', unit => 'CNY'), pg_temp.indicator('voc'), pg_temp.indicator('robots', 'last', '1'),
       pg_temp.indicator('used'), pg_temp.indicator('waste'), pg_temp.indicator('built', unit => '1') \g /dev/null
select pg_temp.commitment('O-1', 'intensity', '2020-12-31', 'energy', 'falls_by', 0.23, 2015, per => 'value_added') as o1,
       pg_temp.commitment('O-2', 'intensity', '2020-12-31', 'energy', 'falls_by', 0.25, 2015) as o2,
       pg_temp.commitment('O-3', 'total', '2020-12-31', 'voc', 'falls_by', 0.10, 2015) as o3,
       pg_temp.commitment('J-1', 'count', '2020-12-31', 'robots', 'at_least', 1000, start_due => '2018-12-31') as j1,
       pg_temp.commitment('J-2', 'count', '2020-12-31', 'built', 'at_least', 100) as j2,
       pg_temp.commitment('T-1', 'share', '2020-12-31', 'used', 'at_least', 0.8, per => 'waste', start_due => '2018-12-31') as t1,
       pg_temp.commitment('X-1', 'total', '2020-12-31', 'voc', 'at_most', 50, start_due => '2018-12-31') as x1,
       pg_temp.commitment('X-2', 'share', null, 'used', 'at_least', 0.5, per => 'waste') as x2 \gset

-- days in years
select results_eq($$select abate.in_years(d) from unnest(array['2020-12-31', '2020-01-31', '2020-02-29', '2019-06-15']::date[]) d$$,
    'values (2021::float8), (2020 + 1 / 12.0::float8), (2020 + 2 / 12.0::float8), (2019 + 5.5 / 12.0::float8)', 'the end of a day in years: every month a twelfth');
select is_empty($$select d from generate_series('1999-12-01'::date, '2030-01-31'::date, interval '1 day') d where abate.day_in_years(abate.in_years(d::date)) <> d$$, 'and back');
select is(abate.day_in_years(2020.0001), '2020-01-01'::date, 'a part of a day is that day');

-- Equal yearly pace (plan, one (3)): 1 - 0.77 ^ (1/5) = 5.09 %, 1 - 0.75 ^ (1/5) = 5.59 %, 1 - 0.90 ^ (1/5) = 2.09 % a year.
create function pg_temp.percent(commitment_id int, day date) returns numeric language sql return round(100 * abate.path(commitment_id, day)::numeric, 2);
select is(pg_temp.percent(:o1, '2016-12-31'), 5.09, 'O-1: 23 % in five years are 5.09 % a year');
select is(pg_temp.percent(:o2, '2016-12-31'), 5.59, 'O-2: 25 % are 5.59 %');
select is(pg_temp.percent(:o3, '2016-12-31'), 2.09, 'O-3: 10 % are 2.09 %');
-- 0.77 ^ (4/5) = exp(0.8 * ln 0.77) = exp(-0.209092) = 0.811321
select is(pg_temp.percent(:o1, '2019-12-31'), 18.87, 'after four years 18.87 %');
select is(pg_temp.percent(:o1, '2020-12-31'), 23.00, 'on the last day the target');
select is(pg_temp.percent(:o1, '2023-01-01'), 23.00, 'and behind it');
select is(pg_temp.percent(:o1, '2015-12-31'), 0.00, 'at the end of the baseline year nothing');
select is(pg_temp.percent(:o1, '2015-12-30'), null, 'before it there is no path');
-- half of 5.0926 and 9.9258 (1 - 0.77 ^ (2/5) = 1 - exp(-0.104546) = 9.9267): (5.0928 + 9.9266) / 2 = 7.51
select is(pg_temp.percent(:o1, '2017-06-30'), 7.51, 'straight within a year: the end of June is halfway');
select is(round(abate.path(:j1, '2019-12-31')::numeric, 1), 499.3, 'a count goes straight from 0 at its start: 365 of 731 days');
select is(abate.path(:j1, '2018-12-30'), null, 'and has no path before');
select is(abate.path(:x2, '2019-07-01'), 0.5::float8, 'what has no deadline has its target for a path');
select is(abate.path(:t1, '2019-07-01'), 0.8::float8, 'a share without a figure from before, too');
select pg_temp.year('used', 2018, 60), pg_temp.year('waste', 2018, 100), pg_temp.year('voc', 2018, 70) \g /dev/null
select is(round(abate.path(:t1, '2019-12-31')::numeric, 4), 0.6999, 'with one it goes from there: 0.6 + 0.2 * 365 / 731');
select is(round(abate.path(:x1, '2019-12-31')::numeric, 2), 60.01, 'and so does a total that is to fall: 70 - 20 * 365 / 731');

-- figures along the way
create function pg_temp.points(commitment_id int, day date, with_months boolean default false) returns text
language sql return (select string_agg(n.day || ' ' || round(n.actual::numeric, 3) || case when n.is_whole then '' else ' so far' end, ', ' order by n.day)
                       from abate.commitment_points(commitment_id, pg_temp.noon(points.day), with_months) n);
select is(pg_temp.points(:o1, '2018-06-01'), null, 'without figures there is no point');
-- 2015: 1000 / 500 = 2; 2016: 990 / 550 = 1.8, a fall of 0.1; 2017: 960 / 600 = 1.6, a fall of 0.2
select pg_temp.baseline('energy', 2015, 1000), pg_temp.baseline('value_added', 2015, 500), pg_temp.year('energy', 2016, 990), pg_temp.year('value_added', 2016, 550),
       pg_temp.year('energy', 2017, 960), pg_temp.year('value_added', 2017, 600) \g /dev/null
select is(pg_temp.points(:o1, '2018-06-01'), '2015-12-31 0.000, 2016-12-31 0.100, 2017-12-31 0.200', 'a fall is that of one sum over the other, against the baseline');
select is(pg_temp.points(:o1, '2017-12-31'), '2015-12-31 0.000, 2016-12-31 0.100', 'a year that runs is not yet in it');
-- January and February 2018: (80 + 90) / (50 + 50) = 1.7, a fall of 0.15
select pg_temp.month('energy', '2018-01-01', 80), pg_temp.month('energy', '2018-02-01', 90), pg_temp.month('value_added', '2018-01-01', 50) \g /dev/null
select is(pg_temp.points(:o1, '2018-06-01'), '2015-12-31 0.000, 2016-12-31 0.100, 2017-12-31 0.200, 2018-01-31 0.200 so far', 'months count when both sums have them');
select pg_temp.month('value_added', '2018-02-01', 50) \g /dev/null
select is(pg_temp.points(:o1, '2018-06-01'), '2015-12-31 0.000, 2016-12-31 0.100, 2017-12-31 0.200, 2018-01-31 0.200 so far, 2018-02-28 0.150 so far', 'and are added up within the year');
select is(pg_temp.points(:o1, '2019-06-01'), '2015-12-31 0.000, 2016-12-31 0.100, 2017-12-31 0.200', 'only those of the running year,');
select is(pg_temp.points(:o1, '2019-06-01', true), '2015-12-31 0.000, 2016-12-31 0.100, 2017-12-31 0.200, 2018-01-31 0.200 so far, 2018-02-28 0.150 so far', 'unless all are asked for');
select pg_temp.month('built', '2019-01-01', 10), pg_temp.month('built', '2019-02-01', 20), pg_temp.month('built', '2019-04-01', 5) \g /dev/null
select is(pg_temp.points(:j2, '2019-06-01'), '2019-01-31 10.000, 2019-02-28 30.000', 'a count of what is new is added up from its first year on, as far as no month is missing');

-- The line through ln(1), ln(0.9), ln(0.8) at 2016, 2017, 2018: slope ln(0.8) / 2 = -0.111572; mean of y = (0 - 0.105361 - 0.223144) / 3
-- = -0.109501 at 2017. At 2021: -0.109501 - 4 * 0.111572 = -0.555788, exp = 0.573620: a fall of 0.4264.
select is(round(value::numeric, 4), 0.4264, 'the forecast of a fall: a straight line through the logarithms') from abate.forecast(:o1, pg_temp.noon('2018-01-15'));
-- Residuals: 0 + 0.109501 - 0.111572 = -0.002071; -0.105361 + 0.109501 = 0.004141; -0.223144 + 0.109501 + 0.111572 = -0.002071; squares 2.572e-5,
-- n - 2 = 1: s = 0.0050715. At 2021: s * sqrt(1 + 1/3 + 16/2) = s * 3.055050 = 0.015494; two of them 0.030987.
-- Low: 1 - exp(-0.555788 + 0.030987) = 0.4083; high: 1 - exp(-0.586775) = 0.4439.
select results_eq(format($$select round(low::numeric, 4), round(high::numeric, 4), points from abate.forecast(%s, pg_temp.noon('2018-01-15'))$$, :o1),
    'values (0.4083, 0.4439, 3)', 'with a band of two standard errors of prediction');
-- ln 0.77 = -0.261365 is reached at 2017 + (0.261365 - 0.109501) / 0.111572 = 2018.36114: 4.3337 months into 2018, so 0.3337 * 31 = 10.3 days into May.
select is(crosses_on, '2018-05-11'::date, 'the day it reaches the target') from abate.forecast(:o1, pg_temp.noon('2018-01-15'));
select results_eq(format($$select value, low, crosses_on, points from abate.forecast(%s, pg_temp.noon('2017-06-15'))$$, :o1), 'values (null::float8, null::float8, null::date, 2)',
    'two points are too few');
update abate.threshold set value = 2 where threshold_code = 'forecast_points';
select results_eq(format($$select round(value::numeric, 4), low from abate.forecast(%s, pg_temp.noon('2017-06-15'))$$, :o1), 'values (0.4095, null::float8)',
    'unless the threshold says otherwise: 1 - 0.9 ^ 5; two have no band');
update abate.threshold set value = 3 where threshold_code = 'forecast_points';

-- A count of 100, 200, 300 by the end of three months: 1200 a year, 1000 are reached ten months after the beginning.
select pg_temp.month('robots', '2019-01-01', 100), pg_temp.month('robots', '2019-02-01', 200), pg_temp.month('robots', '2019-03-01', 300) \g /dev/null
select results_eq(format($$select round(value::numeric, 3), round(low::numeric, 3), round(high::numeric, 3), crosses_on, points from abate.forecast(%s, pg_temp.noon('2019-05-01'))$$, :j1),
    $$values (2400.000, 2400.000, 2400.000, '2019-10-31'::date, 3)$$, 'a count goes straight; its months are points');
select pg_temp.month('robots', '2019-04-01', 250), pg_temp.month('robots', '2019-05-01', 120), pg_temp.month('robots', '2019-06-01', 60) \g /dev/null
select is(crosses_on, null, 'what goes the other way never reaches its target') from abate.forecast(:j1, pg_temp.noon('2019-08-01'));
delete from abate.indicator_value where indicator_code = 'robots' and period_from > '2019-03-31';
update abate.commitment_version set target = 61000 where commitment_id = :j1;
select is(crosses_on, null, 'nor what would take more than the years asked for: 61000 at 1200 a year') from abate.forecast(:j1, pg_temp.noon('2019-05-01'));
update abate.threshold set value = 51 where threshold_code = 'forecast_reach';
select is(crosses_on, '2069-10-31'::date, 'unless more are asked for') from abate.forecast(:j1, pg_temp.noon('2019-05-01'));
update abate.commitment_version set target = 1000 where commitment_id = :j1;

-- the view. End of February 2018: 5/6 of 0.09927 (1 - 0.77 ^ 0.4) and 1/6 of 0.14514 (1 - 0.77 ^ 0.6); 1 - exp(-0.109501 - 0.111572 * 7/6).
select set_eq('select distinct commitment_code from abate.target_path', array['O-1', 'O-2', 'O-3', 'J-1', 'J-2', 'T-1', 'X-1', 'X-2'], 'target_path has every commitment with a number');
select results_eq($$select day, round(path::numeric, 4), round(actual::numeric, 3), round(forecast::numeric, 4) from abate.target_path
                     where commitment_code = 'O-1' and day in ('2015-12-31', '2016-12-31', '2017-06-30', '2018-02-28', '2020-12-31') order by day$$,
    $$values ('2015-12-31'::date, 0.0000, 0.000, null), ('2016-12-31', 0.0509, 0.100, null), ('2017-06-30', 0.0751, null, null), ('2018-02-28', 0.1069, 0.150, 0.2131), ('2020-12-31', 0.2300, null, 0.4264)$$,
    'with path, figures so far, and the forecast behind the last whole year');
select is((select count(*) from abate.target_path where commitment_code = 'O-1'), 61::bigint, 'a row for each month from the end of the baseline year to the deadline');
create function pg_temp.as_reader() returns bigint language sql set role = 'abate_reader' return (select count(*) from abate.target_path);
select cmp_ok(pg_temp.as_reader(), '>', 0::bigint, 'whoever only reads may ask it');
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('town', 2, '2020-06-17', 'a page', 'two');
select is_empty('select * from abate.target_path', 'it tells of the newest plan alone');
select throws_ok($$select pg_temp.commitment('O-9', 'total', '2020-12-31', 'voc', 'falls_by')$$, '23514', null, 'a relation without a target is refused');
select * from finish();
rollback;
