-- Figures of a region and a period: as reported, folded from their parts, or from meters.

set local role abate_owner;

create or replace view abate.indicator_now as
select distinct on (v.indicator_code, v.region_code, v.period_from, v.period_to)
       v.indicator_code, v.region_code, v.period_from, v.period_to, v.value, i.unit, v.agency_code, v.source, v.author,
       v.reported, v.recorded, (count(*) over same - 1)::int as corrections, i.name_zh, i.name_en, v.indicator_value_id
  from abate.indicator_value v
  join abate.indicator i on i.indicator_code = v.indicator_code
window same as (partition by v.indicator_code, v.region_code, v.period_from, v.period_to)
 order by v.indicator_code, v.region_code, v.period_from, v.period_to, v.recorded desc, v.indicator_value_id desc;
comment on view abate.indicator_now is
    'The reported figures that count: of each indicator, region and period the one recorded last. The earlier ones stay in indicator_value.';
comment on column abate.indicator_now.corrections is 'How many were recorded before it for the same period.';
comment on column abate.indicator_now.period_to is 'The first day after the period.';

create or replace function abate.region_offset(region_code text) returns interval
language sql stable
begin atomic
    with recursive upward as (
        select r.region_code, r.parent_code, 0 as steps
          from abate.region r
         where r.region_code = region_offset.region_code
         union all
        select r.region_code, r.parent_code, u.steps + 1
          from upward u
          join abate.region r on r.region_code = u.parent_code
    )
    select coalesce((select p.utc_offset
                       from upward u
                       join abate.plan p on p.region_code = u.region_code
                      order by u.steps, p.plan_code
                      limit 1), interval '8 hours');
end;
comment on function abate.region_offset is
    'By which clock a region''s days are: that of its plan, or of the plan of what it is a part of; else that of China.';

create or replace function abate.figure_rows(indicator_code text, region_code text, from_day date, to_day date)
returns setof bigint
language sql stable
begin atomic
    with recursive part as (
        select n.indicator_value_id, n.period_from, n.period_to
          from abate.indicator_now n
         where n.indicator_code = figure_rows.indicator_code and n.region_code = figure_rows.region_code
           and n.period_from >= from_day and n.period_to <= to_day
    ),
    -- Days from which the end can be reached, part by part.
    way (day) as (
        select to_day
         union
        select p.period_from from part p join way w on w.day = p.period_to
    ),
    chain as (
        select null::bigint as indicator_value_id, from_day as period_to
         union all
        select s.indicator_value_id, s.period_to
          from chain c
         cross join lateral (
               select p.indicator_value_id, p.period_to
                 from part p
                where p.period_from = c.period_to and p.period_to in (select w.day from way w)
                order by p.period_to desc
                limit 1
               ) s
    )
    select c.indicator_value_id from chain c where c.indicator_value_id is not null;
end;
comment on function abate.figure_rows is
    'The reported figures of a region that make up a period without a gap or an overlap, the longest first: one of just this period, or a quarter and nine months; none, if one is missing.';

create or replace function abate.last_row(indicator_code text, region_code text, from_day date, to_day date)
returns bigint
language sql stable
begin atomic
    select n.indicator_value_id
      from abate.indicator_now n
     where n.indicator_code = last_row.indicator_code and n.region_code = last_row.region_code and n.period_to = to_day
     order by n.period_from = from_day desc, n.recorded desc, n.indicator_value_id desc
     limit 1;
end;
comment on function abate.last_row is
    'The reported figure of a stock at the end of a period: that of just this period, else whatever was recorded last for one that ends on the same day.';

create or replace function abate.reported_figure(
    indicator_code text, region_code text, from_day date, to_day date,
    out value float8, out origin text, out figures jsonb)
language plpgsql stable as $$
#variable_conflict use_column
declare
    fold text := (select i.folds from abate.indicator i where i.indicator_code = reported_figure.indicator_code);
    part_count int;
    found_count int;
begin
    select case fold when 'mean' then sum(v.value * (v.period_to - v.period_from)) / sum(v.period_to - v.period_from)
                     else sum(v.value) end,
           case when count(*) = 1 then 'reported' else 'folded' end,
           jsonb_agg(jsonb_build_object('id', v.indicator_value_id, 'region', v.region_code, 'from', v.period_from,
                                        'to', v.period_to, 'value', v.value, 'agency', v.agency_code,
                                        'source', v.source, 'author', v.author) order by v.period_from)
      into reported_figure.value, reported_figure.origin, reported_figure.figures
      from abate.indicator_value v
     where v.indicator_value_id in (
           select abate.last_row(reported_figure.indicator_code, reported_figure.region_code, from_day, to_day)
            where fold = 'last'
            union all
           select abate.figure_rows(reported_figure.indicator_code, reported_figure.region_code, from_day, to_day)
            where fold <> 'last');
    -- Means of parts of a region make no mean of the region: nobody knows their weights.
    if reported_figure.value is not null or fold = 'mean' then
        return;
    end if;

    select count(*), count(f.value), sum(f.value), 'regions', jsonb_path_query_array(jsonb_agg(f.figures), '$[*][*]')
      into part_count, found_count, reported_figure.value, reported_figure.origin, reported_figure.figures
      from abate.region r
     cross join lateral abate.reported_figure(reported_figure.indicator_code, r.region_code, from_day, to_day) f
     where r.parent_code = reported_figure.region_code;
    if part_count = 0 or found_count < part_count then
        reported_figure.value := null;
        reported_figure.origin := null;
        reported_figure.figures := null;
    end if;
