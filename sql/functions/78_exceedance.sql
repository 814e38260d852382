-- Hourly and daily means held against their limits; exceedances, and breaches made of them.
--
--     judged_hour, judged_day --> judged_mean --> exceedance --> seed --> span --> episode --> breach
--
-- A breach is a run of exceeding means with no valid complying one in between:
--
--     mean        c  X  X  -  X  c  c  X      c: complies, X: exceeds, -: none, not valid, or not to be converted
--     breach         [-----------)     [---   closed at the first that complies
--
-- A mean that comes late or is corrected may split, join, lengthen or withdraw breaches. Only those about it are made anew:
-- from the breach it is in, or could continue, to the next mean that complies. What was before and after stays as it is, so
-- the cost does not grow with history.

set local role abate_owner;

create or replace function abate.limit_hours(held abate.emission_limit, monitor_id int, from_at timestamptz, to_at timestamptz)
    returns table (at timestamptz, series_id int, value float8, bound float8, is_past boolean, evidence jsonb)
language sql stable
begin atomic
    select o.at, o.series_id, v.value, b.bound, b.bound is not null and v.value is not null,
           jsonb_build_object('measured', o.value, 'oxygen', o.oxygen, 'received', o.received, 'valid', o.valid,
                              'reported', o.is_reported)
      from abate.official_hour o
      join abate.series x on x.series_id = o.series_id
      join abate.monitor m on m.monitor_id = o.monitor_id
     cross join lateral (select case when not o.is_valid then null
                                     when held.reference_oxygen is null then o.value
                                     else abate.convert_oxygen(o.value, o.oxygen, held.reference_oxygen,
                                                               abate.threshold('oxygen_undefined', m.medium, o.at))
                                end as value) v
     cross join lateral (select case when v.value > held.upper then held.upper
                                     when v.value < held.lower then held.lower end as bound) b
     where o.monitor_id = limit_hours.monitor_id and o.parameter_code = held.parameter_code and x.unit = held.unit
       and o.at >= from_at and o.at <= to_at and o.at >= held.valid_from and o.at < held.valid_to
    offset 0; -- looked up for each call, by index, also when the call is made a part of a larger query
end;
comment on function abate.limit_hours is
    'The hours of a monitor from one instant to another as held against a limit: converted if it says so; value null if not judged. A value equal to the limit complies.';

create or replace function abate.limit_days(held abate.emission_limit, monitor_id int, from_at timestamptz, to_at timestamptz)
    returns table (at timestamptz, series_id int, value float8, bound float8, is_past boolean, evidence jsonb)
language sql stable
begin atomic
    select d.at, o.series_id, v.value, b.bound, b.bound is not null and v.value is not null,
           jsonb_build_object('measured', o.value, 'received', o.received, 'valid', o.valid, 'reported', o.is_reported)
      from abate.monitor m
      join abate.official_day o on o.monitor_id = m.monitor_id
      join abate.series x on x.series_id = o.series_id
     cross join lateral (select abate.day_begins(o.day, m.utc_offset) as at) d
     cross join lateral (select case when not o.is_valid then null
                                     when held.reference_oxygen is null then o.value
                                     when held.reference_oxygen = m.reference_oxygen then o.converted
                                     else (select case when count(c.value) >= abate.threshold('day_valid_hours', m.medium, d.at)
                                                         then abate.rounded(avg(c.value)) end
                                             from abate.official_hour h
                                            cross join lateral (select abate.convert_oxygen(h.value, h.oxygen, held.reference_oxygen,
                                                                       abate.threshold('oxygen_undefined', m.medium, h.at)) as value) c
                                            where h.monitor_id = limit_days.monitor_id
                                                and h.parameter_code = held.parameter_code
                                              and h.at >= d.at and h.at < d.at + interval '1 day' and h.is_valid)
                                end as value) v
     cross join lateral (select case when v.value > held.upper then held.upper
                                     when v.value < held.lower then held.lower end as bound) b
     where m.monitor_id = limit_days.monitor_id and o.parameter_code = held.parameter_code and x.unit = held.unit
       and o.day >= abate.day_of(from_at, m.utc_offset) and o.day <= abate.day_of(to_at, m.utc_offset)
       and d.at >= from_at and d.at <= to_at and d.at >= held.valid_from and d.at < held.valid_to
    offset 0;
end;
comment on function abate.limit_days is
    'The days of a monitor that begin from one instant to another as held against a limit: the mean of the converted hours if it says so; value null if not judged.';

create or replace function abate.complying_means(limit_id int, monitor_id int, from_at timestamptz, to_at timestamptz)
    returns setof timestamptz
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    held constant abate.emission_limit := (select l from abate.emission_limit l where l.limit_id = complying_means.limit_id);
begin
    if held.period = 'hour' then
        return query select h.at from abate.limit_hours(held, monitor_id, from_at, to_at) h
                      where h.value is not null and not h.is_past;
    else
        return query select d.at from abate.limit_days(held, monitor_id, from_at, to_at) d
                      where d.value is not null and not d.is_past;
    end if;
end
$$;
comment on function abate.complying_means is 'When the means of a monitor, from one instant to another, were valid and complied with a limit.';

create or replace function abate.first_complying(limit_id int, monitor_id int, from_at timestamptz) returns timestamptz
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    newest constant timestamptz :=
        (select max(n.at)
           from abate.emission_limit l
           join abate.mean_series x on x.monitor_id = first_complying.monitor_id and x.parameter_code = l.parameter_code
           join abate.monitor m on m.monitor_id = x.monitor_id
          cross join lateral (
               (select h.at from abate.hourly h where l.period = 'hour' and h.series_id = x.series_id order by h.at desc limit 1)
                union all
               (select abate.day_begins(d.day, m.utc_offset) from abate.daily d
                 where l.period = 'day' and d.series_id = x.series_id order by d.day desc limit 1)) n (at)
          where l.limit_id = first_complying.limit_id);
    begins timestamptz := from_at;
    span   interval := '2 days';
    found  timestamptz;
begin
    -- Nearly always in the first step; a gap of months in a few.
    while begins <= newest loop
        found := (select min(c.at) from abate.complying_means(limit_id, monitor_id, begins, begins + span) c (at));
        exit when found is not null;
        begins := begins + span;
        span := span * 2;
    end loop;
    return found;
end
$$;
comment on function abate.first_complying is
    'The first mean, from an instant on, that is valid and complies with a limit; null if there is none yet.';

-- All that is new in one go, by hash: what is in the scope of a limit is some tens of thousands of pairs. The means
-- themselves are found by their keys.
create or replace function abate.judge_means() returns void
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '64MB' as $$
declare
    earliest timestamptz;
    latest   timestamptz;
begin
    select min(j.at), max(j.at) into earliest, latest from pg_temp.judged_hour j;

    create temporary table touched_mean on commit drop as
    select distinct x.monitor_id, x.parameter_code, 'hour' as period, j.at, null::date as day
      from pg_temp.judged_hour j
      join abate.mean_series x on x.series_id = j.series_id
     union all
    select distinct x.monitor_id, x.parameter_code, 'day', abate.day_begins(j.day, m.utc_offset), j.day
      from pg_temp.judged_day j
      join abate.mean_series x on x.series_id = j.series_id
      join abate.monitor m on m.monitor_id = x.monitor_id
     union
    -- The day's row says nothing of another reference oxygen than the monitor's: that mean is made of the hours.
    select x.monitor_id, x.parameter_code, 'day', abate.day_begins(d.day, m.utc_offset), d.day
      from pg_temp.judged_hour j
      join abate.mean_series x on x.series_id = j.series_id
      join abate.monitor m on m.monitor_id = x.monitor_id
     cross join lateral (select abate.day_of(j.at, m.utc_offset) as day) d
     where (x.monitor_id, x.parameter_code) in (
           select s.monitor_id, l.parameter_code
             from abate.emission_limit l
             join abate.limit_monitor s on s.limit_id = l.limit_id
             join abate.monitor o on o.monitor_id = s.monitor_id
            where l.kind = 'emission' and l.period = 'day' and l.reference_oxygen <> coalesce(o.reference_oxygen, 21));
    analyze pg_temp.touched_mean;

    -- Points and instants at which something is new, with each limit that holds, or held when they were judged before.
    create temporary table held_mean on commit drop as
    with scope as materialized (
        select s.monitor_id, l.limit_id, l.parameter_code, l.period, l.valid_from, l.valid_to
          from abate.emission_limit l
          join abate.limit_monitor s on s.limit_id = l.limit_id
         where l.kind = 'emission' and l.period in ('hour', 'day')
    ),
    past as materialized (
        select t.monitor_id, t.at, e.limit_id
          from (select distinct n.monitor_id, n.at from pg_temp.touched_mean n) t
         cross join lateral (select e.limit_id from abate.exceedance e
                              where e.monitor_id = t.monitor_id and e.at = t.at and e.withdrawn is null offset 0) e
    )
    select t.monitor_id, t.parameter_code, t.period, t.at, t.day, s.limit_id
      from pg_temp.touched_mean t
      join scope s on s.monitor_id = t.monitor_id and s.parameter_code = t.parameter_code and s.period = t.period
                  and t.at >= s.valid_from and t.at < s.valid_to
     union
    select t.monitor_id, t.parameter_code, t.period, t.at, t.day, p.limit_id
      from past p
      join abate.emission_limit l on l.limit_id = p.limit_id
      join pg_temp.touched_mean t on t.monitor_id = p.monitor_id and t.at = p.at
                                 and t.parameter_code = l.parameter_code and t.period = l.period;
    analyze pg_temp.held_mean;

    create temporary table judged_mean on commit drop as
    with mean as materialized (
        select t.monitor_id, t.parameter_code, t.period, t.at, x.series_id, u.unit, h.is_valid, h.value, h.oxygen,
               null::float8 as converted, null::float8 as reference_oxygen, x.medium, h.received, h.valid,
               x.period = 'hour' as is_reported
          from pg_temp.touched_mean t
          join abate.mean_series x on x.monitor_id = t.monitor_id and x.parameter_code = t.parameter_code
          join abate.series u on u.series_id = x.series_id
         cross join lateral (select * from abate.hourly h
                              where h.series_id = x.series_id and h.at = t.at and h.at between earliest and latest
                              limit 1) h
         where t.period = 'hour' and h.is_official
         union all
        select t.monitor_id, t.parameter_code, t.period, t.at, x.series_id, u.unit, d.is_valid, d.value, null,
               d.converted, m.reference_oxygen, x.medium, d.received, d.valid, x.period = 'day'
          from pg_temp.touched_mean t
          join abate.monitor m on m.monitor_id = t.monitor_id
          join abate.mean_series x on x.monitor_id = t.monitor_id and x.parameter_code = t.parameter_code
          join abate.series u on u.series_id = x.series_id
         cross join lateral (select * from abate.daily d where d.series_id = x.series_id and d.day = t.day limit 1) d
         where t.period = 'day' and d.is_official
    ),
    undefined as materialized (
        select n.medium, n.at, abate.threshold('oxygen_undefined', n.medium, n.at) as oxygen
          from (select distinct m.medium, m.at from mean m) n
    )
    select h.limit_id, h.monitor_id, h.at, n.series_id, v.value, b.bound,
           b.bound is not null and v.value is not null as is_past,
           case when b.bound is not null and v.value is not null then
               jsonb_build_object('measured', n.value, 'received', n.received, 'valid', n.valid, 'reported', n.is_reported)
               || case when h.period = 'hour' then jsonb_build_object('oxygen', n.oxygen) else '{}' end end as evidence
      from pg_temp.held_mean h
      join abate.emission_limit l on l.limit_id = h.limit_id
      left join (mean n join undefined u on u.medium = n.medium and u.at = n.at)
        on n.monitor_id = h.monitor_id and n.parameter_code = h.parameter_code and n.period = h.period and n.at = h.at
       and n.unit = l.unit and h.at >= l.valid_from and h.at < l.valid_to
     cross join lateral (
           select case when n.is_valid is not true then null
                       when l.reference_oxygen is null then n.value
                       when h.period = 'hour' then abate.convert_oxygen(n.value, n.oxygen, l.reference_oxygen, u.oxygen)
                       when l.reference_oxygen = n.reference_oxygen then n.converted
                       else (select d.value from abate.limit_days(l, h.monitor_id, h.at, h.at) d)
                  end as value) v
     cross join lateral (select case when v.value > l.upper then l.upper
                                     when v.value < l.lower then l.lower end as bound) b;
    drop table pg_temp.touched_mean, pg_temp.held_mean;
end
$$;
comment on function abate.judge_means is
    'Step of abate.judge_limits(): pg_temp.judged_mean, each new or changed mean with each limit it is held against.';

-- Looked up by key, however long exceedance has grown.
create or replace function abate.write_exceedances(out news int, out withdrawn int)
language plpgsql set search_path = pg_catalog, pg_temp set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
begin
    create temporary table seed (limit_id int, monitor_id int, at timestamptz, is_found boolean, is_withdrawn boolean)
        on commit drop;

    with past as materialized (
        select j.*, e.at is null or e.withdrawn is not null as is_found
          from pg_temp.judged_mean j
          left join abate.exceedance e on e.limit_id = j.limit_id and e.monitor_id = j.monitor_id and e.at = j.at
         where j.is_past
           and (e.at is null or row (e.series_id, e.value, e.bound, e.evidence, e.withdrawn)
                                is distinct from row (j.series_id, j.value, j.bound, j.evidence, null::timestamptz))
    ),
    written as (
        insert into abate.exceedance as e (limit_id, monitor_id, at, series_id, value, bound, evidence)
        select p.limit_id, p.monitor_id, p.at, p.series_id, p.value, p.bound, p.evidence from past p
        on conflict (limit_id, monitor_id, at) do update
           set series_id = excluded.series_id, value = excluded.value, bound = excluded.bound,
               evidence = excluded.evidence,
               found = case when e.withdrawn is null then e.found else excluded.found end, withdrawn = null
    )
    insert into pg_temp.seed select p.limit_id, p.monitor_id, p.at, p.is_found, false from past p;

    with gone as (
        update abate.exceedance e
           set withdrawn = clock_timestamp()
          from pg_temp.judged_mean j
         where e.limit_id = j.limit_id and e.monitor_id = j.monitor_id and e.at = j.at
           and not j.is_past and e.withdrawn is null
        returning e.limit_id, e.monitor_id, e.at
    )
    insert into pg_temp.seed select g.limit_id, g.monitor_id, g.at, false, true from gone g;

    select count(*) filter (where s.is_found), count(*) filter (where s.is_withdrawn) into news, withdrawn
      from pg_temp.seed s;
end
$$;
comment on function abate.write_exceedances is
    'Step of abate.judge_limits(): exceedances found, changed and withdrawn; they are in pg_temp.seed.';
