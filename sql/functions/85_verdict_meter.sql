-- Verdicts that rest on monitors and on the register: compliance, zero, capacity, availability, prohibition.

set local role abate_owner;

-- Compliance: of each monitor and limit, how many means there were in the last full month and in this one, and how many
-- of them are past the limit. Exceedances are few and known; hours and days are counted only where there is one: of the
-- others it is enough to know that there is a valid one.
create or replace function abate.compliance_points(commitment_id int, at timestamptz)
returns table (plant_id int, monitor_code text, parameter_code text, period text, is_confirmed boolean,
               before_means bigint, before_past bigint, means bigint, past bigint, first_past date, month_hours float8)
language sql stable set search_path = pg_catalog, pg_temp set enable_nestloop = off set enable_mergejoin = off set jit = off
begin atomic
    with span as (
        select c.relation, (date_trunc('month', d.on_day::timestamp) - interval '1 month')::date as before,
               date_trunc('month', d.on_day::timestamp)::date as this,
               (date_trunc('month', d.on_day::timestamp) + interval '1 month')::date as next
          from abate.commitment_version c
         cross join lateral abate.plan_day(c.commitment_id, compliance_points.at) d
         where c.commitment_id = compliance_points.commitment_id
    ),
    member as materialized (
        select s.plant_id, m.monitor_id, m.monitor_code, m.medium, m.utc_offset
          from abate.commitment_monitors(compliance_points.commitment_id) s
          join abate.monitor m on m.monitor_id = s.monitor_id
    ),
    medium as materialized (
        select n.medium, abate.threshold('oxygen_undefined', n.medium, compliance_points.at) as undefined
          from (select distinct m.medium from member m) n
    ),
    measured as materialized (
        select x.monitor_id, x.parameter_code, u.unit, array_agg(x.series_id) as by_day,
               array_agg(x.series_id) filter (where x.period <> 'day') as by_hour
          from (select distinct m.monitor_id from member m) m
          join abate.mean_series x on x.monitor_id = m.monitor_id
          join abate.series u on u.series_id = x.series_id
         group by x.monitor_id, x.parameter_code, u.unit
    ),
    point as materialized (
        select m.plant_id, m.monitor_id, m.monitor_code, m.utc_offset, l.limit_id, l.parameter_code, l.period,
               l.confirmed_by is not null as is_confirmed, x.series, l.reference_oxygen, t.undefined,
               greatest(abate.day_begins(p.before, m.utc_offset), l.valid_from) as begins,
               abate.day_begins(p.this, m.utc_offset) as turns,
               least(compliance_points.at, l.valid_to) as ends,
               24.0 * (p.next - p.this) as month_hours
          from span p
          join member m on true
          join medium t on t.medium = m.medium
          join abate.limit_monitor lm on lm.monitor_id = m.monitor_id
          join abate.emission_limit l on l.limit_id = lm.limit_id and l.kind = 'emission'
                                     and (l.period = 'hour' or l.period = 'day' and p.relation is distinct from 'at_least')
                                     and l.valid_from < compliance_points.at
                                     and l.valid_to > abate.day_begins(p.before, m.utc_offset)
          join measured d on d.monitor_id = m.monitor_id and d.parameter_code = l.parameter_code and d.unit = l.unit
         cross join lateral (select case l.period when 'day' then d.by_day else d.by_hour end as series) x
         where x.series is not null
    ),
    exceeded as materialized (
        select p.limit_id, p.monitor_id, count(*) filter (where x.at < p.turns) as before_past,
               count(*) filter (where x.at >= p.turns) as past, min(x.at) as first_past
          from (select n.monitor_id, min(n.begins) as begins, max(n.ends) as ends from point n group by n.monitor_id) m
         cross join lateral (select x.limit_id, x.at from abate.exceedance x
                              where x.monitor_id = m.monitor_id and x.at >= m.begins and x.at < m.ends
                                and x.withdrawn is null offset 0) x
          join (select distinct n.limit_id, n.monitor_id, n.begins, n.turns, n.ends from point n) p
            on p.limit_id = x.limit_id and p.monitor_id = m.monitor_id and x.at >= p.begins and x.at < p.ends
         group by p.limit_id, p.monitor_id
    )
    select p.plant_id, p.monitor_code, p.parameter_code, p.period, p.is_confirmed,
           n.before_means, coalesce(e.before_past, 0), n.means, coalesce(e.past, 0),
           abate.day_of(e.first_past, p.utc_offset), p.month_hours
      from point p
      left join exceeded e on e.limit_id = p.limit_id and e.monitor_id = p.monitor_id
     cross join lateral (
           select sum(b.valid)::bigint as before_means, sum(t.valid)::bigint as means
             from unnest(p.series) x (series_id)
            cross join lateral abate.official_hours(p.monitor_id, x.series_id, p.begins, least(p.turns, p.ends),
                                                    p.utc_offset) b
            cross join lateral abate.official_hours(p.monitor_id, x.series_id, greatest(p.begins, p.turns), p.ends,
                                                    p.utc_offset) t
            where p.period = 'hour' and e.limit_id is not null and p.reference_oxygen is null
           having p.period = 'hour' and e.limit_id is not null and p.reference_oxygen is null
           union all
           select count(*) filter (where h.at < p.turns), count(*) filter (where h.at >= p.turns)
             from abate.hourly h
            where p.period = 'hour' and e.limit_id is not null and p.reference_oxygen is not null
              and h.series_id = any (p.series) and h.at >= p.begins and h.at < p.ends
              and h.is_official and h.is_valid and h.oxygen < p.undefined
           having p.period = 'hour' and e.limit_id is not null and p.reference_oxygen is not null
           union all
           select count(*) filter (where n.at < p.turns), count(*) filter (where n.at >= p.turns)
             from (values (p.begins, least(p.turns, p.ends)), (greatest(p.begins, p.turns), p.ends)) v (begins, ends)
            cross join lateral (
                  select h.at
                    from abate.hourly h
                   where h.series_id = any (p.series) and h.at >= v.begins and h.at < v.ends
                     and h.is_official and h.is_valid and (p.reference_oxygen is null or h.oxygen < p.undefined)
                   limit 1) n
            where p.period = 'hour' and e.limit_id is null
           having p.period = 'hour' and e.limit_id is null
           union all
           select count(*) filter (where d.day < abate.day_of(p.turns, p.utc_offset)),
                  count(*) filter (where d.day >= abate.day_of(p.turns, p.utc_offset))
             from abate.daily d
            where p.period = 'day' and e.limit_id is not null
              and d.series_id = any (p.series) and d.day >= abate.day_of(p.begins, p.utc_offset)
              and abate.day_begins(d.day, p.utc_offset) < p.ends
              and d.is_official and d.is_valid and (p.reference_oxygen is null or d.converted is not null)
           having p.period = 'day' and e.limit_id is not null
           union all
           select count(*) filter (where v.is_before), count(*) filter (where not v.is_before)
             from (values (true, p.begins, p.turns), (false, greatest(p.begins, p.turns), p.ends)) v (is_before, begins, ends)
            cross join lateral (
                  select
                    from abate.daily d
                   where d.series_id = any (p.series) and d.day >= abate.day_of(v.begins, p.utc_offset)
                     and abate.day_begins(d.day, p.utc_offset) < least(v.ends, p.ends)
                     and d.day <= abate.day_of(v.ends, p.utc_offset)
                     and d.is_official and d.is_valid and (p.reference_oxygen is null or d.converted is not null)
                   limit 1) n
            where p.period = 'day' and e.limit_id is null
           having p.period = 'day' and e.limit_id is null) n;
