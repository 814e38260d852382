-- Which limit holds for which series, and what became of it.

set local role abate_owner;

create or replace view abate.limit_monitor as
select l.limit_id, m.monitor_id
  from abate.emission_limit l
  join abate.monitor m on m.monitor_id = l.monitor_id
 union all
select l.limit_id, m.monitor_id
  from abate.emission_limit l
  join abate.monitor m on m.plant_id = l.plant_id and (l.line_id is null or m.line_id = l.line_id)
 union all
select l.limit_id, m.monitor_id
  from abate.emission_limit l
  join abate.plant p on p.sector_code = l.sector_code
  join abate.monitor m on m.plant_id = p.plant_id;
comment on view abate.limit_monitor is
    'Which monitors are in the scope of each limit: one, those of a plant or of one of its lines, or those of a sector.';

create or replace view abate.limit_series as
select l.limit_id, x.series_id, f.feed_id, l.kind
  from abate.emission_limit l
  join abate.limit_monitor s on s.limit_id = l.limit_id
  join abate.feed f on f.monitor_id = s.monitor_id and f.period = l.period
  join abate.series x on x.feed_id = f.feed_id and x.parameter_code = l.parameter_code and x.unit = l.unit
                     and abate.is_value(x.statistic)
 where l.kind = 'activity'
    or (l.period in ('realtime', 'minute') and l.reference_oxygen is null);
comment on view abate.limit_series is
    'Which series each limit is held against as the values come: parameter, period, scope and unit agree, and the series has the measured values (abate.is_value). Limits on hourly and daily means are not in it, nor those for converted values: abate.judge() holds means against them.';

create or replace view abate.idle_limit as
select l.limit_id, l.parameter_code, l.period, l.unit, l.standard, l.clause,
       case
           when near.monitors = 0 then 'no monitor in its scope'
           when near.made is null then 'no monitor in its scope has a series of this parameter'
           when near.made and near.same_unit and l.reference_oxygen is not null
               then 'only hourly and daily means are converted to a reference oxygen'
           when near.made then 'the series have another unit: ' || near.units
           when near.same_statistic then 'the series have another period: ' || near.periods
           else 'the series are of another statistic than the value or its mean'
       end as why
  from abate.emission_limit l
 cross join lateral (
       select count(s.monitor_id) as monitors,
              bool_or(makes.it and abate.is_value(x.statistic)) as made,
              bool_or(makes.it and abate.is_value(x.statistic) and x.unit = l.unit) as same_unit,
              bool_or(abate.is_value(x.statistic)) as same_statistic,
              string_agg(distinct x.unit, ', ') filter (where makes.it and abate.is_value(x.statistic)) as units,
              string_agg(distinct f.period, ', ') filter (where abate.is_value(x.statistic)) as periods
         from abate.limit_monitor s
         left join (abate.feed f join abate.series x on x.feed_id = f.feed_id)
           on f.monitor_id = s.monitor_id and x.parameter_code = l.parameter_code
        cross join lateral (select case l.period when 'hour' then f.period <> 'day'
                                                 when 'day' then true
                                                 else f.period = l.period end) as makes (it)
        where s.limit_id = l.limit_id
       ) near
 where l.kind = 'emission'
   and (not coalesce(near.same_unit, false) or (l.period in ('realtime', 'minute') and l.reference_oxygen is not null));
comment on view abate.idle_limit is
    'Emission limits that nothing is held against, and why: most often a unit written otherwise. An hour is made of shorter values, a day of any. Limits of closures are not in it.';

create or replace function abate.version_in_force(plan_code text, on_day date) returns int
language sql stable
begin atomic
    select v.plan_version_id
      from abate.plan_version v
     where v.plan_code = version_in_force.plan_code
     order by v.issued <= version_in_force.on_day desc,
              case when v.issued <= version_in_force.on_day then v.issued end desc,
              v.issued, v.version desc
     limit 1;
end;
comment on function abate.version_in_force is
    'The text of a plan by which a day is judged: the newest of those issued until then, or else the first. Of several readings of one text, the last.';
