-- Transmission effective rate (传输有效率): received / due x valid / received. S1 and S2 of plant P1 are at UTC+8, W1 is at UTC-2:30.
begin;
select plan(28);
\ir plant.psql
set local timezone = 'Asia/Shanghai';
select abate.ensure_hourly_partition(2020 * 12 + m) from generate_series(9, 11) m \g /dev/null
create function pg_temp.hours(monitor text, period text, parameter text, begins timestamptz, first int, last int, is_valid boolean default true, is_official boolean default true) returns void language sql
begin atomic
    insert into abate.hourly (series_id, received, valid, at, value, is_valid, is_official)
    select pg_temp.series(monitor, period, parameter), 60, 60, begins + n * interval '1 hour', 1, is_valid, is_official from generate_series(first, last) n;
end;
-- due received valid: transmission validity effective, in % of two places
create function pg_temp.rates(from_at timestamptz, to_at timestamptz, monitor text) returns text language sql
return (select format('%s %s %s: %s %s %s', due_hours, received_hours, valid_hours, round(transmission_rate::numeric * 100, 2), round(validity_rate::numeric * 100, 2), round(effective_rate::numeric * 100, 2))
          from abate.availability(from_at, to_at, (select monitor_id from abate.monitor m where m.monitor_code = rates.monitor)));
\set from '''2020-11-01 00:00+08'''
\set to '''2020-11-11 00:00+08'''

-- Ten days of S2, one parameter: 240 hours due, 216 come, 180 of them valid: 216/240 x 180/216 = 90 % x 83.33 % = 75 %.
select pg_temp.hours('S2', 'minute', 'a21026', :from, 0, 179), pg_temp.hours('S2', 'minute', 'a21026', :from, 180, 215, false) \g /dev/null
select is(pg_temp.rates(:from, :to, 'S2'), null, 'a monitor that need not report owes nothing');
update abate.monitor set must_report_from = '2020-10-15' where monitor_code = 'S2';
select is(pg_temp.rates(:from, :to, 'S2'), '240 216 180: 90.00 83.33 75.00', '216 of 240, of them 180: 90 % x 83.33 % = 75 %');
select is(pg_temp.rates('2020-11-01 00:30+08', '2020-11-11 00:30+08', 'S2'), '239 215 179: 89.96 83.26 74.90', 'only whole hours are due');
select is((select count(*) from abate.availability(:from, :to)), 1::bigint, 'all that must report: one');

-- Stops and faults leave the denominator; maintenance does not.
insert into abate.stoppage (plant_id, kind, begins, ends, source) select plant_id, 'stopped', '2020-11-10 00:00+08', '2020-11-10 12:00+08', 'a letter' from abate.plant where plant_code = 'P1';
select is(pg_temp.rates(:from, :to, 'S2'), '228 216 180: 94.74 83.33 78.95', 'the plant stopped for 12 hours: 228 are due');
insert into abate.stoppage (monitor_id, kind, begins, ends, source) select monitor_id, 'fault', '2020-11-08 13:30+08', '2020-11-08 17:15+08', 'a call' from abate.monitor where monitor_code = 'S2';
select is(pg_temp.rates(:from, :to, 'S2'), '223 211 180: 94.62 85.31 80.72', 'a fault from 13:30 to 17:15 touches five hours; they came, but are not counted');
insert into abate.stoppage (monitor_id, kind, begins, ends, source) select monitor_id, 'fault', '2020-11-08 15:00+08', '2020-11-08 16:00+08', 'another call' from abate.monitor where monitor_code = 'S2';
select is(pg_temp.rates(:from, :to, 'S2'), '223 211 180: 94.62 85.31 80.72', 'an hour said twice is left out once');
insert into abate.stoppage (monitor_id, kind, begins, ends, source) select monitor_id, 'maintenance', '2020-11-09 00:00+08', '2020-11-10 00:00+08', 'a visit' from abate.monitor where monitor_code = 'S2';
select is(pg_temp.rates(:from, :to, 'S2'), '223 211 180: 94.62 85.31 80.72', 'maintenance is due');
insert into abate.stoppage (monitor_id, kind, begins, source) select monitor_id, 'stopped', '2020-11-10 12:00+08', 'for good' from abate.monitor where monitor_code = 'S2';
select is(pg_temp.rates(:from, :to, 'S2'), '211 211 180: 100.00 85.31 85.31', 'a stop without an end');
select is(pg_temp.rates('2020-11-12 00:00+08', '2020-11-13 00:00+08', 'S2'), '0 0 0:   ', 'a day of it: nothing is due, so there is no rate');
delete from abate.stoppage;

-- Bounds of the duty.
update abate.monitor set must_report_from = '2020-11-03', must_report_to = '2020-11-10' where monitor_code = 'S2';
select is(pg_temp.rates(:from, :to, 'S2'), '168 168 132: 100.00 78.57 78.57', 'due from the first day of duty to the last: seven days, 132 of 168 valid');
select is(pg_temp.rates('2020-10-01 00:00+08', '2020-10-02 00:00+08', 'S2'), '0 0 0:   ', 'nothing is due before');

