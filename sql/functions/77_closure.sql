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
