-- Breaches, and the watches that are not at rest.
begin;
select plan(33);
\ir plant.psql
create function pg_temp.take() returns text
language plpgsql set role = 'abate_writer' as $$
declare taken record;
begin
    select * into taken from abate.take_episodes();
    return format('%s/%s', taken.opened, taken.closed);
end $$;

insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source) values ('a21026', 'minute', 'power', 35, 'mg/m3', 'upper', 'a page');
insert into abate.emission_limit (parameter_code, period, sector_code, lower, upper, unit, standard, source) values ('a21002', 'minute', 'power', 6, 9, 'mg/m3', 'both', 'a page');
select limit_id as upper from abate.emission_limit where standard = 'upper' \gset
select limit_id as both from abate.emission_limit where standard = 'both' \gset
select pg_temp.series('S1', 'minute', 'a21026') as s1, pg_temp.series('S2', 'minute', 'a21026') as s2, pg_temp.series('S1', 'minute', 'a21002') as nox \gset

-- Minutes after eight; positions are the minute times hundred.
create function pg_temp.at(minute int) returns timestamptz language sql return '2020-11-02 08:00+08'::timestamptz + minute * interval '1 minute';
create function pg_temp.episode(limit_id int, series_id int, opened int, closed int, worst float8, worst_at int, last_at int, count int) returns void language sql
begin atomic
    select pg_temp.as_writer(format('insert into pg_temp.incoming_episode values (%s, %s, %L, %L, %L, %L, %L, %s, 1, %s, %s, %s)', limit_id, series_id,
                             pg_temp.at(opened), pg_temp.at(closed), worst, pg_temp.at(worst_at), pg_temp.at(last_at), count, opened * 100, worst_at * 100, last_at * 100));
end;
create function pg_temp.taken() returns text language plpgsql as $$
declare result text := pg_temp.take();
begin truncate pg_temp.incoming_episode, pg_temp.incoming_watch; return result; end $$;
create view pg_temp.breaches as
select b.series_id, (extract(epoch from b.opened - pg_temp.at(0)) / 60)::int as opened, (extract(epoch from b.closed - pg_temp.at(0)) / 60)::int as closed,
       b.bound, b.worst, (extract(epoch from b.worst_at - pg_temp.at(0)) / 60)::int as worst_at, b.count, b.first_position, b.worst_position, b.last_position
  from abate.breach b;

-- one episode
select pg_temp.episode(:upper, :s1, 1, null, 40, 1, 1, 1) \g /dev/null
select is(pg_temp.taken(), '1/0', 'a breach opens');
select results_eq('select * from pg_temp.breaches', format('values (%s, 1, null::int, 35::float8, 40::float8, 1, 1, 100::bigint, 100::bigint, 100::bigint)', :s1),
    'with its bound, worst value and positions');
select pg_temp.episode(:upper, :s1, 1, null, 50, 3, 4, 4) \g /dev/null
select is(pg_temp.taken(), '0/0', 'it gets worse');
select results_eq('select * from pg_temp.breaches', format('values (%s, 1, null::int, 35::float8, 50::float8, 3, 4, 100::bigint, 300::bigint, 400::bigint)', :s1), 'and is the same row');
select pg_temp.episode(:upper, :s1, 1, 6, 50, 3, 5, 5) \g /dev/null
select is(pg_temp.taken(), '0/1', 'it closes');
select results_eq('select opened, closed, count, last_position from pg_temp.breaches', 'values (1, 6, 5, 500::bigint)', 'at the instant of the reading that ended it');
select pg_temp.episode(:upper, :s1, 1, null, 99, 2, 2, 2) \g /dev/null
select pg_temp.episode(:upper, :s1, 1, 7, 99, 2, 2, 2) \g /dev/null
select is(pg_temp.taken(), '0/0', 'once closed it is not changed any more');
select results_eq('select closed, worst from pg_temp.breaches', 'values (6, 50::float8)', 'nor written over');

-- another one of the same series
select pg_temp.episode(:upper, :s1, 8, null, 36, 8, 8, 1) \g /dev/null
select is(pg_temp.taken(), '1/0', 'another breach of the same limit and series opens');
select results_eq('select opened, closed from pg_temp.breaches order by opened', 'values (1, 6), (8, null)', 'beside the first');

