-- Breaches of hourly and daily means: the episodes that the exceedances make.

set local role abate_owner;

create or replace function abate.breach_about(limit_id int, monitor_id int, at timestamptz) returns setof abate.breach
language sql stable
begin atomic
    select b.*
      from (select n.*
              from abate.breach n
             where n.limit_id = breach_about.limit_id and n.monitor_id = breach_about.monitor_id
               and n.opened <= breach_about.at and n.withdrawn is null
             order by n.opened desc
             limit 1) b
     where b.closed is null or b.closed >= breach_about.at
    offset 0;
end;
comment on function abate.breach_about is
    'The breach of a limit and monitor that an instant is in, or that is closed just then, if there is one.';

create or replace function abate.outlived_breaches(now timestamptz)
returns table (limit_id int, monitor_id int, at timestamptz)
language sql stable
begin atomic
    select b.limit_id, b.monitor_id, greatest(b.last_at, l.valid_to)
      from abate.emission_limit l
     cross join lateral (select n.* from abate.breach n
                          where n.limit_id = l.limit_id and n.closed is null and n.withdrawn is null offset 0) b
     where l.kind = 'emission' and l.period in ('hour', 'day') and l.valid_to <= now;
end;
comment on function abate.outlived_breaches is
    'Open breaches of limits on means that hold no longer, and when each ended: with its limit, or with its last exceedance.';

