-- Verdicts on commitments that are a number.

set local role abate_owner;

create or replace function abate.reaches(actual float8, wanted float8, relation text) returns boolean
language sql immutable parallel safe
return case relation when 'at_most' then round(actual::numeric, 9) <= round(wanted::numeric, 9)
                     else round(actual::numeric, 9) >= round(wanted::numeric, 9) end;
comment on function abate.reaches is
    'Whether a figure is as wanted; equal is. Compared to nine places, for 1 - 0.77 is a little less than 0.23 in binary.';

create or replace function abate.shown(value float8, is_share boolean) returns text
language sql immutable parallel safe
return case when is_share then trim_scale(round(100 * value::numeric, 2)) || ' %'
            else trim_scale(round(value::numeric, 3))::text end;
comment on function abate.shown is 'A number for people: a share in percent.';

create or replace function abate.figure_in_words(
    relation text, is_share boolean, baseline_year int, target float8, actual float8, day date, path float8)
returns text
language sql immutable
begin atomic
    select case when actual is null then null
                when relation = 'falls_by'
                then format('%s by %s from %s to %s, %s wanted', case when actual < 0 then 'rose' else 'fell' end,
                            abate.shown(abs(actual), true), baseline_year, day, abate.shown(target, true))
                else format('%s by %s, at %s %s wanted', abate.shown(actual, is_share), day,
                            case relation when 'at_most' then 'most' else 'least' end, abate.shown(target, is_share)) end
           || coalesce(' in the end and ' || abate.shown(path, is_share) || ' by then', '');
end;
comment on function abate.figure_in_words is 'What was reached by the end of a day and what is wanted; path: and what by then, null: not said.';

create or replace function abate.figure_lacks(
    commitment_id int, year int, at timestamptz, out missing text, out evidence jsonb)
