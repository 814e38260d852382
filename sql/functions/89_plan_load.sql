-- What a plan's folder has beside the register: the text of the plan as a version of its own, limits, figures. What is there
-- already is left alone, so that loading again changes nothing.

set local role abate_owner;

-- The limit of a row: of the same parameter, period, sector or plant or monitor, unit, standard and clause, and of its time. That which holds
-- already goes on holding for what was judged by it; the changed one begins now.
create or replace function abate.find_limits()
returns table (line int, plant_id int, monitor_id int, begins timestamptz, ends timestamptz, limit_id int)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query
    select g.line, i.plant_id, m.monitor_id, t.begins, t.ends, b.limit_id
      from pg_temp.given_limits g
      left join abate.plant i on i.plant_code = g.plant_code
      left join abate.monitor m on m.monitor_code = g.monitor_code
      left join (select b.utc_offset from pg_temp.given_plan join abate.plan b using (plan_code)) p on true
     cross join lateral (
           select coalesce(abate.day_begins(g.valid_from, o.utc_offset), '-infinity') as begins,
                  abate.day_begins(g.valid_to, o.utc_offset) as ends
             from (select coalesce(p.utc_offset, m.utc_offset, '8 hours') as utc_offset) o
           ) t
      left join lateral (
           select e.limit_id
             from abate.emission_limit e
            where e.kind = 'emission' and e.parameter_code = g.parameter_code and e.period = g.period
              and row (e.sector_code, e.plant_id, e.monitor_id) is not distinct from row (g.sector_code, i.plant_id, m.monitor_id)
              and e.unit = g.unit and e.standard = g.standard
              and e.clause is not distinct from g.clause
              and e.valid_from >= t.begins and e.valid_from < coalesce(t.ends, 'infinity')
            order by e.valid_from desc, e.limit_id desc
            limit 1
           ) b on true;
end
$$;
comment on function abate.find_limits is 'Of each given limit whose it is, its time, and the last one the register has of it.';

create or replace function abate.fill_limits() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if not abate.is_folder('register') then
        return;
    end if;
    update pg_temp.given_limits g
       set lower = coalesce(g.lower, e.lower), upper = coalesce(g.upper, e.upper),
           reference_oxygen = coalesce(g.reference_oxygen, e.reference_oxygen)
      from abate.find_limits() f
      join abate.emission_limit e using (limit_id)
     where g.line = f.line;
end
$$;
comment on function abate.fill_limits is
    'In a folder of the register an empty cell leaves the bound that is there; a plan''s names all its bounds, and an empty cell is none.';

create or replace function abate.match_limits() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    create temporary table plan_limit on commit drop as
    select g.line, g.parameter_code, g.period, g.sector_code, f.plant_id, f.monitor_id, g.lower, g.upper, g.reference_oxygen, g.unit, g.standard,
           g.clause, g.source, g.source_date, g.confirmed_by, g.confidence, f.begins,
           coalesce(f.ends, case when abate.is_folder('register') then b.valid_to end, 'infinity') as ends,
           b.limit_id, b.valid_from as had_from,
           row (b.lower, b.upper, b.reference_oxygen) is not distinct from row (g.lower, g.upper, g.reference_oxygen) as is_equal
      from pg_temp.given_limits g
      join abate.find_limits() f using (line)
      left join abate.emission_limit b using (limit_id);
end
$$;
comment on function abate.match_limits is
    'Makes plan_limit: each given limit with the last one the register has of it. In a folder of the register an empty end is the one that is there.';

create or replace function abate.take_limits() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    added bigint;
    changed bigint;
