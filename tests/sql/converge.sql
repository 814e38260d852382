-- However a history comes, late, out of order, repeated, in pieces, and whenever it is judged: in the end there is what
-- judging all of it once would have found. A random history for each seed; more of them with psql -v seeds=100.
begin;
\if :{?seeds}
\else
\set seeds 2
\endif
\if :{?first}
\else
\set first 1
\endif
select plan(6 * :seeds);
\ir plant.psql
\ir hours.psql
select abate.ensure_partition(2020 * 12 + 9) \g /dev/null

-- S1: minutes, hours and days, with oxygen; S2: minutes in a zone half an hour off; W1: water by samples and flow;
-- E1: a register and an interval. Ten minutes are as good as sixty here, and five hours a day.
update abate.threshold set value = 4 where threshold_code = 'hour_valid_minutes';
update abate.threshold set value = 4 where threshold_code = 'day_valid_hours' and medium is null;
update abate.monitor set reference_oxygen = 6 where monitor_code = 'S1';
update abate.monitor set utc_offset = '5 hours 30 minutes' where monitor_code = 'S2';
insert into abate.monitor (monitor_code, plant_id, medium) select 'E1', plant_id, 'energy' from abate.plant where plant_code = 'P2';
insert into abate.feed (monitor_id, period)
select m.monitor_id, v.period from (values ('S1', 'day'), ('W1', 'hour'), ('E1', 'minute')) v (code, period) join abate.monitor m on m.monitor_code = v.code;
insert into abate.series (feed_id, parameter_code, unit, slot) values
    (pg_temp.feed('S1', 'day'), 'a21026', 'mg/m3', 1), (pg_temp.feed('S1', 'day'), 'a19001', '%', 2), (pg_temp.feed('W1', 'hour'), 'w01018', 'mg/L', 1),
    (pg_temp.feed('S2', 'minute'), 'a19001', '%', 2), (pg_temp.feed('E1', 'minute'), 'i33201', 'kWh', 1), (pg_temp.feed('E1', 'minute'), 'x_energy', 'kWh', 2);
insert into abate.meter (series_id, measures, reads, carrier_code, rolls_over) values
    (pg_temp.series('E1', 'minute', 'i33201'), 'energy', 'register', 'electricity', 1000), (pg_temp.series('E1', 'minute', 'x_energy'), 'energy', 'interval', 'electricity', null);
insert into abate.emission_limit (parameter_code, period, plant_id, lower, upper, unit, reference_oxygen, standard, source, confirmed_by, valid_from, valid_to)
select v.parameter, v.period, p.plant_id, v.lower, v.upper, v.unit, v.oxygen, 's', 's', v.by, v.valid_from::timestamptz, v.valid_to::timestamptz
  from (values ('P1', 'a21026', 'hour', null, 5, 'mg/m3', null, 'x', '-infinity', '2020-11-03 04:00+08'), ('P1', 'a21026', 'hour', null, 4, 'mg/m3', null, null, '2020-11-03 04:00+08', 'infinity'),
               ('P1', 'a21026', 'hour', null, 6, 'mg/m3', 6, 'x', '-infinity', 'infinity'), ('P1', 'a21026', 'hour', null, 7, 'mg/m3', 3, 'x', '2020-11-02 00:00+08', '2020-11-04 00:00+08'),
               ('P1', 'a21026', 'day', null, 5, 'mg/m3', null, 'x', '-infinity', 'infinity'), ('P1', 'a21026', 'day', null, 6, 'mg/m3', 6, 'x', '-infinity', 'infinity'),
               ('P1', 'a21026', 'day', null, 6.5, 'mg/m3', 3, 'x', '-infinity', '2020-11-04 00:00+08'), ('P2', 'w01018', 'hour', null, 5, 'mg/L', null, 'x', '-infinity', 'infinity'),
               ('P2', 'w01018', 'day', null, 5, 'mg/L', null, 'x', '-infinity', 'infinity'), ('P2', 'w01001', 'hour', 4, 6, '1', null, 'x', '-infinity', 'infinity')
       ) v (plant, parameter, period, lower, upper, unit, oxygen, by, valid_from, valid_to)
  join abate.plant p on p.plant_code = v.plant;