grant execute on function abate.version_in_force to abate_reader, abate_writer;

create or replace function abate.gravity(broken abate.emission_limit, if_confirmed text, at timestamptz,
                                         out severity text, out commitment_id int)
language sql stable
begin atomic
    select case when broken.kind = 'activity' then case when c.is_soft then 'notice' else k.severity end
                when broken.confirmed_by is null then 'warning'
                else if_confirmed
           end,
           c.commitment_id
      from abate.commitment_kind k
      left join lateral (
           select v.commitment_id, v.is_soft
             from abate.commitment_version v
             join abate.plan p on p.plan_code = broken.plan_code
            where v.plan_version_id = abate.version_in_force(p.plan_code, abate.day_of(gravity.at, p.utc_offset))
              and v.commitment_code = broken.commitment_code) c on true
     where k.kind = 'zero';
end;
comment on function abate.gravity is
    'How grave it is to pass a limit, which would be of this severity if somebody has confirmed it: unconfirmed never more than a warning; activity after a closure as the commitment kind "zero" says, but a notice where the commitment is a soft one. And which commitment it breaks, in the version of its plan that was in force at that instant.';

-- By index, even if there was no breach yet when the session planned it.
create or replace function abate.take_episodes(out opened int, out closed int)
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
    closing     boolean;
    now_opened  int;
    now_closed  int;
    told        bigint[] := '{}';
    corrected   bigint[];
begin
    perform abate.check_session();
    take_episodes.opened := 0;
    take_episodes.closed := 0;

    -- Of a breach in whose time a reading was corrected the watch tells how long it lasts, and no more.
    corrected := abate.corrected_breaches(array(
        select b.breach_id
          from pg_temp.incoming_episode i
          join abate.breach b on b.limit_id = i.limit_id and b.series_id = i.series_id and b.opened = i.opened
         where b.withdrawn is null and b.closed is null));

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
                    journal_id, first_position, worst_position, last_position,
                    rule, severity, plant_id, monitor_id, line_id, commitment_id)
            select e.limit_id, e.series_id, e.opened, e.closed,
                   case when e.worst < l.lower then l.lower else coalesce(l.upper, l.lower) end,
                   e.worst, e.worst_at, e.last_at, e.count,
                   e.journal_id, e.first_position, e.worst_position, e.last_position,
                   case l.kind when 'activity' then 'activity' else 'early' end, g.severity,
                   m.plant_id, f.monitor_id, coalesce(l.line_id, m.line_id), g.commitment_id
              from episode e
              join abate.emission_limit l on l.limit_id = e.limit_id
              join abate.series x on x.series_id = e.series_id
              join abate.feed f on f.feed_id = x.feed_id
              join abate.monitor m on m.monitor_id = f.monitor_id
             cross join lateral abate.gravity(l, 'warning', e.opened) g
             where (e.closed is not null) = closing
               and not exists (select from abate.breach w -- what was withdrawn does not come back by being told again
                                where w.series_id = e.series_id and w.opened = e.opened
                                  and w.limit_id = e.limit_id and w.withdrawn is not null)
               and not exists (select from abate.breach c
                                where c.breach_id = any (corrected)
                                  and c.series_id = e.series_id and c.opened = e.opened and c.limit_id = e.limit_id)
            on conflict (limit_id, series_id, opened) where withdrawn is null do update
               set closed = excluded.closed, bound = excluded.bound, worst = excluded.worst,
                   worst_at = excluded.worst_at, last_at = excluded.last_at, count = excluded.count,
                   journal_id = excluded.journal_id, first_position = excluded.first_position,
                   worst_position = excluded.worst_position, last_position = excluded.last_position
             where b.closed is null
            returning b.breach_id, b.xmax = 0 as is_new, b.closed is not null as is_closed
        ),
        lasting as (
            update abate.breach b
               set closed = e.closed, last_at = e.last_at, journal_id = e.journal_id, last_position = e.last_position
              from episode e
             where b.breach_id = any (corrected) and b.closed is null
               and e.series_id = b.series_id and e.opened = b.opened and e.limit_id = b.limit_id
               and (e.closed is not null) = closing
            returning b.breach_id, false as is_new, b.closed is not null as is_closed
        )
        select count(*) filter (where is_new), count(*) filter (where is_closed), told || array_agg(breach_id)
          into now_opened, now_closed, told
          from (select * from taken union all select * from lasting) t;
        take_episodes.opened := take_episodes.opened + now_opened;
        take_episodes.closed := take_episodes.closed + now_closed;
    end loop;
    perform abate.weigh_early_breaches(abate.corrected_breaches(told));

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

