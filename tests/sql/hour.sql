-- Hours: HJ 212-2017, appendix D. S1 and S2 are at UTC+8, W1 is at UTC-2:30.
begin;
select plan(82);
\ir plant.psql
\ir hours.psql
set local timezone = 'Asia/Shanghai';
\set n8 '''2020-11-02 08:00+08'''
\set n9 '''2020-11-02 09:00+08'''
\set n10 '''2020-11-02 10:00+08'''
\set n11 '''2020-11-02 11:00+08'''
\set n12 '''2020-11-02 12:00+08'''

-- When an hour is closed: 60 minutes, and 10 of grace.
select pg_temp.minutes('S2', :n8, 0, 59, '{8.3}') \g /dev/null
select is(pg_temp.judge('2020-11-02 09:09:59+08'), '0/0/0/0', 'an hour is waited for');
select is(pg_temp.judge('2020-11-02 09:10+08'), '1/1/0/0', 'and then closed');
select is(pg_temp.hour('S2', 'minute', 'a21026', :n8), '60 of 60: 8.3, valid', 'sixty times 8.3 is a mean of 8.3, not a hair more');
select is(pg_temp.judged(), 'S2 minute a21026 02 08:00', 'it goes on to be judged');
select is_empty('select * from abate.touched_hour', 'nothing is left to do');
select set_eq('select monitor_code, day from abate.touched_day join abate.monitor using (monitor_id)', $$values ('S2', date '2020-11-02')$$, 'but the day');
select is(obj_description('abate.hourly_2020_11'::regclass), 'Hours of 2020-11 (UTC).', 'the month''s partition was made');

-- (D.2) k >= 45 valid minutes.
select pg_temp.minutes('S1', :n8, 0, 43, '{10,20,30}'), pg_temp.minutes('S1', :n8, 44, 44, '{10,20,30}', 'DNN'), pg_temp.minutes('S1', :n8, 45, 59, '{99,20,30}', 'DND') \g /dev/null
select is(pg_temp.judge(:n12), '1/3/0/0', 'three series of a feed');
select is(pg_temp.hour('S1', 'minute', 'a21026', :n8), '44 of 60: 10, not valid', 'with 44 valid minutes an hour is not valid');
select is(pg_temp.hour('S1', 'minute', 'a34013', :n8), '45 of 60: 30, valid', 'with 45 it is; the marks are of each slot');
select is(pg_temp.hour('S1', 'minute', 'a21002', :n8), '60 of 60: 20, valid', 'another slot is not touched by them');
select is(pg_temp.hour('S1', 'minute', 'a19001', :n8), null, 'a series that sent nothing has no hour');

-- Each mark; the mean of (1, 2) is that of N and of none.
select pg_temp.send('S2', 'minute', '2020-11-02 09:00+08'::timestamptz + n * interval '1 minute', array[n]::float8[], mark)
  from unnest('{NULL,N,F,M,S,D,C,T,B,x}'::text[]) with ordinality u (mark, n) \g /dev/null
select pg_temp.send('S2', 'minute', '2020-11-02 09:30+08', '{NULL}', 'D'), pg_temp.send('S2', 'minute', '2020-11-02 09:31+08', '{NULL}') \g /dev/null
select pg_temp.judge(:n12) \g /dev/null
select is(pg_temp.hour('S2', 'minute', 'a21026', :n9), '2 of 11: 1.5, not valid',
    'no mark and N count, F M S D C T B and an unknown one do not; a mark without a value came, nothing at all did not');
select pg_temp.minutes('S2', :n10, 0, 59, '{5}', 'D') \g /dev/null
select pg_temp.judge(:n12) \g /dev/null
select is(pg_temp.hour('S2', 'minute', 'a21026', :n10), '0 of 60: none, not valid', 'an hour of nothing but faults has no value');

-- Several to a minute: a minute is one minute, and its mean weighs as one.
select pg_temp.send('S2', 'minute', '2020-11-02 11:00+08'::timestamptz + n * interval '30 seconds', array[n % 2 * 20]::float8[]) from generate_series(0, 1) n \g /dev/null
select pg_temp.minutes('S2', :n11, 1, 43, '{54}') \g /dev/null
select pg_temp.judge('2020-11-02 13:00+08') \g /dev/null
select is(pg_temp.hour('S2', 'minute', 'a21026', :n11), '44 of 44: 53, not valid', '45 readings in 44 minutes: 44; (10 + 43 x 54) / 44 = 53');

