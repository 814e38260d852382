-- How much of what a monitor owes has come, and is valid.
--
--     transmission effective rate (传输有效率) = transmission rate (传输率) x validity rate (有效率)
--                                             = received / due           x  valid / received

set local role abate_owner;

create or replace function abate.excused_hours(monitor_id int, from_at timestamptz, to_at timestamptz) returns tstzmultirange
language sql stable
begin atomic
    select coalesce(range_agg(tstzrange(greatest(abate.hour_of(o.begins, m.utc_offset), from_at),
                                        least(abate.hour_of(least(o.ends, to_at) + interval '1 hour' - interval '1 microsecond',
                                                            m.utc_offset), to_at))),
                    '{}'::tstzmultirange)
      from abate.monitor m
      join abate.stoppage o on o.monitor_id = m.monitor_id or o.plant_id = m.plant_id
     where m.monitor_id = excused_hours.monitor_id and o.kind in ('stopped', 'fault')
       and o.begins < to_at and o.ends > from_at;
end;
comment on function abate.excused_hours is
    'The hours of a monitor, by its clock, in which a stop or a fault was reported: an hour that is touched by one at all.';
grant execute on function abate.excused_hours to abate_writer, abate_reader;

-- Days that are closed have their hours counted; hour by hour go only those that are not, or not whole. To be merged into the
-- query that asks: to plan it anew for each series takes longer than to count.
create or replace function abate.official_hours(monitor_id int, series_id int, from_at timestamptz, to_at timestamptz,
        utc_offset interval)
    returns table (received bigint, valid bigint)
language sql stable
begin atomic
    select k.received + h.received, k.valid + h.valid
      from (select coalesce(sum(y.official_received), 0)::bigint as received,
                   coalesce(sum(y.official_valid), 0)::bigint as valid, coalesce(array_agg(y.day), '{}') as days
              from abate.daily y
             where y.series_id = official_hours.series_id and y.official_received is not null
               and y.day >= abate.day_of(from_at + interval '1 day' - interval '1 microsecond', utc_offset)
               and y.day < abate.day_of(to_at, utc_offset)
               and not exists (select from abate.touched_day n
                                where n.monitor_id = official_hours.monitor_id and n.day = y.day)) k
     cross join lateral (
           select count(*) filter (where h.received > 0) as received, count(*) filter (where h.is_valid) as valid
             from generate_series(abate.day_of(from_at, utc_offset)::timestamp,
                                  abate.day_of(to_at - interval '1 microsecond', utc_offset)::timestamp,
                                  interval '1 day') g (day)
            cross join lateral (select *
                                  from abate.hourly h
                                 where h.series_id = official_hours.series_id and h.at >= from_at and h.at < to_at
                                   and h.at >= abate.day_begins(g.day::date, utc_offset)
                                   and h.at < abate.day_begins(g.day::date + 1, utc_offset)
                                offset 0) h
            where g.day::date <> all (k.days) and h.is_official) h;
end;
comment on function abate.official_hours is
    'How many hours of a series of a monitor, that count, came and are valid in a span.';
grant execute on function abate.official_hours to abate_writer, abate_reader;

-- For one monitor, and not inlined, without hash joins: so it goes by the keys, however many monitors are asked for.
-- What is owed: the concentrations it measures; all it measures, if there are none. Where hours are excused, all are read.
create or replace function abate.monitor_availability(monitor_id int, from_at timestamptz, to_at timestamptz,
        out due_hours bigint, out received_hours bigint, out valid_hours bigint)
