-- abate.judge(at): hours, days, limits, silence and the plan, step by step, told its time.
--
--     touched_hour --> hourly --> daily --> exceedance, breach
--                  \-> consumption                             \
--     touched_plan, or a new hour ------------------------------> verdict, breach
--
-- What it has not come to stays in touched_hour and touched_plan; so it can be called at any time, twice, or not for
-- days. It never holds a row that the writer or a person wants to change, but those of breaches it changes itself.

set local role abate_owner;

create or replace function abate.touch_plan() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.touched_plan default values;
    return null;
end
$$;
comment on function abate.touch_plan is 'Trigger: abate.judge() shall judge the plan at its next call.';

create or replace trigger touch_plan after insert or update or delete on abate.indicator_value
    for each statement execute function abate.touch_plan();
create or replace trigger touch_plan after insert or update or delete on abate.milestone
    for each statement execute function abate.touch_plan();
create or replace trigger touch_plan after insert or update or delete on abate.baseline
    for each statement execute function abate.touch_plan();
create or replace trigger touch_plan after insert or update or delete on abate.closure
    for each statement execute function abate.touch_plan();
create or replace trigger touch_plan after insert or update of plant_id, monitor_id, kind, begins, ends or delete on abate.stoppage
    for each statement execute function abate.touch_plan();
create or replace trigger touch_plan after insert or update or delete on abate.plan_version
    for each statement execute function abate.touch_plan();
create or replace trigger touch_plan after insert or update or delete on abate.line
    for each statement execute function abate.touch_plan();

-- What was changed while the plan is being judged, and is not seen by it, keeps its row of touched_plan: that is not seen
-- either.
--
-- A burst of reports must not have it judged without end: so not again before the pause is over.
create or replace function abate.judge_plan_if_due(at timestamptz, is_plan_due boolean) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    pause constant interval := coalesce(abate.threshold('plan_pause', null, at), 0) * interval '1 minute';
begin
    if not coalesce(is_plan_due,
                    (select s.plan_at is null or abate.hour_of(s.plan_at, '0') <> abate.hour_of(at, '0')
                            or exists (select from abate.touched_plan) and not (at >= s.plan_at and at < s.plan_at + pause)
                       from abate.judge_state s)) then
        return 0;
    end if;
    delete from abate.touched_plan;
    update abate.judge_state set plan_at = at;
    return abate.judge_plan(at);
end
$$;
comment on function abate.judge_plan_if_due is
    'Step of abate.judge(): judges the plan if told so, or, not told, if it was not judged in this hour, or something of it has changed and it was not judged just now (threshold plan_pause). Returns how many verdicts are new.';

create or replace function abate.touched_is_left(at timestamptz) returns boolean
language sql stable
begin atomic
    select exists (select from abate.touched_hour t
                    where t.hour <= at - interval '1 hour' - abate.threshold('hour_grace', null, at) * interval '1 minute');
end;
comment on function abate.touched_is_left is 'Whether there are touched hours that are over.';

create or replace function abate.judge(at timestamptz, most int default 50000, is_plan_due boolean default null,
                                       out is_busy boolean, out hours int, out days int, out exceeded int, out withdrawn int,
                                       out opened int, out closed int, out verdicts int, out more boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
    taken int;
    spoken record;
begin
    if (isfinite(at) and most > 0) is not true then
        raise exception 'abate.judge() wants an instant and a number of hours, not % and %', at, most
            using errcode = 'invalid_parameter_value';
    end if;
    is_busy := not pg_try_advisory_xact_lock(x'61626174'::int, -1);
    if is_busy then
        return;
    end if;

    perform abate.prepare_judge();
    taken := abate.take_touched(at, most);
    hours := abate.close_hours(at);
    perform abate.close_consumption();
    days := abate.close_days(at);
    select l.found, l.withdrawn, l.opened, l.closed into exceeded, withdrawn, opened, closed from abate.judge_limits(at) l;
    opened := opened + abate.judge_differences() + abate.judge_activity();
    select s.opened, s.closed into spoken from abate.judge_silence(at) s;
    opened := opened + spoken.opened;
    closed := closed + spoken.closed;
    -- Before the plan: what it asks for of hours goes as far as they are judged.
    update abate.judge_state s set judged_to = greatest(s.judged_to, at);
    verdicts := abate.judge_plan_if_due(at, is_plan_due);
    more := taken > 0 and abate.touched_is_left(at);
end
$$;
comment on function abate.judge is
    'Judges all that is known, as of an instant: closes hours and days that are over, finds exceedances, opens and closes breaches, judges the plan (is_plan_due null: if it has changed, with a pause in between, or once an hour). Calling it again changes nothing. `most`: about how many hours of feeds at once; `more`: some are left, call again. Another one at work: is_busy, and nothing done.';
grant execute on function abate.judge to abate_writer;

create or replace function abate.graces(at timestamptz) returns interval
language sql stable
return greatest(abate.threshold('hour_grace', null, at), abate.threshold('day_grace', null, at)) * interval '1 minute';
comment on function abate.graces is 'How long after its end a span has all its hours and days closed.';

create or replace function abate.judge_again(from_at timestamptz, to_at timestamptz, as_of timestamptz,
                                             monitor_code text default null, is_plan_due boolean default false,
                                             out is_busy boolean, out touched int, out hours int, out days int,
                                             out exceeded int, out withdrawn int, out opened int, out closed int,
                                             out verdicts int)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- First the lock: else whoever judges now takes what is touched here, and says what came of it elsewhere.
    is_busy := not pg_try_advisory_xact_lock(x'61626174'::int, -1);
    if is_busy then
        return;
    end if;
    touched := abate.touch(from_at, to_at, judge_again.monitor_code);
    select j.hours, j.days, j.exceeded, j.withdrawn, j.opened, j.closed, j.verdicts
      into hours, days, exceeded, withdrawn, opened, closed, verdicts
      from abate.judge(least(as_of, to_at + abate.graces(to_at)), 2000000000, judge_again.is_plan_due) j;
end
$$;
comment on function abate.judge_again is
    'Judges a past span anew, in one transaction: of one monitor or of all (null), as of its end with the graces behind it, but not later than as_of. Another one at work: is_busy, and nothing done.';
grant execute on function abate.judge_again to abate_writer;