create or replace function abate.find_spans(at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- Means that comply, or are not judged, matter where a breach is.
    insert into pg_temp.seed (limit_id, monitor_id, at)
    select j.limit_id, j.monitor_id, j.at
      from pg_temp.judged_mean j
     cross join lateral abate.breach_about(j.limit_id, j.monitor_id, j.at) b
     where not j.is_past;
    -- A limit that holds no longer can be broken no longer.
    insert into pg_temp.seed (limit_id, monitor_id, at)
    select o.limit_id, o.monitor_id, o.at from abate.outlived_breaches(find_spans.at) o;

    create temporary table span on commit drop as
    with reach as (
        select s.limit_id, s.monitor_id, greatest(s.at, b.last_at) as until,
               case when b.opened is null then s.at
                    when s.at > b.last_at then b.last_at -- what is before it stays as it is
                    else b.opened end as since
          from pg_temp.seed s
          left join lateral abate.breach_about(s.limit_id, s.monitor_id, s.at) b on true
    ),
    parted as (
        select r.*, r.since > max(r.until) over (partition by r.limit_id, r.monitor_id order by r.since, r.until
                                                 rows between unbounded preceding and 1 preceding)
                              + interval '1 day' as is_apart
          from reach r
    ),
    counted as (
        select p.*, count(*) filter (where p.is_apart) over (partition by p.limit_id, p.monitor_id
                                                             order by p.since, p.until) as part
          from parted p
    ),
    whole as materialized (
        select c.limit_id, c.monitor_id, min(c.since) as since, max(c.until) as until
          from counted c
         group by c.limit_id, c.monitor_id, c.part
    ),
    joined as (
        select w.limit_id, w.monitor_id,
               unnest(range_agg(tstzrange(w.since, coalesce(abate.first_complying(w.limit_id, w.monitor_id, w.until), 'infinity'),
                                          '[]'))) as reach
          from whole w
         group by w.limit_id, w.monitor_id
    )
    select j.limit_id, j.monitor_id, lower(j.reach) as since, upper(j.reach) as until, b.breach_id as carried
      from joined j
      left join lateral abate.breach_about(j.limit_id, j.monitor_id, lower(j.reach)) b
        on b.last_at = lower(j.reach) and b.opened < lower(j.reach);
end
$$;
comment on function abate.find_spans is
    'Step of abate.judge_limits(): pg_temp.span, from where to where breaches have to be made anew; and, where that begins with the end of a breach, that breach, of which only the end is new.';

create or replace function abate.find_episodes(at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    create temporary table episode on commit drop as
    with event as (
        -- what a breach was made of before, where the span begins with its end: one thing
        select s.limit_id, s.monitor_id, s.since, b.last_at as at, true as is_past, b.opened, b.count, b.worst,
               b.worst_at,
               b.bound, b.series_id
          from pg_temp.span s
          join abate.breach b on b.breach_id = s.carried
         union all
        select s.limit_id, s.monitor_id, s.since, e.at, true, e.at, 1, e.value, e.at, e.bound, e.series_id
          from pg_temp.span s
         cross join lateral (select x.* from abate.exceedance x
                              where x.limit_id = s.limit_id and x.monitor_id = s.monitor_id and x.at >= s.since
                                and x.at <= s.until and x.withdrawn is null offset 0) e
         where s.carried is null or e.at > s.since
         union all
        select s.limit_id, s.monitor_id, s.since, c.at, false, null, null, null, null, null, null
          from pg_temp.span s
         cross join lateral abate.complying_means(s.limit_id, s.monitor_id, s.since, s.until) c (at)
    ),
    counted as (
        select e.*, count(*) filter (where not e.is_past) over (partition by e.limit_id, e.monitor_id, e.since order by e.at) as run,
               min(e.at) filter (where not e.is_past)
                   over (partition by e.limit_id, e.monitor_id, e.since order by e.at
                         rows between current row and unbounded following) as complies
          from event e
    )
    select c.limit_id, c.monitor_id, c.since, min(c.opened) as opened, max(c.at) as last_at, sum(c.count)::int as count,
           (array_agg(c.worst order by abs(c.worst - c.bound) desc, c.worst_at))[1] as worst,
           (array_agg(c.worst_at order by abs(c.worst - c.bound) desc, c.worst_at))[1] as worst_at,
           (array_agg(c.bound order by abs(c.worst - c.bound) desc, c.worst_at))[1] as bound,
           (array_agg(c.series_id order by c.at))[1] as series_id,
           coalesce(min(c.complies), (select l.valid_to from abate.emission_limit l
                                       where l.limit_id = c.limit_id and l.valid_to <= find_episodes.at)) as closed
      from counted c
     where c.is_past
     group by c.limit_id, c.monitor_id, c.since, c.run;
end
$$;
comment on function abate.find_episodes is
    'Step of abate.judge_limits(): pg_temp.episode, the runs of exceeding means in each span.';

create or replace function abate.weigh_breach(held abate.emission_limit, monitor_id int, last_at timestamptz,
                                              out count_30_days int, out severity text, out commitment_id int)
language sql stable
begin atomic
    select n.count, g.severity, g.commitment_id
      from (select m.medium,
                   abate.threshold('repeated_days', m.medium, last_at) * interval '1 day' as days,
                   abate.threshold(case held.period when 'hour' then 'repeated_hours' else 'repeated_times' end, m.medium,
                                   last_at) as many
              from abate.monitor m where m.monitor_id = weigh_breach.monitor_id) t
     cross join lateral (select count(*)::int as count
                           from abate.exceedance e
                          where e.limit_id = held.limit_id and e.monitor_id = weigh_breach.monitor_id
                            and e.at > last_at - t.days and e.at <= last_at and e.withdrawn is null) n
     cross join lateral abate.gravity(held, case when n.count >= t.many then 'repeated' else held.period end, last_at) g;
end;
comment on function abate.weigh_breach is
    'How often a limit was exceeded at a monitor in the days up to an instant (threshold repeated_days), and how grave that is.';

create or replace function abate.write_breaches(out opened int, out closed int)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    now_closed int;
begin
    -- Each breach that was there goes on with the first episode it has a part in; an episode goes on with its first breach.
    create temporary table continued on commit drop as
    with there as (
        select s.limit_id, s.monitor_id, s.since, b.breach_id, b.opened, b.last_at, b.closed is null as was_open
          from pg_temp.span s
         cross join lateral (select n.* from abate.breach n
                              where n.limit_id = s.limit_id and n.monitor_id = s.monitor_id and n.withdrawn is null
                                and n.opened >= s.since and n.opened <= s.until
                              union all
                             select n.* from abate.breach n where n.breach_id = s.carried
                             offset 0) b
    ),
    claimed as (
        select distinct on (t.breach_id) t.breach_id, t.limit_id, t.monitor_id, t.opened as was_opened, t.was_open,
               e.opened
          from there t
          left join pg_temp.episode e on e.limit_id = t.limit_id and e.monitor_id = t.monitor_id and e.since = t.since
                                     and e.opened <= t.last_at and e.last_at >= t.opened
         order by t.breach_id, e.opened
    )
    select c.breach_id, c.limit_id, c.monitor_id, c.opened, c.was_open,
           row_number() over (partition by c.limit_id, c.monitor_id, c.opened order by c.was_opened) = 1
           and c.opened is not null as goes_on
      from claimed c;
    analyze pg_temp.continued;

    update abate.breach b
       set withdrawn = clock_timestamp(),
           withdrawn_why = case when c.opened is null then 'late or corrected means: nothing exceeds the limit any more'
                                else 'late or corrected means: it is one with the breach before it' end
      from pg_temp.continued c
     where b.breach_id = c.breach_id and not c.goes_on;

    with changed as (
        update abate.breach b
           set opened = e.opened, closed = e.closed, bound = e.bound, worst = e.worst, worst_at = e.worst_at,
               last_at = e.last_at, count = e.count, series_id = e.series_id, evidence = x.evidence
          from pg_temp.continued c
          join pg_temp.episode e on e.limit_id = c.limit_id and e.monitor_id = c.monitor_id and e.opened = c.opened
          left join abate.exceedance x on x.limit_id = e.limit_id and x.monitor_id = e.monitor_id and x.at = e.worst_at
         where b.breach_id = c.breach_id and c.goes_on
           and row (b.opened, b.closed, b.bound, b.worst, b.worst_at, b.last_at, b.count, b.series_id, b.evidence)
               is distinct from row (e.opened, e.closed, e.bound, e.worst, e.worst_at, e.last_at, e.count, e.series_id,
                                     x.evidence)
        returning b.closed is not null and c.was_open as is_closed
    )
    select count(*) filter (where c.is_closed) into now_closed from changed c;

    with made as (
        insert into abate.breach (rule, limit_id, series_id, monitor_id, plant_id, line_id, opened, closed, bound, worst, worst_at,
                                  last_at, count, evidence, severity, count_30_days, commitment_id)
        select l.period, e.limit_id, e.series_id, e.monitor_id, m.plant_id, m.line_id, e.opened, e.closed, e.bound,
               e.worst,
               e.worst_at, e.last_at, e.count, x.evidence, w.severity, w.count_30_days, w.commitment_id
          from pg_temp.episode e
          join abate.emission_limit l on l.limit_id = e.limit_id
          join abate.monitor m on m.monitor_id = e.monitor_id
          left join abate.exceedance x on x.limit_id = e.limit_id and x.monitor_id = e.monitor_id and x.at = e.worst_at
         cross join lateral abate.weigh_breach(l, e.monitor_id, e.last_at) w
         where not exists (select from pg_temp.continued c
                            where c.limit_id = e.limit_id and c.monitor_id = e.monitor_id and c.opened = e.opened
                                and c.goes_on)
        returning breach.closed
    )
    select count(*), count(*) filter (where m.closed is not null) + now_closed into opened, closed from made m;
end
$$;
comment on function abate.write_breaches is
    'Step of abate.judge_limits(): pg_temp.episode becomes breaches: those there are changed, new ones opened, what is no more withdrawn.';

create or replace function abate.weigh_breaches() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update abate.breach b
       set severity = w.severity, count_30_days = w.count_30_days
      from (select distinct n.breach_id, n.limit_id, n.monitor_id, n.last_at
              from pg_temp.span s
              join abate.monitor p on p.monitor_id = s.monitor_id
             cross join lateral (select b.* from abate.breach b
                                  where b.limit_id = s.limit_id and b.monitor_id = s.monitor_id and b.withdrawn is null
                                    and b.opened <= s.until + abate.threshold('repeated_days', p.medium, s.since) * interval '1 day'
                                    and (b.opened >= s.since or b.breach_id = s.carried) offset 0) n) n
      join abate.emission_limit l on l.limit_id = n.limit_id
     cross join lateral abate.weigh_breach(l, n.monitor_id, n.last_at) w
     where b.breach_id = n.breach_id
       and row (b.severity, b.count_30_days) is distinct from row (w.severity, w.count_30_days);
end
$$;
comment on function abate.weigh_breaches is
    'Step of abate.judge_limits(): how grave the breaches of the spans are, and of those in whose days they count.';

-- The temporary tables are analyzed, or the planner takes them for large and reads all of history at once; and to compile
-- a plan for the machine takes longer than to run it.
create or replace function abate.hold_means(at timestamptz, out news int, out withdrawn int, out opened int, out closed int)
language plpgsql set search_path = pg_catalog, pg_temp set jit = off as $$
#variable_conflict use_column
begin
    if not exists (select from pg_temp.judged_hour) and not exists (select from pg_temp.judged_day)
       and not exists (select from abate.outlived_breaches(hold_means.at)) then
        news := 0; withdrawn := 0; opened := 0; closed := 0;
        return;
    end if;
    perform abate.judge_means();
    analyze pg_temp.judged_mean;
    select w.news, w.withdrawn into news, withdrawn from abate.write_exceedances() w;
    perform abate.find_spans(hold_means.at);
    analyze pg_temp.span;
    perform abate.find_episodes(hold_means.at);
    analyze pg_temp.episode;
    select w.opened, w.closed into opened, closed from abate.write_breaches() w;
    perform abate.weigh_breaches();
    drop table pg_temp.judged_mean, pg_temp.seed, pg_temp.span, pg_temp.episode, pg_temp.continued;
end
$$;
comment on function abate.hold_means is 'abate.judge_limits() itself; in plpgsql nothing can be called found.';

create or replace function abate.judge_limits(at timestamptz, out found int, out withdrawn int, out opened int, out closed int)
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
    select h.news, h.withdrawn, h.opened, h.closed from abate.hold_means(at) h;
end;
comment on function abate.judge_limits is
    'Step of abate.judge(): holds the means in pg_temp.judged_hour and judged_day against the limits. Returns how many exceedances were found and withdrawn, and how many breaches opened and closed. The same means again change nothing.';
