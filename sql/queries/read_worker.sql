-- $1 instance -> the server process of its daemon, which holds the journal (abate.claim_journal); no row if none is at work
select l.pid
  from abate.journal_position j
  join pg_catalog.pg_locks l on l.objid = j.journal_id::int::oid
 where j.instance = $1::text
   and j.retired is null
   and l.locktype = 'advisory'
   and l.classid = x'61626174'::int::oid
   and l.objsubid = 2
   and l.granted
   and l.database = (select oid from pg_catalog.pg_database where datname = current_database());
