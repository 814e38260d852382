-- How much of what a monitor owes has come, and is valid.
--
--     transmission effective rate (传输有效率) = transmission rate (传输率) x validity rate (有效率)
--                                             = received / due           x  valid / received

set local role abate_owner;

create or replace view abate.owed_parameter as
select distinct x.monitor_id, x.parameter_code
  from (select s.monitor_id, s.parameter_code, p.quantity = 'concentration' as is_pollutant,
               bool_or(p.quantity = 'concentration') over (partition by s.monitor_id) as has_pollutant
          from abate.mean_series s
          join abate.parameter p on p.parameter_code = s.parameter_code
         where s.period <> 'day') x
 where x.is_pollutant or x.has_pollutant is not true;
comment on view abate.owed_parameter is
    'What a monitor''s availability is counted by: the concentrations it measures; all it measures, if there are none.';

create or replace function abate.availability(from_at timestamptz, to_at timestamptz, monitor_id int default null)
    returns table (monitor_id int, due_hours bigint, received_hours bigint, valid_hours bigint,
                   transmission_rate float8, validity_rate float8, effective_rate float8)
language sql stable
begin atomic
    with span as (
        select m.monitor_id, m.plant_id, m.utc_offset,
               greatest(abate.hour_of(from_at + interval '1 hour' - interval '1 microsecond', m.utc_offset),
                        abate.day_begins(m.must_report_from, m.utc_offset)) as begins,
               least(abate.hour_of(to_at, m.utc_offset), abate.day_begins(m.must_report_to, m.utc_offset)) as ends
          from abate.monitor m
         where m.must_report_from is not null
           and (availability.monitor_id is null or m.monitor_id = availability.monitor_id)
    ),
    excused as (
        select distinct s.monitor_id, h.hour
          from span s
          join abate.stoppage o
            on (o.monitor_id = s.monitor_id or o.plant_id = s.plant_id) and o.kind in ('stopped', 'fault')
           and o.begins < s.ends and o.ends > s.begins
         cross join lateral generate_series(abate.hour_of(greatest(o.begins, s.begins), s.utc_offset),
                                            least(o.ends, s.ends) - interval '1 microsecond', interval '1 hour') as h (hour)
    ),
    due as (
        select s.monitor_id, p.parameters,
               greatest(extract(epoch from s.ends - s.begins) / 3600, 0)::bigint
               - (select count(*) from excused e where e.monitor_id = s.monitor_id) as hours
          from span s
          join (select o.monitor_id, count(*) as parameters from abate.owed_parameter o group by o.monitor_id) p
            on p.monitor_id = s.monitor_id
    ),
    come as (
        select s.monitor_id, count(*) filter (where h.received > 0) as received, count(*) filter (where h.is_valid) as valid
          from span s
          join abate.owed_parameter o on o.monitor_id = s.monitor_id
          join abate.mean_series x on x.monitor_id = o.monitor_id and x.parameter_code = o.parameter_code and x.period <> 'day'
          join abate.hourly h on h.series_id = x.series_id and h.at >= s.begins and h.at < s.ends and h.is_official
           and h.at >= from_at and h.at < to_at
         where not exists (select from excused e where e.monitor_id = s.monitor_id and e.hour = h.at)
         group by s.monitor_id
    )
    select d.monitor_id, d.hours * d.parameters, coalesce(c.received, 0), coalesce(c.valid, 0),
           coalesce(c.received, 0) / nullif(d.hours * d.parameters, 0)::float8,
           c.valid / nullif(c.received, 0)::float8,
           coalesce(c.valid, 0) / nullif(d.hours * d.parameters, 0)::float8
      from due d
      left join come c on c.monitor_id = d.monitor_id;
end;
comment on function abate.availability is
    'Hours due, received and valid in a span (whole hours by the monitor''s clock), of the monitors that must report, or of one: for each parameter owed one. Hours in which a stop or fault was reported are not due, nor counted. effective_rate = transmission_rate * validity_rate; null: nothing was due.';
grant execute on function abate.availability to abate_writer, abate_reader;

create or replace view abate.availability_month as
select m.monitor_code, p.plant_code, month.month, a.due_hours, a.received_hours, a.valid_hours,
       a.transmission_rate, a.validity_rate, a.effective_rate,
       a.effective_rate >= abate.threshold('availability_pass', m.medium, span.begins) as is_passed,
       a.effective_rate >= abate.threshold('availability_aim', m.medium, span.begins) as is_aimed
  from abate.monitor m
  join abate.plant p on p.plant_id = m.plant_id
 cross join (select coalesce((select s.judged_to from abate.judge_state s), now())
                    - coalesce(abate.threshold('hour_grace', null, now()), 0) * interval '1 minute' as at) closed
 cross join lateral (
       select g.month::date as month
         from generate_series(date_trunc('month', m.must_report_from::timestamp),
                              least(abate.day_of(closed.at, m.utc_offset), m.must_report_to - 1)::timestamp,
                              interval '1 month') as g (month)) month
 cross join lateral (
       select abate.day_begins(month.month, m.utc_offset) as begins,
              least(abate.day_begins((month.month + interval '1 month')::date, m.utc_offset), closed.at) as ends) span
 cross join lateral abate.availability(span.begins, span.ends, m.monitor_id) a;
comment on view abate.availability_month is
    'The transmission effective rate of each monitor that must report, month by month of its clock; of the present month, up to what has been judged.';
comment on column abate.availability_month.month is 'Its first day.';
comment on column abate.availability_month.due_hours is
    'Hours times parameters (view owed_parameter), without those in which a stop or fault was reported; likewise the next two.';
comment on column abate.availability_month.transmission_rate is '传输率: received / due.';
comment on column abate.availability_month.validity_rate is '有效率: valid / received.';
comment on column abate.availability_month.effective_rate is '传输有效率: the product of both.';
comment on column abate.availability_month.is_passed is 'Not below the threshold availability_pass.';
comment on column abate.availability_month.is_aimed is 'Not below the threshold availability_aim.';
