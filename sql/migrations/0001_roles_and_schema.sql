-- The three roles, the schema, and the list of what has been applied.
--
-- Roles belong to the whole cluster: another database may have made them before, or be making them now.

do $$
declare
    role_name text;
begin
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'database "%" is encoded in %', current_database(), current_setting('server_encoding')
            using hint = 'Names and payloads are UTF-8: create the database with encoding UTF8 (template template0).';
    end if;

    foreach role_name in array array['abate_owner', 'abate_writer', 'abate_reader'] loop
        begin
            if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
                execute format('create role %I %s', role_name,
                               case role_name when 'abate_owner' then 'nologin' else 'login' end);
            end if;
        exception when duplicate_object or unique_violation then
            null; -- another session was faster
        end;
    end loop;

    if not pg_catalog.pg_has_role(current_user, 'abate_owner', 'member') then
        execute format('grant abate_owner to %I', current_user);
    end if;

    -- For the temporary tables of abate.prepare_session(); most databases allow it to everybody.
    foreach role_name in array array['abate_owner', 'abate_writer'] loop
        if not has_database_privilege(role_name, current_database(), 'temporary') then
            execute format('grant temporary on database %I to %I', current_database(), role_name);
        end if;
    end loop;
end
$$;

create schema abate authorization abate_owner;

set local role abate_owner;

comment on schema abate is
    'Readings of plant monitors, the limits they are held against, and the breaches found. Begin with the views reading, latest_reading and breach_report.';
grant usage on schema abate to abate_writer, abate_reader;

alter default privileges in schema abate grant select on tables to abate_writer, abate_reader;
alter default privileges revoke execute on functions from public;

create table abate.schema_migration (
    number  int primary key,
    name    text not null,
    sha256  text not null,
    applied timestamptz not null default now()
);
comment on table abate.schema_migration is 'The files of sql/migrations that have been applied to this database.';
comment on column abate.schema_migration.sha256 is
    'Of the file as it was applied, in hexadecimal: a file that was changed afterwards is found out.';
