-- Partitions of hourly, one a month of UTC, counted as those of sample: year * 12 + month - 1.

set local role abate_owner;

create or replace function abate.month_of(at timestamptz) returns int
language sql immutable parallel safe
return extract(year from at at time zone 'UTC')::int * 12 + extract(month from at at time zone 'UTC')::int - 1;
comment on function abate.month_of is 'The month of UTC an instant is in: year * 12 + month - 1.';
grant execute on function abate.month_of to abate_writer, abate_reader;

create or replace function abate.ensure_hourly_partition(month int) returns void
language sql security definer set search_path = pg_catalog, pg_temp
return abate.make_partition('hourly', month, 'Hours');
comment on function abate.ensure_hourly_partition is
    'Makes the partition of hourly for a month (year * 12 + month - 1, UTC) if it is not there. abate.close_hours() calls it.';