language sql stable set search_path = pg_catalog, pg_temp set enable_hashjoin = off set enable_mergejoin = off
begin atomic
    with measured as materialized (
        select x.series_id, x.parameter_code, x.is_concentration
          from abate.mean_series x
         where x.monitor_id = monitor_availability.monitor_id and x.period <> 'day'
    ),
    owed as materialized (
        select o.series_id, o.parameter_code
          from measured o
         where o.is_concentration or not (select bool_or(y.is_concentration) from measured y)
    ),
    span as (
        select m.monitor_id,
               greatest(abate.hour_of(from_at + interval '1 hour' - interval '1 microsecond', m.utc_offset),
                        abate.day_begins(m.must_report_from, m.utc_offset)) as begins,
               least(abate.hour_of(to_at, m.utc_offset), abate.day_begins(m.must_report_to, m.utc_offset)) as ends,
               m.utc_offset
          from abate.monitor m
         where m.monitor_id = monitor_availability.monitor_id and m.must_report_from is not null
    ),
    duty as materialized (
        select s.monitor_id, s.begins, s.ends, s.utc_offset, abate.excused_hours(s.monitor_id, s.begins, s.ends) as excused
          from span s
         where s.begins < s.ends
    )
    select coalesce(w.parameters * extract(epoch from d.ends - d.begins
                        - coalesce((select sum(upper(r) - lower(r)) from unnest(d.excused) r), '0'))::bigint / 3600, 0),
           coalesce(c.received, 0), coalesce(c.valid, 0)
      from (select count(distinct o.parameter_code) as parameters from owed o) w
      left join duty d on true
      left join lateral (
           select sum(h.received) as received, sum(h.valid) as valid
             from owed o
            cross join lateral abate.official_hours(d.monitor_id, o.series_id, d.begins, d.ends, d.utc_offset) h
            where isempty(d.excused)
           having isempty(d.excused)
            union all
           select count(*) filter (where h.received > 0), count(*) filter (where h.is_valid)
             from owed o
            cross join lateral (select *
                                  from abate.hourly h
                                 where h.series_id = o.series_id and h.at >= d.begins and h.at < d.ends
                                   and h.at >= from_at and h.at < to_at
                                offset 0) h
            where not isempty(d.excused) and h.is_official and not d.excused @> h.at
           having not isempty(d.excused)) c on true;
end;
comment on function abate.monitor_availability is
    'Hours due, received and valid of one monitor in a span, summed over the parameters it owes; 0 due if it need not report.';
grant execute on function abate.monitor_availability to abate_writer, abate_reader;

create or replace function abate.availability(from_at timestamptz, to_at timestamptz, monitor_id int default null)
    returns table (monitor_id int, due_hours bigint, received_hours bigint, valid_hours bigint,
                   transmission_rate float8, validity_rate float8, effective_rate float8)
language sql stable
begin atomic
    select m.monitor_id, a.due_hours, a.received_hours, a.valid_hours,
           a.received_hours / nullif(a.due_hours, 0)::float8, a.valid_hours / nullif(a.received_hours, 0)::float8,
           a.valid_hours / nullif(a.due_hours, 0)::float8
      from abate.monitor m
     cross join lateral abate.monitor_availability(m.monitor_id, from_at, to_at) a
     where m.must_report_from is not null
       and (availability.monitor_id is null or m.monitor_id = availability.monitor_id);
end;
comment on function abate.availability is
    'Hours due, received and valid in a span (whole hours by the monitor''s clock), of the monitors that must report, or of one: for each parameter owed one. Hours in which a stop or fault was reported are not due, nor counted. effective_rate = transmission_rate * validity_rate; null: nothing was due.';
grant execute on function abate.availability to abate_writer, abate_reader;

create or replace view abate.availability_month as
select m.monitor_code, p.plant_code, month.month, a.due_hours, a.received_hours, a.valid_hours,
       a.received_hours / nullif(a.due_hours, 0)::float8 as transmission_rate,
       a.valid_hours / nullif(a.received_hours, 0)::float8 as validity_rate, e.rate as effective_rate,
       e.rate >= abate.threshold('availability_pass', m.medium, span.begins) as is_passed,
       e.rate >= abate.threshold('availability_aim', m.medium, span.begins) as is_aimed
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
 cross join lateral abate.monitor_availability(m.monitor_id, span.begins, span.ends) a
 cross join lateral (select a.valid_hours / nullif(a.due_hours, 0)::float8 as rate) e;
comment on view abate.availability_month is
    'The transmission effective rate of each monitor that must report, month by month of its clock; of the present month, up to what has been judged.';
comment on column abate.availability_month.month is 'Its first day.';
comment on column abate.availability_month.due_hours is
    'Hours times parameters (the concentrations it measures; all, if there are none), without those in which a stop or fault was reported; likewise the next two.';
comment on column abate.availability_month.transmission_rate is '传输率: received / due.';
comment on column abate.availability_month.validity_rate is '有效率: valid / received.';
comment on column abate.availability_month.effective_rate is '传输有效率: the product of both.';
comment on column abate.availability_month.is_passed is 'Not below the threshold availability_pass.';
comment on column abate.availability_month.is_aimed is 'Not below the threshold availability_aim.';
