-- A folder as it came, a plan's or one of the register, cell by cell: checked whole, with a word for everything that is wrong.
--
--     incoming_cell --read--> incoming_row --give--> given_<file> --rules--> folder_fault
--     (texts)                 (good cells)           (typed, with what the register knows)
--
-- All run with the caller's rights, who must be abate_owner: whoever loads a plan may write all it changes.

set local role abate_owner;

-- These had other names when only plans came in folders.
drop function if exists abate.prepare_plan_load(), abate.check_plan(), abate.check_plan_files(), abate.check_plan_cells(),
    abate.check_plan_references(), abate.check_plan_rows(), abate.give_plan_rows(), abate.take_plan();
drop view if exists abate.plan_folder_rule, abate.plan_folder_column, abate.plan_folder_type, abate.plan_folder_file;

create or replace function abate.prepare_folder(kind text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    f text;
begin
    if not exists (select from abate.folder_file where kind = any (folders)) then
        raise exception 'there are no folders of kind "%"', kind using errcode = 'invalid_parameter_value';
    end if;
    lock table abate.plan_version in share row exclusive mode; -- one loads at a time
    drop table if exists pg_temp.incoming_folder, pg_temp.incoming_cell, pg_temp.incoming_row, pg_temp.folder_fault, pg_temp.folder_taken;
    for f in select file from abate.folder_file loop
        execute format('drop table if exists pg_temp.%I', abate.given_name(f));
    end loop;
    create temporary table incoming_folder on commit drop as select prepare_folder.kind;
    create temporary table incoming_cell (file text not null, line int, column_name text, text text, fault text)
        on commit drop;
    create temporary table incoming_row (file text not null, line int not null, cells jsonb not null,
                                         primary key (file, line)) on commit drop;
    create temporary table folder_fault (file text not null, line int, column_name text, message text not null)
        on commit drop;
    create temporary table folder_taken (ordinal int generated always as identity, file text not null,
                                       added int not null, changed int not null, same int not null, gone int not null)
        on commit drop;
end
$$;
comment on function abate.prepare_folder is
    'Makes the temporary tables of one loading of a folder, a plan''s ("plan") or one of the register ("register"). Into incoming_cell go a row for each column of a header (text and fault null), for each cell that is not empty, and for each fault found in reading.';

create or replace function abate.is_folder(kind text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return exists (select from pg_temp.incoming_folder i where i.kind = is_folder.kind);
end
$$;
comment on function abate.is_folder is 'Whether the folder at hand is of this kind.';

create or replace function abate.is_of_folder(file text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return exists (select from abate.folder_file f join pg_temp.incoming_folder i on i.kind = any (f.folders)
                    where f.file = is_of_folder.file);
end
$$;
comment on function abate.is_of_folder is 'Whether a folder of the kind at hand may have the file.';

create or replace function abate.given_name(file text) returns text
language sql immutable parallel safe
return 'given_' || split_part(file, '.', 1);
comment on function abate.given_name is 'The temporary table that has the rows of a file of the folder.';

create or replace function abate.is_date(text text) returns boolean
language sql immutable parallel safe
return case when text !~ '^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}$' then false
            else right(text, 2)::int between 1 and extract(day from (left(text, 7) || '-01')::date + interval '1 month - 1 day') end;
comment on function abate.is_date is 'Whether this is a day of the calendar, written YYYY-MM-DD.';

create or replace function abate.cell_shown(text text) returns text
language sql immutable parallel safe
return '"' || case when length(text) > 40 then left(text, 37) || '...' else text end || '"';
comment on function abate.cell_shown is 'A cell as an error names it: in quotes, and not too long.';

create or replace function abate.check_folder_files() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    is_plan constant boolean := abate.is_folder('plan');
    is_addition constant boolean := not exists (select from pg_temp.incoming_cell where file = 'commitments.csv');
begin
    insert into pg_temp.folder_fault
    select file, line, column_name, fault from pg_temp.incoming_cell where fault is not null;

    insert into pg_temp.folder_fault
    select distinct i.file, null::int, null, 'is no file of ' || case when is_plan then 'a plan' else 'the register' end
                                             || ': rename it, or take it away'
      from pg_temp.incoming_cell i
     where not abate.is_of_folder(i.file);

    insert into pg_temp.folder_fault
    select 'plan.csv', null, null, 'is missing: a folder says which plan it is of'
     where is_plan and not exists (select from pg_temp.incoming_cell where file = 'plan.csv');

    insert into pg_temp.folder_fault
    select i.file, i.line, i.column_name, case count(*) when 1 then 'is not known here: rename it, or take it away'
                                                        else 'stands there ' || count(*) || ' times' end
      from pg_temp.incoming_cell i
      left join abate.folder_column c on c.file = i.file and c.column_name = i.column_name and not (is_plan and c.is_of_register)
     where i.text is null and i.fault is null and i.file in (select file from abate.folder_file)
     group by i.file, i.line, i.column_name
    having count(*) > 1 or count(c.file) = 0;

    insert into pg_temp.folder_fault
    select c.file, min(i.line), c.column_name, 'is missing: add it, its cells may be empty'
      from abate.folder_column c
      join pg_temp.incoming_cell i on i.file = c.file and i.text is null and i.fault is null
     where is_plan and not c.is_of_register and not (is_addition and c.file = 'plan.csv' and c.column_name <> 'plan_code')
     group by c.file, c.column_name, c.ordinal
    having count(*) filter (where i.column_name = c.column_name) = 0
     order by c.ordinal;
end
$$;
comment on function abate.check_folder_files is 'The folder''s files and their columns. Without commitments.csv plan.csv needs plan_code alone; in the register those columns may be missing whose cells need nothing.';

create or replace function abate.check_folder_cells() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    create temporary table folder_cell on commit drop as
    select i.file, i.line, i.column_name, t.is_list, c.refers, t.type, t.longest, t.pattern, c.choices, t.wanted, part.text, part.n
      from pg_temp.incoming_cell i
      join abate.folder_column c on c.file = i.file and c.column_name = i.column_name
      join abate.folder_type t on t.type = c.type
     cross join lateral (
           select btrim(p.text, e' \t\r\n') as text, p.n
             from string_to_table(i.text, case when t.is_list then '|' end) with ordinality p (text, n)
            where t.is_list
            union all
           select btrim(i.text, e' \t\r\n'), 1 where not t.is_list
           ) part
     where i.text is not null and btrim(i.text, e' \t\r\n') <> '';

    insert into pg_temp.folder_fault
    select file, line, column_name,
           case when choices is not null
                then abate.cell_shown(text) || ' is none of these: ' || array_to_string(choices, ', ')
                when length(text) > longest then abate.cell_shown(text) || ' is longer than ' || longest || ' characters: shorten it'
                else abate.cell_shown(text) || ' is no ' || wanted end
      from pg_temp.folder_cell
     where case when choices is not null then not text = any (choices) else length(text) > longest or text !~ pattern end
        or (type = 'date' and not abate.is_date(text));

    insert into pg_temp.folder_fault
    select file, line, column_name, abate.cell_shown(text) || ' stands there twice'
      from pg_temp.folder_cell
     where is_list
     group by file, line, column_name, text
    having count(*) > 1;

    insert into pg_temp.incoming_row
    select file, line, jsonb_object_agg(column_name, cell)
      from (select file, line, column_name,
                   case when bool_or(is_list) then jsonb_agg(text order by n) else to_jsonb(min(text)) end as cell
              from pg_temp.folder_cell p
             where not exists (select from pg_temp.folder_fault f
                                where f.file = p.file and f.line = p.line and f.column_name = p.column_name)
             group by file, line, column_name) c
     group by file, line;
end
$$;
comment on function abate.check_folder_cells is 'Each cell by the type of its column; the good ones make incoming_row.';

create or replace function abate.check_folder_references() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    create temporary table folder_known (what text not null, code text not null) on commit drop;
    insert into pg_temp.folder_known
    select 'region', region_code from abate.region
     union all select 'agency', agency_code from abate.agency
     union all select 'sector', sector_code from abate.sector
     union all select 'group', group_code from abate.sector_group
     union all select 'line kind', line_kind from abate.line_kind
     union all select 'park', park_code from abate.park
     union all select 'plant', plant_code from abate.plant
     union all select 'indicator', indicator_code from abate.indicator
     union all select 'parameter', parameter_code from abate.parameter
     union all select 'monitor', monitor_code from abate.monitor
     union all select 'channel', channel_name from abate.channel
     union all select 'severity', severity from abate.severity
     union all select 'kind of commitment', kind from abate.commitment_kind
     union all
    select f.defines, p.text
      from pg_temp.folder_cell p
      join abate.folder_file f on f.file = p.file and f.code_column = p.column_name;
    if not exists (select from pg_temp.incoming_cell where file = 'commitments.csv') then
        insert into pg_temp.folder_known
        select 'commitment', c.commitment_code
          from pg_temp.folder_cell p
          join abate.plan_version v on v.plan_code = p.text
          join abate.commitment_version c using (plan_version_id)
         where p.file = 'plan.csv' and p.column_name = 'plan_code';
    end if;

    insert into pg_temp.folder_fault
    select p.file, p.line, p.column_name,
           case
           when p.refers in ('kind of commitment', 'severity', 'channel')
           then abate.cell_shown(p.text) || ' is no ' || p.refers || '; there are '
                || coalesce((select string_agg(k.code, ', ' order by k.code) from pg_temp.folder_known k where k.what = p.refers), 'none')
           when p.refers = 'parameter' then abate.cell_shown(p.text) || ' is no parameter: mend it, or add it to abate.parameter first'
           when p.refers = 'commitment' then abate.cell_shown(p.text) || ' is no commitment of this plan'
           else abate.cell_shown(p.text) || ' is no ' || p.refers || ' of this folder or the register: mend it, or add it to ' || f.file
           end
      from pg_temp.folder_cell p
      left join abate.folder_file f on f.defines = p.refers
     where p.refers is not null
       and not exists (select from pg_temp.folder_known k where k.what = p.refers and k.code = p.text)
       and not exists (select from pg_temp.folder_fault x
                        where x.file = p.file and x.line = p.line and x.column_name = p.column_name);

    insert into pg_temp.folder_fault
    select file, line, key_columns[1],
           'stands there a second time with the same ' || array_to_string(key_columns, ', ') || ': first in line ' || first_line
      from (select r.file, r.line, f.key_columns, min(r.line) over (partition by r.file, k.key) as first_line
              from pg_temp.incoming_row r
              join abate.folder_file f using (file)
             cross join lateral (select jsonb_agg(coalesce(r.cells -> u.c, to_jsonb(c.fallback)) order by u.n) as key,
                                        bool_and(r.cells ? u.c or not c.is_needed or c.fallback is not null) as is_whole
                                   from unnest(f.key_columns) with ordinality u (c, n)
                                   join abate.folder_column c on c.file = f.file and c.column_name = u.c) k
             where k.is_whole and not exists (select from pg_temp.folder_fault x
                                               where x.file = r.file and x.line = r.line and x.column_name = any (f.key_columns))) r
     where line > first_line;
end
$$;
comment on function abate.check_folder_references is 'Codes must be known to the folder or the register; no two rows of a file may have the same key.';

create or replace function abate.known_of(file text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select format('left join lateral (select true as is_there, k.* from %s k where %s limit 1) b on true', f.known,
                      string_agg(format('k.%I %s coalesce(%s)', c.target, case when c.is_needed then '=' else 'is not distinct from' end,
                                        concat_ws(', ', 'c.' || quote_ident(c.column_name), quote_literal(c.fallback))), ' and '))
          from abate.folder_file f
          join abate.folder_column c on c.file = f.file and c.column_name = any (f.key_columns)
         where f.file = known_of.file and f.known is not null
         group by f.known);
end
$$;
comment on function abate.known_of is 'The join of the cells c of a row with what the register knows of it, b.';

create or replace function abate.is_changed(given jsonb, was jsonb) returns boolean
language sql immutable parallel safe
return was is not null and exists (select from jsonb_each(was) w where given -> w.key <> w.value);
comment on function abate.is_changed is 'Whether a row of given_<file> is other than what the register had of it.';

create or replace function abate.give_folder_rows() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    f record;
begin
    for f in
        select p.file, p.known is not null as has_known,
               string_agg(format('%I %s', c.column_name, t.sql_type), ', ' order by c.ordinal) as columns,
               string_agg(format('coalesce(%s) as %I', concat_ws(', ', 'c.' || quote_ident(c.column_name),
                                 case when p.known is not null then 'b.' || quote_ident(c.target) || '::' || t.sql_type end,
                                 quote_literal(c.fallback) || '::' || t.sql_type), c.column_name), ', ' order by c.ordinal) as merged,
               string_agg(format('%L, b.%I::%s', c.column_name, c.target, t.sql_type), ', ' order by c.ordinal)
                   filter (where c.target is not null) as before
          from abate.folder_file p
          join abate.folder_column c using (file)
          join abate.folder_type t using (type)
         where abate.is_of_folder(p.file) or p.file = 'plan.csv' -- which is asked in both
         group by p.file, p.known
    loop
        execute format('create temporary table %I on commit drop as
                        select g.*, abate.is_changed(to_jsonb(g), g.was) as is_changed
                          from (select r.line, %s, %s as was from pg_temp.incoming_row r
                                 cross join lateral jsonb_to_record(r.cells) c (%s) %s where r.file = %L) g',
            abate.given_name(f.file), f.merged,
            case when f.has_known then format('case when b.is_there then jsonb_build_object(%s) end', f.before) else 'null::jsonb' end,
            f.columns, abate.known_of(f.file), f.file);
    end loop;
end
$$;
comment on function abate.give_folder_rows is
    'Makes a temporary table given_<file> of each file: its good cells by type, filled up with what the register knows and the fallbacks; in "was" what the register had, null if nothing; and whether that is other.';

create or replace function abate.check_folder_rows() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    c record;
    is_register constant boolean := abate.is_folder('register');
    is_addition constant boolean := not exists (select from pg_temp.incoming_cell where file = 'commitments.csv');
begin
    for c in select file, column_name from abate.folder_column
              where is_needed and abate.is_of_folder(file) and not (is_addition and file = 'plan.csv' and column_name <> 'plan_code') loop
        execute format('insert into pg_temp.folder_fault
                        select %L, g.line, %L, ''is empty: it is needed'' from pg_temp.%I g
                         where g.%I is null
                           and exists (select from pg_temp.incoming_cell h
                                        where h.file = %1$L and h.column_name = %2$L and h.text is null and h.fault is null)
                           and not exists (select from pg_temp.folder_fault f
                                            where f.file = %1$L and f.line = g.line and f.column_name = %2$L)',
            c.file, c.column_name, abate.given_name(c.file), c.column_name);
        if is_register then
            execute format('insert into pg_temp.folder_fault
                            select %1$L, (select min(h.line) from pg_temp.incoming_cell h where h.file = %1$L), %2$L, ''is missing: add it''
                             where exists (select from pg_temp.%3$I g where g.%2$I is null)
                               and not exists (select from pg_temp.incoming_cell h
                                                where h.file = %1$L and h.column_name = %2$L and h.text is null and h.fault is null)',
                c.file, c.column_name, abate.given_name(c.file));
        end if;
    end loop;

    create temporary table folder_flawed on commit drop as
    select distinct file, line from pg_temp.folder_fault where line is not null;
    for c in select * from abate.folder_rule where abate.is_of_folder(file) order by ordinal loop
        execute format('insert into pg_temp.folder_fault
                        select %L, g.line, %L, %L from pg_temp.%I g
                         where (%s) and not exists (select from pg_temp.folder_flawed f where f.file = %1$L and f.line = g.line)',
            c.file, c.column_name, c.message, abate.given_name(c.file), c.is_wrong);
    end loop;
    drop table pg_temp.folder_flawed;
end
$$;
comment on function abate.check_folder_rows is 'Cells that are needed, and the rules of folder_rule for rows without another fault.';

create or replace function abate.check_plan_whole() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into pg_temp.folder_fault
    select 'plan.csv', line, 'plan_code', 'a folder is of one plan: take this row away'
      from (select line, row_number() over (order by line) as n from pg_temp.given_plan) p where n > 1;
    insert into pg_temp.folder_fault
    select 'plan.csv', null, null, 'has no row: say which plan it is'
     where exists (select from pg_temp.incoming_cell where file = 'plan.csv')
       and not exists (select from pg_temp.incoming_cell where file = 'plan.csv' and (text is not null or fault is not null));
    insert into pg_temp.folder_fault
    select 'commitments.csv', null, null, 'has no row: without commitments there is no plan'
     where exists (select from pg_temp.incoming_cell where file = 'commitments.csv')
       and not exists (select from pg_temp.incoming_cell where file = 'commitments.csv' and (text is not null or fault is not null));

    if not exists (select from pg_temp.incoming_cell where file = 'commitments.csv') then
        insert into pg_temp.folder_fault
        select 'plan.csv', p.line, 'plan_code',
               abate.cell_shown(p.plan_code) || ' is not loaded: without commitments.csv the folder only adds to a plan that is'
          from pg_temp.given_plan p
         where not exists (select from abate.plan_version v where v.plan_code = p.plan_code);
        insert into pg_temp.folder_fault
        select 'subjects.csv', null, null, 'stands without commitments.csv: the two are one text'
         where exists (select from pg_temp.incoming_cell where file = 'subjects.csv');
    end if;
end
$$;
comment on function abate.check_plan_whole is 'What concerns more than one row of a plan.';

create or replace function abate.check_regions() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into pg_temp.folder_fault
    with recursive parent as (
        select region_code, parent_code, line from pg_temp.given_regions where parent_code <> region_code
         union all
        select r.region_code, r.parent_code, null from abate.region r
         where r.parent_code is not null and not exists (select from pg_temp.given_regions g where g.region_code = r.region_code)
    ), up as (
        select region_code, parent_code, line from parent where line is not null
         union
        select up.region_code, p.parent_code, up.line from up join parent p on p.region_code = up.parent_code
    )
    select 'regions.csv', line, 'parent_code', 'makes the region a part of itself by way of others: mend one of them'
      from up where parent_code = region_code;
end
$$;
comment on function abate.check_regions is 'No region is a part of itself.';

create or replace function abate.check_register_whole() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into pg_temp.folder_fault
    select 'series.csv', line, 'monitor_code', 'a feed has at most 256 series, and this is one more: give the monitor a feed of another period'
      from (select g.line, g.was, e.count + count(*) filter (where g.was is null)
                                          over (partition by g.monitor_code, g.period order by g.line) as count
              from pg_temp.given_series g
             cross join lateral (
                   select count(*) as count
                     from abate.series s join abate.feed f using (feed_id) join abate.monitor m using (monitor_id)
                    where m.monitor_code = g.monitor_code and f.period = g.period
                   ) e) x
     where was is null and count > 256;
end
$$;
comment on function abate.check_register_whole is 'What concerns more than one row of the register.';

create or replace function abate.check_folder()
returns table (file text, line int, column_name text, message text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    perform abate.check_folder_files();
    perform abate.check_folder_cells();
    perform abate.check_folder_references();
    perform abate.give_folder_rows();
    perform abate.fill_limits();
    perform abate.check_folder_rows();
    perform abate.check_regions();
    if abate.is_folder('plan') then
        perform abate.check_plan_whole();
    else
        perform abate.check_register_whole();
    end if;
    drop table pg_temp.folder_cell, pg_temp.folder_known;
    return query
    select f.file, f.line, f.column_name, f.message
      from pg_temp.folder_fault f
      left join abate.folder_file p using (file)
      left join abate.folder_column c using (file, column_name)
     order by p.ordinal nulls last, f.file, f.line nulls first, f.column_name is not null, c.ordinal, f.column_name, f.message;
end
$$;
comment on function abate.check_folder is
    'Everything that is wrong in the folder whose cells are in incoming_cell, in the order of a reader; none: abate.take_folder() may be called.';

create or replace function abate.given_unit() returns table (line int, sent text, unit text, density float8)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    if not abate.is_of_folder('series.csv') then
        return;
    end if;
    return query
    select g.line, g.unit, coalesce(s.unit, p.unit), p.molar_mass / abate.threshold('molar_volume', 'air', now())
      from pg_temp.given_series g
      join abate.parameter p on p.parameter_code = g.parameter_code
      left join (abate.series s join abate.feed f using (feed_id) join abate.monitor m using (monitor_id))
        on m.monitor_code = g.monitor_code and f.period = g.period and s.parameter_code = g.parameter_code and s.statistic = g.statistic
     where g.unit <> coalesce(s.unit, p.unit)
     order by g.line;
end
$$;
comment on function abate.given_unit is
    'Series of the folder that are sent in another unit than is stored: whether one becomes the other, with this density of the pure gas in g/L, the program knows.';