-- Real time: every 5 s.
insert into abate.feed (monitor_id, period) select monitor_id, 'realtime' from abate.monitor where monitor_code = 'S2';
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('S2', 'realtime'), 'a21002', 'mg/m3');
select pg_temp.send('S2', 'realtime', '2020-11-02 08:00+08'::timestamptz + n * interval '5 seconds', array[1 + n / 12]::float8[],
                    case when n < 540 or n % 12 = 0 then 'N' else 'D' end) from generate_series(0, 719) n where n % 12 < 11 or n < 12 * 30 \g /dev/null
select pg_temp.judge(:n12) \g /dev/null
select is(pg_temp.hour('S2', 'realtime', 'a21002', :n8), '60 of 60: 30.5, valid', 'a minute counts with one valid value; the mean of minutes 1 to 60');
update abate.threshold set valid_to = '2020-11-02 09:00+08' where threshold_code = 'minute_valid_values';
insert into abate.threshold (threshold_code, value, unit, meaning, source, valid_from) values ('minute_valid_values', 12, '1', 'D.2: n >= 12', 'a page', '2020-11-02 09:00+08');
select pg_temp.send('S2', 'realtime', '2020-11-02 09:00+08'::timestamptz + n * interval '5 seconds', array[1 + n / 12]::float8[],
                    case when n < 540 or n % 12 = 0 then 'N' else 'D' end) from generate_series(0, 719) n where n % 12 < 11 or n < 12 * 30 \g /dev/null
select pg_temp.judge(:n12) \g /dev/null
select is(pg_temp.hour('S2', 'realtime', 'a21002', :n9), '30 of 60: 15.5, not valid', 'with n >= 12 (D.2), minutes of 11 values do not: the mean of minutes 1 to 30');
select abate.touch(:n8, :n9, 'S2') \g /dev/null
select pg_temp.judge(:n12) \g /dev/null
select is(pg_temp.hour('S2', 'realtime', 'a21002', :n8), '60 of 60: 30.5, valid', 'an earlier hour made again is judged by what held then');

-- Clocks of half an hour, behind UTC; and one that is ahead.
select pg_temp.send('W1', 'minute', at, '{NULL,NULL,7}') from unnest('{2020-11-02 00:29+00,2020-11-02 00:30+00,2020-11-02 01:29:59+00,2020-11-02 01:30+00}'::timestamptz[]) at \g /dev/null
select is(pg_temp.judge('2020-11-02 01:40+00'), '2/2/0/0', 'at UTC-2:30 an hour ends at half past');
select is(pg_temp.hour('W1', 'minute', 'w01001', '2020-11-02 00:30+00'), '2 of 2: 7, valid', 'from half past to half past');
select is((select count(*) from abate.touched_hour), 1::bigint, 'the next one waits');
select pg_temp.judge('2020-11-02 03:40+00') \g /dev/null
select pg_temp.minutes('S2', '2020-11-05 08:00+08', 0, 59, '{1}') \g /dev/null
select is(pg_temp.judge(:n12), '0/0/0/0', 'a monitor whose clock is three days ahead: its hour is not over');
select is(pg_temp.judge('2020-11-05 09:10+08', 1), '1/1/5/0', 'until that time comes; with it, the five series of the day they sent');

-- The oldest first, by whole hours, about as many as are asked for.
select pg_temp.minutes('S2', '2020-11-06 08:00+08'::timestamptz + n * interval '1 hour', 0, 1, '{1}'), pg_temp.minutes('S1', '2020-11-06 08:00+08'::timestamptz + n * interval '1 hour', 0, 1, '{1,1,1}')
  from generate_series(0, 2) n \g /dev/null
select is(pg_temp.judge('2020-11-07 00:00+08', 1), '2/4/1/0', 'all feeds of the oldest hour');
select is(pg_temp.judged(), 'S1 minute a21026 06 08:00, S1 minute a21002 06 08:00, S1 minute a34013 06 08:00, S2 minute a21026 06 08:00', 'before any of a later one');
select is(pg_temp.judge('2020-11-07 00:00+08', 5), '4/8/0/0', 'then the next two');
select is(pg_temp.judge('2020-11-07 00:00+08', 5), '0/0/0/0', 'then none');

-- Late: made again, the old one kept, and only what has changed goes on.
select pg_temp.send('S1', 'minute', '2020-11-02 08:59+08', '{10,20,30}', 'NND') \g /dev/null
select is(pg_temp.judge(:n12), '1/1/0/0', 'the 45th valid minute comes late');
select is(pg_temp.hour('S1', 'minute', 'a21026', :n8), '45 of 60: 10, valid', 'the hour is valid now');
select results_eq(format('select received, valid, value, is_valid, closed < replaced from abate.hourly_revision where series_id = %s', pg_temp.series('S1', 'minute', 'a21026')),
    'values (60::smallint, 44::smallint, 10::float8, false, true)', 'what it was stands in the revisions');
