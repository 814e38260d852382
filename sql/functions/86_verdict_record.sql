-- Verdicts on what persons and agencies put on record: milestones, coverage, reports, and duties in words.

set local role abate_owner;

create or replace function abate.milestone_reason(verdict text, done date, due date, begun date, start_due date) returns text
language sql immutable
return case verdict
    when 'met' then 'done on ' || done || coalesce(', due by ' || due, '')
    when 'met_late' then 'done on ' || done || ', was due by ' || due
    when 'overdue' then coalesce('begun on ' || begun || ', but ', '') || 'no record that it was done by ' || due
    when 'behind' then 'had to begin by ' || start_due || ', and nothing says that it has'
    when 'on_track' then coalesce('begun on ' || begun, 'not done yet') || coalesce(', due by ' || due, ', no date is named')
    else 'nothing is on record, and no date is named'
end;
comment on function abate.milestone_reason is 'Why a milestone has its verdict, in words.';

create or replace function abate.milestone_subject(subject jsonb, start_due date, due date, begun date, done date, on_day date)
    returns jsonb
language sql immutable
begin atomic
    select jsonb_strip_nulls(milestone_subject.subject || jsonb_build_object(
               'verdict', v.verdict, 'due', milestone_subject.due,
               'done', case when milestone_subject.done <= milestone_subject.on_day then milestone_subject.done end,
               'reason', abate.milestone_reason(v.verdict, milestone_subject.done, milestone_subject.due,
                             case when milestone_subject.begun <= milestone_subject.on_day then milestone_subject.begun end,
                             milestone_subject.start_due)))
      from (select abate.subject_verdict(milestone_subject.done, milestone_subject.due, milestone_subject.begun,
                                         milestone_subject.start_due, milestone_subject.on_day) as verdict) v;
end;
comment on function abate.milestone_subject is 'A subject with the verdict on its milestone, as it stands in a finding.';

-- Where the day to begin is the last day, to begin is all that is promised: it is done with that.
--
-- What is closed in time needs no audit, no plan, no new machines; where to close is what was promised, it is done with that.
create or replace function abate.closed_on(plant_id int, line_id int, on_day date, utc_offset interval) returns date
language sql stable
begin atomic
    select min(abate.day_of(c.since, closed_on.utc_offset))
      from abate.closure c
     where (c.plant_id = closed_on.plant_id or c.line_id = closed_on.line_id)
       and abate.day_of(c.since, closed_on.utc_offset) <= on_day
       and coalesce(abate.day_of(c.ended, closed_on.utc_offset) > on_day, true);
end;
comment on function abate.closed_on is 'Since when a plant, or a line of it, is closed, as seen on a day; null: it is not.';
grant execute on function abate.closed_on to abate_reader, abate_writer;

create or replace function abate.milestone_subjects(commitment_id int, on_day date) returns jsonb
language plpgsql stable as $$
begin
    return (
    with asked as (
        select c.commitment_id, c.commitment_code, c.subject, v.plan_code, l.utc_offset,
               coalesce('close' = any (c.dispositions), false) as is_of_closing,
               coalesce(c.start_due = c.deadline, false) as is_to_begin,
               exists (select from abate.commitment_subject s
                        where s.commitment_id = c.commitment_id and s.plant_id is not null) as names_plants,
               exists (select from abate.commitment_subject s
                        where s.commitment_id = c.commitment_id and s.agency_code is not null) as names_agencies
          from abate.commitment_version c
          join abate.plan_version v on v.plan_version_id = c.plan_version_id
          join abate.plan l on l.plan_code = v.plan_code
         where c.commitment_id = milestone_subjects.commitment_id
    ),
    chosen as (
        select jsonb_build_object('plant', p.plant_code) as subject,
               s.plant_id, null::text as agency_code, null::int as line_id, s.plant_id as at_plant,
               a.is_of_closing and p.disposition = 'close' as is_to_close, s.start_due, s.due
          from asked a
          join abate.commitment_plants(milestone_subjects.commitment_id) s
            on a.subject in ('plant', 'monitor') or a.subject = 'region' and a.names_plants
          join abate.plant p on p.plant_id = s.plant_id
        union all
        select jsonb_build_object('agency', s.agency_code), null, s.agency_code, null, null, false, s.start_due, s.due
          from asked a
          join abate.commitment_agencies(milestone_subjects.commitment_id) s
            on a.subject = 'agency' or a.subject = 'region' and a.names_agencies
        union all
        select jsonb_build_object('plant', p.plant_code, 'line', l.line_code), null, null, s.line_id, s.plant_id, false, s.start_due, s.due
          from asked a
          join abate.commitment_lines(milestone_subjects.commitment_id) s on a.subject = 'line'
          join abate.line l on l.line_id = s.line_id
          join abate.plant p on p.plant_id = s.plant_id
    )
    select jsonb_agg(case when k.closed <= coalesce(d.due, k.closed) and not h.is_to_close
                               and coalesce(d.done > milestone_subjects.on_day, true)
                          then h.subject || '{"verdict": "closed"}'
                          else abate.milestone_subject(h.subject, h.start_due, d.due, m.begun,
                                                       case when h.is_to_close then least(d.done, k.closed) else d.done end,
                                                       milestone_subjects.on_day) end
                     order by abate.subject_name(h.subject))
      from asked a
     cross join chosen h
     cross join lateral abate.milestone_of(a.plan_code, a.commitment_code, h.plant_id, h.agency_code, h.line_id) m
     cross join lateral (select coalesce(m.due, h.due) as due,
                                case when a.is_to_begin then least(m.done, m.begun) else m.done end as done) d
     cross join lateral abate.closed_on(h.at_plant, h.line_id, milestone_subjects.on_day, a.utc_offset) k (closed));
