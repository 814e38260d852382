-- The roles of daemon and inspectors, by trying: each table, each function, and what else a database lets one do.
begin;
select no_plan();
set local client_min_messages = error;
\ir plant.psql
create role abate_inspector_story login in role abate_reader;
create role abate_daemon_story login in role abate_writer;
grant temporary on database :"DBNAME" to abate_daemon_story, abate_inspector_story;

-- What comes of a statement: its SQLSTATE, 'done' if none. Nothing of it stays.
create function pg_temp.try(role text, statement text) returns text language plpgsql as $$
begin
    execute format('set local session authorization %I', role);
    execute statement;
    raise exception using errcode = 'ZZ000';
exception when others then
    return case sqlstate when 'ZZ000' then 'done' else sqlstate end;
end $$;

-- Permission is asked for before a row is looked at: any other answer than 42501 means that it was given.
create temporary table tried as
select r.role, c.relname::text as name, a.act, pg_temp.try(r.role, format(a.statement, c.relname, b.attname)) as state
  from pg_class c
  join pg_attribute b on b.attrelid = c.oid and b.attnum = 1
 cross join (values ('abate_daemon_story'), ('abate_inspector_story')) r (role)
 cross join (values ('insert', 'insert into abate.%I default values'), ('update', 'update abate.%I set %I = default where false'),
                    ('delete', 'delete from abate.%I where false'), ('truncate', 'truncate abate.%I cascade'),
                    ('drop', 'drop table abate.%I cascade'), ('alter', 'alter table abate.%I add mine int'),
                    ('rename', 'alter table abate.%I rename to mine'), ('disable', 'alter table abate.%I disable trigger all'),
                    ('own', 'alter table abate.%I owner to abate_writer'), ('trigger', 'create trigger mine before insert on abate.%I for each row execute function suppress_redundant_updates_trigger()'),
                    ('index', 'create index on abate.%I (%I)'), ('rule', 'create rule mine as on insert to abate.%I do instead nothing'),
                    ('rows', 'alter table abate.%I enable row level security'), ('comment', 'comment on table abate.%I is ''x'''),
                    ('lock', 'lock table abate.%I in share mode'), ('grant', 'grant all on abate.%I to abate_reader')) a (act, statement)
 where c.relnamespace = 'abate'::regnamespace and c.relkind in ('r', 'p');
select cmp_ok((select count(distinct name)::int from tried), '>', 50, 'tables are tried');
-- A grant of what one has not got is a warning, and nothing.
select set_eq($$select role, name, act from tried where state not in ('42501', '0A000') and act <> 'grant'$$, $$values ('abate_daemon_story', 'sample', 'insert'), ('abate_daemon_story', 'touched_hour', 'insert')$$,
    'all that may be done to a table: the daemon inserts samples, and says of which hours');
select is_empty($$select from pg_class c, aclexplode(c.relacl) x where c.relnamespace = 'abate'::regnamespace
                    and x.grantee in ('abate_writer'::regrole, 'abate_reader'::regrole, 0)
                    and (x.is_grantable or (x.privilege_type <> 'SELECT' and (c.relname, x.privilege_type) not in (('sample', 'INSERT'), ('touched_hour', 'INSERT'))))$$, 'nor does any table say otherwise');
select is_empty($$select relname, role from pg_class, unnest(array['abate_daemon_story', 'abate_inspector_story']) role
                   where relnamespace = 'abate'::regnamespace and relkind = 'v'
                     and (pg_temp.try(role, format('delete from abate.%I', relname)) not in ('42501', '55000')
                          or pg_temp.try(role, format('drop view abate.%I cascade', relname)) <> '42501')$$, 'nothing is deleted through a view, or the view');
select is_empty($$select relname, role from pg_class, unnest(array['abate_daemon_story', 'abate_inspector_story']) role
                   where relnamespace = 'abate'::regnamespace and relkind = 'S'
                     and (pg_temp.try(role, format('select setval(%L, 1)', oid::regclass)) <> '42501' or pg_temp.try(role, format('select nextval(%L)', oid::regclass)) <> '42501')$$, 'no number is drawn or set');

-- Functions, called with nothing but nulls.
create temporary table called as
select r.role, p.proname::text as name, p.prosecdef or p.provolatile = 'v' as does,
       pg_temp.try(r.role, format('select abate.%I(%s)', p.proname, (select string_agg('null::' || format_type(t, null), ', ' order by n) from unnest(p.proargtypes) with ordinality a (t, n)))) as state,
       pg_temp.try(r.role, format('drop function abate.%I(%s)', p.proname, oidvectortypes(p.proargtypes))) as dropped
  from pg_proc p
 cross join (values ('abate_daemon_story'), ('abate_inspector_story')) r (role)
 where p.pronamespace = 'abate'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype;
select set_eq($$select role, name from called where does and state <> '42501'$$, $$select 'abate_daemon_story', unnest(array[
    'acknowledge', 'acknowledge_link', 'advance_position', 'alert_test', 'begin_trouble', 'claim_deliveries', 'claim_journal', 'end_trouble', 'ensure_kept_partition', 'ensure_partition', 'ensure_partitions_ahead',
    'judge', 'judge_again', 'lock_reject', 'merge_samples', 'prepare_alerts', 'prepare_session', 'record_retry', 'record_segment', 'record_try', 'settle_troubles', 'take_episodes', 'take_rejects', 'take_statements', 'trim_rejects'])$$, 'what the daemon may call that does something, and nobody else');
select is_empty($$select * from called where dropped not in ('42501', '2BP01')$$, 'no function is dropped');
select is_empty($$select oid::regprocedure from pg_proc where pronamespace = 'abate'::regnamespace and prosecdef and not coalesce(proconfig @> '{"search_path=pg_catalog, pg_temp"}', false)$$,
    'what runs with the owner''s rights looks where it was told to');

