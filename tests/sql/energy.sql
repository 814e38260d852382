-- Energy as coal equivalent, and what meters tell of a region: energy, water, mass.
begin;
select plan(32);
\ir plant.psql
create table abate.hourly_of_story partition of abate.hourly default;

-- GB/T 2589 as in table energy_factor: kWh 0.1229, m3 of natural gas 1.33, kg of raw coal 0.7143, MJ of heat 0.03412.
select is(round(abate.coal_equivalent(carrier, unit, amount, '2020-06-01')::numeric, 6)::float8, expected::float8, name) from (values
    ('electricity', 'electricity', 'kWh', 1000, 122.9),
    ('in another unit: 1 MWh is 1000 kWh', 'electricity', 'MWh', 1, 122.9),
    ('gas', 'natural_gas', 'm3', 10, 13.3),
    ('coal in tonnes: 2000 kg', 'raw_coal', 't', 2, 1428.6),
    ('heat: 1 GJ is 1000 MJ', 'heat', 'GJ', 1, 34.12),
    ('a unit that does not lead to the factor''s', 'electricity', 'MJ', 1, null),
    ('a unit nobody knows', 'raw_coal', 'sack', 1, null),
    ('a carrier nobody knows', 'peat', 'kg', 1, null),
    ('nothing used', 'electricity', 'kWh', 0, 0)
  ) s (name, carrier, unit, amount, expected);

insert into abate.energy_basis (carrier_code, basis, source, valid_from) values ('electricity', 'equal_value', 'a notice', '2020-01-01 00:00+08');
select is(abate.coal_equivalent('electricity', 'kWh', 1, '2020-06-01'), null, 'another basis counts, and has no factor: not known, rather than wrong');
insert into abate.energy_factor (carrier_code, name_zh, name_en, unit, basis, kgce, source, valid_from, valid_to) values
    ('electricity', '电力', 'electricity', 'kWh', 'equal_value', 0.3, 'a notice', '2020-01-01 00:00+08', '2020-07-01 00:00+08'),
    ('electricity', '电力', 'electricity', 'kWh', 'equal_value', 0.4, 'a notice', '2020-07-01 00:00+08', 'infinity');
select is(abate.coal_equivalent('electricity', 'kWh', 100, at), expected::float8, name) from (values
    ('the factor of that time', '2020-06-30 23:59+08'::timestamptz, 30), ('and of this', '2020-07-01 00:00+08', 40),
    ('before, the other basis', '2019-12-31 23:59+08', 12.29)) s (name, at, expected);
insert into abate.energy_factor (carrier_code, name_zh, name_en, unit, basis, kgce, source) values ('raw_coal', '原煤', 'raw coal', 't', 'calorific', 500, 'a laboratory');
select is(abate.coal_equivalent('raw_coal', 't', 2, '2020-06-01'), 1000::float8, 'a factor for the same unit goes first');

-- 410100 has a part 410181, that has a part 410181-1; 410200 is another place. P1 is in the first, P2 in the second,
-- P3 in the third, P4 elsewhere. A meter of each: e1 kWh (register), e2 t of raw coal (interval, hours); w1 and w4 m3.
insert into abate.region (region_code, parent_code) values ('410181', '410100'), ('410181-1', '410181'), ('410200', null);
update abate.plant set region_code = '410181' where plant_code = 'P2';
insert into abate.plant (plant_code, region_code) values ('P3', '410181-1'), ('P4', '410200');
insert into abate.monitor (monitor_code, plant_id, medium)
select v.code, p.plant_id, v.medium
  from (values ('e1', 'P1', 'energy'), ('e2', 'P2', 'energy'), ('w1', 'P1', 'water_use'), ('w3', 'P3', 'water_use'), ('w4', 'P4', 'water_use')) v (code, plant, medium)
  join abate.plant p on p.plant_code = v.plant;
