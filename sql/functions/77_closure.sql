-- What is closed stays at rest: a closure becomes limits of kind activity, which the daemon watches like any other.
--
--     closure, line.retired_on, activity_sign --> emission_limit (kind activity) --> breach, in the writer's transaction
--                                                           \--> judge_activity(): what came late, or before the watch knew

set local role abate_owner;

create or replace view abate.closure_monitor as
select c.closure_id, m.monitor_id, m.utc_offset, c.since, c.ended
  from abate.closure c
  join abate.monitor m on m.plant_id = c.plant_id
 union all
select c.closure_id, m.monitor_id, m.utc_offset, c.since, c.ended
  from abate.closure c
  join abate.monitor m on m.line_id = c.line_id;
comment on view abate.closure_monitor is 'The monitors at which a closure can be seen: all of a plant, or those of the line alone.';

create or replace function abate.first_register(feed_id int, slot int, since timestamptz) returns float8
language sql stable
begin atomic
    select coalesce((select r.value from abate.valid_readings(feed_id, slot::smallint) r
                      where r.at <= since order by r.at desc limit 1),
                    (select r.value from abate.valid_readings(feed_id, slot::smallint) r
                      where r.at > since order by r.at limit 1));
end;
comment on function abate.first_register is
    'Where a register stood at an instant: its last valid reading until then, or else the first one after it; null if it was never read.';
grant execute on function abate.first_register to abate_reader, abate_writer; -- it stands in a view

create or replace view abate.closure_limit as
select c.closure_id, s.parameter_code, s.unit, f.period, coalesce(c.plant_id, l.plant_id) as plant_id,
       null::int as monitor_id, c.line_id, s.above as upper
  from abate.closure c
  left join abate.line l on l.line_id = c.line_id
 cross join abate.activity_sign s
 cross join unnest(array['realtime', 'minute', 'hour', 'day']) f (period)
 where not s.is_register and c.ended is distinct from c.since
 union all
select c.closure_id, s.parameter_code, s.unit, f.period, null, f.monitor_id, c.line_id, min(r.stood) + s.above
  from abate.closure c
  join abate.closure_monitor m on m.closure_id = c.closure_id
  join abate.feed f on f.monitor_id = m.monitor_id
  join abate.series x on x.feed_id = f.feed_id and abate.is_value(x.statistic)
  join abate.activity_sign s on s.parameter_code = x.parameter_code and s.unit = x.unit and s.is_register
 cross join lateral (select abate.first_register(f.feed_id, x.slot, c.since) as stood) r
 where r.stood is not null and c.ended is distinct from c.since
 group by c.closure_id, s.parameter_code, s.unit, f.period, f.monitor_id, c.line_id, s.above;
comment on view abate.closure_limit is
    'The limits a closure makes: one for each sign of activity and period; of a register one for each monitor, which may not grow past where it stood.';

create or replace function abate.sync_closures(closures int[]) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    updated  int;
    inserted int;
begin
    create temporary table wanted_limit on commit drop as
    select w.*, c.since, case when c.ended > c.since then c.ended else 'infinity' end as until,
           coalesce(c.plan_code || ' ' || c.commitment_code, c.plan_code, 'closed') as standard,
           case when c.line_id is null then 'plant closed' else 'line retired' end as clause,
           c.source, c.recorded_by, c.plan_code, c.commitment_code
      from abate.closure_limit w
      join abate.closure c on c.closure_id = w.closure_id
     where w.closure_id = any (closures);

    update abate.emission_limit l
       set upper = w.upper, plant_id = w.plant_id, line_id = w.line_id, valid_from = w.since, valid_to = w.until,
           standard = w.standard, clause = w.clause, source = w.source, confirmed_by = w.recorded_by,
           plan_code = w.plan_code, commitment_code = w.commitment_code
      from pg_temp.wanted_limit w
     where l.closure_id = w.closure_id and l.parameter_code = w.parameter_code and l.unit = w.unit
       and l.period = w.period and l.monitor_id is not distinct from w.monitor_id
       and row (l.upper, l.plant_id, l.line_id, l.valid_from, l.valid_to, l.standard, l.clause, l.source, l.confirmed_by,
                l.plan_code, l.commitment_code)
           is distinct from row (w.upper, w.plant_id, w.line_id, w.since, w.until, w.standard, w.clause, w.source,
                                 w.recorded_by, w.plan_code, w.commitment_code);
    get diagnostics updated = row_count;

    -- What nothing was found by goes; what breaches rest on stays, and holds for nothing any more.
    delete from abate.emission_limit l
     where l.closure_id = any (closures)
       and not exists (select from abate.breach b where b.limit_id = l.limit_id)
       and not exists (select from pg_temp.wanted_limit w
                        where l.closure_id = w.closure_id and l.parameter_code = w.parameter_code and l.unit = w.unit
                          and l.period = w.period and l.monitor_id is not distinct from w.monitor_id);
    update abate.emission_limit l
       set valid_to = l.valid_from + interval '1 microsecond'
     where l.closure_id = any (closures) and l.valid_to > l.valid_from + interval '1 microsecond'
       and not exists (select from pg_temp.wanted_limit w
                        where l.closure_id = w.closure_id and l.parameter_code = w.parameter_code and l.unit = w.unit
                          and l.period = w.period and l.monitor_id is not distinct from w.monitor_id);

    insert into abate.emission_limit
           (kind, closure_id, parameter_code, unit, period, plant_id, monitor_id, line_id, upper, valid_from, valid_to,
            standard, clause, source, confirmed_by, plan_code, commitment_code)
    select 'activity', w.closure_id, w.parameter_code, w.unit, w.period, w.plant_id, w.monitor_id, w.line_id, w.upper,
           w.since, w.until, w.standard, w.clause, w.source, w.recorded_by, w.plan_code, w.commitment_code
      from pg_temp.wanted_limit w
     where not exists (select from abate.emission_limit l
                        where l.closure_id = w.closure_id and l.parameter_code = w.parameter_code and l.unit = w.unit
                          and l.period = w.period and l.monitor_id is not distinct from w.monitor_id);
    get diagnostics inserted = row_count;
    drop table pg_temp.wanted_limit;
    return updated + inserted;
