-- Hourly and daily means against their limits: exceedances, and breaches as episodes of them.
begin;
select plan(65);
\ir plant.psql
create table abate.hourly_story partition of abate.hourly default;
select abate.prepare_judge() \g /dev/null

-- Hours after midnight of 2020-11-02, by the clock of S1 and S2.
create function pg_temp.at(hour int) returns timestamptz language sql return '2020-11-02 00:00+08'::timestamptz + hour * interval '1 hour';
create function pg_temp.hour_of(at timestamptz) returns int language sql return round(extract(epoch from at - pg_temp.at(0)) / 3600)::int;
-- An hour is closed, or closed again; value null: not valid.
create function pg_temp.hour(monitor text, hour int, value float8, period text default 'minute', parameter text default 'a21026', oxygen float8 default null) returns void
language sql begin atomic
    insert into abate.hourly (series_id, received, valid, at, value, oxygen, is_valid)
    values (pg_temp.series(monitor, period, parameter), 60, case when value is null then 3 else 60 end, pg_temp.at(hour), coalesce(value, 1000), oxygen, value is not null)
    on conflict (series_id, at) do update set value = excluded.value, oxygen = excluded.oxygen, valid = excluded.valid, is_valid = excluded.is_valid;
    insert into pg_temp.judged_hour values (pg_temp.series(monitor, period, parameter), pg_temp.at(hour));
end;
-- Hours one after the other, from one on: "-" is not valid, "." not there, else the value.
create function pg_temp.hours(monitor text, hour int, means text) returns void language plpgsql as $$
begin
    perform pg_temp.hour(monitor, hour + n::int - 1, nullif(mean, '-')::float8) from string_to_table(means, ' ') with ordinality t (mean, n) where mean <> '.';
end $$;
create function pg_temp.judge(hour int default 1000) returns text language plpgsql as $$
declare r record;
begin
    select * into r from abate.judge_limits(pg_temp.at(hour));
    truncate pg_temp.judged_hour, pg_temp.judged_day;
    return format('%s/%s %s/%s', r.found, r.withdrawn, r.opened, r.closed); -- exceedances found/withdrawn, breaches opened/closed
end $$;
-- The breaches of a monitor: opened-closed worst@when xcount, and what was withdrawn in brackets.
create function pg_temp.told(monitor text, rule text default 'hour') returns text language sql begin atomic
    select coalesce(string_agg(case when b.withdrawn is null then t else '(' || t || ')' end, ', ' order by b.opened, b.breach_id), 'none')
      from abate.breach b join abate.monitor m on m.monitor_id = b.monitor_id
     cross join lateral (select format('%s-%s %s@%s x%s', pg_temp.hour_of(b.opened), pg_temp.hour_of(b.closed), b.worst, pg_temp.hour_of(b.worst_at), b.count) as t) t
     where m.monitor_code = monitor and b.rule = told.rule; end;

insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source, confirmed_by, clause)
select 'a21026', v.period, monitor_id, 35, 'mg/m3', 'an hour', 'a page', 'somebody', monitor_code from abate.monitor, (values ('hour')) v (period) where monitor_code in ('S1', 'S2');

-- one episode, hour by hour
select pg_temp.hours('S1', 0, '30 35') \g /dev/null
select is(pg_temp.judge(), '0/0 0/0', 'equal to the limit complies');
select pg_temp.hours('S1', 2, '35.000001') \g /dev/null
select is(pg_temp.judge(), '1/0 1/0', 'a hair more does not');
select is(pg_temp.told('S1'), '2- 35.000001@2 x1', 'a breach');
select pg_temp.hours('S1', 3, '70') \g /dev/null
select is(pg_temp.judge(), '1/0 0/0', 'the next hour');
select pg_temp.hours('S1', 4, '- . 50') \g /dev/null
select is(pg_temp.judge(), '1/0 0/0', 'one that is not valid, one that is not there, one more');
select is(pg_temp.told('S1'), '2- 70@3 x3', 'is the same breach, which lasts');
select pg_temp.hours('S1', 7, '20') \g /dev/null
select is(pg_temp.judge(), '0/0 0/1', 'a valid hour that complies');
select is(pg_temp.told('S1'), '2-7 70@3 x3', 'ends it where it begins');
select results_eq($$select round(multiple::numeric, 2), side, bound, standard, clause from abate.breach_report where monitor_code = 'S1'$$, $$values (1.00, 'above', 35::float8, 'an hour', 'S1')$$, '70 where 35 is allowed: exceeded 1.00 times');
select results_eq($$select rule, severity, count_30_days, b.journal_id, b.evidence ->> 'measured', b.evidence ->> 'valid', b.commitment_id from abate.breach b$$, $$values ('hour', 'hour', 3, null::smallint, '70', '60', null::int)$$, 'how grave, how often, and what it rests on');
select pg_temp.hours('S1', 0, '30 35 35.000001 70 - . 50 20') \g /dev/null
create table pg_temp.before as select b.*, b.xmin as version from abate.breach b;
select is(pg_temp.judge(), '0/0 0/0', 'the same again: nothing');
select is_empty('(select xmin from abate.breach) except (select version from pg_temp.before)', 'not even a row written anew');

