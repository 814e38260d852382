-- Mass: concentration times flow, hour by hour; and, for totals only, what stands for the hours without a valid one.
--
--     hourly_emission   kg in an hour: C x Q (HJ 212-2017, appendix D), as measured, never converted to reference oxygen
--     emission_hour     every hour that is due: measured, substituted (table substitution) or uncovered
--     emitted           their sum over a span

set local role abate_owner;

create or replace function abate.convert_unit(value float8, from_unit text, to_unit text) returns float8
language sql stable parallel safe
begin atomic
    select case when from_unit = to_unit then value
                else (select value * f.factor / t.factor
                        from abate.unit_conversion f
                        join abate.unit_conversion t on t.base_unit = f.base_unit
                       where f.unit = from_unit and t.unit = to_unit) end;
end;
comment on function abate.convert_unit is
    'A number in another unit, by the table unit_conversion; null if that does not lead from one to the other.';
grant execute on function abate.convert_unit to abate_writer, abate_reader;

create or replace function abate.standard_flow(q float8, ts float8, ps_kpa float8, ba_kpa float8, moisture float8)
    returns float8
language sql immutable parallel safe
return case when ts > -273 then q * 273 / (273 + ts) * (ba_kpa + ps_kpa) / 101.325 * (1 - moisture / 100) end;
comment on function abate.standard_flow is
    'A flow in the stack brought to dry gas at 0 degC and 101.325 kPa: Q x 273/(273 + ts) x (Ba + Ps)/101325 x (1 - Xsw), HJ 212-2017, appendix D. ts in degC, static pressure and barometric pressure in kPa, moisture in % by volume.';
grant execute on function abate.standard_flow to abate_writer, abate_reader;

create or replace function abate.stack_hour(monitor_id int, parameter_code text, unit text,
                                            from_at timestamptz, to_at timestamptz)
    returns table (at timestamptz, value float8, is_valid boolean)
language sql stable parallel safe
begin atomic
    select h.at, case when x.unit = stack_hour.unit then h.value else h.value * f.factor / t.factor end, h.is_valid
      from abate.official_hour h
      join abate.series x on x.series_id = h.series_id
      left join abate.unit_conversion f on f.unit = x.unit
      left join abate.unit_conversion t on t.unit = stack_hour.unit and t.base_unit = f.base_unit
     where h.monitor_id = stack_hour.monitor_id
       and h.parameter_code = stack_hour.parameter_code
       and h.at >= from_at and h.at < to_at
       and h.value is not null
       and (x.unit = stack_hour.unit or t.unit is not null);
end;
comment on function abate.stack_hour is
    'The official hours of a monitor and parameter in a unit, or none where its own cannot be converted. Written to be merged into the query that asks.';

create or replace function abate.hourly_flow(monitor_id int, from_at timestamptz, to_at timestamptz)
    returns table (at timestamptz, m3 float8, is_valid boolean)
language sql stable parallel safe
begin atomic
    select q.at, q.value, q.is_valid
      from abate.monitor m
     cross join lateral abate.stack_hour(m.monitor_id, case m.medium when 'water' then 'w00000' else 'a00000' end,
                                         'm3/h', from_at, to_at) q
     where m.monitor_id = hourly_flow.monitor_id and not m.flow_is_at_stack
     union all
    select q.at,
           abate.standard_flow(q.value, t.value, p.value, abate.threshold('ambient_pressure', m.medium, q.at), w.value),
           q.is_valid and t.is_valid and p.is_valid and w.is_valid
      from abate.monitor m
     cross join lateral abate.stack_hour(m.monitor_id, 'a00000', 'm3/h', from_at, to_at) q
      join lateral abate.stack_hour(m.monitor_id, 'a01012', 'degC', from_at, to_at) t on t.at = q.at
      join lateral abate.stack_hour(m.monitor_id, 'a01013', 'kPa', from_at, to_at) p on p.at = q.at
      join lateral abate.stack_hour(m.monitor_id, 'a01014', '%', from_at, to_at) w on w.at = q.at
     where m.monitor_id = hourly_flow.monitor_id and m.flow_is_at_stack;
end;
comment on function abate.hourly_flow is
    'Cubic metres a monitor passed in each hour: of dry gas at standard conditions, or of water. Where monitor.flow_is_at_stack, an hour also needs its temperature (a01012), pressure (a01013) and moisture (a01014).';

create or replace function abate.hourly_emission(monitor_id int, parameter_code text,
                                                 from_at timestamptz, to_at timestamptz)
    returns table (at timestamptz, kg float8, is_valid boolean)
