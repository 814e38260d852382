-- This month and the next two can be written to before the first message of theirs comes; older ones are made as their
-- messages come.
select abate.ensure_partitions_ahead(2);
