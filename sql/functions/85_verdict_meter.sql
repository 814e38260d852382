-- Verdicts that rest on monitors and on the register: compliance, zero, capacity, availability, prohibition.

set local role abate_owner;

-- Compliance: of each monitor and limit, how many means there were in the last full month and in this one, and how many
-- of them are past the limit. Exceedances are few and known; the means are only counted.
create or replace function abate.compliance_points(commitment_id int, at timestamptz)
returns table (plant_id int, monitor_code text, parameter_code text, period text, is_confirmed boolean,
               before_means bigint, before_past bigint, means bigint, past bigint, first_past date, month_hours float8)
language sql stable
begin atomic
    with span as (
        select c.relation, (date_trunc('month', d.on_day::timestamp) - interval '1 month')::date as before,
               date_trunc('month', d.on_day::timestamp)::date as this,
               (date_trunc('month', d.on_day::timestamp) + interval '1 month')::date as next
          from abate.commitment_version c
         cross join lateral abate.plan_day(c.commitment_id, compliance_points.at) d
         where c.commitment_id = compliance_points.commitment_id
    ),
    point as materialized (
        select s.plant_id, m.monitor_id, m.monitor_code, m.utc_offset, l.limit_id, l.parameter_code, l.period,
               l.confirmed_by is not null as is_confirmed, x.series, l.reference_oxygen,
               abate.threshold('oxygen_undefined', m.medium, compliance_points.at) as undefined,
               greatest(abate.day_begins(p.before, m.utc_offset), l.valid_from) as begins,
               abate.day_begins(p.this, m.utc_offset) as turns,
               least(compliance_points.at, l.valid_to) as ends,
               24.0 * (p.next - p.this) as month_hours
          from span p
          join abate.commitment_monitors(compliance_points.commitment_id) s on true
          join abate.monitor m on m.monitor_id = s.monitor_id
          join abate.limit_monitor lm on lm.monitor_id = m.monitor_id
          join abate.emission_limit l on l.limit_id = lm.limit_id and l.kind = 'emission'
                                     and (l.period = 'hour' or l.period = 'day' and p.relation is distinct from 'at_least')
                                     and l.valid_from < compliance_points.at
                                     and l.valid_to > abate.day_begins(p.before, m.utc_offset)
         cross join lateral (
               select array_agg(x.series_id) as series
                 from abate.mean_series x
                 join abate.series u on u.series_id = x.series_id
                where x.monitor_id = m.monitor_id and x.parameter_code = l.parameter_code and u.unit = l.unit
                  and (l.period = 'day' or x.period <> 'day')) x
         where x.series is not null
    )
    select p.plant_id, p.monitor_code, p.parameter_code, p.period, p.is_confirmed,
           n.before_means, e.before_past, n.means, e.past,
           abate.day_of(e.first_past, p.utc_offset), p.month_hours
      from point p
     cross join lateral (
           select count(*) filter (where h.at < p.turns) as before_means, count(*) filter (where h.at >= p.turns) as means
             from abate.hourly h
            where p.period = 'hour' and h.series_id = any (p.series) and h.at >= p.begins and h.at < p.ends
              and h.is_official and h.is_valid and (p.reference_oxygen is null or h.oxygen < p.undefined)
           having p.period = 'hour'
           union all
           select count(*) filter (where d.day < abate.day_of(p.turns, p.utc_offset)),
                  count(*) filter (where d.day >= abate.day_of(p.turns, p.utc_offset))
             from abate.daily d
            where p.period = 'day' and d.series_id = any (p.series) and d.day >= abate.day_of(p.begins, p.utc_offset)
              and abate.day_begins(d.day, p.utc_offset) < p.ends
              and d.is_official and d.is_valid and (p.reference_oxygen is null or d.converted is not null)
           having p.period = 'day') n
     cross join lateral (
           select count(*) filter (where x.at < p.turns) as before_past, count(*) filter (where x.at >= p.turns) as past,
                  min(x.at) as first_past
             from abate.exceedance x
            where x.limit_id = p.limit_id and x.monitor_id = p.monitor_id and x.at >= p.begins and x.at < p.ends
              and x.withdrawn is null) e;
end;
comment on function abate.compliance_points is
    'The monitors of a commitment with each limit on their hourly and daily means: how many valid means there were in the last full month (before_*) and in this one until `at`, and how many are past the limit.';

