-- Who a commitment is about: the plants and agencies it names, or those of the register that its columns choose.

set local role abate_owner;

-- Without its choice of lines: of these plants the lines are chosen.
create or replace function abate.commitment_scope(commitment_id int)
returns table (plant_id int, start_due date, due date)
language sql stable
begin atomic
    select s.plant_id, c.start_due, coalesce(s.due, c.deadline)
      from abate.commitment_version c
      join abate.commitment_subject s on s.commitment_id = c.commitment_id and s.plant_id is not null
     where c.commitment_id = commitment_scope.commitment_id
    union all
    select p.plant_id,
           coalesce(case when c.dispositions is not null then p.start_due end, c.start_due),
           coalesce(case when c.dispositions is null then null
                         when c.deadline = c.start_due then p.start_due -- to begin is all that is promised
                         else p.finish_due end, c.deadline)
      from abate.commitment_version c
      join abate.plan_version v on v.plan_version_id = c.plan_version_id
      join abate.plan l on l.plan_code = v.plan_code
      join abate.plant p on p.region_code in (select abate.region_parts(l.region_code))
     where c.commitment_id = commitment_scope.commitment_id
       and not exists (select from abate.commitment_subject s
                        where s.commitment_id = c.commitment_id and s.plant_id is not null)
       and (c.group_code is null
            or exists (select from abate.sector_group_member g
                        where g.group_code = c.group_code and g.sector_code = p.sector_code))
       and (c.dispositions is null or p.disposition = any (c.dispositions))
       and (c.size_classes is null or p.size_class = any (c.size_classes))
       and (c.is_in_built_up_area is null or p.is_in_built_up_area = c.is_in_built_up_area)
       and (c.is_in_park is null or (p.park_code is not null) = c.is_in_park);
end;
comment on function abate.commitment_scope is
    'The plants a commitment names, or else those of the plan''s region and its parts that its columns choose, whatever lines they have; and until when each has to begin and to be done (a date of the plant''s own counts where it is chosen by its disposition: start_due alone, where the commitment is to have begun).';

create or replace function abate.commitment_lines(commitment_id int)
returns table (line_id int, plant_id int, start_due date, due date, is_meant boolean)
language sql stable
begin atomic
    select l.line_id, l.plant_id, s.start_due, s.due,
           case c.line_relation when 'below' then l.size < c.line_size
                                when 'at_most' then l.size <= c.line_size else true end
      from abate.commitment_version c
      join abate.commitment_scope(commitment_lines.commitment_id) s on true
      join abate.line l on l.plant_id = s.plant_id and l.line_kind = c.line_kind
     where c.commitment_id = commitment_lines.commitment_id
       and not l.is_excepted
       and case c.line_relation when 'below' then l.size < c.line_size
                                when 'at_most' then l.size <= c.line_size else true end is not false;
end;
comment on function abate.commitment_lines is
    'The lines a commitment is about: of its kind, of a size within its bound, no exception, in its plants. is_meant is null where the size is not known.';
grant execute on function abate.commitment_lines to abate_reader, abate_writer;

create or replace function abate.commitment_plants(commitment_id int)
returns table (plant_id int, start_due date, due date)
language sql stable
begin atomic
    select s.plant_id, s.start_due, s.due
      from abate.commitment_version c
      join abate.commitment_scope(commitment_plants.commitment_id) s on true
     where c.commitment_id = commitment_plants.commitment_id
       and (c.line_kind is null
            or s.plant_id in (select l.plant_id from abate.commitment_lines(commitment_plants.commitment_id) l));
end;
comment on function abate.commitment_plants is
    'The plants a commitment is about; where it is about lines, those that have one. With the last day on which each has to begin, and to be done.';
grant execute on function abate.commitment_plants to abate_reader, abate_writer;

