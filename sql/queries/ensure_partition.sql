-- $1 month: year * 12 + month - 1
select abate.ensure_partition($1::int);
