-- Days: made of hours, or as the plant reports them.

set local role abate_owner;

create or replace view abate.official_day as
select x.monitor_id, x.parameter_code, d.day, d.series_id, d.value, d.converted, d.is_valid, d.received, d.valid,
       x.period = 'day' as is_reported
  from abate.daily d
  join abate.mean_series x on x.series_id = d.series_id
 where d.is_official;
comment on view abate.official_day is
    'The day that counts for a monitor and parameter: the reported one if valid, else the one made of hours if valid, else the reported or only one.';
comment on column abate.official_day.is_reported is 'The plant reports it; else it is made of its hours.';

create or replace function abate.take_days(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    grace constant interval := coalesce(abate.threshold('day_grace', null, at), 0) * interval '1 minute';
    taken int;
begin
    with over as materialized (
        select t.monitor_id, t.day, t.is_asked, m.utc_offset, abate.day_begins(t.day, m.utc_offset) as begins,
               abate.day_begins(t.day + 1, m.utc_offset) as ends
          from abate.touched_day t
          join abate.monitor m on m.monitor_id = t.monitor_id
         where abate.day_begins(t.day + 1, m.utc_offset) + grace <= at
    ),
    unfinished as (
        select distinct f.monitor_id, abate.day_of(t.hour, m.utc_offset) as day
          from abate.touched_hour t
          join abate.feed f on f.feed_id = t.feed_id
          join abate.monitor m on m.monitor_id = f.monitor_id
         where t.hour >= (select min(begins) from over) and t.hour < (select max(ends) from over)
    ),
    gone as (
        delete from abate.touched_day t
         using over o
         where t.monitor_id = o.monitor_id and t.day = o.day
           and not exists (select from unfinished u where u.monitor_id = o.monitor_id and u.day = o.day)
        returning o.monitor_id, o.day, o.begins, o.ends, t.is_asked
    )
    insert into pg_temp.due_day (monitor_id, day, begins, ends, is_asked)
    select monitor_id, day, begins, ends, is_asked from gone;
    get diagnostics taken = row_count;
    return taken;
end
$$;
comment on function abate.take_days is
    'Moves the days that are over (and threshold day_grace with them) from touched_day to pg_temp.due_day; a day of which an hour still waits to be closed is left.';

create or replace function abate.day_rule()
    returns table (medium text, day date, hours float8, is_weighted boolean, undefined float8)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
    select d.medium, d.day, abate.threshold('day_valid_hours', d.medium, d.begins),
           coalesce(abate.threshold('day_flow_weighted', d.medium, d.begins) = 1, false),
           abate.threshold('oxygen_undefined', d.medium, d.begins)
      from (select m.medium, t.day, min(t.begins) as begins
              from pg_temp.due_day t
              join abate.monitor m on m.monitor_id = t.monitor_id
             group by m.medium, t.day) d;
end
$$;
comment on function abate.day_rule is 'The thresholds that hold for the days of pg_temp.due_day.';

-- HJ 212-2017, appendix D: a day is the mean of its valid hours; of water, of its hours alike, or weighted by the flow:
-- sum(C * Q) / sum(Q). Weighted only if each valid hour has a valid flow: else the hours without one would not count.
create or replace function abate.average_hours() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    earliest timestamptz;
    latest   timestamptz;
begin
    select min(t.begins), max(t.ends) into earliest, latest from pg_temp.due_day t;

    insert into pg_temp.made_day (series_id, day, received, valid, value, converted, is_valid, is_weighted,
                                  official_received, official_valid)
    with hour as materialized (
        select t.monitor_id, t.day, x.series_id, x.parameter_code, r.hours,
               r.is_weighted and x.medium = 'water' and x.is_concentration as is_weighted,
               h.at, h.received, h.is_valid, h.is_official, case when h.is_valid then h.value end as value,
               abate.convert_oxygen(case when h.is_valid and x.is_concentration then h.value end, h.oxygen,
                                    m.reference_oxygen, r.undefined) as converted
          from pg_temp.due_day t
          join abate.monitor m on m.monitor_id = t.monitor_id
          join abate.day_rule() r on r.medium = m.medium and r.day = t.day
          join abate.mean_series x on x.monitor_id = t.monitor_id and x.period <> 'day'
         cross join lateral (select *
                               from abate.hourly h
                              where h.series_id = x.series_id and h.at >= t.begins and h.at < t.ends
                                and h.at >= earliest and h.at < latest
                             offset 0) h
    ),
    flow as (
        select monitor_id, at, value from hour where parameter_code = 'w00000' and is_official
    )
    select s.series_id, s.day, s.received, s.valid,
           abate.rounded(case when s.is_weighted then s.load / s.flow else s.value end),
           abate.rounded(case when s.converted_hours >= s.hours then s.converted end),
           coalesce(s.valid >= s.hours, false), s.is_weighted, s.official_received, s.official_valid
      from (select h.series_id, h.day, h.hours, count(*) filter (where h.received > 0) as received,
                   count(h.value) as valid, avg(h.value) as value, avg(h.converted) as converted,
                   count(h.converted) as converted_hours,
                   count(*) filter (where h.is_official and h.received > 0) as official_received,
                   count(*) filter (where h.is_official and h.is_valid) as official_valid,
                   sum(h.value * q.value) as load, sum(q.value) filter (where h.value is not null) as flow,
                   coalesce(h.is_weighted and count(h.value) = count(h.value * q.value)
                            and min(q.value) filter (where h.value is not null) >= 0
                            and sum(q.value) filter (where h.value is not null) > 0, false) as is_weighted
              from hour h
              left join flow q on q.monitor_id = h.monitor_id and q.at = h.at
             group by h.series_id, h.day, h.hours, h.is_weighted) s;
end
$$;
comment on function abate.average_hours is
    'Days made of the valid hours of each series. A converted mean needs as many converted hours as a day needs valid ones: of a few hours at work it would be no mean of the day.';

create or replace function abate.read_days() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    valid_marks constant text := abate.valid_marks();
    earliest timestamptz;
    latest   timestamptz;
begin
    select min(t.begins), max(t.ends) into earliest, latest from pg_temp.due_day t;

    insert into pg_temp.made_day (series_id, day, received, valid, value, converted, is_valid, is_weighted)
    select x.series_id, t.day, 1, case when v.is_valid then 1 else 0 end, case when v.is_valid then s.value[x.slot] end,
           case when m.reference_oxygen is null or not x.is_concentration then null
                when strpos(valid_marks, abate.mark_of(s.mark, z.slot)) > 0 and s.value[z.slot] is not null
                then s.value[z.slot]
                when v.is_valid and strpos(valid_marks, abate.mark_of(s.mark, o.slot)) > 0
                then abate.convert_oxygen(s.value[x.slot], s.value[o.slot], m.reference_oxygen, r.undefined) end,
           v.is_valid, false
      from pg_temp.due_day t
      join abate.monitor m on m.monitor_id = t.monitor_id
      join abate.day_rule() r on r.medium = m.medium and r.day = t.day
      join abate.mean_series x on x.monitor_id = t.monitor_id and x.period = 'day'
      left join abate.series z
        on z.feed_id = x.feed_id and z.parameter_code = x.parameter_code and z.statistic = 'ZsAvg'
      left join (select y.feed_id, min(y.slot) as slot
                   from abate.mean_series y where y.parameter_code = 'a19001' group by y.feed_id) o
        on o.feed_id = x.feed_id
     cross join lateral (select s.value, s.mark
                           from abate.sample s
                          where s.feed_id = x.feed_id and s.at >= t.begins and s.at < t.ends
                            and s.at >= earliest and s.at < latest
                          order by s.at
                          limit 1) s
     cross join lateral (select s.value[x.slot] is not null
                                and strpos(valid_marks, abate.mark_of(s.mark, x.slot)) > 0 as is_valid) v
     where s.value[x.slot] is not null or abate.mark_of(s.mark, x.slot) <> 'N';
end
$$;
comment on function abate.read_days is
    'Days as plants report them, with the converted value they report (ZsAvg), or else converted by the oxygen of the same message.';

create or replace function abate.settle_days() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into pg_temp.settled_day (series_id, day, received, valid, value, converted, is_valid, is_weighted, is_official,
                                     closed, is_new, is_changed, is_moved, is_asked, official_received, official_valid)
    with mean as materialized (
        select t.monitor_id, t.day, t.is_asked, x.series_id, x.parameter_code, x.period, x.precedence, d.closed,
               d.series_id is null as is_new, d.is_official as was_official, d.received as old_received,
               d.valid as old_valid, d.value as old_value, d.converted as old_converted, d.is_valid as old_is_valid,
               d.is_weighted as old_is_weighted, d.official_received as old_official_received,
               d.official_valid as old_official_valid,
               case when n.series_id is null then d.official_received else n.official_received end as official_received,
               case when n.series_id is null then d.official_valid else n.official_valid end as official_valid,
               coalesce(n.received, d.received) as received, coalesce(n.valid, d.valid) as valid,
               case when n.series_id is null then d.value else n.value end as value,
               case when n.series_id is null then d.converted else n.converted end as converted,
               coalesce(n.is_valid, d.is_valid) as is_valid, coalesce(n.is_weighted, d.is_weighted) as is_weighted
          from pg_temp.due_day t
          join abate.mean_series x on x.monitor_id = t.monitor_id
          left join pg_temp.made_day n on n.series_id = x.series_id and n.day = t.day
          left join lateral (select * from abate.daily d
                              where d.series_id = x.series_id and d.day = t.day limit 1) d on true
         where n.received > 0 or d.series_id is not null
    ),
    official as (
        select m.*,
               -- A reported day that says nothing of the converted value is held to that of the hours.
               case when period = 'day'
                    then coalesce(converted, first_value(converted) over (partition by monitor_id, parameter_code, day
                         order by period = 'day', is_valid desc, precedence, series_id))
                    else converted end as told,
               row_number() over (partition by monitor_id, parameter_code, day
                                  order by is_valid desc, precedence, series_id) = 1 as is_official
          from mean m
    )
    select series_id, day, received, valid, value, told, is_valid, is_weighted, is_official, closed, is_new,
           not is_new and (received, valid, value, told, is_valid, is_weighted)
               is distinct from (old_received, old_valid, old_value, old_converted, old_is_valid, old_is_weighted),
           not is_new and (is_official, official_received, official_valid)
               is distinct from (was_official, old_official_received, old_official_valid), is_asked,
           official_received, official_valid
      from official;
end
$$;
comment on function abate.settle_days is
    'Into pg_temp.settled_day: all days of the monitors touched, new, changed, moved (another one counts now, of it or of its hours), or none of these.';

create or replace function abate.keep_days() returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    written int;
begin
    insert into abate.daily_revision (series_id, day, received, valid, value, converted, is_valid, is_weighted, closed)
    select d.series_id, d.day, d.received, d.valid, d.value, d.converted, d.is_valid, d.is_weighted, d.closed
      from pg_temp.settled_day s
     cross join lateral (select * from abate.daily d where d.series_id = s.series_id and d.day = s.day limit 1) d
     where s.is_changed;

    insert into abate.daily as d (series_id, day, received, valid, value, converted, closed, is_valid, is_official, is_weighted,
                                  official_received, official_valid)
    select series_id, day, received, valid, value, converted,
           case when is_new or is_changed then clock_timestamp() else closed end, is_valid, is_official, is_weighted,
           official_received, official_valid
      from pg_temp.settled_day
     where is_new or is_changed or is_moved
     order by day, series_id
    on conflict (series_id, day) do update
       set received = excluded.received, valid = excluded.valid, value = excluded.value, converted = excluded.converted,
           closed = excluded.closed, is_valid = excluded.is_valid, is_official = excluded.is_official,
           is_weighted = excluded.is_weighted, official_received = excluded.official_received,
           official_valid = excluded.official_valid;
    get diagnostics written = row_count;

    insert into pg_temp.judged_day (series_id, day)
    select series_id, day from pg_temp.settled_day where is_new or is_changed or is_moved or is_asked;
    return written;
end
$$;
comment on function abate.keep_days is
    'Writes what is new or has changed to daily, what it was before to daily_revision, and names it in pg_temp.judged_day.';

create or replace function abate.close_days(at timestamptz) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_nestloop = off set enable_mergejoin = off set jit = off set plan_cache_mode = force_custom_plan
set work_mem = '64MB' as $$
begin
    if abate.take_days(at) = 0 then
        return 0;
    end if;
    perform abate.average_hours();
    perform abate.read_days();
    perform abate.settle_days();
    return abate.keep_days();
end
$$;
comment on function abate.close_days is
    'Makes the days of touched_day that are over, again if an hour of theirs has changed. Returns how many rows of daily are new or have changed; pg_temp.judged_day has them, and all those a person asked for.';
