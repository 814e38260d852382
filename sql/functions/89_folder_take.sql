-- A folder that was found good, taken over: the register filled up, and what belongs to a plan by 89_plan_load. What is there
-- already is left alone, so that loading again changes nothing.

set local role abate_owner;

create or replace function abate.is_given(file text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return exists (select from pg_temp.incoming_cell i where i.file = is_given.file);
end
$$;
comment on function abate.is_given is 'Whether the folder has the file.';

create or replace function abate.note_taken(file text, added bigint, changed bigint, given bigint, gone bigint default 0) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into pg_temp.folder_taken (file, added, changed, same, gone)
    values (file, added, changed, given - added - changed, gone);
end
$$;
comment on function abate.note_taken is 'Notes what came of the rows of a file: added, changed, and the rest of the given ones as before.';

create or replace function abate.note_given(file text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('select abate.note_taken(%L, count(*) filter (where g.was is null),
                                            count(*) filter (where g.is_changed), count(*)) from pg_temp.%I g',
                   file, abate.given_name(file));
end
$$;
comment on function abate.note_given is 'Notes what came of the rows of a file by what the register had before.';

create or replace function abate.take_register(file text, table_name text, key text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    names text;
    sources text;
    sets text;
begin
    select string_agg(quote_ident(c.target), ', ' order by c.ordinal),
           string_agg('g.' || quote_ident(c.column_name), ', ' order by c.ordinal),
           string_agg(format('%1$I = excluded.%1$I', c.target), ', ' order by c.ordinal)
      into names, sources, sets
      from abate.folder_column c
     where c.file = take_register.file and c.target is not null;
    execute format('insert into abate.%I (%s)
                    select %s from pg_temp.%I g where g.was is null or g.is_changed order by g.line
                    on conflict (%I) do update set %s',
                   table_name, names, sources, abate.given_name(file), key, sets);
end
$$;
comment on function abate.take_register is 'Adds the rows of a file to its table of the register, and changes those that differ.';

create or replace function abate.take_group_sectors() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    added bigint;
    gone bigint;
begin
    delete from abate.sector_group_member m
     where m.group_code in (select g.group_code from pg_temp.given_group_sectors g)
       and not exists (select from pg_temp.given_group_sectors g
                        where g.group_code = m.group_code and g.sector_code = m.sector_code);
    get diagnostics gone = row_count;
    insert into abate.sector_group_member (group_code, sector_code)
    select g.group_code, g.sector_code from pg_temp.given_group_sectors g
    on conflict do nothing;
    get diagnostics added = row_count;
    perform abate.note_taken('group_sectors.csv', added, 0, (select count(*) from pg_temp.given_group_sectors), gone);
end
$$;
comment on function abate.take_group_sectors is 'A group the file names has just the sectors the file gives it.';

create or replace function abate.take_lines() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update abate.line b
       set name_zh = g.name_zh, name_en = g.name_en, line_kind = g.line_kind, size = g.size, is_excepted = g.excepted,
           started_on = g.started_on, retired_on = g.retired_on, source = g.source
      from pg_temp.given_lines g
      join abate.plant p using (plant_code)
     where b.plant_id = p.plant_id and b.line_code = g.line_code and g.is_changed;
    insert into abate.line (plant_id, line_code, name_zh, name_en, line_kind, size, is_excepted, started_on, retired_on, source)
    select p.plant_id, g.line_code, g.name_zh, g.name_en, g.line_kind, g.size, g.excepted, g.started_on, g.retired_on, g.source
      from pg_temp.given_lines g
      join abate.plant p using (plant_code)
     where g.was is null
     order by g.line;
end
$$;
comment on function abate.take_lines is 'Lines of plants, likewise.';

create or replace function abate.take_monitors() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update abate.monitor b
       set plant_id = p.plant_id, line_id = l.line_id, name_zh = g.name_zh, name_en = g.name_en, medium = g.medium,
           utc_offset = g.utc_offset, reference_oxygen = g.reference_oxygen, flow_is_at_stack = g.flow_is_at_stack,
           must_report_from = g.must_report_from, must_report_to = g.must_report_to
      from pg_temp.given_monitors g
      join abate.plant p using (plant_code)
      left join abate.line l on l.plant_id = p.plant_id and l.line_code = g.line_code
     where b.monitor_code = g.monitor_code and g.is_changed;
    insert into abate.monitor (monitor_code, plant_id, line_id, name_zh, name_en, medium, utc_offset, reference_oxygen,
                               flow_is_at_stack, must_report_from, must_report_to)
    select g.monitor_code, p.plant_id, l.line_id, g.name_zh, g.name_en, g.medium, g.utc_offset, g.reference_oxygen,
           g.flow_is_at_stack, g.must_report_from, g.must_report_to
      from pg_temp.given_monitors g
      join abate.plant p using (plant_code)
      left join abate.line l on l.plant_id = p.plant_id and l.line_code = g.line_code
     where g.was is null
     order by g.line;
end
$$;
comment on function abate.take_monitors is 'Monitors, likewise.';

create or replace function abate.take_series() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.feed (monitor_id, period)
    select m.monitor_id, g.period
      from pg_temp.given_series g
      join abate.monitor m using (monitor_code)
     where g.was is null and not exists (select from abate.feed f where f.monitor_id = m.monitor_id and f.period = g.period)
     group by m.monitor_id, g.period
     order by min(g.line);
    -- What is stored keeps its unit: what the device sends from now on is another.
    update abate.series s
       set sent_unit = nullif(g.unit, s.unit)
      from pg_temp.given_series g
      join abate.monitor m using (monitor_code)
      join abate.feed f on f.monitor_id = m.monitor_id and f.period = g.period
     where s.feed_id = f.feed_id and s.parameter_code = g.parameter_code and s.statistic = g.statistic
       and g.is_changed;
    insert into abate.series (feed_id, parameter_code, statistic, unit)
    select f.feed_id, g.parameter_code, g.statistic, coalesce(g.unit, p.unit)
      from pg_temp.given_series g
      join abate.monitor m using (monitor_code)
      join abate.feed f on f.monitor_id = m.monitor_id and f.period = g.period
      join abate.parameter p on p.parameter_code = g.parameter_code
     where g.was is null
     order by g.line;
end
$$;
comment on function abate.take_series is
    'Series, and the feeds they are of; of one that is there the unit that is sent may be another.';

create or replace function abate.take_contacts() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update abate.contact b
       set hears_region = g.hears_region, language = g.language, mail = g.mail, phone = g.phone, is_active = g.is_active
      from pg_temp.given_contacts g
      left join abate.plant p using (plant_code)
     where b.name = g.name and b.plant_id is not distinct from p.plant_id and b.agency_code is not distinct from g.agency_code
       and g.is_changed;
    insert into abate.contact (name, plant_id, agency_code, hears_region, language, mail, phone, is_active)
    select g.name, p.plant_id, g.agency_code, g.hears_region, g.language, g.mail, g.phone, g.is_active
      from pg_temp.given_contacts g
      left join abate.plant p using (plant_code)
     where g.was is null
     order by g.line;
end
$$;
comment on function abate.take_contacts is 'Contacts, likewise: one of a plant or an agency is known by its name.';

create or replace function abate.take_routes() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    create temporary table route_given on commit drop as
    select g.*, p.plant_id, c.contact_id,
           case when (g.valid_from, g.utc_offset) = (abate.day_of(b.valid_from, b.utc_offset), b.utc_offset) then b.valid_from
                else abate.day_begins(g.valid_from, g.utc_offset) end as begins,
           case when (g.valid_to, g.utc_offset) = (abate.day_of(b.valid_to, b.utc_offset), b.utc_offset) then b.valid_to
                else abate.day_begins(g.valid_to, g.utc_offset) end as ends
      from pg_temp.given_routes g
      left join abate.plant p using (plant_code)
      left join abate.contact c on g.hears = 'contact' and c.name = g.contact_name
      left join abate.route b on b.name = g.name and b.channel_name = g.channel_name;
    update abate.route b
       set ordinal = g.ordinal, kinds = g.kinds, rules = g.rules, severities = g.severities, step = g.step,
           region_code = g.region_code, sector_code = g.sector_code, plant_id = g.plant_id, agency_code = g.agency_code,
           weekdays = g.weekdays, from_time = g.from_time, to_time = g.to_time, utc_offset = g.utc_offset,
           valid_from = g.begins, valid_to = g.ends, hears = g.hears, contact_id = g.contact_id,
           template_code = g.template_code, stops = g.stops, is_last = g.is_last, source = g.source,
           source_date = g.source_date, confirmed_by = g.confirmed_by
      from pg_temp.route_given g
     where b.name = g.name and b.channel_name = g.channel_name and g.is_changed;
    insert into abate.route (ordinal, name, kinds, rules, severities, step, region_code, sector_code, plant_id, agency_code,
                             weekdays, from_time, to_time, utc_offset, valid_from, valid_to, hears, contact_id, channel_name,
                             template_code, stops, is_last, source, source_date, confirmed_by)
    select ordinal, name, kinds, rules, severities, step, region_code, sector_code, plant_id, agency_code,
           weekdays, from_time, to_time, utc_offset, begins, ends, hears, contact_id, channel_name,
           template_code, stops, is_last, source, source_date, confirmed_by
      from pg_temp.route_given g
     where was is null
     order by line;
    drop table pg_temp.route_given;
end
$$;
comment on function abate.take_routes is 'Routes, likewise: one is known by its name and channel. A day that stays is the instant there is: a person may have entered one within it.';

create or replace function abate.cell_text(value jsonb) returns text
language sql immutable parallel safe
return case jsonb_typeof(value)
       when 'array' then (select string_agg(part, '|' order by n) from jsonb_array_elements_text(value) with ordinality p (part, n))
       when 'boolean' then case when value::boolean then 'yes' else 'no' end
       else value #>> '{}' end;
comment on function abate.cell_text is 'A value as a cell of a folder has it.';

create or replace function abate.folder_change()
returns table (file text, line int, column_name text, was text, becomes text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    f record;
begin
    for f in select * from abate.folder_file p where p.known is not null and abate.is_given(p.file) order by p.ordinal loop
        return query execute format('
            select %1$L, g.line, c.column_name, abate.cell_text(g.was -> c.column_name), abate.cell_text(to_jsonb(g) -> c.column_name)
              from pg_temp.%2$I g
              join abate.folder_column c on c.file = %1$L
             where g.is_changed and g.was -> c.column_name <> to_jsonb(g) -> c.column_name
             order by g.line, c.ordinal', f.file, abate.given_name(f.file));
    end loop;
end
$$;
comment on function abate.folder_change is 'What a folder that was found good makes of what the register has, cell by cell.';

create or replace function abate.take_folder()
returns table (plan_code text, version int, is_new boolean, commitments int, file text, added int, changed int, same int, gone int)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    f record;
    has_new_version boolean := false;
begin
    if exists (select from pg_temp.folder_fault) or to_regclass('pg_temp.given_plan') is null then
        raise exception 'this folder was not found good' using hint = 'Call abate.check_folder() first, and mend what it says.';
    end if;
    for f in select p.* from abate.folder_file p where abate.is_given(p.file) order by p.ordinal loop
        if f.known is not null then
            perform abate.note_given(f.file);
        end if;
        case
        when f.table_name is not null then perform abate.take_register(f.file, f.table_name, f.code_column);
        when f.file = 'group_sectors.csv' then perform abate.take_group_sectors();
        when f.file = 'lines.csv' then perform abate.take_lines();
        when f.file = 'monitors.csv' then perform abate.take_monitors();
        when f.file = 'series.csv' then perform abate.take_series();
        when f.file = 'contacts.csv' then perform abate.take_contacts();
        when f.file = 'routes.csv' then perform abate.take_routes();
        when f.file = 'limits.csv' then perform abate.take_limits();
        when f.file = 'commitments.csv' then has_new_version := abate.take_text();
        when f.file = 'baselines.csv' then perform abate.take_baselines();
        when f.file = 'figures.csv' then perform abate.take_figures();
        when f.file = 'milestones.csv' then perform abate.take_milestones();
        when f.file = 'subjects.csv' then null; -- a part of the text
        end case;
    end loop;
    return query
    select v.plan_code, v.version, has_new_version,
           (select count(*)::int from abate.commitment_version c where c.plan_version_id = v.plan_version_id),
           t.file, t.added, t.changed, t.same, t.gone
      from pg_temp.folder_taken t
      left join pg_temp.given_plan g on true
      left join lateral (
           select v.* from abate.plan_version v
            where v.plan_code = g.plan_code
            order by v.issued = coalesce(g.issued, v.issued) desc, v.issued desc, v.version desc
            limit 1
           ) v on true
     order by t.ordinal;
end
$$;
comment on function abate.take_folder is
    'Loads the folder that abate.check_folder() found good, and says of each file how many rows are new, changed, as before, or gone; and of a plan''s folder which version of the plan it is.';