-- What else a database lets one do.
select is(pg_temp.try(role, statement), '42501', format('%s refused: %s', role, statement))
  from unnest(array['abate_daemon_story', 'abate_inspector_story']) role, unnest(array[
    'create table abate.mine (x int)', 'create view abate.mine as select 1', 'create function abate.mine() returns int language sql as ''select 1''', 'create type abate.mine as (x int)',
    'create table public.mine (x int)', 'create function public.mine() returns int language sql as ''select 1''', 'create operator public.= (function = int4eq, leftarg = int, rightarg = int)',
    'create schema mine', 'drop schema abate cascade', 'alter schema abate rename to mine', 'create extension dblink', 'create role mine', 'alter role abate_reader superuser', 'grant abate_owner to abate_writer',
    'alter role abate_writer in database postgres set search_path = mine', 'set role abate_owner', 'set role postgres', 'set session_replication_role = replica',
    'select pg_reload_conf()', 'select pg_read_file(''PG_VERSION'')', 'select pg_ls_dir(''.'')', 'select lo_import(''/etc/passwd'')', 'select lo_create(0)', 'select lo_creat(-1)', 'select lo_from_bytea(0, ''x'')',
    'copy abate.plant to program ''cat >/dev/null''', 'copy abate.plant to ''/tmp/mine''', 'copy abate.sample from program ''true''', 'copy abate.sample from ''/dev/null''', 'select pg_switch_wal()', 'select pg_rotate_logfile()',
    'create event trigger mine on ddl_command_start execute function suppress_redundant_updates_trigger()', 'create publication mine for all tables', 'create foreign data wrapper mine',
    'select * from pg_authid', 'alter default privileges for role abate_owner grant all on tables to public', 'reassign owned by abate_owner to abate_writer', 'drop owned by abate_owner',
    'alter function abate.judge security invoker', 'alter table abate.sample detach partition abate.sample_2020_11']) statement;
select is(pg_temp.try(role, 'select pg_terminate_backend(pid) from pg_stat_activity where usesysid <> current_user::regrole'), '42501', role || ' ends nobody''s session')
  from unnest(array['abate_daemon_story', 'abate_inspector_story']) role
 where exists (select from pg_stat_activity where usename = 'postgres' and pid <> pg_backend_pid());

-- The owner's rights are not to be had through what a session makes of its own.
select is(pg_temp.try('abate_daemon_story', statement), state, format('%s: %s', state, statement)) from (values
    ('create function pg_temp.sha256(bytea) returns bytea language plpgsql as $f$ begin execute ''set role abate_owner''; return ''x''; end $f$; set search_path = pg_temp, pg_catalog; insert into pg_temp.incoming_reject values (1, 1, now(), ''n'', ''t'', ''x'', ''r'', 1, 0); select abate.take_rejects()', 'done'),
    ('create function pg_temp.mine(int, int) returns bool language plpgsql as $f$ begin raise exception ''got it'' using errcode = ''ZZ001''; end $f$; create operator pg_temp.= (function = pg_temp.mine, leftarg = int, rightarg = int); set search_path = pg_temp, pg_catalog, abate; select abate.judge(''2020-12-01'')', 'done'),
    ('create temporary table judged_hour (x int); select abate.judge(now())', 'AB003'), ('create temporary view judged_hour as select 1; select abate.judge(now())', 'AB003'),
    ('create temporary table hour_sample (x int); select abate.judge(now())', '42P07'), ('create temporary table sample (x int); set search_path = pg_temp, abate; select abate.merge_samples()', 'done'),
    ('alter table pg_temp.incoming_sample add check (false)', '42501'), ('create rule mine as on insert to pg_temp.incoming_reject do also delete from abate.sample', '42501'),
    ('create trigger mine after insert on pg_temp.incoming_sample for each row execute function suppress_redundant_updates_trigger()', '42501'), ('drop table pg_temp.incoming_episode', '42501')
  ) v (statement, state);
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:00+00', 10, '{1,2,3}', null);
select is(pg_temp.try('abate_daemon_story', format('insert into pg_temp.incoming_sample values (%s, 1, ''2020-11-02 00:00+00'', 11, ''{9,9,9}'', null); select abate.merge_samples();
    do $d$ begin if (select value from abate.sample) <> ''{1,2,3}'' or (select count(*) from abate.revision) <> 3 then raise exception ''x'' using errcode = ''ZZ001''; end if; end $d$', pg_temp.feed('S1', 'minute'))), 'done', 'a reading that is stored stays, whatever the daemon merges');

-- An inspector asks.
select is(pg_temp.try('abate_inspector_story', 'select * from abate.' || name), 'done', 'an inspector asks ' || name) from unnest(array['alert_list', 'breach_told', 'delivery_list', 'reading', 'breach_report', 'plan_status', 'rejected_message', 'reject_day', 'change', 'sample']) name;
select is(pg_temp.try('abate_inspector_story', 'create temporary table mine as select * from abate.reading'), 'done', 'and keeps what he found for the session');

-- One feed is not for ten thousand series.
insert into abate.parameter (parameter_code) select 'x_many_' || n from generate_series(1, 10000) n;
select throws_like($$insert into abate.series (feed_id, parameter_code, unit) select pg_temp.feed('S2', 'minute'), 'x_many_' || n, '1' from generate_series(1, 10000) n$$,
    'feed % has all 256 series it may have', 'there a feed ends');
select throws_ok($$insert into abate.series (feed_id, parameter_code, unit, slot) values (pg_temp.feed('S2', 'minute'), 'x_many_1', '1', 257)$$, '23514', null, 'nor is there a slot 257');
select * from finish();
rollback;