begin
    perform abate.match_limits();
    select count(*) filter (where limit_id is null) into added from pg_temp.plan_limit;
    -- What is not in force yet or not any more, or differs in what does not judge, is changed where it is.
    update abate.emission_limit e
       set lower = g.lower, upper = g.upper, reference_oxygen = g.reference_oxygen, source = g.source,
           source_date = coalesce(g.source_date, e.source_date), confirmed_by = coalesce(g.confirmed_by, e.confirmed_by),
           confidence = coalesce(g.confidence, e.confidence), valid_to = g.ends
      from pg_temp.plan_limit g
     where e.limit_id = g.limit_id and (g.is_equal or g.had_from >= now() or g.ends <= now())
       and row (e.lower, e.upper, e.reference_oxygen, e.source, e.source_date, e.confirmed_by, e.confidence, e.valid_to)
           is distinct from
           row (g.lower, g.upper, g.reference_oxygen, g.source, coalesce(g.source_date, e.source_date),
                coalesce(g.confirmed_by, e.confirmed_by), coalesce(g.confidence, e.confidence), g.ends);
    get diagnostics changed = row_count;
    delete from pg_temp.plan_limit where limit_id is not null and (is_equal or had_from >= now() or ends <= now());
    update abate.emission_limit e
       set valid_to = least(e.valid_to, now())
      from pg_temp.plan_limit g
     where e.limit_id = g.limit_id;
    insert into abate.emission_limit (parameter_code, period, sector_code, plant_id, monitor_id, lower, upper, reference_oxygen, unit,
                                      standard, clause, source, source_date, confirmed_by, confidence, valid_from, valid_to)
    select parameter_code, period, sector_code, plant_id, monitor_id, lower, upper, reference_oxygen, unit, standard, clause,
           source, source_date, confirmed_by, confidence,
           case when limit_id is null then begins else now() end, ends
      from pg_temp.plan_limit g
     order by line;
    perform abate.note_taken('limits.csv', added, changed + (select count(*) from pg_temp.plan_limit where limit_id is not null),
                             (select count(*) from pg_temp.given_limits));
    drop table pg_temp.plan_limit;
end
$$;
comment on function abate.take_limits is
    'The same limit again is no new row. One that differs ends that which holds, and begins now; who confirmed it, its source and its end are changed in place, and so are the numbers of one that is over.';

create or replace function abate.sorted(codes text[]) returns text[]
language sql immutable parallel safe
return (select array_agg(code order by code collate "C") from unnest(codes) code);
comment on function abate.sorted is 'The same in the order of their bytes; null if there is none.';

create or replace function abate.given_text(out part text, out code text, out is_of jsonb) returns setof record
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
    select 'plan', g.plan_code,
           jsonb_strip_nulls(jsonb_build_object('issued', g.issued, 'document', g.document, 'source', g.source))
      from pg_temp.given_plan g
     union all
    select 'commitment', g.commitment_code,
           jsonb_strip_nulls(to_jsonb(g) - '{line,was,is_changed}'::text[] || jsonb_build_object('lead', abate.sorted(g.lead),
               'responsible', abate.sorted(g.responsible), 'cooperating', abate.sorted(g.cooperating)))
      from pg_temp.given_commitments g
     union all
    select 'subject', concat_ws(' ', g.commitment_code, 'plant ' || g.plant_code, 'agency ' || g.agency_code),
           jsonb_strip_nulls(jsonb_build_object('due', g.due))
      from pg_temp.given_subjects g;
end
$$;
comment on function abate.given_text is 'The text of the plan as the folder has it, in parts: what makes a version of it.';

create or replace function abate.stored_text(plan_version_id int)
returns table (part text, code text, is_of jsonb)
language sql stable
begin atomic
    select 'commitment', c.commitment_code,
           jsonb_strip_nulls(to_jsonb(c) - '{commitment_id,plan_version_id,ordinal,is_soft,is_in_built_up_area,is_in_park}'::text[]
               || jsonb_build_object('soft', c.is_soft, 'in_built_up_area', c.is_in_built_up_area, 'in_park', c.is_in_park,
                                     'lead', a.lead, 'responsible', a.responsible, 'cooperating', a.cooperating))
      from abate.commitment_version c
     cross join lateral (
           select abate.sorted(array_agg(ca.agency_code) filter (where ca.role = 'lead')) as lead,
                  abate.sorted(array_agg(ca.agency_code) filter (where ca.role = 'responsible')) as responsible,
                  abate.sorted(array_agg(ca.agency_code) filter (where ca.role = 'cooperating')) as cooperating
             from abate.commitment_agency ca
            where ca.commitment_id = c.commitment_id
           ) a
     where c.plan_version_id = stored_text.plan_version_id
     union all
    select 'subject', concat_ws(' ', c.commitment_code, 'plant ' || p.plant_code, 'agency ' || s.agency_code),
           jsonb_strip_nulls(jsonb_build_object('due', s.due))
      from abate.commitment_version c
      join abate.commitment_subject s using (commitment_id)
      left join abate.plant p using (plant_id)
     where c.plan_version_id = stored_text.plan_version_id;
