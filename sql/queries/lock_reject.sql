-- $1 reject_id
select abate.lock_reject($1::bigint);