-- hand-worked: facts 4.5
select is(round((13.81 / 10 - 1)::numeric, 2), 0.38, 'an hour of 13.81 mg/m3 where 10 is allowed');
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source) select 'a34013', 'hour', monitor_id, 10, 'mg/m3', 'ultra-low', 'a page' from abate.monitor where monitor_code = 'S1';
select pg_temp.hour('S1', 8, 13.81, 'minute', 'a34013') \g /dev/null
select is(pg_temp.judge(), '1/0 1/0', 'is judged');
select results_eq($$select round(multiple::numeric, 2), severity from abate.breach_report where parameter_code = 'a34013'$$, $$values (0.38, 'warning')$$, 'exceeded 0.38 times: value / limit - 1; as nobody has confirmed the limit, a warning');

-- late and corrected means, in a list: hours 100 to 111 of S2 as they are closed first, what comes later, and what is told then
create function pg_temp.corrected(first text, later text) returns text language plpgsql as $$
declare result text;
begin
    perform pg_temp.hours('S2', 100, first);
    perform pg_temp.judge();
    perform pg_temp.hours('S2', 100, later);
    perform pg_temp.judge();
    result := replace(pg_temp.told('S2'), '10', '');
    -- made anew from nothing, it is the same
    create temporary table kept as select opened, closed, worst, worst_at, last_at, count, bound from abate.breach join abate.monitor m using (monitor_id) where m.monitor_code = 'S2' and withdrawn is null;
    delete from abate.breach where monitor_id = (select monitor_id from abate.monitor where monitor_code = 'S2');
    delete from abate.exceedance where monitor_id = (select monitor_id from abate.monitor where monitor_code = 'S2');
    insert into pg_temp.judged_hour select series_id, at from abate.hourly where series_id = pg_temp.series('S2', 'minute', 'a21026');
    perform pg_temp.judge();
    if exists (select from abate.breach b join abate.monitor m using (monitor_id) full join kept k on k.opened = b.opened and k.last_at = b.last_at and k.count = b.count
                      and k.closed is not distinct from b.closed and k.worst = b.worst and k.worst_at = b.worst_at
                where (m.monitor_code = 'S2' and k.opened is null) or b.breach_id is null) then
        result := result || ', but anew: ' || pg_temp.told('S2');
    end if;
    drop table kept;
    delete from abate.breach where monitor_id = (select monitor_id from abate.monitor where monitor_code = 'S2');
    delete from abate.exceedance where monitor_id = (select monitor_id from abate.monitor where monitor_code = 'S2');
    delete from abate.hourly where series_id = pg_temp.series('S2', 'minute', 'a21026');
    return result;
