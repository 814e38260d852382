-- Days: HJ 212-2017, appendix D: the mean of at least 20 valid hours, by the monitor's clock. S1 is at UTC+8, W1 at UTC-2:30.
begin;
select plan(34);
\ir plant.psql
\ir hours.psql
set local timezone = 'Asia/Shanghai';
create function pg_temp.hours(monitor text, begins timestamptz, first int, last int, value float8[], mark text default null) returns void language sql
begin atomic
    select pg_temp.send(monitor, 'hour', begins + n * interval '1 hour', value, mark) from generate_series(first, last) n;
end;
create function pg_temp.judged_days() returns text language plpgsql as $$
begin
    return (select string_agg(format('%s %s %s %s', m.monitor_code, f.period, x.parameter_code, j.day), ', ' order by m.monitor_code, f.period desc, x.slot, j.day)
              from pg_temp.judged_day j join abate.series x using (series_id) join abate.feed f using (feed_id) join abate.monitor m using (monitor_id));
end $$;
create function pg_temp.official(day date) returns text language sql
return (select format('%s, %s, %s, %s', case when is_reported then 'reported' else 'made' end, value, converted, is_valid)
          from abate.official_day join abate.monitor using (monitor_id) where monitor_code = 'S1' and parameter_code = 'a21026' and official_day.day = official.day);

-- 19 and 20 valid hours; converted hour by hour: 12 x 15/10 = 18 and 12 x 15/12 = 15, not 12 converted by a mean oxygen.
update abate.monitor set reference_oxygen = 6 where monitor_code = 'S1';
select pg_temp.hours('S1', '2020-11-02 00:00+08', 0, 9, '{12,NULL,11}'), pg_temp.hours('S1', '2020-11-02 00:00+08', 10, 18, '{12,NULL,9}'), pg_temp.hours('S1', '2020-11-02 00:00+08', 19, 23, '{50,NULL,9}', 'D') \g /dev/null
select is(pg_temp.judge('2020-11-03 00:59:59+08'), '24/48/0/0', 'a day is waited for an hour');
select is(pg_temp.judge('2020-11-03 01:00+08'), '0/0/2/0', 'and then closed');
select is(pg_temp.day('S1', 'hour', 'a21026', '2020-11-02'), '19 of 24: 12, not valid', 'with 19 valid hours a day is not valid');
select is(pg_temp.day('S1', 'hour', 'a19001', '2020-11-02'), '24 of 24: 9.83333333333, valid', 'oxygen is: (10 x 11 + 14 x 9) / 24');
select is(pg_temp.judged_days(), 'S1 hour a21026 2020-11-02, S1 hour a19001 2020-11-02', 'both go on to be judged');
select pg_temp.send('S1', 'hour', '2020-11-02 19:00+08', '{12,NULL,9}') \g /dev/null
select is(pg_temp.judge('2020-11-04 00:00+08'), '1/1/1/0', 'the 20th comes late');
select is(pg_temp.day('S1', 'hour', 'a21026', '2020-11-02'), '20 of 24: 12, valid', 'the day is valid now');
select is(pg_temp.official('2020-11-02'), 'made, 12, 16.5, t', 'converted: (10 x 18 + 10 x 15) / 20');
select is(pg_temp.judged_days(), 'S1 hour a21026 2020-11-02', 'only the one that has changed goes on');
select results_eq('select received, valid, value, is_valid, closed < replaced from abate.daily_revision', 'values (24::smallint, 19::smallint, 12::float8, false, true)', 'what it was stands in the revisions');
select pg_temp.send('S1', 'hour', '2020-11-02 19:00+08', '{12,NULL,9}') \g /dev/null
select is(pg_temp.judge('2020-11-04 00:00+08'), '1/0/0/0', 'the same again changes nothing');
select is((select count(*) from abate.daily_revision), 1::bigint, 'nor is it kept twice');

-- A threshold or reference oxygen that a person has changed: the span is asked for.
update abate.monitor set reference_oxygen = 11 where monitor_code = 'S1';
select abate.touch('2020-11-02 00:00+08', '2020-11-03 00:00+08') \g /dev/null
select is(pg_temp.judge('2020-11-04 00:00+08'), '24/0/1/0', 'no hour has changed, but the day');
select is(pg_temp.official('2020-11-02'), 'made, 12, 11, t', 'converted to 11 %: (10 x 12 x 10/10 + 10 x 12 x 10/12) / 20');
select is(pg_temp.judged_days(), 'S1 hour a21026 2020-11-02, S1 hour a19001 2020-11-02', 'all that was asked for is judged again');
update abate.monitor set reference_oxygen = 6 where monitor_code = 'S1';

-- A kiln that stands idle: hours at 21 % have no converted value, and are left out.
select pg_temp.hours('S1', '2020-11-04 00:00+08', 0, 18, '{12,NULL,11}'), pg_temp.hours('S1', '2020-11-04 00:00+08', 19, 22, '{1,NULL,21}'), pg_temp.hours('S1', '2020-11-04 00:00+08', 23, 23, '{1,NULL,20.9}') \g /dev/null
select pg_temp.judge('2020-11-05 01:00+08') \g /dev/null
select is(pg_temp.official('2020-11-04'), 'made, 9.70833333333, 24.6, t', '(19 x 18 + 1 x 150) / 20; as measured (19 x 12 + 5 x 1) / 24');
select pg_temp.hours('S1', '2020-11-03 00:00+08', 0, 18, '{12,NULL,11}'), pg_temp.hours('S1', '2020-11-03 00:00+08', 19, 23, '{1,NULL,21}') \g /dev/null
select pg_temp.judge('2020-11-05 01:00+08') \g /dev/null
select is(pg_temp.official('2020-11-03'), 'made, 9.70833333333, , t', 'with 19 converted hours a day has no converted mean, valid as it is');

