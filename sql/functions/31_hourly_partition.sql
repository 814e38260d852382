-- Partitions of hourly, one a month of UTC, counted as those of sample: year * 12 + month - 1.

set local role abate_owner;

create or replace function abate.month_of(at timestamptz) returns int
language sql immutable parallel safe
return extract(year from at at time zone 'UTC')::int * 12 + extract(month from at at time zone 'UTC')::int - 1;
comment on function abate.month_of is 'The month of UTC an instant is in: year * 12 + month - 1.';
grant execute on function abate.month_of to abate_writer, abate_reader;

create or replace function abate.ensure_hourly_partition(month int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    year   constant int := month / 12;
    begins constant timestamptz := make_timestamptz(year, month % 12 + 1, 1, 0, 0, 0, 'UTC');
    ends   constant timestamptz := make_timestamptz((month + 1) / 12, (month + 1) % 12 + 1, 1, 0, 0, 0, 'UTC');
    name   constant text := format('hourly_%s_%s', to_char(year, 'FM0000'), to_char(month % 12 + 1, 'FM00'));
begin
    if exists (select from pg_inherits i
                where i.inhparent = 'abate.hourly'::regclass
                  and i.inhrelid = to_regclass(format('abate.%I', name))) then
        return;
    end if;

    -- One session at a time: a second one waits here, and then finds the partition.
    perform pg_advisory_xact_lock(x'61626174'::int, 0);
    if exists (select from pg_inherits i
                where i.inhparent = 'abate.hourly'::regclass
                  and i.inhrelid = to_regclass(format('abate.%I', name))) then
        return;
    end if;
    if to_regclass(format('abate.%I', name)) is not null then
        raise exception 'table abate.% is there, but is no partition of abate.hourly', name
            using errcode = 'duplicate_table', hint = 'Attach it again, or move it to another schema.';
    end if;

    -- Made and then attached: "partition of" would stop all who read the other months.
    execute format('create table abate.%I (like abate.hourly including all)', name);
    execute format('comment on table abate.%I is %L', name, 'Hours of ' || to_char(year, 'FM0000') || '-'
                   || to_char(month % 12 + 1, 'FM00') || ' (UTC).');
    execute format('alter table abate.hourly attach partition abate.%I for values from (%L) to (%L)', name, begins, ends);
end
$$;
comment on function abate.ensure_hourly_partition is
    'Makes the partition of hourly for a month (year * 12 + month - 1, UTC) if it is not there. abate.close_hours() calls it.';
