-- Hours: made of the minutes, real-time values or water samples of a feed, or as the plant reports them.
--
--     judged_feed_hour -> hour_sample -> made_hour -> settled_hour -> hourly, hourly_revision, judged_hour, touched_day
--
-- Facts: HJ 212-2017, appendix D; the numbers are rows of threshold.

set local role abate_owner;

create or replace function abate.rounded(value float8) returns float8
language sql immutable strict parallel safe
return case when value = 0 then value else round(value::numeric, 11 - floor(log(abs(value)))::int)::float8 end;
comment on function abate.rounded is
    'A value to 12 digits: what stands beyond them is the noise of adding up, and must not carry a mean past a limit it is equal to.';
grant execute on function abate.rounded to abate_writer, abate_reader;

create or replace function abate.convert_oxygen(value float8, oxygen float8, reference float8, undefined float8)
    returns float8
language sql immutable parallel safe
return case when oxygen < least(undefined, 21) then abate.rounded(value * (21 - reference) / (21 - oxygen)) end;
comment on function abate.convert_oxygen is
    'A concentration converted to its reference oxygen: value * (21 - reference) / (21 - oxygen), HJ 212-2017, appendix D, formula (28). Null where the oxygen is not known, or is undefined or more (threshold oxygen_undefined).';
grant execute on function abate.convert_oxygen to abate_writer, abate_reader;

create or replace view abate.mean_series as
select x.series_id, x.feed_id, f.monitor_id, x.parameter_code, x.slot, f.period, m.medium,
       case f.period when 'day' then 0 when 'hour' then 1 when 'minute' then 2 else 3 end as precedence,
       m.medium = 'water' and (t.slot is not null or coalesce(p.quantity = 'concentration', false)) as is_sampled,
       t.slot as time_slot
  from abate.series x
  join abate.feed f on f.feed_id = x.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.parameter p on p.parameter_code = x.parameter_code
  left join abate.series t
    on t.feed_id = x.feed_id and t.parameter_code = x.parameter_code and t.statistic = 'SampleTime'
 where abate.is_value(x.statistic);
comment on view abate.mean_series is 'The series of which means are made, or are reported: those of the measured value itself.';
comment on column abate.mean_series.precedence is
    'Which counts, if several of a monitor and parameter are as valid: the lowest. What is reported comes before what is made.';
comment on column abate.mean_series.is_sampled is
    'An analyser of water holds a value until its next sample: distinct samples are counted, not minutes. Flow, pH and the like are measured all the time.';
comment on column abate.mean_series.time_slot is 'The slot of the sample''s time in the same feed; null: none, and a value that changes is another sample.';

create or replace view abate.official_hour as
select x.monitor_id, x.parameter_code, h.at, h.series_id, h.value, h.oxygen, h.is_valid, h.received, h.valid,
       x.period = 'hour' as is_reported
  from abate.hourly h
  join abate.mean_series x on x.series_id = h.series_id
 where h.is_official;
comment on view abate.official_hour is
    'The hour that counts for a monitor and parameter: the reported one if valid, else the one made of minutes if valid, else the reported or only one.';
comment on column abate.official_hour.is_reported is 'The plant reports it; else it is made of its minutes.';