-- What the plant reports of the day.
insert into abate.feed (monitor_id, period) select monitor_id, 'day' from abate.monitor where monitor_code = 'S1';
insert into abate.series (feed_id, parameter_code, statistic, unit) values (pg_temp.feed('S1', 'day'), 'a21026', 'Avg', 'mg/m3');
insert into abate.series (feed_id, parameter_code, statistic, unit) values (pg_temp.feed('S1', 'day'), 'a21026', 'ZsAvg', 'mg/m3');
insert into abate.series (feed_id, parameter_code, statistic, unit) values (pg_temp.feed('S1', 'day'), 'a19001', 'Avg', '%');
select pg_temp.send('S1', 'day', '2020-11-02 00:00+08', '{13,17}'), pg_temp.send('S1', 'day', '2020-11-04 00:00+08', '{6}'),
       pg_temp.send('S1', 'day', '2020-11-05 00:00+08', '{14}', 'D'), pg_temp.send('S1', 'day', '2020-11-06 00:00+08', '{14,NULL,11}') \g /dev/null
select is(pg_temp.judge('2020-11-05 02:00+08'), '3/0/4/0', 'two days are reported, and those of their hours do not count any more; a third is not over');
select is(pg_temp.official('2020-11-02'), 'reported, 13, 17, t', 'with the converted value of the report');
select is(pg_temp.official('2020-11-04'), 'reported, 6, 24.6, t', 'or, if it has none, that of the hours');
select is((select string_agg(is_official::text, ',' order by period) from abate.daily join abate.series using (series_id) join abate.feed using (feed_id)
            where day = '2020-11-02' and parameter_code = 'a21026'), 'true,false', 'the day made of hours stands beside it, and does not count');
select pg_temp.judge('2020-11-08 00:00+08') \g /dev/null
select is(pg_temp.official('2020-11-05'), 'reported, , , f', 'reported, but marked as faulty');
select is(pg_temp.official('2020-11-06'), 'reported, 14, 21, t', 'no hours: converted by the oxygen it reports, 14 x 15 / 10');
select pg_temp.hours('S1', '2020-11-05 00:00+08', 0, 19, '{12,NULL,11}') \g /dev/null
select pg_temp.judge('2020-11-08 00:00+08') \g /dev/null
select is(pg_temp.official('2020-11-05'), 'made, 12, 18, t', 'the hours come after all, and count instead');
select ok(pg_temp.judged_days() ~ 'S1 day a21026 2020-11-05', 'the one that does not count any more is judged, too');

-- A backlog: a day is not made before the last of its hours.
select pg_temp.hours('S1', '2020-11-10 00:00+08', 0, 23, '{12}') \g /dev/null
select is(pg_temp.judge('2020-11-20 00:00+08', 10), '10/10/0/0', 'ten hours');
select is(pg_temp.judge('2020-11-20 00:00+08', 10), '10/10/0/0', 'ten hours');
select is(pg_temp.judge('2020-11-20 00:00+08', 10), '4/4/1/0', 'the rest, and the day');
select is(pg_temp.day('S1', 'hour', 'a21026', '2020-11-10'), '24 of 24: 12, valid', 'made once');

-- Water: 90 mg/L at 10 L/s and 30 mg/L at 30 L/s: sum(C Q) / sum(Q) = (900 + 900) / 40 = 45; alike (90 + 30) / 2 = 60.
select pg_temp.minutes('W1', '2020-11-12 02:30+00', 0, 5, '{90,NULL,7,10}'), pg_temp.minutes('W1', '2020-11-12 03:30+00', 0, 5, '{30,NULL,8,30}'),
       pg_temp.minutes('W1', '2020-11-13 02:30+00', 0, 5, '{90,NULL,7,10}'), pg_temp.minutes('W1', '2020-11-13 03:30+00', 0, 5, '{30,NULL,8,30}', 'NNND') \g /dev/null
select pg_temp.judge('2020-11-20 00:00+08') \g /dev/null
select is(pg_temp.day('W1', 'minute', 'w01018', '2020-11-12'), '2 of 2: 45, valid', 'weighted by flow; a day of water has 1 to 24 hours');
select is(pg_temp.day('W1', 'minute', 'w01001', '2020-11-12'), '2 of 2: 7.5, valid', 'pH is not');
select is(pg_temp.day('W1', 'minute', 'w01018', '2020-11-13'), '2 of 2: 60, valid', 'nor is a day of which an hour has no valid flow');
update abate.threshold set value = 0 where threshold_code = 'day_flow_weighted';
select abate.touch('2020-11-12 00:00+00', '2020-11-14 00:00+00', 'W1') \g /dev/null
select pg_temp.judge('2020-11-20 00:00+08') \g /dev/null
select is(pg_temp.day('W1', 'minute', 'w01018', '2020-11-12'), '2 of 2: 60, valid', 'or where the threshold says that all hours are alike');
select results_eq(format('select value, is_weighted from abate.daily_revision where series_id = %s', pg_temp.series('W1', 'minute', 'w01018')), 'values (45::float8, true)', 'both are on record');

select * from finish();
rollback;