end $$;
select is(pg_temp.corrected(first, later), expected, name)
  from (values
    ('nothing late',                         '1 40 41 1 1',       '.',             '1-3 41@2 x2'),
    ('a correction withdraws it',            '1 40 1',            '. 30',          '(1-2 40@1 x1)'),
    ('or makes it worse',                    '1 40 1',            '. 60',          '1-2 60@1 x1'),
    ('or not valid: withdrawn too',          '1 40 1',            '. -',           '(1-2 40@1 x1)'),
    ('its first hour is withdrawn',          '1 40 41 1',         '. 1',           '2-3 41@2 x1'),
    ('its worst hour is withdrawn',          '1 40 80 41 1',      '. . 40.5',      '1-4 41@3 x3'),
    ('its last hour is withdrawn',           '1 40 41 1 1',       '. . 1',         '1-2 40@1 x1'),
    ('an hour in its middle splits it',      '1 40 41 42 1',      '. . 1',         '1-2 40@1 x1, 3-4 42@3 x1'),
    ('also while it lasts',                  '1 40 41 42',        '. . 1',         '1-2 40@1 x1, 3- 42@3 x1'),
    ('two splits at once',                   '40 41 42 43 44 1',  '. 1 . 1 .',     '0-1 40@0 x1, 2-3 42@2 x1, 4-5 44@4 x1'),
    ('one not valid in the middle does not', '1 40 41 42 1',      '. . -',         '1-4 42@3 x2'),
    ('an hour between joins two',            '1 40 1 50 1',       '. . 45',        '1-4 50@3 x3, (3-4 50@3 x1)'),
    ('so does one that is not valid any more', '1 40 1 50 1',     '. . -',         '1-4 50@3 x2, (3-4 50@3 x1)'),
    ('three are joined',                     '40 1 41 1 42',      '. - . 50',      '0- 50@3 x4, (2-3 41@2 x1), (4- 42@4 x1)'),
    ('not those further off',                '40 1 1 41 1 42 1',  '. -',           '0-2 40@0 x1, 3-4 41@3 x1, 5-6 42@5 x1'),
    ('one before it, without a gap',         '1 . 41 1',          '. 60',          '1-3 60@1 x2'),
    ('one before it, with a gap',            '. 1 41 1',          '60',            '0-1 60@0 x1, 2-3 41@2 x1'),
    ('one after it, in place of the end',    '1 40 1 1',          '. . 41',        '1-3 41@2 x2'),
    ('an end that came late',                '1 40 . . 1',        '. . . 1',       '1-3 40@1 x1'),
    ('an end that was none',                 '1 40 1 - . 1',      '. . -',         '1-5 40@1 x1'),
    ('and no other is there yet',            '1 40 1',            '. . -',         '1- 40@1 x1'),
    ('what went on is at its end',           '1 40 41',           '. . . 1',       '1-3 41@2 x2'),
    ('or not',                               '1 40 41',           '. . . - 43',    '1- 43@4 x3'),
    ('withdrawn, and found again elsewhere', '1 40 1 1 41 1',     '. 1 . 50 .',    '(1-2 40@1 x1), 3-5 50@3 x2'),
    ('two at once, far apart',               '40 1 1 1 1 1 1 41 1', '1 . . . . . . . 45', '(0-1 40@0 x1), 7- 45@8 x2'),
    ('the first of equals is the worst',     '40 41 41 1',        '.',             '0-3 41@1 x3')
  ) c (name, first, later, expected);
select results_eq($$select withdrawn is null, withdrawn_why from abate.breach where monitor_id is null$$, 'select true, null::text limit 0', 'none is left of these');
select pg_temp.hours('S2', 100, '1 40 1 50 1') \g /dev/null
select pg_temp.judge() \g /dev/null
select pg_temp.hours('S2', 101, '1 45') \g /dev/null
select is(pg_temp.judge(), '1/1 0/0', 'found and withdrawn at once');
select results_eq($$select withdrawn is not null, withdrawn_why from abate.breach b join abate.monitor m using (monitor_id) where m.monitor_code = 'S2' order by b.opened$$,
    $$values (true, 'late or corrected means: nothing exceeds the limit any more'), (false, null)$$, 'and why, is on record');
select results_eq($$select old ->> 'opened' <> new ->> 'opened', new ->> 'withdrawn' is not null, changed_by = session_user from abate.change where table_name = 'breach' and changed > now() order by change_id desc limit 2$$,
    $$values (true, false, true), (false, true, true)$$, 'with who changed what of a closed one');
select pg_temp.hours('S2', 101, '40') \g /dev/null
select is(pg_temp.judge(), '1/0 0/0', 'found again');
select results_eq($$select value, withdrawn from abate.exceedance where at = pg_temp.at(101)$$, 'values (40::float8, null::timestamptz)', 'one row, which stands again');
delete from abate.breach where monitor_id = (select monitor_id from abate.monitor where monitor_code = 'S2');
delete from abate.exceedance where monitor_id = (select monitor_id from abate.monitor where monitor_code = 'S2');