-- What the monitors send in four days: each of these at some time, some never, some twice, some with another value.
create function pg_temp.pick(list anyarray) returns anyelement language sql volatile as $$ select list[1 + floor(random() * cardinality(list))::int] $$;
create function pg_temp.reading(n int) returns float8 language sql volatile return case when random() < 0.1 then null else pg_temp.pick('{3,4,5,5,6,7,8}'::float8[]) end;
create function pg_temp.oxygen() returns float8 language sql volatile return case when random() < 0.1 then null else pg_temp.pick('{6,6,3,9,20.99,21,22}'::float8[]) end;
create function pg_temp.marks(n int) returns text language sql volatile
return case when random() < 0.8 then null else (select string_agg(pg_temp.pick('{N,N,N,D,M,F,C}'::text[]), '') from generate_series(1, n)) end;
create table pg_temp.history (feed_id int, at timestamptz, value float8[], mark text, turn float8);

create function pg_temp.make_history() returns void language plpgsql as $$
begin
    truncate pg_temp.history;
    insert into pg_temp.history
    select pg_temp.feed('S1', 'minute'), t, array[pg_temp.reading(1), pg_temp.reading(2), pg_temp.reading(3), pg_temp.oxygen()], pg_temp.marks(4), 0
      from generate_series(timestamptz '2020-10-30 16:00+00', '2020-11-03 15:59+00', '10 minutes') t union all
    select pg_temp.feed('S1', 'hour'), t, array[pg_temp.reading(1), pg_temp.reading(2), pg_temp.oxygen()], pg_temp.marks(3), 0
      from generate_series(timestamptz '2020-10-30 16:00+00', '2020-11-03 15:59+00', '1 hour') t union all
    select pg_temp.feed('S1', 'day'), t, array[pg_temp.reading(1), pg_temp.oxygen()], pg_temp.marks(2), 0
      from generate_series(timestamptz '2020-10-30 16:00+00', '2020-11-03 15:59+00', '1 day') t union all
    select pg_temp.feed('S2', 'minute'), t, array[pg_temp.reading(1), pg_temp.oxygen()], pg_temp.marks(2), 0
      from generate_series(timestamptz '2020-10-30 16:00+00', '2020-11-03 15:59+00', '10 minutes') t union all
    select pg_temp.feed('W1', 'minute'), t, array[pg_temp.reading(1), null, pg_temp.reading(2), pg_temp.pick('{0,1,2,null}'::float8[])], pg_temp.marks(4), 0
      from generate_series(timestamptz '2020-10-30 16:00+00', '2020-11-03 15:59+00', '20 minutes') t union all
    select pg_temp.feed('W1', 'hour'), t, array[pg_temp.reading(1)], pg_temp.marks(1), 0
      from generate_series(timestamptz '2020-10-30 16:30+00', '2020-11-03 15:59+00', '1 hour') t union all
    select pg_temp.feed('E1', 'minute'), t, array[case when random() < 0.05 then 0 else (extract(epoch from t) / 600)::bigint % 300 * 3 end, pg_temp.reading(2)], pg_temp.marks(2), 0
      from generate_series(timestamptz '2020-10-30 16:00+00', '2020-11-03 15:59+00', '20 minutes') t;
    delete from pg_temp.history where random() < 0.15;
    update pg_temp.history set turn = extract(epoch from at - '2020-10-30 16:00+00') / 86400 + case when random() < 0.2 then random() * 5 else 0 end;
    insert into pg_temp.history -- again, the same or not
    select feed_id, at, case when random() < 0.5 then value else array[pg_temp.reading(1)] || value[2:] end, case when random() < 0.5 then mark else pg_temp.marks(cardinality(value)) end, turn + random() * 3
      from pg_temp.history where random() < 0.1;
