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
                   coalesce(s.ends, pursue_alerts.at + o.remind_every) as remind_at,
                   case when o.escalate_most > 0 then coalesce(s.ends, pursue_alerts.at) + o.escalate_after end as escalate_at
              from pg_temp.alert_taken t
              join abate.alert a on a.alert_id = t.alert_id
              join abate.breach b on b.breach_id = a.breach_id and b.closed is null and b.withdrawn is null
              left join abate.silence s on a.outcome = 'silenced' and a.outcome_why = 'silence ' || s.silence_id
             cross join lateral abate.policy_of(a.severity, a.rule) o
             where t.kind in ('opened', 'worse') and a.outcome in ('delivered', 'silenced', 'inhibited', 'nobody')
             order by a.breach_id, a.alert_id desc) n
     where n.remind_at is not null or n.escalate_at is not null
    on conflict (breach_id) do update
       set remind_at = excluded.remind_at, reminded = 0, escalate_at = coalesce(p.escalate_at, excluded.escalate_at);

    -- A reminder that a silence held back comes when that is over, and the steps up wait as long.
    update abate.pursuit p
       set remind_at = greatest(p.remind_at, s.ends), escalate_at = greatest(p.escalate_at, s.ends)
      from pg_temp.alert_taken t
      join abate.alert a on a.alert_id = t.alert_id and a.outcome = 'silenced'
      join abate.silence s on a.outcome_why = 'silence ' || s.silence_id
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
