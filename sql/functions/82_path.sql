-- The way from where a number began to its target: the path, the figures along it, and where they lead.

set local role abate_owner;

create or replace function abate.in_years(day date) returns float8
language sql immutable parallel safe
return extract(year from day)
       + (extract(month from day) - 1
          + extract(day from day)
            / extract(day from date_trunc('month', day::timestamp) + interval '1 month -1 day')) / 12;
comment on function abate.in_years is
    'The end of a day, counted in years whose months are equally long: 2021.0 for the last day of 2020.';

create or replace function abate.day_in_years(years float8) returns date
language sql immutable parallel safe
begin atomic
    -- Some seconds less, so that what was meant to be the end of a day is not the next.
    select f.first_day + greatest(ceil((y.months - y.whole) * f.days - 1e-4)::int, 1) - 1
      from (select years * 12 as months, ceil(years * 12 - 1e-5)::int - 1 as whole) y
     cross join lateral (
           select m.first_day, extract(day from m.first_day + interval '1 month -1 day') as days
             from (select make_date(y.whole / 12, y.whole % 12 + 1, 1) as first_day) m
           ) f;
end;
comment on function abate.day_in_years is 'The day by whose end abate.in_years() has come so far.';

create or replace function abate.path_value(
    relation text, target float8, baseline_year int, deadline date, start_day date, start_value float8, day date)
returns float8
language sql immutable parallel safe
begin atomic
    select case
        when day < start_day then null
        when deadline is null then case when relation <> 'falls_by' then target end
        when day >= deadline or deadline <= start_day then target
        when relation = 'falls_by' then
            1 - ((1 - t.share) * (1 - target) ^ ((t.year - 1) / t.years) + t.share * (1 - target) ^ (t.year / t.years))
        else start_value + (target - start_value) * (day - start_day) / (deadline - start_day)
        end
      from (select floor(abate.in_years(day)) - baseline_year as year,
                   abate.in_years(day) - floor(abate.in_years(day)) as share,
                   nullif(extract(year from deadline)::float8 - baseline_year, 0) as years) t;
end;
comment on function abate.path_value is
    'What the way to a target wants by the end of a day. A fall goes at an equal yearly pace, (1 - target) ^ (years gone / years given), and straight by months between the ends of years; everything else goes straight from where it stood at the start. From the deadline on it is the target, before the start null.';

create or replace function abate.commitment_baseline(
    commitment_id int, out ratio float8, out missing text, out evidence jsonb)
language sql stable
begin atomic
    select case when c.per_indicator is null then x.value else x.value / nullif(v.value, 0) end,
           case when x.value is null then format('no baseline of %s for %s', c.indicator_code, c.baseline_year)
                when c.per_indicator is not null and v.value is null
                    then format('no baseline of %s for %s', c.per_indicator, c.baseline_year)
                when v.value = 0 then format('the baseline of %s for %s is 0', c.per_indicator, c.baseline_year)
                when x.value = 0 then format('the baseline of %s for %s is 0', c.indicator_code, c.baseline_year) end,
           jsonb_strip_nulls(jsonb_build_object('year', c.baseline_year, 'of', x.evidence, 'per', v.evidence))
      from abate.commitment_version c
      join abate.plan_version pv on pv.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = pv.plan_code
     cross join lateral abate.baseline_figure(c.indicator_code, p.region_code, c.baseline_year) x
      left join lateral abate.baseline_figure(c.per_indicator, p.region_code, c.baseline_year) v
             on c.per_indicator is not null
     where c.commitment_id = commitment_baseline.commitment_id and c.relation = 'falls_by';
end;
comment on function abate.commitment_baseline is
    'What a fall is measured from: the indicator in the baseline year, by per_indicator where there is one; or what is missing of it. No row of figures for other relations.';

