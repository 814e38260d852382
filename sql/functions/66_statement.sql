-- What agencies say by message: figures of indicators, milestones of commitments. Some a day: read one by one, in the order
-- they came, and what is wrong with one is said of that one.
--
-- A fault is an error AB004, caught where statements are taken: its text is the reason in rejected_message. So is AB006: nothing
-- is wrong with the statement, but a later one is on record.
--
-- A message may come to be read later than those behind it, once or once more (abatectl rejects retry): what it said counts from
-- its place in the journal, and what a later one has said stays. Who takes a statement keeps others of its indicator or plan
-- waiting, or the two would not see each other.

set local role abate_owner;

create or replace function abate.statement_fault(reason text) returns void
language plpgsql as $$
begin
    raise exception '%', reason using errcode = 'AB004';
end
$$;
comment on function abate.statement_fault is 'Ends the reading of a statement, with the reason.';

create or replace function abate.statement_outdone() returns void
language plpgsql as $$
begin
    raise exception 'a later statement is on record' using errcode = 'AB006';
end
$$;
comment on function abate.statement_outdone is 'Ends the reading of a statement that what came later has outdone.';

create or replace function abate.statement_quote(said text) returns text
language sql immutable
return '"' || left(said, 80) || case when length(said) > 80 then '...' else '' end || '"';
comment on function abate.statement_quote is 'What was said, for a reason: not all of it, if it is long.';

create or replace function abate.statement_text(said jsonb, name text, must boolean default false) returns text
language plpgsql as $$
declare
    kind constant text := jsonb_typeof(said -> name);
begin
    if kind is null or (kind = 'null' and not must) then
        if must then
            perform abate.statement_fault(format('"%s": missing', name));
        end if;
        return null;
    elsif kind <> 'string' then
        perform abate.statement_fault(format('"%s": not a text but %s', name, said -> name));
    elsif btrim(said ->> name) = '' then
        perform abate.statement_fault(format('"%s": empty', name));
    end if;
    return said ->> name;
end
$$;
comment on function abate.statement_text is 'A member that is a text if it is there.';

create or replace function abate.statement_date(said jsonb, name text, must boolean default false) returns date
language plpgsql as $$
declare
    word constant text := abate.statement_text(said, name, must);
begin
    if word is null then
        return null;
    elsif word !~ '^(19|20|21)\d\d-\d\d-\d\d$' then
        perform abate.statement_fault(format('"%s": %s is no day such as "2019-07-01"', name, abate.statement_quote(word)));
    end if;
    return word::date;
exception
    when datetime_field_overflow then
        perform abate.statement_fault(format('"%s": there is no day "%s"', name, word));
end
$$;
comment on function abate.statement_date is 'A member that is a day if it is there.';

create or replace function abate.statement_month(said jsonb, name text) returns date
language plpgsql as $$
declare
    word constant text := abate.statement_text(said, name);
begin
    if word !~ '^(19|20|21)\d\d-(0[1-9]|1[0-2])$' then
        perform abate.statement_fault(format('"%s": %s is no month such as "2019-07"', name, abate.statement_quote(word)));
    end if;
    return (word || '-01')::date;
end
$$;
comment on function abate.statement_month is 'The first day of a member that is a month; null if it is not there.';

create or replace function abate.statement_members(said jsonb, known text[]) returns void
language plpgsql as $$
declare
    strange constant text := (select min(k) from jsonb_object_keys(said) k where k <> all (known));
begin
    if strange is not null then
        perform abate.statement_fault(format('%s: unknown; known are %s', abate.statement_quote(strange),
                                             array_to_string(known, ', ')));
    end if;
end
$$;
comment on function abate.statement_members is 'A member nobody knows may be one that was meant: it is a fault.';

create or replace function abate.statement_period(said jsonb, out period_from date, out period_to date)
language plpgsql as $$
declare
    year constant jsonb := said -> 'year';
