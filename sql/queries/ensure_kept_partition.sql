-- $1 month: year * 12 + month - 1; an error if it was let go
select abate.ensure_kept_partition($1::int);