end;
comment on function abate.stored_text is 'A version of a plan in the same parts.';

create or replace function abate.note_text(before int) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into pg_temp.folder_taken (file, added, changed, same, gone)
    select f.file, count(*) filter (where s.code is null), count(*) filter (where g.is_of <> s.is_of),
           count(*) filter (where g.is_of = s.is_of), count(*) filter (where g.code is null)
      from (select * from abate.given_text() where part <> 'plan') g
      full join abate.stored_text(before) s on s.part = g.part and s.code = g.code
      join (values ('commitment', 'commitments.csv'), ('subject', 'subjects.csv')) f (part, file)
        on f.part = coalesce(g.part, s.part)
     group by f.file
     order by f.file;
end
$$;
comment on function abate.note_text is 'Notes what the given text has otherwise than the version before (null: there is none).';

create or replace function abate.take_version(version_id int) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.commitment_version
           (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft, start_due, deadline,
            deadline_note, indicator_code, per_indicator, relation, target, unit, baseline_year, day_of_month, subject,
            group_code, dispositions, size_classes, is_in_built_up_area, is_in_park, line_kind, line_size, line_relation, note)
    select version_id, row_number() over (order by g.line), commitment_code, clause, quotation, name_en, kind, telemetry, soft,
           start_due, deadline, deadline_note, indicator_code, per_indicator, relation, target, unit, baseline_year,
           day_of_month, subject, group_code, dispositions, size_classes, in_built_up_area, in_park, line_kind, line_size,
           line_relation, note
      from pg_temp.given_commitments g
     order by g.line;
    insert into abate.commitment_agency (commitment_id, agency_code, role)
    select c.commitment_id, a.code, a.role
      from pg_temp.given_commitments g
      join abate.commitment_version c on c.plan_version_id = version_id and c.commitment_code = g.commitment_code
     cross join lateral (
           select unnest(g.lead) as code, 'lead' as role
            union all select unnest(g.responsible), 'responsible'
            union all select unnest(g.cooperating), 'cooperating'
           ) a;
    insert into abate.commitment_subject (commitment_id, plant_id, agency_code, due)
    select c.commitment_id, p.plant_id, g.agency_code, g.due
      from pg_temp.given_subjects g
      join abate.commitment_version c on c.plan_version_id = version_id and c.commitment_code = g.commitment_code
      left join abate.plant p on p.plant_code = g.plant_code
     order by g.line;
end
$$;
comment on function abate.take_version is 'Writes the given commitments, their agencies and subjects as those of a version.';

create or replace function abate.take_text() returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    given record;
    before abate.plan_version;
    new_id int;
    new_digest constant text := (
        select encode(sha256(convert_to(string_agg(part || ' ' || code || ' ' || is_of, e'\n'
                                                   order by part collate "C", code collate "C"), 'UTF8')), 'hex')
          from abate.given_text());
begin
    select * into given from pg_temp.given_plan;
    -- A text is compared with its own last reading: both an old text and its amendment may be loaded again.
    select v.* into before
      from abate.plan_version v
     where v.plan_code = given.plan_code
     order by v.issued = given.issued desc, v.issued desc, v.version desc
     limit 1;
    perform abate.note_text(before.plan_version_id);
    if before.digest = new_digest then
        return false;
    end if;
    insert into abate.plan_version (plan_code, version, issued, document, source, digest)
    select given.plan_code, 1 + coalesce(max(v.version), 0), given.issued, given.document, given.source, new_digest
      from abate.plan_version v
     where v.plan_code = given.plan_code
    returning plan_version_id into new_id;
    perform abate.take_version(new_id);
    return true;