end
$$;
comment on function abate.milestone_subjects is
    'The subjects of a commitment with the verdict on the milestone of each, as a finding has them (closed: it was so by its last day, and nothing is asked of it any more); null where it has none.';

-- What its lead reports without naming a subject is said of the whole.
create or replace function abate.milestone_whole(commitment_id int, on_day date) returns jsonb
language plpgsql stable as $$
begin
    return (
    select abate.milestone_subject('{}', c.start_due, coalesce(min(m.due), c.deadline), min(m.begun),
                                   case when c.start_due = c.deadline then least(min(m.done), min(m.begun)) else min(m.done) end,
                                   milestone_whole.on_day)
      from abate.commitment_version c
      join abate.plan_version v on v.plan_version_id = c.plan_version_id
      join (select null::text as agency_code
            union all
            select a.agency_code from abate.commitment_agency a
             where a.commitment_id = milestone_whole.commitment_id and a.role = 'lead') w on true
     cross join lateral abate.milestone_of(v.plan_code, c.commitment_code, null, w.agency_code, null) m
     where c.commitment_id = milestone_whole.commitment_id
     group by c.commitment_id);
end
$$;
comment on function abate.milestone_whole is
    'The verdict on a commitment''s milestone as a whole, as on a subject without a name: on record without a subject, or for the agency that leads it.';

create or replace function abate.finding_of_whole(found jsonb) returns abate.finding
language sql immutable
return abate.finding(found ->> 'verdict', found ->> 'reason', null, null, null, found - 'verdict' - 'reason');
comment on function abate.finding_of_whole is 'The finding on a commitment judged as a whole.';