create or replace function abate.commitment_agencies(commitment_id int)
returns table (agency_code text, start_due date, due date)
language sql stable
begin atomic
    select s.agency_code, c.start_due, coalesce(s.due, c.deadline)
      from abate.commitment_version c
      join abate.commitment_subject s on s.commitment_id = c.commitment_id and s.agency_code is not null
     where c.commitment_id = commitment_agencies.commitment_id
    union all
    select a.agency_code, c.start_due, c.deadline
      from abate.commitment_version c
      join abate.commitment_agency a on a.commitment_id = c.commitment_id and a.role = 'responsible'
     where c.commitment_id = commitment_agencies.commitment_id
       and not exists (select from abate.commitment_subject s
                        where s.commitment_id = c.commitment_id and s.agency_code is not null);
end;
comment on function abate.commitment_agencies is
    'The agencies a commitment names, or else those that are responsible for it, and the last day of each.';
grant execute on function abate.commitment_agencies to abate_reader, abate_writer;

create or replace function abate.commitment_monitors(commitment_id int)
returns table (monitor_id int, plant_id int, line_id int)
language sql stable
begin atomic
    select m.monitor_id, m.plant_id, case when c.subject = 'line' then m.line_id end
      from abate.commitment_version c
      join abate.commitment_plants(commitment_monitors.commitment_id) s on true
      join abate.monitor m on m.plant_id = s.plant_id
     where c.commitment_id = commitment_monitors.commitment_id
       and (c.subject <> 'line'
            or m.line_id in (select l.line_id from abate.commitment_lines(commitment_monitors.commitment_id) l));
end;
comment on function abate.commitment_monitors is
    'The monitors of a commitment''s plants; of a commitment about lines, those of its lines.';
grant execute on function abate.commitment_monitors to abate_reader, abate_writer;

create or replace view abate.milestone_now as
select distinct on (plan_code, commitment_code, plant_id, agency_code, line_id, period_from) *
  from abate.milestone
 order by plan_code, commitment_code, plant_id, agency_code, line_id, period_from, recorded desc, milestone_id desc;
comment on view abate.milestone_now is
    'What counts of the milestones: the last row recorded for each commitment, subject and period.';

create or replace function abate.plan_day(commitment_id int, at timestamptz)
returns table (plan_code text, region_code text, on_day date, utc_offset interval)
language sql stable
begin atomic
    select p.plan_code, p.region_code, abate.day_of(plan_day.at, p.utc_offset), p.utc_offset
      from abate.commitment_version c
      join abate.plan_version v on v.plan_version_id = c.plan_version_id
      join abate.plan p on p.plan_code = v.plan_code
     where c.commitment_id = plan_day.commitment_id;
end;
comment on function abate.plan_day is 'The plan of a commitment, and which day an instant is by its clock.';

-- A milestone is not done where a person says that it is not kept.
create or replace function abate.milestone_of(plan_code text, commitment_code text, plant_id int, agency_code text, line_id int)
returns table (begun date, done date, due date)
language sql stable
begin atomic
    select min(coalesce(m.started, m.done)), min(m.done) filter (where m.is_kept is not false), max(m.due)
      from abate.milestone_now m
     where m.plan_code = milestone_of.plan_code
       and m.commitment_code = milestone_of.commitment_code
       and m.plant_id is not distinct from milestone_of.plant_id
       and m.agency_code is not distinct from milestone_of.agency_code
       and m.line_id is not distinct from milestone_of.line_id;
end;
comment on function abate.milestone_of is
    'What is on record for one subject of a commitment, or (all null) for the commitment as a whole: begun, done, and a date of its own.';

-- What is common to the commitments of which is judged subject by subject.

create or replace function abate.subject_verdict(done date, due date, begun date, start_due date, on_day date) returns text
language sql immutable
return case
    when done <= on_day and (due is null or done <= due) then 'met'
    when done <= on_day then 'met_late'
    when due < on_day then 'overdue'
    when begun <= on_day then 'on_track'
    when start_due < on_day then 'behind'
    when due is null then 'unknown'
    else 'on_track'
end;
comment on function abate.subject_verdict is
    'What is to be said on a day of something that has to be done by another: done, its last day, begun, the last day to begin; null: not, or none. Not done, and no last day named: unknown.';

