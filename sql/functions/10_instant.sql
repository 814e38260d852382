-- Instants as the daemon counts them.

set local role abate_owner;

create or replace function abate.microseconds(instant timestamptz) returns bigint
language sql immutable parallel safe
return case when isfinite(instant) then (extract(epoch from instant) * 1000000)::bigint end;
comment on function abate.microseconds is 'Microseconds since 1970-01-01T00:00:00Z; null for an infinity.';
grant execute on function abate.microseconds to abate_writer, abate_reader;