select is(pg_temp.judged(), 'S1 minute a21026 02 08:00', 'the other two have not changed and are not judged again');
select pg_temp.send('S1', 'minute', '2020-11-02 08:59+08', '{10,20,30}', 'NND') \g /dev/null
select is(pg_temp.judge(:n12), '1/0/0/0', 'the same again changes nothing');
select is(pg_temp.judged(), null, 'and is not judged again');
select is((select count(*) from abate.hourly_revision), 1::bigint, 'nor kept twice');
select is(abate.touch(:n8, :n9, 'S1'), 1, 'a person asks for it');
select is(pg_temp.judge(:n12), '1/0/0/0', 'nothing changes');
select is(pg_temp.judged(), 'S1 minute a21026 02 08:00, S1 minute a21002 02 08:00, S1 minute a34013 02 08:00', 'but all of it is judged again');
select is(abate.touch('2020-11-01 00:00+08', '2020-11-04 00:00+08'), 10, 'all monitors: every hour of a feed that has samples');
select pg_temp.judge('2020-11-07 00:00+08') \g /dev/null
select throws_ok($$select abate.touch('2020-11-01', '2020-11-02', 'S9')$$, 'P0002', 'there is no monitor "S9"', 'one that does not exist');
select throws_ok($$select abate.touch('-infinity', '2020-11-02')$$, '22023', 'the span has no end', 'a span without end');

-- Which counts: reported and valid, then made and valid, then reported.
create function pg_temp.official(at timestamptz) returns text language sql
return (select format('%s, %s, %s', case when is_reported then 'reported' else 'made' end, value, is_valid)
          from abate.official_hour join abate.monitor using (monitor_id) where monitor_code = 'S1' and parameter_code = 'a21026' and official_hour.at = official.at);
select pg_temp.send('S1', 'hour', :n8, '{10.1}'), pg_temp.minutes('S1', :n9, 0, 59, '{12}'), pg_temp.send('S1', 'hour', :n9, '{11}', 'D'),
       pg_temp.minutes('S1', :n10, 0, 43, '{12}'), pg_temp.send('S1', 'hour', :n10, '{13}', 'D'), pg_temp.minutes('S1', :n11, 0, 43, '{12}') \g /dev/null
select is(pg_temp.official(:n8), 'made, 10, t', 'before the plant reports, what is made of its minutes counts');
select is(pg_temp.judge('2020-11-02 13:00+08'), '6/7/0/0', 'the plant reports');
select is(pg_temp.official(at::timestamptz), official, official) from (values (:n8, 'reported, 10.1, t'), (:n9, 'made, 12, t'), (:n10, 'reported, , f'), (:n11, 'made, 12, f')) v (at, official);
select ok(pg_temp.judged() ~ 'S1 minute a21026 02 08:00', 'the one that does not count any more is judged, too: what was found of it is withdrawn');
select is((select count(*) from abate.hourly_revision where series_id = pg_temp.series('S1', 'minute', 'a21026')), 1::bigint, 'though its mean is the same');

-- Oxygen of the same monitor and hour.
create function pg_temp.oxygen(at timestamptz) returns float8 language sql
return (select oxygen from abate.hourly h where series_id = pg_temp.series('S1', 'minute', 'a21026') and h.at = oxygen.at);
select pg_temp.minutes('S1', '2020-11-03 08:00+08', 0, 29, '{12,1,1,8}'), pg_temp.minutes('S1', '2020-11-03 08:00+08', 30, 59, '{12,1,1,10}'),
       pg_temp.minutes('S1', '2020-11-03 09:00+08', 0, 43, '{12,1,1,8}'), pg_temp.minutes('S1', '2020-11-03 09:00+08', 44, 59, '{12,1,1,8}', 'NNND') \g /dev/null
select pg_temp.judge('2020-11-03 12:00+08') \g /dev/null
select is(pg_temp.oxygen('2020-11-03 08:00+08'), 9::float8, 'the mean of 30 minutes at 8 % and 30 at 10 %');
select is(pg_temp.oxygen('2020-11-03 09:00+08'), null, 'oxygen that is not valid is not known');
select pg_temp.send('S1', 'hour', '2020-11-03 08:00+08', '{NULL,NULL,9.5}') \g /dev/null
select is(pg_temp.judge('2020-11-03 12:00+08'), '1/5/0/1', 'the plant reports the oxygen of an hour closed before; not that of its minutes, which is a finding');
select is(pg_temp.oxygen('2020-11-03 08:00+08'), 9.5::float8, 'it counts for what was made of minutes, too');
select ok(pg_temp.judged() ~ 'S1 minute a21026 03 08:00', 'which is judged again');

