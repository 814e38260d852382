-- The plan as people ask for it, and the judging of all its commitments.

set local role abate_owner;

create or replace view abate.commitment as
select v.plan_code, v.version, c.commitment_id, c.plan_version_id, c.ordinal, c.commitment_code, c.clause, c.quotation,
       c.name_en, c.kind, c.telemetry, c.is_soft, c.start_due, c.deadline, c.deadline_note, c.indicator_code,
       c.per_indicator, c.relation, c.target, c.unit, c.baseline_year, c.day_of_month, c.subject, c.group_code,
       c.dispositions, c.size_classes, c.is_in_built_up_area, c.is_in_park, c.line_kind, c.line_size, c.line_relation,
       c.note, a.lead, a.responsible, a.cooperating
  from (select distinct on (plan_code) * from abate.plan_version order by plan_code, issued desc, version desc) v
  join abate.commitment_version c on c.plan_version_id = v.plan_version_id
 cross join lateral (
       select string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'lead') as lead,
              string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'responsible') as responsible,
              string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'cooperating') as cooperating
         from abate.commitment_agency ca
        where ca.commitment_id = c.commitment_id
       ) a;
comment on view abate.commitment is
    'What the newest text of each plan promises, one row a commitment; what is judged of it is in the view plan_status.';
comment on column abate.commitment.lead is 'Codes of the agencies that lead it, with commas; likewise responsible, cooperating.';

create or replace function abate.commitments_in_force(at timestamptz)
returns table (commitment_id int, plan_code text, on_day date)
language sql stable
begin atomic
    select c.commitment_id, p.plan_code, d.on_day
      from abate.plan p
     cross join lateral (select abate.day_of(commitments_in_force.at, p.utc_offset) as on_day) d
      join abate.commitment_version c on c.plan_version_id = abate.version_in_force(p.plan_code, d.on_day);
end;
comment on function abate.commitments_in_force is
    'The commitments by which an instant is judged, and the day it is by the clock of their plan.';
grant execute on function abate.commitments_in_force to abate_reader, abate_writer;

create or replace function abate.plan_status(day date)
returns table (plan_code text, version int, commitment_code text, ordinal int, clause text, name_en text, quotation text,
               kind text, is_soft boolean, deadline date, verdict text, actual float8, wanted float8, path float8,
               forecast float8, forecast_low float8, forecast_high float8, crosses_on date, unit text, reason text,
               subjects jsonb, on_day date, lead text, responsible text)
language sql stable
begin atomic
    select v.plan_code, v.version, c.commitment_code, c.ordinal, c.clause, c.name_en, c.quotation,
           c.kind, c.is_soft, c.deadline, coalesce(j.verdict, 'unknown'), j.actual, j.wanted, j.path,
           j.forecast, j.forecast_low, j.forecast_high, j.crosses_on, c.unit, coalesce(j.reason, 'never judged until then'),
           j.subjects, j.on_day, a.lead, a.responsible
      from abate.plan p
      join abate.plan_version v on v.plan_version_id = abate.version_in_force(p.plan_code, day)
      join abate.commitment_version c on c.plan_version_id = v.plan_version_id
      left join lateral (
           select *
             from abate.verdict x
            where x.commitment_id = c.commitment_id and x.on_day <= day and x.replaced is null
            order by x.on_day desc
            limit 1
           ) j on true
     cross join lateral (
           select string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'lead') as lead,
                  string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'responsible') as responsible
             from abate.commitment_agency ca
            where ca.commitment_id = c.commitment_id
           ) a
     order by v.plan_code, c.ordinal, c.commitment_code;
end;
comment on function abate.plan_status(date) is
    'Where every commitment of the plans stood on a day: the version in force then, with the newest verdict of that day or before; unknown if it was never judged. on_day is the day of that verdict.';
grant execute on function abate.plan_status(date) to abate_reader, abate_writer;

create or replace view abate.plan_status as
select s.*
  from abate.plan p
 cross join lateral abate.plan_status(abate.day_of(now(), p.utc_offset)) s
 where s.plan_code = p.plan_code;