create or replace function abate.fold_verdicts(verdicts text[]) returns text
language sql immutable
return (select v.verdict
          from unnest('{missed,overdue,behind,unknown,not_measurable,on_track,met_late,met}'::text[]) with ordinality v (verdict, place)
         where v.verdict = any (verdicts)
         order by v.place
         limit 1);
comment on function abate.fold_verdicts is 'The worst of the verdicts on subjects is that on all of them; null of none.';

create or replace function abate.list_codes(codes text[]) returns text
language sql immutable
return (select string_agg(c.code, ', ' order by c.place) from unnest(codes) with ordinality c (code, place) where c.place <= 5)
       || case when cardinality(codes) > 5 then ' and ' || cardinality(codes) - 5 || ' more' else '' end;
comment on function abate.list_codes is 'The first five names, and how many more.';

create or replace function abate.finding(verdict text, reason text, actual float8 default null, wanted float8 default null,
                                         subjects jsonb default null, evidence jsonb default null) returns abate.finding
language sql immutable
return row(verdict, actual, wanted, null, null, null, null, null, reason, subjects, evidence)::abate.finding;
comment on function abate.finding is 'A finding without path and forecast.';

create or replace function abate.subject_name(subject jsonb) returns text
language sql immutable
return coalesce(subject ->> 'agency', concat_ws(' ', subject ->> 'plant', subject ->> 'line'));
comment on function abate.subject_name is 'How a subject of a finding is called in a sentence: P1, P1 kiln-2, gx.';

create or replace function abate.name_subjects(found jsonb, verdict text) returns text
language sql immutable
return abate.list_codes((select array_agg(abate.subject_name(s.subject) order by abate.subject_name(s.subject))
                           from jsonb_array_elements(found) s (subject)
                          where s.subject ->> 'verdict' = name_subjects.verdict));
comment on function abate.name_subjects is 'The names of the subjects with a verdict, in a sentence.';

create or replace function abate.finding_of_subjects(members jsonb, are text, evidence jsonb default null) returns abate.finding
language plpgsql immutable as $$
begin
    return (
    select abate.finding(
               coalesce(abate.fold_verdicts(array_agg(v.verdict)), 'met'),
               case when v.asked = 0 then 'nothing is left to ask for'
                    when v.asked = 1 then min(abate.subject_name(v.subject) || ': ' || (v.subject ->> 'reason'))
                                              filter (where v.verdict <> 'closed')
               else format('%s of %s %s', count(*) filter (where v.is_kept), v.asked, finding_of_subjects.are)
                    || coalesce('; missed: '  || abate.name_subjects(members, 'missed'), '')
                    || coalesce('; overdue: ' || abate.name_subjects(members, 'overdue'), '')
                    || coalesce('; behind: '  || abate.name_subjects(members, 'behind'), '')
                    || coalesce('; unknown: ' || abate.name_subjects(members, 'unknown'), '')
                    || coalesce('; late: '    || abate.name_subjects(members, 'met_late'), '')
               end || coalesce('; closed, and left out: ' || abate.name_subjects(members, 'closed'), ''),
               (count(*) filter (where v.is_kept))::float8 / nullif(v.asked, 0), 1,
               jsonb_agg(v.subject order by v.place) filter (where v.verdict not in ('met', 'on_track', 'closed')),
               jsonb_strip_nulls(jsonb_build_object('subjects', v.asked, 'kept', count(*) filter (where v.is_kept),
                                                    'closed', nullif(count(*) - v.asked, 0)))
               || coalesce(finding_of_subjects.evidence, '{}'))
      from (select s.subject, s.place, s.subject ->> 'verdict' as verdict,
                   count(*) filter (where s.subject ->> 'verdict' <> 'closed') over () as asked,
                   s.subject ->> 'verdict' in ('met', 'met_late') or s.subject ? 'complies' as is_kept
              from jsonb_array_elements(members) with ordinality s (subject, place)) v
     group by v.asked);
end
$$;
comment on function abate.finding_of_subjects is
    'The finding on a commitment that is judged subject by subject: the worst verdict, how many are kept (`are`: in words, such as "plants closed"), and those that fall short or did, with why. Of those that are closed (verdict closed) nothing is asked any more: they are left out, and named. Null of no subjects.';
