-- Work in spite of a closure that the daemon's watch did not find as it came: late readings, and registers.

set local role abate_owner;

create or replace function abate.sync_registers() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    read_first abate.closure;
begin
    for read_first in
        select c.*
          from abate.closure c
         where c.ended is null
           and exists (select from pg_temp.judged_feed_hour j
                         join abate.feed f on f.feed_id = j.feed_id
                         join abate.closure_monitor m on m.monitor_id = f.monitor_id
                         join abate.series x on x.feed_id = f.feed_id
                         join abate.activity_sign s on s.parameter_code = x.parameter_code and s.unit = x.unit
                                                   and s.is_register
                        where m.closure_id = c.closure_id
                          and (j.at <= c.since
                               or not exists (select from abate.emission_limit l
                                               where l.closure_id = c.closure_id and l.monitor_id = f.monitor_id
                                                 and l.parameter_code = x.parameter_code and l.unit = x.unit
                                                 and l.period = f.period)))
    loop
        if abate.sync_closures(array[read_first.closure_id]) > 0 then
            perform abate.touch_closed(read_first);
        end if;
    end loop;
end
$$;
comment on function abate.sync_registers is
    'Step of abate.judge_activity(): a register that was read for the first time since a closure, or late before it, says where it stood; what it said since is judged again.';