create or replace function abate.corrected_breaches(breach_ids bigint[]) returns bigint[]
language plpgsql stable set search_path = pg_catalog, pg_temp
set enable_hashjoin = off set enable_mergejoin = off as $$
begin
    return array(
        select b.breach_id
          from abate.breach b
          join abate.series x on x.series_id = b.series_id
         where b.breach_id = any (breach_ids)
           and exists (select from abate.revision v
                        cross join lateral (select n.value, n.mark from abate.sample n
                                             where n.feed_id = v.feed_id and n.at = v.at offset 0) s
                        where v.feed_id = x.feed_id and v.slot = x.slot and v.at between b.opened and b.last_at
                          and s.value[v.slot] is not distinct from v.value and abate.mark_of(s.mark, v.slot) = v.mark));
end
$$;
comment on function abate.corrected_breaches is
    'Those of the breaches in whose time a reading was corrected: the watch, which tells of them, knows the readings as they came.';

create or replace function abate.weigh_early_breaches(breach_ids bigint[]) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    changed int;
begin
    with standing as (
        select b.breach_id, b.opened, b.last_at, p.readings, p.worst, p.worst_at
          from abate.breach b
          join abate.series x on x.series_id = b.series_id
         cross join lateral (
               select count(*) as readings,
                      (array_agg(r.value order by abs(r.value - b.bound) desc, r.at))[1] as worst,
                      (array_agg(r.at order by abs(r.value - b.bound) desc, r.at))[1] as worst_at
                 from abate.valid_readings(x.feed_id, x.slot) r
                where r.at between b.opened and b.last_at
                  and case when b.worst > b.bound then r.value > b.bound else r.value < b.bound end) p
         where b.breach_id = any (breach_ids) and b.withdrawn is null
    )
    update abate.breach b
       set worst = coalesce(s.worst, b.worst), worst_at = coalesce(s.worst_at, b.worst_at),
           count = greatest(s.readings, 1),
           closed = case when s.readings = 0 then coalesce(b.closed, greatest(s.opened, s.last_at)) else b.closed end,
           withdrawn = case when s.readings = 0 then clock_timestamp() end,
           withdrawn_why = case when s.readings = 0 then 'a corrected reading says otherwise' end
      from standing s
     where b.breach_id = s.breach_id
       and (s.readings = 0 or row (b.worst, b.worst_at, b.count) is distinct from row (s.worst, s.worst_at, s.readings::int));
    get diagnostics changed = row_count;
    return changed;
end
$$;
comment on function abate.weigh_early_breaches is
    'Breaches of single values are weighed again by what is stored now, and withdrawn if nothing is past the bound any more. Returns how many are others than before.';

create or replace function abate.reconsider_breaches(feed_ids int[], slots smallint[], ats timestamptz[]) returns int
language sql set search_path = pg_catalog, pg_temp as $$
    select abate.weigh_early_breaches(array(
        select distinct b.breach_id
          from unnest(feed_ids, slots, ats) r (feed_id, slot, at)
          join abate.series x on x.feed_id = r.feed_id and x.slot = r.slot
          join abate.breach b on b.series_id = x.series_id and r.at between b.opened and b.last_at
         where b.rule in ('early', 'activity') and b.withdrawn is null));
$$;
comment on function abate.reconsider_breaches is
    'Readings were corrected: the breaches of single values over their instants are weighed again. Returns how many are others than before.';