-- which limit
insert into abate.emission_limit (parameter_code, period, sector_code, lower, upper, unit, standard, source, valid_from, valid_to)
values ('a21002', 'hour', 'power', 5, 50, 'mg/m3', 'sector, old', 'a page', '-infinity', pg_temp.at(20)), ('a21002', 'hour', 'power', 5, 30, 'mg/m3', 'sector, new', 'a page', pg_temp.at(20), 'infinity'),
       ('a21002', 'hour', 'cement', null, 1, 'mg/m3', 'another sector', 'a page', '-infinity', 'infinity'), ('a21002', 'hour', 'power', null, 1, 'ug/m3', 'another unit', 'a page', '-infinity', 'infinity');
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, kind) select 'a21002', 'hour', plant_id, 0, 'mg/m3', 'closed', 'a page', 'activity' from abate.plant where plant_code = 'P1';
select pg_temp.hour('S1', h, v, 'minute', 'a21002') from (values (18, 40), (19, 51), (20, 40), (21, 30), (22, 4.9), (23, 5)) v (h, v) \g /dev/null
select is(pg_temp.judge(), '3/0 3/3', 'by sector, unit, and the limit that was valid then');
select results_eq($$select l.standard, pg_temp.hour_of(b.opened), pg_temp.hour_of(b.closed), b.worst, b.bound from abate.breach b join abate.emission_limit l using (limit_id) where l.parameter_code = 'a21002' order by 2$$,
    $$values ('sector, old', 19, 20, 51::float8, 50::float8), ('sector, new', 20, 21, 40, 30), ('sector, new', 22, 23, 4.9, 5)$$, 'a breach ends with its limit; below the lower bound is one, too');

-- reported instead of made of minutes: the same exceedance
select pg_temp.hour('S1', 30, 44) \g /dev/null
select pg_temp.judge() \g /dev/null
update abate.hourly set is_official = false where series_id = pg_temp.series('S1', 'minute', 'a21026') and at = pg_temp.at(30);
select pg_temp.hour('S1', 30, 43, 'hour') \g /dev/null
select is(pg_temp.judge(), '0/0 0/0', 'the plant reports the hour late: nothing new is found');
select results_eq($$select series_id, value, evidence ->> 'reported' from abate.exceedance where at = pg_temp.at(30)$$, format($$values (%s, 43::float8, 'true')$$, pg_temp.series('S1', 'hour', 'a21026')), 'it is one exceedance, of what is official');
select results_eq($$select worst, count from abate.breach where opened = pg_temp.at(30)$$, $$values (43::float8, 1)$$, 'and one breach');

-- oxygen: C * (21 - reference) / (21 - O2)
update abate.emission_limit set upper = 50, reference_oxygen = 6, standard = 'converted' where standard = 'ultra-low';
select pg_temp.hour('S1', h, v, 'minute', 'a34013', o) from (values (40, 40, 9), (41, 40, 8.9), (42, 41, 9), (43, 49, 21), (44, 49, null), (45, 60, 3), (46, 61, 3)) t (h, v, o) \g /dev/null
select is(pg_temp.judge(), '2/0 2/2', 'converted to 6 %: 40 at 9 % is 50, at 8.9 % 49.59, 41 at 9 % is 51.25; 60 at 3 % is 50, 61 is 50.83; at 21 %, or without oxygen, nothing is judged');
select results_eq($$select pg_temp.hour_of(b.opened), pg_temp.hour_of(b.closed), round(b.worst::numeric, 2), b.evidence ->> 'measured', b.evidence ->> 'oxygen' from abate.breach b where rule = 'hour' and b.bound = 50 and b.opened > pg_temp.at(39) order by 1$$,
    $$values (42, 45, 51.25, '41', '9'), (46, null, 50.83, '61', '3')$$, 'what was measured is on record');

-- days
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source, confirmed_by) select 'a21026', 'day', monitor_id, 35, 'mg/m3', 'a day', 'a page', 'somebody' from abate.monitor where monitor_code = 'S2';
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source, confirmed_by, reference_oxygen) select 'a21026', 'day', monitor_id, 35, 'mg/m3', 'a day, 10 %', 'a page', 'somebody', 10 from abate.monitor where monitor_code = 'S2';
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source, confirmed_by, reference_oxygen) select 'a21026', 'day', monitor_id, 35, 'mg/m3', 'a day, 6 %', 'a page', 'somebody', 6 from abate.monitor where monitor_code = 'S2';
update abate.monitor set reference_oxygen = 10 where monitor_code = 'S2';
create function pg_temp.day(day int, value float8, converted float8, is_valid boolean default true) returns void language sql begin atomic
    insert into abate.daily (series_id, day, received, valid, value, converted, is_valid) values (pg_temp.series('S2', 'minute', 'a21026'), '2020-12-01'::date + day, 24, 24, value, converted, is_valid)
    on conflict (series_id, day) do update set value = excluded.value, converted = excluded.converted, is_valid = excluded.is_valid;
    insert into pg_temp.judged_day values (pg_temp.series('S2', 'minute', 'a21026'), '2020-12-01'::date + day); end;
