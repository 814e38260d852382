-- Means within their emission limits, in this month and the last full one.
begin;
select plan(38);
\ir plant.psql
\ir plan_stage.psql

insert into abate.sector_group (group_code) values ('heavy');
insert into abate.sector_group_member values ('heavy', 'power');
select abate.ensure_hourly_partition(abate.month_of(m)) from generate_series(timestamptz '2020-08-01', '2021-03-01', '1 month') m \g /dev/null
create function pg_temp.limit(standard text, parameter text, period text, plant text, upper float8, valid_from timestamptz default '-infinity', valid_to timestamptz default 'infinity',
                              reference float8 default null, confirmed_by text default 'a clerk', unit text default 'mg/m3') returns int
language sql
begin atomic
    insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, valid_from, valid_to, reference_oxygen, confirmed_by)
    select parameter, period, p.plant_id, upper, unit, standard, 'a page', valid_from, valid_to, reference, confirmed_by from abate.plant p where p.plant_code = plant
    returning limit_id;
end;
-- Valid hours of a span; the hours of a span past the limit.
create function pg_temp.hours(monitor text, parameter text, from_at timestamptz, to_at timestamptz, oxygen float8 default null, is_valid boolean default true) returns void
language sql
begin atomic
    insert into abate.hourly (series_id, received, valid, at, value, oxygen, is_valid)
    select pg_temp.series(monitor, 'minute', parameter), 60, 60, h, 1, oxygen, is_valid from generate_series(from_at, to_at - interval '1 hour', '1 hour') h;
end;
create function pg_temp.past(limit_id int, monitor text, from_at timestamptz, n int) returns void
language sql
begin atomic
    insert into abate.exceedance (limit_id, monitor_id, at, series_id, value, bound)
    select limit_id, m.monitor_id, h, (select min(series_id) from abate.series join abate.feed f using (feed_id) where f.monitor_id = m.monitor_id), 50, 35
      from abate.monitor m, generate_series(from_at, from_at + (n - 1) * interval '1 hour', '1 hour') h where m.monitor_code = monitor;
end;

select pg_temp.commitment('N-2', 'compliance', subject => 'plant', group_code => 'heavy') as n2 \gset
select pg_temp.commitment('D-1', 'compliance', '2020-12-31', subject => 'plant', group_code => 'heavy') as d1 \gset
select results_eq(format('select verdict, reason from pg_temp.found(%s, ''2020-11-10'')', :n2), $$values ('unknown', 'no monitor of the subjects has a limit')$$, 'no limit, no verdict');
select pg_temp.limit('so2', 'a21026', 'hour', 'P1', 35) as so2 \gset
select results_eq(format('select verdict, reason from pg_temp.found(%s, ''2020-11-10'')', :n2), $$values ('unknown', 'P1: no valid means of S1 a21026, S2 a21026')$$, 'no valid hours, no verdict');
select pg_temp.hours('S1', 'a21026', '2020-10-01 00:00+08', '2020-11-01 00:00+08') \g /dev/null
select pg_temp.hours('S2', 'a21026', '2020-10-01 00:00+08', '2020-10-03 00:00+08', is_valid => false) \g /dev/null
select is((pg_temp.found(:n2, '2020-11-10')).reason, 'P1: no valid means of S2 a21026', 'invalid ones do not count');
select pg_temp.hours('S2', 'a21026', '2020-11-10 00:00+08', '2020-11-11 00:00+08') \g /dev/null
select results_eq(format($$select verdict, actual, wanted, reason, evidence ->> 'points', evidence ->> 'past' from pg_temp.found(%s, '2020-11-10')$$, :n2),
    $$values ('met', 1::float8, 1::float8, 'P1: within its limits', '2', '0')$$, 'all within: those of October, and of today until noon');