-- Of a share of a month's hours: the last full month is decided; this one only when it can no longer be kept.
create or replace function abate.point_verdict(share float8, before_means bigint, before_past bigint, means bigint,
                                               past bigint, month_hours float8) returns text
language sql immutable
return case
    when before_means + means = 0 then 'unknown'
    when share is null then case when before_past + past = 0 then 'kept' else 'broken' end
    when before_means > 0 and (before_means - before_past)::float8 / before_means < share
      or before_means = 0 and (means - past)::float8 / means < share
      or past > (1 - share) * month_hours + 1e-9 then 'broken'
    else 'kept'
end;
comment on function abate.point_verdict is
    'Whether the means of a monitor keep a limit: all of them, or (share) that part of the hours of a month.';

create or replace function abate.compliance_subjects(commitment_id int, at timestamptz, points jsonb) returns jsonb
language sql stable
begin atomic
    with point as materialized (
        select *, format('%s %s: %s of %s %s past the limit', p.monitor_code, p.parameter_code, p.before_past + p.past,
                         p.before_means + p.means, case p.period when 'hour' then 'hours' else 'days' end) as told
          from jsonb_to_recordset(points) p (plant_id int, monitor_code text, parameter_code text, period text,
                   before_means bigint, before_past bigint, means bigint, past bigint, first_past date, verdict text)
    ),
    judged as (
        select t.plant_code, s.due, d.on_day,
               exists (select from abate.closure c
                        where c.plant_id = s.plant_id and c.since <= compliance_subjects.at
                          and coalesce(c.ended > compliance_subjects.at, true)) as is_closed,
               p.points, p.broken, p.silent, p.first_past
          from abate.plan_day(commitment_id, at) d
          join abate.commitment_plants(commitment_id) s on true
          join abate.plant t on t.plant_id = s.plant_id
         cross join lateral (
               select count(*) as points, min(p.first_past) as first_past,
                      array_agg(p.told order by p.told) filter (where p.verdict = 'broken') as broken,
                      array_agg(p.monitor_code || ' ' || p.parameter_code order by p.monitor_code, p.parameter_code)
                          filter (where p.verdict = 'unknown') as silent
                 from point p
                where p.plant_id = s.plant_id) p
    )
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('plant', j.plant_code, 'verdict', v.verdict, 'due', j.due,
               'complies', case when v.verdict in ('met', 'on_track') then true end,
               'since', case when v.verdict = 'overdue' then greatest(j.first_past, j.due + 1) end,
               'reason', case when j.is_closed then 'closed'
                              when j.points = 0 then 'no monitor of it has a limit'
                              when j.broken is not null then abate.list_codes(j.broken)
                              when j.silent is not null then 'no valid means of ' || abate.list_codes(j.silent)
                              else 'within its limits' end)) order by j.plant_code)
      from judged j
     cross join lateral (
           select case when not j.is_closed and j.broken is not null
                           then case when j.due >= j.on_day then 'behind' else 'overdue' end
                       when not j.is_closed and (j.points = 0 or j.silent is not null) then 'unknown'
                       when j.due >= j.on_day then 'on_track'
                       else 'met' end as verdict) v;
end;
comment on function abate.compliance_subjects is
    'The plants of a commitment with the verdict on each, from its compliance_points with their point_verdict; one that is closed complies.';

