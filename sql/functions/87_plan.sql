-- The plan as people ask for it, and the judging of all its commitments.

set local role abate_owner;

create or replace view abate.commitment as
select v.plan_code, v.version, c.commitment_id, c.plan_version_id, c.ordinal, c.commitment_code, c.clause, c.quotation,
       c.name_en, c.kind, c.telemetry, c.is_soft, c.start_due, c.deadline, c.deadline_note, c.indicator_code,
       c.per_indicator, c.relation, c.target, c.unit, c.baseline_year, c.day_of_month, c.subject, c.group_code,
       c.dispositions, c.size_classes, c.is_in_built_up_area, c.is_in_park, c.line_kind, c.line_size, c.line_relation,
       c.note, a.lead, a.responsible, a.cooperating
  from (select distinct on (plan_code) * from abate.plan_version order by plan_code, issued desc, version desc) v
  join abate.commitment_version c on c.plan_version_id = v.plan_version_id
 cross join lateral (
       select string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'lead') as lead,
              string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'responsible') as responsible,
              string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'cooperating') as cooperating
         from abate.commitment_agency ca
        where ca.commitment_id = c.commitment_id
       ) a;
comment on view abate.commitment is
    'What the newest text of each plan promises, one row a commitment; what is judged of it is in the view plan_status.';
comment on column abate.commitment.lead is 'Codes of the agencies that lead it, with commas; likewise responsible, cooperating.';

create or replace function abate.version_in_force(plan_code text, on_day date) returns int
language sql stable
begin atomic
    select v.plan_version_id
      from abate.plan_version v
     where v.plan_code = version_in_force.plan_code
     order by v.issued <= version_in_force.on_day desc,
              case when v.issued <= version_in_force.on_day then v.issued end desc,
              v.issued, v.version desc
     limit 1;
end;
comment on function abate.version_in_force is
    'The text of a plan by which a day is judged: the newest of those issued until then, or else the first. Of several readings of one text, the last.';
grant execute on function abate.version_in_force to abate_reader, abate_writer;

create or replace function abate.commitments_in_force(at timestamptz)
returns table (commitment_id int, plan_code text, on_day date)
language sql stable
begin atomic
    select c.commitment_id, p.plan_code, d.on_day
      from abate.plan p
     cross join lateral (select abate.day_of(commitments_in_force.at, p.utc_offset) as on_day) d
      join abate.commitment_version c on c.plan_version_id = abate.version_in_force(p.plan_code, d.on_day);
end;
comment on function abate.commitments_in_force is
    'The commitments by which an instant is judged, and the day it is by the clock of their plan.';
grant execute on function abate.commitments_in_force to abate_reader, abate_writer;

create or replace function abate.plan_status(day date)
returns table (plan_code text, version int, commitment_code text, ordinal int, clause text, name_en text, quotation text,
               kind text, is_soft boolean, deadline date, verdict text, actual float8, wanted float8, path float8,
               forecast float8, forecast_low float8, forecast_high float8, crosses_on date, unit text, reason text,
               subjects jsonb, on_day date, lead text, responsible text)
language sql stable
begin atomic
    select v.plan_code, v.version, c.commitment_code, c.ordinal, c.clause, c.name_en, c.quotation,
           c.kind, c.is_soft, c.deadline, coalesce(j.verdict, 'unknown'), j.actual, j.wanted, j.path,
           j.forecast, j.forecast_low, j.forecast_high, j.crosses_on, c.unit, coalesce(j.reason, 'never judged until then'),
           j.subjects, j.on_day, a.lead, a.responsible
      from abate.plan p
      join abate.plan_version v on v.plan_version_id = abate.version_in_force(p.plan_code, day)
      join abate.commitment_version c on c.plan_version_id = v.plan_version_id
      left join lateral (
           select *
             from abate.verdict x
            where x.commitment_id = c.commitment_id and x.on_day <= day and x.replaced is null
            order by x.on_day desc
            limit 1
           ) j on true
     cross join lateral (
           select string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'lead') as lead,
                  string_agg(ca.agency_code, ', ' order by ca.agency_code) filter (where ca.role = 'responsible') as responsible
             from abate.commitment_agency ca
            where ca.commitment_id = c.commitment_id
           ) a
     order by v.plan_code, c.ordinal, c.commitment_code;
end;
comment on function abate.plan_status(date) is
    'Where every commitment of the plans stood on a day: the version in force then, with the newest verdict of that day or before; unknown if it was never judged. on_day is the day of that verdict.';
grant execute on function abate.plan_status(date) to abate_reader, abate_writer;

create or replace view abate.plan_status as
select s.*
  from abate.plan p
 cross join lateral abate.plan_status(abate.day_of(now(), p.utc_offset)) s
 where s.plan_code = p.plan_code;
comment on view abate.plan_status is 'Where every commitment of the plans stands today, one row a commitment; abate.plan_status(day) tells of another day.';
comment on column abate.plan_status.verdict is 'unknown, too, where nothing was judged yet.';
comment on column abate.plan_status.wanted is 'What it wants at its deadline, and path what the way there wants by on_day; both in unit, or 1 where it counts a share.';
comment on column abate.plan_status.crosses_on is 'The day on which the forecast reaches the target.';
comment on column abate.plan_status.subjects is 'Plants, agencies or lines that fall short, with what and why.';
comment on column abate.plan_status.on_day is 'The day of the verdict; null: never judged.';
comment on column abate.plan_status.lead is 'Codes of the agencies that lead it; likewise responsible.';