language sql stable parallel safe
begin atomic
    select c.at, c.value * q.m3, c.is_valid and q.is_valid and q.m3 is not null
      from abate.stack_hour(monitor_id, parameter_code, 'kg/m3', from_at, to_at) c
      join abate.hourly_flow(monitor_id, from_at, to_at) q on q.at = c.at;
end;
comment on function abate.hourly_emission is
    'Kilograms of a parameter that a monitor let out in each hour: concentration times flow, HJ 212-2017, appendix D (G = C x Q x 10^-6 for mg/m3 and m3/h). Valid if both are.';
grant execute on function abate.stack_hour, abate.hourly_flow, abate.hourly_emission to abate_writer, abate_reader;

create or replace function abate.quarter_begins(at timestamptz, utc_offset interval, later int) returns timestamptz
language sql immutable parallel safe
return (date_trunc('quarter', (at at time zone 'UTC') + utc_offset) + later * interval '3 months' - utc_offset)
       at time zone 'UTC';
comment on function abate.quarter_begins is
    'The beginning of the quarter an instant is in, or of one so many quarters later, by a clock so far ahead of UTC.';
grant execute on function abate.quarter_begins to abate_writer, abate_reader;

-- A gap is a run of hours that are due and not valid. It is known by how many valid hours went before it (nth); those
-- stand in one array, former ones first, so that the last n before a gap are a slice. Shares are by quarter: a gap over
-- the end of one is one in each, and months add up to their quarter, whoever asks. No nested loops: thousands of hours
-- are matched by their time, and a planner without statistics would try each with each.
create or replace function abate.emission_hour(monitor_id int, parameter_code text,
                                               from_at timestamptz, to_at timestamptz)
    returns table (at timestamptz, kg float8, state text)
language sql stable set enable_nestloop = off set jit = off
begin atomic
    with span as materialized (
        select m.monitor_id, m.plant_id, m.medium, m.utc_offset, m.must_report_from, m.must_report_to,
               abate.quarter_begins(from_at, m.utc_offset, 0) as begins,
               least(abate.quarter_begins(to_at - interval '1 hour', m.utc_offset, 1),
                     (select coalesce(abate.hour_of(j.judged_to - g.minutes * interval '1 minute', m.utc_offset), to_at)
                        from abate.judge_state j,
                             coalesce(abate.threshold('hour_grace', m.medium, j.judged_to), 0) as g (minutes))) as ends
          from abate.monitor m
         where m.monitor_id = emission_hour.monitor_id
    ),
    stop as materialized (
        select s.begins, s.ends
          from abate.stoppage s
          join span m on m.monitor_id = s.monitor_id or m.plant_id = s.plant_id
         where s.kind = 'stopped'
    ),
    emission as materialized (
        select e.at, e.kg
          from abate.hourly_emission(monitor_id, parameter_code, (select s.begins - interval '6 months' from span s),
                                     (select s.ends from span s)) e
         where e.is_valid
    ),
    due as (
        select h.at, e.kg, e.at is not null as is_valid, abate.quarter_begins(h.at, m.utc_offset, 0) as quarter
          from span m
         cross join generate_series(m.begins, m.ends - interval '1 hour', interval '1 hour') as h (at)
          left join emission e on e.at = h.at
         where not exists (select from stop s where h.at >= s.begins and h.at < s.ends)
           and h.at >= coalesce(abate.day_begins(m.must_report_from, m.utc_offset), '-infinity')
           and h.at < coalesce(abate.day_begins(m.must_report_to, m.utc_offset), 'infinity')
    ),
    numbered as materialized (
        select d.*, count(*) filter (where d.is_valid) over (order by d.at) as nth,
               avg(d.is_valid::int) over (partition by d.quarter) as capture
          from due d
    ),
    gap as (
        select n.quarter, n.nth, n.capture, min(n.at) as begins, count(*) as hours
          from numbered n
         where not n.is_valid
         group by n.quarter, n.nth, n.capture
        having max(n.at) >= from_at and min(n.at) < to_at
    ),
    known as materialized (
        select f.kg || d.kg as kg, cardinality(f.kg) as former
          from (select array(select e.kg from emission e, span s where e.at < s.begins order by e.at) as kg) f,
               (select array(select n.kg from numbered n where n.is_valid order by n.at) as kg) d
    ),
    filled as materialized (
        select g.quarter, g.nth,
               (select case u.takes when 'mean' then avg(v.kg) else max(v.kg) end
                  from unnest(k.kg[k.former + g.nth - coalesce(u.looks_back, g.hours) + 1 : k.former + g.nth]) as v (kg)
               ) as kg
          from gap g
         cross join known k
         cross join lateral (select u.takes, u.looks_back
                               from abate.substitution u, span m
                              where u.medium = m.medium
                                and g.capture >= u.capture_from and g.capture < u.capture_to
                                and g.hours >= u.hours_from and (u.hours_to is null or g.hours <= u.hours_to)
                                and g.begins >= u.valid_from and g.begins < u.valid_to
                              order by u.valid_from desc
                              limit 1) u
    )
    select n.at, coalesce(n.kg, f.kg),
           case when n.is_valid then 'measured' when f.kg is not null then 'substituted' else 'uncovered' end
      from numbered n
      left join filled f on not n.is_valid and f.quarter = n.quarter and f.nth = n.nth
     where n.at >= from_at and n.at < to_at
     order by n.at;