-- A reported hour and what the minutes say: 98 of 100 is 2 % of the larger; 97.9 is more.
create view pg_temp.differences as
select x.parameter_code || '-' || x.statistic as series, b.severity, b.bound, b.worst, b.closed - b.opened as lasted, b.withdrawn is not null as is_withdrawn
  from abate.breach b join abate.series x using (series_id) where rule = 'difference' and x.parameter_code = 'a21026';
update abate.monitor set reference_oxygen = 6 where monitor_code = 'S1';
select pg_temp.minutes('S1', '2020-11-04 08:00+08', 0, 59, '{100,1,1,11}'), pg_temp.send('S1', 'hour', '2020-11-04 08:00+08', '{98,147,11}') \g /dev/null
select is(pg_temp.judge('2020-11-04 12:00+08'), '2/6/5/0', '98 for 100, and 98 x 15 / 10 = 147 converted: no finding');
select pg_temp.send('S1', 'hour', '2020-11-04 08:00+08', '{97.9,143,11}') \g /dev/null
select is(pg_temp.judge('2020-11-04 12:00+08'), '1/1/0/2', '97.9 for 100, and 143 for 97.9 x 15 / 10 = 146.85: two findings');
select results_eq('select * from pg_temp.differences order by 1 desc', $$values ('a21026-value', 'notice', 100::float8, 97.9::float8, interval '1 hour', false),
    ('a21026-ZsAvg', 'notice', 146.85, 143, interval '1 hour', false)$$, 'with what it should be, and what was reported');
select is(pg_temp.judge('2020-11-04 12:00+08'), '0/0/0/0', 'nothing came');
select abate.touch('2020-11-04 08:00+08', '2020-11-04 09:00+08', 'S1') \g /dev/null
select is(pg_temp.judge('2020-11-04 12:00+08'), '2/0/0/0', 'the same past judged again finds nothing new');
select pg_temp.send('S1', 'hour', '2020-11-04 08:00+08', '{97.9,146,11}') \g /dev/null
select is(pg_temp.judge('2020-11-04 12:00+08'), '1/0/0/0', 'the converted value is corrected');
select results_eq('select series, is_withdrawn from pg_temp.differences order by 1 desc', $$values ('a21026-value', false), ('a21026-ZsAvg', true)$$, 'that finding is withdrawn, the other stands');
select pg_temp.minutes('S1', '2020-11-04 08:00+08', 0, 29, '{98,1,1,11}') \g /dev/null
select is(pg_temp.judge('2020-11-04 12:00+08'), '1/1/0/0', 'half of the minutes come as 98: 97.9 for 99');
select results_eq('select series, is_withdrawn from pg_temp.differences order by 1 desc', $$values ('a21026-value', true), ('a21026-ZsAvg', true)$$, 'no finding any more');
select pg_temp.minutes('S1', '2020-11-04 08:00+08', 0, 29, '{102,1,1,11}') \g /dev/null
select is(pg_temp.judge('2020-11-04 12:00+08'), '1/1/0/1', '97.9 for 101: another one');
select is((select count(*) from pg_temp.differences), 3::bigint, 'beside those withdrawn');

-- A later reading that a person accepts.
select pg_temp.minutes('S2', '2020-11-08 08:00+08', 0, 43, '{10}'), pg_temp.send('S2', 'minute', '2020-11-08 08:44+08', '{10}', 'D') \g /dev/null
select pg_temp.judge('2020-11-08 12:00+08') \g /dev/null
insert into pg_temp.incoming_sample values (pg_temp.feed('S2', 'minute'), 1, '2020-11-08 08:44+08', 77, '{55}', null);
select abate.merge_samples() \g /dev/null
truncate pg_temp.incoming_sample;
select is(pg_temp.hour('S2', 'minute', 'a21026', '2020-11-08 08:00+08'), '44 of 45: 10, not valid', 'what came first counts');
select revision_id as later from abate.revision where feed_id = pg_temp.feed('S2', 'minute') \gset
select throws_ok(format('select pg_temp.as_writer(''select abate.accept_revision(%s)'')', :later), '42501', null, 'the daemon may not accept another');
select lives_ok(format('select abate.accept_revision(%s)', :later), 'a person may');
select is(pg_temp.judge('2020-11-08 12:00+08'), '1/1/0/0', 'the hour is made again');
select is(pg_temp.hour('S2', 'minute', 'a21026', '2020-11-08 08:00+08'), '45 of 45: 11, valid', '44 x 10 and 55');
select results_eq(format('select value, mark, kept_value, kept_mark from abate.revision where revision_id > %s', :later), $$values (10::float8, 'D', 55::float8, 'N')$$, 'what stood there is a revision now');
select results_eq($$select old ->> 'value', old ->> 'mark', new ->> 'value', new ->> 'position', changed_by = session_user from abate.change where table_name = 'sample'$$,
    $$values ('10', 'D', '55', '77', true)$$, 'who changed it is on record');