-- Each period whose figure may say something of a commitment, by `at`.
create or replace function abate.commitment_period(commitment_id int, at timestamptz, with_months boolean)
returns table (from_day date, to_day date)
language sql stable
begin atomic
    with c as (
        select c.*, p.region_code, abate.day_of(commitment_period.at, p.utc_offset) as today, i.folds,
               coalesce(c.start_due, pv.issued) as start_day
          from abate.commitment_version c
          join abate.plan_version pv on pv.plan_version_id = c.plan_version_id
          join abate.plan p on p.plan_code = pv.plan_code
          join abate.indicator i on i.indicator_code = c.indicator_code
         where c.commitment_id = commitment_period.commitment_id
    ),
    reported as (
        select distinct n.period_from, n.period_to
          from c
          join abate.indicator_value n on n.indicator_code in (c.indicator_code, c.per_indicator)
         where n.region_code in (select r.region_code from abate.region_parts(c.region_code) r) and n.period_to <= c.today
    )
    select make_date(y.year, 1, 1), make_date(y.year + 1, 1, 1)
      from c
     cross join lateral generate_series(
               coalesce(c.baseline_year + 1, least((select extract(year from min(r.period_from))::int from reported r),
                                                   extract(year from c.start_day)::int)),
               extract(year from c.today)::int - 1) as y (year)
     where c.kind <> 'count'
     union
    select date_trunc('year', r.period_to - 1)::date, r.period_to
      from c
     cross join reported r
     where c.kind in ('intensity', 'share') and r.period_to <> date_trunc('year', r.period_to)::date
       and (with_months or r.period_to > date_trunc('year', c.today)::date)
       and (c.baseline_year is null or r.period_to > make_date(c.baseline_year + 1, 1, 1))
     union
    select case c.folds when 'sum' then date_trunc('year', c.start_day)::date
                        else date_trunc('year', r.period_to - 1)::date end, r.period_to
      from c
     cross join reported r
     where c.kind = 'count' and (c.folds <> 'sum' or r.period_to > date_trunc('year', c.start_day)::date);
end;
comment on function abate.commitment_period is
    'The periods, over by `at`, whose figures say how far a commitment is: whole years since its baseline or first figure, and the months of the running year so far (with_months: of every year) where it is one sum over another; for counts every day up to which one was reported, from the beginning of the first year where they are added up.';

create or replace function abate.commitment_points(commitment_id int, at timestamptz, with_months boolean)
returns table (from_day date, day date, is_whole boolean, is_baseline boolean, ratio float8, actual float8,
               evidence jsonb)
language sql stable
begin atomic
    select s.from_day, s.to_day - 1, c.kind = 'count' or s.to_day - s.from_day > 364, false, r.ratio,
           case when c.relation = 'falls_by' then 1 - r.ratio / nullif(b.ratio, 0) else r.ratio end,
           jsonb_strip_nulls(jsonb_build_object('from', s.from_day, 'to', s.to_day,
                                                'of', x.evidence, 'per', v.evidence))
      from abate.commitment_version c
      join abate.plan_version pv on pv.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = pv.plan_code
      left join abate.commitment_baseline(commitment_points.commitment_id) b on true
     cross join lateral abate.commitment_period(c.commitment_id, commitment_points.at, with_months) s
     cross join lateral abate.counted_figure(c.indicator_code, p.region_code, s.from_day, s.to_day,
                                             commitment_points.at) x
      left join lateral abate.counted_figure(c.per_indicator, p.region_code, s.from_day, s.to_day,
                                            commitment_points.at) v on c.per_indicator is not null
     cross join lateral (
           select case when c.per_indicator is null then x.value else x.value / nullif(v.value, 0) end as ratio
           ) r
     where c.commitment_id = commitment_points.commitment_id and r.ratio is not null
     union all
    select make_date(c.baseline_year, 1, 1), make_date(c.baseline_year, 12, 31), true, true, b.ratio, 0, b.evidence
      from abate.commitment_version c
     cross join lateral abate.commitment_baseline(c.commitment_id) b
     where c.commitment_id = commitment_points.commitment_id and c.relation = 'falls_by' and b.ratio <> 0;
end;
comment on function abate.commitment_points is
    'How far a commitment was at the end of each period that was over by `at` and has its figures: ratio is the indicator (by per_indicator), actual what is compared with the target; the baseline year, too. is_whole: a year, or a count.';

create or replace function abate.path_start(commitment_id int, out start_day date, out start_value float8)
language sql stable
begin atomic
    select s.start_day,
           case when c.relation = 'falls_by' then 0
                else coalesce(f.actual, case when c.kind = 'count' and c.relation = 'at_least' then 0
                                             else c.target end) end
      from abate.commitment_version c
      join abate.plan_version pv on pv.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = pv.plan_code
     cross join lateral (
           select case when c.relation = 'falls_by' then make_date(c.baseline_year, 12, 31)
                       else coalesce(c.start_due, pv.issued) end as start_day
           ) s
      left join lateral (
           select n.actual
             from abate.commitment_points(c.commitment_id, abate.day_begins(s.start_day + 1, p.utc_offset), false) n
            where c.relation <> 'falls_by' and n.actual is not null
            order by n.day desc
            limit 1
           ) f on true
     where c.commitment_id = path_start.commitment_id;