create or replace function abate.verdict_compliance(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    share       constant float8 := (select c.target from abate.commitment_version c
                                     where c.commitment_id = $1 and c.relation = 'at_least');
    points      jsonb;
    limits      int;
    unconfirmed int;
    evidence    jsonb;
    result      abate.finding;
    worst       float8;
begin
    select jsonb_agg(to_jsonb(p) || jsonb_build_object('verdict', v)), count(*), count(*) filter (where not p.is_confirmed),
           jsonb_build_object('means', sum(p.before_means + p.means), 'past', sum(p.before_past + p.past),
                              'points', count(*), 'unconfirmed', count(*) filter (where not p.is_confirmed)),
           min(case when p.before_means > 0 then (p.before_means - p.before_past)::float8 / p.before_means
                    when p.means > 0 then (p.means - p.past)::float8 / p.means end)
      into points, limits, unconfirmed, evidence, worst
      from abate.compliance_points(commitment_id, at) p
     cross join lateral abate.point_verdict(share, p.before_means, p.before_past, p.means, p.past, p.month_hours) v;

    result := abate.finding_of_subjects(abate.compliance_subjects(commitment_id, at, coalesce(points, '[]')), 'comply', evidence);
    if result is null then
        return abate.finding('unknown', 'the register has none of the plants it is about');
    end if;
    if share is not null then
        result.actual := worst;
        result.wanted := share;
    end if;
    if limits = 0 and result.verdict = 'unknown' then
        result.reason := 'no monitor of the subjects has a limit';
    elsif unconfirmed > 0 then
        result.reason := result.reason || format(' (nobody has confirmed %s of the %s limits)', unconfirmed, limits);
    end if;
    return result;
end
$$;
comment on function abate.verdict_compliance is
    'Hourly and daily means of the plants keep their emission limits, in this month and the last full one: all of them, or (at_least) that share of a month''s hours at each monitor. A plant of which nothing is known makes it unknown.';
grant execute on function abate.verdict_compliance to abate_reader, abate_writer;

-- Zero and capacity: what is closed, since when, and whether it has been at work since.
create or replace function abate.closing_of(plant_id int, line_id int, at timestamptz, utc_offset interval,
                                            out closed date, out active_since date, out was_active date, out still date)
language sql stable
begin atomic
    with mine as (
        select c.closure_id, abate.day_of(c.since, closing_of.utc_offset) as since
          from abate.closure c
         where (c.line_id = closing_of.line_id or c.plant_id = closing_of.plant_id)
           and c.since <= closing_of.at and coalesce(c.ended > closing_of.at, true)
    ),
    work as (
        select abate.day_of(b.opened, closing_of.utc_offset) as opened,
               case when b.closed <= abate.day_begins(abate.day_of(closing_of.at, closing_of.utc_offset), closing_of.utc_offset)
                    then abate.day_of(b.closed, closing_of.utc_offset) end as closed
          from mine m
          join abate.emission_limit l on l.closure_id = m.closure_id
          join abate.breach b on b.limit_id = l.limit_id
         where b.rule = 'activity' and b.withdrawn is null and b.opened <= closing_of.at
           and (closing_of.line_id is null or b.line_id is null or b.line_id = closing_of.line_id)
    )
    select (select least(min(m.since),
                         (select l.retired_on from abate.line l
                           where l.line_id = closing_of.line_id
                             and l.retired_on <= abate.day_of(closing_of.at, closing_of.utc_offset))) from mine m),
           min(w.opened) filter (where w.closed is null),
           max(w.opened) filter (where w.closed is not null),
           max(w.closed)
      from work w;
end;
comment on function abate.closing_of is
    'Since when a plant or line is closed; since when something is at work there on this day; and if not on this day, when it last was.';

create or replace function abate.closing_subject(subject jsonb, start_due date, due date, on_day date, begun date, closed date,
                                                 active_since date, was_active date, still date) returns jsonb
language sql immutable
begin atomic
    select jsonb_strip_nulls(subject || jsonb_build_object(
               'verdict', case
                   when active_since is not null then 'overdue'
                   when closed is not null and (due is null or closed <= due) and not coalesce(was_active > due, was_active is not null)
                       then 'met'
                   when closed is not null then 'met_late'
                   when due < on_day or due is null and start_due <= on_day then 'overdue'
                   when due is null or start_due < on_day and coalesce(begun > on_day, true) then 'behind'
                   else 'on_track' end,
               'due', due, 'done', greatest(closed, still), 'since', active_since,
               'reason', case
                   when active_since is not null then 'closed on ' || closed || ', and at work since ' || active_since
                   when closed is not null then 'closed on ' || closed || coalesce(', at work until ' || still, '')
                   when due is null then 'not closed, and no date is named'
                   else 'not closed' || case when due < on_day then ' by ' else ', due by ' end || due end));
end;
comment on function abate.closing_subject is
    'A plant or line that has to be closed, with the verdict on it as a finding has it. Work after its closure breaks the promise at once; once that has ended, it is kept late.';

create or replace function abate.closing_subjects(commitment_id int, at timestamptz) returns jsonb
language sql stable
begin atomic
    with asked as (
        select c.commitment_code, c.line_kind is not null or c.subject = 'line' as is_of_lines, d.*
          from abate.commitment_version c
         cross join lateral abate.plan_day(c.commitment_id, closing_subjects.at) d
         where c.commitment_id = closing_subjects.commitment_id
    ),
    chosen as (
        select jsonb_build_object('plant', p.plant_code) as subject, s.plant_id, null::int as line_id,
               s.start_due, s.due, true as is_meant
          from asked a
          join abate.commitment_plants(closing_subjects.commitment_id) s on not a.is_of_lines
          join abate.plant p on p.plant_id = s.plant_id
        union all
        select jsonb_build_object('plant', p.plant_code, 'line', l.line_code), s.plant_id, s.line_id,
               s.start_due, s.due, s.is_meant
          from asked a
          join abate.commitment_lines(closing_subjects.commitment_id) s on a.is_of_lines
          join abate.line l on l.line_id = s.line_id and coalesce(l.started_on <= a.on_day, true)
          join abate.plant p on p.plant_id = s.plant_id
    )
    select jsonb_agg(case when h.is_meant is null and j.subject ->> 'verdict' in ('overdue', 'behind', 'on_track')
                               and not j.subject ? 'done'
                          then j.subject || '{"verdict": "unknown", "reason": "in use, and its size is not known"}'
                          else j.subject end order by abate.subject_name(h.subject))
      from asked a
     cross join chosen h
     cross join lateral abate.milestone_of(a.plan_code, a.commitment_code, case when h.line_id is null then h.plant_id end,
                                           null, h.line_id) m
     cross join lateral abate.closing_of(h.plant_id, h.line_id, closing_subjects.at, a.utc_offset) c
     cross join lateral (
           select abate.closing_subject(h.subject, h.start_due, coalesce(m.due, h.due), a.on_day, m.begun,
                                        least(c.closed, case when m.done <= a.on_day then m.done end),
                                        c.active_since, c.was_active, c.still) as subject) j;
end;
comment on function abate.closing_subjects is
    'The plants or lines that have to be closed, with the verdict on each as a finding has it; null where the register has none.';

create or replace function abate.verdict_zero(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    members constant jsonb := abate.closing_subjects(commitment_id, at);
    whole   constant jsonb := abate.milestone_whole(commitment_id, (abate.plan_day(commitment_id, at)).on_day);
begin
    if members is not null then
        return abate.finding_of_subjects(members, 'closed');
    elsif whole ->> 'verdict' in ('met', 'met_late') then
        return abate.finding_of_whole(whole);
    end if;
    return abate.finding('unknown', 'the register has none of those that have to be closed', null, 1);
end
$$;
comment on function abate.verdict_zero is
    'The plants or lines are closed by their last day and stay without activity; what is at work again breaks it at once. With none in the register, what is on record of the whole counts.';
grant execute on function abate.verdict_zero to abate_reader, abate_writer;

create or replace function abate.verdict_capacity(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    members constant jsonb := abate.closing_subjects(commitment_id, at);
    whole   constant jsonb := abate.milestone_whole(commitment_id, (abate.plan_day(commitment_id, at)).on_day);
    known   constant int := (select count(*) from abate.commitment_version c
                               join abate.commitment_scope($1) s on true
                               join abate.line l on l.plant_id = s.plant_id and l.line_kind = c.line_kind
                              where c.commitment_id = $1);
    result  abate.finding;
begin
    if members is not null then
        result := abate.finding_of_subjects(members, 'out of use');
        result.actual := (result.evidence ->> 'subjects')::int - (result.evidence ->> 'kept')::int;
        result.wanted := 0;
        return result;
    elsif whole ->> 'verdict' in ('met', 'met_late') then
        return abate.finding_of_whole(whole);
    elsif known > 0 then
        return abate.finding('met', format('none of the %s lines of the kind in the register is meant', known), 0, 0);
    end if;
    return abate.finding('unknown', 'the register has no line of the kind', null, 0);
end
$$;
comment on function abate.verdict_capacity is
    'No line of a kind and size is in use: each is retired or closed by the last day. With none of the kind in the register it is unknown, unless it is on record that there is none.';
grant execute on function abate.verdict_capacity to abate_reader, abate_writer;
