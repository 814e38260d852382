-- Messages that were refused.
begin;
select plan(14);
create function pg_temp.as_writer(statement text) returns void
language plpgsql set role = 'abate_writer' as $$ begin execute statement; end $$;
create function pg_temp.take() returns bigint
language plpgsql set role = 'abate_writer' as $$ begin return abate.take_rejects(); end $$;
select pg_temp.as_writer('select abate.prepare_session()') \g /dev/null

create function pg_temp.come(journal int, n bigint, topic text, payload bytea, reason text) returns void language sql
begin atomic
    select pg_temp.as_writer(format('insert into pg_temp.incoming_reject values (%s, %s, %L, ''north'', %L, %L, %L, 2, 3)', journal, n,
                                    '2020-11-02 00:00+00'::timestamptz + n * interval '1 second', topic, payload, reason));
end;
prepare rejects as select position, topic, reason, times, last_position, last_arrived - arrived from abate.rejected_message order by position;

select pg_temp.come(1, 10, 'a/b', '\x7b', 'not JSON') \g /dev/null
select is(pg_temp.take(), 1::bigint, 'one message');
truncate pg_temp.incoming_reject;
select results_eq('select journal_id, position, arrived, broker, topic, payload, reason, faults, kept, times from abate.rejected_message',
    $$values (1::smallint, 10::bigint, '2020-11-02 00:00:10+00'::timestamptz, 'north', 'a/b', '\x7b'::bytea, 'not JSON', 2, 3, 1::bigint)$$,
    'is kept as it came');

select count(pg_temp.come(1, n, 'a/b', '\x7b', 'not JSON')) from generate_series(11, 13) n \g /dev/null
select is(pg_temp.take(), 3::bigint, 'three more of the same');
truncate pg_temp.incoming_reject;
select results_eq('rejects', $$values (10::bigint, 'a/b', 'not JSON', 4::bigint, 13::bigint, interval '3 seconds')$$, 'are one row and a count');

select pg_temp.come(1, 20, 'a/b', '\x7b', 'another reason') \g /dev/null
select pg_temp.come(1, 21, 'a/c', '\x7b', 'not JSON') \g /dev/null
select pg_temp.come(1, 22, 'a/b', '\x7b00', 'not JSON') \g /dev/null
select count(pg_temp.come(1, n, 'a/d', '', 'empty')) from generate_series(23, 25) n \g /dev/null
select is(pg_temp.take(), 6::bigint, 'six others');
truncate pg_temp.incoming_reject;
select results_eq('rejects', $$values (10::bigint, 'a/b', 'not JSON', 4::bigint, 13::bigint, interval '3 seconds'),
    (20, 'a/b', 'another reason', 1, 20, '0'), (21, 'a/c', 'not JSON', 1, 21, '0'), (22, 'a/b', 'not JSON', 1, 22, '0'), (23, 'a/d', 'empty', 3, 25, '2 seconds')$$,
    'another reason, topic or payload is another row; equal ones of a batch are folded');

-- What parts the texts from each other must not be a matter of where one ends.
select pg_temp.come(1, 30, 'ab', '\x63', 'd') \g /dev/null
select pg_temp.come(1, 31, 'a', '\x63', 'bd') \g /dev/null
select pg_temp.take() \g /dev/null
truncate pg_temp.incoming_reject;
select results_eq('select times from abate.rejected_message where position in (30, 31)', 'values (1::bigint), (1)', '"ab" and "d" are not "a" and "bd"');

-- The journal read again.
select count(pg_temp.come(1, n, 'a/d', '', 'empty')) from generate_series(23, 25) n \g /dev/null
select is(pg_temp.take(), 3::bigint, 'three that were taken already');
truncate pg_temp.incoming_reject;
select results_eq('select times, last_position from abate.rejected_message where position = 23', 'values (3::bigint, 25::bigint)', 'count no more');
select pg_temp.come(2, 5, 'a/d', '', 'empty') \g /dev/null
select pg_temp.take() \g /dev/null
select results_eq('select times, journal_id, position, last_journal_id, last_position from abate.rejected_message where position = 23',
    'values (4::bigint, 1::smallint, 23::bigint, 2::smallint, 5::bigint)', 'the same from another journal does');

select is(fingerprint, sha256('north'::bytea || '\x00' || 'a/b' || '\x00' || 'not JSON' || '\x00' || '\x7b'), 'the fingerprint can be made by others')
  from abate.rejected_message where position = 10;

-- The daemon's session.
select throws_ok($$select pg_temp.as_writer('drop table pg_temp.incoming_reject')$$, '42501', null, 'its tables are not the daemon''s own');
drop table pg_temp.incoming_reject;
select throws_ok('select pg_temp.take()', 'AB003', null, 'without them a batch is refused');
select pg_temp.as_writer($$create temporary view incoming_reject as select 1 as journal_id$$) \g /dev/null
select throws_ok('select pg_temp.take()', 'AB003', null, 'and a view in their place is not asked');

select * from finish();
rollback;
