-- What sql/optional asks before it begins, also without the extension.
select plan(4);
insert into abate.journal_position (journal_id, instance, uuid) overriding system value values
    (7, 'south', '00000000-0000-0000-0000-000000000007'), (8, 'north', '00000000-0000-0000-0000-000000000008');
select pg_advisory_lock(x'61626174'::int, 8) \g /dev/null
\! psql -qAtX -f "$ABATE_SQL/optional/timescaledb.sql" >"$ABATE_WORK/second" 2>&1
\set second `grep -v '^$' "$ABATE_WORK/second"`
select matches(:'second'::text, 'ERROR:  the daemon of instance "north" is at work\nHINT:  Stop it first.', 'not while a daemon is at work');
select is(count(*), 0::bigint, 'nothing is begun') from pg_extension where extname = 'timescaledb';
select is(relkind, 'p', 'nothing is changed') from pg_class where oid = 'abate.sample'::regclass;
select pg_advisory_unlock(x'61626174'::int, 8) \g /dev/null
\! psql -qAtX -f "$ABATE_SQL/optional/timescaledb.sql" >"$ABATE_WORK/second" 2>&1
\set second `grep -v '^$' "$ABATE_WORK/second"`
select unalike(:'second'::text, '%at work%', 'once it is stopped it goes on, or says what else is missing');
select * from finish();
