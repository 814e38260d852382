-- Mass: concentration times flow, and what stands for the hours without one, in totals only.
begin;
select plan(35);
\ir plant.psql
create table abate.hourly_of_story partition of abate.hourly default;

-- S1  a21026 mg/m3, a00000 m3/s, and what brings a flow to standard conditions
-- S2  a21026 mg/m3, a00000 m3/h: of 1,000,000 m3/h, so that as many kg as mg/m3 go out in an hour
-- W1  w01018 mg/L,  w00000 L/s
-- As they were registered before a series took the unit of its parameter: they keep theirs.
alter table abate.series disable trigger settle_unit;
insert into abate.series (feed_id, parameter_code, unit)
select pg_temp.feed(v.monitor, 'minute'), v.parameter, v.unit
  from (values ('S1', 'a00000', 'm3/s'), ('S1', 'a01012', 'degC'), ('S1', 'a01013', 'Pa'), ('S1', 'a01014', '%'),
               ('S2', 'a00000', 'm3/h'), ('W1', 'w00000', 'L/s')) v (monitor, parameter, unit);
alter table abate.series enable trigger settle_unit;
create function pg_temp.monitor(code text) returns int language sql return (select monitor_id from abate.monitor where monitor_code = code);
create function pg_temp.close(monitor text, parameter text, from_at timestamptz, hours int, v float8, valid boolean default true, oxygen float8 default null)
    returns void language sql as $$
    insert into abate.hourly (series_id, received, valid, at, value, oxygen, is_valid)
    select pg_temp.series(monitor, 'minute', parameter), 60, case when close.valid then 60 else 10 end, from_at + h * interval '1 hour', v, oxygen, close.valid
      from generate_series(0, hours - 1) h
    on conflict (series_id, at) do update set value = excluded.value, is_valid = excluded.is_valid;
$$;
create function pg_temp.hourly(monitor text, parameter text) returns text language sql as $$
    select string_agg(round(kg::numeric, 4)::float8 || case when is_valid then '' else ' invalid' end, ', ' order by at)
      from abate.hourly_emission(pg_temp.monitor(monitor), parameter, '2020-01-01', '2023-01-01')
$$;

-- HJ 212-2017, appendix D: G = C x Q x 10^-6, kg/h of mg/m3 and m3/h.
select pg_temp.close('S1', 'a21026', '2020-11-02 00:00+08', 1, 50, true, 16), pg_temp.close('S1', 'a00000', '2020-11-02 00:00+08', 1, 20) \g /dev/null
-- 50 mg/m3 x 20 m3/s x 3600 s/h x 10^-6, whatever the oxygen.
select is(pg_temp.hourly('S1', 'a21026'), '3.6', 'concentration as measured times flow in m3/s');
select pg_temp.close('S2', 'a21026', '2020-11-02 00:00+08', 4, 35), pg_temp.close('S2', 'a00000', '2020-11-02 00:00+08', 3, 100000) \g /dev/null
select is(pg_temp.hourly('S2', 'a21026'), '3.5, 3.5, 3.5', 'and in m3/h: 35 x 100000 x 10^-6; no flow, no mass');
select pg_temp.close('S2', 'a21026', '2020-11-02 01:00+08', 1, 35, false), pg_temp.close('S2', 'a00000', '2020-11-02 02:00+08', 1, 100000, false) \g /dev/null
select is(pg_temp.hourly('S2', 'a21026'), '3.5, 3.5 invalid, 3.5 invalid', 'valid if concentration and flow are');
select pg_temp.close('W1', 'w01018', '2020-11-02 00:30+00', 1, 40), pg_temp.close('W1', 'w00000', '2020-11-02 00:30+00', 1, 10) \g /dev/null
-- 40 mg/L x 10 L/s x 3600 s/h x 10^-6
select is(pg_temp.hourly('W1', 'w01018'), '1.44', 'water: mg/L times L/s');
select is(pg_temp.hourly('W1', 'w00000'), null, 'a flow is no concentration');