end
$$;
comment on function abate.sync_closures is
    'Makes, changes and ends the limits of kind activity of these closures. Returns how many are new or changed.';

create or replace function abate.end_activity(ended_closure abate.closure) returns void
language sql
begin atomic
    update abate.breach b
       set withdrawn = clock_timestamp(),
           withdrawn_why = 'the closure ended before it: ' || to_char(ended_closure.ended at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"')
      from abate.emission_limit l
     where l.closure_id = ended_closure.closure_id and b.limit_id = l.limit_id and b.withdrawn is null
       and b.opened >= ended_closure.ended;
    update abate.breach b
       set closed = ended_closure.ended
      from abate.emission_limit l
     where l.closure_id = ended_closure.closure_id and b.limit_id = l.limit_id and b.withdrawn is null
       and b.closed is null;
end;
comment on function abate.end_activity is 'Closes the breaches of a closure that has ended, and withdraws those found after its end.';

create or replace function abate.move_activity(moved_closure abate.closure) returns void
language sql
begin atomic
    update abate.breach b
       set withdrawn = null, withdrawn_why = null
      from abate.emission_limit l
     where l.closure_id = moved_closure.closure_id and b.limit_id = l.limit_id and b.opened >= moved_closure.since
       and (moved_closure.ended is null or b.opened < moved_closure.ended) and b.withdrawn_why ~ '^the closure (began|ended) '
       and not exists (select from abate.breach o
                        where o.limit_id = b.limit_id and o.series_id = b.series_id and o.withdrawn is null
                          and (o.opened = b.opened or (o.closed is null and b.closed is null)));
    update abate.breach b
       set withdrawn = clock_timestamp(), closed = coalesce(b.closed, greatest(b.opened, b.last_at)),
           withdrawn_why = 'the closure began after it: ' || to_char(moved_closure.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"')
      from abate.emission_limit l
     where l.closure_id = moved_closure.closure_id and b.limit_id = l.limit_id and b.withdrawn is null
       and b.last_at < moved_closure.since;
end;
comment on function abate.move_activity is
    'Withdraws breaches that were over when a closure, as is known now, began; and takes back that those were withdrawn of which it holds again.';

create or replace function abate.touch_closed(closed abate.closure) returns void
language sql
begin atomic
    insert into abate.touched_hour (feed_id, hour)
    select distinct f.feed_id, abate.hour_of(s.at, m.utc_offset)
      from abate.closure_monitor m
      join abate.feed f on f.monitor_id = m.monitor_id
      join abate.sample s on s.feed_id = f.feed_id and s.at >= closed.since
     where m.closure_id = closed.closure_id;
end;
comment on function abate.touch_closed is
    'Has what was stored since a closure judged: it is often entered after the fact, when the daemon has let the readings pass.';

create or replace function abate.sync_closure() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform abate.sync_closures(array[new.closure_id]);
    if new.ended is not null then
        perform abate.end_activity(new);
    end if;
    if tg_op = 'UPDATE' and (new.since, new.ended) is distinct from (old.since, old.ended) then
        perform abate.move_activity(new);
    end if;
    if tg_op = 'INSERT' or new.since < old.since or (new.ended is null and old.ended is not null) then
        perform abate.touch_closed(new);
    end if;
    return null;
end
$$;
comment on function abate.sync_closure is 'Trigger: a closure that is entered, changed or ended makes, changes or ends its limits.';

create or replace trigger sync_closure after insert or update on abate.closure
    for each row execute function abate.sync_closure();

create or replace function abate.undo_closure() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from abate.breach b join abate.emission_limit l on l.limit_id = b.limit_id
                where l.closure_id = old.closure_id) then
        raise exception 'closure %: breaches were found by it', old.closure_id
            using errcode = 'restrict_violation',
                  hint = 'Set its column "ended" to the instant it was lifted, or to "since" if it was entered in error.';
    end if;
    delete from abate.emission_limit where closure_id = old.closure_id;
    return old;
end
$$;
comment on function abate.undo_closure is 'Trigger: a closure that is deleted takes its limits with it, if none was broken.';

create or replace trigger undo_closure before delete on abate.closure
    for each row execute function abate.undo_closure();

create or replace function abate.sync_signs() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform abate.sync_closures(array(select c.closure_id from abate.closure c where c.ended is null));
    return null;
end
$$;
comment on function abate.sync_signs is 'Trigger: another sign of activity, or another bound, holds for all that is closed.';

create or replace trigger sync_signs after insert or update or delete on abate.activity_sign
    for each statement execute function abate.sync_signs();

create or replace function abate.line_offset(clocked abate.line) returns interval
language sql stable
begin atomic
    select coalesce(
        (select min(m.utc_offset) from abate.monitor m where m.line_id = clocked.line_id),
        (select min(m.utc_offset) from abate.monitor m where m.plant_id = clocked.plant_id),
        (select min(p.utc_offset) from abate.plan p),
        interval '8 hours');
end;
comment on function abate.line_offset is
    'A line has no clock of its own: it is that of its monitors, or those of its plant, or of the plan; or as for a monitor of which nothing is said.';

create or replace function abate.retire_line() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
<<closing>>
declare
    utc_offset constant interval := abate.line_offset(new);
    since      constant timestamptz := abate.day_begins(new.retired_on, closing.utc_offset);
begin
    if new.retired_on is null then -- entered in error
        update abate.closure c set ended = c.since where c.line_id = new.line_id and c.ended is null;
        return null;
    end if;
    update abate.closure c
       set since = closing.since
     where c.line_id = new.line_id and c.ended is null and abate.day_of(c.since, closing.utc_offset) <> new.retired_on;
    if not exists (select from abate.closure c where c.line_id = new.line_id and c.ended is null) then
        insert into abate.closure (line_id, since, source)
        values (new.line_id, closing.since, coalesce(nullif(new.source, ''), 'the register: line.retired_on'));
    end if;
    return null;
end
$$;
comment on function abate.retire_line is 'Trigger: a line that is retired is closed from the beginning of that day.';

create or replace trigger retire_line after insert on abate.line
    for each row when (new.retired_on is not null) execute function abate.retire_line();
create or replace trigger retire_changed_line after update of retired_on on abate.line
    for each row when (new.retired_on is distinct from old.retired_on) execute function abate.retire_line();

create or replace function abate.close_down(plant_code text, line_code text, since timestamptz, source text,
                                            plan_code text default null, commitment_code text default null) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    shut    constant abate.plant := (select p from abate.plant p where p.plant_code = close_down.plant_code);
    retired constant abate.line := (select l from abate.line l
                                     where l.plant_id = shut.plant_id and l.line_code = close_down.line_code);
    made    int;
begin
    if shut.plant_id is null then
        raise exception 'there is no plant "%"', close_down.plant_code using errcode = 'no_data_found';
    elsif close_down.line_code is not null and retired.line_id is null then
        raise exception 'plant "%" has no line "%"', close_down.plant_code, close_down.line_code
            using errcode = 'no_data_found', hint = 'Enter it in abate.line first.';
    elsif exists (select from abate.closure c where c.ended is null
                     and (c.line_id = retired.line_id or (close_down.line_code is null and c.plant_id = shut.plant_id))) then
        raise exception '"%" is closed already',
            coalesce(close_down.plant_code || ' ' || close_down.line_code, close_down.plant_code)
            using errcode = 'unique_violation', hint = 'Change the row of abate.closure, or set its column "ended".';
    end if;

    insert into abate.closure (plant_id, line_id, since, source, plan_code, commitment_code)
    values (case when close_down.line_code is null then shut.plant_id end, retired.line_id, close_down.since,
            close_down.source, close_down.plan_code, close_down.commitment_code)
    returning closure_id into made;
    update abate.line l
       set retired_on = abate.day_of(close_down.since, abate.line_offset(l))
     where l.line_id = retired.line_id and l.retired_on is null;
    return made;
end
$$;
comment on function abate.close_down is
    'Enters that a plant, or a line of it, is closed since an instant: from then on any sign of activity is a breach. Returns closure_id.';

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