select results_eq(format($$select monitor_code, before_means, means from abate.compliance_points(%s, pg_temp.noon('2020-11-10')) order by 1$$, :n2),
    $$values ('S1', 1::bigint, 0::bigint), ('S2', 0, 1)$$, 'of hours without an exceedance it is enough to know that there is a valid one');
select is(pg_temp.verdict(:d1, '2020-11-10'), 'on_track', 'before the deadline it is on its way');

-- one hour past the limit
select pg_temp.past(:so2, 'S1', '2020-10-05 03:00+08', 1) \g /dev/null
select results_eq(format('select verdict, actual, reason, pg_temp.shorts(f) from pg_temp.found(%s, ''2020-11-10'') f', :n2),
    $$values ('overdue', 0::float8, 'P1: S1 a21026: 1 of 744 hours past the limit', 'P1 overdue')$$, 'one hour past the limit is a breach');
select is((pg_temp.found(:n2, '2020-11-10')).subjects -> 0 ->> 'since', '2020-10-05', 'since that day');
select is(pg_temp.verdict(:n2, '2020-10-04') || ' ' || pg_temp.verdict(:n2, '2020-10-05'), 'unknown overdue', 'found on the day itself');
select is(pg_temp.verdict(:d1, '2020-11-10'), 'behind', 'before the deadline it falls short');
select pg_temp.hours(m, 'a21026', '2020-12-01 00:00+08', '2020-12-01 10:00+08') from unnest('{S1,S2}'::text[]) m \g /dev/null
select is(pg_temp.verdict(:n2, '2020-11-30') || ' ' || pg_temp.verdict(:n2, '2020-12-01'), 'overdue met', 'until the end of the month after');
update abate.exceedance set withdrawn = now();
select is(pg_temp.verdict(:n2, '2020-11-10'), 'met', 'a late correction: it was none');
update abate.emission_limit set confirmed_by = null where limit_id = :so2;
select results_eq(format('select verdict, reason from pg_temp.found(%s, ''2020-11-10'')', :n2),
    $$values ('met', 'P1: within its limits (nobody has confirmed 2 of the 2 limits)')$$, 'limits that nobody has confirmed are named');
delete from abate.exceedance;

-- an unconfirmed limit makes a warning, however grave the kind
select pg_temp.past(:so2, 'S1', '2020-11-10 03:00+08', 1) \g /dev/null
create function pg_temp.weighed() returns text language sql
return (select string_agg(w.severity || ': ' || w.reason, ', ') from abate.commitment_faults(array(select f from abate.findings(pg_temp.noon('2020-11-10')) f)) w);
update abate.commitment_kind set severity = 'day' where kind = 'compliance';
select is(pg_temp.weighed(), 'warning: S1 a21026: 1 of 744 hours past the unconfirmed limit', 'of a limit that nobody has confirmed no more than a warning comes');
update abate.emission_limit set confirmed_by = 'a clerk' where limit_id = :so2;
select is(pg_temp.weighed(), 'day: S1 a21026: 1 of 744 hours past the limit', 'else what its kind says');
update abate.commitment_kind set severity = 'warning' where kind = 'compliance';
update abate.emission_limit set confirmed_by = null where limit_id = :so2;
delete from abate.exceedance;

-- the month is that of the monitor, and of this limit
select pg_temp.past(:so2, 'S1', '2020-09-30 23:00+08', 1), pg_temp.past(:so2, 'S1', '2020-11-10 13:00+08', 1) \g /dev/null
select is(pg_temp.verdict(:n2, '2020-11-10'), 'met', 'neither the hour before the month, nor one after the instant judged');
select is(pg_temp.verdict(:n2, '2020-11-11'), 'overdue', 'a day later');
update abate.emission_limit set valid_to = '2020-11-10 00:00+08' where limit_id = :so2;
select is(pg_temp.verdict(:n2, '2020-11-11'), 'unknown', 'what the limit does not hold for is not held against it');
update abate.emission_limit set valid_to = 'infinity' where limit_id = :so2;

