-- What the daemon's queries answer, asked as the writer, from their files. (read_watches and read_registry: limit.sql)
begin;
select plan(19);
\ir plant.psql
set local role abate_writer;
\set query `cat "$ABATE_SQL/queries/read_schema.sql"`
prepare read_schema as :query
\set query `cat "$ABATE_SQL/queries/claim_journal.sql"`
prepare claim_journal as :query
\set query `cat "$ABATE_SQL/queries/read_registry.sql"`
prepare read_registry as :query
\set query `cat "$ABATE_SQL/queries/read_watches.sql"`
prepare read_watches as :query
\set query `cat "$ABATE_SQL/queries/read_valid_marks.sql"`
prepare read_valid_marks as :query
\set query `cat "$ABATE_SQL/queries/read_partitions.sql"`
prepare read_partitions as :query
\set query `cat "$ABATE_SQL/queries/ensure_partition.sql"`
prepare ensure_partition as :query
\set query `cat "$ABATE_SQL/queries/merge_samples.sql"`
prepare merge_samples as :query
\set query `cat "$ABATE_SQL/queries/take_rejects.sql"`
prepare take_rejects as :query
\set query `cat "$ABATE_SQL/queries/take_episodes.sql"`
prepare take_episodes as :query
\set query `cat "$ABATE_SQL/queries/advance_position.sql"`
prepare advance_position as :query
\set query `cat "$ABATE_SQL/queries/read_status.sql"`
prepare read_status as :query
\set query `cat "$ABATE_SQL/queries/digest_text.sql"`
prepare digest_text as :query
\set query `cat "$ABATE_SQL/queries/read_migrations.sql"`
prepare read_migrations as :query
\set query `cat "$ABATE_SQL/queries/read_role.sql"`
prepare read_role as :query
\set query `cat "$ABATE_SQL/queries/read_worker.sql"`
prepare read_worker as :query
reset role;
create function pg_temp.ask(statement text) returns setof record
language plpgsql set role = 'abate_writer' as $$ begin return query execute 'execute ' || statement; end $$;

select results_eq('execute read_schema', 'select max(number) from abate.schema_migration', 'read_schema: the last migration');
select results_eq($$select position from pg_temp.ask('claim_journal(''query'', ''11111111-1111-4111-8111-111111111111'')') as (journal_id smallint, position bigint)$$,
    'values (0::bigint)', 'claim_journal');
select journal_id as journal from abate.journal_position where instance = 'query' \gset
select results_eq(format('select * from pg_temp.ask(''advance_position(%s, 0, 8)'') as (position bigint)', :journal), 'values (8::bigint)', 'advance_position');
select is_empty(format('select * from pg_temp.ask(''advance_position(%s, 0, 8)'') as (position bigint)', :journal), 'advance_position from elsewhere: no row');
select isnt_empty('execute read_registry', 'read_registry');
select lives_ok('execute read_watches', 'read_watches');
select results_eq('execute read_valid_marks', $$values ('N')$$, 'read_valid_marks');
select lives_ok('execute ensure_partition(24000)', 'ensure_partition');
select results_eq('execute read_partitions', 'values (24000), (24250)', 'read_partitions');
select results_eq($$select * from pg_temp.ask('merge_samples') as (stored int, merged int, duplicate int, revised int, positions text, duplicates text)$$, 'values (0, 0, 0, 0, '''', '''')', 'merge_samples');
select results_eq($$select * from pg_temp.ask('take_rejects') as (count bigint)$$, 'values (0::bigint)', 'take_rejects');
select results_eq($$select * from pg_temp.ask('take_episodes') as (opened int, closed int)$$, 'values (0, 0)', 'take_episodes');
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:00+00', 10, '{1,2,3}', null);
select results_eq($$select position, updated ~ '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$', rejects, open_breaches, newest_sample, partitions
                      from pg_temp.ask('read_status(''query'')') as (journal_id smallint, uuid uuid, position bigint, updated text, rejects numeric, open_breaches bigint,
                                                                     newest_sample text, partitions bigint)$$,
    $$values (8::bigint, true, 0::numeric, 0::bigint, '2020-11-02 00:00:00Z', 2::bigint)$$, 'read_status');
select results_eq($$select journal_id, position, partitions
                      from pg_temp.ask('read_status(''nobody'')') as (journal_id smallint, uuid uuid, position bigint, updated text, rejects numeric, open_breaches bigint,
                                                                      newest_sample text, partitions bigint)$$,
    'values (null::smallint, null::bigint, 2::bigint)', 'read_status of an instance that never was here');

select results_eq($$select * from pg_temp.ask('digest_text(''abc'')') as (sha256 text)$$, array['ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    'digest_text: as sha256sum has it');
select results_eq($$select number, name from pg_temp.ask('read_migrations') as (number int, name text, sha256 text)$$,
    'select number, name from abate.schema_migration order by number', 'read_migrations');
select results_eq($$select * from pg_temp.ask('read_role') as (role name, is_writer boolean)$$, $$values (name 'abate_writer', true)$$, 'read_role');
select results_eq($$select * from pg_temp.ask('read_worker(''query'')') as (pid int)$$, array[pg_backend_pid()], 'read_worker: who holds the journal');
select is_empty($$select * from pg_temp.ask('read_worker(''nobody'')') as (pid int)$$, 'read_worker: nobody holds it');

select * from finish();
rollback;
