-- What lasts and nobody has acknowledged is followed up: reminders, steps up, and the end of silences.

set local role abate_owner;

create or replace function abate.follow_breaches(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    made int;
begin
    with due as materialized (
        select p.*, b as broken, abate.policy_of(b.severity, b.rule) as policy,
               b.closed is not null or b.withdrawn is not null as is_over
          from (select p.* from abate.pursuit p where p.due <= follow_breaches.at for update) p
          join abate.breach b on b.breach_id = p.breach_id
    ),
    step as materialized (
        select d.*, d.remind_at <= follow_breaches.at as is_reminder, d.escalate_at <= follow_breaches.at as is_escalation
          from due d
         where not d.is_over
    ),
    told as (
        insert into abate.alert (year, kind, severity, rule, breach_id, plant_id, monitor_id, agency_code, at, value, bound,
                                 multiple, count_30_days, step, reason)
        select abate.alert_year(follow_breaches.at), k.kind, (s.broken).severity, (s.broken).rule, s.breach_id,
               (s.broken).plant_id, (s.broken).monitor_id, (s.broken).agency_code, follow_breaches.at, (s.broken).worst,
               (s.broken).bound, abate.multiple_of((s.broken).worst, (s.broken).bound), (s.broken).count_30_days, k.step,
               (s.broken).reason
          from step s
         cross join lateral (select 'reminder' as kind, s.reminded + 1 as step where s.is_reminder
                              union all
                             select 'escalation', s.step + 1 where s.is_escalation) k
         order by s.breach_id, k.kind
        returning 1
    ),
    moved as (
        update abate.pursuit p
           set remind_at = case when not s.is_reminder then p.remind_at
                                when p.reminded + 1 < coalesce((s.policy).remind_most, 2147483647)
                                    then follow_breaches.at + (s.policy).remind_every end,
               reminded = p.reminded + coalesce(s.is_reminder, false)::int,
               escalate_at = case when not s.is_escalation then p.escalate_at
                                  when p.step + 1 < (s.policy).escalate_most
                                      then follow_breaches.at + (s.policy).escalate_after end,
               step = p.step + coalesce(s.is_escalation, false)::int
          from step s
         where p.breach_id = s.breach_id
           and (coalesce(not s.is_reminder, false) or coalesce(not s.is_escalation, false)
                or p.reminded + 1 < coalesce((s.policy).remind_most, 2147483647) and (s.policy).remind_every is not null and s.is_reminder
                or p.step + 1 < (s.policy).escalate_most and (s.policy).escalate_after is not null and s.is_escalation)
        returning p.breach_id
    ),
    gone as (
        delete from abate.pursuit p
         using due d
         where p.breach_id = d.breach_id and not exists (select from moved m where m.breach_id = d.breach_id)
    )
    select count(*) into made from told;
    return made;
end
$$;
comment on function abate.follow_breaches is
    'Step of abate.prepare_alerts(): reminders and escalations that are due. Returns how many.';

create or replace function abate.quiet_until(held abate.alert, at timestamptz) returns timestamptz
language sql stable
begin atomic
    select s.ends from abate.silence s where held.outcome = 'silenced' and held.outcome_why = 'silence ' || s.silence_id
     union all
    select case when isfinite(s.ends) then s.ends else quiet_until.at + interval '1 day' end
      from abate.stoppage s
     where held.outcome = 'silenced' and held.outcome_why = 'stoppage ' || s.stoppage_id and s.ends > quiet_until.at;
end;
comment on function abate.quiet_until is
    'When the silence, or the stop, is over that holds an alert back; of a stop whose end nobody knows, when to look again. Null: nothing does.';

create or replace function abate.pursue_alerts(at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    delete from abate.pursuit p
     using pg_temp.alert_taken t
     where t.kind in ('closed', 'withdrawn') and p.breach_id = t.breach_id
       and exists (select from abate.breach b
                    where b.breach_id = p.breach_id and (b.closed is not null or b.withdrawn is not null));

    -- What was silenced is told when the silence is over; what was inhibited, or had nobody to hear it, is tried again.
    insert into abate.pursuit as p (breach_id, remind_at, escalate_at)
    select n.breach_id, n.remind_at, n.escalate_at
      from (select distinct on (a.breach_id) a.breach_id,
                   coalesce(q.ends, pursue_alerts.at + o.remind_every) as remind_at,
                   case when o.escalate_most > 0 then coalesce(q.ends, pursue_alerts.at) + o.escalate_after end as escalate_at
              from pg_temp.alert_taken t
              join abate.alert a on a.alert_id = t.alert_id
              join abate.breach b on b.breach_id = a.breach_id and b.closed is null and b.withdrawn is null
             cross join lateral (select abate.quiet_until(a, pursue_alerts.at) as ends) q
             cross join lateral abate.policy_of(a.severity, a.rule) o
             where t.kind in ('opened', 'worse') and a.outcome in ('delivered', 'silenced', 'inhibited', 'nobody')
             order by a.breach_id, a.alert_id desc) n
     where n.remind_at is not null or n.escalate_at is not null
    on conflict (breach_id) do update
       set remind_at = excluded.remind_at, reminded = 0, escalate_at = coalesce(p.escalate_at, excluded.escalate_at);

    update abate.trouble t
       set remind_at = pursue_alerts.at + o.remind_every
      from pg_temp.alert_taken k
      join abate.alert a on a.alert_id = k.alert_id and a.outcome in ('delivered', 'direct', 'nobody')
     cross join lateral abate.policy_of(a.severity, 'trouble') o
     where k.kind = 'trouble' and t.trouble_id = a.trouble_id and t.ended is null;

    -- A reminder that a silence held back comes when that is over, and the steps up wait as long.
    update abate.pursuit p
       set remind_at = greatest(p.remind_at, q.ends), escalate_at = greatest(p.escalate_at, q.ends)
      from pg_temp.alert_taken t
      join abate.alert a on a.alert_id = t.alert_id and a.outcome = 'silenced'
     cross join lateral (select abate.quiet_until(a, pursue_alerts.at) as ends) q
     where t.kind = 'reminder' and p.breach_id = t.breach_id;
end
$$;
comment on function abate.pursue_alerts is
    'Step of abate.prepare_alerts(): of what was just told and lasts, when to remind of it and when to go a step up; what is over is followed no more.';

create or replace function abate.end_silences(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    made int;
begin
    with over as (
        update abate.silence s
           set told_over = end_silences.at
         where s.ends <= end_silences.at and s.told_over is null
        returning s.*
    ),
    told as (
        insert into abate.alert (year, kind, severity, silence_id, plant_id, monitor_id, at, reason)
        select abate.alert_year(end_silences.at), 'silence_over', 'notice', o.silence_id, o.plant_id, o.monitor_id, o.ends,
               concat_ws(': ', o.author, o.reason)
          from over o
        returning 1
    )
    select count(*) into made from told;
    return made;
end
$$;
comment on function abate.end_silences is 'Step of abate.prepare_alerts(): silences that are over are told to be.';

create or replace function abate.end_stoppages(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    made int;
begin
    if not exists (select from abate.stoppage s where s.ends <= at and s.told_over is null) then
        return 0; -- an update of nothing would have the plan judged
    end if;
    with over as (
        update abate.stoppage s
           set told_over = end_stoppages.at
         where s.ends <= end_stoppages.at and s.told_over is null
        returning s.*
    ),
    told as (
        insert into abate.alert (year, kind, severity, stoppage_id, plant_id, monitor_id, at, reason)
        select abate.alert_year(end_stoppages.at), 'stoppage_over', 'notice', o.stoppage_id,
               coalesce(o.plant_id, m.plant_id), o.monitor_id, o.ends, concat_ws(': ', o.kind, o.source)
          from over o
          left join abate.monitor m on m.monitor_id = o.monitor_id
        returning 1
    )
    select count(*) into made from told;
    return made;
end
$$;
comment on function abate.end_stoppages is 'Step of abate.prepare_alerts(): stops that are over are told to be.';

-- Entered or shortened when it is over already: nobody waits for news of its end. Another end: told anew.
create or replace function abate.set_stoppage() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        new.told_over := case when new.ends <= new.recorded then new.recorded end;
    elsif new.ends > old.told_over then
        new.told_over := null;
    end if;
    return new;
end
$$;
comment on function abate.set_stoppage is 'Trigger: whether the end of a stop is still to be told.';
create or replace trigger set_stoppage before insert or update of ends on abate.stoppage
    for each row execute function abate.set_stoppage();

create or replace function abate.tell_stoppage() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update abate.pursuit p
       set remind_at = least(p.remind_at, case when tg_op = 'DELETE' then p.remind_at - interval '1 day' else new.ends end)
      from abate.alert a
     where a.breach_id = p.breach_id and a.outcome = 'silenced' and a.outcome_why = 'stoppage ' || old.stoppage_id;
    perform pg_notify('abate_alert', '');
    return null;
end
$$;
comment on function abate.tell_stoppage is 'Trigger: what a stop held back is told when it ends earlier, or was none.';
create or replace trigger tell_stoppage after update of ends or delete on abate.stoppage
    for each row execute function abate.tell_stoppage();
