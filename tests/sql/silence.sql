-- Monitors that must report, and do not.
begin;
select plan(27);
\ir plant.psql

-- Minutes after eight on 2020-11-02, by the clock of S1; S1 and S2 have to report, W1 may. Two hours are allowed.
create function pg_temp.at(minute int) returns timestamptz language sql return '2020-11-02 08:00+08'::timestamptz + minute * interval '1 minute';
create function pg_temp.speak(monitor text, minute int, period text default 'minute') returns void language sql begin atomic
    insert into abate.sample values (pg_temp.feed(monitor, period), 1, pg_temp.at(minute), 0, '{1}', null); end;
create function pg_temp.judge(minute int) returns int language sql begin atomic select s.opened + s.closed from abate.judge_silence(pg_temp.at(minute)) s; end;
create function pg_temp.told(monitor text) returns text language sql begin atomic
    select coalesce(string_agg(case when b.withdrawn is null then t else '(' || t || ')' end, ', ' order by b.opened, b.breach_id), 'none')
      from abate.breach b join abate.monitor m on m.monitor_id = b.monitor_id
     cross join lateral (select format('%s-%s', round(extract(epoch from b.opened - pg_temp.at(0)) / 60), round(extract(epoch from b.closed - pg_temp.at(0)) / 60)) as t) t
     where m.monitor_code = monitor and b.rule = 'silence'; end;
update abate.monitor set must_report_from = '2020-11-02' where monitor_code ~ 'S';

select pg_temp.speak('S1', 0), pg_temp.speak('S2', 0) \g /dev/null
select is(pg_temp.judge(120), 0, 'silent for as long as is allowed');
select pg_temp.speak('S2', 100) \g /dev/null
select results_eq('select * from abate.judge_silence(pg_temp.at(121))', 'values (1, 0)', 'and for longer: one begins');
select is(pg_temp.told('S1'), '0-', 'from its last sample on');
select is(pg_temp.told('S2'), 'none', 'another one goes on');
select is(pg_temp.told('W1'), 'none', 'one that need not report may be silent');
select results_eq('select rule, severity, plant_code, monitor_code, parameter_code, multiple, reason from abate.breach_open',
    $$values ('silence', 'warning', 'P1', 'S1', null::text, null::float8, 'no message since 2020-11-02 08:00; after 02:00:00 one is due')$$, 'in the report');
select is(pg_temp.judge(121), 0, 'judged again: nothing');
select is(pg_temp.judge(200), 0, 'it lasts');
select results_eq('select lasted from abate.breach_open', $$values (interval '200 minutes')$$, 'so long by now');
select pg_temp.speak('S1', 210, 'hour'), pg_temp.speak('S2', 209) \g /dev/null
select results_eq('select * from abate.judge_silence(pg_temp.at(211))', 'values (0, 1)', 'it speaks, if only by the hour: one ends');
select is(pg_temp.told('S1'), '0-210', 'then it is over');
select pg_temp.speak('S1', m), pg_temp.speak('S2', m) from generate_series(300, 1500, 60) m \g /dev/null
select is(pg_temp.judge(1500), 0, 'a day');
select is(pg_temp.judge(150), 0, 'the past judged again: it is known');
select is(pg_temp.told('S1'), '0-210', 'and stays as it is');

-- late samples
select pg_temp.judge(1700) \g /dev/null
select is(pg_temp.told('S1') || '; ' || pg_temp.told('S2'), '0-210, 1500-; 1500-', 'both are silent');
select pg_temp.speak('S1', m) from unnest(array[1560, 1620, 1690]) m \g /dev/null
select pg_temp.speak('S2', 1650) \g /dev/null
select is(pg_temp.judge(1701), 2, 'the line was down, their samples come late');
select is(pg_temp.told('S1') || '; ' || pg_temp.told('S2'), '0-210, (1500-1560); 1500-1650', 'one was not silent, the other one was');
select results_eq($$select withdrawn_why from abate.breach where withdrawn is not null$$, $$values ('late samples: it was not silent for so long')$$, 'which is said');

-- those that need not
insert into abate.stoppage (monitor_id, kind, begins, ends, source) select monitor_id, 'fault', pg_temp.at(1900), pg_temp.at(2500), 'reported' from abate.monitor where monitor_code = 'S1';
select pg_temp.judge(1850) \g /dev/null
select is(pg_temp.told('S1'), '0-210, (1500-1560), 1690-', 'silent again');
select is(pg_temp.judge(1950), 1, 'a fault was reported,');
select is(pg_temp.told('S1'), '0-210, (1500-1560), 1690-1900', 'from then on it may be');
select is(pg_temp.judge(2620), 0, 'and for as long after it as is allowed');
select is(pg_temp.judge(2621), 1, 'not for longer');
select is(pg_temp.told('S1'), '0-210, (1500-1560), 1690-1900, 2500-', 'counted from its end');
select abate.close_down('P1', null, pg_temp.at(2700), 'closed', null, null) \g /dev/null
select pg_temp.judge(2800) \g /dev/null
select is(pg_temp.told('S1') || '; ' || pg_temp.told('S2'), '0-210, (1500-1560), 1690-1900, 2500-2700; 1500-1650, 1650-2700', 'a plant that is closed has to be silent');
update abate.monitor set must_report_from = '2020-11-04' where monitor_code = 'W1';
select pg_temp.judge(2000), pg_temp.judge(3300) \g /dev/null
select is(pg_temp.told('W1'), '3030-', 'one that never spoke: from its first day on, by its own clock, two and a half hours behind UTC');
update abate.monitor set must_report_to = '2020-11-05' where monitor_code = 'W1';
select pg_temp.judge(5000) \g /dev/null
select is(pg_temp.told('W1'), '3030-4470', 'until it need not any more');

select * from finish();
rollback;
