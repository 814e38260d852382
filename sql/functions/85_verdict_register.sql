-- Verdicts that rest on the register, and on what is heard in spite of it: zero, capacity, prohibition.

set local role abate_owner;

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
