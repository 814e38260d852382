-- $1 duty -> 1 if it is this session's, now or already; and which daemon has it otherwise. The lock is the session's.
with duty as (
    select hashtextextended('abate.duty ' || $1::text, 0) as key
),
held as (
    select l.pid
      from duty d
      join pg_catalog.pg_locks l on l.classid::bigint = d.key >> 32 & 4294967295 and l.objid::bigint = d.key & 4294967295
     where l.locktype = 'advisory'
       and l.objsubid = 1
       and l.granted
       and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
)
select case when exists (select from held where pid = pg_backend_pid()) or pg_try_advisory_lock(d.key) then 1 else 0 end,
       (select a.application_name from held h join pg_catalog.pg_stat_activity a using (pid) limit 1)
  from duty d