end;
comment on function abate.emission_hour is
    'Every hour of a span in which a monitor''s emission is due, with what it counts for in totals: measured; substituted by the valid hours before the gap, no more than half a year before the quarter; or uncovered, where the quarter has too few valid hours for that or none went before. Hours of a reported stop, outside of must_report_from and must_report_to, or not closed yet are left out: they count nothing.';
grant execute on function abate.emission_hour to abate_writer, abate_reader;

create or replace function abate.emitted(monitor_id int, parameter_code text, from_at timestamptz, to_at timestamptz,
                                         out kg float8, out measured_kg float8, out substituted_kg float8,
                                         out hours int, out measured_hours int, out substituted_hours int,
                                         out uncovered_hours int)
language sql stable
begin atomic
    select coalesce(sum(e.kg), 0),
           coalesce(sum(e.kg) filter (where e.state = 'measured'), 0),
           coalesce(sum(e.kg) filter (where e.state = 'substituted'), 0),
           count(*),
           count(*) filter (where e.state = 'measured'),
           count(*) filter (where e.state = 'substituted'),
           count(*) filter (where e.state = 'uncovered')
      from abate.emission_hour(monitor_id, parameter_code, from_at, to_at) e;
end;
comment on function abate.emitted is
    'What a monitor let out of a parameter in a span, in kg, and in how many hours: those due, of them measured, substituted, and uncovered, which add nothing (see abate.emission_hour). Never used to find an exceedance.';
grant execute on function abate.emitted to abate_writer, abate_reader;

create or replace view abate.emitter as
select m.monitor_id, m.monitor_code, m.utc_offset, p.plant_id, p.plant_code, p.region_code, x.parameter_code,
       exists (select
                 from abate.mean_series q
                 join abate.series s on s.series_id = q.series_id
                 join abate.unit_conversion u on u.unit = s.unit and u.base_unit = 'm3/h'
                where q.monitor_id = m.monitor_id
                  and q.parameter_code = case m.medium when 'water' then 'w00000' else 'a00000' end) as has_flow
  from (select distinct x.monitor_id, x.parameter_code
          from abate.mean_series x
          join abate.series s on s.series_id = x.series_id
          join abate.unit_conversion u on u.unit = s.unit and u.base_unit = 'kg/m3') x
  join abate.monitor m on m.monitor_id = x.monitor_id
  join abate.plant p on p.plant_id = m.plant_id
 where m.medium in ('air', 'water');
comment on view abate.emitter is 'Monitors and the parameters they measure a concentration of.';
comment on column abate.emitter.has_flow is 'It measures the flow, too; else its mass is not known.';

create or replace view abate.emission_month as
select e.plant_code, e.monitor_code, e.parameter_code, s.month, t.kg, t.measured_kg, t.substituted_kg,
       t.hours, t.measured_hours, t.substituted_hours, t.uncovered_hours
  from abate.emitter e
 cross join lateral (select abate.day_of(min(h.first_at), e.utc_offset) as first_day,
                            abate.day_of(max(h.last_at), e.utc_offset) as last_day
                       from (select (select min(k.at) from abate.hourly k where k.series_id = x.series_id) as first_at,
                                    (select max(k.at) from abate.hourly k where k.series_id = x.series_id) as last_at
                               from abate.mean_series x
                              where x.monitor_id = e.monitor_id and x.parameter_code = e.parameter_code) h) r
 cross join lateral (select g::date as month
                       from generate_series(date_trunc('month', r.first_day::timestamp), r.last_day::timestamp,
                                            interval '1 month') g) s
 cross join lateral abate.emitted(e.monitor_id, e.parameter_code, abate.day_begins(s.month, e.utc_offset),
                                  abate.day_begins((s.month + interval '1 month')::date, e.utc_offset)) t
 where e.has_flow;
comment on view abate.emission_month is
    'What each monitor let out in a month, in kg, by its clock; with the hours that were due, measured, substituted and uncovered. Ask for a plant or monitor and a month.';
comment on column abate.emission_month.month is 'Its first day.';
comment on column abate.emission_month.kg is 'Measured and substituted; uncovered hours add nothing.';