create or replace function abate.verdict_milestone(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    day     constant date := (abate.plan_day(commitment_id, at)).on_day;
    whole   constant jsonb := abate.milestone_whole(commitment_id, day);
    members constant jsonb := abate.milestone_subjects(commitment_id, day);
begin
    if members is null or whole ->> 'verdict' in ('met', 'met_late') then
        return abate.finding_of_whole(whole);
    end if;
    return abate.finding_of_subjects(members, 'done');
end
$$;
comment on function abate.verdict_milestone is
    'Something is done by a date: as a whole, or by each of the plants, agencies or lines it is about.';
grant execute on function abate.verdict_milestone to abate_reader, abate_writer;

-- By each subject's own last day, how many were done; and of how many the last day has passed in vain.
create or replace function abate.verdict_coverage(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    day     constant date := (abate.plan_day(commitment_id, at)).on_day;
    members constant jsonb := abate.milestone_subjects(commitment_id, day);
    whole   constant jsonb := abate.milestone_whole(commitment_id, day);
    share   constant float8 := coalesce((select c.target from abate.commitment_version c
                                          where c.commitment_id = $1 and c.relation = 'at_least'), 1);
    result  abate.finding;
    n       int;
    in_time int;
    lost    int;
begin
    if members is null and whole ->> 'verdict' in ('met', 'met_late') then
        return abate.finding_of_whole(whole);
    elsif members is null then
        return abate.finding('unknown', 'the register has none of those it has to cover', null, share);
    end if;

    result := abate.finding_of_subjects(members, 'have it');
    result.wanted := share;
    if share < 1 and result.actual is not null then
        select count(*), count(*) filter (where s ->> 'verdict' = 'met'), count(*) filter (where s ->> 'verdict' = 'overdue')
          into n, in_time, lost
          from jsonb_array_elements(members) s
         where s ->> 'verdict' <> 'closed';
        result.verdict := case
            when in_time::float8 / n >= share then 'met'
            when result.actual >= share then 'met_late'
            when (n - lost)::float8 / n < share then 'overdue'
            when result.verdict = 'overdue' then 'behind'
            else result.verdict end;
    end if;
    return result;
end
$$;
comment on function abate.verdict_coverage is
    'Every subject, or the share of them that is wanted, has its milestone by its last day. What is on record of the whole counts only where the register knows no subject.';
grant execute on function abate.verdict_coverage to abate_reader, abate_writer;

-- Months from the one the plan was issued in, or has to be reported on first, to the last whose day has passed.
create or replace function abate.report_months(commitment_id int, on_day date) returns table (month date, due date)
language sql stable
begin atomic
    select m.month::date, d.due
      from abate.commitment_version c
      join abate.plan_version v on v.plan_version_id = c.plan_version_id
     cross join lateral (select min(x.issued) as issued from abate.plan_version x where x.plan_code = v.plan_code) i
     cross join lateral generate_series(date_trunc('month', coalesce(c.start_due, i.issued)::timestamp),
                                        least(report_months.on_day, c.deadline)::timestamp, interval '1 month') m (month)
     cross join lateral (
           select least(m.month::date + coalesce(c.day_of_month, 31) - 1,
                        (m.month + interval '1 month')::date - 1) as due) d
     where c.commitment_id = report_months.commitment_id
       and d.due < report_months.on_day
       and d.due >= coalesce(c.start_due, i.issued);
end;
comment on function abate.report_months is 'The months on which a report was due before a day, with the last day for each.';

create or replace function abate.report_subjects(commitment_id int, on_day date) returns jsonb
language plpgsql stable as $$
begin
    return (
    with month as materialized (
        select r.month, r.due, row_number() over (order by r.month desc) = 1 as is_last
          from abate.report_months(report_subjects.commitment_id, report_subjects.on_day) r
    ),
    owed as (
        select a.agency_code, r.month, r.due, r.is_last, m.done
          from abate.commitment_version c
          join abate.plan_version v on v.plan_version_id = c.plan_version_id
          join abate.commitment_agencies(report_subjects.commitment_id) a on true
          left join month r on true
          left join abate.milestone_now m
            on m.plan_code = v.plan_code and m.commitment_code = c.commitment_code and m.agency_code = a.agency_code
           and m.period_from = r.month and m.done <= report_subjects.on_day and m.is_kept is not false
         where c.commitment_id = report_subjects.commitment_id
    ),
    told as (
        select o.agency_code, count(o.month) as months,
               count(*) filter (where o.month is not null and o.done is null) as missing,
               min(o.due) filter (where o.done is null) as due,
               array_agg(to_char(o.month, 'YYYY-MM') order by o.month desc)
                   filter (where o.month is not null and o.done is null) as missing_months,
               bool_or(o.is_last and o.done > o.due) as is_late,
               max(o.done) filter (where o.is_last) as done
          from owed o
         group by o.agency_code
    )
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'agency', t.agency_code,
               'verdict', case when t.months = 0 then 'on_track' when t.missing > 0 then 'overdue'
                               when t.is_late then 'met_late' else 'met' end,
               'due', t.due, 'since', t.due + 1, 'missing', nullif(t.missing, 0),
               'reason', case when t.months = 0 then 'no report is due yet'
                              when t.missing > 0 then 'no report on ' || abate.list_codes(t.missing_months)
                              when t.is_late then 'the last report came late, on ' || t.done
                              else 'reported on all ' || t.months || ' months, the last one in time' end))
                     order by t.agency_code)
      from told t);
end
$$;
comment on function abate.report_subjects is
    'The agencies that report every month, with the verdict on each as a finding has them; null where none is known.';

