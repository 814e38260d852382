-- Each month of each table that has one partition a month; the months of sample, and how far they reach ahead of this one.
select p.parent, p.partition::text, to_char(p.begins at time zone 'UTC', 'YYYY-MM') as month,
       to_char(p.begins at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(p.ends at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       p.rows, p.bytes, case when p.is_attached then 'attached' else 'detached' end as state,
       (select max(s.month) from abate.sample_partition s) - abate.month_of(now()) as ahead,
       pg_size_pretty(p.bytes) as size
  from abate.partition p
 order by p.parent = 'sample' desc, p.parent, p.begins, p.is_attached;