-- several in one batch
select pg_temp.episode(:upper, :s1, 12, null, 44, 12, 13, 2) \g /dev/null
select pg_temp.episode(:upper, :s1, 8, 10, 37, 9, 9, 2) \g /dev/null
select pg_temp.episode(:upper, :s2, 9, 10, 38, 9, 9, 1) \g /dev/null
select is(pg_temp.taken(), '2/2', 'a batch in which one closes, the next one opens, and another one comes and goes');
select results_eq('select series_id, opened, closed, worst from pg_temp.breaches order by series_id, opened',
    format('values (%1$s, 1, 6, 50::float8), (%1$s, 8, 10, 37), (%1$s, 12, null, 44), (%2$s, 9, 10, 38)', :s1, :s2), 'whatever the order of its rows');
select pg_temp.episode(:upper, :s2, 20, null, 40, 20, 20, 1) \g /dev/null
select pg_temp.episode(:upper, :s2, 20, 22, 41, 21, 21, 2) \g /dev/null
select is(pg_temp.taken(), '1/1', 'one that is there twice in a batch, open and closed,');
select results_eq(format('select closed, worst from pg_temp.breaches where series_id = %s and opened = 20', :s2), 'values (22, 41::float8)', 'is closed');
select pg_temp.episode(:upper, :s1, 30, null, 44, 30, 30, 1) \g /dev/null
select throws_ok('select pg_temp.take()', '23505', null, 'two open ones of the same limit and series are refused');
truncate pg_temp.incoming_episode;

-- the bound
select pg_temp.episode(:both, :nox, 1, 2, 4, 1, 1, 1) \g /dev/null
select pg_temp.episode(:both, :nox, 3, 4, 10, 3, 3, 1) \g /dev/null
select pg_temp.taken() \g /dev/null
select results_eq(format('select worst, bound from pg_temp.breaches where series_id = %s order by opened', :nox), 'values (4::float8, 6::float8), (10, 9)', 'the bound is the one that was passed');
update abate.emission_limit set upper = 100 where limit_id = :upper;
select results_eq(format('select distinct bound from pg_temp.breaches where series_id = %s', :s1), 'values (35::float8)', 'and stays, when the limit is changed later');

-- a limit that a person has deleted meanwhile
select pg_temp.episode(32000, :s1, 1, null, 40, 1, 1, 1) \g /dev/null
select pg_temp.as_writer(format('insert into pg_temp.incoming_watch values (32000, %s, ''open'', now(), now(), 1, now(), 1, 0, 0, 0)', :s1)) \g /dev/null
select is(pg_temp.taken(), '0/0', 'what is said of a limit that is gone is passed by');

-- watches
create function pg_temp.watch(limit_id int, series_id int, phase text, worst float8) returns void language sql
begin atomic
    select pg_temp.as_writer(format('insert into pg_temp.incoming_watch values (%s, %s, %L, %L, %L, %L, %L, 2, 100, 200, 300)', limit_id, series_id, phase,
                             pg_temp.at(3), pg_temp.at(1), worst, pg_temp.at(2)));
end;
select pg_temp.watch(:upper, :s1, 'pending', 40), pg_temp.watch(:upper, :s2, 'open', 41), pg_temp.watch(:both, :nox, 'quiet', 0) \g /dev/null
select is(pg_temp.taken(), '0/0', 'watches are no episodes');
select results_eq('select series_id, phase, worst, first_position, worst_position, last_position from abate.watch_state order by series_id',
    format('values (%s, ''pending'', 40::float8, 100::bigint, 200::bigint, 300::bigint), (%s, ''open'', 41, 100, 200, 300)', :s1, :s2), 'those not at rest are kept');
select pg_temp.watch(:upper, :s1, 'open', 42), pg_temp.watch(:upper, :s2, 'quiet', 0) \g /dev/null
select pg_temp.taken() \g /dev/null
select results_eq('select series_id, phase, worst from abate.watch_state', format('values (%s, ''open'', 42::float8)', :s1), 'one goes on, one comes to rest');
select throws_ok(format('select pg_temp.watch(%s, %s, ''asleep'', 1), pg_temp.take()', :upper, :s1), '23514', null, 'an unknown phase is refused');
truncate pg_temp.incoming_watch;

-- of what kind it is
select results_eq(format('select distinct rule, severity, b.plant_id = m.plant_id, m.monitor_code, b.commitment_id from abate.breach b join abate.monitor m using (monitor_id) where series_id = %s', :s1),
    $$values ('early', 'warning', true, 'S1', null::int)$$, 'a value past a limit is an early warning, of a plant and a monitor');