-- A run of readings past the bound is one breach. It ends with the next reading, whatever that says: what comes from then on
-- is the daemon's, which may know this breach as little as we know of its open one. Hours judged later go on with it.
create or replace function abate.unseen_work()
    returns table (limit_id int, series_id int, opened timestamptz, closed timestamptz, last_at timestamptz, count int,
                   worst float8, worst_at timestamptz, journal_id smallint, first_position bigint, worst_position bigint,
                   last_position bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
    with watched as (
        select distinct s.limit_id, s.series_id, s.feed_id, j.at
          from abate.limit_series s
          join pg_temp.judged_feed_hour j on j.feed_id = s.feed_id
         where s.kind = 'activity'
    ),
    reading as (
        select w.limit_id, w.series_id, r.at, r.value[x.slot] as value, r.journal_id, r.position,
               r.value[x.slot] > l.upper
               and not exists (select from abate.breach b
                                where b.limit_id = w.limit_id and b.series_id = w.series_id and b.opened <= r.at
                                  and (r.at <= b.last_at or r.at < b.closed
                                       or (b.closed is null and b.withdrawn is null))) as is_news
          from watched w
          join abate.emission_limit l on l.limit_id = w.limit_id
          join abate.series x on x.series_id = w.series_id
         cross join lateral (select * from abate.sample s
                              where s.feed_id = w.feed_id and s.at >= w.at and s.at < w.at + interval '1 hour'
                                and s.at >= l.valid_from and s.at < l.valid_to) r
          join abate.mark k on k.mark = abate.mark_of(r.mark, x.slot) and k.is_valid
         where r.value[x.slot] is not null
    ),
    counted as (
        select r.*, count(*) filter (where not r.is_news) over (partition by r.limit_id, r.series_id order by r.at) as run
          from reading r
    ),
    episode as (
        select limit_id, series_id, min(at) as opened, max(at) as last_at, count(*)::int as count, max(value) as worst,
               (array_agg(at order by value desc, at))[1] as worst_at,
               (array_agg(journal_id order by at))[1] as journal_id,
               (array_agg(position order by at))[1] as first_position,
               (array_agg(position order by value desc, at))[1] as worst_position,
               (array_agg(position order by at desc))[1] as last_position
          from counted
         where is_news
         group by limit_id, series_id, run
    )
    select e.limit_id, e.series_id, e.opened, coalesce(n.at, e.last_at), e.last_at, e.count, e.worst, e.worst_at,
           e.journal_id, e.first_position, e.worst_position, e.last_position
      from episode e
      join abate.series x on x.series_id = e.series_id
      left join lateral (select s.at from abate.sample s
                          where s.feed_id = x.feed_id and s.at > e.last_at and s.value[x.slot] is not null
                          order by s.at
                          limit 1) n on true;
end
$$;
comment on function abate.unseen_work is
    'Runs of readings of the judged hours that show work after a closure and are in no breach yet.';

create or replace function abate.judge_readings() returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    found int;
begin
    with ended as materialized (select * from abate.unseen_work()),
    longer as (
        update abate.breach b
           set closed = e.closed, last_at = e.last_at, count = b.count + e.count, last_position = e.last_position,
               worst = greatest(b.worst, e.worst),
               worst_at = case when e.worst > b.worst then e.worst_at else b.worst_at end,
               worst_position = case when e.worst > b.worst then e.worst_position else b.worst_position end
          from ended e
         where b.limit_id = e.limit_id and b.series_id = e.series_id and b.closed = e.opened and b.withdrawn is null
        returning b.limit_id, b.series_id, e.opened
    ),
    made as (
        insert into abate.breach
               (limit_id, series_id, opened, closed, bound, worst, worst_at, last_at, count, journal_id, first_position,
                worst_position, last_position, rule, severity, plant_id, monitor_id, line_id, commitment_id, reason)
        select e.limit_id, e.series_id, e.opened, e.closed, l.upper, e.worst, e.worst_at, e.last_at, e.count,
               e.journal_id,
               e.first_position, e.worst_position, e.last_position, 'activity', g.severity, m.plant_id, m.monitor_id,
               coalesce(l.line_id, m.line_id), g.commitment_id,
               'found when the hour was judged: the reading came late, or before the closure was entered'
          from ended e
          join abate.emission_limit l on l.limit_id = e.limit_id
          join abate.series x on x.series_id = e.series_id
          join abate.feed f on f.feed_id = x.feed_id
          join abate.monitor m on m.monitor_id = f.monitor_id
         cross join lateral abate.gravity(l, null, e.opened) g
         where not exists (select from longer o
                            where o.limit_id = e.limit_id and o.series_id = e.series_id and o.opened = e.opened)
        returning 1
    )
    select count(*) into found from made;
    return found;
end
$$;
comment on function abate.judge_readings is
    'Step of abate.judge_activity(): readings of the judged hours that show work after a closure and are in no breach yet. Returns how many breaches are new.';

-- A register that falls is a new one, or has begun again at 0: no reading of it passes the bound, but it counts on.
create or replace function abate.judge_registers() returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    found int;
begin
    if not exists (select from pg_temp.judged_feed_hour) then
        return 0;
    end if;
    with made as (
        insert into abate.breach
               (limit_id, series_id, opened, closed, bound, worst, worst_at, last_at, count, rule, severity, plant_id,
                monitor_id, line_id, commitment_id, reason)
        select distinct l.limit_id, c.series_id, c.at, c.at + interval '1 hour', s.above, c.amount, c.at, c.at, 1,
               'activity', g.severity, m.plant_id, m.monitor_id, coalesce(l.line_id, m.line_id), g.commitment_id,
               'the register began anew, and has counted since'
          from abate.limit_series h
          join pg_temp.judged_feed_hour j on j.feed_id = h.feed_id
          join abate.consumption c on c.series_id = h.series_id and c.at = j.at
          join abate.emission_limit l on l.limit_id = h.limit_id and c.at >= l.valid_from and c.at < l.valid_to
          join abate.activity_sign s on s.parameter_code = l.parameter_code and s.unit = l.unit and s.is_register
          join abate.monitor m on m.monitor_id = l.monitor_id
         cross join lateral abate.gravity(l, null, c.at) g
         where h.kind = 'activity' and c.amount > s.above
           and not exists (select from abate.breach b
                            where b.limit_id = l.limit_id and b.series_id = c.series_id
                              and b.opened < c.at + interval '1 hour' and (b.last_at >= c.at or b.closed is null))
        returning 1
    )
    select count(*) into found from made;
    return found;
end
$$;
comment on function abate.judge_registers is
    'Step of abate.judge_activity(): registers that were changed or began again after a closure, and count, in their hours that are in no breach yet. Returns how many breaches are new.';

create or replace function abate.judge_activity() returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform abate.sync_registers();
    return abate.judge_readings() + abate.judge_registers();
end
$$;
comment on function abate.judge_activity is
    'Step of abate.judge(): activity after a closure that the daemon''s watch has not seen, in pg_temp.judged_feed_hour. Once found it is not found again. Returns how many breaches are new.';