insert into abate.feed (monitor_id, period) select monitor_id, 'hour' from abate.monitor where monitor_code ~ '^[ew]';
-- As they were registered before a series took the unit of its parameter: they keep theirs.
alter table abate.series disable trigger settle_unit;
insert into abate.series (feed_id, parameter_code, unit)
select pg_temp.feed(v.code, 'hour'), v.parameter, v.unit
  from (values ('e1', 'i33201', 'kWh'), ('e2', 'x_energy', 't'), ('w1', 'x_water', 'm3'), ('w3', 'x_water', 'L'), ('w4', 'x_water', 'm3')) v (code, parameter, unit);

select set_eq($$select abate.region_parts('410100')$$, array['410100', '410181', '410181-1'], 'the parts of a region, and theirs');
insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds, origin, parameter_code) values
    ('energy', '能耗', 'energy', 'tce', 'sum', 'energy', null), ('water', '用水', 'water', 'm3', 'sum', 'water', null), ('water_big', '用水', 'water', '10^4 m3', 'sum', 'water', null),
    ('so2', '二氧化硫', 'sulphur dioxide', 't', 'sum', 'mass', 'a21026'), ('robots', '机器人', 'robots', '1', 'last', 'reported', null), ('odd', '用水', 'water', 'bucket', 'sum', 'water', null);
create function pg_temp.told(indicator text, region text, from_day date, to_day date) returns text language sql as $$
    select concat_ws(' ', coalesce(round(value::numeric, 9)::float8::text, 'null'), evidence) from abate.metered_figure(indicator, region, from_day, to_day) $$;
select is(pg_temp.told('energy', '410100', '2020-06-01', '2020-07-01'), 'null {"meters": 0, "plants": 0, "unknown": [], "hours_due": 0, "hours_covered": 0}', 'no meter, no figure');
insert into abate.meter (series_id, measures, reads, carrier_code) values
    (pg_temp.series('e1', 'hour', 'i33201'), 'energy', 'register', 'electricity'), (pg_temp.series('e2', 'hour', 'x_energy'), 'energy', 'interval', 'raw_coal'),
    (pg_temp.series('w1', 'hour', 'x_water'), 'water', 'interval', null), (pg_temp.series('w3', 'hour', 'x_water'), 'water', 'interval', null),
    (pg_temp.series('w4', 'hour', 'x_water'), 'water', 'interval', null);
select is(pg_temp.told('energy', '410100', '2020-06-01', '2020-07-01'), 'null {"meters": 2, "plants": 2, "unknown": [], "hours_due": 1440, "hours_covered": 0}', 'meters that counted nothing are no 0');

-- e1: from 05-31 23:00 to 07-01 00:00 of the monitor's clock 10 kWh in every second hour. e2: 1 t in each of 3 hours of June.
insert into abate.consumption select pg_temp.series('e1', 'hour', 'i33201'), t, 10, 'bridged' from generate_series('2020-05-31 23:00+08'::timestamptz, '2020-07-01 01:00+08', '2 hours') t;
insert into abate.consumption select pg_temp.series('e2', 'hour', 'x_energy'), t, 1, 'measured' from generate_series('2020-06-10 00:00+08'::timestamptz, '2020-06-10 02:00+08', '1 hour') t;
-- June: hours 01:00 on the 1st to 23:00 on the 30th: 360 x 10 kWh x 0.3 = 1080 kgce; 3 t x 500 = 1500 kgce. Covered: 719 + 3.
select is(pg_temp.told('energy', '410100', '2020-06-01', '2020-07-01'), '2.58 {"meters": 2, "plants": 2, "unknown": [], "hours_due": 1440, "hours_covered": 722}', 'energy of a region and its parts');
select is(pg_temp.told('energy', '410181', '2020-06-01', '2020-07-01'), '1.5 {"meters": 1, "plants": 1, "unknown": [], "hours_due": 720, "hours_covered": 3}', 'of a part alone');
-- 1080 + 1500, and of July 1 hour x 10 kWh x 0.4
select is(pg_temp.told('energy', '410100', '2020-06-01', '2020-08-01'), '2.584 {"meters": 2, "plants": 2, "unknown": [], "hours_due": 2928, "hours_covered": 724}', 'each month by its own factor');
update abate.monitor set must_report_from = '2020-06-21', must_report_to = '2020-06-29' where monitor_code = 'e2';
select is(pg_temp.told('energy', '410181', '2020-06-01', '2020-07-01'), '1.5 {"meters": 1, "plants": 1, "unknown": [], "hours_due": 192, "hours_covered": 3}', 'hours are due while the monitor must report');