end
$$;
comment on function abate.reported_figure is
    'A reported figure, with the rows it is made of: the region''s own of that period (origin reported), else of all parts of the period (folded; a mean by their days), else of all parts of the region (regions). Null if one is missing.';

create or replace function abate.counted_figure(
    indicator_code text, region_code text, from_day date, to_day date, known_at timestamptz,
    out value float8, out origin text, out evidence jsonb)
language plpgsql stable as $$
#variable_conflict use_column
declare
    is_over boolean := to_day <= abate.day_of(known_at, abate.region_offset(counted_figure.region_code));
begin
    if is_over is not true then
        return;
    end if;
    select f.value, f.origin, jsonb_build_object('figures', f.figures)
      into counted_figure.value, counted_figure.origin, counted_figure.evidence
      from abate.reported_figure(counted_figure.indicator_code, counted_figure.region_code, from_day, to_day) f
     where f.value is not null;
    if counted_figure.value is not null then
        return;
    end if;
    select m.value, 'metered', jsonb_build_object('metered', m.evidence)
      into counted_figure.value, counted_figure.origin, counted_figure.evidence
      from abate.indicator i
     cross join lateral abate.metered_figure(i.indicator_code, counted_figure.region_code, from_day, to_day) m
     where i.indicator_code = counted_figure.indicator_code
       and i.origin <> 'reported' and i.is_metered_whole and m.value is not null;
end
$$;
comment on function abate.counted_figure is
    'abate.figure(), but without looking at meters that cover only a part and so decide nothing.';

create or replace function abate.figure(
    indicator_code text, region_code text, from_day date, to_day date, known_at timestamptz,
    out value float8, out origin text, out evidence jsonb)
language plpgsql stable as $$
#variable_conflict use_column
begin
    select f.value, f.origin, f.evidence
      into figure.value, figure.origin, figure.evidence
      from abate.counted_figure(figure.indicator_code, figure.region_code, from_day, to_day, known_at) f;
    if figure.value is not null then
        return;
    end if;
    select jsonb_build_object('metered_part', jsonb_build_object('value', m.value, 'of', m.evidence))
      into figure.evidence
      from abate.indicator i
     cross join lateral abate.metered_figure(i.indicator_code, figure.region_code, from_day, to_day) m
     where i.indicator_code = figure.indicator_code
       and i.origin <> 'reported' and not i.is_metered_whole and m.value is not null
       and to_day <= abate.day_of(known_at, abate.region_offset(figure.region_code));
end
$$;
comment on function abate.figure is
    'An indicator''s figure for a region from from_day until the day before to_day: as reported, else as metered where the meters cover all of it; else null, and what a part of it was metered as evidence. A period that is not over at known_at has none. Corrections count whenever they were recorded, so the same past asked again gives the same unless something was corrected.';
grant execute on function abate.region_offset, abate.figure_rows, abate.last_row, abate.reported_figure,
    abate.counted_figure, abate.figure to abate_reader, abate_writer;

create or replace function abate.baseline_figure(
    indicator_code text, region_code text, year int, out value float8, out origin text, out evidence jsonb)
language plpgsql stable as $$
#variable_conflict use_column
begin
    select b.value, 'baseline',
           jsonb_build_object('id', b.baseline_id, 'year', b.year, 'value', b.value, 'source', b.source,
                              'author', b.author, 'confirmed_by', b.confirmed_by)
      into baseline_figure.value, baseline_figure.origin, baseline_figure.evidence
      from abate.baseline b
     where b.indicator_code = baseline_figure.indicator_code and b.region_code = baseline_figure.region_code
       and b.year = baseline_figure.year
     order by b.recorded desc, b.baseline_id desc
     limit 1;
    if not found then
        select f.value, f.origin, f.evidence
          into baseline_figure.value, baseline_figure.origin, baseline_figure.evidence
          from abate.counted_figure(baseline_figure.indicator_code, baseline_figure.region_code,
                                    make_date(baseline_figure.year, 1, 1), make_date(baseline_figure.year + 1, 1, 1),
                                    'infinity') f;
    end if;
end
$$;
comment on function abate.baseline_figure is
    'The figure of the year a target is measured from: the row of table baseline recorded last, else the year''s own figure, else null.';
grant execute on function abate.baseline_figure to abate_reader, abate_writer;