language sql stable
begin atomic
    select case when x.value is null then format('no figure of %s for %s', c.indicator_code, year)
                when c.per_indicator is not null and v.value is null
                    then format('no figure of %s for %s', c.per_indicator, year)
                when v.value = 0 then format('the figure of %s for %s is 0', c.per_indicator, year) end
           || coalesce(' (meters of a part of it: '
                       || abate.shown((x.evidence #>> '{metered_part,value}')::float8, false) || ')', ''),
           nullif(jsonb_strip_nulls(jsonb_build_object('of', x.evidence, 'per', v.evidence)), '{}')
      from abate.commitment_version c
      join abate.plan_version pv on pv.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = pv.plan_code
     cross join lateral abate.figure(c.indicator_code, p.region_code, make_date(year, 1, 1), make_date(year + 1, 1, 1),
                                     figure_lacks.at) x
      left join lateral abate.figure(c.per_indicator, p.region_code, make_date(year, 1, 1), make_date(year + 1, 1, 1),
                                     figure_lacks.at) v on c.per_indicator is not null
     where c.commitment_id = figure_lacks.commitment_id;
end;
comment on function abate.figure_lacks is
    'Which figure a commitment lacks for a year, in words; null: none. The evidence has what there is, such as the meters of a part.';

-- What is told by the year is final with the whole year of the deadline, a count on the day itself.
create or replace function abate.final_day(kind text, deadline date) returns date
language sql immutable parallel safe
return case when kind = 'count' then deadline else make_date(extract(year from deadline)::int, 12, 31) end;
comment on function abate.final_day is 'The last day of the figure that decides: the deadline of a count, else the end of its year.';

create or replace function abate.known_figures(
    commitment_id int, at timestamptz,
    out newest jsonb, out whole jsonb, out final jsonb, out late jsonb, out days date[], out actuals float8[])
language sql stable
begin atomic
    with n as materialized (
        select n.day, n.is_whole, n.is_baseline, n.actual, n.evidence, f.final_day,
               abate.reaches(n.actual, c.target, c.relation) as is_reached
          from abate.commitment_version c
         cross join lateral abate.commitment_points(c.commitment_id, known_figures.at, false) n
         cross join lateral (select abate.final_day(c.kind, c.deadline) as final_day) f
         where c.commitment_id = known_figures.commitment_id and n.actual is not null
    )
    select (select to_jsonb(n) from n where not n.is_baseline order by n.day desc limit 1),
           (select to_jsonb(n) from n where not n.is_baseline and n.is_whole order by n.day desc limit 1),
           (select to_jsonb(n) from n where not n.is_baseline and n.is_whole and n.day <= n.final_day
             order by n.day desc limit 1),
           (select to_jsonb(n) from n where n.is_whole and n.is_reached and n.day > n.final_day order by n.day limit 1),
           (select array_agg(n.day order by n.day) from n where n.is_whole),
           (select array_agg(n.actual order by n.day) from n where n.is_whole);
end;
comment on function abate.known_figures is
    'Of the figures known at an instant: the newest; the newest whole one; the last until the deadline; the first one after it that reached the target; and those a forecast is made from.';

create or replace function abate.count_stands(
    deadline date, is_over boolean, newest jsonb, final jsonb, late jsonb, out verdict text, out figure jsonb)
language sql immutable
begin atomic
    select s.verdict, case when s.verdict = 'met_late' then late when s.verdict = 'met' and is_over then final
                           else newest end
      from (select case when newest is null then 'unknown'
                        when is_over and (final ->> 'is_reached')::boolean then 'met'
                        when is_over and late is not null then 'met_late'
                        when is_over and (newest ->> 'day')::date >= deadline then 'overdue'
                        when is_over then 'unknown'
                        when (newest ->> 'is_reached')::boolean then 'met'
                        when deadline is null then 'behind'
                        else 'running' end as verdict) s;
end;
comment on function abate.count_stands is
    'Where a number reached stands, and by which figure. It can be met early; after the deadline a figure of that day or later is needed to say that it was not. running: before the deadline, the path decides.';

create or replace function abate.year_stands(
    deadline date, is_over boolean, whole jsonb, newest jsonb, final jsonb, late jsonb,
    out verdict text, out figure jsonb)
language sql immutable
begin atomic
    select s.verdict, case when s.verdict = 'met_late' then late when s.verdict = 'running' then newest
                           when s.verdict = 'unknown' or deadline is null then whole else final end
      from (select case when deadline is null and whole is null then 'unknown'
                        when deadline is null and (whole ->> 'is_reached')::boolean then 'met'
                        when deadline is null then 'missed'
                        when not is_over then case when newest is null then 'unknown' else 'running' end
                        when final is null or (final ->> 'day')::date < abate.final_day('', deadline) then 'unknown'
                        when (final ->> 'is_reached')::boolean then 'met'
                        when late is not null then 'met_late'
                        else 'missed' end as verdict) s;
end;
comment on function abate.year_stands is
    'Where a yearly figure stands, and by which one: that of the deadline''s year decides, a better one of a year before only shows that it is on its way. Without a deadline the newest year does.';

create or replace function abate.figure_verdict(
    commitment_id int, at timestamptz, known jsonb, out verdict text, out figure jsonb, out path float8, out why text)
language sql stable
begin atomic
    select case when s.verdict <> 'running' then s.verdict
                when w.path is null then 'unknown'
                when abate.reaches((s.figure ->> 'actual')::float8, w.path, c.relation) then 'on_track'
                else 'behind' end,
           s.figure, w.path,
           case when s.verdict = 'running' and w.path is null
                    then format('no figure of %s since %s', c.indicator_code, b.start_day)
                when s.verdict = 'unknown' and c.kind = 'count'
                    then format('no figure of %s for %s', c.indicator_code, least(c.deadline, d.today)) end
      from abate.commitment_version c
      join abate.plan_version pv on pv.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = pv.plan_code
     cross join lateral abate.path_start(c.commitment_id) b
     cross join lateral (select abate.day_of(figure_verdict.at, p.utc_offset) as today) d
     cross join lateral (
           select y.* from abate.year_stands(c.deadline, d.today > c.deadline, known -> 'whole', known -> 'newest',
                                             known -> 'final', known -> 'late') y where c.kind <> 'count'
            union all
           select n.* from abate.count_stands(c.deadline, d.today > c.deadline, known -> 'newest', known -> 'final',
                                              known -> 'late') n where c.kind = 'count'
           ) s
     cross join lateral (
           select abate.path_value(c.relation, c.target, c.baseline_year, c.deadline, b.start_day, b.start_value,
                                   (s.figure ->> 'day')::date) as path
           ) w
     where c.commitment_id = figure_verdict.commitment_id;
end;
comment on function abate.figure_verdict is
    'The verdict by the figures known, the figure it rests on, and what the path wants by the day of that figure.';

create or replace function abate.lacking(commitment_id int, today date, at timestamptz, out missing text, out evidence jsonb)
language sql stable
begin atomic
    select coalesce(l.missing, format('no figure of %s', c.indicator_code)), l.evidence
      from abate.commitment_version c
     cross join lateral abate.figure_lacks(
           c.commitment_id,
           greatest(extract(year from case when today > c.deadline then c.deadline else (today - interval '1 year')::date end),
                    c.baseline_year + 1)::int, lacking.at) l
     where c.commitment_id = lacking.commitment_id;
end;
comment on function abate.lacking is
    'What is missing to judge a number: of the deadline''s year, or before that of the last whole year since the baseline.';

create or replace function abate.judge_known(c abate.commitment_version, base jsonb, is_share boolean, today date,
                                             at timestamptz) returns abate.finding
language plpgsql stable as $$
#variable_conflict use_column
declare
    known record;
    stands record;
    lacks record;
    result abate.finding;
begin
    select * into known from abate.known_figures(c.commitment_id, judge_known.at);
    select * into stands
      from abate.figure_verdict(c.commitment_id, judge_known.at, jsonb_strip_nulls(to_jsonb(known)));
    if stands.verdict = 'unknown' and stands.why is null then
        select * into lacks from abate.lacking(c.commitment_id, today, judge_known.at);
        stands.why := lacks.missing;
        result.evidence := jsonb_build_object('missing', lacks.evidence);
    end if;

    result.verdict := stands.verdict;
    result.actual := (stands.figure ->> 'actual')::float8;
    result.wanted := c.target;
    result.path := stands.path;
    result.evidence := jsonb_strip_nulls(coalesce(result.evidence, '{}')
        || jsonb_build_object('baseline', base, 'actual', stands.figure -> 'evidence'));
    result.reason := concat_ws('; ', stands.why, abate.figure_in_words(
        c.relation, is_share, c.baseline_year, c.target, result.actual, (stands.figure ->> 'day')::date,
        case when stands.verdict in ('on_track', 'behind') then stands.path end));
    if stands.verdict in ('on_track', 'behind', 'overdue', 'missed') then
        -- Past the deadline nothing is left to be expected of it, but when it will be reached.
        select o.value, o.low, o.high, f.crosses_on
          into result.forecast, result.forecast_low, result.forecast_high, result.crosses_on
          from abate.forecast_from(c.commitment_id, judge_known.at, known.days, known.actuals) f
          left join lateral (select f.value, f.low, f.high where today <= c.deadline) o on true;
    end if;
    return result;
end
$$;
comment on function abate.judge_known is 'abate.judge_figure() of a number with a target, an indicator and, where it is to fall, a baseline.';

create or replace function abate.judge_figure(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    c    constant abate.commitment_version := (select v from abate.commitment_version v where v.commitment_id = $1);
    told constant record := abate.plan_day(commitment_id, at);
    base record;
begin
    if c.target is null then
        return abate.finding('not_measurable', 'the plan names no number');
    elsif c.indicator_code is null then
        return abate.finding('unknown', 'no indicator is named for it', null, c.target);
    end if;
    select * into base from abate.commitment_baseline(c.commitment_id);
    if base.missing is not null then
        return abate.finding('unknown', base.missing, null, c.target);
    end if;
    return abate.judge_known(c, base.evidence, c.relation = 'falls_by' or c.kind = 'share', told.on_day, at);
end
$$;
comment on function abate.judge_figure is
    'The verdict on a number, by the figures of periods that are over at an instant: met, met_late, on_track, behind, overdue, missed, or unknown with what is missing. path is what is wanted by the day of the figure.';

create or replace function abate.verdict_intensity(commitment_id int, at timestamptz) returns abate.finding
language sql stable
return abate.judge_figure(commitment_id, at);
comment on function abate.verdict_intensity is
    'One sum over another against the baseline year: 1 - (X/V) / (X0/V0), decided by the figures of the deadline''s year.';

create or replace function abate.verdict_total(commitment_id int, at timestamptz) returns abate.finding
language sql stable
return abate.judge_figure(commitment_id, at);
comment on function abate.verdict_total is
    'A sum against the baseline year, 1 - X/X0, or against a bound, decided by the figure of the deadline''s year.';

create or replace function abate.verdict_share(commitment_id int, at timestamptz) returns abate.finding
language sql stable
return abate.judge_figure(commitment_id, at);
comment on function abate.verdict_share is
    'One sum as a part of another, decided by the figures of the deadline''s year; of stocks that at its end.';

create or replace function abate.verdict_count(commitment_id int, at timestamptz) returns abate.finding
language sql stable
return abate.judge_figure(commitment_id, at);
comment on function abate.verdict_count is
    'A number reached: met as soon as it is, met_late by a figure after the deadline, until then overdue.';

grant execute on function abate.reaches, abate.shown, abate.figure_in_words, abate.figure_lacks, abate.final_day,
    abate.known_figures, abate.count_stands, abate.year_stands, abate.figure_verdict, abate.judge_figure,
    abate.verdict_intensity, abate.verdict_total, abate.verdict_share, abate.verdict_count to abate_reader, abate_writer;
