-- abate.sample as a hypertable of TimescaleDB 2.11 or newer, compressed when a week of it is two months old. Optional:
-- abate-operations(7) says what for.
--
--     psql -X -f timescaledb.sql abate                  as a superuser, all daemons of the database stopped
--     abatectl migrate ...                              functions and views are made anew, on the new table
--     psql -X -c 'drop table abate.sample_before' abate
--
-- A partitioned table cannot become a hypertable: a new one takes its name, and the rows are copied.

\set ON_ERROR_STOP on
\set QUIET on
begin;

do $$
declare
    j record;
begin
    for j in select journal_id, instance from abate.journal_position order by journal_id loop
        -- Held to the end: none begins meanwhile.
        if not pg_try_advisory_xact_lock(x'61626174'::int, j.journal_id) then
            raise exception 'the daemon of instance "%" is at work', j.instance using errcode = 'AB002', hint = 'Stop it first.';
        end if;
    end loop;
end
$$;

create extension if not exists timescaledb;

do $$
begin
    if (select string_to_array(substring(extversion from '^[0-9.]+'), '.')::int[] < '{2,11}'
          from pg_extension where extname = 'timescaledb') then
        raise exception 'this TimescaleDB is older than 2.11: nothing late could be stored in what is compressed';
    end if;
    if current_setting('timescaledb.license') = 'apache' then
        raise exception 'this edition of TimescaleDB does not compress'
            using hint = 'Set timescaledb.license = timescale where the Community edition is installed.';
    end if;
    if (select relkind from pg_class where oid = 'abate.sample'::regclass) <> 'p' then
        raise exception 'abate.sample is no partitioned table: it is a hypertable already, or something else divides it';
    end if;
end
$$;

set local role abate_owner;
lock table abate.sample;
alter table abate.sample rename to sample_before;
alter table abate.sample_before rename constraint sample_pkey to sample_before_pkey;

-- Settings as of the partitions of a month: rows are added and hardly ever changed.
create table abate.sample (like abate.sample_before including all)
    with (autovacuum_freeze_min_age = 0, autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_vacuum_scale_factor = 0.05);
comment on table abate.sample is
    'What the monitors sent, one row for a feed and instant; a hypertable of TimescaleDB. People ask the views reading and latest_reading.';
grant insert on abate.sample to abate_writer;
select from create_hypertable('abate.sample', 'at', chunk_time_interval => interval '7 days', create_default_indexes => false);
insert into abate.sample select * from abate.sample_before;
alter table abate.sample set (timescaledb.compress, timescaledb.compress_segmentby = 'feed_id', timescaledb.compress_orderby = 'at');

-- A job runs as a role that may log in, which abate_owner may not; and one of a superuser must not be the owner's to change.
reset role;
create schema if not exists abate_timescaledb;
create or replace procedure abate_timescaledb.compress(job int, settings jsonb)
language plpgsql set role = abate_owner as $$
begin
    perform compress_chunk(c, if_not_compressed => true)
       from show_chunks('abate.sample', older_than => (settings ->> 'after')::interval) c;
end
$$;
revoke all on procedure abate_timescaledb.compress from public;
select format('job %s compresses each night; now: abatectl migrate, then drop table abate.sample_before',
              add_job('abate_timescaledb.compress', interval '1 day', '{"after": "60 days"}')) as done \gset
commit;
\echo :done