select results_eq($$select plant_code, month, round(tce::numeric, 9)::float8, basis, unknown_carriers from abate.energy_month where month = '2020-06-01' order by 1$$,
    $$values ('P1', '2020-06-01'::date, 1.08::float8, 'equal_value', '{}'::text[]), ('P2', '2020-06-01', 1.5, 'calorific', '{}')$$, 'each plant''s month');
update abate.meter set carrier_code = 'peat' where carrier_code = 'raw_coal';
select results_eq($$select plant_code, tce, unknown_carriers from abate.energy_month where month = '2020-06-01' and plant_code = 'P2'$$,
    $$values ('P2', null::float8, '{peat}'::text[])$$, 'a carrier without a factor is named');
select is(pg_temp.told('energy', '410100', '2020-06-01', '2020-07-01'), 'null {"meters": 2, "plants": 2, "unknown": ["peat in t"], "hours_due": 912, "hours_covered": 722}', 'and leaves the sum unknown, not smaller');

insert into abate.consumption select pg_temp.series(m, 'hour', 'x_water'), '2020-06-10 00:00+08', a, 'measured' from (values ('w1', 5), ('w3', 2500), ('w4', 1000)) v (m, a);
select is(pg_temp.told('water', '410100', '2020-06-01', '2020-07-01'), '7.5 {"meters": 2, "plants": 2, "unknown": [], "hours_due": 1440, "hours_covered": 2}', 'water: 5 m3 and 2500 L; another region''s is not in it');
select is(pg_temp.told('water_big', '410100', '2020-06-01', '2020-07-01'), '0.00075 {"meters": 2, "plants": 2, "unknown": [], "hours_due": 1440, "hours_covered": 2}', 'in the unit of the indicator');
select is(pg_temp.told('odd', '410100', '2020-06-01', '2020-07-01'), 'null {"meters": 2, "plants": 2, "unknown": ["m3 in bucket"], "hours_due": 1440, "hours_covered": 2}', 'a unit that cannot be reached is said');

-- S2: 1,000,000 m3/h, 100 mg/m3: 100 kg an hour, on 2020-06-01 but for two hours. S1 has no flow.
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S2', 'minute'), 'a00000', 'm3/h');
insert into abate.hourly (series_id, received, valid, at, value, is_valid)
select pg_temp.series('S2', 'minute', p), 60, 60, t, v, p = 'a00000' or t not between '2020-06-01 04:00+08' and '2020-06-01 05:00+08'
  from (values ('a00000', 1e6), ('a21026', 100)) s (p, v), generate_series('2020-06-01 00:00+08'::timestamptz, '2020-06-01 23:00+08', '1 hour') t;
update abate.monitor set must_report_from = '2020-06-01' where monitor_code = 'S2';
-- 22 of 24 hours are 91.7 %: the two are put at 100 kg.
select is(pg_temp.told('so2', '410100', '2020-06-01', '2020-06-02'),
    '2.4 {"plants": 1, "monitors": 1, "hours_due": 24, "hours_covered": 22, "uncovered_hours": 0, "substituted_hours": 2, "substituted_share": 0.083333, "monitors_without_flow": 1}',
    'mass in t, with the share that stands for gaps');
select is(pg_temp.told('so2', '410200', '2020-06-01', '2020-06-02') ~ '^null .*"monitors": 0', true, 'no monitor, no mass');
select is(pg_temp.told('robots', '410100', '2020-06-01', '2020-06-02'), 'null', 'what meters do not tell');
select is(pg_temp.told('nothing', '410100', '2020-06-01', '2020-06-02'), 'null', 'an indicator nobody knows');
select lives_ok($$select pg_temp.as_reader('select * from abate.energy_month; select abate.metered_figure(''energy'', ''410100'', ''2020-06-01'', ''2020-07-01''); select * from abate.emission_month')$$, 'the reader may ask');

select * from finish();
rollback;