insert into abate.plan (plan_code, region_code) values ('p', '410100');
insert into abate.plan_version (plan_code, version, issued, source, digest) select 'p', v, '2020-01-01', 's', 'd' from generate_series(1, 2) v;
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft)
select n.plan_version_id, 1, c.code, '1', 'q', 'n', 'zero', 'direct', c.is_soft from abate.plan_version n, (values ('Z-1', false), ('Z-2', true)) c (code, is_soft);
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source, kind, plan_code, commitment_code, confirmed_by)
select 'a34013', 'minute', monitor_id, 0, 'mg/m3', v.standard, 's', v.kind, 'p', v.code, v.confirmed
  from (values ('closed', 'activity', 'Z-1', null), ('softly closed', 'activity', 'Z-2', null), ('confirmed', 'emission', null, 'somebody')) v (standard, kind, code, confirmed), abate.monitor where monitor_code = 'S1';
select pg_temp.episode(limit_id, pg_temp.series('S1', 'minute', 'a34013'), 1, 2, 4, 1, 1, 1) from abate.emission_limit where parameter_code = 'a34013' \g /dev/null
select pg_temp.taken() \g /dev/null
select results_eq($$select l.standard, b.rule, b.severity, n.version, c.commitment_code from abate.breach b join abate.emission_limit l using (limit_id)
                      left join abate.commitment_version c using (commitment_id) left join abate.plan_version n using (plan_version_id) where l.parameter_code = 'a34013' order by l.standard$$,
    $$values ('closed', 'activity', 'day', 2, 'Z-1'), ('confirmed', 'early', 'warning', null, null), ('softly closed', 'activity', 'notice', 2, 'Z-2')$$,
    'activity after a closure is as grave as its kind, a soft commitment makes a notice, and the newest version of the plan judges');
update abate.commitment_kind set severity = 'hour' where kind = 'zero';
select pg_temp.episode(limit_id, pg_temp.series('S1', 'minute', 'a34013'), 3, null, 4, 3, 3, 1) from abate.emission_limit where standard = 'closed' \g /dev/null
select is(pg_temp.taken(), '1/0', 'another one');
select is(severity, 'hour', 'how grave is no constant') from abate.breach join abate.emission_limit l using (limit_id) where l.standard = 'closed' and closed is null;

-- one that a person has withdrawn
update abate.breach set withdrawn = now(), withdrawn_why = 'the closure was entered in error' where closed is null and limit_id = (select limit_id from abate.emission_limit where standard = 'closed');
select pg_temp.episode(limit_id, pg_temp.series('S1', 'minute', 'a34013'), 3, null, 9, 4, 4, 2) from abate.emission_limit where standard = 'closed' \g /dev/null
select is(pg_temp.taken(), '0/0', 'is not opened again by what is told of it later');
select results_eq($$select worst, count from abate.breach join abate.emission_limit l using (limit_id) where l.standard = 'closed' and withdrawn is not null$$, 'values (4::float8, 1)', 'nor changed');

-- what people read
select results_eq(format('select plant_code, monitor_code, parameter_code, period, side, bound, worst, unit, round(multiple::numeric, 2), lasted, count, standard, plant_zh
                            from abate.breach_report where series_id = %s order by opened limit 1', :s1),
    $$values ('P1', 'S1', 'a21026', 'minute', 'above', 35::float8, 50::float8, 'mg/m3', 0.43, interval '5 minutes', 5, 'upper', '一厂')$$, 'a breach in the report');
select results_eq(format('select closed, lasted, multiple is not null from abate.breach_report where series_id = %s and closed is null', :s1),
    $$values (null::timestamptz, interval '1 minute', true)$$, 'an open one: it lasted until its last reading');
select results_eq(format('select side, bound, multiple from abate.breach_report where series_id = %s order by opened limit 1', :nox),
    $$values ('below', 6::float8, null::float8)$$, 'one below a lower bound has no multiple');
select throws_ok(format('delete from abate.emission_limit where limit_id = %s', :upper), '23503', null, 'a limit that was broken cannot be deleted');
insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source) values ('a34013', 'minute', 'power', 10, 'mg/m3', 'unbroken', 'a page');
insert into abate.watch_state select limit_id, pg_temp.series('S1', 'minute', 'a34013'), 'pending', now(), now(), 1, now(), 1, 0, 0, 0 from abate.emission_limit where standard = 'unbroken';
select lives_ok($$delete from abate.emission_limit where standard = 'unbroken'$$, 'one that was not can, and its watches with it');

select * from finish();
rollback;
