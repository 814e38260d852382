-- What each role may do, and above all what not.
begin;
select plan(56);
\ir plant.psql
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-02 00:00+00', 10, '{1,2,3}', null);

-- the writer
select lives_ok(format('select pg_temp.as_writer(%L)', statement), 'writer: ' || statement)
  from unnest(array[
    $$insert into abate.sample values (1000, 1, '2020-11-02 00:00+00', 10, '{1,2,3}', null)$$,
    'select * from abate.sample', 'select * from abate.series', 'select * from abate.emission_limit', 'select * from abate.reading',
    'select * from abate.rejected_message', 'select * from abate.breach', 'select * from abate.watch_state', 'select * from abate.schema_migration',
    'insert into pg_temp.incoming_sample select * from abate.sample', 'select * from abate.merge_samples()', 'select abate.take_rejects()',
    'select abate.take_episodes()', 'select abate.ensure_partition(24000)', 'select abate.ensure_partitions_ahead(1)', 'listen abate_registry']) statement;

select throws_ok(format('select pg_temp.as_writer(%L)', statement), '42501', null, 'writer refused: ' || statement)
  from unnest(array[
    'update abate.sample set position = 0', 'delete from abate.sample', 'truncate abate.sample', 'drop table abate.sample', 'drop table abate.sample_2020_11',
    'alter table abate.sample detach partition abate.sample_2020_11', 'delete from abate.sample_2020_11', 'update abate.sample_2020_11 set value = ''{0}''',
    'insert into abate.revision (feed_id, at, slot, mark, kept_mark, journal_id, position) values (1, now(), 1, ''N'', ''N'', 1, 1)', 'delete from abate.revision',
    'insert into abate.rejected_message (reason) values (''x'')', 'update abate.rejected_message set times = 0', 'delete from abate.rejected_message',
    'update abate.breach set worst = 0', 'delete from abate.breach', 'delete from abate.watch_state',
    'insert into abate.journal_position (instance, uuid) values (''x'', gen_random_uuid())', 'update abate.journal_position set position = 0',
    'insert into abate.emission_limit default values', 'update abate.emission_limit set upper = 1e9', 'delete from abate.emission_limit',
    'update abate.series set unit = ''x''', 'update abate.mark set is_valid = true', 'delete from abate.schema_migration', 'update abate.schema_migration set sha256 = ''x''',
    'create table abate.mine (x int)', 'create function abate.mine() returns int language sql as ''select 1''', 'select abate.retire_journal(''north'')',
    'truncate pg_temp.incoming_sample', 'create trigger mine before insert on pg_temp.incoming_sample for each row execute function suppress_redundant_updates_trigger()'
    ]) statement;

select ok(not pg_has_role(role, 'abate_owner', 'member'), role || ' cannot become the owner') from unnest(array['abate_writer', 'abate_reader']) role;

-- the reader
select lives_ok(format('select pg_temp.as_reader(%L)', statement), 'reader: ' || statement)
  from unnest(array['select * from abate.sample', 'select * from abate.sample_2020_11', 'select * from abate.rejected_message']) statement;
select throws_ok(format('select pg_temp.as_reader(%L)', statement), '42501', null, 'reader refused: ' || statement)
  from unnest(array['insert into abate.sample values (1, 1, now(), 1, ''{1}'', null)', 'delete from abate.sample', 'select abate.ensure_partition(24000)',
                    'select * from abate.merge_samples()', 'select abate.claim_journal(''x'', gen_random_uuid())']) statement;

select * from finish();
rollback;