end
$$;
comment on function abate.take_text is 'Makes a new version of the plan, if the given text is not what was loaded of it last.';

create or replace function abate.take_baselines() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    added bigint;
begin
    insert into abate.baseline (indicator_code, region_code, year, value, source, source_date, author, confirmed_by)
    select g.indicator_code, g.region_code, g.year, g.value, g.source, g.source_date, coalesce(g.author, session_user), g.confirmed_by
      from pg_temp.given_baselines g
      left join lateral (
           select b.* from abate.baseline b
            where b.indicator_code = g.indicator_code and b.region_code = g.region_code and b.year = g.year
            order by b.recorded desc, b.baseline_id desc
            limit 1
           ) b on true
     where row (b.value, b.source, b.source_date, b.author, b.confirmed_by)
           is distinct from
           row (g.value, g.source, coalesce(g.source_date, b.source_date), coalesce(g.author, b.author),
                coalesce(g.confirmed_by, b.confirmed_by))
     order by g.line;
    get diagnostics added = row_count;
    perform abate.note_taken('baselines.csv', added, 0, (select count(*) from pg_temp.given_baselines));
end
$$;
comment on function abate.take_baselines is 'Adds the baselines that are not the last ones already.';

create or replace function abate.take_figures() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    added bigint;
begin
    insert into abate.indicator_value (indicator_code, region_code, agency_code, period_from, period_to, value, source, author)
    select g.indicator_code, g.region_code, g.agency_code, g.period_from, g.period_to, g.value, g.source,
           coalesce(g.author, session_user)
      from pg_temp.given_figures g
      left join lateral (
           select v.* from abate.indicator_value v
            where v.indicator_code = g.indicator_code and v.region_code = g.region_code
              and v.period_from = g.period_from and v.period_to = g.period_to and v.position is null
            order by v.recorded desc, v.indicator_value_id desc
            limit 1
           ) v on true
     where row (v.value, v.source, v.agency_code, v.author)
           is distinct from
           row (g.value, g.source, coalesce(g.agency_code, v.agency_code), coalesce(g.author, v.author))
     order by g.line;
    get diagnostics added = row_count;
    perform abate.note_taken('figures.csv', added, 0, (select count(*) from pg_temp.given_figures));
end
$$;
comment on function abate.take_figures is
    'Adds the figures that are not the last ones entered by hand already: what came by message meanwhile is not undone by loading an old file again.';

create or replace function abate.take_milestones() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    added bigint;
begin
    insert into abate.milestone (plan_code, commitment_code, plant_id, agency_code, line_id, period_from, due, started, done,
                                 is_kept, evidence, source, author)
    select s.plan_code, g.commitment_code, s.plant_id, g.agency_code, s.line_id, g.period_from, g.due, g.started, g.done,
           g.is_kept, g.evidence, g.source, coalesce(g.author, session_user)
      from pg_temp.given_milestones g
     cross join lateral (
           select i.plan_code, case when l.line_id is null then p.plant_id end as plant_id, l.line_id
             from pg_temp.given_plan i
             left join abate.plant p on p.plant_code = g.plant_code
             left join abate.line l on l.plant_id = p.plant_id and l.line_code = g.line_code
           ) s
      left join lateral (
           select m.* from abate.milestone m
            where m.plan_code = s.plan_code and m.commitment_code = g.commitment_code and m.position is null
              and row (m.plant_id, m.agency_code, m.line_id, m.period_from)
                  is not distinct from row (s.plant_id, g.agency_code, s.line_id, g.period_from)
            order by m.recorded desc, m.milestone_id desc
            limit 1
           ) m on true
     where row (m.due, m.started, m.done, m.is_kept, m.evidence, m.source, m.author)
           is distinct from
           row (g.due, g.started, g.done, g.is_kept, g.evidence, g.source, coalesce(g.author, m.author))
     order by g.line;
    get diagnostics added = row_count;
    perform abate.note_taken('milestones.csv', added, 0, (select count(*) from pg_temp.given_milestones));
end
$$;
comment on function abate.take_milestones is 'Adds the milestones that are not the last ones entered by hand already.';