end;
comment on function abate.compliance_points is
    'The monitors of a commitment with each limit on their hourly and daily means: how many valid means there were in the last full month (before_*) and in this one until `at`, and how many are past the limit. Where none is, they are not counted: 1 if there is a valid one.';

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
language plpgsql stable as $$
begin
    return (
    with point as materialized (
        select *, format('%s %s: %s of %s %s past the %slimit', p.monitor_code, p.parameter_code, p.before_past + p.past,
                         p.before_means + p.means, case p.period when 'hour' then 'hours' else 'days' end,
                         case when not p.is_confirmed then 'unconfirmed ' end) as told
          from jsonb_to_recordset(points) p (plant_id int, monitor_code text, parameter_code text, period text, is_confirmed boolean,
                   before_means bigint, before_past bigint, means bigint, past bigint, first_past date, verdict text)
    ),
    judged as (
        select t.plant_code, s.due, coalesce(s.due + 1, s.start_due) as begins,
               coalesce(coalesce(s.due + 1, s.start_due) > d.on_day, false) as is_early,
               exists (select from abate.closure c
                        where c.plant_id = s.plant_id and c.since <= compliance_subjects.at
                          and coalesce(c.ended > compliance_subjects.at, true)) as is_closed,
               p.points, p.broken, p.is_unconfirmed, p.silent, p.first_past
          from abate.plan_day(commitment_id, at) d
          join abate.commitment_plants(commitment_id) s on true
          join abate.plant t on t.plant_id = s.plant_id
         cross join lateral (
               select count(*) as points, min(p.first_past) as first_past,
                      array_agg(p.told order by p.told) filter (where p.verdict = 'broken') as broken,
                      bool_and(not p.is_confirmed) filter (where p.verdict = 'broken') as is_unconfirmed,
                      array_agg(p.monitor_code || ' ' || p.parameter_code order by p.monitor_code, p.parameter_code)
                          filter (where p.verdict = 'unknown') as silent
                 from point p
                where p.plant_id = s.plant_id) p
    )
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('plant', j.plant_code, 'verdict', v.verdict, 'due', j.due,
               'complies', case when v.verdict in ('met', 'on_track') then true end,
               'unconfirmed', case when j.is_unconfirmed and v.verdict in ('behind', 'overdue') then true end,
               'since', case when v.verdict = 'overdue' then greatest(j.first_past, j.begins) end,
               'reason', case when j.is_closed then 'closed'
                              when j.points = 0 then 'no monitor of it has a limit'
                              when j.broken is not null then abate.list_codes(j.broken)
                              when j.silent is not null then 'no valid means of ' || abate.list_codes(j.silent)
                              else 'within its limits' end)) order by j.plant_code)
      from judged j
     cross join lateral (
           select case when j.is_closed then 'closed'
                       when j.broken is not null then case when j.is_early then 'behind' else 'overdue' end
                       when j.points = 0 or j.silent is not null then 'unknown'
                       when j.is_early then 'on_track'
                       else 'met' end as verdict) v);