select abate.accept_revision(:later) \g /dev/null
select is(pg_temp.judge('2020-11-08 12:00+08'), '0/0/0/0', 'accepted twice it changes nothing');
select abate.accept_revision((select max(revision_id) from abate.revision)) \g /dev/null
select results_eq($$select value, mark from abate.sample where at = '2020-11-08 08:44+08'$$, $$values ('{10}'::float8[], 'D')$$, 'and the first can be taken back');
insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
values (pg_temp.feed('S1', 'minute'), '2020-11-02 08:10+08', 3, null, 'C', 30, 'N', 1, 5) returning revision_id as none \gset
select abate.accept_revision(:none) \g /dev/null
select results_eq($$select value, mark from abate.sample where feed_id = pg_temp.feed('S1', 'minute') and at = '2020-11-02 08:10+08'$$,
    $$values ('{10,20,NULL}'::float8[], 'NNC')$$, 'one that says there was no reading');
select throws_ok('select abate.accept_revision(0)', 'P0002', 'there is no revision 0', 'one that does not exist');

-- Water (appendix D): distinct samples. At UTC-2:30, so from half past.
select pg_temp.minutes('W1', '2020-11-09 00:30+00', 0, 19, '{30,99,7,10,20201108230000}'), pg_temp.minutes('W1', '2020-11-09 00:30+00', 20, 59, '{60,99,8,20,20201109004000}'),
       pg_temp.minutes('W1', '2020-11-09 01:30+00', 0, 19, '{30}'), pg_temp.minutes('W1', '2020-11-09 01:30+00', 20, 24, '{0}', 'C'),
       pg_temp.minutes('W1', '2020-11-09 01:30+00', 25, 39, '{30}'), pg_temp.minutes('W1', '2020-11-09 01:30+00', 40, 59, '{36}') \g /dev/null
select pg_temp.minutes('W1', '2020-11-09 02:30+00', 0, 59, '{30}', 'D') \g /dev/null
select pg_temp.send('W1', 'minute', '2020-11-09 03:30+00'::timestamptz + n * interval '10 minutes', '{30,99,7,10,20201109000000}') from generate_series(0, 1) n \g /dev/null
select pg_temp.send('W1', 'minute', '2020-11-09 03:50+00', '{30,99,7,10,20201109010000}') \g /dev/null
select pg_temp.judge('2020-11-09 12:00+00') \g /dev/null
select is(pg_temp.hour('W1', 'minute', 'w01018', '2020-11-09 00:30+00'), '2 of 60: 45, valid', 'two samples, (30 + 60) / 2, not 50 by the minutes');
select is(pg_temp.hour('W1', 'minute', 'w00000', '2020-11-09 00:30+00'), '60 of 60: 16.6666666667, valid', 'flow is measured all the time: (20 x 10 + 40 x 20) / 60');
select is(pg_temp.hour('W1', 'minute', 'w01018', '2020-11-09 01:30+00'), '2 of 60: 33, valid', 'without sample times a value that changes is another; a calibration between does not make it one');
select is(pg_temp.hour('W1', 'minute', 'w01018', '2020-11-09 02:30+00'), '0 of 60: none, not valid', 'no valid sample');
select is(pg_temp.hour('W1', 'minute', 'w01018', '2020-11-09 03:30+00'), '2 of 3: 30, valid', 'two samples that are equal, told apart by their times');
select is(pg_temp.hour('W1', 'minute', 'w01001', '2020-11-09 03:30+00'), '3 of 3: 7, valid', 'an hour of water has 1 to 6 values');
select is((select count(*) from abate.hourly h join abate.series x using (series_id) where x.statistic in ('Max', 'SampleTime', 'ZsAvg')), 0::bigint, 'a maximum, a time or a converted value makes no hour');

select * from finish();
rollback;
