-- The limits the demo holds readings against. None has been compared with its standard by a person: confirmed_by is empty.
begin;

-- Real limits. They were never in force for this plant: a Chinese standard of 2002, readings of a Spanish plant of 1990
-- and 1991. They show how the plant would stand.
insert into abate.emission_limit
    (parameter_code, period, monitor_id, lower, upper, unit, standard, clause, source)
select l.parameter_code, 'day', m.monitor_id, l.lower, l.upper, l.unit, 'GB 18918-2002',
       '一级A (class 1A), daily mean',
       'quoted in part by ryyc.cn and by configuration tables of public repositories; that the daily mean counts is from '
       'memory; never in force for this plant'
  from (values
    ('w01018', null, 50, 'mg/L'),
    ('w01017', null, 10, 'mg/L'),
    ('w01012', null, 10, 'mg/L'),
    ('w01001', 6,    9,  '1')
  ) as l (parameter_code, lower, upper, unit)
  join abate.monitor m on m.monitor_code = 'WWTP-BCN-OUTLET';

-- Thresholds, no limits.
insert into abate.emission_limit
    (parameter_code, period, monitor_id, upper, unit, standard, clause, source)
select 'a21002', 'hour', m.monitor_id, l.upper, 'mg/m3', 'none: a threshold', 'NOx ' || l.upper || ' mg/m3, hourly mean',
       'threshold named with the data set (UCI 551), not a limit in force; no correction to reference oxygen, which the '
       'set has not'
  from (values (100), (50)) as l (upper)
  join abate.monitor m on m.monitor_code = 'GT-TR-STACK';

-- For the simulated plant, if there is one. The limits are for hourly means; minutes held against them are an early warning.
insert into abate.emission_limit
    (parameter_code, period, plant_id, upper, upper_clear, hold, unit, standard, clause, source)
select l.parameter_code, 'minute', p.plant_id, l.upper, l.upper * 0.9, '2 minutes', 'mg/m3', '环大气〔2019〕35号',
       'sinter strand head, hourly mean', 'langguan-vision.com/news/2395 and /4888; held here against simulated minutes'
  from (values ('a34013', 10), ('a21026', 35), ('a21002', 50)) as l (parameter_code, upper)
  join abate.plant p on p.plant_code = 'SIM';

commit;