comment on view abate.plan_status is 'Where every commitment of the plans stands today, one row a commitment; abate.plan_status(day) tells of another day.';
comment on column abate.plan_status.verdict is 'unknown, too, where nothing was judged yet.';
comment on column abate.plan_status.wanted is 'What it wants at its deadline, and path what the way there wants by on_day; both in unit, or 1 where it counts a share.';
comment on column abate.plan_status.crosses_on is 'The day on which the forecast reaches the target.';
comment on column abate.plan_status.subjects is 'Plants, agencies or lines that fall short, with what and why.';
comment on column abate.plan_status.on_day is 'The day of the verdict; null: never judged.';
comment on column abate.plan_status.lead is 'Codes of the agencies that lead it; likewise responsible.';

-- Judging. One verdict that fails must not stop the others: it is unknown, in the words of its error. But what is no fault
-- of its own (a deadlock, no memory, a cancelled query) stops all.
create or replace function abate.judge_commitment(commitment_id int, kind text, at timestamptz) returns abate.finding
language plpgsql as $$
declare
    result abate.finding;
begin
    execute format('select * from abate.%I($1, $2)', 'verdict_' || kind) into result using commitment_id, at;
    if result.verdict is null or result.reason is null then
        raise exception 'abate.verdict_%() says nothing of commitment %', kind, commitment_id;
    elsif result.verdict not in ('met', 'met_late', 'on_track', 'behind', 'overdue', 'missed', 'unknown', 'not_measurable') then
        raise exception '"%" is no verdict', result.verdict;
    end if;
    return result;
exception when others then
    if left(sqlstate, 2) in ('40', '53', '57', '58') then
        raise;
    end if;
    raise warning 'commitment % cannot be judged: %', commitment_id, sqlerrm;
    return abate.finding('unknown', 'cannot be judged: ' || sqlerrm, null, null, null, jsonb_build_object('error', sqlstate));
end
$$;
comment on function abate.judge_commitment is
    'What abate.verdict_<kind>() finds of a commitment; if it fails, that it is unknown, with a warning.';

create or replace function abate.findings(at timestamptz) returns setof abate.verdict
language sql
begin atomic
    select null::bigint, c.commitment_id, i.on_day, f.verdict, f.actual, f.wanted, f.path, f.forecast, f.forecast_low,
           f.forecast_high, f.crosses_on, f.reason, f.subjects, f.evidence, findings.at, null::timestamptz, null::timestamptz
      from abate.commitments_in_force(at) i
      join abate.commitment_version c on c.commitment_id = i.commitment_id
     cross join lateral abate.judge_commitment(c.commitment_id, c.kind, findings.at) f;
end;
comment on function abate.findings is 'All commitments in force at an instant, judged; nothing is stored.';

create or replace function abate.keep_verdicts(told abate.verdict[]) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    written int;
begin
    update abate.verdict v
       set replaced = clock_timestamp()
      from unnest(told) f
     where v.commitment_id = f.commitment_id and v.on_day = f.on_day and v.replaced is null
       and row (v.verdict, v.actual, v.wanted, v.path, v.forecast, v.forecast_low, v.forecast_high, v.crosses_on, v.reason,
                v.subjects, v.evidence)
           is distinct from row (f.verdict, f.actual, f.wanted, f.path, f.forecast, f.forecast_low, f.forecast_high,
                                 f.crosses_on, f.reason, f.subjects, f.evidence);

    insert into abate.verdict (commitment_id, on_day, verdict, actual, wanted, path, forecast, forecast_low, forecast_high,
                               crosses_on, reason, subjects, evidence, at)
    select f.commitment_id, f.on_day, f.verdict, f.actual, f.wanted, f.path, f.forecast, f.forecast_low, f.forecast_high,
           f.crosses_on, f.reason, f.subjects, f.evidence, f.at
      from unnest(told) f
     where not exists (select from abate.verdict v
                        where v.commitment_id = f.commitment_id and v.on_day = f.on_day and v.replaced is null);
    get diagnostics written = row_count;
    return written;