begin
    if (said ? 'year')::int + (said ? 'month')::int + (said ? 'from' or said ? 'to')::int <> 1 then
        perform abate.statement_fault('the period: wanted is one of "year", "month", or "from" and "to"');
    elsif said ? 'year' then
        if jsonb_typeof(year) <> 'number' or year #>> '{}' !~ '^(19|20|21)\d\d$' then
            perform abate.statement_fault(format('"year": %s is no year such as 2019', left(year::text, 80)));
        end if;
        period_from := make_date((year #>> '{}')::int, 1, 1);
        period_to := period_from + interval '1 year';
    elsif said ? 'month' then
        period_from := abate.statement_month(said, 'month');
        if period_from is null then
            perform abate.statement_fault('"month": null is no month such as "2019-07"');
        end if;
        period_to := period_from + interval '1 month';
    else
        period_from := abate.statement_date(said, 'from', true);
        period_to := abate.statement_date(said, 'to', true);
        if period_to <= period_from then
            perform abate.statement_fault('"to": is not after "from": it is the first day after the period');
        elsif extract(day from period_from) = 1 and extract(day from period_to) <> 1
              and extract(day from period_to + 1) = 1 then
            perform abate.statement_fault(format('"to": %s is the last day of a month; it must be the first day after the period, %s',
                                                 period_to, period_to + 1));
        end if;
    end if;
end
$$;
comment on function abate.statement_period is 'The period of a figure: "year", "month", or "from" and "to", the first day after it.';

drop function if exists abate.take_figure(text, smallint, bigint, timestamptz, jsonb); -- once it returned nothing
create or replace function abate.take_figure(agency text, journal_id smallint, "position" bigint, arrived timestamptz,
                                             said jsonb) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    figure abate.indicator_value;
    wanted abate.indicator;
    unit   constant text := abate.statement_text(said, 'unit', true);
    is_there boolean;
    is_late  boolean;
begin
    perform abate.statement_members(said, '{indicator,region,year,month,from,to,value,unit,source,author}');
    select * into wanted from abate.indicator i where i.indicator_code = abate.statement_text(said, 'indicator', true)
       for no key update;
    if not found then
        perform abate.statement_fault('"indicator": no such indicator: ' || abate.statement_quote(said ->> 'indicator'));
    end if;
    figure.region_code := coalesce(abate.statement_text(said, 'region'),
                                   (select a.region_code from abate.agency a where a.agency_code = take_figure.agency));
    if figure.region_code is null then
        perform abate.statement_fault('"region": missing');
    elsif not exists (select from abate.region r where r.region_code = figure.region_code) then
        perform abate.statement_fault('"region": no such region: ' || abate.statement_quote(figure.region_code));
    elsif unit <> wanted.unit then
        perform abate.statement_fault(format('"unit": %s, but "%s" is in "%s"', abate.statement_quote(unit),
                                             wanted.indicator_code, wanted.unit));
    elsif jsonb_typeof(said -> 'value') is distinct from 'number' then
        perform abate.statement_fault('"value": ' || coalesce('not a number but ' || left((said -> 'value')::text, 80), 'missing'));
    end if;
    select p.period_from, p.period_to into figure.period_from, figure.period_to from abate.statement_period(said) p;
    if figure.period_from > arrived::date then
        perform abate.statement_fault(format('the period has not begun when this came: %s', figure.period_from));
    end if;
    figure.value := (said -> 'value')::float8;
    figure.source := coalesce(abate.statement_text(said, 'source'), 'message of ' || agency);
    figure.author := coalesce(abate.statement_text(said, 'author'), agency);

    -- Delivered twice, or said again: it counts already. Read anew: it is there, whatever has been said since.
    select (array_agg(k.is_same order by k.recorded desc, k.indicator_value_id desc))[1] or bool_or(k.is_same and k.is_of_this),
           bool_or(k.is_later)
      into is_there, is_late
      from (select v.recorded, v.indicator_value_id,
                   (v.value, v.source, v.author, v.agency_code)
                   is not distinct from (figure.value, figure.source, figure.author, agency) as is_same,
                   v.journal_id = take_figure.journal_id and v.position = take_figure.position and v.recorded < now() as is_of_this,
                   case when v.journal_id = take_figure.journal_id then v.position > take_figure.position
                        else v.reported > arrived end as is_later
              from abate.indicator_value v
             where v.indicator_code = wanted.indicator_code and v.region_code = figure.region_code
               and v.period_from = figure.period_from and v.period_to = figure.period_to) k;
    if is_there then
        return false;
    elsif is_late then
        perform abate.statement_outdone();
    end if;
    insert into abate.indicator_value (indicator_code, region_code, agency_code, period_from, period_to, value, source,
                                       author, reported, journal_id, position)
    values (wanted.indicator_code, figure.region_code, agency, figure.period_from, figure.period_to, figure.value,
            figure.source, figure.author, arrived, take_figure.journal_id, take_figure.position);
    return true;
end
$$;
comment on function abate.take_figure is
    'A figure an agency reports, into indicator_value, unless it is the one that counts already. Returns whether it is new.';

-- Who has nothing to do with a commitment does not speak of it.
create or replace function abate.statement_commitment(agency text, said jsonb) returns abate.commitment_version
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    plan constant text := abate.statement_text(said, 'plan', true);
    code constant text := abate.statement_text(said, 'commitment', true);
    c    abate.commitment_version;
begin
    if not exists (select from abate.plan p where p.plan_code = plan) then
        perform abate.statement_fault('"plan": no such plan: ' || abate.statement_quote(plan));
    end if;
    select v.* into c
      from abate.commitment_version v
     where v.commitment_code = code
       and v.plan_version_id = (select n.plan_version_id from abate.plan_version n where n.plan_code = plan
                                 order by n.version desc limit 1);
    if not found then
        perform abate.statement_fault(format('"commitment": plan "%s" has no %s', plan, abate.statement_quote(code)));
    elsif exists (select from abate.commitment_agency a where a.commitment_id = c.commitment_id)
          and not exists (select from abate.commitment_agency a
                           where a.commitment_id = c.commitment_id and a.agency_code = agency)
          and not exists (select from abate.commitment_subject s
                           where s.commitment_id = c.commitment_id and s.agency_code = agency) then
        perform abate.statement_fault(format('"commitment": "%s" is not for agency "%s" to report on', code, agency));
    end if;
    return c;
end
$$;
comment on function abate.statement_commitment is 'The commitment a statement speaks of, in the newest version of its plan.';

create or replace function abate.statement_line(said jsonb, out plant_id int, out line_id int)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    plant constant text := abate.statement_text(said, 'plant');
    line  constant text := abate.statement_text(said, 'line');
begin
    if line is not null and plant is null then
        perform abate.statement_fault('"line": needs its "plant"');
    elsif plant is null then
        return;
    end if;
    select p.plant_id into plant_id from abate.plant p where p.plant_code = plant;
    if not found then
        perform abate.statement_fault('"plant": no such plant: ' || abate.statement_quote(plant));
    elsif line is not null then
        select l.line_id into line_id from abate.line l where l.plant_id = statement_line.plant_id and l.line_code = line;
        if not found then
            perform abate.statement_fault(format('"line": plant "%s" has no line %s', plant, abate.statement_quote(line)));
        end if;
        plant_id := null;
    end if;
end
$$;
comment on function abate.statement_line is 'The plant or the line a statement speaks of, if it does.';

-- What it does not mention stays as it was; null takes back.
drop function if exists abate.take_milestone(text, smallint, bigint, timestamptz, jsonb); -- once it returned nothing
create or replace function abate.take_milestone(agency text, journal_id smallint, "position" bigint, arrived timestamptz,
                                                said jsonb) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    c    abate.commitment_version;
    old  abate.milestone;
    mark abate.milestone;
    is_there boolean;
    is_late  boolean;
begin
    perform abate.statement_members(said, '{plan,commitment,plant,line,month,started,done,kept,evidence,source,author}');
    c := abate.statement_commitment(agency, said);
    select l.plant_id, l.line_id into mark.plant_id, mark.line_id from abate.statement_line(said) l;
    if c.subject = 'agency' and num_nonnulls(mark.plant_id, mark.line_id) = 0 then
        mark.agency_code := agency;
    end if;
    mark.period_from := abate.statement_month(said, 'month');
    if not said ?| '{started,done,kept,evidence}' then
        perform abate.statement_fault('says nothing: wanted is "started", "done", "kept" or "evidence"');
    elsif jsonb_typeof(said -> 'kept') not in ('boolean', 'null') then
        perform abate.statement_fault(format('"kept": neither true nor false but %s', left((said -> 'kept')::text, 80)));
    end if;

    perform from abate.plan p where p.plan_code = said ->> 'plan' for no key update;
    select m.* into old from abate.milestone m
     where m.plan_code = said ->> 'plan' and m.commitment_code = c.commitment_code
       and (m.plant_id, m.agency_code, m.line_id, m.period_from)
           is not distinct from (mark.plant_id, mark.agency_code, mark.line_id, mark.period_from)
     order by m.recorded desc, m.milestone_id desc limit 1;
    mark.started := case when said ? 'started' then abate.statement_date(said, 'started') else old.started end;
    mark.done := case when said ? 'done' then abate.statement_date(said, 'done') else old.done end;
    mark.is_kept := case when said ? 'kept' then (said ->> 'kept')::boolean else old.is_kept end;
    mark.evidence := case when said ? 'evidence' then abate.statement_text(said, 'evidence') else old.evidence end;
    mark.source := coalesce(abate.statement_text(said, 'source'), 'message of ' || agency);
    mark.author := coalesce(abate.statement_text(said, 'author'), agency);
    -- Read anew: it is there, or may have been outdone. A row that only sets a date due says nothing.
    select bool_or(k.is_of_this and (k.source, k.author) = (mark.source, mark.author)
                   and (k.started is not distinct from mark.started or not said ? 'started')
                   and (k.done is not distinct from mark.done or not said ? 'done')
                   and (k.is_kept is not distinct from mark.is_kept or not said ? 'kept')
                   and (k.evidence is not distinct from mark.evidence or not said ? 'evidence')),
           bool_or(k.is_later)
      into is_there, is_late
      from (select m.*,
                   m.journal_id = take_milestone.journal_id and m.position = take_milestone.position
                   and m.recorded < now() as is_of_this,
                   case when m.journal_id = take_milestone.journal_id then m.position > take_milestone.position
                        else m.recorded > arrived and num_nonnulls(m.started, m.done, m.is_kept, m.evidence) > 0 end as is_later
              from abate.milestone m
             where m.plan_code = said ->> 'plan' and m.commitment_code = c.commitment_code
               and (m.plant_id, m.agency_code, m.line_id, m.period_from)
                   is not distinct from (mark.plant_id, mark.agency_code, mark.line_id, mark.period_from)) k;
    if is_there then
        return false;
    elsif is_late then
        perform abate.statement_outdone();
    end if;
    if greatest(mark.started, mark.done) > arrived::date + 1 then -- the day may have begun further east
        perform abate.statement_fault('"started", "done": lie in the future');
    elsif mark.done < mark.started then
        perform abate.statement_fault(format('"done": %s is before "started", %s', mark.done, mark.started));
    end if;
    if (mark.started, mark.done, mark.is_kept, mark.evidence, mark.source, mark.author)
       is not distinct from (old.started, old.done, old.is_kept, old.evidence, old.source, old.author) then
        return false;
    end if;
    insert into abate.milestone (plan_code, commitment_code, plant_id, agency_code, line_id, period_from, due, started,
                                 done, is_kept, evidence, source, author, journal_id, position)
    values (said ->> 'plan', c.commitment_code, mark.plant_id, mark.agency_code, mark.line_id, mark.period_from, old.due,
            mark.started, mark.done, mark.is_kept, mark.evidence, mark.source, mark.author, take_milestone.journal_id,
            take_milestone.position);
    return true;
end
$$;
comment on function abate.take_milestone is
    'What an agency reports of a commitment, into milestone, unless it is on record already. What it does not mention stays as it was. Returns whether it is new.';

drop function if exists abate.take_statement(text, smallint, bigint, timestamptz, jsonb); -- once it returned the fault alone
create or replace function abate.take_statement(agency text, journal_id smallint, "position" bigint, arrived timestamptz,
                                                said jsonb, out fault text, out is_new boolean, out is_outdone boolean)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if jsonb_typeof(said) <> 'object' then
        fault := ': not an object but ' || left(said::text, 80);
    elsif said ? 'indicator' and said ? 'commitment' then
        fault := ': either "indicator" or "commitment", not both';
    elsif said ? 'indicator' then
        is_new := abate.take_figure(agency, journal_id, position, arrived, said);
    elsif said ? 'commitment' then
        is_new := abate.take_milestone(agency, journal_id, position, arrived, said);
    else
        fault := ': neither "indicator" nor "commitment"';
    end if;
exception
    when others then
        -- Faults, and what PostgreSQL thinks of the values; but a lock or a full disk is not the statement's fault.
        if sqlstate !~ '^(AB004|AB006|22|23)' then
            raise;
        end if;
        is_outdone := sqlstate = 'AB006';
        fault := case when sqlerrm ~ '^"' then '.' else ': ' end || sqlerrm;
end
$$;
comment on function abate.take_statement is 'Takes one statement, unless it is on record already, or says why not: what stands behind its place in the message.';

create or replace function abate.statements_of(payload text) returns jsonb
language plpgsql as $$
declare
    said jsonb;
begin
    said := payload::jsonb;
    return case jsonb_typeof(said) when 'array' then said else jsonb_build_array(said) end;
exception
    when data_exception then
        return null;
end
$$;
comment on function abate.statements_of is 'The statements of a message, as an array; null if PostgreSQL cannot read it.';

drop function if exists abate.take_message(record); -- once it told less
create or replace function abate.take_message(m record, out reason text, out faults int, out kept int, out same int,
                                              out outdone int)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    said    constant jsonb := abate.statements_of(m.payload);
    is_list constant boolean := ltrim(m.payload, e' \t\r\n') like '[%';
    one     record;
begin
    faults := 0;
    kept := 0;
    same := 0;
    outdone := 0;
    if not exists (select from abate.agency a where a.agency_code = m.agency) then
        reason := format('no such agency: %s, which the topic names', abate.statement_quote(m.agency));
        faults := 1;
        return;
    elsif said is null then
        reason := 'PostgreSQL cannot read it as JSON';
        faults := 1;
        return;
    end if;
    for i in 0 .. jsonb_array_length(said) - 1 loop
        select * into one from abate.take_statement(m.agency, m.journal_id, m.position, m.arrived, said -> i);
        if one.fault is null then
            kept := kept + 1;
            same := same + (not one.is_new)::int;
            continue;
        end if;
        faults := faults + 1;
        outdone := outdone + coalesce(one.is_outdone, false)::int;
        reason := coalesce(reason, case when is_list then format('[%s]', i) || one.fault else regexp_replace(one.fault, '^(\.|: )', '') end);
    end loop;
end
$$;
comment on function abate.take_message is 'Takes the statements of a message. Returns the reason of the first fault, and how many were left out and taken, of these were on record already, and of those are outdone by what came later.';

drop function if exists abate.take_statements(); -- once it told less
create or replace function abate.take_statements(out taken int, out refused int, out same int, out outdone int)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    m    record;
    said record;
begin
    perform abate.check_session();
    taken := 0;
    refused := 0;
    same := 0;
    outdone := 0;
    for m in select * from pg_temp.incoming_statement i order by i.position loop
        select * into said from abate.take_message(m);
        taken := taken + said.kept;
        same := same + said.same;
        if said.faults > 0 then
            refused := refused + 1;
            outdone := outdone + (said.outdone = said.faults)::int;
            insert into pg_temp.incoming_reject (journal_id, position, arrived, broker, topic, payload, reason, faults, kept, source)
            values (m.journal_id, m.position, m.arrived, m.broker, m.topic, convert_to(m.payload, 'UTF8'), said.reason,
                    said.faults, said.kept, m.agency);
        end if;
    end loop;
end
$$;
comment on function abate.take_statements is
    'Takes pg_temp.incoming_statement: figures into indicator_value, milestones into milestone, what is wrong into pg_temp.incoming_reject, for take_rejects(). Returns how many statements were taken, messages with faults, how many of the statements were on record already, and how many of those messages lack nothing but what is outdone by what came later.';
grant execute on function abate.take_statements to abate_writer;
