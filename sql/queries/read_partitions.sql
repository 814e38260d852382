-- The months there are partitions for: year * 12 + month - 1.
select month from abate.sample_partition order by month;