end
$$;
comment on function abate.compliance_subjects is
    'The plants of a commitment with the verdict on each, from its compliance_points with their point_verdict: before its last day, or the day from which it has to comply, none can be overdue. unconfirmed: nobody has confirmed any of the limits that are broken.';

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
           jsonb_build_object('past', sum(p.before_past + p.past), 'points', count(*),
                              'unconfirmed', count(*) filter (where not p.is_confirmed)),
           min(case when p.before_means > 0 then (p.before_means - p.before_past)::float8 / p.before_means
                    when p.means > 0 then (p.means - p.past)::float8 / p.means end)
      into points, limits, unconfirmed, evidence, worst
      from abate.compliance_points(commitment_id, at) p
     cross join lateral abate.point_verdict(share, p.before_means, p.before_past, p.means, p.past, p.month_hours) v;

    result := abate.finding_of_subjects(abate.compliance_subjects(commitment_id, at, coalesce(points, '[]')), 'comply',
                                        evidence);
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
create or replace function abate.closing_of(plant_id int, line_id int, at timestamptz, utc_offset interval)
returns table (closed date, active_since date, was_active date, still date)
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
               case when b.closed <= abate.day_begins(abate.day_of(closing_of.at, closing_of.utc_offset),
                                                      closing_of.utc_offset)
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
                   when closed is not null and (due is null or closed <= due)
                        and not coalesce(was_active > due, was_active is not null)
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
                   when due < on_day then 'no record that it was closed by ' || due
                   else 'not closed, due by ' || due end));
