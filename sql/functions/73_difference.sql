-- Reported hours that are not what the monitor's own minutes say.

set local role abate_owner;

-- What a plant reports of an hour, held against what its own minutes say of it.
create or replace function abate.compare_hours()
    returns table (monitor_id int, at timestamptz, series_id int, computed float8, reported float8, share float8,
                   evidence jsonb)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    valid_marks constant text := abate.valid_marks();
    earliest timestamptz;
    latest   timestamptz;
begin
    select min(j.at), max(j.at) into earliest, latest from pg_temp.judged_feed_hour j;

    return query
    with place as (
        select distinct m.monitor_id, j.at, m.reference_oxygen, h.feed_id as hour_feed, r.share, r.undefined
          from pg_temp.judged_feed_hour j
          join abate.feed f on f.feed_id = j.feed_id
          join abate.monitor m on m.monitor_id = f.monitor_id and m.medium in ('air', 'water')
          join abate.feed h on h.monitor_id = m.monitor_id and h.period = 'hour'
          join abate.hour_rule() r on r.medium = m.medium and r.at = j.at
    ),
    mean as materialized (
        select p.*, x.series_id, x.parameter_code, x.unit, x.period, x.precedence,
               o.value, o.oxygen, o.received, o.valid
          from place p
          join abate.mean_series x on x.monitor_id = p.monitor_id and x.period <> 'day'
         cross join lateral (select * from abate.hourly o
                              where o.series_id = x.series_id and o.at = p.at and o.at between earliest and latest
                              limit 1) o
         where o.is_valid
    ),
    made as (
        select distinct on (n.monitor_id, n.at, n.parameter_code, n.unit) n.*
          from mean n
         where n.period <> 'hour'
         order by n.monitor_id, n.at, n.parameter_code, n.unit, n.precedence, n.series_id
    )
    select r.monitor_id, r.at, r.series_id, n.value, r.value, r.share,
           jsonb_build_object('compared', 'mean', 'reported', r.value, 'computed', n.value, 'share', r.share,
                              'computed_series', n.series_id, 'received', n.received, 'valid', n.valid)
      from mean r
      join made n
        on n.monitor_id = r.monitor_id and n.at = r.at and n.parameter_code = r.parameter_code and n.unit = r.unit
     where r.period = 'hour'
     union all
    select r.monitor_id, r.at, z.series_id, c.value, s.value, r.share,
           jsonb_build_object('compared', 'converted', 'reported', s.value, 'computed', c.value, 'share', r.share,
                              'measured', r.value, 'oxygen', r.oxygen, 'reference_oxygen', r.reference_oxygen)
      from mean r
      join abate.series z on z.feed_id = r.hour_feed and z.parameter_code = r.parameter_code and z.statistic = 'ZsAvg'
     cross join lateral abate.convert_oxygen(r.value, r.oxygen, r.reference_oxygen, r.undefined) as c (value)
     cross join lateral (select s.value[z.slot] as value
                           from abate.sample s
                          where s.feed_id = r.hour_feed and s.at >= r.at and s.at < r.at + interval '1 hour'
                            and s.at >= earliest and s.at < latest + interval '1 hour'
                            and strpos(valid_marks, abate.mark_of(s.mark, z.slot)) > 0
                          limit 1) s
     where r.period = 'hour' and c.value is not null and s.value is not null;
end
$$;
comment on function abate.compare_hours is
    'For the hours of pg_temp.judged_feed_hour: reported means beside those made of minutes, and reported converted values (ZsAvg) beside those converted here.';

create or replace function abate.judge_differences() returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_nestloop = off set enable_mergejoin = off set jit = off set plan_cache_mode = force_custom_plan
set work_mem = '64MB' as $$
declare
    found int;
begin
    with difference as materialized (
        select c.*
          from abate.compare_hours() c
         where abate.rounded(abs(c.reported - c.computed))
               > abate.rounded(c.share * greatest(abs(c.reported), abs(c.computed)))
    ),
    -- The difference has gone, or one side of it is not valid any more.
    ended as (
        select b.breach_id
          from (select distinct f.monitor_id, j.at
                  from pg_temp.judged_feed_hour j
                  join abate.feed f on f.feed_id = j.feed_id) p
          join abate.feed h on h.monitor_id = p.monitor_id and h.period = 'hour'
          join abate.series x on x.feed_id = h.feed_id
         cross join lateral (select b.breach_id
                               from abate.breach b
                              where b.rule = 'difference' and b.monitor_id = p.monitor_id and b.series_id = x.series_id
                                and b.opened = p.at and b.limit_id is null and b.withdrawn is null
                              limit 1) b
         where not exists (select from difference d where d.series_id = x.series_id and d.at = p.at)
    ),
    withdrawn as (
        update abate.breach b
           set withdrawn = clock_timestamp(), withdrawn_why = 'the hour as made or reported later shows no difference'
         where b.breach_id = any (array(select e.breach_id from ended e))
    ),
    told as (
        insert into abate.breach as b (rule, severity, plant_id, monitor_id, series_id, opened, closed, bound, worst,
                                       worst_at, last_at, count, reason, evidence)
        select 'difference', 'notice', m.plant_id, d.monitor_id, d.series_id, d.at, d.at + interval '1 hour',
               d.computed, d.reported, d.at, d.at, 1,
               format('reported %s, but %s %s', d.reported, d.computed,
                      case d.evidence ->> 'compared' when 'mean' then 'by its minutes'
                                                      else 'converted by its oxygen' end),
               d.evidence
          from difference d
          join abate.monitor m on m.monitor_id = d.monitor_id
         order by d.at, d.series_id
        on conflict (rule, monitor_id, series_id, opened)
            where limit_id is null and monitor_id is not null and withdrawn is null
        do update set bound = excluded.bound, worst = excluded.worst, reason = excluded.reason,
                      evidence = excluded.evidence
         where b.evidence is distinct from excluded.evidence
        returning xmax = 0 as is_new
    )
    select count(*) filter (where is_new) into found from told;
    return found;
end
$$;
comment on function abate.judge_differences is
    'Finds hours whose reported mean, or converted value, is not what the monitor''s own minutes and oxygen say, by more than the threshold difference_share of the larger; one that has gone is withdrawn. Returns how many are new.';