-- Qsn = Qs x 273/(273 + ts) x (Ba + Ps)/101325 x (1 - Xsw)
select is(abate.standard_flow(1000, 0, 0, 101.325, 0), 1000::float8, 'dry gas at 0 degC and 101.325 kPa is as it is');
select is(abate.standard_flow(1000, 273, 0, 101.325, 0), 500::float8, 'twice as hot, half as much');
select is(abate.standard_flow(1000, 0, -1.325, 101.325, 0), 1000 * 100 / 101.325::float8, 'below the pressure outside');
select is(abate.standard_flow(1000, 0, 0, 101.325, 20), 800::float8, 'a fifth of it steam');
-- 100000 x 273/393 x 100.825/101.325 x 0.92
select is(round(abate.standard_flow(100000, 120, -0.5, 101.325, 8)::numeric, 3), 63593.034, 'all of them');
select is(abate.standard_flow(1000, -273, 0, 101.325, 0), null, 'no gas is as cold as that');

update abate.monitor set flow_is_at_stack = true where monitor_code = 'S1';
select is(pg_temp.hourly('S1', 'a21026'), null, 'a flow as in the stack is not taken without its temperature, pressure and moisture');
select pg_temp.close('S1', p, '2020-11-02 00:00+08', 1, v) from (values ('a01012', 120), ('a01013', -500), ('a01014', 8)) s (p, v) \g /dev/null
-- 3.6 kg x 0.63593034
select is(pg_temp.hourly('S1', 'a21026'), '2.2893', 'else brought to standard conditions: -500 Pa are -0.5 kPa');
select pg_temp.close('S1', 'a01014', '2020-11-02 00:00+08', 1, 8, false) \g /dev/null
select is(pg_temp.hourly('S1', 'a21026'), '2.2893 invalid', 'valid if all are');
update abate.threshold set value = 91.1925 where threshold_code = 'ambient_pressure';
-- 3.6 x 273/393 x (91.1925 - 0.5)/101.325 x 0.92
select is(pg_temp.hourly('S1', 'a21026'), '2.0593 invalid', 'by the pressure of the place');

select is(abate.convert_unit(2, 't', 'kg'), 2000::float8, 'a unit into another');
select is(abate.convert_unit(2, 'bushel', 'bushel'), 2::float8, 'into itself, whatever it is');
select is(abate.convert_unit(2, 'kWh', 'MJ'), null, 'but not electricity into heat');

-- The substitution rule of HJ 75-2017 (table substitution), on five quarters and more of S2. Each gap is said by its
-- first hour, and everything beside by its hour, both counted from the beginning of the quarter by the monitor's clock.
truncate abate.hourly;
update abate.judge_state set judged_to = '2023-01-01 00:00+00';
create function pg_temp.quarter(q date) returns timestamptz language sql immutable return abate.day_begins(q, '8 hours');
create function pg_temp.gap(q date, first_hour int, hours int) returns void language sql as
    $$ select pg_temp.close('S2', 'a21026', pg_temp.quarter(q) + first_hour * interval '1 hour', hours, 9999, false) $$;
create function pg_temp.peak(q date, hour int, v float8) returns void language sql as
    $$ select pg_temp.close('S2', 'a21026', pg_temp.quarter(q) + hour * interval '1 hour', 1, v) $$;
create function pg_temp.emitted(q date, ends date) returns text language sql as $$
    select format('%s = %s + %s kg; %s = %s + %s + %s h', round(kg::numeric, 6)::float8, round(measured_kg::numeric, 6)::float8, round(substituted_kg::numeric, 6)::float8, hours, measured_hours, substituted_hours, uncovered_hours)
      from abate.emitted(pg_temp.monitor('S2'), 'a21026', pg_temp.quarter(q), pg_temp.quarter(ends)) $$;

select pg_temp.close('S2', 'a21026', pg_temp.quarter('2021-01-01'), 24 * 546, 10), pg_temp.close('S2', 'a00000', pg_temp.quarter('2021-01-01'), 24 * 546, 1e6) \g /dev/null
-- Q1 2021 has 90 days, 2160 hours.
select is(pg_temp.emitted('2021-01-01', '2021-04-01'), '21600 = 21600 + 0 kg; 2160 = 2160 + 0 + 0 h', 'a quarter without a gap');

