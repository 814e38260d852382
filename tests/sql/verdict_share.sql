-- Verdicts on shares: one sum as a part of another.
--
-- The plan, five (4): 党政机关及公共机构购买的新能源汽车占当年配备更新总量的比例不低于80% by the end of 2020: of those bought in the year.
-- Six (5): 力争2020年年底前全市工业固体废物综合利用率达到80%以上 (soft).
begin;
select plan(19);
\ir plan_stage.psql
select pg_temp.indicator('nev', unit => '1'), pg_temp.indicator('cars', unit => '1'), pg_temp.indicator('used'), pg_temp.indicator('waste'),
       pg_temp.indicator('green_buses', 'last', '1'), pg_temp.indicator('buses', 'last', '1') \g /dev/null
select pg_temp.commitment('L-2', 'share', '2020-12-31', 'nev', 'at_least', 0.8, per => 'cars') as l2,
       pg_temp.commitment('T-1', 'share', '2020-12-31', 'used', 'at_least', 0.8, per => 'waste', is_soft => true) as t1,
       pg_temp.commitment('L-3', 'share', null, 'green_buses', 'at_least', 1, per => 'buses', is_soft => true) as l3 \gset
create function pg_temp.said(commitment_id int, day date) returns text language sql
return (select f.verdict || ': ' || f.reason from pg_temp.found(commitment_id, day) f);

select is(pg_temp.said(:l2, '2020-07-01'), 'unknown: no figure of nev for 2019', 'no figure: unknown, and which');
-- 2019: 60 of 100. 2020: 120 of 150 = 80 %.
select pg_temp.year('nev', 2019, 60), pg_temp.year('cars', 2019, 100) \g /dev/null
select is(pg_temp.said(:l2, '2020-07-01'), 'behind: 60 % by 2019-12-31, at least 80 % wanted in the end and 80 % by then', 'behind; without a figure from before it began, the path is the target');
select is(pg_temp.said(:l2, '2021-07-01'), 'unknown: no figure of nev for 2020; 60 % by 2019-12-31, at least 80 % wanted', 'the deadline''s year must be there');
select pg_temp.year('nev', 2020, 120), pg_temp.year('cars', 2020, 150) \g /dev/null
select is(pg_temp.said(:l2, '2021-01-01'), 'met: 80 % by 2020-12-31, at least 80 % wanted', 'just 80 % are not below 80 %');
select is(pg_temp.verdict(:l2, '2020-12-31'), 'behind', 'on the deadline itself the year is not over');
select pg_temp.year('cars', 2020, 151) \g /dev/null
select is(pg_temp.said(:l2, '2021-01-01'), 'missed: 79.47 % by 2020-12-31, at least 80 % wanted', 'one more car, said late: missed');
select pg_temp.year('nev', 2021, 90), pg_temp.year('cars', 2021, 100) \g /dev/null
select is(pg_temp.said(:l2, '2022-01-01'), 'met_late: 90 % by 2021-12-31, at least 80 % wanted', 'a later year: late');

-- The months of the running year: 2020 until February, 18 of 20.
select pg_temp.month('nev', '2020-01-01', 10), pg_temp.month('nev', '2020-02-01', 8), pg_temp.month('cars', '2020-01-01', 10) \g /dev/null
select is(pg_temp.said(:l2, '2020-02-15'), 'on_track: 100 % by 2020-01-31, at least 80 % wanted in the end and 80 % by then', 'the year so far');
select is(pg_temp.verdict(:l2, '2020-03-15'), 'on_track', 'as far as both have it');
select pg_temp.month('cars', '2020-02-01', 20) \g /dev/null
select is(pg_temp.said(:l2, '2020-03-15'), 'behind: 60 % by 2020-02-29, at least 80 % wanted in the end and 80 % by then', 'and together: 18 of 30');

-- A share with figures from before goes on a line: 2018 70 %; by 2019-12-31 0.7 + 0.1 * 197 / 563 = 73.5 %. 2017 and 2018: 66, 70; 2019: 74 of 100.
select pg_temp.year('used', y, x), pg_temp.year('waste', y, 100) from (values (2017, 66), (2018, 70), (2019, 74)) f (y, x) \g /dev/null
select is(pg_temp.said(:t1, '2020-07-01'), 'on_track: 74 % by 2019-12-31, at least 80 % wanted in the end and 73.5 % by then', 'a soft one is judged all the same, on its line');
select results_eq(format($$select round(forecast::numeric, 4), crosses_on from pg_temp.found(%s, '2020-07-01')$$, :t1),
    $$values (0.7800, '2021-06-30'::date)$$, 'four points a year: 78 % in the end, 80 % half a year later');
select pg_temp.year('used', 2019, 73) \g /dev/null
select is(pg_temp.verdict(:t1, '2020-07-01'), 'behind', 'corrected to 73 % it is behind');
select pg_temp.year('used', 2019, 85) \g /dev/null
select is(pg_temp.verdict(:t1, '2020-07-01'), 'on_track', 'a year before the deadline that is better than the target is on track, not met');
select pg_temp.year('used', 2020, 85), pg_temp.year('waste', 2020, 0) \g /dev/null
select is(pg_temp.said(:t1, '2021-07-01'), 'unknown: the figure of waste for 2020 is 0; 85 % by 2019-12-31, at least 80 % wanted', 'of nothing there is no share');

-- Of stocks: the last day of the year counts, not the sum of months.
select pg_temp.month('green_buses', '2019-11-01', 90), pg_temp.month('buses', '2019-11-01', 100) \g /dev/null
select is(pg_temp.said(:l3, '2020-07-01'), 'unknown: no figure of green_buses for 2019', 'a stock of November is not that of the year');
select pg_temp.month('green_buses', '2019-12-01', 95), pg_temp.month('buses', '2019-12-01', 100) \g /dev/null
select is(pg_temp.said(:l3, '2020-07-01'), 'missed: 95 % by 2019-12-31, at least 100 % wanted', 'that of December is; without a deadline each year is judged by itself');
select pg_temp.year('green_buses', 2020, 100), pg_temp.year('buses', 2020, 100) \g /dev/null
select is(pg_temp.verdict(:l3, '2021-07-01'), 'met', 'and is kept or not');
select is(pg_temp.verdict(:l3, '2020-12-31'), 'missed', 'at its time');
select * from finish();
rollback;
