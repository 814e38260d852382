-- The database's clock, and how many seconds that of most monitors is ahead of UTC.
select clock_timestamp()::text as now,
       coalesce((select extract(epoch from mode() within group (order by utc_offset)) from abate.monitor), 0)::int as zone_s;