-- Valid 2111 of 2160 hours: 97.7 %.
--   24 hours at 300: the highest of the last 180 valid, those at 120 to 299: 20. At 119 there is a 30.
--   25 hours at 1100: the highest of the last 720 valid, those at 380 to 1099: 25. At 379 there is a 26.
-- Measured: 2111 x 10 + 10 + 20 + 15 + 16 = 21171. Substituted: 24 x 20 + 25 x 25 = 1105.
select pg_temp.gap('2021-01-01', 300, 24), pg_temp.gap('2021-01-01', 1100, 25) \g /dev/null
select pg_temp.peak('2021-01-01', h, v) from (values (120, 20), (119, 30), (380, 25), (379, 26)) p (h, v) \g /dev/null
select is(pg_temp.emitted('2021-01-01', '2021-04-01'), '22276 = 21171 + 1105 kg; 2160 = 2111 + 49 + 0 h', '90 % and more are valid: 180 hours for a gap of a day, 720 for a longer one');
select results_eq($$select state, round(kg::numeric, 6)::float8, count(*) from abate.emission_hour(pg_temp.monitor('S2'), 'a21026', pg_temp.quarter('2021-01-01') + interval '1099 hours', pg_temp.quarter('2021-01-01') + interval '1101 hours') group by 1, 2 order by 1$$,
    $$values ('measured', 10::float8, 1::bigint), ('substituted', 25, 1)$$, 'an hour within the gap counts as the whole gap does');
select results_eq($$select month, round(kg::numeric, 6)::float8, round(measured_kg::numeric, 6)::float8, round(substituted_kg::numeric, 6)::float8, uncovered_hours from abate.emission_month where monitor_code = 'S2' and parameter_code = 'a21026' and month < '2021-04-01' order by month$$,
    $$values ('2021-01-01'::date, 744 * 10 - 240 + 10 + 20 + 15 + 16 + 480.0::float8, 744 * 10 - 240 + 61.0::float8, 480::float8, 0), ('2021-02-01', 672 * 10 - 250 + 625, 672 * 10 - 250, 625, 0), ('2021-03-01', 7440, 7440, 0, 0)$$,
    'months add up to their quarter');

-- Q2 2021, 2184 hours, 1784 valid: 81.7 %. The highest of the last 2160 valid: 100 of this quarter, and of the 2111 of
-- the former without its first 51: at 51 there is a 60, at 50 a 70.
select pg_temp.gap('2021-04-01', 100, 400) \g /dev/null
select pg_temp.peak('2021-01-01', h, v) from (values (51, 60), (50, 70)) p (h, v) \g /dev/null
select is(pg_temp.emitted('2021-04-01', '2021-07-01'), '41840 = 17840 + 24000 kg; 2184 = 1784 + 400 + 0 h', 'less than 90 %: 2160 hours');
-- Q3 2021, 2208 hours: 552 invalid are 25 %; with one more it is not usable.
select pg_temp.gap('2021-07-01', 1000, 552) \g /dev/null
select is(pg_temp.emitted('2021-07-01', '2021-10-01'), '22080 = 16560 + 5520 kg; 2208 = 1656 + 552 + 0 h', '75 % of it valid will do');
select pg_temp.gap('2021-07-01', 1552, 1) \g /dev/null
select is(pg_temp.emitted('2021-07-01', '2021-10-01'), '16550 = 16550 + 0 kg; 2208 = 1655 + 0 + 553 h', 'less will not: the hours stay uncovered, and are said');
-- Q4 2021, 2208 hours; 220 invalid are 9.96 %, 221 more than 10 %. At 1700 there is a 40: the 720 hours before 1500 have 10.
select pg_temp.peak('2021-10-01', 700, 40), pg_temp.gap('2021-10-01', 1500, 220) \g /dev/null
select is(pg_temp.emitted('2021-10-01', '2022-01-01'), '22110 = 19910 + 2200 kg; 2208 = 1988 + 220 + 0 h', 'just over 90 %: 720 hours');
select pg_temp.gap('2021-10-01', 1720, 1) \g /dev/null
select is(pg_temp.emitted('2021-10-01', '2022-01-01'), '28740 = 19900 + 8840 kg; 2208 = 1987 + 221 + 0 h', 'just under: 2160');
-- A gap of 20 hours over the end of the quarter is one of 10 in each, and neither is longer than a day.
select is(pg_temp.emitted('2022-01-01', '2022-04-01'), '21600 = 21600 + 0 kg; 2160 = 2160 + 0 + 0 h', 'before');
select pg_temp.gap('2022-01-01', -10, 40), pg_temp.peak('2021-10-01', 2000, 15), pg_temp.peak('2021-10-01', 1800, 17) \g /dev/null
-- In Q1 30 hours of 2160: the last 720 valid before have the 17. (In Q4 10 hours, and 231 invalid of 2208 in all.)
select is(pg_temp.emitted('2022-01-01', '2022-04-01'), '21810 = 21300 + 510 kg; 2160 = 2130 + 30 + 0 h', 'a gap over the end of a quarter is one in each; what went before it is looked for across it');