end;
comment on function abate.closing_subject is
    'A plant or line that has to be closed, with the verdict on it as a finding has it. Work after its closure breaks the promise at once; once that has ended, it is kept late.';

create or replace function abate.closing_subjects(commitment_id int, at timestamptz) returns jsonb
language plpgsql stable as $$
begin
    return (
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
                                        c.active_since, c.was_active, c.still) as subject) j);
end
$$;
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

-- Availability: late bound, as the rates are worked out in a span.
create or replace function abate.availability_subjects(commitment_id int, at timestamptz, pass float8) returns jsonb
language plpgsql stable as $$
declare
    told     constant record := abate.plan_day(commitment_id, at);
    this     constant date := date_trunc('month', told.on_day::timestamp);
    before   constant date := this - interval '1 month';
    subjects jsonb;
begin
    with rated as materialized (
        select s.plant_id, m.monitor_code, m.must_report_from is not null as has_to, a.effective_rate as rate,
               coalesce(pass, abate.threshold('availability_pass', m.medium, at)) as pass
          from abate.commitment_monitors($1) s
          join abate.monitor m on m.monitor_id = s.monitor_id
          left join lateral (
               select h.valid_hours / nullif(h.due_hours, 0)::float8 as effective_rate
                 from abate.monitor_availability(m.monitor_id, abate.day_begins(before, m.utc_offset),
                                                 abate.day_begins(this, m.utc_offset)) h
                where m.must_report_from is not null) a on true
    ),
    judged as (
        select t.plant_code, s.start_due, s.due, p.*,
               exists (select from abate.closure c
                        where c.plant_id = s.plant_id and c.since <= at and coalesce(c.ended > at, true)) as is_closed
          from abate.commitment_plants($1) s
          join abate.plant t on t.plant_id = s.plant_id
         cross join lateral (
               select count(*) as monitors, count(*) filter (where r.has_to) as owing, count(r.rate) as rated,
                      count(*) filter (where r.rate >= r.pass) as passing, min(r.rate) as lowest,
                      array_agg(format('%s %s %%', r.monitor_code, round((100 * r.rate)::numeric, 1)) order by r.rate)
                          filter (where r.rate < r.pass) as short
                 from rated r
                where r.plant_id = s.plant_id) p
    )
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('plant', j.plant_code, 'verdict', v.verdict, 'due', j.due,
               'complies', case when v.verdict in ('met', 'on_track') then true end,
               'since', case when v.verdict = 'overdue' then greatest(this, coalesce(j.due + 1, j.start_due)) end,
               'monitors', j.monitors, 'passing', j.passing, 'lowest', j.lowest,
               'reason', case when j.is_closed then 'closed'
                              when j.monitors = 0 then 'sends no valid data: it has no monitor'
                              when j.owing = 0 then 'no monitor of it has to report'
                              when j.rated = 0 then 'nothing was due in ' || to_char(before, 'YYYY-MM')
                              when j.short is not null then to_char(before, 'YYYY-MM') || ': ' || abate.list_codes(j.short)
                              else to_char(before, 'YYYY-MM') || ': all ' || j.rated || ' monitors pass' end))
                     order by j.plant_code)
      into subjects
      from judged j
     cross join lateral (
           select case when j.is_closed then 'closed'
                       when j.monitors = 0 or j.short is not null
                           then case when j.due < told.on_day or j.due is null and j.start_due <= told.on_day
                                     then 'overdue' else 'behind' end
                       when j.rated = 0 then 'unknown'
                       when j.due >= told.on_day then 'on_track'
                       else 'met' end as verdict) v;
    return subjects;
end
$$;
comment on function abate.availability_subjects is
    'The plants of a commitment with the verdict on how validly each of their monitors reported in the last full month, as a finding has it; one without a monitor falls short. Where no date is named, neither to begin nor to be done, nobody can be late.';