end;
comment on function abate.path_start is
    'Where the path begins: a fall at the end of its baseline year; everything else on the day work was due to start or the plan was issued, with the last figure from before; without one a count begins at 0, and the path of the rest is the target itself.';

create or replace function abate.path(commitment_id int, day date) returns float8
language sql stable
begin atomic
    select abate.path_value(c.relation, c.target, c.baseline_year, c.deadline, s.start_day, s.start_value, path.day)
      from abate.commitment_version c
     cross join lateral abate.path_start(c.commitment_id) s
     where c.commitment_id = path.commitment_id;
end;
comment on function abate.path is 'What the way to a commitment''s target wants by the end of a day; null before it begins, and where there is none.';

create or replace function abate.to_line(relation text, actual float8) returns float8
language sql immutable parallel safe
return case when relation <> 'falls_by' then actual when actual < 1 then ln(1 - actual) end;
comment on function abate.to_line is
    'A figure as a line is laid through it: a fall by the logarithm of what is left, so that an equal pace is straight.';

create or replace function abate.from_line(relation text, y float8) returns float8
language sql immutable parallel safe
return case when relation <> 'falls_by' then y
            when y > 700 then '-Infinity'
            when y < -700 then 1
            else 1 - exp(y) end;
comment on function abate.from_line is 'Back from abate.to_line().';

create or replace function abate.projected(
    relation text, days date[], actuals float8[], day date, band float8,
    out points int, out slope float8, out intercept float8, out value float8, out low float8, out high float8)
language sql immutable
begin atomic
    with g as (
        select abate.in_years(u.day) as x,
               abate.to_line(relation, u.actual) as y
          from unnest(days, actuals) u (day, actual)
    ),
    f as (
        select regr_count(y, x)::int as n, regr_slope(y, x) as slope, regr_intercept(y, x) as intercept,
               regr_avgx(y, x) as mean, nullif(regr_sxx(y, x), 0) as sxx,
               regr_syy(y, x) - regr_sxy(y, x) ^ 2 / nullif(regr_sxx(y, x), 0) as rest
          from g
    ),
    e as (
        -- The standard error of a single prediction: that of the points about the line, and that of the line.
        select f.*, f.intercept + f.slope * p.x as y,
               band * sqrt(greatest(f.rest, 0) / nullif(f.n - 2, 0)
                           * (1 + 1.0 / nullif(f.n, 0) + (p.x - f.mean) ^ 2 / f.sxx)) as half
          from f
         cross join (select abate.in_years(projected.day) as x) p
    )
    select e.n, e.slope, e.intercept, abate.from_line(relation, e.y),
           least(abate.from_line(relation, e.y - e.half), abate.from_line(relation, e.y + e.half)),
           greatest(abate.from_line(relation, e.y - e.half), abate.from_line(relation, e.y + e.half))
      from e;
end;
comment on function abate.projected is
    'Least squares on time through figures, a fall by the logarithm of what is left: where the line stands at the end of a day, and a band of so many standard errors of a prediction about it. slope a year.';

create or replace function abate.forecast_from(
    commitment_id int, at timestamptz, days date[], actuals float8[],
    out value float8, out low float8, out high float8, out crosses_on date, out points int)
language sql stable
begin atomic
    select case when e.enough then f.value end, case when e.enough then f.low end, case when e.enough then f.high end,
           case when e.enough
                     and t.x <= abate.in_years(d.today) + abate.threshold('forecast_reach', null, forecast_from.at)
                then abate.day_in_years(greatest(t.x, d.first_x)) end,
           f.points
      from abate.commitment_version c
      join abate.plan_version pv on pv.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = pv.plan_code
     cross join lateral (
           select abate.day_of(forecast_from.at, p.utc_offset) as today, min(abate.in_years(u)) as first_x
             from unnest(days) u
           ) d
     cross join lateral abate.projected(c.relation, days, actuals, c.deadline,
                                        abate.threshold('forecast_band', null, forecast_from.at)) f
     cross join lateral (
           select f.points >= abate.threshold('forecast_points', null, forecast_from.at) as enough
           ) e
     cross join lateral (
           -- Only a line that leads to the target from its wrong side crosses it.
           select case when f.slope > 0 and c.relation = 'at_least' or f.slope < 0 and c.relation <> 'at_least'
                       then (abate.to_line(c.relation, c.target) - f.intercept) / f.slope end as x
           ) t
     where c.commitment_id = forecast_from.commitment_id;