end
$$;
comment on function abate.keep_verdicts is
    'Stores what is new or different from what counts for that day, which then counts no more. Returns how many.';

-- Breaches of commitments: one for each subject that fails, or one for the commitment where no subject is known.
--
--     since when: the day the finding names; else the day after the last one on which it could be kept, but not before
--     it was last judged kept; else the day judged. Not before the text that is in force, unless that is the first.
--
-- Which ones a day's findings touch: those opened until the end of that day. So the past can be judged again.

create or replace function abate.commitment_subjects(told abate.verdict[])
returns table (commitment_id int, plant_id int, agency_code text, line_id int, verdict text, due date, since date, done date,
               reason text, evidence jsonb, is_whole boolean)
language sql stable
begin atomic
    select f.commitment_id, p.plant_id, s.subject ->> 'agency', l.line_id, s.subject ->> 'verdict',
           coalesce((s.subject ->> 'due')::date, c.deadline), (s.subject ->> 'since')::date, (s.subject ->> 'done')::date,
           s.subject ->> 'reason', s.subject, false
      from unnest(told) f
      join abate.commitment_version c on c.commitment_id = f.commitment_id
     cross join lateral jsonb_array_elements(f.subjects) s (subject)
      left join abate.plant p on p.plant_code = s.subject ->> 'plant'
      left join abate.line l on l.plant_id = p.plant_id and l.line_code = s.subject ->> 'line'
    union all
    select f.commitment_id, null, null, null, f.verdict,
           coalesce((f.evidence ->> 'due')::date, c.deadline), (f.evidence ->> 'since')::date, (f.evidence ->> 'done')::date,
           f.reason, f.evidence, true
      from unnest(told) f
      join abate.commitment_version c on c.commitment_id = f.commitment_id;
end;
comment on function abate.commitment_subjects is
    'The subjects that findings name, by their numbers in the register; and each commitment itself, as one without a subject (is_whole).';

create or replace function abate.commitment_faults(told abate.verdict[])
returns table (commitment_id int, plant_id int, agency_code text, line_id int, on_day date, begins timestamptz, ends timestamptz,
               opens timestamptz, severity text, bound float8, worst float8, reason text, evidence jsonb)
language sql stable
begin atomic
    select distinct on (f.commitment_id, s.plant_id, s.agency_code, s.line_id)
           f.commitment_id, s.plant_id, s.agency_code, s.line_id, f.on_day,
           abate.day_begins(f.on_day, p.utc_offset), abate.day_begins(f.on_day + 1, p.utc_offset),
           abate.day_begins(greatest(least(f.on_day, coalesce(s.since, greatest(s.due, k.kept_on) + 1, f.on_day)), first.day),
                            p.utc_offset),
           case when c.is_soft then 'notice' when s.evidence -> 'unconfirmed' = 'true' then (
                     select y.severity from abate.severity y where y.severity in (w.severity, 'warning') order by y.rank limit 1)
                else w.severity end,
           case when s.is_whole then f.wanted end, case when s.is_whole then f.actual end, s.reason, s.evidence
      from unnest(told) f
      join abate.commitment_version c on c.commitment_id = f.commitment_id
      join abate.commitment_kind w on w.kind = c.kind
      join abate.plan_version v on v.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = v.plan_code
      join abate.commitment_subjects(told) s on s.commitment_id = f.commitment_id and s.verdict in ('overdue', 'missed')
     cross join lateral (
           select case when v.issued > min(x.issued) then v.issued end as day
             from abate.plan_version x where x.plan_code = v.plan_code) first
     cross join lateral (
           select max(j.on_day) as kept_on
             from abate.verdict j
            where j.commitment_id = f.commitment_id and j.on_day < f.on_day and j.replaced is null
              and j.verdict in ('met', 'met_late') and s.due is not null) k
     where f.verdict in ('overdue', 'missed')
       and (not s.is_whole
            or not exists (select from jsonb_array_elements(f.subjects) x (subject)
                            where x.subject ->> 'verdict' in ('overdue', 'missed')))
     order by f.commitment_id, s.plant_id, s.agency_code, s.line_id, s.since;
