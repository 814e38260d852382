-- The numbers by which is judged, the monitor's clock, and what a reading is.

set local role abate_owner;

create or replace function abate.threshold(code text, medium text, at timestamptz) returns float8
language sql stable parallel safe
begin atomic
    select t.value
      from abate.threshold t
     where t.threshold_code = code
       and (t.medium is null or t.medium = threshold.medium)
       and at >= t.valid_from and at < t.valid_to
     order by t.medium nulls last, t.valid_from desc
     limit 1;
end;
comment on function abate.threshold is
    'The number of table threshold that holds for a medium at an instant: the medium''s own (medium null: none) before the general one, the newest of those; null if there is none.';
grant execute on function abate.threshold to abate_writer, abate_reader;

create or replace function abate.hour_of(at timestamptz, utc_offset interval) returns timestamptz
language sql immutable parallel safe
return date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00' - utc_offset);
comment on function abate.hour_of is 'The beginning of the hour an instant is in, by a clock so far ahead of UTC.';
grant execute on function abate.hour_of to abate_writer, abate_reader;

create or replace function abate.day_of(at timestamptz, utc_offset interval) returns date
language sql immutable parallel safe
return ((at at time zone 'UTC') + utc_offset)::date;
comment on function abate.day_of is 'The day an instant is in, by a clock so far ahead of UTC.';
grant execute on function abate.day_of to abate_writer, abate_reader;

create or replace function abate.day_begins(day date, utc_offset interval) returns timestamptz
language sql immutable parallel safe
return (day::timestamp - utc_offset) at time zone 'UTC';
comment on function abate.day_begins is 'The instant a day begins, by a clock so far ahead of UTC.';
grant execute on function abate.day_begins to abate_writer, abate_reader;

create or replace function abate.is_value(statistic text) returns boolean
language sql immutable parallel safe
return statistic in ('value', 'Avg', 'Rtd');
comment on function abate.is_value is
    'Whether a series of this statistic is the measured value itself, as limits mean it: "value", or Avg and Rtd of HJ 212; not a minimum, a maximum, or what the device has converted.';
grant execute on function abate.is_value to abate_writer, abate_reader;

create or replace function abate.mark_of(marks text, slot int) returns text
language sql immutable parallel safe
return coalesce(nullif(substr(marks, slot, 1), ''), 'N');
comment on function abate.mark_of is 'The mark of one slot of a sample (null, or past the end: N).';
