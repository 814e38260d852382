-- Which limit holds for which series, and what became of it.

set local role abate_owner;

create or replace view abate.limit_series as
select l.limit_id, x.series_id, f.feed_id
  from abate.emission_limit l
  join abate.series x on x.parameter_code = l.parameter_code and x.statistic = 'value' and x.unit = l.unit
  join abate.feed f on f.feed_id = x.feed_id and f.period = l.period
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.plant p on p.plant_id = m.plant_id
 where (l.monitor_id = m.monitor_id or l.plant_id = p.plant_id or l.sector_code = p.sector_code);
comment on view abate.limit_series is
    'Which series each emission limit is held against: parameter, period, scope and unit agree, and the statistic is "value".';

create or replace view abate.idle_limit as
select l.limit_id, l.parameter_code, l.period, l.unit, l.standard, l.clause,
       case
           when not exists (select from abate.monitor m join abate.plant p using (plant_id)
                             where l.monitor_id = m.monitor_id or l.plant_id = p.plant_id or l.sector_code = p.sector_code)
               then 'no monitor in its scope'
           when near.same_period and near.same_statistic then 'the series have another unit: ' || near.units
           when near.same_statistic then 'the series have another period: ' || near.periods
           when near.units is not null then 'the series are of another statistic than "value"'
           else 'no monitor in its scope has a series of this parameter'
       end as why
  from abate.emission_limit l
 cross join lateral (
       select bool_or(f.period = l.period and x.statistic = 'value') as same_period,
              bool_or(x.statistic = 'value') as same_statistic,
              string_agg(distinct x.unit, ', ') as units,
              string_agg(distinct f.period, ', ') as periods
         from abate.series x
         join abate.feed f using (feed_id)
         join abate.monitor m using (monitor_id)
         join abate.plant p using (plant_id)
        where x.parameter_code = l.parameter_code
          and (l.monitor_id = m.monitor_id or l.plant_id = p.plant_id or l.sector_code = p.sector_code)
       ) near
 where not exists (select from abate.limit_series s where s.limit_id = l.limit_id);
comment on view abate.idle_limit is 'Emission limits that no series is held against, and why: most often a unit written otherwise.';

create or replace function abate.take_episodes(out opened int, out closed int)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    closing     boolean;
    now_opened  int;
    now_closed  int;
begin
    perform abate.check_session();
    take_episodes.opened := 0;
    take_episodes.closed := 0;

    -- First what ended, then what is open: at most one open breach stands for a limit and a series.
    -- A breach once closed is not changed any more, so the same past judged again changes nothing.
    foreach closing in array array[true, false] loop
        with episode as (
            select distinct on (i.limit_id, i.series_id, i.opened) i.*
              from pg_temp.incoming_episode i
             order by i.limit_id, i.series_id, i.opened, i.closed nulls last, i.ctid desc
        ),
        taken as (
            insert into abate.breach as b
                   (limit_id, series_id, opened, closed, bound, worst, worst_at, last_at, count,
                    journal_id, first_position, worst_position, last_position)
            select e.limit_id, e.series_id, e.opened, e.closed,
                   case when e.worst < l.lower then l.lower else coalesce(l.upper, l.lower) end,
                   e.worst, e.worst_at, e.last_at, e.count,
                   e.journal_id, e.first_position, e.worst_position, e.last_position
              from episode e
              join abate.emission_limit l on l.limit_id = e.limit_id
              join abate.series x on x.series_id = e.series_id
             where (e.closed is not null) = closing
            on conflict (limit_id, series_id, opened) where withdrawn is null do update
               set closed = excluded.closed, bound = excluded.bound, worst = excluded.worst,
                   worst_at = excluded.worst_at, last_at = excluded.last_at, count = excluded.count,
                   journal_id = excluded.journal_id, first_position = excluded.first_position,
                   worst_position = excluded.worst_position, last_position = excluded.last_position
             where b.closed is null
            returning b.xmax = 0 as is_new, b.closed is not null as is_closed
        )
        select count(*) filter (where is_new), count(*) filter (where is_closed)
          into now_opened, now_closed from taken;
        take_episodes.opened := take_episodes.opened + now_opened;
        take_episodes.closed := take_episodes.closed + now_closed;
    end loop;

    delete from abate.watch_state w
     using pg_temp.incoming_watch i
     where i.phase = 'quiet' and w.limit_id = i.limit_id and w.series_id = i.series_id;

    insert into abate.watch_state as w
           (limit_id, series_id, phase, last_at, since, worst, worst_at, count,
            first_position, worst_position, last_position)
    select i.limit_id, i.series_id, i.phase, i.last_at, i.since, i.worst, i.worst_at, i.count,
           i.first_position, i.worst_position, i.last_position
      from pg_temp.incoming_watch i
      join abate.emission_limit l on l.limit_id = i.limit_id
      join abate.series x on x.series_id = i.series_id
     where i.phase <> 'quiet'
    on conflict (limit_id, series_id) do update
       set phase = excluded.phase, last_at = excluded.last_at, since = excluded.since, worst = excluded.worst,
           worst_at = excluded.worst_at, count = excluded.count, first_position = excluded.first_position,
           worst_position = excluded.worst_position, last_position = excluded.last_position;
end
$$;
comment on function abate.take_episodes is
    'Takes pg_temp.incoming_episode into breach and pg_temp.incoming_watch into watch_state. Returns how many breaches are new and how many were closed.';
grant execute on function abate.take_episodes to abate_writer;