create or replace function abate.verdict_availability(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    pass    constant float8 := (select c.target from abate.commitment_version c
                                 where c.commitment_id = $1 and c.relation = 'at_least');
    members constant jsonb := abate.availability_subjects(commitment_id, at, pass);
begin
    if members is null then
        return abate.finding('unknown', 'the register has none of the plants it is about', null, 1);
    end if;
    return abate.finding_of_subjects(members, 'send validly', (
        select jsonb_strip_nulls(jsonb_build_object('monitors', sum((s ->> 'monitors')::int),
                                  'passing', sum((s ->> 'passing')::int),
                                  'plants_with_monitors', count(*) filter (where (s ->> 'monitors')::int > 0),
                                  'lowest', min((s ->> 'lowest')::float8), 'pass', pass))
          from jsonb_array_elements(members) s));
end
$$;
comment on function abate.verdict_availability is
    'The monitors of the plants report validly: the effective rate of each in the last full month is not below the threshold availability_pass, or below the commitment''s own.';
grant execute on function abate.verdict_availability to abate_reader, abate_writer;

-- Prohibition: what is new. A plant that was only entered in the register may have been there for long: that is no proof.
create or replace function abate.new_lines(commitment_id int, at timestamptz, since date) returns jsonb
language plpgsql stable as $$
begin
    return (
    select jsonb_agg(jsonb_build_object('plant', p.plant_code, 'line', l.line_code, 'since', l.started_on,
               'verdict', case when s.is_meant then 'overdue' else 'unknown' end,
               'reason', 'new on ' || l.started_on || case when s.is_meant then '' else ', its size is not known' end))
      from abate.plan_day(commitment_id, at) d
      join abate.commitment_lines(commitment_id) s on true
      join abate.line l on l.line_id = s.line_id and l.started_on > new_lines.since and l.started_on <= d.on_day
      join abate.plant p on p.plant_id = l.plant_id
     cross join lateral abate.closing_of(l.plant_id, l.line_id, at, d.utc_offset) c
     where c.closed is null);
end
$$;
comment on function abate.new_lines is 'Lines a commitment forbids, begun after a day and in use.';

create or replace function abate.first_heard(plant_id int, since timestamptz, at timestamptz) returns timestamptz
language sql stable
begin atomic
    select case when not exists (select from abate.monitor m
                                   join abate.mean_series x on x.monitor_id = m.monitor_id
                                   join abate.hourly h on h.series_id = x.series_id and h.at < first_heard.since
                                  where m.plant_id = first_heard.plant_id)
           then (select min(n.at)
                   from abate.monitor m
                   join abate.mean_series x on x.monitor_id = m.monitor_id
                  cross join lateral (select h.at from abate.hourly h
                                       where h.series_id = x.series_id and h.at >= first_heard.since and h.at < first_heard.at
                                       order by h.at
                                       limit 1) n
                  where m.plant_id = first_heard.plant_id) end;
end;
comment on function abate.first_heard is
    'When a plant was heard of first, if not before an instant: its first hour of any monitor until `at`.';

create or replace function abate.new_plants(commitment_id int, at timestamptz, since date) returns jsonb
language plpgsql stable as $$
begin
    return (
    with span as (
        select d.*, abate.day_begins(new_plants.since + 1, d.utc_offset) as begins,
               greatest(new_plants.since, abate.day_of(v.loaded, d.utc_offset)) as known_since
          from abate.plan_day(commitment_id, at) d
         cross join lateral (select min(x.loaded) as loaded from abate.plan_version x where x.plan_code = d.plan_code) v
    ),
    reach as (
        select exists (select from abate.hourly h, span d where h.at < d.begins) as is_before
    ),
    appeared as (
        select p.plant_id, p.plant_code, d.known_since,
               case when r.is_before then abate.day_of(abate.first_heard(p.plant_id, d.begins, at), d.utc_offset) end as heard,
               (select min(abate.day_of(x.changed, d.utc_offset)) from abate.change x
                 where x.table_name = 'plant' and x.operation = 'insert' and x.row_key = p.plant_id::text
                   and x.changed <= at) as entered
          from span d
         cross join reach r
          join abate.commitment_plants(commitment_id) s on true
          join abate.plant p on p.plant_id = s.plant_id
         where not exists (select from abate.line l where l.plant_id = p.plant_id and l.started_on <= new_plants.since)
    )
    select jsonb_agg(jsonb_build_object('plant', a.plant_code, 'since', coalesce(a.heard, a.entered),
               'verdict', case when a.heard is null then 'unknown' else 'overdue' end,
               'reason', case when a.heard is null
                   then 'entered in the register on ' || a.entered || ': whether it is new, nobody has said'
                   else 'first heard of on ' || a.heard end))
      from appeared a
     where a.heard is not null or a.entered > a.known_since);
end
$$;
comment on function abate.new_plants is
    'Plants a commitment forbids that appeared after a day: heard of first then, while others were heard of before; or, of which that is not known, entered in the register after the plan was.';

create or replace function abate.verdict_prohibition(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    told    constant record := abate.plan_day(commitment_id, at);
    asked   constant abate.commitment_version := (select c from abate.commitment_version c where c.commitment_id = $1);
    since   constant date := coalesce(asked.start_due, (select min(v.issued) from abate.plan_version v
                                                         where v.plan_code = told.plan_code));
    noticed jsonb := case when asked.line_kind is not null then abate.new_lines(commitment_id, at, since)
                          when asked.group_code is not null then abate.new_plants(commitment_id, at, since) end;
    members jsonb;
    whole   jsonb;
    kept_on date;
    worst   text;
begin
    -- What a person says of a subject goes before what was found of it.
    with said as (
        select p.plant_code, l.line_code, j.agency_code, j.is_kept, j.judged, j.author,
               coalesce(j.evidence, 'without evidence') as why
          from abate.judgements(told.plan_code, asked.commitment_code, told.on_day) j
          left join abate.line l on l.line_id = j.line_id
          left join abate.plant p on p.plant_id = coalesce(j.plant_id, l.plant_id)
         where not j.is_kept or btrim(j.evidence) <> ''
    ),
    counted as (
        select s as subject
          from jsonb_array_elements(noticed) s
         where not exists (select from said x where x.plant_code = s ->> 'plant'
                                                and (x.line_code is null or x.line_code = s ->> 'line'))
        union all
        select jsonb_strip_nulls(jsonb_build_object('plant', x.plant_code, 'line', x.line_code, 'agency', x.agency_code,
                   'verdict', 'overdue', 'since', x.judged,
                   'reason', 'not kept, says ' || x.author || ' on ' || x.judged || ': ' || x.why))
          from said x
         where not x.is_kept
    )
    select (select jsonb_agg(c.subject order by abate.subject_name(c.subject))
              from counted c where abate.subject_name(c.subject) <> ''),
           (select c.subject from counted c where abate.subject_name(c.subject) = ''),
           (select max(x.judged) from said x where x.is_kept and num_nonnulls(x.plant_code, x.agency_code) = 0)
      into members, whole, kept_on;

    worst := abate.fold_verdicts(array(select s ->> 'verdict' from jsonb_array_elements(members) s));
    if members is not null and (whole is null or worst = 'overdue') then
        return abate.finding(worst,
                             (select abate.list_codes(array_agg(abate.subject_name(s) || ' ' || (s ->> 'reason')))
                                from jsonb_array_elements(members) s),
                             jsonb_array_length(members), 0, members);
    elsif whole is not null then
        return abate.finding_of_whole(whole);
    elsif date_trunc('year', kept_on::timestamp) = date_trunc('year', told.on_day::timestamp) then
        return abate.finding('met', 'nothing new is known, and a person has judged it on ' || kept_on, 0, 0,
                             null, jsonb_build_object('judged', kept_on));
    end if;
    return abate.finding('unknown', 'nothing new is known, but nobody has judged it in ' || extract(year from told.on_day),
                         null, 0);
end
$$;
comment on function abate.verdict_prohibition is
    'Nothing new of a kind since the plan, or since the day the commitment names. A new line, a plant first heard of, or a person''s word breaks it at once; that nothing is known of is no proof: it is kept only where a person has judged so, with evidence, in the same year.';
grant execute on function abate.verdict_prohibition to abate_reader, abate_writer;