-- Several parameters; reported hours beside those of minutes.
update abate.monitor set must_report_from = '2020-11-01' where monitor_code = 'S1';
select pg_temp.hours('S1', 'minute', 'a21026', :from, 0, 239, true, false), pg_temp.hours('S1', 'hour', 'a21026', :from, 0, 239), pg_temp.hours('S1', 'minute', 'a21002', :from, 0, 119) \g /dev/null
select is(pg_temp.rates(:from, :to, 'S1'), '720 360 360: 50.00 100.00 50.00', 'three parameters, 720 due: 240 of one (counted once, though reported and made), 120 of another, none of the third');
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S1', 'minute'), 'a01012', 'degC');
select is(pg_temp.rates(:from, :to, 'S1'), '720 360 360: 50.00 100.00 50.00', 'where pollutants are measured, a temperature is not owed');
update abate.monitor set must_report_from = '2020-11-01' where monitor_code = 'W1';
select pg_temp.hours('W1', 'minute', 'w01018', '2020-11-01 02:30+00', 0, 17) \g /dev/null
select is(pg_temp.rates('2020-11-01 02:30+00', '2020-11-02 02:30+00', 'W1'), '24 18 18: 75.00 100.00 75.00', 'a day at UTC-2:30');

-- Month by month, up to what has been judged.
update abate.monitor set must_report_from = '2020-10-15', must_report_to = null where monitor_code = 'S2';
update abate.judge_state set judged_to = '2020-11-11 00:10+08';
create view pg_temp.months as
select monitor_code, plant_code, month, due_hours, received_hours, valid_hours, round(effective_rate::numeric, 4) as rate, is_passed, is_aimed from abate.availability_month;
select results_eq($$select * from pg_temp.months where monitor_code = 'S2' order by month$$,
    $$values ('S2', 'P1', date '2020-10-01', 408::bigint, 0::bigint, 0::bigint, 0.0000, false, false), ('S2', 'P1', '2020-11-01', 240, 216, 180, 0.7500, true, false)$$,
    '17 days of October; of November ten days, and the ten minutes an hour is waited for; 75 % passes');
select results_eq($$select monitor_code from pg_temp.months where month = '2020-11-01' order by 1$$, $$values ('S1'), ('S2'), ('W1')$$, 'all that must report');
update abate.judge_state set judged_to = '2020-11-11 00:09+08';
select results_eq($$select due_hours from pg_temp.months where monitor_code = 'S2' and month = '2020-11-01'$$, 'values (239::bigint)', 'a minute before, the last hour is not due yet');
update abate.judge_state set judged_to = '2021-01-15 00:00+08';
select results_eq($$select month, due_hours from pg_temp.months where monitor_code = 'S2' order by month$$,
    $$values (date '2020-10-01', 408::bigint), ('2020-11-01', 720), ('2020-12-01', 744), ('2021-01-01', 335)$$, 'whole months are due; the last hour judged began at 22:00');
update abate.monitor set must_report_to = '2020-11-11' where monitor_code = 'S2';
select results_eq($$select month, due_hours from pg_temp.months where monitor_code = 'S2' order by month$$, $$values (date '2020-10-01', 408::bigint), ('2020-11-01', 240)$$, 'no month after the duty has ended');
update abate.threshold set value = 0.751 where threshold_code = 'availability_pass';
select results_eq($$select is_passed from pg_temp.months where monitor_code = 'S2' and month = '2020-11-01'$$, 'values (false)', 'with a pass line of 75.1 % it does not pass');
update abate.threshold set value = 0.75 where threshold_code ~ 'availability';
select results_eq($$select is_passed, is_aimed from pg_temp.months where monitor_code = 'S2' and month = '2020-11-01'$$, 'values (true, true)', 'equal to the line is enough');
select pg_temp.as_reader('select * from abate.availability_month') \g /dev/null
select pg_temp.as_writer('select * from abate.availability_month') \g /dev/null
select is(obj_description('abate.availability_month'::regclass) is not null, true, 'the reader and the writer may ask it');

-- A whole month of a plant that stood still.
insert into abate.stoppage (plant_id, kind, begins, ends, source) select plant_id, 'stopped', '2020-11-01 00:00+08', '2020-12-01 00:00+08', 'a letter' from abate.plant where plant_code = 'P1';
select results_eq($$select due_hours, is_passed from pg_temp.months where monitor_code = 'S2' and month = '2020-11-01'$$, 'values (0::bigint, null::boolean)', 'nothing was due: neither passed nor failed');

-- Days that are closed have their hours counted; one that is touched again goes by its hours.
delete from abate.stoppage;
insert into abate.touched_day (monitor_id, day) select m.monitor_id, date '2020-11-01' + d from abate.monitor m, generate_series(0, 9) d where m.monitor_code in ('S1', 'S2');
select abate.prepare_judge(), abate.close_days('2020-11-12 00:00+08') \g /dev/null
select is(pg_temp.rates(:from, :to, 'S1') || '; ' || pg_temp.rates(:from, :to, 'S2'), '720 360 360: 50.00 100.00 50.00; 240 216 180: 90.00 83.33 75.00', 'closed: the same');
delete from abate.hourly where series_id = pg_temp.series('S2', 'minute', 'a21026') and at >= '2020-11-02 00:00+08' and at < '2020-11-02 06:00+08';
select is(pg_temp.rates(:from, :to, 'S2'), '240 216 180: 90.00 83.33 75.00', 'what was counted when the day was closed stands');
select is(pg_temp.rates('2020-11-01 12:00+08', '2020-11-02 12:00+08', 'S2'), '24 18 18: 75.00 100.00 75.00', 'but a part of a day goes by its hours');
insert into abate.touched_day (monitor_id, day) select monitor_id, '2020-11-02' from abate.monitor where monitor_code = 'S2';
select is(pg_temp.rates(:from, :to, 'S2'), '240 210 174: 87.50 82.86 72.50', 'and so does one that is touched: six fewer');

select * from finish();
rollback;