select pg_temp.hour('S2', 696 + h, 30, oxygen => case when h < 12 then 11 else 6 end) from generate_series(0, 23) h \g /dev/null
truncate pg_temp.judged_hour;
select pg_temp.day(0, 30, 36), pg_temp.day(1, 36, 30, false), pg_temp.day(2, 36, null) \g /dev/null
select is(pg_temp.judge(), '3/0 3/0', 'days');
select results_eq($$select l.standard, b.opened, b.worst, b.severity, b.rule from abate.breach b join abate.emission_limit l using (limit_id) where rule = 'day' order by 1$$,
    $$values ('a day', '2020-12-03 00:00+08'::timestamptz, 36::float8, 'day', 'day'), ('a day, 10 %', '2020-12-01 00:00+08', 36, 'day', 'day'), ('a day, 6 %', '2020-12-01 00:00+08', 37.5, 'day', 'day')$$,
    'as measured; as converted to the monitor''s own oxygen; to another: half the hours 30 x 15 / 10, half 30 x 15 / 15');
select is(count(*), 0::bigint, 'a day that is not valid is not judged') from abate.exceedance where at = '2020-12-02 00:00+08';
select pg_temp.day(3, 1, 1), pg_temp.day(5, 40, 1), pg_temp.day(6, 1, 1), pg_temp.day(29, 40, 1) \g /dev/null
select is(pg_temp.judge(), '2/0 2/3', 'further days');
select results_eq($$select b.count_30_days, b.severity, b.closed is null from abate.breach b join abate.emission_limit l using (limit_id) where l.standard = 'a day' order by b.opened$$,
    $$values (1, 'day', false), (2, 'day', false), (3, 'repeated', true)$$, 'the third in thirty days makes a repeated one');
select pg_temp.day(5, 30, 1) \g /dev/null
select is(pg_temp.judge(), '0/1 0/0', 'one of them is corrected');
select results_eq($$select b.count_30_days, b.severity, b.withdrawn is not null from abate.breach b join abate.emission_limit l using (limit_id) where l.standard = 'a day' order by b.opened$$,
    $$values (1, 'day', false), (2, 'day', true), (2, 'day', false)$$, 'so it was not the third');

-- a year in seconds: every tenth hour of S1 exceeds
delete from abate.breach; delete from abate.exceedance; delete from abate.hourly;
select pg_temp.hour('S1', h, case when h % 10 = 0 then 40 else 30 end) from generate_series(0, 8783) h \g /dev/null
select is(pg_temp.judge(), '879/0 879/879', 'a year of hours at once');
select results_eq($$select min(count_30_days), max(count_30_days), count(*) filter (where severity = 'hour') from abate.breach$$, 'values (1, 72, 5::bigint)', 'thirty days have 720 hours; the first five are no repeated ones');
create table pg_temp.watch (monitor text, took interval);
do $$ declare began timestamptz;
begin
    for h in 8784 .. 8823 loop -- in turn, so that whatever else the machine does slows both
        for k in 1 .. 2 loop
            began := clock_timestamp();
            perform pg_temp.hour('S' || k, h, case when h % 10 = 4 then 40 else 30 end), pg_temp.judge(h);
            insert into pg_temp.watch values ('S' || k, clock_timestamp() - began);
        end loop;
    end loop;
end $$;
select ok(sum(took) filter (where monitor = 'S1') < 2 * sum(took) filter (where monitor = 'S2'), 'hour by hour: a year of history costs nothing') from pg_temp.watch;
select results_eq($$select m.monitor_code, count(*) from abate.breach b join abate.monitor m using (monitor_id) where closed is not null group by 1 order by 1$$,
    $$values ('S1', 883::bigint), ('S2', 4)$$, 'each exceedance with its breach');

select * from finish();
rollback;