end
$$;
-- What comes up to a turn, stored as the daemon stores it; now and then a person takes a later reading for the right one.
create function pg_temp.arrive(turns float8) returns void language plpgsql as $$
begin
    insert into pg_temp.incoming_sample (feed_id, journal_id, at, position, value, mark)
    select feed_id, 1, at, (turn * 1000)::bigint, value, mark from pg_temp.history where turn <= turns order by turn;
    insert into abate.touched_hour (feed_id, hour)
    select i.feed_id, abate.hour_of(i.at, m.utc_offset) from pg_temp.incoming_sample i join abate.feed f on f.feed_id = i.feed_id join abate.monitor m on m.monitor_id = f.monitor_id;
    perform abate.merge_samples();
    truncate pg_temp.incoming_sample;
    delete from pg_temp.history where turn <= turns;
    perform abate.accept_revision(r.revision_id) from abate.revision r where random() < 0.05;
end
$$;

create view pg_temp.hourly as select series_id, at, received, valid, value, oxygen, is_valid, is_official from abate.hourly;
create view pg_temp.daily as select series_id, day, received, valid, value, converted, is_valid, is_official, is_weighted from abate.daily;
create view pg_temp.exceedance as select limit_id, monitor_id, at, series_id, value, bound, evidence from abate.exceedance where withdrawn is null;
create view pg_temp.breach as
select rule, limit_id, monitor_id, series_id, opened, closed, bound, worst, worst_at, last_at, count, severity, count_30_days, evidence - 'computed_series' as evidence
  from abate.breach where withdrawn is null and rule in ('hour', 'day');
create view pg_temp.difference as
select monitor_id, series_id, opened, closed, bound, worst, evidence from abate.breach where withdrawn is null and rule = 'difference';
create view pg_temp.consumption as select series_id, at, amount, state from abate.consumption;

create function pg_temp.judge_all(at timestamptz, most int) returns void language plpgsql as $$
declare more boolean := true;
begin
    while more loop
        select j.more into more from abate.judge(judge_all.at, most, false) j;
    end loop;
end
$$;
-- The rows that only one of the two has.
create function pg_temp.unlike(name text) returns text language plpgsql as $$
declare result text;
begin
    execute format($f$
        select string_agg(u, e'\n' order by u)
          from (select * from (
               (select 'in pieces: ' || x::text as u from pg_temp.was_%1$s x except all select 'in pieces: ' || y::text from pg_temp.%1$s y) union all
               (select 'at once:   ' || y::text from pg_temp.%1$s y except all select 'at once:   ' || x::text from pg_temp.was_%1$s x)) a order by u limit 20) b $f$, name) into result;
    return result;
end
$$;
create function pg_temp.live(seed int) returns setof text language plpgsql as $$
declare
    name  text;
    names constant text[] := '{hourly,daily,exceedance,breach,difference,consumption}';
    turns float8 := 0;
begin
    perform setseed(seed / 10007.0);
    truncate abate.sample, abate.revision, abate.hourly, abate.daily, abate.exceedance, abate.breach, abate.consumption, abate.touched_hour, abate.touched_day cascade;
    perform pg_temp.make_history();
    while exists (select from pg_temp.history) loop
        turns := turns + random() * 0.6;
        perform pg_temp.arrive(turns);
        -- the clock goes on, stands still, or is wrong
        perform abate.judge(timestamptz '2020-10-30 16:00+00' + case when random() < 0.8 then turns else random() * 12 end * interval '1 day',
                            pg_temp.pick('{1,5,50,500,50000}'::int[]), false);
    end loop;
    perform pg_temp.judge_all('2020-11-20 00:00+00', 50000);
    foreach name in array names loop
        execute format('create table pg_temp.was_%1$s as select * from pg_temp.%1$s', name);
    end loop;

    truncate abate.hourly, abate.daily, abate.exceedance, abate.breach, abate.consumption, abate.touched_hour, abate.touched_day cascade;
    insert into abate.touched_hour (feed_id, hour)
    select distinct s.feed_id, abate.hour_of(s.at, m.utc_offset) from abate.sample s join abate.feed f using (feed_id) join abate.monitor m using (monitor_id);
    perform pg_temp.judge_all('2020-11-20 00:00+00', 2000000000);
    foreach name in array names loop
        return next is(pg_temp.unlike(name), null, format('seed %s: %s, judged in pieces as at once', seed, name));
        execute format('drop table pg_temp.was_%s', name);
    end loop;
end
$$;
select pg_temp.live(s) from generate_series(:first, :first + :seeds - 1) s;
select * from finish();
rollback;