-- from a day on
update abate.commitment_version set start_due = '2020-11-13' where commitment_id = :n2;
select is(pg_temp.verdict(:n2, '2020-11-12') || ' ' || pg_temp.verdict(:n2, '2020-11-13'), 'behind overdue', 'what has to comply from a day on is no breach before it');
select is((pg_temp.found(:n2, '2020-11-13')).subjects -> 0 ->> 'since', '2020-11-13', 'but then at once');
update abate.commitment_version set start_due = null where commitment_id = :n2;

-- a plant that is closed
select pg_temp.shut('P1', null, '2020-11-12 00:00+08') as shut \gset
select is(pg_temp.verdict(:n2, '2020-11-11') || ' ' || pg_temp.verdict(:n2, '2020-11-12'), 'overdue met', 'of a plant that is closed nothing is asked');
update abate.closure set ended = since where closure_id = :shut;

-- plants: one complies, of one nothing is known
delete from abate.exceedance;
select pg_temp.commitment('F-3', 'compliance', subject => 'plant') as f3 \gset
select results_eq(format('select verdict, actual, reason, pg_temp.shorts(f) from pg_temp.found(%s, ''2020-11-10'') f', :f3),
    $$values ('unknown', 0.5::float8, '1 of 2 comply; unknown: P2 (nobody has confirmed 2 of the 2 limits)', 'P2 unknown')$$, 'one that complies does not answer for one of which nothing is known');
select pg_temp.past(:so2, 'S2', '2020-11-10 00:00+08', 2) \g /dev/null
select is(pg_temp.verdict(:f3, '2020-11-10'), 'overdue', 'but one that does not decides');

-- days, by a clock three and a half hours behind
select pg_temp.limit('cod', 'w01018', 'day', 'P2', 50, unit => 'mg/L') as cod \gset
select pg_temp.commitment('S-1', 'compliance', '2020-06-30', subject => 'plant') as s1 \gset
insert into abate.commitment_subject (commitment_id, plant_id) select :s1, plant_id from abate.plant where plant_code = 'P2';
insert into abate.daily (series_id, day, received, valid, value, is_valid) select pg_temp.series('W1', 'minute', 'w01018'), d::date, 24, 24, 1, d <> '2020-10-20' from generate_series(timestamp '2020-10-01', '2020-10-31', '1 day') d;
select results_eq(format($$select p.before_means, p.means, f.verdict from abate.compliance_points(%1$s, pg_temp.noon('2020-11-10')) p, pg_temp.found(%1$s, '2020-11-10') f$$, :s1), $$values (1::bigint, 0::bigint, 'met')$$, 'days: none past the limit, and a valid one in October is enough');
select pg_temp.past(:cod, 'W1', '2020-10-31 00:00-03:30', 1) \g /dev/null
select results_eq(format($$select verdict, reason, subjects -> 0 ->> 'since' from pg_temp.found(%s, '2020-11-10')$$, :s1),
    $$values ('overdue', 'P2: W1 w01018: 1 of 30 days past the limit', '2020-10-31')$$, 'the last of October by its clock');
select is((pg_temp.found(:s1, '2020-11-10')).evidence ->> 'past', '1', 'one of them past the limit');

-- oxygen: hours without it are not judged
select pg_temp.limit('nox', 'a21002', 'hour', 'P1', 100, reference => 9) as nox \gset
select pg_temp.hours('S1', 'a21002', '2020-10-01 00:00+08', '2020-10-02 00:00+08'), pg_temp.hours('S1', 'a21002', '2020-10-02 00:00+08', '2020-10-03 00:00+08', 21) \g /dev/null
delete from abate.exceedance;
select is((pg_temp.found(:n2, '2020-11-10')).reason, 'P1: no valid means of S1 a21002 (nobody has confirmed 2 of the 3 limits)', 'hours whose oxygen is not known, or too high, are no means of a converted limit');
select pg_temp.hours('S1', 'a21002', '2020-10-03 00:00+08', '2020-10-04 00:00+08', 20.9) \g /dev/null
select is(pg_temp.verdict(:n2, '2020-11-10'), 'met', 'those where it is are');
select pg_temp.past(:nox, 'S1', '2020-10-03 05:00+08', 2) \g /dev/null
select is((pg_temp.found(:n2, '2020-11-10')).reason, 'P1: S1 a21002: 2 of 24 hours past the limit (nobody has confirmed 2 of the 3 limits)', 'and they alone are counted');
delete from abate.exceedance; delete from abate.emission_limit where limit_id = :nox;

