-- Verdicts that rest on what monitors send: compliance, availability.

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
             from unnest(p.series) x (series_id)
            cross join lateral (
                  select d.day
                    from abate.daily d
                   where d.series_id = x.series_id and d.day >= abate.day_of(p.begins, p.utc_offset)
                     and abate.day_begins(d.day, p.utc_offset) < p.ends
                     and d.is_official and d.is_valid and (p.reference_oxygen is null or d.converted is not null)
                  offset 0) d
            where p.period = 'day' and e.limit_id is not null
           having p.period = 'day' and e.limit_id is not null
           union all
           select count(*) filter (where v.is_before), count(*) filter (where not v.is_before)
             from (values (true, p.begins, p.turns), (false, greatest(p.begins, p.turns), p.ends)) v (is_before, begins, ends)
            cross join lateral (
                  select
                    from unnest(p.series) x (series_id)
                   cross join lateral (
                         select d.*
                           from abate.daily d
                          where d.series_id = x.series_id and d.day >= abate.day_of(v.begins, p.utc_offset)
                            and d.day <= abate.day_of(v.ends, p.utc_offset)
                         offset 0) d
                   where abate.day_begins(d.day, p.utc_offset) < least(v.ends, p.ends)
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