end;
comment on function abate.commitment_faults is
    'For what there has to be a breach, by findings: whose, since when, how grave, and why.';

create or replace function abate.end_other_versions(told abate.verdict[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    with in_force as materialized (
        select distinct v.plan_code, v.plan_version_id, v.issued, p.utc_offset, f.on_day
          from unnest(told) f
          join abate.commitment_version c on c.commitment_id = f.commitment_id
          join abate.plan_version v on v.plan_version_id = c.plan_version_id
          join abate.plan p on p.plan_code = v.plan_code
    )
    update abate.breach b
       set closed = case when b.opened < abate.day_begins(i.issued, i.utc_offset)
                         then abate.day_begins(i.issued, i.utc_offset) end,
           withdrawn = case when b.opened >= abate.day_begins(i.issued, i.utc_offset) then clock_timestamp() end,
           withdrawn_why = case when b.opened >= abate.day_begins(i.issued, i.utc_offset)
                                then 'that day is judged by another version of the plan' end
      from in_force i
      join abate.plan_version v on v.plan_code = i.plan_code and v.plan_version_id <> i.plan_version_id
      join abate.commitment_version c on c.plan_version_id = v.plan_version_id
     where b.rule = 'commitment' and b.commitment_id = c.commitment_id and b.closed is null and b.withdrawn is null
       and b.opened < abate.day_begins(i.on_day + 1, i.utc_offset);
end
$$;
comment on function abate.end_other_versions is
    'Ends the breaches of commitments whose version of the plan is not in force on the day judged: its successor judges on.';

create or replace function abate.end_breaches(told abate.verdict[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    with ending as (
        select b.breach_id, b.opened, f.reason, k.is_standing, coalesce(s.done, f.on_day) as done,
               coalesce(s.verdict, case when f.subjects is null then f.verdict else 'met' end) as verdict,
               abate.day_begins(f.on_day, p.utc_offset) as begins, p.utc_offset
          from unnest(told) f
          join abate.commitment_version c on c.commitment_id = f.commitment_id
          join abate.commitment_kind k on k.kind = c.kind
          join abate.plan_version v on v.plan_version_id = c.plan_version_id
          join abate.plan p on p.plan_code = v.plan_code
          join abate.breach b on b.commitment_id = f.commitment_id and b.rule = 'commitment' and b.withdrawn is null
                             and b.opened < abate.day_begins(f.on_day + 1, p.utc_offset)
          left join abate.commitment_subjects(told) s
            on s.commitment_id = f.commitment_id and s.plant_id is not distinct from b.plant_id
           and s.agency_code is not distinct from b.agency_code and s.line_id is not distinct from b.line_id
         where not exists (select from abate.commitment_faults(told) w
                            where w.commitment_id = b.commitment_id and w.plant_id is not distinct from b.plant_id
                              and w.agency_code is not distinct from b.agency_code and w.line_id is not distinct from b.line_id)
           -- Not to know is no proof that it is kept.
           and not coalesce(f.evidence ? 'error', false)
           and s.verdict is distinct from 'unknown'
           and not (f.verdict = 'unknown' and f.subjects is null and s.verdict is null and not k.is_standing)
    ),
    judged as (
        select e.*, e.verdict <> 'met_late' and not e.is_standing or e.is_standing and e.opened >= e.begins as was_none,
               greatest(e.opened, case when e.is_standing then e.begins else abate.day_begins(e.done, e.utc_offset) end) as closing
          from ending e
    )
    update abate.breach b
       set withdrawn = case when j.was_none then clock_timestamp() end,
           withdrawn_why = case when j.was_none then 'judged again: ' || j.reason end,
           closed = case when j.was_none then b.closed else coalesce(b.closed, j.closing) end
      from judged j
     where b.breach_id = j.breach_id and (b.closed is null or j.was_none);
end
$$;
comment on function abate.end_breaches is
    'Closes breaches of commitments that are kept again, and withdraws those that, as is known now, were none.';

create or replace function abate.open_breaches(told abate.verdict[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- What is open: how long it has lasted, and why as of now.
    update abate.breach b
       set last_at = f.at, count = greatest(1, w.on_day - abate.day_of(b.opened, p.utc_offset) + 1), severity = w.severity,
           bound = w.bound, worst = w.worst, reason = w.reason, evidence = w.evidence
      from abate.commitment_faults(told) w
      join unnest(told) f on f.commitment_id = w.commitment_id
     cross join lateral abate.plan_day(w.commitment_id, f.at) p
     where b.rule = 'commitment' and b.commitment_id = w.commitment_id and b.plant_id is not distinct from w.plant_id
       and b.agency_code is not distinct from w.agency_code and b.line_id is not distinct from w.line_id
       and b.closed is null and b.withdrawn is null and b.opened < w.ends and b.last_at <= f.at
       and row (b.last_at, b.severity, b.bound, b.worst, b.reason, b.evidence)
           is distinct from row (f.at, w.severity, w.bound, w.worst, w.reason, w.evidence);

    -- The past is judged again, and it began earlier than was known.
    update abate.breach b
       set opened = w.opens
      from abate.commitment_faults(told) w
     where b.rule = 'commitment' and b.commitment_id = w.commitment_id and b.plant_id is not distinct from w.plant_id
       and b.agency_code is not distinct from w.agency_code and b.line_id is not distinct from w.line_id
       and b.closed is null and b.withdrawn is null and b.opened >= w.ends
       and not exists (select from abate.breach o
                        where o.rule = 'commitment' and o.commitment_id = w.commitment_id and o.withdrawn is null
                          and o.plant_id is not distinct from w.plant_id and o.agency_code is not distinct from w.agency_code
                          and o.line_id is not distinct from w.line_id and o.closed > w.opens);

    insert into abate.breach as b (rule, severity, plant_id, agency_code, line_id, commitment_id, opened, last_at, count,
                                   bound, worst, reason, evidence)
    select 'commitment', w.severity, w.plant_id, w.agency_code, w.line_id, w.commitment_id, o.opened, f.at,
           greatest(1, w.on_day - abate.day_of(o.opened, p.utc_offset) + 1), w.bound, w.worst, w.reason, w.evidence
      from abate.commitment_faults(told) w
      join unnest(told) f on f.commitment_id = w.commitment_id
     cross join lateral abate.plan_day(w.commitment_id, f.at) p
     cross join lateral (
           select greatest(w.opens, max(x.closed)) as opened,
                  coalesce(bool_or(x.closed is null or x.closed > w.begins), false) as is_covered
             from abate.breach x
            where x.rule = 'commitment' and x.commitment_id = w.commitment_id and x.withdrawn is null and x.opened < w.ends
              and x.plant_id is not distinct from w.plant_id and x.agency_code is not distinct from w.agency_code
              and x.line_id is not distinct from w.line_id) o
     where not o.is_covered
    on conflict (commitment_id, plant_id, agency_code, line_id, opened) where rule = 'commitment' and withdrawn is null
    do update set closed = null, last_at = excluded.last_at, reason = excluded.reason, evidence = excluded.evidence;
end
$$;
comment on function abate.open_breaches is
    'Opens a breach for each fault that has none on the day judged, and brings those that are open up to date.';

create or replace function abate.judge_plan(at timestamptz) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    told abate.verdict[];
    written int;
begin
    if at is null or not isfinite(at) then
        raise exception 'abate.judge_plan() has to be told its time'
            using errcode = 'invalid_parameter_value', hint = 'Give it an instant, such as now().';
    end if;
    told := array(select f from abate.findings(at) f);
    written := abate.keep_verdicts(told);
    perform abate.end_other_versions(told);
    perform abate.end_breaches(told);
    perform abate.open_breaches(told);
    return written;
end
$$;
comment on function abate.judge_plan is
    'Step of abate.judge(): judges every commitment of the versions in force at an instant; verdicts that are new or different are stored, and breaches opened, closed or withdrawn. Returns how many verdicts are new or different; called again, 0.';
revoke execute on function abate.judge_plan from abate_writer; -- who may call judge() may not choose what of it
