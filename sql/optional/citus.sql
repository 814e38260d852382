-- An archive of samples over the machines of a Citus cluster, by feed, compressed. Optional: abate-operations(7)
-- says what for.
--
--     psql -X -f citus.sql abate                             as a superuser, on the coordinator
--     psql -X -c "call abate_archive.take('2015-01-01')" abate      a month is copied
--
-- abate.sample itself is not distributed: what stores and judges looks a feed's instants up one by one for a batch in temporary
-- tables, and Citus (13.2) refuses such statements: "cannot push down this subquery". It stays as it is, on the coordinator.
--
--     abate.sample ---- take(month) ---> abate_archive.sample     distributed by feed_id, columns, a partition a month
--     abate.series, feed, monitor ... -> abate_archive.series     reference table, on every machine
--                                              '---> abate_archive.reading     as abate.reading

\set ON_ERROR_STOP on
\set QUIET on
begin;

create extension if not exists citus;
create extension if not exists citus_columnar;

-- abate's own schema is the coordinator's alone: Citus would carry what abatectl migrate makes to the other machines, and log in
-- there as abate_owner, which may not.
select format('alter database %I set citus.enable_ddl_propagation = off', current_database()) \gexec
set local citus.enable_ddl_propagation = on;
-- Roles of before the machines were joined are not theirs.
do $$
declare
    answer text;
begin
    select string_agg(r.result, '; ') into answer
      from (values ('abate_owner', 'nologin'), ('abate_reader', 'login')) v (role, may)
     cross join lateral run_command_on_workers(format(
               'do %L', format('begin if to_regrole(%L) is null then create role %1$I %s; end if; end', v.role, v.may))) r
     where not r.success;
    if answer is not null then
        raise exception 'a machine has not got the roles abate_owner and abate_reader: %', answer;
    end if;
end
$$;

create schema abate_archive;
comment on schema abate_archive is 'Samples of past years, over the machines of a Citus cluster. People ask the view reading.';
grant usage on schema abate_archive to abate_reader, abate_owner;

create table abate_archive.sample (like abate.sample including comments, primary key (feed_id, at)) partition by range (at);
comment on table abate_archive.sample is 'Months that were taken from abate.sample, as they were then. Nothing in it is judged or corrected.';
select from create_distributed_table('abate_archive.sample', 'feed_id');

create table abate_archive.series (
    feed_id        int,
    slot           smallint,
    series_id      int not null,
    region_code    text not null,
    plant_code     text not null,
    monitor_code   text not null,
    medium         text not null,
    period         text not null,
    parameter_code text not null,
    statistic      text not null,
    unit           text not null,
    primary key (feed_id, slot)
);
comment on table abate_archive.series is 'What each slot of a sample is, as the register had it when a month was taken last.';
select from create_reference_table('abate_archive.series');

create view abate_archive.reading as
select x.region_code, x.plant_code, x.monitor_code, x.medium, x.period, x.parameter_code, x.statistic, s.at,
       s.value[x.slot] as value, x.unit, coalesce(nullif(substr(s.mark, x.slot, 1), ''), 'N') as mark,
       s.feed_id, x.series_id, s.journal_id, s.position
  from abate_archive.sample s
  join abate_archive.series x on x.feed_id = s.feed_id
 where s.value[x.slot] is not null or coalesce(nullif(substr(s.mark, x.slot, 1), ''), 'N') <> 'N';
comment on view abate_archive.reading is 'Every reading of the archive, one row a value: the columns of abate.reading that are of its samples.';
grant select on all tables in schema abate_archive to abate_reader, abate_owner;

create procedure abate_archive.take(month date, again boolean default false)
language plpgsql set search_path = pg_catalog, pg_temp set citus.enable_ddl_propagation = on as $$
declare
    begins constant timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
    ends   constant timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
    name   constant text := to_char(begins at time zone 'UTC', '"sample_"YYYY_MM');
    taken  bigint;
begin
    if to_regclass('abate_archive.' || name) is not null then
        if not again then
            raise exception 'abate_archive.% is there: that month was taken', name
                using hint = 'To have it taken as it is now, say again => true.';
        end if;
        execute format('drop table abate_archive.%I', name);
    end if;
    insert into abate_archive.series as x
    select s.feed_id, s.slot, s.series_id, p.region_code, p.plant_code, m.monitor_code, m.medium, f.period, s.parameter_code,
           s.statistic, s.unit
      from abate.series s
      join abate.feed f on f.feed_id = s.feed_id
      join abate.monitor m on m.monitor_id = f.monitor_id
      join abate.plant p on p.plant_id = m.plant_id
    on conflict (feed_id, slot) do update
       set series_id = excluded.series_id, region_code = excluded.region_code, plant_code = excluded.plant_code,
           monitor_code = excluded.monitor_code, medium = excluded.medium, period = excluded.period,
           parameter_code = excluded.parameter_code, statistic = excluded.statistic, unit = excluded.unit;
    execute format('create table abate_archive.%I partition of abate_archive.sample for values from (%L) to (%L) using columnar',
                   name, begins, ends);
    execute format('grant select on abate_archive.%I to abate_reader, abate_owner', name);
    insert into abate_archive.sample select * from abate.sample s where s.at >= begins and s.at < ends;
    get diagnostics taken = row_count;
    if taken <> (select count(*) from abate.sample s where s.at >= begins and s.at < ends)
            or taken <> (select count(*) from abate_archive.sample s where s.at >= begins and s.at < ends) then
        raise exception 'not all samples of % were taken: something is stored in that month now', name;
    end if;
    raise notice '% samples taken into abate_archive.%', taken, name;
end
$$;
comment on procedure abate_archive.take is 'Copies the samples of a month (of UTC) from abate.sample into the archive, again if asked; abate.sample keeps them.';
revoke all on procedure abate_archive.take from public;
commit;