end;
comment on function abate.forecast_from is
    'The forecast through given figures: what they come to at the deadline, with a band, and the day on which the line reaches the target (null: not in the years of threshold forecast_reach). Too few points (threshold forecast_points): none.';

create or replace function abate.forecast(
    commitment_id int, at timestamptz,
    out value float8, out low float8, out high float8, out crosses_on date, out points int)
language sql stable
begin atomic
    select f.*
      from (select array_agg(n.day order by n.day) as days, array_agg(n.actual order by n.day) as actuals
              from abate.commitment_points(forecast.commitment_id, forecast.at, false) n
             where n.is_whole and n.actual is not null) g
     cross join lateral abate.forecast_from(forecast.commitment_id, forecast.at, g.days, g.actuals) f;
end;
comment on function abate.forecast is
    'Where the figures known at an instant lead: their value at the deadline with a band, the day they reach the target, and how many they are (whole years and the baseline; each figure of a count).';

create or replace function abate.target_path(commitment_id int, at timestamptz)
returns table (day date, path float8, actual float8, forecast float8, low float8, high float8)
language sql stable
begin atomic
    with c as (
        select c.*, s.start_day, s.start_value
          from abate.commitment_version c
         cross join lateral abate.path_start(c.commitment_id) s
         where c.commitment_id = target_path.commitment_id and c.target is not null
    ),
    n as materialized (
        select n.*
          from abate.commitment_points(target_path.commitment_id, target_path.at, true) n
         where n.actual is not null
    ),
    g as (
        select array_agg(n.day order by n.day) as days, array_agg(n.actual order by n.day) as actuals,
               max(n.day) as newest
          from n
         where n.is_whole
    ),
    d as (
        select (m + interval '1 month -1 day')::date as day
          from c
         cross join lateral generate_series(date_trunc('month', c.start_day::timestamp),
                                            coalesce(c.deadline, abate.day_of(target_path.at, interval '0')),
                                            interval '1 month') m
         union
        select n.day from n
    )
    select d.day,
           abate.path_value(c.relation, c.target, c.baseline_year, c.deadline, c.start_day, c.start_value, d.day),
           n.actual, f.value, f.low, f.high
      from c
     cross join d
     cross join g
      left join n on n.day = d.day
      left join lateral abate.projected(c.relation, g.days, g.actuals, d.day,
                                        abate.threshold('forecast_band', null, target_path.at)) f
             on d.day > g.newest and f.points >= abate.threshold('forecast_points', null, target_path.at);
end;
comment on function abate.target_path is
    'The way of a commitment month by month, as known at an instant: what the path wants by the end of each month, what was reached, and behind the newest figure what is to be expected.';

create or replace view abate.target_path as
select v.plan_code, c.commitment_code, t.day, t.path, t.actual, t.forecast, t.low, t.high
  from (select distinct on (plan_code) * from abate.plan_version order by plan_code, issued desc, version desc) v
  join abate.commitment_version c on c.plan_version_id = v.plan_version_id
 cross join lateral abate.target_path(c.commitment_id, now()) t
 where c.target is not null;
comment on view abate.target_path is
    'Every numeric commitment of the newest plans, month by month: the path to its target, what was reached, and what is to be expected; a fall as a share of the baseline.';
comment on column abate.target_path.day is 'The last day of a month, or of a period that was reported.';
comment on column abate.target_path.path is 'Of our own reckoning: a plan that names a target for its end sets no pace.';
comment on column abate.target_path.actual is 'By the figures up to that day: a whole year, the year so far, or a count.';
comment on column abate.target_path.forecast is 'Least squares through the figures; low and high are forecast_band standard errors off.';

grant execute on function abate.in_years, abate.day_in_years, abate.path_value,
    abate.commitment_baseline, abate.commitment_period, abate.commitment_points, abate.path_start, abate.path,
    abate.to_line, abate.from_line, abate.projected, abate.forecast_from,
    abate.forecast, abate.target_path to abate_reader, abate_writer;