-- 95 % of a month's hours at each point: of the 744 of October 37 may be past the limit (707 / 744 = 0.9503), not 38 (0.9489)
select pg_temp.commitment('C-2', 'compliance', '2020-06-30', relation => 'at_least', target => 0.95, subject => 'plant', group_code => 'heavy') as c2 \gset
select pg_temp.hours('S2', 'a21026', '2020-10-03 00:00+08', '2020-11-01 00:00+08'), pg_temp.past(:so2, 'S1', '2020-10-05 00:00+08', 37) \g /dev/null
select results_eq(format($$select verdict, round(actual::numeric, 4), wanted from pg_temp.found(%s, '2020-11-10')$$, :c2), $$values ('met', 0.9503, 0.95::float8)$$, '37 of 744 hours');
select pg_temp.past(:so2, 'S1', '2020-10-20 00:00+08', 1) \g /dev/null
select results_eq(format($$select verdict, round(actual::numeric, 4), reason from pg_temp.found(%s, '2020-11-10')$$, :c2),
    $$values ('overdue', 0.9489, 'P1: S1 a21026: 38 of 744 hours past the unconfirmed limit (nobody has confirmed 2 of the 2 limits)')$$, '38 of them');
update abate.exceedance set withdrawn = now() where at = '2020-10-20 00:00+08';
select is(pg_temp.verdict(:c2, '2020-11-10'), 'met', 'a late correction');
-- this month: of 720 hours 36 may be; the 37th cannot be made good any more
select pg_temp.hours('S1', 'a21026', '2020-11-01 00:00+08', '2020-11-10 00:00+08'), pg_temp.past(:so2, 'S1', '2020-11-01 00:00+08', 36) \g /dev/null
select is(pg_temp.verdict(:c2, '2020-11-10'), 'met', 'a month that can still be kept');
select pg_temp.past(:so2, 'S1', '2020-11-05 00:00+08', 1) \g /dev/null
select is(pg_temp.verdict(:c2, '2020-11-10'), 'overdue', 'and one that cannot');
-- a point that began this month: so far
update abate.emission_limit set valid_from = '2020-11-01 00:00+08' where limit_id = :so2;
delete from abate.exceedance where at >= '2020-11-01 10:00+08';
select is(pg_temp.verdict(:c2, '2020-11-10'), 'met', 'without a last month, this one so far: 10 of 216 hours are 95.4 %');
select pg_temp.past(:so2, 'S1', '2020-11-06 00:00+08', 1) \g /dev/null
select is(pg_temp.verdict(:c2, '2020-11-10'), 'overdue', '11 of them 94.9 %');

-- a line's own monitor
insert into abate.line_kind (line_kind) values ('kiln');
insert into abate.line (plant_id, line_code, line_kind) select plant_id, 'k', 'kiln' from abate.plant where plant_code = 'P1';
select pg_temp.commitment('K-1', 'compliance', subject => 'line', line_kind => 'kiln') as k1 \gset
select is(pg_temp.verdict(:k1, '2020-11-10'), 'unknown', 'of a line no monitor is known');
update abate.monitor set line_id = (select line_id from abate.line) where monitor_code = 'S2';
select is((pg_temp.found(:k1, '2020-11-10')).evidence ->> 'points', '1', 'its own, and no other of the plant');

select * from finish();
rollback;
