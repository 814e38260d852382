-- One migrator at a time; the lock goes with the session.
select pg_advisory_lock(hashtextextended('abate.schema_migration', 0));