-- A stop: Q1 2022 with 1160 hours stopped has 1000 that are due. 200 invalid are 20 % of these (9 % of the quarter).
insert into abate.stoppage (plant_id, kind, begins, ends, source)
select plant_id, 'stopped', pg_temp.quarter('2022-01-01') + interval '1000 hours', pg_temp.quarter('2022-04-01'), 'a letter' from abate.plant where plant_code = 'P1';
select pg_temp.gap('2022-01-01', 500, 170) \g /dev/null
-- 800 x 10; the 2160 hours before either gap have the 40 of the quarter before: 200 x 40
select is(pg_temp.emitted('2022-01-01', '2022-04-01'), '16000 = 8000 + 8000 kg; 1000 = 800 + 200 + 0 h', 'hours of a reported stop count nothing and are not due');
update abate.stoppage set kind = 'maintenance';
-- 30 x 17 as before; the 720 hours before 500 reach back to the 15 of the quarter before, not to its 17: 170 x 15.
select is(pg_temp.emitted('2022-01-01', '2022-04-01'), '22660 = 19600 + 3060 kg; 2160 = 1960 + 200 + 0 h', 'hours of maintenance are due');

-- Not yet closed, or not due any more.
update abate.judge_state set judged_to = pg_temp.quarter('2022-01-01') + interval '100 hours 12 minutes';
-- The 100 hours have 30 invalid: 70 %.
select is(pg_temp.emitted('2022-01-01', '2022-04-01'), '700 = 700 + 0 kg; 100 = 70 + 0 + 30 h', 'hours that are not closed yet are not due');
update abate.judge_state set judged_to = '2023-01-01 00:00+00';
update abate.monitor set must_report_from = '2022-01-03', must_report_to = '2022-01-11' where monitor_code = 'S2';
select is(pg_temp.emitted('2022-01-01', '2022-04-01'), '1920 = 1920 + 0 kg; 192 = 192 + 0 + 0 h', 'nor those before the monitor must report, or after');
update abate.monitor set must_report_from = null, must_report_to = null where monitor_code = 'S2';
-- Nothing is known from before 2021.
select pg_temp.gap('2021-01-01', 0, 5) \g /dev/null
select is(uncovered_hours || ' ' || kg, '5 50', 'nothing went before: uncovered')
  from abate.emitted(pg_temp.monitor('S2'), 'a21026', pg_temp.quarter('2021-01-01'), pg_temp.quarter('2021-01-01') + interval '10 hours');

-- Water (HJ 356-2019): the mean of as many valid hours before the gap as it is long.
select pg_temp.close('W1', 'w00000', '2021-02-01 00:30+00', 20, 1000 / 3.6) \g /dev/null
select pg_temp.close('W1', 'w01018', '2021-02-01 00:30+00'::timestamptz + h * interval '1 hour', 1, v, v < 9000) from unnest(array[9, 1, 2, 6, 9999, 9999, 9999, 5]) with ordinality x (v, h) \g /dev/null
-- 3 hours at (1 + 2 + 6) / 3
select is(round(substituted_kg::numeric, 9) || ' ' || round(measured_kg::numeric, 9), '9.000000000 23.000000000', 'water: the mean of three hours for a gap of three')
  from abate.emitted(pg_temp.monitor('W1'), 'w01018', '2021-02-01 01:30+00', '2021-02-01 09:30+00');

select * from finish();
rollback;
