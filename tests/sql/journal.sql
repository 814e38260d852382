-- Claiming a journal, and moving its position on. The claims hold for this session; a second one asks meanwhile.
select plan(25);

create function pg_temp.as_writer(statement text) returns void
language plpgsql set role = 'abate_writer' as $$ begin execute statement; end $$;
\set uuid_1 11111111-1111-4111-8111-111111111111
\set uuid_2 22222222-2222-4222-8222-222222222222

set role abate_writer;
select journal_id, position from abate.claim_journal('north', :'uuid_1') \gset first_
reset role;
select is(:first_position, 0, 'the first time an instance claims, it begins at 0');
select is(instance || ' ' || uuid, 'north ' || :'uuid_1', 'and its journal is known') from abate.journal_position where journal_id = :first_journal_id;

set role abate_writer;
select abate.advance_position(:first_journal_id::smallint, 0, 4096) as position \gset to_
reset role;
select is(:to_position, 4096, 'the position moves on');
select is_empty(format('select abate.advance_position(%s::smallint, 0, 8192)', :first_journal_id), 'whoever believes it elsewhere is fenced off');
select is_empty(format('select abate.advance_position(%s::smallint, 4096, 4095)', :first_journal_id), 'it never moves back');
select is_empty('select abate.advance_position(32767::smallint, 0, 1)', 'an unknown journal does not move');
select results_eq(format('select position from abate.journal_position where journal_id = %s', :first_journal_id), 'values (4096::bigint)', 'and stays where it was');

select results_eq(format('select * from abate.claim_journal(''north'', %L)', :'uuid_1'), format('values (%s::smallint, 4096::bigint)', :first_journal_id),
    'the same journal is claimed again where it stands');
select throws_ok(format('select abate.claim_journal(''north'', %L)', :'uuid_2'), 'AB001', null, 'another journal of the same instance is refused');
select throws_ok(format('select abate.claim_journal(''south'', %L)', :'uuid_1'), 'AB001', null, 'the same journal under another instance is refused');
select results_eq('select count(*) from abate.journal_position', 'values (1::bigint)', 'what was refused left nothing behind');

\set answer `psql -qAtX -v VERBOSITY=sqlstate -c "set role abate_writer" -c "select abate.claim_journal('north', '11111111-1111-4111-8111-111111111111')" 2>&1`
select is(:'answer'::text, 'ERROR:  AB002', 'a second daemon of the instance is refused while the first is there');
\set answer `psql -qAtX -v VERBOSITY=sqlstate -c "select abate.retire_journal('north')" 2>&1`
select is(:'answer'::text, 'ERROR:  AB002', 'and its journal cannot be retired');
\set answer `psql -qAtX -v VERBOSITY=sqlstate -c "set role abate_writer" -c "select position from abate.claim_journal('south', '22222222-2222-4222-8222-222222222222')" 2>&1`
select is(:'answer'::text, '0', 'a second instance has a journal of its own');
select isnt(j.journal_id, :first_journal_id::smallint, 'with a number of its own') from abate.journal_position j where j.instance = 'south';

select pg_advisory_unlock_all() \g /dev/null
\set answer `psql -qAtX -v VERBOSITY=sqlstate -c "set role abate_writer" -c "select position from abate.claim_journal('north', '11111111-1111-4111-8111-111111111111')" 2>&1`
select is(:'answer'::text, '4096', 'when the first is gone the second gets it');

\! n=0; until [ "$(psql -qAtXc "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())")" = 0 ] || [ $n -ge 100 ]; do n=$((n + 1)); sleep 0.05; done

select throws_ok($$select pg_temp.as_writer('select abate.retire_journal(''north'')')$$, '42501', null, 'a daemon cannot retire a journal');
select lives_ok($$select abate.retire_journal('north')$$, 'a person can');
select throws_ok($$select abate.retire_journal('north')$$, 'AB001', null, 'once');
select is_empty(format('select abate.advance_position(%s::smallint, 4096, 8192)', :first_journal_id), 'a retired journal does not move');
select results_eq(format('select journal_id <> %s, position from abate.claim_journal(''north'', ''33333333-3333-4333-8333-333333333333'')', :first_journal_id),
    'values (true, 0::bigint)', 'then the instance may begin another');
select throws_ok(format('select abate.claim_journal(''north'', %L)', :'uuid_1'), 'AB001', null, 'and the old one does not come back beside it');
select pg_advisory_unlock_all() \g /dev/null
select abate.retire_journal('north') \g /dev/null
select results_eq(format('select * from abate.claim_journal(''north'', %L)', :'uuid_1'), format('values (%s::smallint, 4096::bigint)', :first_journal_id),
    'a journal thought lost goes on where it was');

-- Daemons connect again and again; numbers are few.
select last_value as used from abate.journal_position_journal_id_seq \gset
select count(abate.claim_journal('north', :'uuid_1')) from generate_series(1, 10) \g /dev/null
select throws_ok(format('select abate.claim_journal(''north'', %L)', :'uuid_2'), 'AB001', null, 'refused once more');
select results_eq('select last_value from abate.journal_position_journal_id_seq', array[:used::bigint], 'claiming again uses up no numbers');

select * from finish();
