-- Partitions of sample, one a month of UTC. A month is counted from January of year 0: year * 12 + month - 1.

set local role abate_owner;

create or replace view abate.sample_partition as
select c.oid::regclass as partition,
       substr(c.relname, 8, 4)::int * 12 + substr(c.relname, 13, 2)::int - 1 as month,
       greatest(c.reltuples, 0)::bigint as samples,
       pg_total_relation_size(c.oid) as bytes
  from pg_inherits i
  join pg_class c on c.oid = i.inhrelid
 where i.inhparent = 'abate.sample'::regclass
   and c.relname ~ '^sample_\d{4}_\d{2}$';
comment on view abate.sample_partition is 'The partitions of sample; a month is year * 12 + month - 1.';
comment on column abate.sample_partition.samples is 'About how many rows, as of the last vacuum.';
comment on column abate.sample_partition.bytes is 'On disk, with the index.';

create or replace function abate.make_partition(parent text, month int, what text, settings text default '') returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    year   constant int := month / 12;
    begins constant timestamptz := make_timestamptz(year, month % 12 + 1, 1, 0, 0, 0, 'UTC');
    ends   constant timestamptz := make_timestamptz((month + 1) / 12, (month + 1) % 12 + 1, 1, 0, 0, 0, 'UTC');
    span   constant text := format('%s-%s', to_char(year, 'FM0000'), to_char(month % 12 + 1, 'FM00'));
    name   constant text := parent || '_' || translate(span, '-', '_');
begin
    if (select c.relkind from pg_class c where c.oid = format('abate.%I', parent)::regclass) <> 'p' then
        return; -- something else divides it: sql/optional
    end if;
    for tries in 1 .. 2 loop
        -- By its name in pg_class: to_regclass() may remember that there was none.
        if exists (select from pg_inherits i
                     join pg_class c on c.oid = i.inhrelid
                    where i.inhparent = format('abate.%I', parent)::regclass and c.relname = name) then
            return;
        end if;
        -- One session at a time: a second one waits here, and then finds the partition. Those of sample have a lock of
        -- their own: the judge holds that of hourly until it is through, and the daemon would wait for it.
        perform pg_advisory_xact_lock(x'61626174'::int, case parent when 'sample' then 0 else -2 end);
    end loop;
    if to_regclass(format('abate.%I', name)) is not null then
        raise exception 'table abate.% is there, but is no partition of abate.%', name, parent
            using errcode = 'duplicate_table', hint = 'Attach it again, or move it to another schema.';
    end if;

    -- Made and then attached: "partition of" would stop all who read or write the other months.
    execute format('create table abate.%I (like abate.%I including all) %s', name, parent, settings);
    execute format('comment on table abate.%I is %L', name, format('%s of %s (UTC).', what, span));
    execute format('alter table abate.%I attach partition abate.%I for values from (%L) to (%L)', parent, name, begins, ends);
end
$$;
comment on function abate.make_partition is
    'Makes the partition of a table for a month (year * 12 + month - 1, UTC) if it is not there, and if the table has such.';

create or replace function abate.ensure_partition(month int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if month / 12 not between 1900 and 2199 then
        raise exception 'month %: no year from 1900 to 2199', month using errcode = 'check_violation';
    end if;
    -- Rows are added and hardly ever changed: freeze them at the first vacuum, and never touch the page again.
    perform abate.make_partition('sample', month, 'Samples',
                                 'with (autovacuum_freeze_min_age = 0, autovacuum_vacuum_insert_scale_factor = 0.1, '
                                 'autovacuum_vacuum_scale_factor = 0.05)');
end
$$;
comment on function abate.ensure_partition is
    'Makes the partition of sample for a month (year * 12 + month - 1, UTC) if it is not there.';
grant execute on function abate.ensure_partition to abate_writer;

create or replace function abate.ensure_kept_partition(month int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    name text := format('sample_%s_%s', month / 12, lpad((month % 12 + 1)::text, 2, '0'));
begin
    lock table only abate.sample in row exclusive mode; -- as who stores does: it is not let go before the end
    if not exists (select from abate.sample_partition p where p.month = ensure_kept_partition.month)
       and exists (select from abate.change c where c.table_name = 'sample' and c.operation = 'delete' and c.row_key = name) then
        raise exception 'its month was let go: %-%', month / 12, lpad((month % 12 + 1)::text, 2, '0') using errcode = 'check_violation';
    end if;
    perform abate.ensure_partition(month);
end
$$;
comment on function abate.ensure_kept_partition is
    'As ensure_partition(), but refuses a month that was let go: what is read anew long after would stand alone in it, and its hour be judged by that alone.';
grant execute on function abate.ensure_kept_partition to abate_writer;

create or replace function abate.ensure_partitions_ahead(months int) returns void
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
    select abate.ensure_partition(m)
      from (select extract(year from now() at time zone 'UTC')::int * 12
                   + extract(month from now() at time zone 'UTC')::int - 1 as this_month) as t,
           generate_series(this_month, this_month + months) as m;
end;
comment on function abate.ensure_partitions_ahead is
    'Makes the partitions of sample for this month and so many after it.';
grant execute on function abate.ensure_partitions_ahead to abate_writer;