create or replace function abate.verdict_report(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    day     constant date := (abate.plan_day(commitment_id, at)).on_day;
    members constant jsonb := abate.report_subjects(commitment_id, day);
begin
    if members is null then
        return abate.finding('unknown', 'nobody is named who has to report', null, 1);
    end if;
    return abate.finding_of_subjects(members, 'have reported on every month');
end
$$;
comment on function abate.verdict_report is
    'Every agency reports on each month by a day of that month: met if all are there and the last ones came in time.';
grant execute on function abate.verdict_report to abate_reader, abate_writer;

-- A judgement holds from the day it names; without one, from that it was recorded on.
create or replace function abate.judgements(plan_code text, commitment_code text, on_day date)
returns table (plant_id int, agency_code text, line_id int, judged date, is_kept boolean, evidence text, author text)
language sql stable
begin atomic
    select distinct on (m.plant_id, m.agency_code, m.line_id)
           m.plant_id, m.agency_code, m.line_id, d.judged, m.is_kept, m.evidence, m.author
      from abate.milestone m
      join abate.plan p on p.plan_code = m.plan_code
     cross join lateral (select coalesce(m.done, m.period_from, abate.day_of(m.recorded, p.utc_offset)) as judged) d
     where m.plan_code = judgements.plan_code
       and m.commitment_code = judgements.commitment_code
       and m.is_kept is not null
       and d.judged <= judgements.on_day
     order by m.plant_id, m.agency_code, m.line_id, d.judged desc, m.recorded desc, m.milestone_id desc;
end;
comment on function abate.judgements is
    'The last judgement of a person on each subject of a commitment, and on the whole of it (no subject), up to a day.';

create or replace function abate.judged_subjects(plan_code text, commitment_code text, due date, on_day date) returns jsonb
language plpgsql stable as $$
begin
    return (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'plant', p.plant_code, 'line', l.line_code, 'agency', j.agency_code,
               'verdict', case when j.is_kept then case when j.judged > judged_subjects.due then 'met_late' else 'met' end
                               when judged_subjects.due >= judged_subjects.on_day then 'behind' else 'overdue' end,
               'since', case when not j.is_kept then j.judged end, 'done', case when j.is_kept then j.judged end,
               'reason', case when j.is_kept then 'kept' else 'not kept' end
                         || ', says ' || j.author || ' on ' || j.judged || ': ' || j.evidence))
                     order by p.plant_code, l.line_code, j.agency_code)
      from abate.judgements(judged_subjects.plan_code, judged_subjects.commitment_code, judged_subjects.on_day) j
      left join abate.line l on l.line_id = j.line_id
      left join abate.plant p on p.plant_id = coalesce(j.plant_id, l.plant_id)
     where btrim(j.evidence) <> '');
end
$$;
comment on function abate.judged_subjects is
    'What persons have judged of a commitment, with evidence, as a finding has its subjects; one without a name is the whole.';

create or replace function abate.verdict_duty(commitment_id int, at timestamptz) returns abate.finding
language plpgsql stable as $$
declare
    told    constant record := abate.plan_day(commitment_id, at);
    asked   constant abate.commitment_version := (select c from abate.commitment_version c where c.commitment_id = $1);
    members constant jsonb := abate.judged_subjects(told.plan_code, asked.commitment_code, asked.deadline, told.on_day);
    whole   constant jsonb := (select s from jsonb_array_elements(members) s where abate.subject_name(s) = '');
    shorts  constant jsonb := (select jsonb_agg(s) from jsonb_array_elements(members) s
                                where abate.subject_name(s) <> '' and s ->> 'verdict' in ('behind', 'overdue'));
begin
    if shorts is not null then
        return abate.finding_of_subjects(shorts, 'keep it');
    elsif whole is not null then
        return abate.finding_of_whole(whole);
    end if;
    return abate.finding('not_measurable', case when members is null
        then 'a duty in words: nobody has judged it with evidence'
        else 'a duty in words: judged for ' || jsonb_array_length(members) || ' alone, not as a whole' end);
end
$$;
comment on function abate.verdict_duty is
    'A duty in words is as a person judges it, with evidence: not kept where one subject does not keep it; kept only where that is said of the whole.';
grant execute on function abate.verdict_duty to abate_reader, abate_writer;
